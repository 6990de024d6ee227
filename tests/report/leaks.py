"""What a record says of scores without what leaked, and of many checks in five rooms, as planted numbers."""

from __future__ import annotations

from typing import Any

from vcassay.record import AssessmentRecord, BinRecord, CleanRecord, FindingRecord, PartsRecord, TrendRecord
from vcassay.record.clean import COMBINED
from vcassay.record.rooms import ROOMS

LOST = {"clean_lead": -0.05, "clean_low": -0.1, "clean_high": 0.02, "excess": 0.16, "low": 0.1, "high": 0.2}
OF_DEGREE = {
    "trends": (
        TrendRecord(of="score", rho=0.41, p_value=0.0004, families=30),
        TrendRecord(of="lead", rho=None, p_value=None, families=3),
    ),
    "bins": (
        BinRecord(low=None, high=0.4, n=40, score=0.5, baseline=0.45),
        BinRecord(low=0.4, high=0.8, n=12, score=0.55, baseline=0.46),
        BinRecord(low=0.8, high=None, n=8, score=0.8, baseline=None),
    ),
}


def row(check: str, model: str, **changed: Any) -> CleanRecord:
    """A lead of .11 that holds without 20 of 90 conditions."""
    fields: dict[str, Any] = {
        "check": check, "title": f"Title of {check}", "status": "WARN", "what": f"that {check} touches",
        "model": model, "metric": "pearson_delta", "stratum": "detectable",
        "n": 90, "n_affected": 20, "n_clean": 66, "n_unknown": 4,
        "own": PartsRecord(name=model, score=0.7, affected=0.9, clean=0.64, change=-0.06, low=-0.1, high=-0.02),
        "baseline": PartsRecord(name="additive", score=0.59, affected=0.6, clean=0.58),
        "lead": 0.11, "lead_low": 0.05, "lead_high": 0.17, "clean_lead": 0.1, "clean_low": 0.04, "clean_high": 0.16,
        "excess": 0.01, "low": -0.02, "high": 0.04, "interval": "contexts",
    }  # fmt: skip
    return CleanRecord(**(fields | changed))


def touched(record: AssessmentRecord) -> AssessmentRecord:
    """The first model's lead holds, the second's is lost, the third has none."""
    first, second, third = (m.name for m in record.models[:3])
    rows = [
        row("L05", first),
        row("L07", first, status="PASS", n_affected=5, **OF_DEGREE),
        row(COMBINED, first, title="Everything that warns or fails", what="that L05, L09 touch", n_affected=30),
        row("L09", first, status="FAIL", reason="3 clean conditions among those scored (10 are needed)", own=None),
        row("L05", first, metric="nmse", rival="linear_pca", rival_lead=0.02, rival_low=-0.01, rival_high=0.05),
        row("L05", second, **LOST),
        row("L05", third, lead_low=-0.02, no_interval="3 perturbations among them", low=None, high=None),
    ]
    return record.model_copy(update={"clean": tuple(rows)})


def many(record: AssessmentRecord, n: int = 45) -> AssessmentRecord:
    """As many findings as a full audit makes: every room has some of each status."""
    statuses = ("PASS", "NA", "PASS", "UNKNOWN", "PASS", "WARN", "PASS", "FAIL")
    names = list(ROOMS)
    findings = tuple(
        FindingRecord(
            check=f"L{i:02d}",
            title=f"Check {i}",
            status=statuses[i % len(statuses)],
            sentence=f"It was measured {i} times.",
            question=f"What about {i}?" if statuses[i % len(statuses)] == "UNKNOWN" else "",
            room=names[i % len(names)],
        )
        for i in range(1, n + 1)
    )
    return record.model_copy(update={"findings": findings})
