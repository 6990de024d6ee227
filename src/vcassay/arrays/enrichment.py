"""Activities of gene sets: how far an effect moves the members of a set against the other genes."""

from __future__ import annotations

from typing import Any, NamedTuple

import numba
import numpy as np
import scipy
import scipy.sparse as sp
from numpy.typing import NDArray

from vcassay.arrays.multiple import benjamini_hochberg_rows
from vcassay.arrays.threads import in_threads

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Codes = NDArray[np.int64]


def activities(effects: Array, weights: sp.csr_array | Array, scored: Mask) -> Array:
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
    given: Any = weights
    rows: Any = sp.csc_array(sp.diags_array(scored.astype(np.float64)) @ sp.csr_array(given))
    rows.eliminate_zeros()
    rows.sort_indices()
    m = int(scored.sum())
    total = np.asarray(rows.sum(axis=0)).ravel()
    square = np.asarray(rows.multiply(rows).sum(axis=0)).ravel()
    length = square - total**2 / max(m, 1)
    length = np.sqrt(np.where(length > 1e-12 * square, length, np.nan))
    out = np.empty((len(effects), rows.shape[1]))
    dense = np.ascontiguousarray(effects, dtype=np.float64)
    starts, genes = rows.indptr.astype(np.int64), rows.indices.astype(np.int64)
    in_threads(_project, len(out), dense, np.asarray(scored), starts, genes, rows.data, total / max(m, 1), out)
    return out / length


@numba.njit(cache=True, nogil=True)
def _project(
    first: int,
    last: int,
    effects: Array,
    scored: Mask,
    starts: Codes,
    genes: Codes,
    data: Array,
    mean: Array,
    out: Array,
) -> None:
    g, k = effects.shape[1], len(mean)
    for i in range(first, last):
        whole = 0.0
        for j in range(g):
            if scored[j]:
                whole += effects[i, j]
        for s in range(k):
            part = 0.0
            for at in range(starts[s], starts[s + 1]):
                part += effects[i, genes[at]] * data[at]
            out[i, s] = part - mean[s] * whole


class Errors(NamedTuple):
    """Standard errors of activities.

    Attributes
    ----------
    error
        (n, k); NaN where a condition has no halves.
    df
        (n,) degrees of freedom: the conditions that were pooled.
    """

    error: Array
    df: Array


def activity_errors(half_a: Array, half_b: Array, noise: Array, depth: Array, group: NDArray[np.integer]) -> Errors:
    """Standard error of every activity, pooled over the conditions of a group.

    Two halves tell the error of one activity with one degree of freedom. Pooled over the conditions of a context they
    tell by how much the variance of each set's activity exceeds that of its genes, since these share noise; ``depth``
    then says how noisy a condition is.

    Parameters
    ----------
    half_a, half_b
        (n, k) activities in effects from disjoint halves.
    noise
        (n,) mean over genes of the squared half difference of the halves' effects.
    depth
        (n,) mean over genes of the squared standard error of the effect whose activities are judged.
    group
        (n,) codes: of the context.
    """
    square = ((half_a - half_b) / 2.0) ** 2
    out, df = np.full(square.shape, np.nan), np.full(len(square), np.nan)
    for code in np.unique(group):
        at = np.flatnonzero((group == code) & np.isfinite(square).all(axis=1) & np.isfinite(noise + depth))
        if len(at):
            whole = noise[at].sum()
            excess = square[at].sum(axis=0) / whole if whole > 0 else np.zeros(square.shape[1])
            out[at], df[at] = np.sqrt(excess * depth[at, None]), len(at)
    return Errors(out, df)


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


def call_activities(activity: Array, errors: Errors, level: float) -> Calls:
    """Call the sets that move: Benjamini-Hochberg over the sets of a condition, two-sided t.

    ``limit`` is what the last call of Benjamini-Hochberg had to exceed, and with no call what the first one would
    have: a prediction is held against it, so that it is called at the precision of the truth.

    Returns
    -------
    `Calls`; an undefined activity or error is never called, and ``limit`` is NaN in a condition without any.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        z = activity / errors.error
    p = np.asarray(2.0 * scipy.stats.t.sf(np.abs(z), errors.df[:, None]))
    called = np.nan_to_num(benjamini_hochberg_rows(p), nan=1.0) <= level
    sign = np.where(called, np.sign(np.nan_to_num(z)), 0.0).astype(np.int8)
    known = np.isfinite(p).sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        limit = scipy.stats.t.isf(level * np.maximum(called.sum(axis=1), 1) / known / 2.0, errors.df)
    return Calls(sign, np.where(known > 0, limit, np.nan))
