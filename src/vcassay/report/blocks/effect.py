"""Block 5: score against effect size, beside the ceiling."""

from __future__ import annotations

from vcassay.record import AssessmentRecord
from vcassay.report.blocks.block import Block
from vcassay.report.facts import main_metric
from vcassay.report.figures.scatter import scatter_figures
from vcassay.report.palette import STRATA
from vcassay.report.tables import Stored
from vcassay.report.wording import number, percent

MAX_PANELS = 8
"""More models than this are left to the tables."""


def effect_block(stored: Stored) -> Block:
    """Draw one panel a model on shared axes."""
    record = stored.record
    metric = main_metric(record)
    figures = tuple(scatter_figures(stored, metric, MAX_PANELS)) if metric is not None else ()
    present = {s.name for s in record.screen.strata if s.n}
    return Block(
        name="effect",
        stage="Stage 2c",
        title="Does it predict real signal, or noise?",
        nav="2c Scores",
        answer=_answer(record),
        data={
            "figures": figures,
            "metric": metric,
            "points": any("query" in str(f.spec.get("params", "")) for f in figures),
            "strata": [s for s in STRATA if s in present],
            "missing": _why(stored),
            "left_out": max(0, len(record.models) - MAX_PANELS),
        },
        figures=figures,
    )


def _answer(record: AssessmentRecord) -> str:
    strata = {s.name: s for s in record.screen.strata}
    total = sum(s.n for s in strata.values())
    parts = []
    if total and "null" in strata:
        empty = strata["null"].n
        parts.append(f"{empty:,} of {total:,} test conditions ({percent(empty / total)}) have no effect to predict.")
    full = record.screen.reliability_full
    if full is not None:
        parts.append(f"Measured again, the same conditions would correlate at {number(full, 2)} on average.")
    parts.append("A score is read against the ceiling of its stratum, in green.")
    return " ".join(parts)


def _why(stored: Stored) -> str:
    for name in ("conditions", "scores"):
        if name in stored.missing:
            return stored.missing[name]
    return "no per-condition score is stored for the main metric"
