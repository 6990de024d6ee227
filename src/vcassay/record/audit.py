"""An audit as stored: what leakage checks find without any prediction."""

from __future__ import annotations

from vcassay.record.base import Record
from vcassay.record.evidence import FindingRecord


class LaterRecord(Record):
    """A check that an audit cannot make, and what it needs."""

    check: str
    title: str
    needs: str


class AuditRecord(Record):
    """Findings on a split, its tables and, where they were read, its rows."""

    schema_: str = "vcassay.audit/1"
    study: str
    sentence: str
    """The claim of the split."""
    regime: str
    declared: str = ""
    n_train: int
    n_val: int
    n_test: int
    n_contexts: int
    n_perturbations: int
    looked_at: tuple[str, ...]
    """What was looked at: tables, rows, effects, disclosures."""
    models: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    """What was read in another way than it stands, or left out."""
    findings: tuple[FindingRecord, ...]
    later: tuple[LaterRecord, ...]
    complete: bool = True
    """Whether no check ended in an error."""
