"""Scaled: every metric between the best legal baseline and a replicate, and the share of what is attainable."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.resample import NONE, Estimate, Weights, interval
from vcassay.evidence.metrics.ceilings.ceiling import PERFECT, Ceiling
from vcassay.evidence.metrics.ceilings.replicate import Replicates
from vcassay.evidence.metrics.inference.compare import MIN_SPAN_SE
from vcassay.evidence.metrics.inference.orient import orient
from vcassay.evidence.metrics.metric import METRICS
from vcassay.evidence.metrics.score import Scores
from vcassay.record.attained import ScaledRecord

Array = NDArray[np.float64]
Drawn = tuple[float, Array, Array]

NOTHING = Estimate(np.nan, np.nan, np.nan, np.nan)


class _Found(NamedTuple):
    share: Estimate
    refused: str


def scaled(
    scores: Scores, models: Mapping[str, Sequence[str]], ceilings: Mapping[tuple[str, str], Ceiling]
) -> list[ScaledRecord]:
    """Scale every metric, in the stratum that decides.

    The calibrated score (u - b) / (r - b) has the best legal baseline b and a replicate r, both named: refused where
    the interval of r - b reaches 0. The share of attainable gain (u - b) / (c - b) has the ceiling c of a perfect
    model: refused where c - b is within `MIN_SPAN_SE` standard errors. Neither is clipped, and both are ratios of
    means. Of metrics whose optimum lies inside the range, distances to it are scaled. Scaled scores of
    different panels are not comparable: b and r are theirs.

    Parameters
    ----------
    models
        Model to the legal baselines that it is compared with.
    """
    stratum = scores.panel.decision
    replicates = Replicates(scores, ceilings)
    rows = []
    for entry in METRICS:
        metric = entry.name
        known = [m for m in models if (m, metric, stratum) in scores.draws]
        if not known or entry.meta["level"] != "condition":
            continue
        weights = scores.weights[metric, stratum][1]
        r, c = replicates.of(metric, stratum), ceilings[metric, stratum]
        for model in known:
            turned = {
                b: orient(metric, *scores.draws[b, metric, stratum])
                for b in models[model]
                if (b, metric, stratum) in scores.draws
            }
            best = max(turned, key=lambda b: turned[b][0], default="")
            mine = orient(metric, *scores.draws[model, metric, stratum])
            s = attainable = _Found(NOTHING, "no legal baseline has a score in this metric")
            if best:
                top = None if r is None else orient(metric, r.value, r.draws, r.by_context)
                s = _calibrated(mine, turned[best], top, weights)
                attainable = _attainable(metric, mine, turned[best], c, weights)
            rows.append(
                ScaledRecord(
                    model=model,
                    metric=metric,
                    stratum=stratum,
                    score=scores.draws[model, metric, stratum][0],
                    baseline=best,
                    baseline_score=scores.draws[best, metric, stratum][0] if best else None,
                    replicate=None if r is None else r.value,
                    replicate_kind="" if r is None else r.kind,
                    scaled=s.share.value,
                    low=s.share.low,
                    high=s.share.high,
                    refused=s.refused,
                    ceiling=c.value if c.kind == PERFECT else None,
                    attainable=attainable.share.value,
                    attainable_low=attainable.share.low,
                    attainable_high=attainable.share.high,
                    attainable_refused=attainable.refused,
                )
            )
    return rows


def _calibrated(mine: Drawn, base: Drawn, top: Drawn | None, weights: Weights) -> _Found:
    if top is None:
        return _Found(NOTHING, "what a replicate scores is not measurable")
    span = _interval(_minus(top, base), weights)
    if weights.method == NONE or not np.isfinite(span.low):
        return _Found(NOTHING, "there is no interval of the span from baseline to replicate")
    if not span.low > 0:
        return _Found(NOTHING, f"the interval of the span from baseline to replicate, {span.value:.3g}, reaches 0")
    return _Found(_share(mine, base, top, weights), "")


def _attainable(metric: str, mine: Drawn, base: Drawn, c: Ceiling, weights: Weights) -> _Found:
    if c.kind != PERFECT or c.reason:
        return _Found(NOTHING, c.reason or "there is no ceiling of a perfect model")
    top = orient(metric, c.value, c.draws, c.by_context)
    span = _interval(_minus(top, base), weights)
    if weights.method == NONE or not span.value > MIN_SPAN_SE.value * span.se:
        why = f"the span from baseline to ceiling, {span.value:.3g}, is within {MIN_SPAN_SE.value:g} standard errors"
        return _Found(NOTHING, why)
    return _Found(_share(mine, base, top, weights), "")


def _minus(a: Drawn, b: Drawn) -> Drawn:
    return a[0] - b[0], a[1] - b[1], a[2] - b[2]


def _interval(d: Drawn, weights: Weights) -> Estimate:
    return interval(*d, weights.method, families=weights.families)


def _share(mine: Drawn, base: Drawn, top: Drawn, weights: Weights) -> Estimate:
    gain, span = _minus(mine, base), _minus(top, base)
    value = gain[0] / span[0]
    with np.errstate(divide="ignore", invalid="ignore"):
        draws = np.where(span[1] > 0, gain[1] / span[1], np.nan)
    return _interval((value, draws, value + (gain[2] - gain[0] - value * (span[2] - span[0])) / span[0]), weights)
