"""Tallies: numbers that a submission template may hand over with a test condition, and that are no biology."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.shards import N_SHARDS
from vcassay.claim import Split
from vcassay.effects import Effects
from vcassay.screen import Readout, Screen

Array = NDArray[np.float64]
Codes = NDArray[np.int64]

DEPTH_COLUMN = re.compile(
    r"(n|num|total)_?(counts?|umis?)(_rna)?|(umi|ncount)_?(counts?|rna)|(n|total)_?reads|library_?size"
)
QUALITY_COLUMN = re.compile(
    r"(pct|percent|perc|frac|fraction|share)[._]?(counts?|of)?[._]?(mt|mito)\w*|mito\w*[._](pct|percent|frac)\w*"
)
"""obs columns with the depth of a cell, and with its share of mitochondrial reads."""
MITOCHONDRIAL = re.compile(r"mt-", re.IGNORECASE)
"""Beginning of the names of mitochondrial genes."""


class Tally(NamedTuple):
    """One number a test condition.

    Attributes
    ----------
    name, low
        In words, and those of conditions in which it is small: "with fewer rows".
    values
        (t,) numbers; empty where there are none.
    group
        (t,) codes of conditions that are compared.
    why
        Why it cannot be compared; empty otherwise.
    """

    name: str
    low: str
    high: str
    values: Array
    group: Codes
    why: str = ""


def make_tallies(screen: Screen, effects: Effects, split: Split) -> dict[str, Tally]:
    """Numbers of rows, depth, place in the file and share of mitochondrial reads of the test conditions.

    The place in the file is compared among conditions of one context, modality, dose, time and number of parts, which
    a model knows; where the file is sorted by name it says no more than the name.
    """
    test, shards = split.test, list(split.scored_shards)
    table = effects.conditions.take(test)
    _, context = np.unique(table.context, return_inverse=True)
    slot = effects.moments.slots.perturbed
    at = np.flatnonzero((slot >= 0) & np.isin(slot % N_SHARDS, shards))
    code, n = slot[at] // N_SHARDS, len(effects.conditions)

    def mean(values: Array) -> Array:
        """(t,) mean over rows."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray((np.bincount(code, weights=values, minlength=n) / np.bincount(code, minlength=n))[test])

    def tally(name: str, low: str, high: str, values: Array | None, why: str = "", group: Codes = context) -> Tally:
        return Tally(name, low, high, np.empty(0) if values is None else values, group, why if values is None else "")

    place, known = (
        mean(at.astype(np.float64)),
        [f"{k[0]}\n{k[2]}\n{k[3]}\n{m}\n{len(k[1])}" for k, m in zip(table.keys, table.modality, strict=True)],
    )
    _, alike = np.unique(known, return_inverse=True)
    by_name = _sorted(place, table.perturbation, alike)
    return {
        "rows": tally("number of rows", "with fewer rows", "with more rows", effects.n_rows[test].astype(np.float64)),
        "depth": tally(
            "depth", "with fewer counts a row", "with more counts a row", _depth(screen, effects, split, mean, at),
            "values are no counts, and no obs column has the depth",
        ),
        "order": tally(
            "place in the file", "earlier in the file", "later in the file", None if by_name else place,
            "the file is sorted by name", alike,
        ),
        "quality": tally(
            "share of mitochondrial reads", "with fewer mitochondrial reads", "with more mitochondrial reads",
            _quality(screen, effects, split, mean, at),
            "no obs column has it, and counts of mitochondrial genes (MT-) are not there",
        ),
    }  # fmt: skip


def _sorted(place: Array, name: NDArray[np.str_], group: Codes) -> bool:
    """Whether rows stand in the order of names, or its opposite, in every group."""
    order = np.lexsort((place, group))
    same = group[order][1:] == group[order][:-1]
    step = name[order][1:] >= name[order][:-1]
    back = name[order][1:] <= name[order][:-1]
    return bool(step[same].all() or back[same].all())


def _column(screen: Screen, pattern: re.Pattern[str], at: Codes) -> Array | None:
    """(rows,) numbers of the first obs column of such a name."""
    for name in screen.adata.obs.columns:
        if pattern.fullmatch(str(name).lower()) and screen.adata.obs[name].dtype.kind in "iuf":
            return np.asarray(screen.adata.obs[name], dtype=np.float64)[at]
    return None


def _depth(screen: Screen, effects: Effects, split: Split, mean: Callable[[Array], Array], at: Codes) -> Array | None:
    moments, test, shards = effects.moments, split.test, list(split.scored_shards)
    if screen.design.readout is Readout.COUNTS and moments.sizes.shape[-1] == 1:
        rows = np.maximum(moments.rows[test][:, shards].sum(axis=1), 1)
        return np.asarray(moments.sizes[test][:, shards, 0].sum(axis=1) / rows)
    found = _column(screen, DEPTH_COLUMN, at)
    return None if found is None else mean(found)


def _quality(screen: Screen, effects: Effects, split: Split, mean: Callable[[Array], Array], at: Codes) -> Array | None:
    found = _column(screen, QUALITY_COLUMN, at)
    if found is not None:
        return mean(found)
    moments, test, shards = effects.moments, split.test, list(split.scored_shards)
    genes = np.flatnonzero([MITOCHONDRIAL.match(g) is not None for g in effects.genes.tolist()])
    if screen.design.readout is not Readout.COUNTS or moments.sizes.shape[-1] != 1 or not len(genes):
        return None
    total = moments.sizes[test][:, shards, 0].sum(axis=1)
    own = np.asarray(sum(moments.sums[test, s][:, genes].sum(axis=1) for s in shards))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(own / total)
