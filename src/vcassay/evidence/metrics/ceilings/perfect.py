"""Better than perfect: a score above its ceiling means that the model has seen these cells (methods 9)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.agreement import pearson
from vcassay.arrays.resample import aggregate, widening
from vcassay.core import Finding, Status, Threshold
from vcassay.evidence.metrics.ceilings.ceiling import (
    PERFECT,
    Array,
    Ceiling,
    by_strata,
    find_ceilings,
    parts_of,
    root_ceiling,
)
from vcassay.evidence.metrics.ceilings.scalar import CORRECTED
from vcassay.evidence.metrics.inference.compare import primary_metrics
from vcassay.evidence.metrics.metric import METRICS
from vcassay.evidence.metrics.score import Scores, score_answers
from vcassay.prediction import Answer

PERFECT_LEVEL = Threshold(
    "better_than_perfect_level", 0.001, "one-sided bootstrap level: an accusation needs more than 5 %"
)

TITLE = "Better than a perfect model"
REMEDY = "train without these cells, or have the model predict a set that is not public"


def better_than_perfect(scores: Scores, ceilings: Mapping[tuple[str, str], Ceiling], model: str) -> Finding:
    """Compare a model with the perfect-model ceilings of all primary metrics.

    A perfect model has expectation at the ceiling; only knowledge of the sampling noise of the
    scored cells carries a score beyond it. The noise of controls that all conditions of a context
    share does not average out over them and would accuse perfect models (12 of 40 in one context
    with 40 reserved control cells), so the excess must also hold for effects centred within
    contexts, which are free of it. Judged on the conditions that the model answered: abstentions,
    which count at chance, must not hide a copy. Bounds are percentiles of the draws, widened where few families
    were resampled.
    """
    scores, ceilings = _answered(scores, ceilings, model)
    stratum = scores.panel.decision
    rows = []
    for metric in primary_metrics(scores.panel):
        c = ceilings[metric, stratum]
        if c.kind != PERFECT or c.reason or (model, metric, stratum) not in scores.draws:
            continue
        value, draws, _ = scores.draws[model, metric, stratum]
        sign = 1.0 if METRICS[metric].meta["higher_is_better"] else -1.0
        beyond = sign * (draws - c.draws)
        families = scores.weights[metric, stratum][1].families
        low = _lower(sign * (value - c.value), beyond, families)
        rows.append((metric, value, c.value, sign * (value - c.value), low))
    if not rows:
        return Finding(
            "better_than_perfect",
            TITLE,
            Status.NA,
            "Not measurable: no metric has a perfect-model ceiling here (it needs split halves).",
            model=model,
            family="leakage",
        )
    worst = max(rows, key=lambda r: r[4])
    metric, value, ceiling, excess, low = worst
    title = METRICS[metric].meta["title"]
    evidence = tuple(
        {"metric": m, "score": v, "ceiling": c, "excess": x, "lower bound": lo if np.isfinite(lo) else None}
        for m, v, c, x, lo in rows
    )
    if low > 0 and _beyond_when_centred(scores, model):
        sentence = (
            f"{title} is {value:.3f} where a perfect model reaches {ceiling:.3f}: the model reproduces the sampling "
            f"noise of the scored cells, so it has seen them."
        )
        return Finding(
            "better_than_perfect",
            TITLE,
            Status.FAIL,
            sentence,
            excess,
            0.0,
            0.0,
            model,
            evidence,
            remedy=REMEDY,
            blocks=True,
        )
    sentence = f"No score exceeds its ceiling ({title} {value:.3f}, a perfect model {ceiling:.3f})."
    return Finding("better_than_perfect", TITLE, Status.PASS, sentence, excess, 0.0, 0.0, model, evidence)


def _answered(
    scores: Scores, ceilings: Mapping[tuple[str, str], Ceiling], model: str
) -> tuple[Scores, Mapping[tuple[str, str], Ceiling]]:
    """Scores and ceilings on the conditions that a model answered."""
    panel, values = scores.panel, scores.predicted[model]
    have: NDArray[np.bool_] = np.asarray(np.isfinite(np.where(panel.inputs["mask"], values, 0.0)).all(axis=1))
    if have.all() or not have.any():
        return scores, ceilings
    judged = {*primary_metrics(panel), *((CORRECTED,) if panel.scalar else ())}
    answer = Answer(model, "submission", values[have], np.full(int(have.sum()), "ok"), np.ones(values.shape[1], bool))
    part = score_answers(panel.take(have), {model: answer}, seed=0, metrics=judged)
    return part, find_ceilings(part)


def _lower(value: float, beyond: Array, families: float) -> float:
    """Lower bound of an excess, widened where few families were resampled; minus infinity without draws."""
    drawn = beyond[np.isfinite(beyond)]
    if not len(drawn):
        return -np.inf
    low = float(np.quantile(drawn, PERFECT_LEVEL.value))
    return value + widening(families, 1.0 - 2.0 * PERFECT_LEVEL.value) * (low - value)


def _beyond_when_centred(scores: Scores, model: str) -> bool:
    """Whether error or correlation exceeds its ceiling for effects minus the mean over their context."""
    panel = scores.panel
    if panel.scalar:
        return _scalar_beyond_when_centred(scores, model)
    stratum = panel.decision
    at, weights = scores.weights["nmse", stratum]
    genes = panel.inputs["mask"][at].all(axis=0)
    matrices = (scores.predicted[model], panel.inputs["truth"], panel.half_a, panel.half_b)
    pred, truth, a, b = (_centred(m[at][:, genes], weights.context) for m in matrices)
    every = np.ones(int(genes.sum()), dtype=bool)
    half, score = (np.nan_to_num(pearson(x, y, every)) for x, y in ((a, b), (truth, pred)))
    ceiling, best, _ = by_strata(half, weights, parts_of(panel, at), root_ceiling)
    value, drawn, _ = aggregate(score, weights)
    error, errors, _ = aggregate(((pred - a) * (pred - b)).sum(axis=1), weights, (a * b).sum(axis=1))
    n = weights.families
    return _lower(value - ceiling, drawn - best, n) > 0 or _lower(-error, -errors, n) > 0


def _scalar_beyond_when_centred(scores: Scores, model: str) -> bool:
    """The error alone: the correlation that decides is within contexts already."""
    panel = scores.panel
    at, weights = scores.weights[CORRECTED, panel.decision]
    matrices = (scores.predicted[model], panel.inputs["bias"][:, None], panel.half_a, panel.half_b)
    pred, bias, a, b = (_centred(m[at], weights.context) for m in matrices)
    below = ((bias - a) * (bias - b)).sum(axis=1)
    error, errors, _ = aggregate(((pred - a) * (pred - b)).sum(axis=1), weights, below)
    return _lower(-error, -errors, weights.families) > 0


def _centred(effects: Array, context: NDArray[np.int64]) -> Array:
    out = effects.copy()
    for c in np.unique(context).tolist():
        out[context == c] -= effects[context == c].mean(axis=0)
    return out
