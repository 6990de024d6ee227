"""An audit on a terminal: evidence that reads, and what is said once."""

from __future__ import annotations

import io

from rich.console import Console

from vcassay.record import FindingRecord
from vcassay.record.audit import AuditRecord
from vcassay.report.audit_text import answer, print_audit

ROW = {"test": "a", "doubt": False, "same scaffold": True, "r": 0.123456, "n": 12345, "doses": [0.5, 5.0], "why": ""}


def finding(check: str, status: str, model: str | None = None, **more) -> FindingRecord:
    return FindingRecord(check=check, title=f"Title {check}", status=status, sentence=f"said of {check}", model=model,
                         family="leakage", **more)  # fmt: skip


def record(*findings: FindingRecord, **more) -> AuditRecord:
    counts = dict.fromkeys(("n_train", "n_val", "n_test", "n_contexts", "n_perturbations"), 1)
    return AuditRecord(study="s", sentence="c", regime="CEX", looked_at=("tables",), models=("m1", "m2"),
                       findings=findings, later=(), **counts, **more)  # fmt: skip


def printed(one: AuditRecord) -> str:
    out = io.StringIO()
    print_audit(one, Console(file=out, width=400))
    return out.getvalue()


def test_rows_of_evidence_have_no_noise() -> None:
    text = printed(record(finding("L06", "WARN", evidence=(ROW,))))
    assert "- test a, same scaffold, r 0.123, n 12,345, doses 0.5, 5\n" in text


def test_what_is_said_of_all_models_counts_and_is_printed_once() -> None:
    one = record(
        *(finding("L21", "UNKNOWN", m, question="Which corpora?") for m in ("m1", "m2")), finding("L01", "PASS")
    )
    assert answer(one) == "nothing fails (1 UNKNOWN, 1 PASS)"
    text = printed(one)
    assert text.count("Said of L21") == 1
    assert "L21 Title L21 (all 2 models)" in text
    assert "- Which corpora? (all 2 models)" in text
    assert "- L01 Title L01: Said of L01." in text


def test_notes_come_before_the_findings() -> None:
    text = printed(record(finding("L01", "FAIL"), notes=("3 rows were left out: no label",)))
    assert text.index("Note: 3 rows were left out: no label.") < text.index("FAIL: L01")
