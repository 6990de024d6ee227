"""Utility: what choosing by a model's rankings is worth, beside chance, a replicate and the best legal baseline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.agreement import Ratio
from vcassay.arrays.ceiling import perfect_ceiling
from vcassay.arrays.choosing import best, chance_hits, gain, half_gains, hits, rank_correlation
from vcassay.arrays.resample import Estimate, Weights, aggregate, draw_weights, interval
from vcassay.core import Conditions
from vcassay.evidence.metrics.ceilings.ceiling import PERFECT, REPLICATE, Ceiling
from vcassay.evidence.metrics.filled import usable
from vcassay.evidence.metrics.score import MAX_UNDEFINED_DRAWS, Scores
from vcassay.evidence.metrics.use.pathway_use import pathway_figures
from vcassay.evidence.metrics.use.ranked import Ranking, Wish, rankings
from vcassay.evidence.metrics.use.rivals import Rivals
from vcassay.evidence.metrics.use.wording import Told, tell
from vcassay.record.evidence import UtilityRecord

Array = NDArray[np.float64]

NO_WISH = "no signature was handed in ([utility] signature)"

FIGURES: dict[str, tuple[str, ...]] = {
    "signature": ("hits", "spearman", "enrichment", "regret"),
    "size": ("hits", "spearman", "enrichment"),
    "contexts": ("spearman", "hits"),
    "selectivity": ("spearman", "hits"),
    "dose": ("spearman",),
}
"""What is told of each ranking; the first is the one that a verdict card may show."""

USES_OF = {
    "signature": ("target-id", "screening", "unseen-compound", "combination"),
    "selectivity": ("selectivity",),
    "dose": ("dose-finding",),
}
"""Intended uses that a ranking speaks to."""

LOWER_IS_BETTER = ("regret",)


@dataclass(frozen=True, slots=True, eq=False)
class _Prepared:
    """A ranking with the conditions that are ranked and their resampling weights."""

    ranking: Ranking
    at: NDArray[np.int64]
    weights: Weights


class _Ceiling(NamedTuple):
    value: float
    kind: str


def utility_figures(
    scores: Scores,
    ceilings: Mapping[tuple[str, str], Ceiling],
    conditions: Conditions,
    *,
    baselines: Sequence[str],
    titles: Mapping[str, str],
    sources: Mapping[str, str],
    seed: int,
    wish: Wish | None = None,
    k: int | None = None,
    draws: int = 2000,
) -> list[UtilityRecord]:
    """Tell what the rankings of every answer are worth.

    All answers share the resampling weights of a ranking; intervals take the rankings as given. A missing prediction
    counts at chance in every figure.

    Parameters
    ----------
    ceilings
        Of the metrics, for the agreement of pathways.
    conditions
        The test conditions, as the panel has them.
    baselines
        Legal baselines: the best of them stands beside each figure.
    titles
        Answer to its name in words.
    sources
        Model to the baseline it is, which is then not compared with it.

    Returns
    -------
    One record an answer and figure; those that cannot be had say why.
    """
    rivals = Rivals(baselines, titles, sources)
    out: list[UtilityRecord] = []
    panel = scores.panel
    if wish is None:
        out += [_without(name, "signature", "hits", NO_WISH) for name in scores.predicted]
    ranked = rankings(panel, conditions, wish, k)
    values = {name: _values(scores, ranked, pred) for name, pred in scores.predicted.items()}
    for i, ranking in enumerate(ranked):
        at = np.flatnonzero(ranking.group >= 0)
        if ranking.reason:
            out += [_without(name, ranking.name, FIGURES[ranking.name][0], ranking.reason) for name in scores.predicted]
            continue
        rng = np.random.default_rng([seed, len(at), *ranking.name.encode()])
        prepared = _Prepared(ranking, at, draw_weights(panel.context[at], panel.family[at], draws, rng))
        for figure in FIGURES[ranking.name]:
            found = {name: _figure(prepared, figure, mine[i]) for name, mine in values.items()}
            out += _records(prepared, figure, found, wish, rivals)
    return out + pathway_figures(scores, ceilings, rivals)


def _values(scores: Scores, ranked: Sequence[Ranking], pred: Array) -> list[Array]:
    """(t,) predicted values in each ranking; NaN for a prediction that is missing on any scored gene."""
    filled, present = usable(scores.panel, pred)
    if not present.all():
        filled = np.where(present[:, None], filled, np.nan)
    return [r.value(filled) for r in ranked]


def _figure(p: _Prepared, figure: str, pred: Array) -> Estimate:
    """A figure of one answer with its interval; NaN where it is undefined."""
    r = p.ranking
    if figure == "regret":
        return _regret(p, pred)
    if figure == "spearman":
        parts = rank_correlation(r.truth, pred, r.group)
    else:
        parts = hits(r.truth, pred, r.group, r.k)
        if figure == "enrichment":
            parts = Ratio(parts.numerator, chance_hits(r.truth, r.group, r.k))
    return _estimate(p, parts)


def _estimate(p: _Prepared, parts: Ratio) -> Estimate:
    top, below = (np.nan_to_num(x[p.at]) for x in parts)  # a group of equal truths tells nothing and weighs nothing
    value, drawn, by_context = aggregate(top, p.weights, below)  # a draw without any of the best tells nothing either
    return interval(value, drawn, by_context, p.weights.method, families=p.weights.families)


def _regret(p: _Prepared, pred: Array) -> Estimate:
    """Share of the gain of the truly best k that is lost: 0 for a perfect model, 1 for a random order.

    The gain of the truly best is estimated from disjoint halves (`vcassay.arrays.ranking.HalfGains`), since the best
    of the noisy truth exceeds it by the winner's curse.
    """
    r = p.ranking
    if r.halves is None:
        return Estimate(np.nan, np.nan, np.nan, np.nan)
    g = _sums(p, gain(r.truth, best(pred, r.group, r.k), r.group, r.k))
    crossed, own = (_sums(p, part) for part in half_gains(*r.halves, r.group, r.k))
    with np.errstate(divide="ignore", invalid="ignore"):
        product = crossed[1] * own[1]
        drawn = np.where((crossed[1] > 0) & (own[1] > 0), 1.0 - g[1] / np.sqrt(product), np.nan)
    told = np.isfinite(g[1]) & np.isfinite(product)  # a draw without any of the chosen tells nothing
    noise = np.isnan(drawn[told]).mean() if told.any() else 0.0
    if not (crossed[0] > 0 and own[0] > 0) or noise > MAX_UNDEFINED_DRAWS.value:
        return Estimate(np.nan, np.nan, np.nan, np.nan)
    ideal = np.sqrt(crossed[0] * own[0])
    moved = (crossed[2] / crossed[0] - 1.0 + own[2] / own[0] - 1.0) / 2.0
    by_context = 1.0 - g[0] / ideal - (g[2] - g[0]) / ideal + g[0] / ideal * moved
    return interval(1.0 - g[0] / ideal, drawn, by_context, p.weights.method, families=p.weights.families)


def _sums(p: _Prepared, parts: Ratio) -> tuple[float, Array, Array]:
    return aggregate(parts.numerator[p.at], p.weights, parts.denominator[p.at])


def _chance(p: _Prepared, figure: str) -> float:
    if figure == "hits":
        r = p.ranking
        return _estimate(p, Ratio(chance_hits(r.truth, r.group, r.k), best(r.truth, r.group, r.k))).value
    return {"spearman": 0.0, "enrichment": 1.0, "regret": 1.0}[figure]


def _ceiling(p: _Prepared, figure: str) -> _Ceiling:
    """What the noise of the truth leaves to be reached; NaN without halves."""
    r = p.ranking
    if r.halves is None:
        return _Ceiling(np.nan, "")
    a, b = r.halves
    if figure == "regret":
        crossed, own = (_sums(p, part)[0] for part in half_gains(a, b, r.group, r.k))
        return _Ceiling(1.0 - np.sqrt(crossed / own) if crossed > 0 and own > 0 else np.nan, REPLICATE)
    if figure == "spearman":
        half = _estimate(p, rank_correlation(a, b, r.group)).value
        return _Ceiling(perfect_ceiling(np.array([half])), PERFECT)
    both = [hits(x, y, r.group, r.k) for x, y in ((a, b), (b, a))]
    numerator = (both[0].numerator + both[1].numerator) / 2.0
    below = best(r.truth, r.group, r.k) if figure == "hits" else chance_hits(r.truth, r.group, r.k)
    return _Ceiling(_estimate(p, Ratio(numerator, below)).value, REPLICATE)


def _records(
    p: _Prepared,
    figure: str,
    found: Mapping[str, Estimate],
    wish: Wish | None,
    rivals: Rivals,
) -> list[UtilityRecord]:
    name = p.ranking.name
    chance, ceiling = _chance(p, figure), _ceiling(p, figure)
    sign = -1.0 if figure in LOWER_IS_BETTER else 1.0
    plain = {answer: e.value for answer, e in found.items()}
    out = []
    for answer, e in found.items():
        if not np.isfinite(e.value):
            why = "what it is divided by is noise"
            if figure == "regret" and p.ranking.halves is None:
                why = "split halves do not exist here"
            out.append(_without(answer, name, figure, why))
            continue
        rival, title, other = rivals.best(answer, plain, sign)
        told = Told(e.value, e.low, e.high, chance, ceiling.value, ceiling.kind, title, other)
        out.append(
            UtilityRecord(
                name=f"{name}_{figure}",
                value=e.value,
                low=e.low,
                high=e.high,
                sentence=tell(p.ranking, figure, told, "" if wish is None else wish.name),
                model=answer,
                uses=_uses(name, figure),
                chance=chance,
                ceiling=ceiling.value,
                ceiling_kind=ceiling.kind if np.isfinite(ceiling.value) else "",
                baseline=rival,
                baseline_value=other,
                n=len(p.at),
                coverage="" if wish is None or name in ("size", "dose") else wish.coverage,
            )
        )
    return out


def _without(answer: str, ranking: str, figure: str, reason: str) -> UtilityRecord:
    return UtilityRecord(
        name=f"{ranking}_{figure}",
        value=None,
        low=None,
        high=None,
        sentence="",
        model=answer,
        uses=_uses(ranking, figure),
        reason=reason,
    )


def _uses(ranking: str, figure: str) -> tuple[str, ...]:
    return USES_OF.get(ranking, ()) if figure == FIGURES[ranking][0] else ()
