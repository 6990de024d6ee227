"""Block 3: the leak audit by its questions, and how much of the result is leakage."""

from __future__ import annotations

from dataclasses import dataclass

from vcassay.record import AssessmentRecord
from vcassay.report.blocks.block import QUIET, Block, Matrix, matrix, tallied
from vcassay.report.blocks.effect import MAX_PANELS
from vcassay.report.blocks.rooms import rooms
from vcassay.report.cost import Line, answer, is_amiss, line, rows_of, said
from vcassay.report.declared import NOT_DECLARED, declared_rows
from vcassay.report.facts import family, main_metric, primary_metrics, questions
from vcassay.report.figures.clean import clean_figure, degree_figure
from vcassay.report.figures.figure import Figure

MAX_DEGREES = 3
"""Checks with a degree that are drawn, a model."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What leakage costs one model."""

    model: str
    index: int
    said: tuple[str, ...]
    lines: tuple[Line, ...]
    """In the main metric, what warns or fails."""
    more: tuple[tuple[str, tuple[Line, ...]], ...]
    """Metric to its lines: other checks in the main one, all in the others."""
    figures: tuple[Figure, ...]


def leakage_block(record: AssessmentRecord) -> Block:
    """Build the audit."""
    findings = family(record, "leakage")
    metric, costs = main_metric(record), _costs(record)
    first, rest = _parted(matrix(findings, record))
    said_first = answer(record, metric) if metric is not None else ""
    return Block(
        name="leakage",
        stage="Stage 2a",
        title="Has anything leaked?",
        nav="2a Leakage",
        answer=" ".join(x for x in (tallied(findings), said_first) if x),
        data={
            "rooms": rooms(findings),
            "matrix": first,
            "passed": rest,
            "questions": questions(record),
            "declared": declared_rows(record.models),
            "models": [m.name for m in record.models],
            "not_declared": NOT_DECLARED,
            "costs": costs,
            "metric": "" if metric is None else metric.title,
        },
        figures=tuple(f for c in costs for f in c.figures),
    )


def _parted(whole: Matrix | None) -> tuple[Matrix | None, Matrix | None]:
    """Checks that some model does not pass, and those that all do."""
    if whole is None:
        return None, None
    quiet = [all(f is None or f.status in QUIET for f in cells) for _, _, cells in whole.rows]
    parts = [tuple(r for r, q in zip(whole.rows, quiet, strict=True) if q == wanted) for wanted in (False, True)]
    loud, silent = (Matrix(whole.models, rows) if rows else None for rows in parts)
    return loud, silent


def _costs(record: AssessmentRecord) -> list[Cost]:
    """Scores without what leaked, model by model; none where no finding names conditions."""
    metric = main_metric(record)
    if metric is None:
        return []
    out = []
    for i, model in enumerate(record.models):
        rows = rows_of(record, model.name, metric.name)
        if not rows:
            continue
        loud = [r for r in rows if is_amiss(r)]
        other = [r for r in rows if not is_amiss(r)]
        more = [(metric.title, other)]
        more += [(m.title, rows_of(record, model.name, m.name)) for m in primary_metrics(record) if m != metric]
        graded = [d for r in rows if (d := degree_figure(r, model.name, i, metric)) is not None][:MAX_DEGREES]
        drawn = [clean_figure(loud or other, model.name, i, metric), *graded] if i < MAX_PANELS else []
        out.append(
            Cost(
                model=model.name,
                index=i,
                said=tuple(said(record, model.name, metric)),
                lines=tuple(line(record, r) for r in loud),
                more=tuple((title, tuple(line(record, r) for r in own)) for title, own in more if own),
                figures=tuple(f for f in drawn if f is not None),
            )
        )
    return out
