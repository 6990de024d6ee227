"""The audit of the ladder, in one finding."""

from __future__ import annotations

from vcassay.core import Finding, Status
from vcassay.evidence.baselines import Audited, ladder_audit


def of(name, *found):
    made = [Finding(check, f"title {check}", status, "It did so.", blocks=check == "L27") for check, status in found]
    return Audited(name, tuple(made))


CLEAN = of("mean", ("L26", Status.PASS), ("L27", Status.PASS), ("L30", Status.NA))


def test_all_pass():
    found = ladder_audit([CLEAN, CLEAN])
    assert found.status == Status.PASS
    assert found.sentence == "2 legal baselines pass 2 checks of an answer (L26, L27)."
    assert found.family == "baselines"


def test_copies_are_counted_and_never_held_against_a_baseline():
    found = ladder_audit([CLEAN, of("nearest", ("L26", Status.WARN), ("L27", Status.PASS))])
    assert found.status == Status.PASS
    assert "1 answer with copies" in found.sentence
    assert found.evidence[0]["baseline"] == "nearest"


def test_a_blocking_failure_bars_and_is_named():
    bad = of("oracle", ("L27", Status.FAIL), ("L26", Status.WARN))
    found = ladder_audit([CLEAN, bad])
    assert found.status == Status.FAIL
    assert "oracle does not pass L27: It did so. It is no rival of the models." in found.sentence
    assert not found.blocks  # no model is to blame
    assert bad.barred == "fails L27 (title L27): It did so"
    assert CLEAN.barred == ""


def test_lesser_failures_warn_and_crashes_are_errors():
    assert ladder_audit([of("a", ("L28", Status.FAIL))]).status == Status.WARN
    assert ladder_audit([of("a", ("L28", Status.WARN))]).status == Status.WARN
    assert of("a", ("L28", Status.FAIL)).barred == ""
    assert ladder_audit([of("a", ("L26", Status.ERROR)), of("b", ("L28", Status.WARN))]).status == Status.ERROR


def test_nobody_to_audit_and_what_was_not_asked():
    assert ladder_audit([]).status == Status.NA
    found = ladder_audit([CLEAN], {"L24": "a mean does so"})
    assert found.evidence[-1] == {"baseline": "all", "check": "L24", "status": "not asked", "found": "a mean does so"}
