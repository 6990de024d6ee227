"""A baseline that knows the scored cells is found and is no rival; honest ones pass."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from vcassay.claim import make_claim, make_split
from vcassay.core import Finding, Status
from vcassay.effects import measure
from vcassay.effects.scored import scored_genes
from vcassay.evidence.baselines import climb, ladder, make_task
from vcassay.knowledge import Knowledge
from vcassay.run.ladder_audit import CONDITIONS, EXEMPT, GENES, audit, sample, without_barred
from vcassay.run.scoring import Settings, score
from vcassay.simulate import SimulationPlan, simulate_screen

PLAN = SimulationPlan(
    n_genes=120, n_contexts=3, n_siblings=0, n_crispri=40, n_drugs=0, cells_per_condition=32, controls_per_batch=64
)


def world(seed):
    simulation = simulate_screen(PLAN, seed=seed)
    split = make_split(simulation.screen.conditions, "gex", seed=seed)
    effects = measure(simulation.screen, train=split.train, panel=split.test, seed=seed)
    claim = make_claim(split, effects=effects)
    task = make_task(effects, claim, Knowledge(), seed)
    rungs = [climb(task, claim, e) for e in ladder() if e.meta["kind"] == "baseline"]
    provided = {"screen": simulation.screen, "split": split, "claim": claim, "effects": effects}
    provided |= {"conditions": effects.conditions, "design": simulation.screen.design, "knowledge": Knowledge()}
    return rungs, provided


@pytest.fixture(scope="module")
def ground():
    return world(0)


@pytest.mark.parametrize("seed", range(4))
def test_honest_baselines_pass(seed):
    rungs, provided = world(seed)
    found = audit(rungs, provided, 0)
    assert [a.name for a in found] == [r.record.name for r in rungs if r.record.legal]
    assert [a.name for a in found if a.barred] == []
    checks = {f.check for a in found for f in a.findings}
    assert {"L26", "L27", "L20m"} <= checks
    assert not checks & set(EXEMPT)
    assert without_barred(rungs, found) == rungs


def test_a_baseline_that_has_the_test_effects_is_barred(ground):
    rungs, provided = ground
    truth = provided["effects"].delta[provided["split"].test]
    at = next(i for i, r in enumerate(rungs) if r.record.name == "ridge")
    planted = [replace(r, answer=replace(r.answer, values=truth)) if i == at else r for i, r in enumerate(rungs)]
    found = audit(planted, provided, 0)
    assert [a.name for a in found if a.barred] == ["ridge"]
    after = {r.record.name: r.record for r in without_barred(planted, found)}
    assert not after["ridge"].legal
    assert after["ridge"].why.startswith("fails L27")
    assert after["context_mean"].legal


def test_means_and_look_ups_may_copy(ground):
    found = {a.name: a for a in audit(*ground, 0)}
    (copy,) = [f for f in found["context_mean"].findings if f.check == "L26"]
    assert copy.status == Status.WARN
    assert found["context_mean"].barred == ""


def test_a_p_value_is_shared_by_the_ladder(ground, monkeypatch):
    rungs, provided = ground
    n = sum(r.record.legal for r in rungs)

    def checks(p):
        made = Finding("L27", "x", Status.FAIL, "It did.", value=p, threshold=0.001, blocks=True)
        monkeypatch.setattr("vcassay.run.ladder_audit.run_checks", lambda *_: [made])
        return audit(rungs, provided, 0)

    assert all(a.barred for a in checks(0.0009 / n))
    assert not any(a.barred for a in checks(0.0011 / n))


def test_large_test_sets_are_sampled_alike(ground):
    answer = next(r.answer for r in ground[0] if r.answer is not None)
    same = sample(answer, 0)
    np.testing.assert_array_equal(same.state, answer.state)
    np.testing.assert_array_equal(same.genes, answer.genes)
    large = replace(
        answer, values=np.zeros((1000, 9)), state=np.full(1000, "ok", dtype="<U9"), genes=np.ones(9000, bool)
    )
    one, two = (sample(large, 0) for _ in range(2))
    assert (one.state == "ok").sum() == CONDITIONS
    assert one.genes.sum() == GENES
    np.testing.assert_array_equal(one.state, two.state)
    np.testing.assert_array_equal(one.genes, two.genes)
    assert (large.state == "ok").all()


def test_a_baseline_better_than_perfect_is_no_rival(ground):
    """Found when scores are known: models are then not compared with it."""
    rungs, provided = ground
    effects, split, screen = provided["effects"], provided["split"], provided["screen"]
    truth = effects.delta[split.test]
    planted = [replace(r, answer=replace(r.answer, values=truth)) if r.record.name == "ridge" else r for r in rungs]
    mean = next(r.answer for r in rungs if r.record.name == "context_mean")
    full, _ = scored_genes(effects.moments, screen.conditions, screen.genes, train=split.train, targets=True)
    found = score(
        screen,
        effects,
        provided["claim"],
        Knowledge(),
        {"mine": replace(mean, name="mine", role="submission", source="context_mean")},
        planted,
        full,
        Settings(0, 100, quick=True),
        progress=lambda _: None,
    )
    assert [n for n, f in found.perfect.items() if f.status == Status.FAIL] == ["ridge"]
    against = {c.baseline for c in found.comparisons}
    assert "ridge" not in against
    assert {"perturbed_mean", "gene_loading"} <= against
    assert "ridge" not in {s.baseline for s in found.skills}
    assert any(s.model == "ridge" for s in found.aggregates)  # it is still shown
