"""Which rungs of the ladder are look-ups, and what would let the others run."""

from __future__ import annotations

from vcassay.evidence.baselines import BASELINES, climb, make_task
from vcassay.run.lookups import find_lookups
from vcassay.testing.leaks.study import simulated


def rungs_of(study):
    task = make_task(study.effects, study.claim)
    return [climb(task, study.claim, entry) for entry in BASELINES if entry.meta["lookup"]]


def test_look_ups_are_handed_over_with_what_they_answered_or_why_not():
    study = simulated(0)
    rungs = {rung.record.name: rung for rung in rungs_of(study)}
    found = {x.name: x for x in find_lookups(list(rungs.values()), study.wanted)}
    assert found["nearest_context"].answer is rungs["nearest_context"].answer
    dose = found["nearest_dose"]
    assert (dose.answer, dose.needs) == (None, "")
    assert "the claim does not grant" in dose.why
    assert set(found) <= {entry.name for entry in BASELINES if entry.meta["lookup"]}


def test_genes_have_no_structures_and_missing_files_are_named():
    genes = simulated(0, n_drugs=0)
    assert "structure" not in {x.by for x in find_lookups(rungs_of(genes), genes.wanted)}
    few = simulated(0, n_crispri=4, n_drugs=1, n_contexts=3)
    found = {x.by: x for x in find_lookups(rungs_of(few), few.wanted)}
    assert found["target"].answer is None
    assert "targets" in found["target"].needs
