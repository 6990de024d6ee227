from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from vcassay.claim import Split, make_claim, make_split
from vcassay.core import Conditions, Status
from vcassay.prediction import Answer
from vcassay.simulate.leaks import batches_follow_split
from vcassay.testing.leaks.study import assemble, run_check

CONTEXTS, NAMES = [f"c{k:02d}" for k in range(12)], [f"p{i}" for i in range(8)]
TABLE = Conditions.make(np.repeat(CONTEXTS, len(NAMES)), NAMES * len(CONTEXTS))
CEX = make_split(TABLE, "cex", contexts=CONTEXTS[:6])
GEX = make_split(TABLE, "gex", fraction=0.5, seed=0)


def run(split, batches, **stated):
    claim = make_claim(split, batches=batches, **stated)
    return run_check("L13", conditions=split.conditions, split=split, claim=claim)


def by(values):
    return tuple((f"b{v}",) for v in values)


def test_batches_that_follow_the_fold_are_named():
    found = run(CEX, by(np.isin(TABLE.context, CONTEXTS[:6]).astype(int)))
    assert found.status is Status.WARN
    assert found.value == pytest.approx(1.0, abs=0.01)
    assert found.sentence.startswith("Batch tells the fold: Cramér's V = 1.00 between fold and batch (")
    assert "p = 0.00" in found.sentence
    assert "0% of the test conditions have rows in batches that hold training" in found.sentence
    assert found.evidence[0] == {"batch": "b0", "training conditions": 48, "test conditions": 0}
    assert (found.affected, bool(found.remedy)) == (None, True)


def test_conditions_in_all_batches_pass():
    found = run(CEX, (("b0", "b1"),) * len(TABLE))
    assert (found.status, found.value) == (Status.PASS, 0.0)
    assert "100% of the test conditions" in found.sentence
    assert found.affected is None
    some = run(CEX, tuple(("b0", "b1") if c != "c00" else ("b2",) for c in TABLE.context))
    assert some.affected.touched.tolist() == (TABLE.context[CEX.test] != "c00").tolist()


def test_a_context_in_batches_of_its_own_tells_nothing_beyond_it():
    found = run(CEX, by(TABLE.context))
    assert (found.status, found.value) == (Status.NA, None)
    assert "each batch holds one context" in found.sentence
    one_each = run(make_split(TABLE, "few-shot", contexts=CONTEXTS[:6], shots=2, seed=0), by(range(len(TABLE))))
    assert "each batch holds one perturbation of a context" in one_each.sentence


