"""Signature: the direction along which effects move with a number that is known of each condition."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

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
    a, b = (rankdata(v) - (families + 1) / 2.0 for v in by_family)
    length = float(np.sqrt((a @ a) * (b @ b)))
    if not length > 0:
        return nothing
    return Signature(_direction(effects, number), float(a @ b) / length, families)


def _direction(effects: Array, number: Array) -> Array:
    covariance = (number - number.mean()) @ effects
    length = float(np.linalg.norm(covariance))
    return np.asarray(covariance / length) if length > 0 else np.zeros(effects.shape[1])
