"""Degree: how scores go with the degree to which conditions are touched, such as a likeness to training."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.part import part_means
from vcassay.arrays.rank_correlation import within_group_spearman
from vcassay.core.affected import Affected
from vcassay.evidence.metrics.metric import METRICS
from vcassay.evidence.metrics.score import Scores, transformed
from vcassay.record.clean import BinRecord, TrendRecord

Array = NDArray[np.float64]

LIKENESS_BINS = (0.4, 0.6, 0.8)
"""Bounds of bins of likenesses, which lie between 0 and 1; other degrees are cut at their quartiles."""


def along(
    scores: Scores, metric: str, here: Affected, model: str, baseline: str | None, seed: int
) -> tuple[tuple[TrendRecord, ...], tuple[BinRecord, ...]]:
    """Correlate scores with the degree within contexts, and average them over ranges of it.

    Parameters
    ----------
    here
        Degrees of the scored conditions, in the order of the metric's weights.

    Returns
    -------
    Trends of the model's score, the baseline's and the lead (none for ratios of sums, where single conditions have no
    score), and the bins that hold any condition.
    """
    return _trends(scores, metric, here, model, baseline, seed), _bins(scores, metric, here, model, baseline)


def _trends(
    scores: Scores, metric: str, here: Affected, model: str, baseline: str | None, seed: int
) -> tuple[TrendRecord, ...]:
    at, weights = scores.weights[metric, scores.panel.decision]
    filled = {"score": scores.filled[model, metric]}
    if baseline is not None:
        filled["baseline"] = scores.filled[baseline, metric]
    if any(f.denominator is not None for f in filled.values()):
        return ()
    values = {of: _oriented(metric, f.values[at]) for of, f in filled.items()}
    if "baseline" in values:
        values["lead"] = values["score"] - values["baseline"]
    out = []
    for of, each in values.items():
        rng = np.random.default_rng([seed, len(at)])
        found = within_group_spearman(here.degree, each, weights.context, scores.panel.family[at], rng)
        out.append(TrendRecord(of=of, rho=found.rho, p_value=found.p_value, families=found.families))
    return tuple(out)


def _oriented(metric: str, values: Array) -> Array:
    """Per-condition values turned so that more is better."""
    meta = METRICS[metric].meta
    if meta["higher_is_better"]:
        return values
    return -np.abs(values - meta["optimum"]) if meta["centred"] else -values


def edges(degree: Array) -> tuple[float, ...]:
    """Inner bounds of the bins of degrees; NaN takes no part."""
    known = degree[np.isfinite(degree)]
    if not len(known):
        return ()
    if known.min() >= 0 and known.max() <= 1:
        return LIKENESS_BINS
    cuts = np.unique(np.quantile(known, [0.25, 0.5, 0.75]))
    return tuple(float(c) for c in cuts if c > known.min())


def _bins(scores: Scores, metric: str, here: Affected, model: str, baseline: str | None) -> tuple[BinRecord, ...]:
    at, weights = scores.weights[metric, scores.panel.decision]
    names = [model] if baseline is None else [model, baseline]
    filled = [scores.filled[name, metric] for name in names]
    values = np.stack([f.values[at] for f in filled], axis=1)
    below = [None if f.denominator is None else f.denominator[at] for f in filled]
    cuts = edges(here.degree)
    code = np.searchsorted(np.array(cuts), here.degree, side="right")
    out = []
    for i in range(len(cuts) + 1):
        keep = here.known & (code == i)
        if not keep.any():
            continue
        means = [_shown(metric, m) for m in part_means(values, below, weights, keep)]
        out.append(
            BinRecord(
                low=cuts[i - 1] if i else None,
                high=cuts[i] if i < len(cuts) else None,
                n=int(keep.sum()),
                score=means[0],
                baseline=means[1] if len(means) > 1 else None,
            )
        )
    return tuple(out)


def _shown(metric: str, value: float) -> float:
    none = np.empty(0)
    return transformed(METRICS[metric].meta["transform"], value, none, none)[0]
