"""Average precision: how early the positives come in a ranking, exact under ties, also with permuted labels."""

from __future__ import annotations

from typing import NamedTuple

import numba
import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from vcassay.arrays.threads import in_threads

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Codes = NDArray[np.int64]
Places = NDArray[np.int32]

TOLERANCE = 1e-9
"""Scores that differ by less from the first of their tie are tied."""


class Ranking(NamedTuple):
    """Candidates of each row, best first, those that are tied together.

    Attributes
    ----------
    ahead
        (n, m) candidates before the tie that each one is in; -1 for those that take no part.
    tied
        (n, m) candidates in that tie.
    total
        (n,) candidates that take part.
    """

    ahead: Places
    tied: Places
    total: Codes


def rank_candidates(score: Array, valid: Mask, tolerance: float = TOLERANCE) -> Ranking:
    """Rank the candidates of each row by falling score.

    Parameters
    ----------
    score
        (n, m); a NaN takes no part.
    valid
        (n, m) candidates that take part.
    """
    n, m = score.shape
    ahead, tied = np.full((n, m), -1, dtype=np.int32), np.zeros((n, m), dtype=np.int32)
    use = np.ascontiguousarray(valid & np.isfinite(score))
    in_threads(_rank, n, np.ascontiguousarray(score, dtype=np.float64), use, tolerance, ahead, tied)
    return Ranking(ahead, tied, use.sum(axis=1).astype(np.int64))


@numba.njit(cache=True, nogil=True)
def _rank(first: int, last: int, score: Array, use: Mask, tolerance: float, ahead: Places, tied: Places) -> None:
    for i in range(first, last):
        at = np.flatnonzero(use[i])
        order = at[np.argsort(-score[i][at])]
        a = 0
        while a < len(order):
            end = a
            while end < len(order) and score[i, order[a]] - score[i, order[end]] <= tolerance:
                end += 1
            for b in range(a, end):
                ahead[i, order[b]] = a
                tied[i, order[b]] = end - a
            a = end


def average_precision(ranking: Ranking, positive: Mask, dropped: Mask | None = None) -> Array:
    """Average precision of each row, the mean over all orders of what is tied.

    Parameters
    ----------
    positive
        (n, m) candidates that should come first.
    dropped
        (n, m) candidates that are neither positive nor negative here.

    Returns
    -------
    (n,) in (0, 1]; NaN for a row without positives. A row that ties all candidates has the value of a random order.
    """
    labels = positive if dropped is None else positive | dropped
    counts = positive if dropped is None else positive & ~dropped
    start, partner = _rows(labels)
    out = np.empty((1, len(positive)))
    own = np.arange(len(positive), dtype=np.int64)
    columns = np.arange(positive.shape[1], dtype=np.int64)
    harmonic = _harmonic(positive.shape[1])
    _one(own, columns, start, partner, ranking.ahead, ranking.tied, np.ascontiguousarray(counts), harmonic, out[0])
    return np.asarray(out[0])


def permuted_precision(ranking: Ranking, same: Mask, counts: Mask, permutations: Codes) -> Array:
    """Average precision of each row with the labels of items permuted.

    Under a permutation p, item i carries the label of item p[i]: items i and j are positive where ``same[p[i], p[j]]``.

    Parameters
    ----------
    ranking
        Of n items by n.
    same
        (n, n) symmetric: whether two items share a label.
    counts
        (n, n) pairs that may be positive; others that share a label are left out of the ranking.
    permutations
        (draws, n).

    Returns
    -------
    (draws, n); NaN for an item without positives.
    """
    start, partner = _rows(same)
    out = np.empty(permutations.shape)
    moved = np.ascontiguousarray(permutations, dtype=np.int64)
    harmonic = _harmonic(len(same))
    args = (start, partner, ranking.ahead, ranking.tied, np.ascontiguousarray(counts), harmonic, out)
    in_threads(_permuted, len(moved), moved, *args)
    return out


def _rows(labels: Mask) -> tuple[Codes, Codes]:
    held = sp.csr_array(labels)
    held.sort_indices()
    return held.indptr.astype(np.int64), held.indices.astype(np.int64)


def _harmonic(n: int) -> Array:
    """(n + 2,) sums of 1 / k, from 0 up."""
    return np.concatenate([[0.0], np.cumsum(1.0 / np.arange(1, n + 2))])


@numba.njit(cache=True, nogil=True)
def _block(ahead: int, size: int, positives: int, before: int, harmonic: Array) -> float:
    """Expected sum of the precisions at the positives of one tie, over its orders."""
    if size == 1:
        return (before + 1.0) / (ahead + 1.0)
    inverse = harmonic[ahead + size] - harmonic[ahead]
    later = (positives - 1.0) / (size - 1.0) * (size - (ahead + 1.0) * inverse)
    return float(positives / size * ((before + 1.0) * inverse + later))


