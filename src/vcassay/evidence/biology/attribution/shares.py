"""Shares: how much of the variance of effects lies between contexts, between perturbations, and in neither."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.resample import Estimate, Weights, aggregate_many, interval
from vcassay.arrays.template import fit_template, left_out_products, make_design

Array = NDArray[np.float64]
Codes = NDArray[np.int64]
Mask = NDArray[np.bool_]

NOTHING = 1e-12
"""Share of the energy below which variance is rounding."""


def crossed_rows(context: Codes, treatment: Codes, known: Mask) -> Mask:
    """(n,) conditions of which context and treatment both occur elsewhere: the two can only be told apart there.

    Rows are taken away until every context has two treatments and every treatment two contexts.
    """
    keep = known.copy()
    while keep.any():
        alone = [np.bincount(c[keep], minlength=int(c.max()) + 1)[c] < 2 for c in (context, treatment)]
        out = keep & (alone[0] | alone[1])
        if not out.any():
            break
        keep &= ~out
    return keep


def two_way(pairs: Iterable[tuple[Array, Array]], context: Codes, treatment: Codes, mask: Mask) -> Array:
    """Products of each condition's effect with the mean, context and treatment terms fitted without it, and its energy.

    Terms are fitted to one measurement of all other conditions and multiplied with the other measurement of this one,
    so that no product holds noise or the condition's own interaction (`vcassay.arrays.template`).

    Parameters
    ----------
    pairs
        (n, g) left and right measurements on disjoint cells and controls; the same matrix twice where there is no
        noise, or none that could be told apart.
    context, treatment
        (n,) codes.
    mask
        (n, g) genes that count.

    Returns
    -------
    (n, 4), averaged over pairs and their swaps; NaN for a condition that alone ties its context and treatment to the
    others.
    """
    c, t = (np.unique(code, return_inverse=True)[1].reshape(-1) for code in (context, treatment))
    design = make_design(c, t)
    out, n, real = np.zeros((len(c), 4)), 0, mask.astype(np.float64)
    for a, b in pairs:
        for left, right in ((a, b),) if a is b else ((a, b), (b, a)):
            out[:, :3] += left_out_products(design, fit_template(design, left), left, right, mask)
            out[:, 3] += np.einsum("ij,ij,ij->i", left, right, real)
            n += 1
    return out / max(n, 1)


def components(context: Codes, treatment: Codes) -> int:
    """Sets of conditions that shared contexts or treatments connect."""
    c, t = (np.unique(code, return_inverse=True)[1].reshape(-1) for code in (context, treatment))
    return int(make_design(c, t).component_context.max()) + 1


class Shares(NamedTuple):
    """Shares of the variance around the mean effect, with bootstrap draws and values by context of each."""

    context: tuple[float, Array, Array]
    perturbation: tuple[float, Array, Array]

    @property
    def rest(self) -> float:
        """What neither explains: interaction, and noise where measurements could not be told apart."""
        return 1.0 - self.context[0] - self.perturbation[0]


def shares_of(products: Array, weights: Weights) -> Shares:
    """Shares of (n, 4) products, NaN where the variance is not above 0; terms are held fixed over the draws."""
    variance = products[:, 3] - products[:, 0]
    if np.abs(variance).sum() <= NOTHING * np.abs(products[:, 3]).sum():
        variance = np.zeros(len(variance))
    found = aggregate_many(products[:, 1:3], weights, [variance, variance])
    return Shares(found[0], found[1])


def difference(model: tuple[float, Array, Array], truth: tuple[float, Array, Array], weights: Weights) -> Estimate:
    """Model less truth, paired over the draws, with its 95 % interval."""
    value, draws, by_context = model[0] - truth[0], model[1] - truth[1], model[2] - truth[2]
    return interval(value, draws, by_context, weights.method, families=weights.families)


def sign_flips(values: Array, family: Codes, draws: int, rng: np.random.Generator) -> tuple[float, Array]:
    """Sum of values, and its values when whole families change sign: products of independent noise have no sign."""
    sums = np.bincount(family, weights=values)
    signs = rng.choice(np.array([-1.0, 1.0]), size=(draws, len(sums)))
    return float(sums.sum()), signs @ sums
