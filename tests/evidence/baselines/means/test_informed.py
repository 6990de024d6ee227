"""Means that know the target, against direct transcriptions and planted knock-downs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from vcassay.evidence.baselines import BASELINES
from vcassay.evidence.baselines.means.targets import direction, measured_targets

GENES = [f"g{i}" for i in range(40)]


def with_modality(task, train, wanted=None):
    """The same task, its perturbations of a stated kind."""

    def stated(conditions, word):
        return replace(conditions, modality=np.full(len(conditions), word))

    return replace(task, train=stated(task.train, train), wanted=stated(task.wanted, wanted or train))


def planted(make, kept, seed=0, noise=0.05):
    """Effects of one mean, whose target keeps a share of its control expression (``None``: it is left alone)."""
    rng = np.random.default_rng(seed)
    control, mean = rng.uniform(1.0, 4.0, size=40), 0.3 * rng.normal(size=40)
    effects = {}
    for i, gene in enumerate(GENES[:30]):
        effects["A", gene] = mean + noise * rng.normal(size=40)
        if kept is not None:
            effects["A", gene][i] = (kept - 1.0) * control[i] + noise * rng.normal()
    train = {k: v for k, v in effects.items() if k[1] not in GENES[20:30]}
    task = make(train, [("A", g) for g in GENES[20:30]], genes=GENES, controls={"A": control})
    return task, np.array([effects["A", p] for p in task.wanted.perturbation.tolist()])


@pytest.mark.parametrize(
    ("word", "way"),
    [
        ("CRISPRi", "loss"), ("CRISPRa", "gain"), ("CRISPR", "loss"), ("KO", "loss"), ("knockdown", "loss"),
        ("shRNA", "loss"), ("ORF overexpression", "gain"), ("drug", ""), ("", ""), ("token", ""),
    ],
)  # fmt: skip
def test_ways_of_acting(word, way):
    assert direction(word) == way


def test_a_modality_in_the_name_goes_before_that_of_the_condition(table):
    conditions = table([("A", "g1 [CRISPRa]"), ("A", "g1 [CRISPRi]+g2"), ("A", "none")])
    conditions = replace(conditions, modality=np.full(3, "CRISPRi"))
    row, gene, way = measured_targets(conditions, np.array(GENES))
    names = conditions.perturbation[row].tolist()
    assert sorted(zip(names, gene.tolist(), way.tolist(), strict=True)) == [
        ("g1 [CRISPRa]", 1, "gain"),
        ("g1 [CRISPRi]+g2", 1, "loss"),
        ("g1 [CRISPRi]+g2", 2, "loss"),
    ]


def test_compounds_named_like_genes_have_no_target(table):
    conditions = replace(table([("A", "g1")]), modality=np.array(["drug"]))
    assert not len(measured_targets(conditions, np.array(GENES))[0])


@pytest.mark.parametrize("word", ["CRISPRi", "CRISPRa"])
def test_the_informed_mean_is_wongs(make, word):
    """The perturbed profile is control + mean; its target is then set to 0, or doubled."""
    rng = np.random.default_rng(1)
    effects = {("A", g): rng.normal(size=40) for g in GENES[:10]}
    control = rng.uniform(1.0, 4.0, size=40)
    wanted = [("A", "g20"), ("A", "g21+g22"), ("A", "elsewhere"), ("B", "g20")]
    task = with_modality(make(effects, wanted, genes=GENES, controls={"A": control}), word)
    model = BASELINES["informed_mean"].obj().fit(task)
    found = dict(zip(task.wanted.ids, model.predict(task.wanted), strict=True))
    profile = control + np.mean(list(effects.values()), axis=0)
    for name, targets in (("A | g20", [20]), ("A | g21+g22", [21, 22]), ("A | elsewhere", [])):
        expected = profile.copy()
        expected[targets] = 0.0 if word == "CRISPRi" else 2.0 * profile[targets]
        np.testing.assert_allclose(found[name], expected - control, atol=1e-12, err_msg=name)
    np.testing.assert_allclose(found["B | g20"], profile - control, atol=1e-12)
    assert model.n_fallback == 2


def test_without_a_stated_modality_the_target_is_not_guessed(make):
    task, _ = planted(make, 0.0)
    model = BASELINES["informed_mean"].obj().fit(task)
    np.testing.assert_array_equal(
        model.predict(task.wanted), BASELINES["perturbed_mean"].obj().fit(task).predict(task.wanted)
    )
    assert model.n_fallback == len(task.wanted)


def squares(answer, task, truth, names):
    return {n: float(np.sum((answer(n, task) - truth) ** 2)) for n in names}


NAMES = ("perturbed_mean", "informed_mean", "target_scaling")


@pytest.mark.parametrize("seed", range(5))
def test_each_wins_where_its_assumption_holds(make, answer, seed):
    task, truth = planted(make, 0.0, seed)
    found = squares(answer, with_modality(task, "CRISPR"), truth, NAMES)
    assert found["informed_mean"] < 0.2 * found["perturbed_mean"]
    task, truth = planted(make, 0.6, seed)
    found = squares(answer, with_modality(task, "CRISPRi"), truth, NAMES)
    assert found["target_scaling"] < 0.2 * min(found["perturbed_mean"], found["informed_mean"])
    task, truth = planted(make, None, seed)
    found = squares(answer, with_modality(task, "CRISPRi"), truth, NAMES)
    assert found["target_scaling"] == found["perturbed_mean"]
    assert found["informed_mean"] > 5 * found["perturbed_mean"]


def test_the_share_that_is_left_is_the_least_squares_one(make):
    task, _ = planted(make, 0.4, noise=0.3)
    task = with_modality(task, "CRISPRi")
    model = BASELINES["target_scaling"].obj().fit(task)
    at = [GENES.index(p) for p in task.train.perturbation.tolist()]
    control, effect = task.controls["A"][at], task.effects[np.arange(len(at)), at]
    slope = np.linalg.lstsq(control[:, None], control + effect, rcond=None)[0][0]
    assert model.share["loss"] == pytest.approx(slope, abs=1e-12)
    found = dict(zip(task.wanted.perturbation.tolist(), model.predict(task.wanted), strict=True))
    assert found["g25"][25] == pytest.approx((slope - 1.0) * task.controls["A"][25])
    assert model.n_fallback == 0


def test_a_share_learned_from_knock_downs_is_not_used_for_activation(make):
    task, _ = planted(make, 0.4)
    model = BASELINES["target_scaling"].obj().fit(with_modality(task, "CRISPRi", "CRISPRa"))
    found = model.predict(with_modality(task, "CRISPRi", "CRISPRa").wanted)
    np.testing.assert_array_equal(found, np.tile(model.mean, (len(found), 1)))
    assert model.n_fallback == len(found)
