"""Ranking: how sure the order of models and legal baselines is, and whether other metrics give the same."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.ranking import kendall_tau_b, mid_ranks, probability_better, rank_interval, rank_probabilities
from vcassay.arrays.resample import NONE, joint_draws
from vcassay.evidence.metrics.inference.orient import orient
from vcassay.evidence.metrics.metric import METRICS
from vcassay.evidence.metrics.score import Scores
from vcassay.record.evidence import PairRecord, RankingRecord, RankRecord

Array = NDArray[np.float64]


def rank_answers(
    scores: Scores, models: Sequence[str], baselines: Sequence[str], seed: int = 0, *, whole: bool = False
) -> tuple[RankingRecord, ...]:
    """Rank all models and legal baselines by every metric, over the bootstrap draws that they share.

    Parameters
    ----------
    models, baselines
        What is ranked; what has no score in a metric is left out of its ranking.
    seed
        Seeds the errors of context means where 5 to 9 contexts are scored (`vcassay.arrays.resample.joint_draws`).
    whole
        Keep the distribution of ranks in every metric, not in primary ones alone.
    """
    names, stratum = [*models, *baselines], scores.panel.decision
    role = dict.fromkeys(baselines, "baseline") | dict.fromkeys(models, "submission")
    metrics = [e.name for e in METRICS if any((n, e.name, stratum) in scores.draws for n in names)]
    tau = _agreement(scores, metrics, names, stratum)
    return tuple(_ranking(scores, metric, names, role, seed, tau[metric], whole=whole) for metric in metrics)


def _oriented(scores: Scores, name: str, metric: str, stratum: str) -> tuple[float, Array, Array]:
    return orient(metric, *scores.draws[name, metric, stratum])


def _agreement(
    scores: Scores, metrics: Sequence[str], names: Sequence[str], stratum: str
) -> dict[str, dict[str, float | None]]:
    """Metric to primary metric to Kendall's tau-b over the answers that both score."""
    table = np.full((len(metrics), len(names)), np.nan)
    for i, metric in enumerate(metrics):
        for j, name in enumerate(names):
            if (name, metric, stratum) in scores.draws:
                table[i, j] = _oriented(scores, name, metric, stratum)[0]
    tau = kendall_tau_b(table)
    primary = [(j, other) for j, other in enumerate(metrics) if METRICS[other].meta["primary"]]
    return {metric: {other: float(tau[i, j]) for j, other in primary} for i, metric in enumerate(metrics)}


def _ranking(
    scores: Scores,
    metric: str,
    names: Sequence[str],
    role: Mapping[str, str],
    seed: int,
    agreement: dict[str, float | None],
    *,
    whole: bool,
) -> RankingRecord:
    stratum = scores.panel.decision
    known = [n for n in names if (n, metric, stratum) in scores.draws]
    parts = [_oriented(scores, n, metric, stratum) for n in known]
    value = np.array([p[0] for p in parts])
    draws, by_context = np.stack([p[1] for p in parts]), np.stack([p[2] for p in parts])
    weights = scores.weights[metric, stratum][1]
    entry = METRICS[metric]
    reason = ""
    if weights.method == NONE:
        reason = "too few perturbations to resample"
    elif entry.meta["level"] != "condition":
        reason = "the metric has one value for all conditions, which cannot be resampled"
    method = NONE if reason else weights.method
    rng = np.random.default_rng([seed, zlib.crc32(metric.encode())])
    drawn = joint_draws(value, draws, by_context, method, weights.families, rng)
    if not reason and not len(drawn):
        reason = "no draw defines the metric for all answers"
    chances, ranks = rank_probabilities(drawn), mid_ranks(value)
    low, high = rank_interval(chances)
    rows = [
        RankRecord(
            name=known[i],
            role=role[known[i]],
            score=scores.draws[known[i], metric, stratum][0],
            rank=float(ranks[i]),
            low=None if reason else int(low[i]),
            high=None if reason else int(high[i]),
            first=None if reason else float(chances[i, 0]),
            distribution=tuple(chances[i].tolist()) if (whole or entry.meta["primary"]) and not reason else (),
        )
        for i in np.argsort(ranks, kind="stable").tolist()
    ]
    better = probability_better(drawn)
    pairs = [(i, j) for i, j in combinations(range(len(known)), 2) if role[known[i]] == role[known[j]] == "submission"]
    return RankingRecord(
        metric=metric,
        stratum=stratum,
        interval=method,
        n_draws=len(drawn),
        ranks=tuple(rows),
        pairs=()
        if reason
        else tuple(PairRecord(model=known[i], other=known[j], better=float(better[i, j])) for i, j in pairs),
        agreement=agreement,
        reason=reason,
    )
