"""Wilcoxon's rank sum of every condition against its controls, all genes at once, exact and tie corrected.

The non-zeros of a gene are sorted once for all conditions, controls first among equals, and swept once
with a running count of controls: a perturbed cell has beaten the controls before its value, and half
of those at it. Zeros are one tie in closed form. Sums of ranks and of ties are whole numbers, so that
the order of cells, the blocks and the threads cannot change a bit.
"""

from __future__ import annotations

from math import erfc, sqrt
from queue import SimpleQueue
from typing import Any, NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray
from scipy.special import log_ndtr

from vcassay.arrays.blocks import Block, Blocks, in_threads, is_sparse, n_threads, needs_double
from vcassay.arrays.radix import DIGIT, first_positive, is_number, rank_wide, sort_packed
from vcassay.arrays.strata import Strata, arrange
from vcassay.arrays.transpose import NOTHING, gather, gather_wide

Array = NDArray[np.float64]
Longs = NDArray[np.int64]
Words = NDArray[np.uint64]

LARGEST = 2_000_000
"""Rows that a condition and its controls may have together: the sum of cubes of a tie fits 64 bits."""


class RankSum(NamedTuple):
    """Rank sums of (conditions, genes).

    Attributes
    ----------
    statistic
        Mann-Whitney's U of the condition: pairs of a perturbed and a control cell in which the
        perturbed one is larger, ties counting half. U / (n1 n2) is the probability of superiority.
    z
        Standardised U, positive where the condition is larger; 0 for a gene whose values are all equal.
    pvalue
        Two-sided, of the normal approximation; 1 where all values are equal.
    """

    statistic: Array
    z: Array
    pvalue: Array


def rank_sum(
    matrix: Any,
    condition: NDArray[np.integer],
    stratum: NDArray[np.integer] | None = None,
    *,
    continuity: bool = True,
    threads: int | None = None,
    block: int | None = None,
) -> RankSum:
    """Test every condition against the controls of its stratum.

    Parameters
    ----------
    matrix
        (rows, genes) dense, CSR or CSC, of any sign. Single precision and whole numbers up to 2 ** 24
        are sorted by 32 bits; other values by 64, which takes about twice as long. Infinite values
        are ranked.
    condition
        (rows,) condition of perturbed rows from 0 up; -1 for controls; less takes no part.
    stratum
        (rows,) codes from 0 up. Conditions meet the controls of their own stratum, such as a context. A
        condition in several (batches) is tested by van Elteren's sum over strata, each weighted by
        1 / (n1 + n2 + 1), without a continuity correction.
    continuity
        Take half a pair from the distance between U and its mean, as `scipy.stats.mannwhitneyu`
        does; scanpy and cell-eval2 do not.
    threads
        Threads; all by default. Neither they nor the blocks change a bit of the result.
    block
        Genes that a thread turns and sorts at a time; fitted to the caches by default.

    Returns
    -------
    `RankSum`; NaN for conditions without rows or controls. Equal to scipy's ``method="asymptotic"``
    but for its rounding of the variance, which is exact here.

    Raises
    ------
    ValueError
        If a value is NaN, a condition and its controls have more than `LARGEST` rows, or shapes differ.

    Notes
    -----
    Mann and Whitney 1947; van Elteren 1960; ties by mid-rank.
    """
    strata = arrange(condition, stratum)
    return sweep(matrix, strata, continuity=continuity, threads=threads, block=block)[0]


