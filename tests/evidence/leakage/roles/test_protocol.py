from __future__ import annotations

import numpy as np
import pytest

from vcassay.claim import Role, Split, make_claim, make_split
from vcassay.core import Conditions, Regime, Status
from vcassay.evidence.leakage.roles.protocol import seen_perturbations, shots_by_context, shown_contexts
from vcassay.simulate.leaks import few_shot_hidden

TABLE = Conditions.make(np.repeat(["A", "B", "C"], 5), [f"p{i}" for i in range(5)] * 3)
CEX = make_split(TABLE, "cex", contexts=["C"])
GEX = make_split(TABLE, "gex", fraction=0.4)


def both(split: Split, **stated):
    claim = make_claim(split, **stated)
    return shown_contexts(split, claim), seen_perturbations(split, claim)


def with_roles(table: Conditions, test) -> Split:
    roles = [Role.TEST.value if test(c, p, d) else Role.TRAIN.value for c, p, d, _ in table.keys]
    return Split(table, np.array(roles))


def test_rows_by_context_are_sorted_by_what_was_shown():
    rows = shots_by_context(np.array(["b", "a", "b"]), np.array([2, 0, 2]), np.array([0.5, 0.0, 0.5]))
    assert [(r["context"], r["test conditions"], r["training perturbations"]) for r in rows] == [
        ("b", 2, 2),
        ("a", 1, 0),
    ]


def test_a_true_cex_split_passes_and_prints_the_pairing():
    contexts, perturbations = both(CEX)
    assert (contexts.status, contexts.value) == (Status.PASS, 0.0)
    assert (perturbations.status, perturbations.value) == (Status.PASS, 1.0)
    assert "100% of the test conditions" in perturbations.sentence


@pytest.mark.parametrize("seed", range(3))
def test_hidden_shots_are_counted(seed):
    found, _ = both(few_shot_hidden(CEX, np.random.default_rng(seed), k=2))
    assert (found.status, found.blocks) == (Status.FAIL, False)
    assert found.value == pytest.approx(0.4)
    assert "this is few-shot" in found.sentence
    assert "k = 2 (median)" in found.sentence
    assert "40% of the perturbations" in found.sentence
    assert found.evidence == ({"context": "C", "test conditions": 3, "training perturbations": 2, "share": 0.4},)


def test_nothing_declared_prints_the_regime_found_and_never_blocks():
    shown = with_roles(TABLE, lambda c, p, d: c == "C" and p[0] not in ("p0", "p1"))
    found, seen = both(shown)
    assert (found.status, found.blocks, seen.blocks) == (Status.PASS, False, False)
    assert "the regime found is few-shot context" in found.sentence


def test_a_weaker_declared_regime_allows_shots():
    found, _ = both(GEX)
    assert (found.status, found.blocks) == (Status.PASS, False)


def test_a_gex_split_passes_and_one_leaked_context_fails():
    assert both(GEX)[1].status is Status.PASS
    leaked = with_roles(TABLE, lambda c, p, d: p[0] in ("p0", "p1") and c != "A")
    _, found = both(leaked, declared=Regime.GEX)
    assert (found.status, found.blocks, found.value) == (Status.FAIL, False, 1.0)
    assert "2 of 2 test perturbations trained in some context (p0, p1)" in found.sentence
    assert found.evidence[0] == {"perturbation": "p0", "test conditions": 2, "trained in": "A"}


def test_another_dose_in_another_context_is_seen():
    table = Conditions.make(["A", "A", "B"], ["x", "y", "x"], [1.0, 1.0, 5.0])
    _, found = both(with_roles(table, lambda c, p, d: c == "B"), declared=Regime.DEX)
    assert found.status is Status.FAIL


def test_combinations_are_judged_by_their_parts_or_as_a_whole():
    table = Conditions.make(["A"] * 4, ["x", "y", ("x", "y"), ("y", "z")])
    split = with_roles(table, lambda c, p, d: p == ("x", "y"))
    assert both(split, declared=Regime.COMBINATION)[1].status is Status.PASS
    assert both(split, declared=Regime.GEX)[1].status is Status.FAIL
    in_company = with_roles(table.take([1, 2, 3]), lambda c, p, d: p == ("y",))
    assert both(in_company, declared=Regime.GEX)[1].evidence[0]["trained in"] == "company of others"
    new_part = with_roles(table, lambda c, p, d: p == ("y", "z"))
    assert both(new_part, declared=Regime.GEX)[1].status is Status.PASS


def test_random_cells_leak_every_perturbation():
    assert both(make_split(TABLE, "random-cells"), declared=Regime.GEX)[1].status is Status.FAIL
    assert both(make_split(TABLE, "random-cells"), declared=Regime.CEX)[0].status is Status.FAIL


def test_an_assumed_training_set_is_never_a_failure():
    roles = np.where(np.isin(np.arange(len(TABLE)), [0, 1, 10]), "test", "train")
    split = Split(TABLE, roles, assumed="the 12 conditions that no model predicts are assumed to be the training set")
    for found in both(split, declared=Regime.AEX):
        assert (found.status, bool(found.question)) == (Status.UNKNOWN, True)
        assert found.sentence.startswith("The 12 conditions that no model predicts are assumed")


def test_affected_are_shown_contexts_and_seen_perturbations():
    shown = with_roles(TABLE, lambda c, p, d: c == "B" or (c == "C" and p[0] != "p0"))
    found, seen = both(shown, declared=Regime.CEX)
    assert found.affected.touched.tolist() == [False] * 5 + [True] * 4
    assert seen.affected.touched.all()
    leaked = with_roles(TABLE, lambda c, p, d: p[0] in ("p0", "p1") and not (c == "A" and p[0] == "p1"))
    found = both(leaked, declared=Regime.GEX)[1]
    assert found.affected.touched.tolist() == (TABLE.perturbation[leaked.test] == "p1").tolist()
    assert both(GEX)[1].affected is None


def test_strays_in_shown_contexts_are_a_warning():
    """One of 31 test conditions is of a context shown in training: less than the claim sets aside."""
    names = [f"p{i}" for i in range(30)]
    table = Conditions.make(np.repeat(["A", "C", "D"], 30), names * 3)
    stray = with_roles(table, lambda c, p, d: c == "C" or (c, p) == ("D", ("p0",)))
    found, _ = both(stray, declared=Regime.CEX)
    assert (found.status, bool(found.remedy)) == (Status.WARN, True)
    assert "but for strays" in found.sentence
