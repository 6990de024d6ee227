"""Heat maps: labelled matrices on one scale, side by side for truth, models and chemistry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import altair as alt

from vcassay.record import AssessmentRecord
from vcassay.report.figures.biology.rows import EvidenceRow, known, rows_of, slot
from vcassay.report.figures.figure import Figure, Row, Table, clean, finish
from vcassay.report.palette import LIGHT
from vcassay.report.wording import number

CELL, EDGE = 22, 110
MAX_MODELS = 4
"""Models that are drawn beside the truth; the others are in the stored rows."""
TONES = LIGHT["model"], LIGHT["medium"]
"""Of values above and below 0; how far from it is opacity, so that both papers show through."""

Cells = Mapping[tuple[str, str], float]


def class_maps(record: AssessmentRecord) -> list[Figure]:
    """Mean likeness of drugs within and between mechanisms: truth, structure alone, models."""
    return _maps(record, "moa_similarity", "classes", "classes", "mean cosine", chemistry=True)


def target_maps(record: AssessmentRecord) -> list[Figure]:
    """How like drugs are to the loss of each pathway's genes, against matched genes: truth and models."""
    return _maps(record, "target_neighbours", "matrix", "targets", "AUROC", chemistry=False, centre=0.5)


def _maps(
    record: AssessmentRecord, check: str, kind: str, name: str, what: str, *, chemistry: bool, centre: float = 0.0
) -> list[Figure]:
    rows = rows_of(record, check, kind)
    if not rows:
        return []
    first = next(iter(rows.values()))
    panels: list[tuple[str, str, Cells]] = [("truth", "Measured", _cells(first, "truth", mirrored=chemistry))]
    if chemistry:
        panels.append(("chemistry", "Structure alone (Tanimoto)", _cells(first, "chemistry", mirrored=True)))
    shown = [m for m in rows if m is not None][:MAX_MODELS]
    panels += [(str(slot(record, m)), m, _cells(rows[m], "model", mirrored=chemistry)) for m in shown]
    lines, columns = _labels(first, "row", "column") if chemistry else (_one(first, "row"), _one(first, "column"))
    top = max((abs(v - centre) for at, _, cells in panels if at != "chemistry" for v in cells.values()), default=0.0)
    figures = []
    for at, title, cells in panels:
        if not cells:
            continue
        scale = 1.0 if at == "chemistry" else top or 1.0
        table: Table = [
            {
                "row": a,
                "column": b,
                "value": v,
                "size": abs(v - centre) / scale,
                "tone": TONES[v < centre],
                "text": number(v, 2),
            }
            for (a, b), v in sorted(cells.items())
        ]
        label = f"{name}-{at}"
        height = CELL * len(lines) + EDGE
        figures.append(
            Figure(
                name=label,
                title=title,
                alt=f"{title}: {what} of {len(lines)} by {len(columns)}.",
                spec=_spec(label, lines, columns, what, height),
                tables={label: clean(table)},
                caption=f"Full colour: {what if at != 'chemistry' else 'coefficient'} of {number(centre + scale, 2)}.",
                model=title if at.isdigit() else None,
                height=height,
            )
        )
    return figures


def _cells(rows: Sequence[EvidenceRow], key: str, *, mirrored: bool) -> dict[tuple[str, str], float]:
    out: dict[tuple[str, str], float] = {}
    for row in rows:
        if known(row.get(key)):
            a, b = str(row["row"]), str(row["column"])
            out[a, b] = float(row[key])
            if mirrored:
                out[b, a] = float(row[key])
    return out


def _one(rows: Sequence[EvidenceRow], key: str) -> list[str]:
    return list(dict.fromkeys(str(r[key]) for r in rows))


def _labels(rows: Sequence[EvidenceRow], *keys: str) -> tuple[list[str], list[str]]:
    names = list(dict.fromkeys(str(r[k]) for r in rows for k in keys))
    return names, names


def _spec(name: str, lines: Sequence[str], columns: Sequence[str], what: str, height: int) -> Row:
    limit = alt.ExprRef("containerSize()[0] ? min(150, 0.35 * containerSize()[0]) : 150")
    y = alt.Y("row:N", sort=list(lines), axis=alt.Axis(title=None, grid=False, labelLimit=limit))
    axis = alt.Axis(title=None, grid=False, labelAngle=-60, labelLimit=100, labelOverlap=False)
    x = alt.X("column:N", sort=list(columns), axis=axis)
    tips = [alt.Tooltip("row:N"), alt.Tooltip("column:N"), alt.Tooltip("text:N", title=what)]
    cells = alt.Chart(alt.NamedData(name)).mark_rect(stroke=LIGHT["rule"], strokeWidth=0.5)
    shade = alt.FillOpacity("size:Q", scale=alt.Scale(domain=[0, 1], range=[0, 1], clamp=True), legend=None)
    tone = alt.Fill("tone:N", scale=None)
    return finish(cells.encode(x=x, y=y, fill=tone, fillOpacity=shade, tooltip=tips), height=height)
