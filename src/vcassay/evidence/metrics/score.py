"""Score: every metric on every answer, by stratum and context, with paired intervals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.agreement import Ratio
from vcassay.arrays.resample import Estimate, Weights, aggregate, draw_weights, interval
from vcassay.core import Interval, Score, ScoreStatus, Threshold
from vcassay.core.registry import Entry, call
from vcassay.evidence.metrics.metric import METRICS, MetricFunction, Values
from vcassay.evidence.metrics.panel import Panel
from vcassay.prediction import Answer

Array = NDArray[np.float64]

MAX_UNDEFINED_DRAWS = Threshold(
    "max_undefined_draws", 0.025, "a denominator not above 0 in more draws than the tail of a 95 % interval is noise"
)

DRAWS = 2000
"""Bootstrap draws; the same for every answer, so that differences are paired."""


@dataclass(frozen=True, slots=True, eq=False)
class Filled:
    """One metric on one answer, with what is undefined settled (methods 8).

    Attributes
    ----------
    values, denominator
        (t,) values (or numerators and denominators); NaN only where the truth is undefined.
    defined
        (t,) whether the truth defines the metric.
    at_chance
        (t,) whether the chance level stands in for an undefined prediction.
    impossible
        Why the metric cannot be aggregated for this answer; empty otherwise.
    """

    values: Array
    denominator: Array | None
    defined: NDArray[np.bool_]
    at_chance: NDArray[np.bool_]
    impossible: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """All scores of an assessment.

    Attributes
    ----------
    panel
        What was scored against.
    filled
        (answer, metric) to per-condition values.
    weights
        (metric, stratum) to the resampling weights that all answers share.
    draws
        (answer, metric, stratum) to value, bootstrap draws and values by context.
    aggregates
        One `Score` a metric, answer, stratum and context.
    predicted
        Answer to its (t, g) predicted effects.
    """

    panel: Panel
    filled: dict[tuple[str, str], Filled] = field(default_factory=dict)
    weights: dict[tuple[str, str], tuple[NDArray[np.int64], Weights]] = field(default_factory=dict)
    draws: dict[tuple[str, str, str], tuple[float, Array, Array]] = field(default_factory=dict)
    aggregates: list[Score] = field(default_factory=list)
    predicted: dict[str, Array] = field(default_factory=dict)

    def estimate(self, answer: str, metric: str, stratum: str) -> Estimate:
        """Aggregate over contexts with its interval; NaN where it is undefined."""
        if (answer, metric, stratum) not in self.draws:
            return Estimate(np.nan, np.nan, np.nan, np.nan)
        value, draws, by_context = self.draws[answer, metric, stratum]
        return interval(value, draws, by_context, self.weights[metric, stratum][1].method)


def evaluate(entry: Entry[MetricFunction], panel: Panel, pred: Array) -> Values:
    """Call a metric on a panel."""
    values: Values = call(entry, {**panel.inputs, "pred": pred})
    return values


def fill(entry: Entry[MetricFunction], panel: Panel, pred: Array) -> Filled:
    """Evaluate a metric and settle what is undefined: left out by the truth, at chance by the prediction."""
    present: NDArray[np.bool_] = np.asarray(np.isfinite(np.where(panel.inputs["mask"], pred, 0.0)).all(axis=1))
    usable = np.where(present[:, None] & np.isfinite(pred), pred, 0.0)
    perfect = evaluate(entry, panel, np.asarray(panel.inputs["truth"]))
    answer = evaluate(entry, panel, usable)
    chance = entry.meta["chance"]
    if isinstance(answer, Ratio) and isinstance(perfect, Ratio):
        defined = np.isfinite(perfect.numerator) & np.isfinite(perfect.denominator)
        missing = defined & ~present
        values = answer.numerator.copy()
        if chance is not None:
            values[missing] = chance * answer.denominator[missing]
        why = "prediction missing for some conditions" if chance is None and missing.any() else ""
        return Filled(values, answer.denominator, defined, missing, why)
    if isinstance(answer, Ratio) or isinstance(perfect, Ratio):
        raise TypeError(f"metric '{entry.name}' returns values once and ratios once")
    defined = np.isfinite(perfect)
    missing = defined & (~present | ~np.isfinite(answer))
    values = answer.copy()
    why = ""
    if chance is not None:
        values[missing] = chance
    elif missing.any():
        why = "prediction undefined for some conditions, and the metric has no chance level"
    return Filled(values, None, defined, missing, why)


def score_answers(panel: Panel, answers: Mapping[str, Answer], seed: int, draws: int = DRAWS) -> Scores:
    """Score every answer in every metric and stratum.

    Parameters
    ----------
    panel
        The test conditions.
    answers
        Models, baselines and probes.
    seed
        Seeds the resampling; each metric and stratum draws once, for all answers alike.
    """
    scores = Scores(panel, predicted={name: answer.values for name, answer in answers.items()})
    for entry in METRICS:
        for name, answer in answers.items():
            scores.filled[name, entry.name] = fill(entry, panel, answer.values)
        defined = next(iter(scores.filled[name, entry.name].defined for name in answers), np.zeros(0, dtype=bool))
        for stratum, members in panel.strata.items():
            at = np.flatnonzero(members & defined)
            if len(at):
                rng = np.random.default_rng([seed, len(at), *stratum.encode()])
                scores.weights[entry.name, stratum] = (
                    at,
                    draw_weights(panel.context[at], panel.family[at], draws, rng),
                )
            for name in answers:
                _aggregate(scores, entry, name, stratum, members)
    return scores


def _aggregate(
    scores: Scores, entry: Entry[MetricFunction], name: str, stratum: str, members: NDArray[np.bool_]
) -> None:
    filled = scores.filled[name, entry.name]
    n_lost = int((members & ~filled.defined).sum())
    if (entry.name, stratum) not in scores.weights:
        reason = "not defined by the truth for any condition"
        scores.aggregates.append(_undefined(entry.name, name, stratum, n_lost, reason))
        return
    at, weights = scores.weights[entry.name, stratum]
    chance = int(filled.at_chance[at].sum())
    reason = filled.impossible
    if not reason:
        denominator = None if filled.denominator is None else filled.denominator[at]
        value, draws, by_context = aggregate(filled.values[at], weights, denominator)
        if np.isfinite(value) and np.isnan(draws).mean() > MAX_UNDEFINED_DRAWS.value:
            value = np.nan  # the denominator, the true effect, is not above noise
        value, draws, by_context = _transform(entry.meta["transform"], value, draws, by_context)
        if not np.isfinite(value):
            reason = "the true effects it is divided by are not above noise, or the prediction is zero"
    if reason:
        scores.aggregates.append(_undefined(entry.name, name, stratum, n_lost, reason, len(at), chance))
        return
    scores.draws[name, entry.name, stratum] = (value, draws, by_context)
    e = interval(value, draws, by_context, weights.method)
    span = Interval(e.low, e.high, weights.method) if np.isfinite(e.low) else None
    scores.aggregates.append(
        Score(entry.name, name, stratum, None, value, ScoreStatus.OK, len(at), n_lost, chance, "", span)
    )


def _undefined(metric: str, name: str, stratum: str, n_lost: int, reason: str, n: int = 0, chance: int = 0) -> Score:
    return Score(metric, name, stratum, None, None, ScoreStatus.UNDEFINED, n, n_lost, chance, reason)


def _transform(kind: str, value: float, draws: Array, by_context: Array) -> tuple[float, Array, Array]:
    if kind != "log2_root":
        return value, draws, by_context
    if not value > 0:
        return np.nan, draws, by_context
    with np.errstate(divide="ignore", invalid="ignore"):
        log_draws = 0.5 * np.log2(np.where(draws > 0, draws, np.nan))
    here = 0.5 * float(np.log2(value))
    return here, log_draws, here + (by_context - value) / (2.0 * np.log(2.0) * value)
