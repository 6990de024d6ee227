"""All diagnostics together on clean studies: little is false; docs/biology.md has the figures over seeds."""

from __future__ import annotations

import pytest
from scipy.stats import binom

from vcassay.core import Finding, Status
from vcassay.evidence.biology import DIAGNOSTICS
from vcassay.evidence.biology.tested import TRUTH_P
from vcassay.testing.biology.clean import HONEST, SHAPES, UNHEARD, Clean, run_all

EVERY = (*SHAPES, *UNHEARD)


@pytest.mark.parametrize("name", ["few", "null names"])
def test_a_clean_study_is_asked_everything_and_nothing_crashes(name):
    found = run_all(name, 0)
    assert {f.check for f in found.findings} == {entry.name for entry in DIAGNOSTICS}
    assert [f.sentence for f in found.errors] == []
    assert len(found.false) <= 1
    assert len(found.accused(*HONEST)) <= 2 * len(found.false)


def test_only_what_is_not_there_is_false_and_only_honest_models_are_wronged():
    def says(check: str, status: Status, model: str | None = None) -> Finding:
        return Finding(check, "t", status, "s", model=model, family="biology")

    found = Clean(
        "t",
        ("absent",),
        (
            says("absent", Status.PASS),
            says("there", Status.PASS),
            says("absent", Status.FAIL, "perfect"),
            says("there", Status.PASS, "perfect"),
            says("there", Status.WARN, "mean"),
            says("other", Status.NA, "perfect"),
            says("other", Status.ERROR),
        ),
    )
    assert [f.check for f in found.false] == ["absent"]
    assert [f.check for f in found.judged("perfect")] == ["absent", "there"]
    assert [f.check for f in found.accused(*HONEST)] == ["absent"]
    assert [f.check for f in found.errors] == ["other"]


@pytest.mark.slow
def test_little_that_is_said_of_clean_studies_is_false():
    studies = [run_all(name, seed) for name in EVERY for seed in range(4)]
    assert [f.sentence for s in studies for f in s.errors] == []
    asked = sum(f.model is None and f.value is not None and f.check in s.absent for s in studies for f in s.findings)
    false = [f.check for s in studies for f in s.false]
    # findings of one study hang together: twice the nominal share, and one in 10,000 to exceed that by chance
    assert len(false) <= binom.isf(1e-4, asked, 2 * TRUTH_P.value), false
    there = [f for s in studies for f in s.judged(*HONEST) if f.check not in s.absent]
    accused = [f"{f.check} {f.model}: {f.sentence}" for f in there if f.status is not Status.PASS]
    assert len(accused) <= 0.03 * len(there), accused
