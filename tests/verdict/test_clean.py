"""A lead that is not shown without what leaked becomes a clause, and never changes the level."""

from __future__ import annotations

from typing import Any

import pytest

from vcassay.record.clean import COMBINED, CleanRecord, PartsRecord
from vcassay.verdict import decide
from vcassay.verdict.clean import lead_sentence


def row(**changed: Any) -> CleanRecord:
    fields: dict[str, Any] = {
        "check": "L05",
        "title": "Dose siblings",
        "status": "WARN",
        "what": "whose drug was trained at another dose",
        "model": "net",
        "metric": "nmse",
        "stratum": "detectable",
        "n": 40,
        "n_affected": 12,
        "n_clean": 28,
        "n_unknown": 0,
        "own": PartsRecord(name="net", score=0.62, affected=0.9, clean=0.45),
        "baseline": PartsRecord(name="additive", score=0.5, affected=0.6, clean=0.42),
        "lead": 0.12,
        "lead_low": 0.05,
        "lead_high": 0.19,
        "clean_lead": 0.03,
        "clean_low": -0.02,
        "clean_high": 0.08,
        "excess": 0.09,
        "low": 0.02,
        "high": 0.15,
    }
    return CleanRecord(**(fields | changed))


KEPT = {"clean_lead": 0.11, "clean_low": 0.04, "clean_high": 0.18}
WITHOUT = "Without the 12 of 40 scored conditions whose drug was trained at another dose (L05)"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({}, "falls from 0.120 to 0.030 [-0.020, 0.080]: most of the lead rests on them (they add 0.090 [0.020, "),
        ({"clean_lead": 0.08}, "to 0.080 [-0.020, 0.080]: part of the lead rests on them (they add 0.090 [0.020, "),
        ({"low": -0.01}, "whether it holds without them cannot be told from 28 clean conditions."),
        (KEPT | {"low": -0.01}, "falls from 0.120 to 0.110 [0.040, 0.180]: it does not rest on them."),
        (KEPT, "it holds without them, though they add 0.090 [0.020, 0.150] to it."),
        (KEPT | {"clean_lead": 0.13}, "goes from 0.120 to 0.130 [0.040, 0.180]: "),
        (
            KEPT | {"rival": "ridge", "rival_lead": 0.01, "rival_low": -0.03, "rival_high": 0.05},
            "and is 0.010 [-0.030, 0.050] over Ridge: over the baseline that is best without them, no lead is shown.",
        ),
    ],
)  # fmt: skip
def test_the_sentence_tells_what_becomes_of_the_lead(changed, said):
    text = lead_sentence(row(**changed), "NMSE", "Additive", "Ridge")
    assert text.startswith(f"{WITHOUT}, the lead of net over Additive in NMSE ")
    assert said in text


def test_what_is_missing_is_said():
    assert lead_sentence(row(reason="3 clean conditions", own=None), "NMSE") == (
        f"{WITHOUT}, no lead in NMSE can be computed: 3 clean conditions."
    )
    assert lead_sentence(row(lead_low=-0.01, n_unknown=4), "NMSE", "Additive") == (
        "net has no lead over Additive in NMSE to lose (0.120 [-0.010, 0.190]; 0.030 [-0.020, 0.080] without the 12 of "
        "40 scored conditions whose drug was trained at another dose (L05) and 4 that could not be compared)."
    )
    assert lead_sentence(row(baseline=None, lead=None), "NMSE") == (
        f"{WITHOUT}, net scores 0.450 in place of 0.620 in NMSE."
    )


def clauses(record, *rows):
    made = record(clean=rows)
    verdict = decide(made, "net")
    plain = decide(record(), "net")
    assert (verdict.level, verdict.rule, verdict.reasons) == (plain.level, plain.rule, plain.reasons)
    return [c for c in verdict.provided if c.startswith("Leakage: ")]


def test_a_lost_lead_is_a_clause_and_the_level_stays(record):
    (said,) = clauses(record, row())
    assert said.startswith("Leakage: without the 12 of 40 scored conditions whose drug was trained at another dose")
    assert "over additive in NMSE falls" in said


@pytest.mark.parametrize(
    "changed",
    [KEPT, {"lead_low": -0.01}, {"status": "PASS"}, {"status": "UNKNOWN"}, {"model": "other"}, {"metric": "mse_raw"}],
)
def test_no_clause_where_nothing_is_lost(record, changed):
    assert clauses(record, row(**changed)) == []


def test_too_few_clean_conditions_are_a_clause_where_there_is_a_lead(record):
    (said,) = clauses(record, row(reason="3 clean conditions", own=None, lead_low=None))
    assert "no lead in NMSE can be computed: 3 clean conditions" in said


def test_one_clause_a_metric_and_everything_together_first(record):
    both = row(check=COMBINED, what="that L05, L07 touch", n_affected=15)
    (said,) = clauses(record, row(), row(check="L07"), both)
    assert "the 15 of 40 scored conditions that L05, L07 touch, the lead" in said
    assert len(clauses(record, row(), row(check="L07"), row(metric="pds_cosine"))) == 2


def test_what_cannot_be_told_is_said_once_for_all_metrics(record):
    gone = {"reason": "0 clean conditions", "own": None, "lead_low": None, "check": COMBINED}
    said = clauses(record, row(**gone), row(**gone, metric="pds_cosine"), row(), row(check="L07", clean_low=-0.2))
    assert len(said) == 2
    assert "no lead in NMSE and PDS_COSINE can be computed: 0 clean conditions" in said[0]
    assert "(L07)" in said[1]
