"""Signature: the direction along which effects move with a number, or along which genes move together."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import scipy
from numpy.typing import NDArray

Array = NDArray[np.float64]
Codes = NDArray[np.int64]

FOLDS = 5


class Signature(NamedTuple):
    """A direction, and how well it predicts the number where it was not learnt.

    Attributes
    ----------
    direction
        (g,) of length 1; effects along it go with larger numbers. 0 where nothing is defined.
    rho
        Spearman correlation, over families, between the number and the effect along the direction learnt without that
        family; NaN where it is not defined.
    families
        How many there were.
    """

    direction: Array
    rho: float
    families: int


def signature(effects: Array, number: Array, family: Codes, rng: np.random.Generator) -> Signature:
    """First weights of partial least squares: the covariance of each gene with the number (Wold et al. 2001).

    Unlike the coefficients of a ridge regression, which cancel what predicts nothing more, the covariances are the
    whole response that goes with the number, and that is what is to be set aside.

    Parameters
    ----------
    effects
        (n, g), without NaN.
    number
        (n,), without NaN.
    family
        (n,) what is held out together: the doses and contexts of a perturbation.
    """
    _, code = np.unique(family, return_inverse=True)
    families = int(code.max(initial=-1)) + 1
    nothing = Signature(np.zeros(effects.shape[1]), np.nan, families)
    if families < FOLDS or not np.ptp(number) > 0:
        return nothing
    fold = rng.permutation(np.arange(families) % FOLDS)[code]
    scores = np.empty(len(number))
    for f in range(FOLDS):
        held = fold == f
        direction = _direction(effects[~held], number[~held])
        scores[held] = (effects[held] - effects[~held].mean(axis=0)) @ direction
    by_family = [np.bincount(code, weights=v) / np.bincount(code) for v in (scores, number)]
    a, b = (scipy.stats.rankdata(v) - (families + 1) / 2.0 for v in by_family)
    length = float(np.sqrt((a @ a) * (b @ b)))
    if not length > 0:
        return nothing
    return Signature(_direction(effects, number), float(a @ b) / length, families)


def _direction(effects: Array, number: Array) -> Array:
    covariance = (number - number.mean()) @ effects
    length = float(np.linalg.norm(covariance))
    return np.asarray(covariance / length) if length > 0 else np.zeros(effects.shape[1])


class Shared(NamedTuple):
    """How much each gene takes part in what a set of genes does together.

    Attributes
    ----------
    weights
        (m,) not negative, with mean 1; all 1 where nothing can be learnt.
    reliability
        Of their differences, between 0 and 1: correlation of those learnt from two halves of the families, brought to
        all of them. Weights are drawn to 1 by it.
    """

    weights: Array
    reliability: float


def shared_weights(effects: Array, group: Codes, family: Codes, rng: np.random.Generator) -> Shared:
    """Weight genes by their covariance with the sum of the other genes of their set.

    Parameters
    ----------
    effects
        (n, m) of the m genes of a set, without NaN.
    group
        (n,) codes of what shares controls: means of a group are taken off, as their noise is common to all genes'
        conditions.
    family
        (n,) what is kept together when it is halved.
    """
    m = effects.shape[1]
    equal = Shared(np.ones(m), 0.0)
    _, code = np.unique(family, return_inverse=True)
    families = int(code.max(initial=-1)) + 1
    if m < LEAST_SET or families < 2 * FOLDS:
        return equal
    _, place = np.unique(group, return_inverse=True)
    member = np.zeros((len(effects), int(place.max()) + 1))
    member[np.arange(len(effects)), place.reshape(-1)] = 1.0
    centred = effects - member @ ((member.T @ effects) / member.sum(axis=0)[:, None])
    side = (rng.permutation(families) % 2 == 0)[code.reshape(-1)]
    one, two = (_with_others(centred[at]) for at in (side, ~side))
    both = _with_others(centred)
    if not both.mean() > 0 or not (np.ptp(one) > 0 and np.ptp(two) > 0):
        return equal
    half = float(np.corrcoef(one, two)[0, 1])
    reliability = max(0.0, 2.0 * half / (1.0 + half)) if half > 0 else 0.0
    weights = np.maximum(1.0 + reliability * (both / both.mean() - 1.0), 0.0)
    return Shared(weights / weights.mean(), reliability)


LEAST_SET = 4
"""Genes below which there is no telling which of them go together."""


def _with_others(effects: Array) -> Array:
    """(m,) covariance of each column with the sum of the others."""
    total = effects.sum(axis=1)
    return np.asarray((effects.T @ total - (effects * effects).sum(axis=0)) / max(len(effects), 1))
