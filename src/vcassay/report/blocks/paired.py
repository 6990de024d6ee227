"""Block 7: paired differences to legal baselines."""

from __future__ import annotations

from vcassay.record import AssessmentRecord
from vcassay.record.evidence import ComparisonRecord, MetricRecord
from vcassay.report.blocks.block import Block
from vcassay.report.blocks.effect import MAX_PANELS
from vcassay.report.blocks.ranks import (
    agreement_rows,
    agreement_sentence,
    leading_rows,
    pair_table,
    rank_rows,
    ranked_metrics,
    ranking_of,
)
from vcassay.report.facts import (
    comparisons_of,
    headline_stratum,
    ladder,
    main_metric,
    primary_metrics,
    strongest,
)
from vcassay.report.figures.figure import Figure
from vcassay.report.figures.paired import (
    breakdown_figure,
    breakdown_rows,
    closest_rows,
    comparison_figure,
    comparison_rows,
    span,
)
from vcassay.report.standing import comparison_sentence, rank_sentence
from vcassay.report.tables import Stored, why_unscored
from vcassay.report.wording import count, estimate, listing, number, percent, probability

MAX_EQUAL = 2
"""Baselines that a model equals get a sentence each up to so many, one together beyond."""


def paired_block(stored: Stored) -> Block:
    """Draw, for each model, the gain over every legal baseline and where it comes from."""
    record = stored.record
    metric = main_metric(record)
    rows = _drawn(stored, metric) if metric is not None else []
    ranked = rank_rows(record)
    shown = leading_rows(record, ranked)
    return Block(
        name="paired",
        stage="Stage 2c",
        title="How much better, and how sure is the order?",
        nav="Standing",
        answer=_answer(record),
        data={
            "rows": rows,
            "table": _table(record),
            "ranked": ranked,
            "ranked_short": shown if len(ranked) - len(shown) > 1 else [],
            "heads": [m.title for m, _ in ranked_metrics(record)],
            "unranked": [r.reason for _, r in ranked_metrics(record) if r.reason][:1],
            "draws": max((r.n_draws for r in record.ranks), default=0),
            "pairs": pair_table(record),
            "alike": agreement_sentence(record),
            "agreement": agreement_rows(record),
            "standing": _standing(record),
            "seeds": _seeds(record),
            "resampled": record.resampled,
            "signs": any(c.wins is not None or c.sign_p is not None for c in record.comparisons),
            "how": ", ".join(sorted({c.interval for c in record.comparisons if c.interval})),
            "breakdown_missing": stored.missing.get("scores") or why_unscored(stored, metric),
        },
        figures=tuple(f for _, _, a, b in rows for f in (a, b) if f),
    )


def _drawn(stored: Stored, metric: MetricRecord) -> list[tuple[str, int, Figure | None, Figure | None]]:
    record = stored.record
    models = [m.name for m in record.models[:MAX_PANELS]]
    cut = [closest_rows(comparison_rows(record, m, metric)) for m in models]
    whole = [rows for rows, _ in cut]
    parts = [breakdown_rows(stored, m, metric) for m in models]
    across, within = span(whole), span([rows for rows, _ in parts])
    drawn: list[tuple[str, int, Figure | None, Figure | None]] = []
    for i, (model, (rows, rest), (split, note)) in enumerate(zip(models, cut, parts, strict=True)):
        left = comparison_figure(rows, model, i, metric, across, rest) if rows else None
        right = breakdown_figure(record, split, model, i, metric, within, note) if split else None
        if left or right:
            drawn.append((model, i, left, right))
    return drawn


def _table(record: AssessmentRecord) -> list[dict[str, str]]:
    names, titles = ladder(record), {m.name: m.title for m in record.metrics}
    return [
        {
            "model": c.model,
            "metric": titles.get(c.metric, c.metric),
            "baseline": names[c.baseline].title if c.baseline in names else c.baseline,
            "gain": estimate(c.difference, c.low, c.high, sign=True),
            "n": f"{c.n:,}",
            "p": probability(c.p_value) or "–",
            "end": _end(c),
            "found": number(c.detectable_difference, 2, missing="–"),
            "wins": percent(c.wins, missing="–"),
            "sign": probability(c.sign_p) or "–",
            "signed": probability(c.signed_rank_p) or "–",
            "unsigned": c.no_sign_test,
        }
        for c in record.comparisons
    ]


def _end(row: ComparisonRecord) -> str:
    if row.better or row.worse:
        return "better" if row.better else "worse"
    if row.equivalent and row.margin is not None:
        return f"the same within {row.margin:g}"
    return "not told apart"


def _standing(record: AssessmentRecord) -> list[tuple[str, int, list[str]]]:
    """How each model stands to its strongest baseline in every metric that decides, and what it equals."""
    names = ladder(record)
    told = []
    for i, model in enumerate(record.models):
        said = []
        for metric in primary_metrics(record):
            best = strongest(record, model.name, metric.name)
            equal = []
            for row in comparisons_of(record, model.name, metric.name):
                base = names[row.baseline].title if row.baseline in names else row.baseline
                if row.baseline == best:
                    said.append(comparison_sentence(row, base, metric.title))
                elif row.equivalent:
                    equal.append((base, comparison_sentence(row, base, metric.title)))
            if len(equal) > MAX_EQUAL:
                some = listing([base for base, _ in equal], MAX_EQUAL)
                said.append(f"{model.name} is not distinguishable within the margin from {some} in {metric.title}.")
            else:
                said += [text for _, text in equal]
        if said:
            told.append((model.name, i, said))
    return told


def _seeds(record: AssessmentRecord) -> list[str]:
    """Spread over training seeds in the metrics that decide."""
    titles = {m.name: m.title for m in primary_metrics(record)}
    return [
        f"{s.model}, {titles[s.metric]}, {s.stratum} conditions: {number(s.mean, 3)} on average over "
        f"{count(s.n_seeds, 'training seed')}, from {number(s.low, 3)} to {number(s.high, 3)} "
        f"(standard deviation {number(s.sd)})."
        for s in record.seeds
        if s.metric in titles and s.stratum == headline_stratum(record, s.metric)
    ]


def _answer(record: AssessmentRecord) -> str:
    metric = main_metric(record)
    if metric is None:
        return "No metric can carry a comparison."
    parts = []
    for model in record.models:
        rows = comparisons_of(record, model.name, metric.name)
        if rows:
            parts.append(f"{model.name} is better than {sum(c.better for c in rows)} of {len(rows)} legal baselines")
    if not parts:
        return "No comparison with a legal baseline is stored."
    text = f"In {metric.title}: {'; '.join(parts)}."
    ranking = ranking_of(record, metric.name)
    first = next((r.name for r in ranking.ranks if r.role == "submission"), "") if ranking is not None else ""
    if ranking is not None and first:
        text += f" {rank_sentence(ranking, first, metric.title)}"
    return text
