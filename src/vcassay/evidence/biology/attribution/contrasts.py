"""Contrasts: how much more alike effects of one context are, or of one perturbation, than unrelated ones."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.group_means import group_sums
from vcassay.arrays.unit_rows import unit_rows

Array = NDArray[np.float64]
Codes = NDArray[np.int64]


def cosine_contrasts(left: Array, right: Array, context: Codes, perturbation: Codes) -> Array:
    """Mean cosine of each condition to others of its context, and of its perturbation, less that to unrelated ones.

    Others of its context have another perturbation, those of its perturbation another context, and unrelated ones
    differ in both. All pairs count; sums of unit vectors stand for them, so that the time is linear in the conditions.

    Parameters
    ----------
    left, right
        (n, g) measurements of the same conditions; each pair takes one of either. A row of zeros has cosine 0.
    context, perturbation
        (n,) codes, of which every one from 0 up occurs and no pair twice.

    Returns
    -------
    (n, 2) of context and perturbation; NaN where there is no pair of that kind, or no unrelated one.
    """
    u, v = unit_rows(left), unit_rows(right)
    n = len(u)
    by_context, by_perturbation = (
        group_sums(v, code, int(code.max(initial=-1)) + 1) for code in (context, perturbation)
    )
    own = np.einsum("ij,ij->i", u, v)
    of_context = np.einsum("ij,ij->i", u, by_context[context]) - own
    of_perturbation = np.einsum("ij,ij->i", u, by_perturbation[perturbation]) - own
    unrelated = u @ v.sum(axis=0) - own - of_context - of_perturbation
    k_context = np.bincount(context)[context] - 1
    k_perturbation = np.bincount(perturbation)[perturbation] - 1
    with np.errstate(invalid="ignore", divide="ignore"):
        rest = unrelated / (n - 1 - k_context - k_perturbation)
        out = np.stack([of_context / k_context - rest, of_perturbation / k_perturbation - rest], axis=1)
    return np.asarray(np.where(np.isfinite(out), out, np.nan))
