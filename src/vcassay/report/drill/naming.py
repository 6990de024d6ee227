"""Findings that name a condition: rows of their evidence, and checks that touched it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd

from vcassay.core.conditions import SEPARATOR
from vcassay.record import AssessmentRecord, FindingRecord
from vcassay.report.blocks.block import cell
from vcassay.report.tables import KEY
from vcassay.report.wording import status_mark

NAMES = ("condition", "test")
"""Keys of evidence whose value is the label of a condition, or the name of a perturbation."""

MANY = 200
"""Conditions that one row may name: a row of more speaks of a perturbation or context as such."""


def naming_rows(record: AssessmentRecord, rows: pd.DataFrame) -> tuple[list[dict[str, Any]], list[list[Any]]]:
    """Find the evidence that names conditions of the page.

    Returns
    -------
    The findings, and one ``[id, finding, text]`` for each condition that a row of evidence names.
    """
    places = _Places(rows)
    findings: list[dict[str, Any]] = []
    hits: list[list[Any]] = []
    for finding in record.findings:
        own = [(ids, row) for row in finding.evidence if 0 < len(ids := places.of(row)) <= MANY]
        if own:
            hits += [[i, len(findings), _said(row)] for ids, row in own for i in ids]
            findings.append(_written(finding))
    return findings, hits


def check_findings(record: AssessmentRecord, checks: Iterable[str]) -> dict[str, dict[str, Any]]:
    """The finding of each check, for the conditions that it touches."""
    wanted = set(checks)
    return {f.check: _written(f) for f in reversed(record.findings) if f.check in wanted}


def _written(finding: FindingRecord) -> dict[str, Any]:
    mark = status_mark(finding.status)
    return {
        "check": finding.check,
        "title": finding.title,
        "word": mark.word,
        "tone": mark.tone,
        "glyph": mark.glyph,
        "model": finding.model or "",
        "sentence": finding.sentence,
    }


def _said(row: dict[str, Any]) -> str:
    return "; ".join(f"{k}: {cell(v)}" for k, v in row.items() if k not in (*KEY, "condition"))


class _Places:
    """Where the conditions stand that a row of evidence names."""

    def __init__(self, rows: pd.DataFrame) -> None:
        self.labels: dict[str, list[int]] = {}
        self.names: dict[str, list[int]] = {}
        self.keys: dict[int, tuple[Any, ...]] = {}
        for i, context, name, dose, time in rows[["id", *KEY]].itertuples(index=False):
            self.keys[i] = (str(context), str(name), dose, time)
            self.names.setdefault(str(name), []).append(i)
            parts = [str(context), str(name)]
            parts += [f"{dose:g}"] if pd.notna(dose) else []
            parts += [f"{time:g} h"] if pd.notna(time) else []
            self.labels.setdefault(" | ".join(parts), []).append(i)

    def of(self, row: dict[str, Any]) -> list[int]:
        """Conditions that agree with all that the row says; none where it names no condition and no perturbation."""
        for key in NAMES:
            if isinstance(row.get(key), str):
                text = row[key]
                return self.labels.get(text) or self.names.get(text) or self._unordered(text)
        name = row.get("perturbation")
        if not isinstance(name, str):
            return []
        wanted = {j: row[k] for j, k in enumerate(KEY) if row.get(k) is not None}
        return [i for i in self.names.get(name, []) if all(_same(self.keys[i][j], v) for j, v in wanted.items())]

    def _unordered(self, label: str) -> list[int]:
        """A combination's label may order its parts otherwise than the table does."""
        words = label.split(" | ")
        if len(words) < 2 or SEPARATOR not in words[1]:
            return []
        parts = sorted(words[1].split(SEPARATOR))
        found = [v for k, v in self.labels.items() if _parts(k) == (words[0], parts, words[2:])]
        return found[0] if found else []


def _parts(label: str) -> tuple[str, list[str], list[str]]:
    words = label.split(" | ")
    return words[0], sorted(words[1].split(SEPARATOR)) if len(words) > 1 else [], words[2:]


def _same(own: Any, said: Any) -> bool:
    if isinstance(own, str) or isinstance(said, str):
        return str(own) == str(said)
    return abs(float(own) - float(said)) <= 1e-9 * max(1.0, abs(float(said)))
