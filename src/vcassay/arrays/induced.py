"""Induced permutations: one permutation of items, carried out in every stratum among the items that it has."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import scipy
from numpy.typing import NDArray

Array = NDArray[np.float64]
Codes = NDArray[np.int64]

BLOCK = 50
"""Permutations worked on at once."""


def induced_permutations(orders: Codes, item: Codes, stratum: Codes) -> Codes:
    """Permute the entries of each stratum as one permutation of all items does.

    An item that the stratum lacks is passed over: the item that it goes to takes its place (the first return to the
    stratum). Of a uniform permutation this is uniform in every stratum, and nearly the same in all of them, so that an
    item in many strata counts as one.

    Parameters
    ----------
    orders
        (draws, items) permutations.
    item, stratum
        (n,) codes; no item twice in a stratum.

    Returns
    -------
    (draws, n) positions: the entry that comes to each place.
    """
    place = np.full((int(stratum.max(initial=-1)) + 1, orders.shape[1]), -1, dtype=np.int64)
    place[stratum, item] = np.arange(len(item))
    draw = np.broadcast_to(np.arange(len(orders))[:, None], (len(orders), len(item))).ravel()
    there = np.broadcast_to(stratum, (len(orders), len(stratum))).ravel()
    to = orders[:, item].ravel()
    out = place[there, to]
    left = np.flatnonzero(out < 0)
    while len(left):
        to[left] = orders[draw[left], to[left]]
        out[left] = place[there[left], to[left]]
        left = left[out[left] < 0]
    return out.reshape(len(orders), len(item))


def permuted_products(x: Array, y: Array, item: Codes, stratum: Codes, orders: Codes) -> Iterator[Array]:
    """Sum over entries of x times the y that a permutation of the items brings there.

    Parameters
    ----------
    x, y
        (n, parts).

    Yields
    ------
    (draws of a block, parts).
    """
    for start in range(0, len(orders), BLOCK):
        at = induced_permutations(orders[start : start + BLOCK], item, stratum)
        yield np.stack([y[:, p][at] @ x[:, p] for p in range(x.shape[1])], axis=1)


def stratum_ranks(values: Array, stratum: Codes) -> Array:
    """Ranks within strata, centred and divided by the size of the stratum; 0 for NaN, and where all are alike.

    Values that differ by less than 1e-9 of the largest are equal: rounding orders nothing.

    Parameters
    ----------
    values
        (n,)
    stratum
        (n,) codes.
    """
    out = np.zeros(len(values))
    order = np.argsort(stratum, kind="stable")
    order = order[np.isfinite(values[order])]
    largest = float(np.abs(values[order]).max(initial=0.0))
    unit = 1e-9 * largest if largest > 0 else 1.0
    for at in np.split(order, np.flatnonzero(np.diff(stratum[order])) + 1):
        if len(at):
            out[at] = (scipy.stats.rankdata(np.round(values[at] / unit)) - (len(at) + 1) / 2) / len(at)
    return out
