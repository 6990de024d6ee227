"""Matching: whether items agree with their own counterpart more than with those of others."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Index = NDArray[np.int64]


class Matching(NamedTuple):
    """Mean agreement of items with their own counterparts.

    Attributes
    ----------
    value
        Sum of the diagonal of the agreements over that of their weights; NaN without weight.
    draws
        (d,) the same with the items permuted.
    """

    value: float
    draws: Array


def match_own(agreement: Array, weight: Array, orders: Index) -> Matching:
    """Agreement of items with their own counterparts, and with those of others.

    Parameters
    ----------
    agreement, weight
        (p, p) sums of agreements of item i (rows) with counterpart j (columns) and how many were added, 0 for pairs
        that never met.
    orders
        (d, p) permutations: item ``orders[k, j]`` takes the place of item j.
    """
    own = np.arange(len(agreement))
    with np.errstate(invalid="ignore", divide="ignore"):
        value = float(np.trace(agreement) / np.trace(weight)) if np.trace(weight) > 0 else np.nan
        draws = agreement[orders, own].sum(axis=1) / weight[orders, own].sum(axis=1)
    return Matching(value, np.asarray(draws))


def block_orders(block: NDArray[np.integer], draws: int, rng: np.random.Generator) -> Index:
    """Permutations that keep items of one block together, such as the doses of a drug.

    Parameters
    ----------
    block
        (p,) codes; items of a block are alike in order. Blocks of one size change places.

    Returns
    -------
    (draws, p).
    """
    order = np.argsort(block, kind="stable")
    _, start, size = np.unique(block[order], return_index=True, return_counts=True)
    out = np.tile(np.arange(len(block)), (draws, 1))
    for k in np.unique(size):
        first = start[size == k]
        places = order[first[:, None] + np.arange(k)]
        which = rng.permuted(np.tile(np.arange(len(first)), (draws, 1)), axis=1)
        out[:, places.ravel()] = places[which].reshape(draws, -1)
    return out.astype(np.int64)


def add_agreements(
    left: Array, right: Array, item: NDArray[np.integer], group: NDArray[np.integer], into: tuple[Array, Array]
) -> Array:
    """Add the products of rows of each group to sums of agreements and of weights over items.

    Parameters
    ----------
    left, right
        (n, g) rows of unit length; an item occurs once in a group at most.
    into
        (p, p) sums that are added to.

    Returns
    -------
    (n,) product of each row with its own counterpart.
    """
    total, weight = into
    p = len(total)
    for c in np.unique(group):
        at = np.flatnonzero(group == c)
        at = at[np.argsort(item[at])]
        if len(at) == p:  # all items are there: no need to pick
            total += left[at] @ right[at].T
            weight += 1.0
            continue
        where = np.ix_(item[at], item[at])
        total[where] += left[at] @ right[at].T
        weight[where] += 1.0
    return np.asarray(np.einsum("ij,ij->i", left, right))


def dependence(left: Array, right: Array, group: NDArray[np.integer]) -> float:
    """How much wider a sum of products of rows spreads than with rows permuted, because rows depend on each other.

    Where the same rows share noise on both sides (combinations that have a part in common), products of own
    counterparts are not independent, while permuting breaks the dependence up: the variance of the sum is as
    sum over p, q of <x_p, x_q> <y_p, y_q>, and with permuted rows as its mean over permutations.

    Parameters
    ----------
    left, right
        (n, g) rows of unit length, or zero.
    group
        (n,) codes; only rows of one group depend on each other.

    Returns
    -------
    Ratio of standard deviations, at least 1.
    """
    real = drawn = 0.0
    for c in np.unique(group):
        at = np.flatnonzero(group == c)
        x, y = left[at] @ left[at].T, right[at] @ right[at].T
        n, own = len(at), float(np.diag(x) @ np.diag(y))
        apart = [float(m.sum() - np.trace(m)) for m in (x, y)]
        real += float(np.vdot(x, y))
        drawn += own + (apart[0] * apart[1] / (n * (n - 1)) if n > 1 else 0.0)
    return float(np.sqrt(max(real / drawn, 1.0))) if drawn > 0 else 1.0


def to_whole(half: Array | float) -> Array:
    """Correlation of a perfect prediction with the whole, from that of the whole's halves; odd in the sign.

    Spearman and Brown's formula and a square root: sqrt(2 r / (1 + r)).
    """
    r = np.asarray(half, dtype=np.float64)
    size = np.abs(np.clip(r, -1.0, 1.0))
    return np.asarray(np.sign(r) * np.sqrt(2.0 * size / (1.0 + size)))
