"""Everything that the page can say of one condition, within a budget, and what it leaves to the files beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from vcassay.report.drill.columns import (
    carrying,
    degree_checks,
    fact_columns,
    gene_columns,
    score_columns,
    shown_series,
)
from vcassay.report.drill.naming import check_findings, naming_rows
from vcassay.report.facts import STRATUM_TITLE, ceiling_of, is_centred, strongest
from vcassay.report.shell import script_json
from vcassay.report.tables import Stored
from vcassay.report.wording import REGIME, count

BUDGET = 12_000_000
"""Bytes of the page that single conditions may take."""


@dataclass(frozen=True, slots=True)
class Drill:
    """Single conditions on the page.

    Attributes
    ----------
    payload
        JSON for the script; empty where there is nothing to show.
    n, n_tested
        Conditions on the page, and those of them that are tested on.
    notes
        What is left out, and where it is.
    missing
        Why there is nothing; empty otherwise.
    """

    payload: Markup
    n: int
    n_tested: int
    notes: tuple[str, ...]
    missing: str = ""


def find_drill(stored: Stored, budget: int = BUDGET) -> Drill:
    """Pack all conditions, and as many genes and as few conditions less as the budget asks for."""
    rows, tested = stored.listed, stored.tested
    if rows is None or tested is None:
        return Drill(Markup(""), 0, 0, (), stored.missing["conditions"])
    metrics = carrying(stored)
    series = shown_series(stored, metrics)
    total, n = len(rows), len(rows)
    while True:
        listed = rows.head(n)
        scored = min(n, len(tested))
        groups = {
            "facts": fact_columns(stored, listed).payload(),
            "scores": score_columns(stored, series, metrics, scored).payload(),
        }
        findings, hits = naming_rows(stored.record, listed)
        about = _about(stored, findings, hits)
        size = len(script_json(about).encode()) + sum(_size(g) for g in groups.values())
        if size <= budget or n == 0:
            break
        n = min(n - 1, int(0.97 * n * budget / size))
    genes: list[dict[str, Any]] = []
    left = 0
    for packed in gene_columns(stored, series, scored):
        group = packed.payload()
        size += _size(group)
        if size > budget or left:
            left += 1
        else:
            genes.append(group)
    notes = _notes(stored, total, n, len(genes), left)
    about |= {
        "series": [{"name": s.name, "title": s.title, "kind": s.kind} for s in series],
        "genes": len(genes),
        "notes": notes,
        "total": total,
    }
    payload = script_json({"about": about, "groups": groups | {f"genes {i}": g for i, g in enumerate(genes)}})
    return Drill(payload, n, scored, notes)


def _size(group: dict[str, Any]) -> int:
    return len(script_json(group).encode())


def _about(stored: Stored, findings: list[dict[str, Any]], hits: list[list[Any]]) -> dict[str, Any]:
    """What the script needs to know besides the columns."""
    record, metrics = stored.record, carrying(stored)
    strata = [s.name for s in record.screen.strata]
    return {
        "study": record.study,
        "models": [m.name for m in record.models],
        "metrics": [
            {
                "name": m.name,
                "title": m.title,
                "higher": m.higher_is_better,
                "centred": is_centred(m),
                "optimum": m.optimum,
                "demoted": bool(m.demoted),
                "ceilings": {
                    s: {"value": c.value, "kind": c.kind, "reason": c.reason}
                    for s in strata
                    if (c := ceiling_of(record, m.name, s)) is not None
                },
                "best": {x.name: strongest(record, x.name, m.name) for x in record.models},
            }
            for m in metrics
        ],
        "unscored": stored.missing.get("scores", ""),
        "ungened": stored.missing.get("genes", ""),
        "regimes": REGIME,
        "strata": STRATUM_TITLE,
        "doseUnit": record.screen.dose_unit,
        "timeUnit": record.screen.time_unit or "h",
        "findings": findings,
        "hits": hits,
        "checks": check_findings(record, degree_checks(stored)),
    }


def _notes(stored: Stored, total: int, n: int, places: int, left: int) -> tuple[str, ...]:
    notes = []
    if n < total:
        where = "conditions.parquet and scores.parquet beside this page"
        notes.append(f"{n:,} of {total:,} conditions are on this page, test conditions first; all are in {where}.")
    if left:
        kept = f"The {count(places, 'gene')} most wrong in each condition are" if places > 1 else "One gene is"
        kept = "No gene is" if not places else kept
        notes.append(f"{kept} on this page; {places + left} a model and condition are in genes.parquet beside it.")
    return tuple(notes)
