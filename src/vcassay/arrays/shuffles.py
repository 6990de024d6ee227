"""Shuffles: labels permuted within strata, the same way in every stratum that holds the same labels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Codes = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Shuffles:
    """Permutations of rows within strata.

    Attributes
    ----------
    rows
        Rows of each stratum, in the order of their labels.
    orders
        (draws, rows of the stratum) which of them takes the place of each.
    parts
        Block of each row of the stratum; only rows of one block take each other's place.
    """

    rows: tuple[Codes, ...]
    orders: tuple[NDArray[np.uint16], ...]
    parts: tuple[Codes, ...]


def draw_shuffles(stratum: Codes, label: Codes, keys: Array, least: int = 2, block: Codes | None = None) -> Shuffles:
    """Permute labels, not rows: what one label has in common over strata stays together.

    Permuting each stratum on its own would count a label that occurs in many of them as many independent
    observations.

    Parameters
    ----------
    stratum
        (n,) codes; rows of -1 take no part.
    label
        (n,) codes 0..m-1; each at most once in a stratum.
    keys
        (draws, m) uniform random numbers below 1: the order of the labels in each draw.
    least
        Strata (parts of them, with ``block``) of fewer rows take no part.
    block
        (m,) codes of labels: only those of one block take each other's place.
    """
    kind = np.zeros(keys.shape[1], dtype=np.int64) if block is None else block
    width = int(kind.max(initial=0)) + 1
    part = np.where(stratum >= 0, stratum * width + kind[label], -1)
    use = np.flatnonzero(part >= 0)
    _, code, size = np.unique(part[use], return_inverse=True, return_counts=True)
    use = use[size[code.reshape(-1)] >= max(least, 1)]
    use = use[np.lexsort((label[use], kind[label[use]], stratum[use]))]
    rows = np.split(use, np.flatnonzero(np.diff(stratum[use])) + 1) if len(use) else []
    orders = [np.argsort(keys[:, label[at]] + kind[label[at]], axis=1, kind="stable").astype(np.uint16) for at in rows]
    parts = [kind[label[at]] for at in rows]
    return Shuffles(tuple(rows), tuple(orders), tuple(parts))


def part_products(left: Array, right: Array, part: Codes) -> Array:
    """(n, n) inner products of rows of one part; 0 for rows of different parts, which are never asked for.

    Parameters
    ----------
    part
        (n,) codes, ascending.
    """
    n = len(part)
    if not n or part[0] == part[-1]:
        return np.asarray(left @ right.T)
    out = np.zeros((n, n))
    start = np.flatnonzero(np.r_[True, np.diff(part) > 0])
    size = np.diff(np.r_[start, n])
    for s in np.unique(size):
        at = start[size == s][:, None] + np.arange(s)
        out[at[:, :, None], at[:, None, :]] = left[at] @ right[at].transpose(0, 2, 1)
    return out


def permuted_sum(matrix: Array, weight: Array, order: NDArray[np.uint16]) -> Array:
    """(draws,) weighted sums over i of the (n, n) matrix at (i, order[i])."""
    n = len(weight)
    flat = np.ascontiguousarray(matrix * weight[:, None]).reshape(-1)
    out = np.zeros(len(order))
    base = np.arange(n, dtype=np.int64) * n
    step = max(1, BLOCK // max(n, 1))
    for start in range(0, len(order), step):
        out[start : start + step] = flat[base + order[start : start + step]].sum(axis=1)
    return out


def others_mean(matrix: Array, part: Codes) -> Array:
    """(n,) mean of each row of an (n, n) matrix over the others of its own part; NaN for one that is alone."""
    names, code, size = np.unique(part, return_inverse=True, return_counts=True)
    code = code.reshape(-1)
    member = (code[:, None] == np.arange(len(names))).astype(np.float64)
    total = (matrix @ member)[np.arange(len(code)), code] - np.diagonal(matrix)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(total / (size[code] - 1.0))


BLOCK = 4_000_000
"""Numbers that are gathered at a time."""
