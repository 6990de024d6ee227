"""Agreement: how well replicates of less than full depth agree in every metric that has no closed form."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.agreement import Ratio
from vcassay.arrays.calls import call_rows
from vcassay.core.registry import Entry
from vcassay.effects.depths import Depths, Level, depth_levels
from vcassay.effects.moments import Moments
from vcassay.evidence.metrics.filled import evaluate
from vcassay.evidence.metrics.inputs import OF_TRUTH, Inputs
from vcassay.evidence.metrics.metric import METRICS, OF_THE_ANSWER, MetricFunction, Values
from vcassay.evidence.metrics.panel import Panel
from vcassay.evidence.metrics.score import applies

Array = NDArray[np.float64]
Codes = NDArray[np.int64]

CONDITIONS = 300
"""Conditions on which replicates are compared, where a metric can be had from some of them."""
CALL_LEVEL = 0.05
"""False discovery rate within a condition at which the truth is called."""
LEAST = 2
"""Conditions of each context and effect-size stratum that are kept at least."""

WITHOUT = ("raw", "null", "distribution")
"""Families without a ceiling of a replicate."""
TOGETHER = ("retrieval", "interaction", "diversity", "utility")
"""Families whose value of one condition depends on which others there are."""
OF_HALVES = frozenset({"half_a", "half_b", "half_mean", "cross", "spectra", "bias", "cells"})
"""Arguments that a replicate of less depth cannot stand for: such metrics are corrected for noise already."""


@dataclass(frozen=True, slots=True, eq=False)
class Depthwise:
    """One metric between replicates at several depths.

    Attributes
    ----------
    at
        (m,) positions in the panel.
    values, below
        (m, d) values (or numerators and denominators) averaged over pairs of replicates.
    """

    at: Codes
    values: Array
    below: Array | None


@dataclass(frozen=True, slots=True, eq=False)
class Agreement:
    """Agreement of replicates.

    Attributes
    ----------
    depths
        (d,) shares of full depth, rising to a half.
    metrics
        Metric to its values; only those without a closed form.
    """

    depths: Array
    metrics: Mapping[str, Depthwise]


def measure_agreement(
    panel: Panel,
    moments: Moments,
    test: Codes,
    shards: tuple[int, ...],
    seed: int,
    progress: Callable[[str], None] | None = None,
) -> Agreement:
    """Compare replicates from disjoint shards of the test conditions, each with controls of its own.

    Parameters
    ----------
    panel
        The test conditions.
    moments
        Sums over shards of all conditions.
    test
        (t,) their positions among these.
    shards
        Shards that are scored.
    seed
        Draws the conditions, where there are more than `CONDITIONS`.
    """
    levels = depth_levels(shards)
    some: list[Entry[MetricFunction]] = []
    every: list[Entry[MetricFunction]] = []
    for entry in METRICS:
        if applies(entry, panel) and is_measured(entry, panel):
            (every if _together(entry) else some).append(entry)
    keep = choose(panel, seed)
    metrics = {}
    if keep.all():
        metrics = _compare(panel, moments, test, levels, [*some, *every], None, progress)
    else:
        at = np.flatnonzero(keep)
        part = _compare(panel.take(keep), moments, test[at], levels, some, None, progress)
        metrics = {name: Depthwise(at, found.values, found.below) for name, found in part.items()}
        metrics |= _compare(panel, moments, test, levels, every, 1, progress)
    return Agreement(np.array([level.depth for level in levels]), metrics)


def has_closed_form(entry: Entry[MetricFunction]) -> bool:
    """Whether Spearman and Brown's formula gives the ceiling: correlations over genes that the truth did not choose.

    Of genes chosen by their measured size the noise is chosen, too: the formula then misses a perfect model by .06.
    """
    chosen = "_top" in entry.name or {"called", "statistic", "threshold"} & set(entry.arguments)
    return (entry.meta["family"] == "correlation" or entry.name == "pathway_pearson") and not chosen


def is_measured(entry: Entry[MetricFunction], panel: Panel) -> bool:
    """Whether replicates of less depth tell something of a metric."""
    asked = set(entry.arguments)
    if entry.meta["family"] in WITHOUT or has_closed_form(entry) or entry.meta["transform"] or OF_HALVES & asked:
        return False
    known = all(panel.inputs.get(name) is not None for name in asked.difference(OF_THE_ANSWER, OF_TRUTH))
    truths = {"truth", "truth_ranks", "truth_specific", "statistic", "called", "fields", "pathway_calls"}
    return known and bool(asked & truths)


def _together(entry: Entry[MetricFunction]) -> bool:
    return entry.meta["family"] in TOGETHER or entry.meta["level"] == "panel"


def choose(panel: Panel, seed: int) -> NDArray[np.bool_]:
    """(t,) at most about `CONDITIONS` conditions, in proportion from every context and effect-size stratum."""
    t = len(panel.context)
    keep = np.ones(t, dtype=bool)
    if t <= CONDITIONS:
        return keep
    stratum = np.zeros(t, dtype=np.int64)
    for code, name in enumerate(("null", "weak", "medium", "strong"), start=1):
        stratum[panel.strata.get(name, np.zeros(t, dtype=bool))] = code
    cell = panel.context * 5 + stratum
    rng = np.random.default_rng([seed, t])
    order = rng.permutation(t)
    keep[:] = False
    for code in np.unique(cell).tolist():
        members = order[cell[order] == code]
        keep[members[: max(LEAST, round(len(members) * CONDITIONS / t))]] = True
    return keep


def _compare(
    panel: Panel,
    moments: Moments,
    test: Codes,
    levels: tuple[Level, ...],
    entries: list[Entry[MetricFunction]],
    limit: int | None,
    progress: Callable[[str], None] | None,
) -> dict[str, Depthwise]:
    if not entries:
        return {}
    depths, at = Depths(moments, test), np.arange(len(test))
    sums: dict[str, list[list[Any]]] = {entry.name: [] for entry in entries}
    for level in levels:
        if progress is not None:
            progress(f"replicates of {level.depth:g} of the depth")
        for entry in entries:
            sums[entry.name].append([])
        for a, b in depths.pairs(level, limit):
            bad = np.asarray(~np.isfinite(np.where(panel.inputs["mask"], a + b, 0.0)).all(axis=1), dtype=np.bool_)
            here, other = (np.where(np.isfinite(x) & ~bad[:, None], x, 0.0) for x in (a, b))
            there = panel_at(panel, other, level.depth)
            given = Inputs(there, here)
            for entry in entries:
                sums[entry.name][-1].append(_without(evaluate(entry, there, here, given), bad))
    out = {}
    for name, by_level in sums.items():
        ratio = isinstance(by_level[0][0], Ratio)
        if ratio:
            above, below = (
                np.stack([np.mean([v[part] for v in values], axis=0) for values in by_level], axis=1) for part in (0, 1)
            )
            out[name] = Depthwise(at, above, below)
        else:
            out[name] = Depthwise(at, np.stack([np.mean(values, axis=0) for values in by_level], axis=1), None)
    return out


def _without(values: Values, bad: NDArray[np.bool_]) -> Values:
    """NaN for conditions that some part has no rows or controls for."""
    if isinstance(values, Ratio):
        return Ratio(*(np.where(bad, np.nan, v) for v in values))
    return np.where(bad, np.nan, values)


def panel_at(panel: Panel, truth: Array, depth: float | Array) -> Panel:
    """The panel as a screen of less depth would show it.

    Standard errors grow as the root of the depth falls, which is one for all conditions or (t, 1). What follows from
    them is worked out anew.
    """
    inputs: dict[str, Any] = {**panel.inputs, "truth": truth}
    if panel.inputs.get("se") is not None:
        inputs["se"] = panel.se / np.sqrt(depth)
    if panel.inputs.get("statistic") is not None:  # calls of the whole screen would know the cells of either part
        inputs |= _calls_at(panel, truth, depth)
    return replace(panel, inputs=inputs)


def _calls_at(panel: Panel, truth: Array, depth: float | Array) -> dict[str, Array | NDArray[np.bool_]]:
    """Statistics, calls and thresholds of a screen of less depth: Benjamini-Hochberg anew, normal."""
    whole, statistic, mask = (panel.inputs[name] for name in ("truth", "statistic", "mask"))
    with np.errstate(divide="ignore", invalid="ignore"):
        error = np.abs(whole / statistic) / np.sqrt(depth)
        here = truth / error
    tested = mask & np.isfinite(here)
    found = call_rows(truth, error, np.broadcast_to(np.inf, truth.shape), tested, CALL_LEVEL)
    return {"statistic": np.where(tested, here, np.nan), "called": found.called, "threshold": found.threshold}
