"""Ceilings: the best that can be reached in a metric and stratum, and what it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.agreement import Ratio
from vcassay.arrays.ceiling import spearman_brown
from vcassay.arrays.resample import Estimate, Weights, aggregate, interval, take_weights
from vcassay.evidence.metrics.ceilings.agreement import OF_HALVES, Agreement, Depthwise, has_closed_form, panel_at
from vcassay.evidence.metrics.ceilings.depthwise import by_depth, continued
from vcassay.evidence.metrics.ceilings.scalar import half_against_half, perfect_model
from vcassay.evidence.metrics.filled import evaluate
from vcassay.evidence.metrics.metric import METRICS, Values
from vcassay.evidence.metrics.panel import Panel
from vcassay.evidence.metrics.score import Scores, applies

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

PERFECT = "perfect model"
REPLICATE = "replicate at half depth"
FULL = "replicate at full depth (extrapolated)"

KNOWN_BEST = (
    "nmse",
    "nmse_uncorrected",
    "nmse_perturbed",
    "nmse_interaction",
    "pathway_nmse",
    "magnitude_log2",
    "null_effect",
    "null_calls",
    "effective_rank_log2",
    "basis_explained",
)
"""Metrics that are corrected for noise, as those of cells: a perfect model reaches their optimum."""
BY_SIZE = ("all", "detectable", "null", "weak", "medium", "strong")
"""Strata that are not chosen by the agreement of halves."""
NO_REPLICATE = "it is scored on both halves of the rows already, so no replicate of its own is left"


@dataclass(frozen=True, slots=True, eq=False)
class Ceiling:
    """The best in one metric and stratum.

    Attributes
    ----------
    value, low, high
        NaN where it is not measurable.
    kind
        `PERFECT` (a noise-free model against the observed truth), `FULL` (an independent measurement of
        the same depth, from the agreement of lesser ones) or `REPLICATE` (an independent measurement of
        half the depth against the other half).
    draws
        (b,) on the same resampling weights as the scores.
    reason
        Why there is none; empty otherwise.
    by_context
        (k,) its value by context, for the interval on few contexts.
    context
        Code of the one context that it is of; ``None`` for all.
    note
        Why it is not of full depth; empty otherwise.
    """

    metric: str
    stratum: str
    kind: str
    value: float
    low: float
    high: float
    draws: Array
    reason: str = ""
    by_context: Array = field(default_factory=lambda: np.empty(0))
    context: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class _Halves:
    """Half against half, worked out once a metric.

    Attributes
    ----------
    measured
        (t,) whether both halves are measured on all scored genes.
    factor
        What the halves' correlations are multiplied by, where halves that share no batch agree less.
    """

    panel: Panel
    agreement: Agreement | None
    measured: Mask
    factor: float
    found: dict[str, Values] = field(default_factory=dict)
    parts: dict[tuple[int, bytes], Weights] = field(default_factory=dict)

    def part(self, weights: Weights, keep: Mask, family: NDArray[np.int64]) -> Weights:
        """Weights of some of the conditions, made once for all metrics."""
        if keep.all():
            return weights
        key = (id(weights), keep.tobytes())
        if key not in self.parts:
            self.parts[key] = take_weights(weights, keep, family)
        return self.parts[key]

    def of(self, metric: str) -> Values:
        """(t,) score (or ratio) of one half of the rows, as a prediction, against the other half as the truth."""
        if metric not in self.found:
            if metric == "pearson_delta":
                value: Values = self.panel.reliability
            else:
                there = panel_at(self.panel, self.panel.half_b, 0.5)
                value = evaluate(METRICS[metric], there, self.panel.half_a)
            if has_closed_form(METRICS[metric]) and not isinstance(value, Ratio):
                value = value * self.factor
            self.found[metric] = value
        return self.found[metric]


def find_ceilings(
    scores: Scores, agreement: Agreement | None = None, *, factor: float = 1.0
) -> dict[tuple[str, str], Ceiling]:
    """Find the ceiling of every metric and stratum.

    Correlations: average split-half correlation with negatives kept, brought to full depth by
    Spearman-Brown, then the root (methods 4), in each effect-size stratum; ``all`` and
    ``detectable`` have the mean over their strata, since the root of a mean over weak and strong
    effects lies far above the mean of the roots; conditions without a detectable effect count 0.
    Noise-corrected errors and magnitudes: their optimum. All others, and correlations over genes that the
    truth chose: the agreement of replicates of an eighth to a half of the depth, continued to full
    depth; where that cannot be had, one half scored against the other. There is none without detectable
    effects, or where the lower end of the interval of the halves' agreement, or of the true effects'
    size, is not above 0.

    Parameters
    ----------
    agreement
        Of replicates at less than full depth.
    factor
        Reliability across batches over that within, where it is clearly lower: multiplies the halves' correlations.
    """
    panel = scores.panel
    halves = _Halves(panel, agreement, _halved(panel), factor)
    out = {}
    for entry in METRICS:
        if not applies(entry, panel):
            continue
        for stratum in panel.strata:
            given = scores.weights.get((entry.name, stratum))
            out[entry.name, stratum] = _find(halves, entry.name, stratum, given)
    return out


def context_ceilings(scores: Scores, agreement: Agreement | None = None, *, factor: float = 1.0) -> list[Ceiling]:
    """Ceilings of every metric in each context, among the conditions that decide.

    Intervals resample perturbation families within the context.
    """
    panel, stratum = scores.panel, scores.panel.decision
    contexts = np.unique(panel.context).tolist()
    if len(contexts) < 2:
        return []
    halves = _Halves(panel, agreement, _halved(panel), factor)
    out = []
    for entry in METRICS:
        if (entry.name, stratum) not in scores.weights:
            continue
        at, weights = scores.weights[entry.name, stratum]
        for c in contexts:
            here = panel.context[at] == c
            if here.any():
                part = halves.part(weights, here, panel.family[at])
                out.append(replace(_find(halves, entry.name, stratum, (at[here], part)), context=int(c)))
    return out


def _find(halves: _Halves, metric: str, stratum: str, given: tuple[NDArray[np.int64], Weights] | None) -> Ceiling:
    panel = halves.panel
    if given is None:
        some = bool(halves.measured.any())
        why = "the metric is not defined by the truth here" if some else "no condition has split halves"
        return _none(metric, stratum, PERFECT, why)
    at, weights = given
    measured = halves.measured[at]
    if not measured.all() or not len(at):
        return _none(metric, stratum, PERFECT, f"split halves exist for {int(measured.sum())} of {len(at)} conditions")
    family = METRICS[metric].meta["family"]
    if panel.scalar:
        kind = REPLICATE if family == "ranking" else PERFECT
        made = half_against_half if family == "ranking" else perfect_model
        best_of = made(panel, metric, at, weights)
        if best_of.reason:
            return _none(metric, stratum, kind, best_of.reason)
        e = interval(*best_of[:3], weights.method, families=weights.families)
        return Ceiling(metric, stratum, kind, e.value, e.low, e.high, best_of.draws, by_context=best_of.by_context)
    if family == "raw":
        return _none(metric, stratum, PERFECT, "a raw metric: it does not measure the perturbation")
    if family != "null" and (panel.no_signal or stratum == "null"):
        why = panel.no_signal or "no effect of this stratum is above its pseudo-perturbations"
        return _none(metric, stratum, PERFECT, why)
    hidden = 0 if stratum in BY_SIZE else int((~panel.inputs["detectable"][at]).sum())
    if hidden and family == "correlation" and panel.decision == "detectable":
        why = f"{hidden} of {len(at)} conditions have no detectable effect, though halves chose them"
        return _none(metric, stratum, PERFECT, why)
    if metric in KNOWN_BEST or family == "distribution":
        energy = np.where(panel.inputs["mask"][at], panel.inputs["cross"][at], 0.0).sum(axis=1)
        e = interval(*aggregate(energy, weights), weights.method, families=weights.families)
        if family != "null" and not _above_0(e):
            return _none(metric, stratum, PERFECT, "no measurable signal: the true effects are not above noise")
        best = float(METRICS[metric].meta["optimum"])
        draws, by_context = np.full(len(weights.times), best), np.full(int(weights.context.max()) + 1, best)
        return Ceiling(metric, stratum, PERFECT, best, best, best, draws, by_context=by_context)
    if has_closed_form(METRICS[metric]) and not isinstance(halves.of(metric), Ratio):
        half = np.asarray(halves.of(metric))[at]
        null = panel.strata.get("null", np.zeros(len(panel.context), dtype=bool))[at]
        half = np.where(null | ~np.isfinite(half), 0.0, half)
        e = interval(*aggregate(half, weights), weights.method, families=weights.families)
        if not _above_0(e):
            span = f" [{e.low:.2f}, {e.high:.2f}]" if np.isfinite(e.low) else ""
            why = f"no measurable signal: split halves correlate at {e.value:.2f}{span}"
            return _none(metric, stratum, PERFECT, why)
        value, draws, by_context = by_strata(half, weights, parts_of(panel, at), root_ceiling)
        e = interval(value, draws, by_context, weights.method, families=weights.families)
        return Ceiling(metric, stratum, PERFECT, e.value, e.low, min(e.high, 1.0), draws, by_context=by_context)
    return _replicate(halves, metric, stratum, at, weights)


def _replicate(halves: _Halves, metric: str, stratum: str, at: NDArray[np.int64], weights: Weights) -> Ceiling:
    """What a replicate reaches: at full depth by the curve of lesser ones, else at half depth."""
    if OF_HALVES & set(METRICS[metric].arguments) or METRICS[metric].meta["family"] == "null":
        return _none(metric, stratum, REPLICATE, NO_REPLICATE)
    note = "replicates of less depth were not compared"
    if halves.agreement is not None:
        note = "replicates of less depth tell nothing of this metric"
        found = halves.agreement.metrics.get(metric)
        if found is not None:
            known, index = _known(found, at, len(halves.panel.context))
            if known.sum() >= max(2, 0.5 * (index >= 0).sum()):
                part = halves.part(weights, known, halves.panel.family[at])
                return _by_curve(metric, stratum, found, halves.agreement.depths, index[known], part, weights, known)
            note = "a part of the rows is undefined for most conditions"
    half = halves.of(metric)
    values, below = (half.numerator[at], half.denominator[at]) if isinstance(half, Ratio) else (half[at], None)
    if not np.isfinite(values).all() or not (below is None or np.isfinite(below).all()):
        return _none(metric, stratum, REPLICATE, "a half is undefined for some conditions")
    value, draws, by_context = aggregate(values, weights, below)
    if not np.isfinite(value):
        return _none(metric, stratum, REPLICATE, "what the halves are divided by is not above noise")
    e = interval(value, draws, by_context, weights.method, families=weights.families)
    return Ceiling(metric, stratum, REPLICATE, e.value, e.low, e.high, draws, by_context=by_context, note=note)


def _known(found: Depthwise, at: NDArray[np.int64], t: int) -> tuple[Mask, NDArray[np.int64]]:
    """(n,) which of the conditions ``at`` were measured at every depth, and (n,) their rows; -1 for none."""
    position = np.full(t, -1)
    position[found.at] = np.arange(len(found.at))
    index = position[at]
    known = index >= 0
    for values in (found.values, found.below):
        if values is not None:
            known[known] = np.isfinite(values[index[known]]).all(axis=1)
    return known, index


def _by_curve(
    metric: str,
    stratum: str,
    found: Depthwise,
    depths: Array,
    index: NDArray[np.int64],
    part: Weights,
    weights: Weights,
    known: Mask,
) -> Ceiling:
    """Continue the agreement of replicates to full depth, in each draw of the resampling weights.

    Parameters
    ----------
    index
        Rows of ``found`` that belong to the stratum.
    part, weights, known
        Weights of these, of the whole stratum, and which of its conditions these are.
    """
    rows, draws = by_depth(found, index, part), len(part.times)
    half, kind, note = rows[:, -1], REPLICATE, ""
    full = continued(metric, rows, depths, part)
    if isinstance(full, str):
        note = full
    else:
        half, kind = full, FULL
    value = float(half[0])
    contexts = np.full(int(weights.context.max()) + 1, value)
    contexts[np.unique(weights.context[known])] = np.where(np.isfinite(half[draws + 1 :]), half[draws + 1 :], value)
    contexts += value - contexts.mean()
    e = interval(value, half[1 : draws + 1], contexts, part.method, families=part.families)
    return Ceiling(metric, stratum, kind, e.value, e.low, e.high, half[1 : draws + 1], by_context=contexts, note=note)


def _halved(panel: Panel) -> Mask:
    """(t,) whether both halves are measured on all scored genes."""
    return np.asarray(np.isfinite(np.where(panel.inputs["mask"], panel.half_a + panel.half_b, 0.0)).all(axis=1))


def _above_0(e: Estimate) -> bool:
    return bool(e.value > 0 and not e.low <= 0)


def parts_of(panel: Panel, at: NDArray[np.int64]) -> list[Mask]:
    """Effect-size strata among the conditions ``at``, (n,) each; what is in none of them comes last."""
    parts = [panel.strata[name][at] for name in ("null", "weak", "medium", "strong") if name in panel.strata]
    rest = ~np.any(parts, axis=0) if parts else np.ones(len(at), dtype=bool)
    return [part for part in (*parts, rest) if part.any()]


def by_strata(
    half: Array, weights: Weights, parts: Sequence[Mask], transform: Callable[[Array], Array]
) -> tuple[float, Array, Array]:
    """Mean over strata of a function of each stratum's mean split-half correlation.

    Parameters
    ----------
    half
        (n,) split-half correlations, no NaN.
    parts
        From `parts_of`.
    transform
        Of mean correlations, such as `root_ceiling`.

    Returns
    -------
    value, (b,) draws and (k,) values by context, as of `vcassay.arrays.resample.aggregate`.
    """

    def mean(w: Array) -> Array:
        total = np.zeros(len(w))
        for part in parts:
            share = w[:, part].sum(axis=1)
            with np.errstate(divide="ignore", invalid="ignore"):
                r = np.where(share > 0, w[:, part] @ half[part] / share, 0.0)
            total += share * transform(r)
        return total

    of_context = np.arange(int(weights.context.max()) + 1)[:, None] == weights.context
    here = of_context / of_context.sum(axis=1, keepdims=True)
    return float(mean(weights.base[None])[0]), mean(weights.draws), mean(here)


def root_ceiling(r: Array) -> Array:
    """Ceiling of a perfect model from split-half correlations; 0 where they are not above 0."""
    return np.sqrt(np.clip(spearman_brown(np.clip(r, 0.0, 1.0)), 0.0, 1.0))


def _none(metric: str, stratum: str, kind: str, reason: str) -> Ceiling:
    nan = float("nan")
    return Ceiling(metric, stratum, kind, nan, nan, nan, np.empty(0), reason)