def test_whole_contexts_change_sides():
    """Six pairs of contexts, a batch each: three held out are no rarity, as the same by conditions would be."""
    found = run(CEX, by(np.arange(len(TABLE)) // (2 * len(NAMES))))
    assert "when whole contexts change sides" in found.sentence
    assert found.value == pytest.approx(0.77, abs=0.01)
    assert (found.status, found.value > found.null) == (Status.PASS, True)
    assert "does not tell the fold beyond chance" in found.sentence


def test_conditions_that_share_their_plate_change_sides_together():
    """Doses of a drug on one plate, the top dose of half of the drugs held out: drugs are the observations."""
    drugs, doses = [f"d{k:02d}" for k in range(10)], [0.1, 1.0, 10.0]
    table = Conditions.make(["A"] * 90 + ["B"] * 90, np.repeat(drugs, 9).tolist() * 2, np.tile(doses, 60),
                            np.tile(np.repeat([6.0, 24.0, 48.0], 3), 20))  # fmt: skip
    number = np.array([int(name[1:]) for name in table.perturbation])
    split = Split(table, np.where((table.dose == 10) & (number < 5), "test", "train"))
    found = run(split, by(number // 5))
    assert "when whole perturbations change sides" in found.sentence
    assert found.status is Status.PASS


def test_too_few_contexts_are_judged_by_size_alone():
    few = TABLE.take(np.isin(TABLE.context, CONTEXTS[4:8]))
    split = make_split(few, "cex", contexts=CONTEXTS[4:6])
    found = run(split, by(np.isin(few.context, CONTEXTS[:6]).astype(int)))
    assert (found.status, found.null) == (Status.WARN, None)
    assert "4 contexts are too few for a null" in found.sentence


@pytest.mark.parametrize("seed", range(10))
def test_random_batches_are_let_pass(seed):
    rng = np.random.default_rng(seed)
    assert run(CEX, by(rng.integers(0, 4, len(TABLE)))).status is Status.PASS
    plate = dict(zip(NAMES, rng.integers(0, 3, len(NAMES)), strict=True))
    assert run(GEX, by(plate[p] for p in TABLE.perturbation)).status in (Status.PASS, Status.NA)


def test_what_the_tables_do_not_tell_is_asked_for():
    assert run(CEX, None).status is Status.UNKNOWN
    assert run(CEX, None).question
    assert run(CEX, by([0] * len(TABLE))).status is Status.NA
    assert run(replace(CEX, roles=np.full(len(TABLE), "train")), None).status is Status.NA
    assumed = replace(CEX, assumed="the rest is assumed to be the training set")
    found = run(assumed, by(np.isin(TABLE.context, CONTEXTS[:6]).astype(int)))
    assert (found.status, found.sentence[:36]) == (Status.UNKNOWN, "The rest is assumed to be the traini")
    half = tuple(b if i % 2 else () for i, b in enumerate(by(np.arange(len(TABLE)) % 3)))
    found = run(CEX, half)
    assert "(24 of 48 without a batch)" in found.sentence
    assert found.affected is None


def test_rows_of_one_condition_on_both_sides():
    both = np.arange(len(TABLE))
    split = Split(TABLE, np.full(len(TABLE), "test"), also_train=both)
    sides = (("b1",),) * len(TABLE), (("b2",),) * len(TABLE)
    found = run(replace(split, meta={"batches_by_side": sides}), None)
    assert (found.status, found.value) == (Status.WARN, pytest.approx(1.0, abs=0.01))


def test_a_simulated_screen(make_study, assemble_study):
    study = make_study(3)
    assert study.run("L13").status is Status.PASS
    followed = batches_follow_split(study.simulation, study.split)
    assert assemble_study(followed, 3, study.split).run("L13").status is Status.WARN


@pytest.fixture(scope="module")
def study(make_study):
    made = make_study(1, n_crispri=24, n_drugs=0, n_contexts=2, null_share=0.0)
    return assemble(made.simulation, 1, make_split(made.split.conditions, "gex", seed=1, fraction=0.5))


class TestBatchAlone:
    def answers(self, study, **values):
        truth = study.simulation.truth.delta[study.split.test]
        noise = np.random.default_rng(0).normal(0, truth.std(), truth.shape)
        made = {"truth": truth, "noisy": truth + 2 * noise, "noise": noise}
        state, genes = np.full(len(truth), "ok"), np.ones(truth.shape[1], dtype=bool)
        role = {"batch_only": "probe", "perturbed_mean": "baseline"}
        return {k: Answer(k, role.get(k, "submission"), made[v], state, genes) for k, v in values.items()}

    @pytest.mark.parametrize(
        ("batch", "mean", "status"),
        [("truth", "noise", Status.WARN), ("noise", "noise", Status.PASS), ("truth", "truth", Status.PASS)],
    )
    def test_half_of_the_score_and_more_than_the_mean(self, study, batch, mean, status):
        found = study.run("L13m", answers=self.answers(study, m="noisy", batch_only=batch, perturbed_mean=mean))
        assert (found.status, found.model) == (status, "m")
        assert [row["answer"] for row in found.evidence] == ["m", "batch_only", "perturbed_mean"]
        assert found.value == pytest.approx(found.evidence[1]["score"] / found.evidence[0]["score"])

    def test_its_own_mean_stands_in(self, study):
        assert study.run("L13m", answers=self.answers(study, m="noisy", batch_only="truth")).status is Status.WARN

    def test_without_the_probe_it_is_not_measurable(self, study):
        assert study.run("L13m", answers=self.answers(study, m="noisy")).status is Status.NA


def test_batches_of_a_few_test_conditions_say_nothing():
    named = np.isin(TABLE.context, CONTEXTS[6:]) | np.isin(TABLE.perturbation, NAMES[:2])
    found = run(CEX, tuple(("b0", "b1") if yes else () for yes in named.tolist()))
    assert (found.status, bool(found.question)) == (Status.UNKNOWN, True)
    assert "(36 of 48 without a batch)" in found.sentence