def sweep(
    matrix: Any,
    strata: Strata,
    *,
    continuity: bool = True,
    depth: Array | None = None,
    target: float = 1.0,
    kind: int = NOTHING,
    threads: int | None = None,
    block: int | None = None,
) -> tuple[RankSum, Array]:
    """Rank sums, and sums of values on the way.

    Parameters
    ----------
    depth
        (rows,) totals of count rows: values are ranked as ``target`` x value / total, in single precision.
    target
        Depth to which counts are scaled.
    kind
        What is summed, of `vcassay.arrays.transpose`.

    Returns
    -------
    `RankSum`, and the (slots, genes) sums; (slots, 0) if nothing is summed.
    """
    threads, n = n_threads(threads), strata.n_conditions
    if matrix.shape[0] <= strata.rows.max(initial=-1):
        raise ValueError(f"{matrix.shape[0]} rows of values for more conditions")
    together = strata.size + strata.size[strata.reference]
    if together[strata.condition >= 0].max(initial=0) > LARGEST:
        raise ValueError(f"a condition and its controls have more than {LARGEST:,} rows")
    blocks = Blocks(matrix, strata, threads, block)
    genes = blocks.matrix.shape[1]
    values = blocks.matrix.data if is_sparse(blocks.matrix) else blocks.matrix
    wide = depth is None and needs_double(values)
    totals = np.empty(0) if depth is None else np.asarray(depth, dtype=np.float64)[strata.rows]
    out = RankSum(*np.zeros((3, n, genes)))
    sums = np.zeros((len(strata.size), genes if kind != NOTHING else 0))
    several = strata.strata_of
    desks: SimpleQueue[_Desk] = SimpleQueue()
    for _ in range(threads):
        desks.put(_Desk())

    def work(b: int) -> None:
        part = blocks.read(b)
        desk = desks.get()
        try:
            for s in range(len(strata)):
                own = np.zeros((int(strata.slot_edges[s + 1] - strata.slot_edges[s]), part.stop - part.first))
                begins, ends = desk.fill(part, strata, s, totals, target, kind, own, wide=wide)
                slots = slice(int(strata.slot_edges[s]), int(strata.slot_edges[s + 1]))
                args = (strata.size[slots], strata.condition[slots], several, part.first, *out)
                if not sweep_columns(desk.words, desk.spare, desk.histogram, begins, ends, np.bool_(wide), *args):
                    raise ValueError("a value is NaN, which has no rank")
                if kind != NOTHING:
                    sums[slots, part.first : part.stop] = own
            finish(out.statistic, out.z, out.pvalue, several, 0.5 if continuity else 0.0, part.first, part.stop)
        finally:
            desks.put(desk)

    in_threads(work, range(len(blocks)), threads)
    return out, sums


