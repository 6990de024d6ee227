"""Mean and variance of each slot of a screen's strata, all genes, in two passes over rows that are near."""

from __future__ import annotations

from typing import Any, NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.blocks import Blocks, in_threads, n_threads
from vcassay.arrays.strata import Strata
from vcassay.arrays.transpose import PLAIN, measured

Array = NDArray[np.float64]
Longs = NDArray[np.int64]


class SlotMoments(NamedTuple):
    """Of (slots, genes).

    Attributes
    ----------
    sums
        Sum of the values.
    squares
        Sum of squared distances from the mean, computed around that mean: exact where the variance is
        small beside the mean, unlike a difference of sums.
    """

    sums: Array
    squares: Array


def slot_moments(
    matrix: Any,
    strata: Strata,
    *,
    depth: Array | None = None,
    target: float = 1.0,
    kind: int = PLAIN,
    threads: int | None = None,
    block: int | None = None,
) -> SlotMoments:
    """Sum the rows of every slot.

    Parameters
    ----------
    matrix
        (rows, genes) dense, CSR or CSC. A NaN makes its slot and gene NaN.
    strata
        The slots.
    depth, target
        (rows,) totals of count rows: values are scaled by ``target`` / total.
    kind
        `PLAIN`, `SCALED`, `LOG1P` or `EXPM1` of `vcassay.arrays.transpose`: the value that is summed.
    threads, block
        As in `vcassay.arrays.ranksum.rank_sum`; they do not change a bit of the result.
    """
    threads = n_threads(threads)
    blocks = Blocks(matrix, strata, threads, block)
    out = SlotMoments(*np.zeros((2, len(strata.size), blocks.matrix.shape[1])))
    totals = np.empty(0) if depth is None else np.asarray(depth, dtype=np.float64)[strata.rows]
    edges = np.r_[0, np.cumsum(strata.size)]

    def work(b: int) -> None:
        part = blocks.read(b)
        own = np.zeros((2, len(strata.size), part.stop - part.first))
        at = (part.data, part.indices, part.starts, part.stops, edges)
        add_moments(*at, totals, target, part.base, kind, own[0], own[1])
        out.sums[:, part.first : part.stop], out.squares[:, part.first : part.stop] = own

    in_threads(work, range(len(blocks)), threads)
    return out


@numba.njit(nogil=True, cache=True)
def add_moments(
    data: NDArray[Any],
    indices: NDArray[np.integer],
    starts: Longs,
    stops: Longs,
    edges: Longs,
    depth: Array,
    target: float,
    first: int,
    kind: int,
    sums: Array,
    squares: Array,
) -> None:
    """Sums, and squares around the mean, of a block of genes.

    Parameters
    ----------
    data, indices, starts, stops
        Pieces of the rows in a block whose first gene is ``first``.
    edges
        (slots + 1,) first row of each slot.
    depth, target, kind
        As in `vcassay.arrays.transpose.gather`.
    sums, squares
        (slots, genes), zero; filled.
    """
    genes = sums.shape[1]
    stored, mean = np.empty(genes, dtype=np.int64), np.empty(genes)
    for s in range(len(edges) - 1):
        a, b = np.int64(edges[s]), np.int64(edges[s + 1])
        stored[:] = 0
        for j in range(a, b):
            scale = target / depth[j] if len(depth) and depth[j] > 0 else target
            for k in range(starts[j], stops[j]):
                g = np.int64(indices[k]) - first
                sums[s, g] += measured(np.float64(data[k]), scale, kind)
                stored[g] += 1
        for i in range(genes):
            mean[i] = sums[s, i] / (b - a)
            squares[s, i] = (b - a - stored[i]) * mean[i] * mean[i]
        for j in range(a, b):
            scale = target / depth[j] if len(depth) and depth[j] > 0 else target
            for k in range(starts[j], stops[j]):
                g = np.int64(indices[k]) - first
                away = measured(np.float64(data[k]), scale, kind) - mean[g]
                squares[s, g] += away * away
