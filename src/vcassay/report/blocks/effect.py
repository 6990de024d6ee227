"""Block 5: real signal and noise as two numbers, by stratum, and against effect size."""

from __future__ import annotations

from vcassay.record import AssessmentRecord
from vcassay.report.blocks.block import Block
from vcassay.report.blocks.signal_rows import both_rows, ceiling_notes, strata_columns, strata_of, strips
from vcassay.report.facts import (
    main_metric,
)
from vcassay.report.figures.scatter import scatter_figures
from vcassay.report.palette import STRATA
from vcassay.report.signal import NOISE, Signal, signal
from vcassay.report.tables import Stored, why_unscored
from vcassay.report.wording import UNDEFINED, number, percent

MAX_PANELS = 8
"""More models than this are left to the tables."""


def effect_block(stored: Stored) -> Block:
    """Tell signal from noise, then draw one panel a model on shared axes."""
    record = stored.record
    metric = main_metric(record)
    figures = tuple(scatter_figures(stored, metric, MAX_PANELS)) if metric is not None else ()
    present = {s.name for s in record.screen.strata if s.n}
    strata = [] if metric is None else strata_of(record, metric)
    found = [s for m in record.models if (s := signal(record, m.name)) is not None]
    rows = both_rows(record, found)
    return Block(
        name="effect",
        stage="Stage 2c",
        title="Does it predict real signal, or noise?",
        nav="2c Signal",
        answer=_answer(record, found),
        data={
            "rows": rows,
            "stratum": next((s.stratum for s in found), ""),
            "noise": any(_known(x) for r in rows for x in (r.false_effect, r.false_calls, r.told)),
            "no_noise": _no_noise(record),
            "limited": any(s.perfect.value is not None for s in found),
            "corrected": any(_known(r.corrected) or r.why for r in rows),
            "weighted": any(_known(r.weighted) for r in rows),
            "by_stratum": strips(record, metric, strata) if metric is not None else [],
            "columns": strata_columns(record, metric, strata) if metric is not None else [],
            "notes": ceiling_notes(record, metric, strata) if metric is not None else [],
            "figures": figures,
            "metric": metric,
            "points": any("query" in str(f.spec.get("params", "")) for f in figures),
            "strata": [s for s in STRATA if s in present],
            "missing": why_unscored(stored, metric, against_effect=True),
            "left_out": max(0, len(record.models) - MAX_PANELS),
        },
        figures=figures,
    )


def _known(text: str) -> bool:
    return text not in ("", "–", UNDEFINED)


def _no_noise(record: AssessmentRecord) -> str:
    """Why nothing is known of conditions without an effect."""
    rows = (record.score(m.name, n, s) for m in record.models for n in NOISE for s in ("null", "all"))
    return next((r.reason for r in rows if r is not None and r.reason), "no metric of such conditions is stored")


def _answer(record: AssessmentRecord, found: list[Signal]) -> str:
    strata = {s.name: s for s in record.screen.strata}
    total = sum(s.n for s in strata.values())
    parts = []
    if total and "null" in strata:
        empty = strata["null"].n
        parts.append(f"{empty:,} of {total:,} test conditions ({percent(empty / total)}) have no effect to predict.")
    full = record.screen.reliability_full
    if full is not None:
        parts.append(f"Measured again, the same conditions would correlate at {number(full, 2)} on average.")
    real = [s.score.value for s in found if s.score is not None and s.score.value is not None]
    if real:
        limit = found[0].perfect
        where = "Over all conditions" if found[0].stratum == "all" else "Where there is an effect"
        text = f"{where}, {_who(found)} {_range(real)} in {found[0].metric.title}"
        parts.append(f"{text}; {limit.kind}: {number(limit.value, 2)}." if limit.value is not None else f"{text}.")
    false = [s.false_effect.value for s in found if s.false_effect is not None and s.false_effect.value is not None]
    if false:
        low, high = percent(min(false)), percent(max(false))
        size = low if low == high else f"{low} to {high}"
        parts.append(
            f"Where there is none, {'it predicts' if len(found) == 1 else 'they predict'} {size} of a typical one."
        )
    return " ".join(parts)


def _who(found: list[Signal]) -> str:
    return f"{found[0].model} scores" if len(found) == 1 else "the models score"


def _range(values: list[float]) -> str:
    low, high = number(min(values), 2), number(max(values), 2)
    return low if low == high else f"{low} to {high}"
