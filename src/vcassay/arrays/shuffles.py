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
    """

    rows: tuple[Codes, ...]
    orders: tuple[NDArray[np.uint16], ...]


def draw_shuffles(
    stratum: Codes, label: Codes, draws: int, rng: np.random.Generator, least: int = 2, most: int = 2000
) -> Shuffles:
    """Permute labels, not rows: what one label has in common over strata stays together.

    Permuting each stratum on its own would count a label that occurs in many of them as many independent
    observations.

    Parameters
    ----------
    stratum
        (n,) codes; rows of -1 take no part.
    label
        (n,) codes; each at most once in a stratum.
    least
        Strata with fewer rows take no part.
    most
        Larger strata are cut into parts of about this size, by the same random cut of the labels everywhere.
    """
    names, code = np.unique(label, return_inverse=True)
    keys = rng.random((draws, len(names)))
    cut = rng.random(len(names))
    rows: list[Codes] = []
    orders: list[NDArray[np.uint16]] = []
    for s in np.unique(stratum[stratum >= 0]):
        found = np.flatnonzero(stratum == s)
        found = found[np.argsort(code[found], kind="stable")]
        parts = -(-len(found) // most)
        part = np.minimum((cut[code[found]] * parts).astype(np.int64), parts - 1)
        for p in range(parts):
            at = found[part == p]
            if len(at) >= least:
                rows.append(at)
                orders.append(np.argsort(keys[:, code[at]], axis=1).astype(np.uint16))
    return Shuffles(tuple(rows), tuple(orders))


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


def others_mean(matrix: Array) -> Array:
    """(n,) mean of each row of an (n, n) matrix, its diagonal left out; NaN for one row."""
    n = len(matrix)
    return np.asarray((matrix.sum(axis=1) - np.diagonal(matrix)) / (n - 1)) if n > 1 else np.full(n, np.nan)


BLOCK = 4_000_000
"""Numbers that are gathered at a time."""
