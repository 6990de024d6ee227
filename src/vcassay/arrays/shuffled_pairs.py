"""Shuffled pairs: graphs in which every vertex keeps its number of partners, and sums over their pairs."""

from __future__ import annotations

import numba
import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.permutations import permute_within
from vcassay.arrays.threads import in_threads

Codes = NDArray[np.int64]
Marks = NDArray[np.uint8]

MOST_SWAPS = 20_000
"""Proposed swaps between two draws: one a pair, at most this many."""


def shuffle_pairs(
    left: Codes, right: Codes, stratum: Codes, swaps: int, rng: np.random.Generator
) -> tuple[Codes, Codes]:
    """Swap ends of random pairs: a-b and c-d become a-d and c-b, unless that makes a loop or a pair twice.

    Only ends b and d of one stratum are swapped: every vertex keeps its number of partners, and any two strata their
    number of pairs between them.

    A swap that is refused counts, so that the chain is symmetric and its limit is the uniform distribution over simple
    graphs with these numbers of partners (Maslov and Sneppen 2002; Fosdick et al. 2018).

    Parameters
    ----------
    left, right
        (m,) ends in 0..n-1 of pairs that are distinct and no loops.
    stratum
        (n,) codes of the vertices; all alike for plain shuffles.
    swaps
        Proposed.

    Returns
    -------
    (m,) and (m,) ends.
    """
    a, b = left.astype(np.int64), right.astype(np.int64)
    n = len(stratum)
    no_marks = np.zeros((n, n, 0), dtype=np.uint8)
    _walk(a, b, stratum.astype(np.int64), _present(a, b, n), no_marks, 1, swaps, _seed(rng))
    return a, b


def shuffled_sums(
    left: Codes,
    right: Codes,
    marks: Marks,
    stratum: Codes,
    draws: int,
    rng: np.random.Generator,
    swaps: int | None = None,
) -> NDArray[np.int64]:
    """Sums of marks over the pairs of shuffled graphs.

    Parameters
    ----------
    left, right
        (m,) ends of pairs that are distinct and no loops.
    marks
        (n, n, k) symmetric in the first two.
    stratum
        As of `shuffle_pairs`.
    swaps
        Proposed between draws; one a pair, at most `MOST_SWAPS`, if ``None``.

    Returns
    -------
    (draws, k) sums. The observed graph takes a random place in a chain that runs on from it either way, so that with
    a p-value of (1 + larger) / (draws + 1) the test is exact however few swaps part two draws; more of them make it
    more powerful (Besag and Clifford 1989).
    """
    n, k = marks.shape[0], marks.shape[2]
    before = int(rng.integers(draws + 1))
    step = min(len(left), MOST_SWAPS) if swaps is None else swaps
    out, given = [], np.ascontiguousarray(marks)
    for length in (before, draws - before):
        a, b = left.astype(np.int64), right.astype(np.int64)
        out.append(_walk(a, b, stratum.astype(np.int64), _present(a, b, n), given, length, step, _seed(rng)))
    return np.concatenate(out).reshape(draws, k)


def permuted_sums(
    left: Codes,
    right: Codes,
    marks: Marks,
    stratum: Codes,
    draws: int,
    rng: np.random.Generator,
    vertices: Codes | None = None,
) -> NDArray[np.int64]:
    """Sums of marks over the pairs when vertices of one stratum trade places.

    Parameters
    ----------
    left, right, marks, stratum
        As of `shuffled_sums`; the graph stays as it is, cliques and all.
    vertices
        Those that trade places, all that have pairs among them; those that have pairs if ``None``.

    Returns
    -------
    (draws, k) sums.
    """
    used = np.unique(np.concatenate([left, right]) if vertices is None else vertices)
    a, b = np.searchsorted(used, left), np.searchsorted(used, right)
    places = used[permute_within(stratum[used], draws, rng)]
    out = np.zeros((draws, marks.shape[2]), dtype=np.int64)
    in_threads(_add, draws, a, b, places, np.ascontiguousarray(marks), out)
    return out


def _present(a: Codes, b: Codes, n: int) -> NDArray[np.bool_]:
    out = np.zeros((n, n), dtype=np.bool_)
    out[a, b] = out[b, a] = True
    return out


def _seed(rng: np.random.Generator) -> np.uint64:
    return np.uint64(rng.integers(2**63))


@numba.njit(cache=True, nogil=True)
def _add(first: int, last: int, a: Codes, b: Codes, places: Codes, marks: Marks, out: Codes) -> None:
    for d in range(first, last):
        place = places[d]
        for p in range(len(a)):
            u, v = place[a[p]], place[b[p]]
            for x in range(marks.shape[2]):
                out[d, x] += marks[u, v, x]


@numba.njit(cache=True, nogil=True)
def _mix(state):  # type: ignore[no-untyped-def]
    """Output of the splitmix64 generator for a state (Steele, Lea and Flood 2014)."""
    z = state
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


@numba.njit(cache=True, nogil=True)
def _walk(a, b, stratum, present, marks, draws, swaps, seed):  # type: ignore[no-untyped-def]
    """Change pairs in place; (draws, k) sums after every ``swaps`` proposals."""
    m, k = len(a), marks.shape[2]
    out = np.zeros((draws, k), dtype=np.int64)
    total = np.zeros(k, dtype=np.int64)
    for p in range(m):
        for x in range(k):
            total[x] += marks[a[p], b[p], x]
    state, step = seed, np.uint64(0x9E3779B97F4A7C15)
    low = np.uint64(0xFFFFFFFF)
    for d in range(draws):
        for _ in range(swaps if m > 1 else 0):
            state += step
            word = _mix(state)
            state += step
            # 32 random bits a position: off uniform by at most m / 2**32
            i = np.int64(((word & low) * np.uint64(m)) >> np.uint64(32))
            j = np.int64(((word >> np.uint64(32)) * np.uint64(m)) >> np.uint64(32))
            turned = _mix(state) & np.uint64(1)
            if i == j:
                continue
            u, v = a[i], b[i]
            w, z = (b[j], a[j]) if turned else (a[j], b[j])
            if stratum[v] != stratum[z] or u == z or w == v or present[u, z] or present[w, v]:
                continue
            present[u, v] = present[v, u] = present[w, z] = present[z, w] = False
            present[u, z] = present[z, u] = present[w, v] = present[v, w] = True
            for x in range(k):
                total[x] += np.int64(marks[u, z, x]) + np.int64(marks[w, v, x])
                total[x] -= np.int64(marks[u, v, x]) + np.int64(marks[w, z, x])
            a[i], b[i], a[j], b[j] = u, z, w, v
        out[d] = total
    return out
