from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from vcassay.claim import make_split
from vcassay.core import Status
from vcassay.evidence.leakage.kin.context_distances import find_distances
from vcassay.evidence.leakage.kin.control_strata import control_strata
from vcassay.simulate.demo import hold_out
from vcassay.simulate.leaks.rebuild import subset
from vcassay.testing.leaks.contexts import LINES, parted
from vcassay.testing.leaks.study import assemble

PARENT, SIBLING = "CL01", "CL01-T"


def control_context(study):
    table = study.simulation.screen.table
    context = np.asarray(table.pool_context, dtype=str)[np.maximum(table.pool, 0)]
    return context, table.batch


def in_batches(study, wanted):
    """The study with rows of each context in some batches alone; those not named stay in all."""
    context, batch = control_context(study)
    keep = np.array([b in wanted.get(c, (0, 1)) for c, b in zip(context.tolist(), batch.tolist(), strict=True)])
    return assemble(subset(study.simulation, keep), 1, study.split)


def test_identical_lines_are_named_and_their_conditions_affected():
    study = parted(1, 1.0)
    found = study.run("L11")
    assert found.status is Status.WARN
    assert found.value < 0.01
    row = found.evidence[0]
    assert {row["context"], row["nearest"]} == {PARENT, SIBLING}
    assert row["r"] == pytest.approx(1.0, abs=0.01)
    assert abs(row["its own halves"]) < 0.03
    assert "genotypes" in found.sentence
    tested = study.split.conditions.context[study.split.test]
    assert set(tested[found.affected.touched].tolist()) == {row["context"]}


@pytest.mark.parametrize(("similarity", "low", "high"), [(0.9, 0.05, 0.3), (0.7, 0.2, 0.9)])
def test_lines_that_are_only_alike_are_let_pass_with_their_distance(similarity, low, high):
    found = [parted(seed, similarity, controls_per_batch=80).run("L11") for seed in range(5)]
    assert all(f.status is Status.PASS for f in found)
    assert low < np.mean([f.value for f in found]) < high


def test_clean_and_silent_studies_raise_no_alarm(clean, silent):
    assert all(study.run("L11").status is Status.PASS for study in (*clean, *silent))


def test_fifty_lines_raise_no_alarm(make_study):
    for seed in range(2):
        found = make_study(seed, **{**LINES, "n_contexts": 50, "n_siblings": 0, "controls_per_batch": 20}).run("L11")
        assert found.status is Status.PASS
        assert found.value > 0.1


def test_few_controls_are_not_resolved_rather_than_alike():
    for seed in range(5):
        found = parted(seed, 1.0, controls_per_batch=8, n_batches=1, depth=150.0).run("L11")
        assert found.status is Status.UNKNOWN
        assert "not resolved" in found.sentence
        assert found.question


def test_order_of_rows_and_genes_does_not_matter():
    study = parted(3, 0.98)
    screen = study.simulation.screen
    strata = control_strata(study.effects.moments, screen, ("CL01", "CL02", "CL03"), np.ones(80, dtype=bool))
    base = find_distances(strata, [0], [1, 2], np.random.default_rng(0))
    mirrored = replace(
        strata,
        whole=tuple(replace(s, values=s.values[::-1, ::-1], sizes=s.sizes[::-1]) for s in strata.whole),
        parts=tuple(
            {k: replace(s, values=s.values[::-1, ::-1], sizes=s.sizes[::-1]) for k, s in own.items()}
            for own in strata.parts
        ),
    )
    again = find_distances(mirrored, [0], [1, 2], np.random.default_rng(0))
    np.testing.assert_allclose(base.distance, again.distance, atol=1e-10)
    np.testing.assert_allclose(base.high, again.high, atol=1e-10)


def test_a_shared_batch_cancels_and_only_what_is_shared_is_used():
    study = in_batches(parted(4, 1.0, batch_sd=0.4, controls_per_batch=120), {PARENT: (0,), SIBLING: (0, 1)})
    found = study.run("L11")
    assert found.status is Status.WARN
    assert abs(found.value) < 0.02


def test_without_a_shared_batch_what_batches_differ_by_is_taken_off():
    made = parted(5, 1.0, batch_sd=0.2, controls_per_batch=200, n_contexts=8)
    study = in_batches(made, {PARENT: (0,), SIBLING: (1,)})
    screen = study.simulation.screen
    names = sorted(set(screen.conditions.context.tolist()))
    strata = control_strata(study.effects.moments, screen, names, np.ones(80, dtype=bool))
    own, other = strata.names.index(PARENT), strata.names.index(SIBLING)
    found = find_distances(strata, [own], [other, 3], np.random.default_rng(0))
    assert found.fair.all()
    assert abs(found.distance[0, 0]) < 0.1
    assert found.distance[0, 1] > 0.3


def test_contexts_of_one_batch_each_are_unknown():
    made = parted(6, 1.0)
    names = sorted(set(made.split.conditions.context.tolist()))
    trained = set(made.split.conditions.context[made.split.train].tolist())
    study = in_batches(made, {name: (0,) if name in trained else (1,) for name in names})
    found = study.run("L11")
    assert found.status is Status.UNKNOWN
    assert "share no batch" in found.sentence


def test_two_contexts_have_a_yardstick_too():
    for other, status in ((SIBLING, Status.WARN), ("CL02", Status.PASS)):
        made = parted(1, 1.0)
        context, _ = control_context(made)
        simulation = subset(made.simulation, np.isin(context, (PARENT, other)))
        study = assemble(simulation, 1, hold_out(simulation.screen.conditions, (other,)))
        assert study.run("L11").status is status


def test_a_context_without_enough_controls_is_listed():
    made = parted(7, 0.9)
    context, _ = control_context(made)
    control = made.simulation.screen.table.condition < 0
    few = control & (context == "CL02")
    keep = ~few | (np.cumsum(few) <= 5)
    study = assemble(subset(made.simulation, keep), 1, hold_out(made.split.conditions, ("CL02", "CL03")))
    found = study.run("L11")
    assert {"not compared": "CL02: too few controls"} in found.evidence
    assert "1 of 2 unseen contexts have too few controls" in found.sentence


def test_one_context_and_ready_made_effects_are_not_asked(make_study):
    study = make_study(0)
    gex = make_split(study.effects.conditions, "gex", fraction=0.4)
    assert replace(study, split=gex).run("L11").status is Status.NA
    moments = study.effects.moments
    none = replace(moments.slots, control_rows=np.zeros(0, dtype=np.int64), n_batch_groups=0)
    bare = replace(study.effects, moments=replace(moments, slots=none))
    assert study.run("L11", effects=bare).status is Status.NA


def test_assumed_training_is_unknown():
    study = parted(1, 1.0)
    found = replace(study, split=replace(study.split, assumed="the rest is assumed to be training")).run("L11")
    assert found.status is Status.UNKNOWN
