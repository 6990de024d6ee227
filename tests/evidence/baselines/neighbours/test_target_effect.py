from dataclasses import replace

import numpy as np
import pytest
from tests.evidence.baselines.conftest import task_of

from vcassay.core import Regime
from vcassay.evidence.baselines.neighbours.target_effect import TargetEffect

G = 30
GENES = [f"G{i}" for i in range(8)]


def world(share, rng, contexts=("a",), drugs=8):
    """Genes everywhere but in the last of several contexts; the last compound is wanted."""
    loss = rng.normal(size=(8, G))
    level = {c: rng.normal(size=G) for c in contexts}
    value = {(c, g): loss[i] + level[c] for c in contexts[:2] for i, g in enumerate(GENES)}
    besides = loss - loss.mean(axis=0)
    value |= {(c, f"d{i}", 1.0): 3.0 * level[c] + share * besides[i] for c in contexts for i in range(drugs)}
    wanted = [(c, f"d{drugs - 1}", 1.0) for c in contexts]
    train = {k: v for k, v in value.items() if k not in wanted}
    annotation = {"target": {f"d{i}": GENES[i] for i in range(drugs)}}
    return task_of(train, wanted, regime=Regime.DEX, annotation=annotation), besides, level


def test_the_share_of_the_targets_effect_is_learned_and_carried_over():
    rng = np.random.default_rng(0)
    task, besides, level = world(0.6, rng)
    model = TargetEffect().fit(task)
    assert model.share["loss"] == pytest.approx(0.6, abs=0.03)
    assert model.share["gain"] == 0.0
    compounds = 3.0 * level["a"] + 0.6 * besides[:7].mean(axis=0)
    assert model.predict(task.wanted)[0] == pytest.approx(compounds + model.share["loss"] * besides[7])
    assert not model.n_fallback


def test_a_gene_that_is_not_trained_in_the_context_is_the_mean_over_others():
    task, besides, level = world(0.6, np.random.default_rng(1), contexts=("a", "b", "c"))
    model = TargetEffect().fit(task)
    for row, c in zip(model.predict(task.wanted), ("a", "b", "c"), strict=True):
        compounds = 3.0 * level[c] + 0.6 * besides[:7].mean(axis=0)
        assert row == pytest.approx(compounds + model.share["loss"] * besides[7])


def test_where_targets_tell_nothing_it_is_the_mean_of_compounds():
    task, _, _ = world(0.0, np.random.default_rng(2))
    noise = np.random.default_rng(3).normal(size=task.effects.shape)
    model = TargetEffect().fit(replace(task, effects=task.effects + noise))
    compounds = [i for i, p in enumerate(task.train.perturbation.tolist()) if p.startswith("d")]
    if model.share["loss"] == 0.0:
        assert model.predict(task.wanted)[0] == pytest.approx((task.effects + noise)[compounds].mean(axis=0))
        assert model.n_fallback == 1
    assert abs(model.share["loss"]) < 0.5


def test_two_compounds_are_too_few_to_learn_from():
    task, _, _ = world(0.6, np.random.default_rng(4), drugs=3)
    model = TargetEffect().fit(task)
    assert model.share == {"loss": 0.0, "gain": 0.0}
    model.predict(task.wanted)
    assert model.fallback == "the mean of compounds, no share of a trained target being known, for 1 conditions"


def test_activation_has_a_share_of_its_own():
    task, _, _ = world(-0.5, np.random.default_rng(5))
    kind = np.where(np.isfinite(task.train.dose), "compound", "CRISPRa")
    model = TargetEffect().fit(replace(task, train=replace(task.train, modality=kind)))
    assert model.share["gain"] == pytest.approx(-0.5, abs=0.03)
    assert model.share["loss"] == 0.0


def test_without_compounds_or_targets_it_is_a_mean():
    task, _, _ = world(0.6, np.random.default_rng(6))
    bare = TargetEffect().fit(replace(task, features=()))
    assert bare.n_fallback == 0
    assert bare.predict(task.wanted).shape == (1, G)
    assert bare.n_fallback == 1
    genes = np.flatnonzero(~np.isfinite(task.train.dose))
    only = task.part(genes, genes[:2])
    assert TargetEffect().fit(only).predict(only.wanted) == pytest.approx(np.tile(only.effects.mean(axis=0), (2, 1)))
