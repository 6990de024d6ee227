"""Score: every metric on every answer, by stratum and context, with paired intervals."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.ceiling import spearman_brown
from vcassay.arrays.resample import Estimate, Weights, aggregate_many, draw_weights, interval, intervals
from vcassay.core import Interval, Score, ScoreStatus, Threshold
from vcassay.core.registry import Entry
from vcassay.evidence.metrics.filled import Filled, evaluate, settle, usable
from vcassay.evidence.metrics.inputs import Inputs
from vcassay.evidence.metrics.metric import METRICS, MetricFunction, within
from vcassay.evidence.metrics.panel import Panel
from vcassay.prediction import Answer

Array = NDArray[np.float64]

MAX_UNDEFINED_DRAWS = Threshold(
    "max_undefined_draws", 0.025, "a denominator not above 0 in more draws than the tail of a 95 % interval is noise"
)

WEIGHTED = "weighted"
"""Name of the mean over all conditions weighted by their reliability, among the strata of aggregates."""

OF_TRUE_SIZE = ("error", "magnitude", "interaction")
"""Families whose ratios are divided by the size of the true effects."""

DRAWS = 2000
"""Bootstrap draws; the same for every answer, so that differences are paired."""


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
        weights = self.weights[metric, stratum][1]
        return interval(value, draws, by_context, weights.method, families=weights.families)


def score_answers(
    panel: Panel,
    answers: Mapping[str, Answer],
    seed: int,
    draws: int = DRAWS,
    metrics: Iterable[str] | None = None,
    progress: Callable[[str], None] | None = None,
) -> Scores:
    """Score every answer in every metric and stratum.

    Parameters
    ----------
    panel
        The test conditions.
    answers
        Models, baselines and probes.
    seed
        Seeds the resampling; every set of conditions is drawn from once, for all answers and metrics alike.
    metrics
        Names; all that the readout allows if ``None``.
    progress
        Called with the name of the answer under way.
    """
    scores = Scores(panel, predicted={name: answer.values for name, answer in answers.items()})
    entries = [e for e in METRICS if applies(e, panel) and (metrics is None or e.name in set(metrics))]
    truth = np.asarray(panel.inputs["truth"])
    copy = Inputs(panel, truth, cells=panel.perfect_cells)
    perfect = {entry.name: evaluate(entry, panel, truth, copy) for entry in entries}
    del copy
    for name, answer in answers.items():
        if progress is not None:
            progress(name)
        pred, present = usable(panel, answer.values)
        given = Inputs(panel, pred, answer.noise, answer.cells, present)
        for entry in entries:
            scores.filled[name, entry.name] = settle(entry, perfect[entry.name], given, present)
    aggregate_filled(scores, entries, list(answers), seed, draws)
    return scores


def aggregate_filled(
    scores: Scores, entries: Iterable[Entry[MetricFunction]], answers: Sequence[str], seed: int, draws: int
) -> None:
    """Aggregate the per-condition values that `scores` holds, by stratum, over draws that all answers share.

    Parameters
    ----------
    scores
        With ``filled`` for every answer and metric; weights, draws and aggregates are added.
    """
    panel = scores.panel
    drawn: dict[bytes, Weights] = {}
    worth = importance(panel)
    strata = {**panel.strata, **({WEIGHTED: worth > 0} if (worth > 0).any() else {})}
    for entry in entries:
        defined = np.any([scores.filled[name, entry.name].defined for name in answers], axis=0)
        for stratum, members in strata.items():
            at = np.flatnonzero(members & defined)
            if len(at):
                key = at.tobytes()
                if key not in drawn:
                    rng = np.random.default_rng([seed, len(at), *np.frombuffer(digest(key), dtype=np.uint32)])
                    drawn[key] = draw_weights(panel.context[at], panel.family[at], draws, rng)
                scores.weights[entry.name, stratum] = (at, drawn[key])
            _aggregate(scores, entry, answers, stratum, members, worth if stratum == WEIGHTED else None)


def add_scores(scores: Scores, more: Scores) -> None:
    """Add the scores of further answers, in some of the metrics, on the same panel and seed.

    A metric and stratum where the two sets of answers are defined for different conditions cannot be compared in
    pairs; there the added draws are left out and the aggregates stay.
    """
    scores.predicted.update(more.predicted)
    scores.filled.update(more.filled)
    scores.aggregates.extend(more.aggregates)
    for key, drawn in more.draws.items():
        own, theirs = scores.weights.get(key[1:]), more.weights[key[1:]]
        if own is not None and np.array_equal(own[0], theirs[0]):
            scores.draws[key] = drawn


def importance(panel: Panel) -> Array:
    """(t,) reliability at full depth, from the truth alone: what a condition weighs in the weighted mean.

    0 where split halves agree no better than chance, or there are none.
    """
    half = np.clip(np.nan_to_num(panel.reliability), 0.0, 1.0)
    return spearman_brown(half)


def digest(key: bytes) -> bytes:
    """16 bytes that tell a set of conditions, for its seed."""
    return hashlib.blake2b(key, digest_size=16).digest()


def applies(entry: Entry[MetricFunction], panel: Panel) -> bool:
    """Whether a metric is for a readout of as many features."""
    return entry.meta["readout"] in ("any", "scalar" if panel.scalar else "vector")


def _aggregate(
    scores: Scores,
    entry: Entry[MetricFunction],
    names: Iterable[str],
    stratum: str,
    members: NDArray[np.bool_],
    worth: Array | None,
) -> None:
    """Aggregate a metric and stratum for all answers, whose draws are made together."""
    known: list[str] = []
    for name in names:
        filled = scores.filled[name, entry.name]
        if (entry.name, stratum) not in scores.weights:
            n_lost = int(np.count_nonzero(members & ~filled.defined))
            reason = filled.impossible or "not defined by the truth for any condition"
            scores.aggregates.append(_undefined(entry.name, name, stratum, n_lost, reason))
        else:
            known.append(name)
    if not known:
        return
    at, weights = scores.weights[entry.name, stratum]
    able = [name for name in known if not scores.filled[name, entry.name].impossible]
    made = dict(
        zip(able, _together([scores.filled[name, entry.name] for name in able], at, weights, worth), strict=True)
    )
    found: dict[str, tuple[float, Array, Array]] = {}
    for name in able:
        value, draws, by_context = made[name]
        if np.isfinite(value) and np.isnan(draws).mean() > MAX_UNDEFINED_DRAWS.value:
            value = np.nan  # the denominator, the true effect, is not above noise
        ratio = scores.filled[name, entry.name].denominator is not None
        if stratum == "null" and ratio and entry.meta["family"] in OF_TRUE_SIZE:
            value = np.nan  # nor is it in any of these conditions
        here = transformed(entry.meta["transform"], value, draws, by_context)
        if np.isfinite(here[0]):
            found[name] = here
    estimates = dict(
        zip(found, intervals(list(found.values()), weights.method, families=weights.families), strict=True)
    )
    for name in known:
        filled = scores.filled[name, entry.name]
        n_lost = int(np.count_nonzero(members & ~filled.defined))
        chance = int(np.count_nonzero(filled.at_chance[at]))
        if name not in found:
            reason = (
                filled.impossible or "the true effects it is divided by are not above noise, or the prediction is zero"
            )
            scores.aggregates.append(_undefined(entry.name, name, stratum, n_lost, reason, len(at), chance))
            continue
        scores.draws[name, entry.name, stratum] = found[name]
        e = estimates[name]
        some = np.isfinite(e.low) and entry.meta["level"] == "condition"
        span = Interval(*within(entry.meta, e.value, e.low, e.high), weights.method) if some else None
        scores.aggregates.append(
            Score(entry.name, name, stratum, None, e.value, ScoreStatus.OK, len(at), n_lost, chance, "", span)
        )


def _together(
    filled: Sequence[Filled], at: NDArray[np.int64], weights: Weights, worth: Array | None
) -> list[tuple[float, Array, Array]]:
    """Aggregate several answers with one pass over the draws."""
    if not filled:
        return []
    values = np.stack([f.values[at] for f in filled], axis=1)
    below = [None if f.denominator is None else f.denominator[at] for f in filled]
    if worth is not None:
        own = worth[at]
        values = values * own[:, None]
        below = [own if d is None else d * own for d in below]
    return aggregate_many(values, weights, below)


def _undefined(metric: str, name: str, stratum: str, n_lost: int, reason: str, n: int = 0, chance: int = 0) -> Score:
    return Score(metric, name, stratum, None, None, ScoreStatus.UNDEFINED, n, n_lost, chance, reason)


def transformed(kind: str, value: float, draws: Array, by_context: Array) -> tuple[float, Array, Array]:
    """Bring an aggregate, its draws and its values by context to the scale on which a metric is shown."""
    if kind != "log2_root":
        return value, draws, by_context
    if not value > 0:
        return np.nan, draws, by_context
    with np.errstate(divide="ignore", invalid="ignore"):
        log_draws = 0.5 * np.log2(np.where(draws > 0, draws, np.nan))
    here = 0.5 * float(np.log2(value))
    return here, log_draws, here + (by_context - value) / (2.0 * np.log(2.0) * value)
