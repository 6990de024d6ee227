"""Context distances: how far unseen contexts are from training contexts, relative to how far contexts usually are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import scipy
from numpy.typing import NDArray

from vcassay.arrays.crossed_distance import Crossed, crossed_correlation, crossed_distance, crossed_variance
from vcassay.core import Threshold
from vcassay.evidence.leakage.kin.control_strata import Layout, Strata

USUAL = Threshold(
    "usual_decorrelation", 0.1, "1 - r of control profiles of two lines: below 98 % of pairs of 165 lines (L1000)"
)
ONE_SIDED = 0.05
MOST_PAIRS = 3000
"""Pairs of contexts from which the usual distance is taken; a random sample of more."""

Array = NDArray[np.float64]
Codes = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class ContextDistances:
    """Distances of u unseen from v training contexts, as shares of the usual squared distance of two contexts.

    Attributes
    ----------
    distance, low, high
        (u, v) free of noise and of what batches do; one-sided 95 % bounds, Bonferroni over the training contexts. A
        negative estimate counts as 0 in the upper one, so that luck cannot stand in for precision.
    r
        (u, v) correlation over genes, free of noise.
    fair
        (u, v) whether batches cancel: the two share some, or what a batch does to one context is known.
    halves
        (u,) distance of two halves of the unseen context's own controls, whose expectation is 0; NaN where they are too
        few for halves.
    """

    distance: Array
    low: Array
    high: Array
    r: Array
    fair: NDArray[np.bool_]
    halves: Array


def find_distances(
    strata: Strata, new: Sequence[int], trained: Sequence[int], rng: np.random.Generator
) -> ContextDistances:
    """Compare unseen with training contexts.

    Where two contexts share batches they are compared within these. Where they share none, what the batches of one
    context differ by is taken off, if any context has several.

    The usual distance is the median over pairs of contexts; where there are two contexts alone it is that at which
    their profiles would correlate with 1 - r = `USUAL`.
    """
    u, v = len(new), len(trained)
    left, right = np.repeat(np.asarray(new), v), np.tile(np.asarray(trained), u)
    crossed, r, shared = _by_layout(strata, left, right)
    batch = _batches(strata)
    fair = shared | np.isfinite(batch[0])
    off = np.where(shared | ~np.isfinite(batch[0]), 0.0, batch[0])
    off_se = np.where(shared | ~np.isfinite(batch[0]), 0.0, batch[1])
    pairs = np.asarray(list(combinations(range(len(strata.names)), 2)), dtype=np.int64).reshape(-1, 2)
    if len(pairs) > MOST_PAIRS:
        pairs = pairs[np.sort(rng.permutation(len(pairs))[:MOST_PAIRS])]
    if len(pairs) > 1:
        among, _, together = _by_layout(strata, pairs[:, 0], pairs[:, 1])
        taken = np.where(together | ~np.isfinite(batch[0]), 0.0, batch[0])
        usual = float(np.median(among.distance - taken))
    else:
        usual = USUAL.value * float(crossed_variance(strata.profiles((0, 1), frozenset())).sum())
    if not usual > 0:
        usual = np.nan
    t = scipy.stats.t.isf(ONE_SIDED / v, crossed.df)
    value, se = (crossed.distance - off) / usual, np.hypot(crossed.se, off_se) / usual
    shape = (u, v)
    return ContextDistances(
        value.reshape(shape),
        (value - t * se).reshape(shape),
        (np.maximum(value, 0.0) + t * se).reshape(shape),
        r.reshape(shape),
        fair.reshape(shape),
        _halves(strata, new) / usual,
    )


def _by_layout(strata: Strata, left: Codes, right: Codes) -> tuple[Crossed, Array, NDArray[np.bool_]]:
    """Distances, correlations and whether a batch is shared, pairs with the same shared batches together."""
    m = len(left)
    layouts = [strata.layout(i) for i in range(len(strata.names))]
    groups: dict[Layout, list[int]] = {}
    for k, (i, j) in enumerate(zip(left.tolist(), right.tolist(), strict=True)):
        groups.setdefault(layouts[i] & layouts[j], []).append(k)
    distance, se, df, r = (np.full(m, np.nan) for _ in range(4))
    shared = np.zeros(m, dtype=np.bool_)
    for layout in sorted(groups, key=sorted):
        at = np.asarray(groups[layout])
        involved, place = np.unique(np.concatenate([left[at], right[at]]), return_inverse=True)
        profiles = strata.profiles(involved.tolist(), layout)
        i, j = place.reshape(2, -1)
        distance[at], se[at], df[at] = crossed_distance(profiles, i, j)
        r[at], shared[at] = crossed_correlation(profiles, i, j), bool(layout)
    return Crossed(distance, se, df), r, shared


def _batches(strata: Strata) -> tuple[float, float]:
    """Squared distance of two batches of one context, and its standard error over contexts; NaN without any."""
    found = []
    for i in range(len(strata.names)):
        own = np.asarray(strata.across(i)) if len(strata.parts[i]) > 1 else np.zeros((0, 0, 0))
        pairs = np.asarray(list(combinations(range(len(own)), 2)), dtype=np.int64).reshape(-1, 2)
        if len(pairs):
            found.append(float(crossed_distance(own, pairs[:, 0], pairs[:, 1]).distance.mean()))
    if not found:
        return np.nan, np.nan
    mean = max(float(np.mean(found)), 0.0)
    return mean, float(np.std(found, ddof=1) / np.sqrt(len(found))) if len(found) > 1 else mean


def _halves(strata: Strata, new: Sequence[int]) -> Array:
    """(u,) squared distance of two halves of one context's shards."""
    if strata.shards < 8:
        return np.full(len(new), np.nan)
    whole = strata.profiles(new, frozenset())
    both = np.concatenate([whole[:, ::2], whole[:, 1::2]])
    one = np.arange(len(new))
    return crossed_distance(both, one, one + len(new)).distance
