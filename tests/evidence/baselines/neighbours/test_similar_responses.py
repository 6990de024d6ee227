"""Contexts that responded alike: a planted interaction is filled in, and nothing is made up without one."""

from __future__ import annotations

import numpy as np
import pytest
from tests.evidence.baselines.conftest import task_of
from tests.phenotypes import grid

from vcassay.arrays.template import fit_template, make_design, predict_template
from vcassay.core import Regime
from vcassay.evidence.baselines import BASELINES
from vcassay.evidence.baselines.ladder import WANTS, answers


def gaps(seed: int, spread: float, noise: float = 0.2):
    """A fifth of a grid held out at random: (wanted, g) errors of the baseline and of the bias model."""
    made = grid(16, 30, spread=spread, seed=seed)
    rng = np.random.default_rng([seed, 3])
    test = rng.random(made.truth.shape) < 0.2
    measured = made.truth + rng.normal(0, noise, test.shape)
    i, j = np.nonzero(~test)
    train = {(made.lines[a], made.drugs[b]): measured[a, b][None] for a, b in zip(i, j, strict=True)}
    ti, tj = np.nonzero(test)
    wanted = [(made.lines[a], made.drugs[b]) for a, b in zip(ti, tj, strict=True)]
    task = task_of(train, wanted, regime=Regime.FEW_SHOT, genes=["ln_ic50"])
    model = BASELINES["similar_responses"].obj().fit(task)
    position = {(c, p): (a, b) for a, c in enumerate(made.lines) for b, p in enumerate(made.drugs)}
    at = np.array([position[c, p[0]] for c, p, _, _ in task.wanted.keys])
    truth = made.truth[at[:, 0], at[:, 1]]
    terms = fit_template(make_design(i, j), measured[i, j][:, None])
    means = predict_template(terms, at[:, 0], at[:, 1])[:, 0]
    return model.predict(task.wanted)[:, 0] - truth, means - truth, task


@pytest.mark.parametrize("seed", range(4))
def test_a_planted_interaction_is_filled_in(seed):
    mine, means, _ = gaps(seed, spread=0.8)
    assert (mine**2).mean() < 0.6 * (means**2).mean()


@pytest.mark.parametrize("seed", range(4))
def test_without_interactions_it_is_hardly_worse_than_the_bias_model(seed):
    mine, means, _ = gaps(seed, spread=1e-9)
    assert (mine**2).mean() < 1.5 * (means**2).mean()


def test_what_has_no_neighbour_is_answered_by_the_bias_model():
    _, _, task = gaps(0, spread=0.8)
    model = BASELINES["similar_responses"].obj().fit(task)
    stranger = task_of(
        dict(zip(zip(task.train.context, [p[0] for p in task.train.parts], strict=True), task.effects, strict=True)),
        [("line00", "unheard of"), ("nowhere", "drug03")],
        regime=Regime.FEW_SHOT,
        genes=["ln_ic50"],
    ).wanted
    found = model.predict(stranger)
    assert np.isfinite(found).all()
    assert model.n_fallback == 2
    assert "bias model" in model.fallback


def test_what_compares_features_does_not_answer_for_one():
    _, _, task = gaps(0, spread=0.8)
    silent = {entry.name for entry in BASELINES if not answers(entry, task)}
    linear = {"gene_loading", "gene_loading_prior", "gene_loading_transfer"}
    assert silent == {*linear, "coexpression_knn", "nearest_context"}
    assert {BASELINES[name].meta["readout"] for name in silent} <= set(WANTS)
