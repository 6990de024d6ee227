"""Activities of gene sets: how far an effect moves the members of a set against the other genes."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy import stats

from vcassay.arrays.multiple import benjamini_hochberg_rows

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]


def activities(effects: Array, weights: sp.csr_array, scored: Mask) -> Array:
    """Activity of every gene set in every effect: the projection on the set's centred unit weights.

    With w the weights of a set on the m scored genes and v = w - mean(w), the activity is <effect, v> / |v|. For a
    plain set of k genes this is sqrt(k (m - k) / m) times the mean effect of the members minus that of the other
    genes, so sets of all sizes have the noise of a single gene. It is linear in the effect: halves and their
    products debias it as they do effects, and a shift common to all genes is no activity.

    Parameters
    ----------
    effects
        (n, g).
    weights
        (g, k) weights of genes in sets: 1 for members, or signed.
    scored
        (g,) genes that count.

    Returns
    -------
    (n, k) in units of the effect; NaN for a set whose weights are equal on all scored genes (none or all are members),
    and for an effect with a NaN on a scored gene.
    """
    inside: Any = weights[np.flatnonzero(scored)].astype(np.float64)
    m = inside.shape[0]
    values = np.ascontiguousarray(effects[:, scored], dtype=np.float64)
    total = np.asarray(inside.sum(axis=0)).ravel()
    square = np.asarray(inside.multiply(inside).sum(axis=0)).ravel()
    length = square - total**2 / max(m, 1)
    length = np.sqrt(np.where(length > 1e-12 * square, length, np.nan))
    gathered = np.asarray(inside.T.tocsr() @ np.nan_to_num(values).T).T
    found = (gathered - np.outer(values.sum(axis=1), total) / max(m, 1)) / length
    found[np.isnan(values).any(axis=1)] = np.nan
    return np.asarray(found)


def activity_errors(half_a: Array, half_b: Array, depth: Array, group: NDArray[np.integer]) -> Array:
    """Standard error of every activity, pooled over the conditions of a group.

    Two halves tell the error of one activity with one degree of freedom. Pooled over the conditions of a context they
    tell that of each set, correlation between its genes included; ``depth`` then says how noisy a condition is.

    Parameters
    ----------
    half_a, half_b
        (n, k) activities in effects from disjoint halves; the error of their mean is wanted.
    depth
        (n,) noise variance of each condition, in any unit (the mean squared standard error of its genes).
    group
        (n,) codes: of the context.

    Returns
    -------
    (n, k); NaN where a condition has no halves.
    """
    square = ((half_a - half_b) / 2.0) ** 2
    out = np.full(square.shape, np.nan)
    for code in np.unique(group):
        at = np.flatnonzero((group == code) & np.isfinite(square).all(axis=1) & (depth > 0))
        if len(at):
            unit = (square[at] / depth[at, None]).mean(axis=0)
            out[at] = np.sqrt(unit * depth[at, None])
    return out


class Calls(NamedTuple):
    """Called sets, and the smallest |activity| / error that was or would be called, one a condition.

    Attributes
    ----------
    sign
        (n, k) -1, 0 (not called) or 1.
    limit
        (n,) of |activity| / error.
    """

    sign: NDArray[np.int8]
    limit: Array


def call_activities(activity: Array, error: Array, level: float) -> Calls:
    """Call the sets that move: Benjamini-Hochberg over the sets of a condition, two-sided normal.

    ``limit`` is what the last call of Benjamini-Hochberg had to exceed, and with no call what the first one would
    have: a prediction is held against it, so that it is called at the precision of the truth.

    Returns
    -------
    `Calls`; an undefined activity or error is never called, and ``limit`` is NaN in a condition without any.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        z = activity / error
    p = 2.0 * stats.norm.sf(np.abs(z))
    called = np.nan_to_num(benjamini_hochberg_rows(p), nan=1.0) <= level
    sign = np.where(called, np.sign(np.nan_to_num(z)), 0.0).astype(np.int8)
    known = np.isfinite(p).sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        limit = stats.norm.isf(level * np.maximum(called.sum(axis=1), 1) / known / 2.0)
    return Calls(sign, np.where(known > 0, limit, np.nan))
