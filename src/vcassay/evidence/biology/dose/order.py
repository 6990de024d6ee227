"""Order: how well the responses of many series rise with dose, beside permuted doses."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import permutations
from math import factorial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.trend import kendall_to_dose, violation

MAX_ORDERS = 120
"""Orders of the doses that the null draws from: all of them up to five doses."""
FLAT = 1e-9
"""Differences below this share of a series' largest response are rounding."""
BLOCK = 100
"""Permutations summed at once."""

Array = NDArray[np.float64]
Index = NDArray[np.int64]


class Ordering(NamedTuple):
    """How well the responses of many series rise with dose.

    Attributes
    ----------
    share, tau, violation
        Share of series that rise at every step, mean Kendall tau to dose, and mean share of the range
        lost on the way up.
    null_share
        Share that rises if doses are permuted within each series.
    p_rise, p_fall
        Probability under permuted doses of a mean tau at least as high, and at least as low.
    n
        Series.
    """

    share: float
    tau: float
    violation: float
    null_share: float
    p_rise: float
    p_fall: float
    n: int


def judge_order(
    responses: Sequence[Array], draws: int, rng: np.random.Generator, block: Sequence[int] | Index | None = None
) -> Ordering:
    """Compare the order of responses with doses permuted within each series.

    A permutation also changes which dose is the top one, hence the direction: the projections on the
    directions of all doses are needed. A single series proves nothing (three doses are in order once
    in six); only the mean over series is tested.

    Parameters
    ----------
    responses
        One (k, k) matrix a series (see `Measured`), without NaN.
    block
        (m,) series of one block that have as many doses are permuted alike: they share measurements. Each by itself
        if ``None``.

    Returns
    -------
    `Ordering`, NaN without any series.
    """
    if not responses:
        return Ordering(*(np.nan,) * 6, 0)
    length = np.asarray([len(matrix) for matrix in responses])
    blocks = np.arange(len(responses)) if block is None else np.asarray(block)
    tau, up, lost = [], [], []
    null = np.zeros(draws)
    for k in np.unique(length).tolist():
        at = np.flatnonzero(length == k)
        ordered = reorder(np.stack([responses[i] for i in at.tolist()]))
        flat = ordered.reshape(-1, k)
        tau.append(np.nan_to_num(kendall_to_dose(flat)).reshape(ordered.shape[:2]))
        up.append(np.all(np.diff(ordered, axis=2) > 0, axis=2))
        lost.append(np.nan_to_num(violation(ordered[:, 0]), nan=1.0))
        names, code = np.unique(blocks[at], return_inverse=True)
        table = np.zeros((len(names), ordered.shape[1]))
        np.add.at(table, code, tau[-1])
        null += draw_sums(table, draws, rng)
    null /= len(responses)
    mean = float(np.concatenate([group[:, 0] for group in tau]).mean())
    rise = (1 + int((null >= mean - 1e-12).sum())) / (draws + 1)
    fall = (1 + int((null <= mean + 1e-12).sum())) / (draws + 1)
    share = float(np.concatenate([group[:, 0] for group in up]).mean())
    chance = float(np.concatenate([group.mean(axis=1) for group in up]).mean())
    return Ordering(share, mean, float(np.concatenate(lost).mean()), chance, rise, fall, len(responses))


def draw_sums(table: Array, draws: int, rng: np.random.Generator) -> Array:
    """(draws,) sums over m series of a value under a random order of each; the same orders for any table of its shape.

    Parameters
    ----------
    table
        (m, orders) value of each series under each order.
    """
    out = np.empty(draws)
    rows = np.arange(len(table))
    for start in range(0, draws, BLOCK):
        n = min(BLOCK, draws - start)
        out[start : start + n] = table[rows, rng.integers(table.shape[1], size=(n, len(table)))].sum(axis=1)
    return out


@cache
def dose_orders(k: int) -> Index:
    """(orders, k) orders of k doses, the true one first: all, or `MAX_ORDERS` that are the same everywhere."""
    if factorial(k) <= MAX_ORDERS:
        return np.asarray(list(permutations(range(k))), dtype=np.int64)
    rng = np.random.default_rng(k)
    return np.asarray([list(range(k)), *(rng.permutation(k).tolist() for _ in range(MAX_ORDERS - 1))], dtype=np.int64)


def reorder(matrices: Array) -> Array:
    """(m, orders, k) responses of m series under each order of the doses, the true one first.

    Series that are flat up to rounding become constant.
    """
    orders = dose_orders(matrices.shape[1])
    values = matrices[:, orders[:, -1:], orders]
    size = np.abs(values).max(axis=2, keepdims=True)
    return np.asarray(np.where(np.ptp(values, axis=2, keepdims=True) <= FLAT * size, values[..., :1], values))


def rises(matrix: Array) -> bool:
    """Whether a series rises at every step along the top dose's direction."""
    values = matrix[-1]
    if np.ptp(values) <= FLAT * np.abs(values).max():
        return False
    return bool((np.diff(values) > 0).all())
