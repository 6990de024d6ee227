"""Adjusted difference: what an exposure adds to an outcome beyond covariates, permuted and resampled."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Codes = NDArray[np.int64]

RIDGE = 1e-9
"""Relative to the trace: a draw in which covariates depend on one another still has a solution."""


def adjusted_slopes(outcome: Array, exposure: Array, covariates: Array) -> Array:
    """Least-squares slopes of outcomes on an exposure, beside a constant and covariates.

    Parameters
    ----------
    outcome
        (n, k).
    exposure
        (draws, n): one exposure a row.
    covariates
        (n, c).

    Returns
    -------
    (draws, k) slopes, for a 0/1 exposure adjusted differences of means; NaN where the covariates tell the exposure
    (Frisch and Waugh 1933).
    """
    design = np.column_stack([np.ones(len(outcome)), covariates])
    basis = _basis(design)
    left = exposure - (exposure @ basis) @ basis.T
    size = (left**2).sum(axis=1)
    whole = (exposure**2).sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where((size > RIDGE * whole)[:, None], left @ outcome / size[:, None], np.nan))


def resampled_slopes(
    outcome: Array, exposure: Array, covariates: Array, cluster: Codes, draws: int, rng: np.random.Generator
) -> Array:
    """Slopes as of `adjusted_slopes` with whole clusters drawn with replacement.

    Parameters
    ----------
    exposure
        (n,).
    cluster
        (n,) codes of what is drawn together.

    Returns
    -------
    (draws, k); NaN for a draw in which the exposure does not vary beyond the covariates.
    """
    _, code = np.unique(cluster, return_inverse=True)
    m = int(code.max(initial=-1)) + 1
    design = np.column_stack([np.ones(len(outcome)), covariates, exposure])
    scale = np.sqrt((design**2).mean(axis=0))
    design = design / np.where(scale > 0, scale, 1.0)
    c, k = design.shape[1], outcome.shape[1]
    both = np.concatenate([design[:, :, None] * design[:, None, :], design[:, :, None] * outcome[:, None, :]], axis=2)
    sums = np.zeros((m, c, c + k))
    np.add.at(sums, code, both)
    times = rng.multinomial(m, np.full(m, 1.0 / m), size=draws).astype(np.float64)
    drawn = np.einsum("dm,mck->dck", times, sums, optimize=True)
    gram, right = drawn[:, :, :c], drawn[:, :, c:]
    # what is left of the exposure beyond the rest: the last pivot
    inner = gram[:, :-1, :-1] + RIDGE * len(outcome) * np.eye(c - 1)
    solved = np.linalg.solve(inner, np.concatenate([gram[:, :-1, -1:], right[:, :-1]], axis=2))
    cross = gram[:, None, -1, :-1] @ solved
    pivot = gram[:, -1, -1] - cross[:, 0, 0]
    with np.errstate(invalid="ignore", divide="ignore"):
        slope = (right[:, -1] - cross[:, 0, 1:]) / pivot[:, None] / (scale[-1] if scale[-1] > 0 else 1.0)
    return np.asarray(np.where((pivot > 1e-6 * gram[:, -1, -1])[:, None], slope, np.nan))


def _basis(design: Array) -> Array:
    """(n, r) orthonormal columns that span the design."""
    u, s, _ = np.linalg.svd(design, full_matrices=False)
    return np.asarray(u[:, s > 1e-10 * s.max(initial=0.0)])