@numba.njit(cache=True, nogil=True)
def _precise(positive: Codes, dropped: Codes, base: int, harmonic: Array) -> float:
    """Average precision of sorted keys ``ahead * base + tied`` of positives, without those dropped."""
    total, before, gone, a = 0.0, 0, 0, 0
    while a < len(positive):
        end = a
        while end < len(positive) and positive[end] == positive[a]:
            end += 1
        while gone < len(dropped) and dropped[gone] < positive[a]:
            gone += 1
        within = 0
        while gone + within < len(dropped) and dropped[gone + within] == positive[a]:
            within += 1
        ahead, size = positive[a] // base - gone, positive[a] % base - within
        total += _block(ahead, size, end - a, before, harmonic)
        before += end - a
        a = end
    return total / len(positive) if len(positive) else np.nan


@numba.njit(cache=True, nogil=True)
def _one(
    label: Codes,
    place: Codes,
    start: Codes,
    partner: Codes,
    ahead: Places,
    tied: Places,
    counts: Mask,
    harmonic: Array,
    out: Array,
) -> None:
    """Average precisions where row i carries the label of ``label[i]`` and label p is carried by ``place[p]``."""
    base = ahead.shape[1] + 1
    keys, others = np.empty(base, dtype=np.int64), np.empty(base, dtype=np.int64)
    for i in range(len(label)):
        n, gone = 0, 0
        for k in range(start[label[i]], start[label[i] + 1]):
            j = place[partner[k]]
            if ahead[i, j] < 0:
                continue
            key = np.int64(ahead[i, j]) * base + tied[i, j]
            if counts[i, j]:
                keys[n] = key
                n += 1
            else:
                others[gone] = key
                gone += 1
        out[i] = _precise(np.sort(keys[:n]), np.sort(others[:gone]), base, harmonic)


@numba.njit(cache=True, nogil=True)
def _permuted(
    first: int,
    last: int,
    moved: Codes,
    start: Codes,
    partner: Codes,
    ahead: Places,
    tied: Places,
    counts: Mask,
    harmonic: Array,
    out: Array,
) -> None:
    place = np.empty(moved.shape[1], dtype=np.int64)
    for d in range(first, last):
        for i in range(len(place)):
            place[moved[d, i]] = i
        _one(moved[d], place, start, partner, ahead, tied, counts, harmonic, out[d])


def chance_precision(positives: Codes, total: Codes) -> Array:
    """(n,) average precision of a random order; NaN without positives (a row that ties all has exactly this)."""
    harmonic = _harmonic(int(total.max(initial=0)))
    pairs = zip(positives.tolist(), total.tolist(), strict=True)
    return np.asarray([_block(0, t, p, 0, harmonic) / p if 0 < p <= t else np.nan for p, t in pairs])


def rank_permutation_p(value: Array, positives: Codes, total: Codes, draws: int, rng: np.random.Generator) -> Array:
    """Probability that random ranks of a row's positives give an average precision at least as high.

    One null a pair of (positives, total), with one added above and below (the scheme of copairs; Kalinin et al. 2025,
    doi:10.1038/s41467-025-60306-2).

    Returns
    -------
    (n,); NaN where the value is.
    """
    out = np.full(len(value), np.nan)
    known = np.isfinite(value)
    for p, t in sorted(set(zip(positives[known].tolist(), total[known].tolist(), strict=True))):
        null = np.sort(_drawn(rng.random((draws, p)), t))
        at = np.flatnonzero(known & (positives == p) & (total == t))
        above = draws - np.searchsorted(null, value[at] - 1e-12, side="left")
        out[at] = (1 + above) / (1 + draws)
    return out


@numba.njit(cache=True, nogil=True)
def _drawn(uniform: Array, total: int) -> Array:
    """(draws,) average precisions of ranks drawn without replacement (Floyd's algorithm)."""
    draws, p = uniform.shape
    out, taken = np.empty(draws), np.zeros(total + 1, dtype=np.bool_)
    ranks = np.empty(p, dtype=np.int64)
    for d in range(draws):
        for k in range(p):
            most = total - p + k + 1
            rank = 1 + int(uniform[d, k] * most)
            if taken[rank]:
                rank = most
            taken[rank] = True
            ranks[k] = rank
        taken[ranks] = False
        ordered = np.sort(ranks)
        value = 0.0
        for k in range(p):
            value += (k + 1.0) / ordered[k]
        out[d] = value / p
    return out
