"""Better than perfect: a score above its ceiling means that the model has seen these cells (DECISIONS 9)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from vcassay.core import Finding, Status, Threshold
from vcassay.evidence.metrics.ceilings import PERFECT, Ceiling
from vcassay.evidence.metrics.compare import primary_metrics
from vcassay.evidence.metrics.metric import METRICS
from vcassay.evidence.metrics.score import Scores

PERFECT_LEVEL = Threshold(
    "better_than_perfect_level", 0.001, "one-sided bootstrap level: an accusation needs more than 5 %"
)

TITLE = "Better than a perfect model"
REMEDY = "train without these cells, or have the model predict a set that is not public"


def better_than_perfect(scores: Scores, ceilings: Mapping[tuple[str, str], Ceiling], model: str) -> Finding:
    """Compare a model with the perfect-model ceilings of all primary metrics.

    A perfect model has expectation at the ceiling; only knowledge of the sampling noise of the
    scored cells carries a score beyond it.
    """
    stratum = scores.panel.decision
    rows = []
    for metric in primary_metrics():
        c = ceilings[metric, stratum]
        if c.kind != PERFECT or c.reason or (model, metric, stratum) not in scores.draws:
            continue
        value, draws, _ = scores.draws[model, metric, stratum]
        sign = 1.0 if METRICS[metric].meta["higher_is_better"] else -1.0
        beyond = sign * (draws - c.draws)
        low = float(np.quantile(beyond[np.isfinite(beyond)], PERFECT_LEVEL.value))
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
    evidence = tuple({"metric": m, "score": v, "ceiling": c, "excess": x, "lower bound": lo} for m, v, c, x, lo in rows)
    if low > 0:
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
