"""Alignment: how far two kernels, such as of prior features and of responses, tell the same objects alike and apart.

The Hilbert-Schmidt independence criterion in its unbiased form (Song et al. 2012, J Mach Learn Res 13:1393) leaves
the diagonals out, so that noise which is independent between objects does not count as likeness; centred kernel
alignment is its normalised form (Kornblith et al. 2019, ICML; debiased: Murphy et al. 2024, arXiv:2405.01012).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Codes = NDArray[np.int64]

FEWEST = 4
"""Objects below which the unbiased criterion is not defined."""
NIL = 1e-12
"""A kernel with less than this share of its squared entries left after centring tells no object from another."""


def linear_kernel(rows: Array) -> Array:
    """(n, n) inner products of (n, d) rows."""
    return np.asarray(rows @ rows.T)


def tamed(rows: Array, size: Array | None = None) -> Array:
    """Rows whose norm exceeds the median norm brought down to it, so that a few strong ones do not decide.

    Parameters
    ----------
    rows
        (n, d).
    size
        (n,) norms to go by; those of ``rows`` if ``None``.
    """
    norm = np.linalg.norm(rows, axis=1) if size is None else size
    middle = float(np.median(norm[norm > 0])) if (norm > 0).any() else 1.0
    return np.asarray(rows / np.maximum(norm, middle)[:, None] * middle)


def u_centred(kernel: Array) -> Array:
    """Centre a kernel so that products of two of them sum to the unbiased criterion (Szekely & Rizzo 2014).

    Parameters
    ----------
    kernel
        (n, n) symmetric; its diagonal is not read.

    Returns
    -------
    (n, n) with zero diagonal and zero sums of rows; NaN with fewer than 4 objects.

    Notes
    -----
    doi:10.1214/14-AOS1255, definition 2, which holds for any symmetric matrix.
    """
    n = len(kernel)
    if n < FEWEST:
        return np.full((n, n), np.nan)
    off = np.array(kernel, dtype=np.float64)
    np.fill_diagonal(off, 0.0)
    sums = off.sum(axis=1)
    out = off - (sums[:, None] + sums[None, :]) / (n - 2) + sums.sum() / ((n - 1) * (n - 2))
    np.fill_diagonal(out, 0.0)
    return np.asarray(out)


def hsic(a: Array, b: Array) -> float:
    """Unbiased criterion of two kernels that are `u_centred`; may be negative, 0 on average for unrelated ones."""
    n = len(a)
    return float(np.vdot(a, b)) / (n * (n - 3)) if n >= FEWEST else float("nan")


def corrected_alignment(prior: Array, half_a: Array, half_b: Array) -> float:
    """Alignment of a kernel with responses, freed of their noise.

    The mean kernel of the halves stands above, and below it the agreement of one half with the other: noise that the
    halves do not share shrinks neither. Without halves give the responses twice; then noise lowers the alignment.

    Parameters
    ----------
    prior, half_a, half_b
        (n, n), `u_centred`.

    Returns
    -------
    1 on average where the kernels are alike up to scale and noise, 0 where unrelated; above 1 by chance, or because
    the prior has the responses' own noise. NaN where a kernel tells nothing apart, or the halves do not agree.
    """
    own, shared = hsic(prior, prior), hsic(half_a, half_b)
    if not (own > 0 and shared > 0):
        return float("nan")
    return hsic(prior, (half_a + half_b) / 2.0) / float(np.sqrt(own * shared))


def permuted(kernel: Array, other: Array, draws: int, rng: np.random.Generator) -> Array:
    """(draws,) unbiased criterion after the objects of one kernel are exchanged at random.

    Parameters
    ----------
    kernel, other
        (n, n), `u_centred`; centring does not depend on the order of objects.
    """
    out = np.empty(draws)
    for i in range(draws):
        order = rng.permutation(len(kernel))
        out[i] = hsic(kernel[order][:, order], other)
    return out


def neighbour_means(kernel: Array, values: Array, k: int) -> Array:
    """(n, g) mean of the k other objects that are most alike; ties by position.

    Parameters
    ----------
    kernel
        (n, n) similarity.
    values
        (n, g).
    """
    alike = np.array(kernel, dtype=np.float64)
    np.fill_diagonal(alike, -np.inf)
    near = np.argsort(-alike, axis=1, kind="stable")[:, : min(k, len(alike) - 1)]
    return np.asarray(values[near].mean(axis=1))
