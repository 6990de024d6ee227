"""Markdown of stage 2c: signal and noise, whether the metrics hold here, and how the models stand."""

from __future__ import annotations

from vcassay.record import AssessmentRecord, ScoreRecord
from vcassay.report.facts import ladder, main_metric
from vcassay.report.pipe import bullets, escape, table
from vcassay.report.signal import signal
from vcassay.report.standing import comparison_sentence, rank_sentence
from vcassay.report.wording import estimate, number, percents


def signal_part(record: AssessmentRecord) -> list[str]:
    """Real effects and none: two different numbers a model."""
    found = [s for m in record.models if (s := signal(record, m.name)) is not None]
    if not found:
        return []
    rows = [
        (
            f"**{escape(s.model)}**",
            _value(s.score),
            "–" if s.score is None else number(s.score.attenuation_corrected, 2, missing="–"),
            _value(s.weighted),
            _value(s.false_effect),
            "–" if s.false_calls is None else percents(s.false_calls.value, s.false_calls.low, s.false_calls.high),
            _value(s.told),
        )
        for s in found
    ]
    first = found[0]
    limit = first.perfect
    limits = [f"{limit.kind}: {estimate(limit.value, limit.low, limit.high)}"] if limit.value is not None else []
    limits += [f"replicate: {_value(first.replicate)}"] if first.replicate is not None else []
    head = (
        "model",
        f"{escape(first.metric.title)} ({first.stratum})",
        "freed of the truth's noise",
        "weighted by reliability",
        "false effect (1 = a typical one)",
        "false calls",
        "told from real (AUROC)",
    )
    return ["### Real signal, or noise?", escape("; ".join(limits)), table(head, rows)]


def _value(row: ScoreRecord | None) -> str:
    return "–" if row is None else estimate(row.value, row.low, row.high)


def calibration_part(record: AssessmentRecord) -> list[str]:
    """Whether the metrics hold here, what the template explains, and how the models stand."""
    parts = []
    demoted = [m for m in record.metrics if m.demoted]
    if record.calibration:
        n = len(record.calibration)
        parts.append(f"{n:,} metrics were calibrated on this screen; {len(demoted):,} are demoted.")
    elif record.uncalibrated:
        parts.append(f"Not calibrated: {escape(record.uncalibrated)}.")
    meant = [m for m in record.metrics if m.primary or m.demoted]
    rows = []
    for metric in sorted(meant, key=lambda m: not m.primary):
        row = next((c for c in record.calibration if c.metric == metric.name), None)
        rows.append(
            (
                f"~~{escape(metric.title)}~~" if metric.demoted else escape(metric.title),
                "demoted" if metric.demoted else "carries the verdict",
                "–" if row is None else estimate(row.drf, row.drf_low, row.drf_high),
                "–" if row is None else estimate(row.bds, row.bds_low, row.bds_high),
                escape("; ".join(metric.demoted)) or "–",
            )
        )
    parts.append(table(("metric", "role", "DRF", "BDS", "why demoted"), rows))
    told = [escape(t.sentence) for t in record.template if t.sentence]
    told += [f"{escape(m.model)}: {escape(m.sentence)}" for t in record.template for m in t.models if m.sentence]
    parts.append(bullets(told))
    main = main_metric(record)
    ranking = next((r for r in record.ranks if main is not None and r.metric == main.name), None)
    if ranking is not None and main is not None:
        said = [rank_sentence(ranking, m.name, main.title) for m in record.models]
        said += [
            comparison_sentence(c, ladder(record)[c.baseline].title, main.title)
            for c in record.comparisons
            if c.metric == main.name and c.equivalent and c.baseline in ladder(record)
        ]
        parts.append(bullets([escape(s) for s in said if s]))
    return [p for p in parts if p]
