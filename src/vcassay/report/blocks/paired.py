"""Block 7: paired differences to legal baselines."""

from __future__ import annotations

from vcassay.record import AssessmentRecord
from vcassay.record.evidence import MetricRecord
from vcassay.report.blocks.block import Block
from vcassay.report.blocks.effect import MAX_PANELS
from vcassay.report.facts import comparisons_of, ladder, main_metric
from vcassay.report.figures.figure import Figure
from vcassay.report.figures.paired import (
    breakdown_figure,
    breakdown_rows,
    comparison_figure,
    comparison_rows,
    span,
)
from vcassay.report.tables import Stored
from vcassay.report.wording import estimate, probability


def paired_block(stored: Stored) -> Block:
    """Draw, for each model, the gain over every legal baseline and where it comes from."""
    record = stored.record
    metric = main_metric(record)
    rows = _drawn(stored, metric) if metric is not None else []
    return Block(
        name="paired",
        stage="Stage 2c",
        title="How much better, on the same conditions?",
        nav="Paired",
        answer=_answer(record),
        data={
            "rows": rows,
            "table": _table(record),
            "how": ", ".join(sorted({c.interval for c in record.comparisons if c.interval})),
            "breakdown_missing": stored.missing.get("scores", "no per-condition score is stored for both"),
        },
        figures=tuple(f for _, _, a, b in rows for f in (a, b) if f),
    )


def _drawn(stored: Stored, metric: MetricRecord) -> list[tuple[str, int, Figure | None, Figure | None]]:
    record = stored.record
    models = [m.name for m in record.models[:MAX_PANELS]]
    whole = [comparison_rows(record, m, metric) for m in models]
    parts = [breakdown_rows(stored, m, metric) for m in models]
    across, within = span(whole), span([rows for rows, _ in parts])
    drawn: list[tuple[str, int, Figure | None, Figure | None]] = []
    for i, (model, rows, (split, note)) in enumerate(zip(models, whole, parts, strict=True)):
        left = comparison_figure(rows, model, i, metric, across) if rows else None
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
            "end": "better" if c.better else "worse" if c.worse else "not told apart",
            "interval": c.interval,
        }
        for c in record.comparisons
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
    return f"In {metric.title}: {'; '.join(parts)}."
