"""Compare: a model against each legal baseline, paired, and its skill."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import scipy
from numpy.typing import NDArray

from vcassay.arrays.multiple import holm
from vcassay.arrays.resample import FAMILIES_TO_RESAMPLE, NONE, Estimate, Weights, interval, widening
from vcassay.arrays.resolution import detectable_difference
from vcassay.arrays.selection import selection_optimism
from vcassay.core import Threshold
from vcassay.evidence.metrics.ceilings.ceiling import Ceiling
from vcassay.evidence.metrics.ceilings.scalar import passed_over
from vcassay.evidence.metrics.inference.equivalence import EQUIVALENCE_LEVEL, EQUIVALENCE_MARGIN, is_equivalent
from vcassay.evidence.metrics.inference.signs import paired_check
from vcassay.evidence.metrics.metric import METRICS
from vcassay.evidence.metrics.panel import Panel
from vcassay.evidence.metrics.score import Scores, applies
from vcassay.record.evidence import ComparisonRecord, SkillRecord

Array = NDArray[np.float64]

BETTER_LEVEL = Threshold("better_level", 0.025, "one-sided: the lower end of a 95 % interval (methods 7)")
MIN_SPAN_SE = Threshold("min_span_se", 2.0, "a ceiling nearer to the baseline cannot rank models (methods 6)")

ROUNDING = 1e-9
"""A difference that rounding alone can make, as between two answers of one direction in a correlation: it is none."""


def primary_metrics(panel: Panel) -> list[str]:
    """Metrics that can carry the verdict on a panel, one a family: error, correlation, and retrieval or ranking.

    A scalar readout has metrics of its own; where some test condition has no replicates, the error that holds the
    truth's noise stands in for the one freed of it.
    """
    found = [entry.name for entry in METRICS if entry.meta["primary"] and applies(entry, panel)]
    return [name for name in found if name != passed_over(panel)] if panel.scalar else found


def difference(
    scores: Scores, model: str, baseline: str, metric: str, stratum: str, level: float = 0.95
) -> tuple[Estimate, float]:
    """Paired difference, oriented so that above 0 the model is better, and its one-sided p-value."""
    mine, theirs = scores.draws[model, metric, stratum], scores.draws[baseline, metric, stratum]
    sign = 1.0 if METRICS[metric].meta["higher_is_better"] else -1.0
    value, draws, by_context = sign * (mine[0] - theirs[0]), sign * (mine[1] - theirs[1]), sign * (mine[2] - theirs[2])
    weights = scores.weights[metric, stratum][1]
    return with_p_value(value, draws, by_context, weights, level)


def with_p_value(
    value: float, draws: Array, by_context: Array, weights: Weights, level: float = 0.95
) -> tuple[Estimate, float]:
    """Interval of a paired difference and its one-sided p-value against "not above 0"."""
    estimate = interval(value, draws, by_context, weights.method, level, weights.families)
    if weights.method == "t on contexts":
        p = float(scipy.stats.t.sf(estimate.value / estimate.se, len(by_context) - 1)) if estimate.se > 0 else 1.0
    else:
        drawn = value + widening(weights.families) * (draws[np.isfinite(draws)] - value)
        p = (1.0 + float((drawn <= 0).sum())) / (len(drawn) + 1.0)
    return estimate, p


def compare(
    scores: Scores,
    models: Sequence[str],
    baselines: Sequence[str],
    sources: Mapping[str, str],
    margin: float = EQUIVALENCE_MARGIN.value,
    metrics: Sequence[str] | None = None,
) -> list[ComparisonRecord]:
    """Compare every model with every legal baseline in every primary metric, or in those that are named.

    A model whose source is a baseline is not compared with itself.

    ``better`` needs a lower bound above 0, by more than `ROUNDING`, and a p-value that holds after Holm over the
    models; ``equivalent`` a 90 % interval within the margin, and no difference found.
    """
    stratum = scores.panel.decision
    rows = []
    for metric in primary_metrics(scores.panel) if metrics is None else metrics:
        for baseline in baselines:
            others = [m for m in models if sources.get(m) != baseline]
            known = [m for m in others if _have(scores, m, baseline, metric, stratum)]
            found = [difference(scores, m, baseline, metric, stratum) for m in known]
            adjusted = holm(np.array([p for _, p in found]))
            for model, (e, _), p in zip(known, found, adjusted.tolist(), strict=True):
                better = bool(e.low > ROUNDING and p <= BETTER_LEVEL.value)
                worse = bool(e.high < -ROUNDING)
                narrow, _ = difference(scores, model, baseline, metric, stratum, EQUIVALENCE_LEVEL.value)
                check, why = paired_check(scores, model, baseline, metric, stratum)
                rows.append(
                    ComparisonRecord(
                        model=model,
                        baseline=baseline,
                        metric=metric,
                        family=METRICS[metric].meta["family"],
                        difference=e.value,
                        low=e.low,
                        high=e.high,
                        se=e.se,
                        interval=scores.weights[metric, stratum][1].method,
                        n=len(scores.weights[metric, stratum][0]),
                        better=better,
                        worse=worse,
                        p_value=p,
                        equivalent=is_equivalent(narrow, margin) and not better and not worse,
                        margin=margin,
                        equivalence_low=narrow.low,
                        equivalence_high=narrow.high,
                        detectable_difference=detectable_difference(e.se),
                        wins=check.wins,
                        sign_p=check.sign_p,
                        signed_rank_p=check.signed_rank_p,
                        no_sign_test=why,
                    )
                )
    return rows


def _have(scores: Scores, model: str, baseline: str, metric: str, stratum: str) -> bool:
    return (model, metric, stratum) in scores.draws and (baseline, metric, stratum) in scores.draws


def best_baseline(scores: Scores, baselines: Sequence[str], metric: str, stratum: str) -> str | None:
    """The best legal baseline of any tier in a metric; ties go to the earlier rung."""
    known = [b for b in baselines if (b, metric, stratum) in scores.draws]
    sign = 1.0 if METRICS[metric].meta["higher_is_better"] else -1.0
    return max(known, key=lambda b: sign * scores.draws[b, metric, stratum][0], default=None)


def skills(
    scores: Scores,
    models: Sequence[str],
    baselines: Sequence[str],
    ceilings: Mapping[tuple[str, str], Ceiling],
    demoted: Mapping[str, Sequence[str]] | None = None,
) -> list[SkillRecord]:
    """Skill of every model in every primary metric: (u - b*) / (c - b*) (methods 6).

    Refused where the ceiling is not measurable or within 2 standard errors of the baseline, and in a metric that
    failed its calibration on this screen.

    Parameters
    ----------
    demoted
        Metric to the reasons why it cannot carry the verdict here.
    """
    stratum = scores.panel.decision
    rows: list[SkillRecord] = []
    for metric in primary_metrics(scores.panel):
        best = best_baseline(scores, baselines, metric, stratum)
        found = [_skill(scores, model, best, metric, stratum, ceilings[metric, stratum]) for model in models]
        n, flattered = _choice(scores, baselines, metric, stratum)
        found = [row.model_copy(update={"n_baselines": n, "optimism": flattered}) for row in found]
        reasons = (demoted or {}).get(metric, ())
        if reasons:
            none = dict.fromkeys(("skill", "low", "high", "resolvable"))
            why = {"demoted": True, "refused": f"demoted on this screen: {reasons[0]}"}
            found = [row.model_copy(update=none | why) for row in found]
        rows += found
    return rows


def _choice(scores: Scores, baselines: Sequence[str], metric: str, stratum: str) -> tuple[int, float | None]:
    """How many baselines the best was chosen from, and how much that flatters it."""
    known = [scores.draws[b, metric, stratum] for b in baselines if (b, metric, stratum) in scores.draws]
    if len(known) < 2:
        return len(known), None
    sign = 1.0 if METRICS[metric].meta["higher_is_better"] else -1.0
    found = selection_optimism(sign * np.stack([k[1] for k in known]))
    return len(known), found if np.isfinite(found) else None


def _skill(scores: Scores, model: str, best: str | None, metric: str, stratum: str, c: Ceiling) -> SkillRecord:
    refused, span, span_se = "", np.nan, np.nan
    skill = Estimate(np.nan, np.nan, np.nan, np.nan)
    resolvable = np.nan
    mine = scores.draws.get((model, metric, stratum))
    if scores.panel.no_signal:
        refused = scores.panel.no_signal
    elif c.reason:
        refused = f"no ceiling: {c.reason}"
    elif mine is None:
        refused = "the model has no score in this metric"
    elif best is None:
        refused = "no legal baseline has a score in this metric"
    elif scores.weights[metric, stratum][1].method == NONE:
        n = len(np.unique(scores.panel.family[scores.weights[metric, stratum][0]]))
        refused = f"{n} perturbations are too few for an interval ({FAMILIES_TO_RESAMPLE} are needed)"
    if not refused and mine is not None and best is not None:
        base = scores.draws[best, metric, stratum]
        sign = 1.0 if METRICS[metric].meta["higher_is_better"] else -1.0
        weights = scores.weights[metric, stratum][1]
        span = sign * (c.value - base[0])
        parts = sign * (c.draws - base[1]), sign * (c.by_context - base[2])
        span_se = interval(span, *parts, weights.method, families=weights.families).se
        if not span > MIN_SPAN_SE.value * span_se:
            refused = f"the span from baseline to ceiling ({span:.3f}) is within {MIN_SPAN_SE.value:g} standard errors"
        else:
            gain, _ = difference(scores, model, best, metric, stratum)
            skill = Estimate(gain.value / span, gain.low / span, gain.high / span, gain.se / span)
            resolvable = (gain.high - gain.low) / 2.0 / span
    return SkillRecord(
        model=model,
        metric=metric,
        family=METRICS[metric].meta["family"],
        score=None if mine is None else mine[0],
        baseline=best or "",
        baseline_score=None if best is None else scores.draws[best, metric, stratum][0],
        ceiling=c.value,
        ceiling_kind=c.kind,
        skill=skill.value,
        low=skill.low,
        high=skill.high,
        span=span,
        span_se=span_se,
        resolvable=resolvable,
        refused=refused,
    )


def domain_share(scores: Scores, model: str, tiers: Mapping[str, str], legal: Sequence[str], metric: str = "") -> float:
    """Share of the apparent gain that domain knowledge buys: (best T3 - best T1) / (model - best T1).

    In Pearson delta unless another metric is named, of a scalar readout in the correlation beyond the bias model. NaN
    where a tier has no score or the model does not exceed the best T1 or T0.
    """
    metric = metric or ("phenotype_pearson_residual" if scores.panel.scalar else "pearson_delta")
    stratum = scores.panel.decision

    def best(wanted: tuple[str, ...]) -> float:
        values = [
            scores.draws[b, metric, stratum][0] for b in legal if tiers[b] in wanted and _scored(scores, b, metric)
        ]
        return max(values, default=np.nan)

    if not _scored(scores, model, metric):
        return np.nan
    simple, domain = best(("T0", "T1")), best(("T3",))
    gain = scores.draws[model, metric, stratum][0] - simple
    return float((domain - simple) / gain) if gain > 0 else np.nan


def _scored(scores: Scores, name: str, metric: str) -> bool:
    return (name, metric, scores.panel.decision) in scores.draws