class _Desk:
    """A thread's working space, which grows as needed."""

    def __init__(self) -> None:
        self.words = self.spare = np.empty(0, dtype=np.uint64)
        self.keys = self.key_slots = self.spare_keys = self.spare_slots = self.words
        self.histogram = np.zeros(1 << DIGIT, dtype=np.int64)

    def fill(
        self, part: Block, strata: Strata, s: int, totals: Array, target: float, kind: int, sums: Array, *, wide: bool
    ) -> tuple[Longs, Longs]:
        """Turn a block's rows of one stratum; return where the words of each gene begin and end."""
        begins = np.r_[0, np.cumsum(part.counts[s])]
        ends, longest = begins[:-1].copy(), int(part.counts[s].max(initial=0))
        rows = slice(int(strata.row_edges[s]), int(strata.row_edges[s + 1]))
        at = (part.data, part.indices, part.starts[rows], part.stops[rows], strata.slot[rows])
        self._grow(int(begins[-1]), longest, wide=wide)
        if wide:
            gather_wide(*at, part.base, ends, self.keys, self.key_slots, kind, sums)
            spare = (self.spare_keys, self.spare_slots)
            if not rank_columns(self.keys, self.key_slots, *spare, self.histogram, begins, ends, self.words):
                raise ValueError("a value is NaN, which has no rank")
        else:
            depth = totals[rows] if len(totals) else totals
            gather(*at, depth, target, part.base, ends, self.words, kind, sums)
        return begins, ends

    def _grow(self, block: int, longest: int, *, wide: bool) -> None:
        for names, size in (
            (("words", "keys", "key_slots") if wide else ("words",), block),
            (("spare", "spare_keys", "spare_slots") if wide else ("spare",), longest),
        ):
            for name in names:
                if len(getattr(self, name)) < size:
                    setattr(self, name, np.empty(size + size // 8, dtype=np.uint64))


@numba.njit(nogil=True, cache=True)
def rank_columns(
    keys: Words,
    slots: Words,
    spare_keys: Words,
    spare_slots: Words,
    histogram: Longs,
    begins: Longs,
    ends: Longs,
    words: Words,
) -> bool:
    """Sort and pack the double-precision keys of each gene; False if a value is NaN."""
    for g in range(len(ends)):
        a, b = begins[g], ends[g]
        n = b - a
        if not rank_wide(keys[a:b], slots[a:b], spare_keys[:n], spare_slots[:n], histogram, words[a:b]):
            return False
    return True


@numba.njit(nogil=True, cache=True)
def _walk(words: Words, seen: int, rank: Longs, ties: Longs, count: Longs) -> int:
    """Sweep sorted words of one sign with a running count of controls; return the count at the end.

    For each slot, adds twice the controls beaten, a sixth of the sum of t^3 - t over its ties with the
    controls, and its words. Controls come first among equals, and then slot by slot: the k-th word of a
    slot at a value that c controls share makes a tie of t = c + k of one of t - 1, which adds t (t - 1) / 2.
    """
    start, before, k = seen, np.uint64(0), 0
    for i in range(len(words)):
        word = words[i]
        slot = np.int64(word & np.uint64(0xFFFFFFFF))
        start = seen if (word ^ before) >> np.uint64(32) else start
        k = k + 1 if word == before else 1
        is_control = slot == 0
        t = seen - start + (1 if is_control else k)
        rank[slot] += start + seen
        ties[slot] += t * (t - 1) // 2
        count[slot] += 1
        seen += 1 if is_control else 0
        before = word
    return seen


@numba.njit(nogil=True, cache=True)
def _sixth(t: int) -> int:
    """(t^3 - t) / 6, without leaving 64 bits."""
    return t * (t - 1) // 2 * (t + 1) // 3


@numba.njit(nogil=True, cache=True)
def sweep_columns(
    words: Words,
    spare: Words,
    histogram: Longs,
    begins: Longs,
    ends: Longs,
    presorted: np.bool_,
    size: Longs,
    condition: Longs,
    several: Longs,
    first: int,
    statistic: Array,
    deviation: Array,
    variance: Array,
) -> bool:
    """Sort and sweep each gene of a block in one stratum.

    Parameters
    ----------
    words, begins, ends
        Packed words of each gene.
    spare, histogram
        Working space of the sort.
    presorted
        The words are sorted already, by rank.
    size, condition
        (slots,) rows and condition of each slot; the first is the controls.
    several
        (conditions,) strata that each condition is in.
    first
        Column of the block's first gene.
    statistic, deviation, variance
        (conditions, genes) U, its weighted distance from its mean, and the variance of that; added to.

    Returns
    -------
    Whether all values are numbers.
    """
    slots = len(size)
    rank, ties, count = np.empty(slots, np.int64), np.empty(slots, np.int64), np.empty(slots, np.int64)
    for g in range(len(ends)):
        own = words[begins[g] : ends[g]]
        n = len(own)
        if not presorted and sort_packed(own, spare[:n], histogram):
            own = spare[:n]
        if n and not presorted and not (is_number(own[0]) and is_number(own[n - 1])):
            return False
        rank[:], ties[:], count[:] = 0, 0, 0
        split = first_positive(own)
        controls = 0
        for i in range(n):
            controls += 1 if own[i] & np.uint64(0xFFFFFFFF) == 0 else 0
        zeros = size[0] - controls
        below = _walk(own[:split], 0, rank, ties, count)
        _walk(own[split:], below + zeros, rank, ties, count)
        for s in range(1, slots):
            n1, n2, c = size[s], size[0], condition[s]
            own_zeros = n1 - count[s]
            twice = rank[s] + own_zeros * (2 * below + zeros)
            total = n1 + n2
            spread = _sixth(total) - ties[0] - ties[s] - _sixth(own_zeros + zeros)
            weight = 1.0 / (total + 1.0) if several[c] > 1 else 1.0
            statistic[c, first + g] += 0.5 * twice
            deviation[c, first + g] += weight * 0.5 * (twice - n1 * n2)
            share = np.float64(spread) / (np.float64(total) * (total - 1.0))
            variance[c, first + g] += weight * weight * 0.5 * (np.float64(n1) * n2) * share
    return True


@numba.njit(nogil=True, cache=True)
def finish(
    statistic: Array, deviation: Array, variance: Array, several: Longs, correction: float, first: int, stop: int
) -> None:
    """Turn deviations into z and variances into p-values, in place, for some genes."""
    for c in range(len(several)):
        half = correction if several[c] == 1 else 0.0
        for g in range(first, stop):
            if several[c] == 0:
                statistic[c, g] = deviation[c, g] = variance[c, g] = np.nan
            elif variance[c, g] > 0.0:
                away = deviation[c, g]
                z = max(abs(away) - half, 0.0) / sqrt(variance[c, g])
                deviation[c, g] = z if away > 0.0 else -z
                variance[c, g] = erfc(z * 0.7071067811865476)
            else:
                deviation[c, g], variance[c, g] = 0.0, 1.0


def log_pvalue(z: Array) -> Array:
    """Natural logarithm of the two-sided normal p-value, also where that underflows (beyond z = 38)."""
    return np.asarray(np.minimum(np.log(2.0) + log_ndtr(-np.abs(z)), 0.0))
