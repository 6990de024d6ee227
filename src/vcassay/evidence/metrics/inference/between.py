"""Between: models against each other, paired, and which of them cannot be told apart."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from vcassay.arrays.cliques import maximal_cliques
from vcassay.arrays.multiple import holm
from vcassay.arrays.resample import NONE, Estimate
from vcassay.arrays.resolution import detectable_difference
from vcassay.core import Threshold
from vcassay.evidence.metrics.inference.compare import ROUNDING, with_p_value
from vcassay.evidence.metrics.inference.equivalence import EQUIVALENCE_LEVEL, EQUIVALENCE_MARGIN, is_equivalent
from vcassay.evidence.metrics.inference.orient import orient
from vcassay.evidence.metrics.metric import METRICS
from vcassay.evidence.metrics.score import Scores
from vcassay.record.comparison import DifferenceRecord

APART_LEVEL = Threshold("apart_level", 0.05, "two-sided, after Holm over the pairs of models (methods 7)")


def paired_difference(
    scores: Scores, model: str, other: str, metric: str, level: float = 0.95
) -> tuple[Estimate, float]:
    """Difference of two answers in any metric, above 0 where the first is better, and its two-sided p-value.

    In a metric whose optimum lies inside its range, the one that is nearer to it is better. NaN where the metric or
    the number of perturbations allows no interval.
    """
    stratum = scores.panel.decision
    mine = orient(metric, *scores.draws[model, metric, stratum])
    theirs = orient(metric, *scores.draws[other, metric, stratum])
    weights = scores.weights[metric, stratum][1]
    gap = mine[0] - theirs[0]
    if no_interval(scores, metric):
        return Estimate(gap, np.nan, np.nan, np.nan), np.nan
    draws, by_context = mine[1] - theirs[1], mine[2] - theirs[2]
    estimate, above = with_p_value(gap, draws, by_context, weights, level)
    _, below = with_p_value(-gap, -draws, -by_context, weights, level)
    return estimate, min(1.0, 2.0 * min(above, below))


def no_interval(scores: Scores, metric: str) -> str:
    """Why differences in a metric have no interval; empty where they have."""
    if METRICS[metric].meta["level"] != "condition":
        return "the metric has one value for all conditions, which cannot be resampled"
    if scores.weights[metric, scores.panel.decision][1].method == NONE:
        return "too few perturbations to resample"
    return ""


def scored(scores: Scores, names: Sequence[str], metric: str) -> list[str]:
    """Answers that have a score in a metric, the best first; equal ones by name."""
    stratum = scores.panel.decision
    known = [n for n in sorted(names) if (n, metric, stratum) in scores.draws]
    return sorted(known, key=lambda n: -orient(metric, *scores.draws[n, metric, stratum])[0])


def compare_models(
    scores: Scores, models: Sequence[str], metric: str, margin: float = EQUIVALENCE_MARGIN.value
) -> list[DifferenceRecord]:
    """Compare every pair of models in one metric.

    Told ``apart`` are those whose 95 % interval leaves out 0, by more than rounding, and whose two-sided p-value holds
    after Holm over the pairs of models; ``equivalent`` are those with a 90 % interval within the margin that are not
    apart.

    Returns
    -------
    Each pair once, the better of the two first, in the order of their scores.
    """
    pairs = list(combinations(scored(scores, models, metric), 2))
    found = [paired_difference(scores, a, b, metric) for a, b in pairs]
    adjusted = holm(np.array([p for _, p in found]))
    n = len(scores.weights[metric, scores.panel.decision][0]) if pairs else 0
    rows = []
    for (a, b), (e, _), p in zip(pairs, found, adjusted.tolist(), strict=True):
        apart = bool((e.low > ROUNDING or e.high < -ROUNDING) and p <= APART_LEVEL.value)
        narrow, _ = paired_difference(scores, a, b, metric, EQUIVALENCE_LEVEL.value)
        rows.append(
            DifferenceRecord(
                model=a,
                other=b,
                difference=e.value,
                low=e.low,
                high=e.high,
                se=e.se,
                p_value=p,
                n=n,
                apart=apart,
                equivalent=is_equivalent(narrow, margin) and not apart,
                margin=margin,
                detectable_difference=detectable_difference(e.se),
            )
        )
    return rows


def inseparable(models: Sequence[str], differences: Sequence[DifferenceRecord]) -> tuple[tuple[str, ...], ...]:
    """Largest groups of models of which no two are told apart, in the order that is handed in.

    Being told apart is not transitive: a model may be in several groups.
    """
    place = {name: i for i, name in enumerate(models)}
    alike = np.ones((len(models), len(models)), dtype=bool)
    for row in differences:
        if row.apart:
            i, j = place[row.model], place[row.other]
            alike[i, j] = alike[j, i] = False
    return tuple(tuple(models[i] for i in group) for group in maximal_cliques(alike))
