"""Combinations from their parts, against direct transcriptions and planted interactions."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from vcassay.core import Regime
from vcassay.evidence.baselines import BASELINES, climb
from vcassay.evidence.baselines.combinations.one_hot import PENALTIES
from vcassay.screen.treatments import read_treatments

SINGLES = [f"g{i}" for i in range(8)]
PAIRS = [f"{a}+{b}" for a, b in combinations(SINGLES, 2)]
NAMES = ("matching_mean", "additive_combination", "one_hot", "global_epistasis")


def screen(rule, seed, *, noise=0.0, width=30):
    """Singles and pairs in one context, pairs being a function of the sum of their parts."""
    rng = np.random.default_rng(seed)
    own = {p: rng.normal(size=width) for p in SINGLES}
    offset = rng.normal(size=width)
    effects = {("A", p): e + noise * rng.normal(size=width) for p, e in own.items()}
    clean = {("A", p): rule(sum(own[q] for q in p.split("+")), offset) for p in PAIRS}
    return effects | {k: v + noise * rng.normal(size=width) for k, v in clean.items()}, clean


def task_and_truth(make, rule, seed, **settings):
    effects, clean = screen(rule, seed, **settings)
    order = np.random.default_rng([seed, 1]).permutation(PAIRS).tolist()
    wanted = [("A", p) for p in order[:10]]
    task = make({k: v for k, v in effects.items() if k not in wanted}, wanted, regime=Regime.COMBINATION)
    return task, np.array([clean["A", p] for p in task.wanted.perturbation.tolist()])


def scores(answer, task, truth):
    return {n: float(np.sum((answer(n, task) - truth) ** 2)) for n in (*NAMES, "perturbed_mean")}


RULES = {
    "matching_mean": lambda total, offset: total / 2.0,
    "additive_combination": lambda total, offset: total,
    "global_epistasis": lambda total, offset: 0.6 * total + offset,
}


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("rule", RULES)
def test_each_is_exact_where_its_assumption_holds_and_not_elsewhere(make, answer, rule, seed):
    found = scores(answer, *task_and_truth(make, RULES[rule], seed))
    assert found[rule] < 1e-12
    others = {"matching_mean", "additive_combination"} - {rule}
    assert min(found[n] for n in others) > 1.0
    if rule == "additive_combination":
        assert found["one_hot"] < 1e-8
        assert found["global_epistasis"] < 1e-12  # a scaling of 1 is among its own
    else:
        assert found["one_hot"] > 1.0
    assert found["global_epistasis"] < 1e-12  # half of the sum is a scaling too
    assert found["perturbed_mean"] > 1.0


@pytest.mark.parametrize("seed", range(4))
def test_combinations_sharpen_what_noisy_singles_tell(make, answer, seed):
    """Ridge reads a part from every combination that it is in; the sum reads it from one noisy single."""
    found = scores(answer, *task_and_truth(make, RULES["additive_combination"], seed, noise=1.0))
    assert found["one_hot"] < 0.8 * found["additive_combination"]
    assert found["one_hot"] < found["perturbed_mean"]


def test_the_scaling_and_offsets_are_least_squares_ones(make):
    task, _ = task_and_truth(make, RULES["global_epistasis"], 0, noise=0.5)
    model = BASELINES["global_epistasis"].obj().fit(task)
    single = {p[0]: e for p, e in zip(task.train.parts, task.effects, strict=True) if len(p) == 1}
    pairs = [(sum(single[q] for q in p), e) for p, e in zip(task.train.parts, task.effects, strict=True) if len(p) > 1]
    g = task.effects.shape[1]
    design = np.concatenate([np.column_stack([x, np.eye(g)]) for x, _ in pairs])
    solved = np.linalg.lstsq(design, np.concatenate([y for _, y in pairs]), rcond=None)[0]
    assert model.scale == pytest.approx(solved[0], abs=1e-10)
    np.testing.assert_allclose(model.offset, solved[1:], atol=1e-10)


def test_without_combinations_to_learn_from_the_scaled_sum_is_the_sum_and_says_so(make):
    rng = np.random.default_rng(2)
    train = {("A", p): rng.normal(size=5) for p in SINGLES} | {("A", p): rng.normal(size=5) for p in PAIRS[:2]}
    task = make(train, [("A", p) for p in PAIRS[10:14]], regime=Regime.COMBINATION)
    model = BASELINES["global_epistasis"].obj().fit(task)
    plain = BASELINES["additive_combination"].obj().fit(task)
    np.testing.assert_array_equal(model.predict(task.wanted), plain.predict(task.wanted))
    assert (model.n_fallback, plain.n_fallback) == (4, 0)
    assert "under 3 combinations" in model.fallback


def test_ridge_on_parts_is_the_formula(make):
    """Effects less (number of parts) x mean part effect, ridge on indicators of parts."""
    task, _ = task_and_truth(make, RULES["global_epistasis"], 3, noise=0.5)
    model = BASELINES["one_hot"].obj().fit(task)
    assert model.penalty in PENALTIES
    x = np.array([[float(s in p) for s in SINGLES] for p in task.train.parts])
    z = np.array([[float(s in p) for s in SINGLES] for p in task.wanted.parts])
    k = x.sum(axis=1)
    mean = np.linalg.lstsq(k[:, None], task.effects, rcond=None)[0][0]
    solved = np.linalg.solve(x.T @ x + model.penalty * np.eye(8), x.T @ (task.effects - np.outer(k, mean)))
    np.testing.assert_allclose(model.predict(task.wanted), np.outer(z.sum(axis=1), mean) + z @ solved, atol=1e-9)


def test_missing_partners(make):
    """The sum takes the mean single shift (scPerturBench), the mean of partners the perturbed mean (Systema)."""
    rng = np.random.default_rng(4)
    train = {("A", p): rng.normal(size=5) for p in SINGLES[:5]} | {("A", "g0+g1"): rng.normal(size=5)}
    weights = {k: float(3 + i) for i, k in enumerate(train)}
    task = make(train, [("A", "g2+new"), ("A", "g2+g3")], regime=Regime.COMBINATION, weights=weights)
    single = np.mean([train["A", p] for p in SINGLES[:5]], axis=0)
    cells = sum(weights[k] * train[k] for k in train) / sum(weights.values())
    g2, g3 = train["A", "g2"], train["A", "g3"]
    expected = {"additive_combination": [g2 + g3, g2 + single], "matching_mean": [(g2 + g3) / 2, (g2 + cells) / 2]}
    for name, rows in expected.items():
        model = BASELINES[name].obj().fit(task)
        np.testing.assert_allclose(model.predict(task.wanted), rows, err_msg=name)
        assert model.n_fallback == 1


def test_a_part_known_from_combinations_alone_is_what_they_are_beyond_their_other_parts(make):
    effects, clean = screen(RULES["additive_combination"], 5)
    train = {("A", p): effects["A", p] for p in SINGLES[:6]}
    train |= {("A", p): effects["A", p] for p in ("g0+g7", "g1+g7")}
    task = make(train, [("A", "g2+g7"), ("A", "g7")], regime=Regime.COMBINATION)
    model = BASELINES["additive_combination"].obj().fit(task)
    found = dict(zip(task.wanted.perturbation.tolist(), model.predict(task.wanted), strict=True))
    np.testing.assert_allclose(found["g2+g7"], clean["A", "g2+g7"], atol=1e-12)
    np.testing.assert_allclose(found["g7"], effects["A", "g7"], atol=1e-12)
    assert model.n_fallback == 2


def test_parts_are_sought_in_the_context_then_over_contexts_then_over_doses(make, answer):
    train = {("A", "a", 1.0): 1.0, ("B", "a", 1.0): 3.0, ("B", "c", 1.0): 100.0}
    train |= {("A", "b", 5.0): 10.0, ("B", "b", 5.0): 30.0}
    task = make(
        {k: np.full(2, v) for k, v in train.items()},
        [("A", "a+b", 1.0), ("A", "a+c", 1.0), ("C", "a+b", 1.0)],
        regime=Regime.COMBINATION,
    )
    np.testing.assert_allclose(answer("additive_combination", task)[:, 0], [11.0, 101.0, 22.0])


@pytest.mark.parametrize("name", NAMES)
def test_a_control_partner_and_the_order_of_partners_do_not_matter(make, answer, name):
    read = read_treatments(["g1+ctrl", "ctrl+g1", "g1", "g5+g1", "g1+g5"], ["ctrl"], "+")
    assert len(set(read.code[:3].tolist())) == len(set(read.code[3:].tolist())) == 1
    effects, _ = screen(RULES["additive_combination"], 6)
    train = {k: v for k, v in effects.items() if k[1] not in PAIRS[20:]}
    one, other = (answer(name, make(train, [("A", p)], regime=Regime.COMBINATION)) for p in ("g6+g7", "g7+g6"))
    np.testing.assert_array_equal(one, other)
    turned = dict(reversed(train.items()))
    np.testing.assert_array_equal(answer(name, make(turned, [("A", "g7+g6")], regime=Regime.COMBINATION)), one)


def test_one_gene_by_two_modalities_is_two_parts(make, answer):
    up, down = "g1 [CRISPRa]", "g1 [CRISPRi]"
    effects = {("A", up): np.full(2, 1.0), ("A", down): np.full(2, -5.0), ("A", "g2 [CRISPRa]"): np.full(2, 3.0)}
    task = make(effects, [("A", f"{up}+g2 [CRISPRa]")], regime=Regime.COMBINATION)
    np.testing.assert_allclose(answer("additive_combination", task), [[4.0, 4.0]])


@pytest.mark.parametrize(
    "name",
    ["additive_combination", "general_mean", "matching_mean", "perturbation_mean", "nearest_context"],
)
def test_a_part_of_another_modality_elsewhere_is_another_part(make, answer, name):
    """Activated where combinations are, knocked down in another context: the names are the same."""
    train = {("A", "g1"): 1.0, ("B", "g1"): -5.0, ("A", "g2"): 3.0, ("B", "g2"): -7.0}
    task = make({k: np.full(2, v) for k, v in train.items()}, [("C", "g1+g2")], regime=Regime.COMBINATION)
    kind = np.where(task.train.context == "A", "CRISPRa", "CRISPRi")
    wanted = replace(task.wanted, modality=np.array(["CRISPRa"]))
    task = replace(task, train=replace(task.train, modality=kind), wanted=wanted)
    np.testing.assert_allclose(answer(name, task), np.full((1, 2), 2.0 if name == "matching_mean" else 4.0))


def test_ridge_keeps_parts_of_two_modalities_apart(make, answer):
    train = {("A", "g1"): 1.0, ("A", "g2"): 3.0, ("A", "g1+g2"): 4.0, ("B", "g1"): -5.0, ("B", "g2"): -7.0}
    task = make({k: np.full(2, v) for k, v in train.items()}, [("A", "g1+g2")], regime=Regime.COMBINATION)
    kind = np.where(task.train.context == "A", "CRISPRa", "CRISPRi")
    wanted = replace(task.wanted, modality=np.array(["CRISPRa"]))
    own, mixed = (
        BASELINES["one_hot"].obj().fit(replace(task, train=replace(task.train, modality=k)))
        for k in (kind, np.where(np.array([len(p) > 1 for p in task.train.parts]), "both", kind))
    )
    assert (len(own.model.place), len(mixed.model.place)) == (4, 2)
    own.predict(wanted)
    assert own.n_fallback == 0


def test_they_run_on_held_out_combinations(study):
    study = study("combination", seen=2, n_contexts=2, n_crispri=12, n_combinations=30)
    found = {
        n: climb(study.task, study.claim, BASELINES[n]).record for n in (*NAMES, "perturbation_mean", "general_mean")
    }
    assert {n: r.legal for n, r in found.items()} == {n: n in NAMES for n in found}
    assert all(found[n].n_predicted == len(study.task.wanted) for n in NAMES)


def test_they_are_no_rivals_where_there_are_no_combinations(study):
    """A part that is trained elsewhere would let them repeat the perturbation mean under other names."""
    study = study("cex", n_contexts=4, n_crispri=14, n_genes=60)
    for name in NAMES:
        record = climb(study.task, study.claim, BASELINES[name]).record
        assert not record.ran
        assert "combinations" in record.why
