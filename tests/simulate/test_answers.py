from __future__ import annotations

import numpy as np
import pytest

from vcassay.core import InputError
from vcassay.simulate import SimulationPlan, answers, simulate_screen
from vcassay.simulate.observed import observed_effects


def rowwise(a, b):
    a, b = a - a.mean(axis=1, keepdims=True), b - b.mean(axis=1, keepdims=True)
    return np.sum(a * b, axis=1) / np.sqrt(np.sum(a**2, axis=1) * np.sum(b**2, axis=1))


@pytest.fixture(scope="module")
def test_set(simulation, split):
    return split.conditions.take(split.test)


@pytest.fixture(scope="module")
def wide():
    """Many genes and clear effects: room for a model to be right."""
    plan = SimulationPlan(n_genes=400, n_contexts=8, n_siblings=0, n_crispri=24, n_drugs=6, cells_per_condition=20)
    return simulate_screen(plan, seed=9)


@pytest.mark.parametrize("skill", [0.3, 0.8, 1.0])
def test_honest_has_its_skill(wide, skill):
    truth = wide.truth
    prediction = answers.honest(wide, truth.conditions, np.random.default_rng(0), skill=skill)
    free = np.where(truth.component("target") != 0, 0.0, truth.delta)
    values = np.where(truth.component("target") != 0, 0.0, prediction.values)
    strong = truth.magnitude > np.median(truth.magnitude[~truth.is_null])
    r = rowwise(values[strong], free[strong])
    assert r.mean() == pytest.approx(skill, abs=0.02)
    assert r.std() < 0.06
    # Shrunk to the right size: the error is what the skill leaves unexplained.
    error = np.sum(np.var(values - free, axis=1)[strong]) / np.sum(np.var(free, axis=1)[strong])
    assert error == pytest.approx(1 - skill**2, abs=0.05)


def test_honest_predicts_little_where_nothing_happens(wide):
    truth = wide.truth
    values = answers.honest(wide, truth.conditions, np.random.default_rng(0)).values
    size = np.sqrt(np.mean(values**2, axis=1))
    assert 0 < size[truth.is_null].max() < 0.2 * np.median(truth.magnitude[~truth.is_null])
    assert values[truth.is_null].std(axis=1).min() > 0


def test_honest_dose_curves_rise(wide):
    conditions = wide.truth.conditions
    values = answers.honest(wide, conditions, np.random.default_rng(0)).values
    top = {}
    for i in np.flatnonzero((conditions.dose > 0) & ~wide.truth.is_null):
        top.setdefault((conditions.context[i], conditions.parts[i]), []).append(np.linalg.norm(values[i]))
    rising = [np.all(np.diff(sizes) > 0) for sizes in top.values()]
    assert np.mean(rising) > 0.95


def test_honest_beats_means_where_it_is_measured(wide):
    """Held-out contexts: better than the same perturbation's mean elsewhere, and than additive."""
    conditions, observed = wide.truth.conditions, observed_effects(wide.screen)
    test = np.isin(conditions.context, ["CL06", "CL07", "CL08"])
    train = np.flatnonzero(~test)
    rng = np.random.default_rng(0)
    honest = answers.honest(wide, conditions, rng).values
    mean = answers.mean_in_disguise(
        conditions, wide.truth.genes, conditions.take(train), observed[train], rng, scale=1.0, jitter=0.0
    ).values
    additive = mean.copy()
    for context in np.unique(conditions.context[test]):
        here = conditions.context == context
        additive[here] += (observed[here] - mean[here]).mean(axis=0)
    scored = test & ~wide.truth.is_null & (wide.truth.magnitude > np.median(wide.truth.magnitude))
    delta = wide.truth.delta
    skill = {
        name: rowwise(values[scored], delta[scored]).mean()
        for name, values in {"honest": honest, "mean": mean, "additive": additive}.items()
    }
    assert 0.4 < skill["mean"] < skill["honest"] - 0.08
    assert skill["additive"] < skill["honest"] - 0.03


def test_honest_refuses_what_was_not_simulated(simulation, wide):
    with pytest.raises(InputError, match="was not simulated"):
        answers.honest(simulation, wide.truth.conditions, np.random.default_rng(0))
    with pytest.raises(InputError, match="skill"):
        answers.honest(simulation, simulation.truth.conditions, np.random.default_rng(0), skill=0.0)


def test_perfect_and_no_change(simulation, test_set, split):
    np.testing.assert_array_equal(answers.perfect(simulation, test_set).values, simulation.truth.delta[split.test])
    assert not answers.no_change(simulation, test_set).values.any()


def test_noisy_is_mostly_noise(wide):
    truth = wide.truth
    values = answers.noisy(wide, truth.conditions, np.random.default_rng(0), noise=2.0).values
    working = np.mean(truth.delta[~truth.is_null] ** 2)
    assert np.var(values - truth.delta) == pytest.approx(4 * working, rel=0.02)


def test_mean_in_disguise_is_the_mean(simulation, split, test_set):
    conditions, observed = simulation.screen.conditions, observed_effects(simulation.screen)
    training = conditions.take(split.train)
    rng = np.random.default_rng(0)
    prediction = answers.mean_in_disguise(test_set, simulation.truth.genes, training, observed[split.train], rng)
    treatments = np.asarray([repr(t) for t in conditions.treatments])
    for i, row in zip(split.test, prediction.values, strict=True):
        same = np.intersect1d(np.flatnonzero(treatments == treatments[i]), split.train)
        mean = observed[same].mean(axis=0)
        assert np.corrcoef(row, mean)[0, 1] > 0.95
        assert not np.allclose(row, mean)
        assert np.dot(row, mean) / np.dot(mean, mean) == pytest.approx(1.2, abs=0.1)
    everywhere = answers.mean_in_disguise(
        test_set, simulation.truth.genes, training, observed[split.train], rng, by="all", jitter=0.0, scale=2.0
    )
    np.testing.assert_allclose(everywhere.values, np.tile(2 * observed[split.train].mean(axis=0), (len(test_set), 1)))
    with pytest.raises(InputError, match="by is"):
        answers.mean_in_disguise(test_set, simulation.truth.genes, training, observed[split.train], rng, by="gene")


def test_memorised_copies_the_noise(simulation, split, test_set):
    observed = observed_effects(simulation.screen)[split.test]
    np.testing.assert_array_equal(answers.memorised(simulation, test_set).values, observed)
    seen = np.random.default_rng(1).random(simulation.screen.n_rows) < 0.5
    half = answers.memorised(simulation, test_set, rows=seen).values
    mine, other = (observed_effects(simulation.screen, rows)[split.test] for rows in (seen, ~seen))
    truth = simulation.truth.delta[split.test]
    np.testing.assert_array_equal(half, mine)
    assert np.mean(rowwise(half - truth, mine - truth)) > np.mean(rowwise(half - truth, other - truth)) + 0.5


def test_memorised_by_share(simulation, test_set):
    some = answers.memorised(simulation, test_set, share=0.5, rng=np.random.default_rng(0)).values
    assert np.mean(rowwise(some, answers.memorised(simulation, test_set).values)) < 0.95
    with pytest.raises(InputError, match="needs a generator"):
        answers.memorised(simulation, test_set, share=0.5)


def test_ignoring_the_perturbation_shows_when_it_is_disturbed(simulation, test_set):
    blind = answers.ignores_perturbation(simulation, test_set, np.random.default_rng(0))
    seeing = answers.honest(simulation, test_set, np.random.default_rng(0))
    for kind in ("shuffled_perturbation", "zeroed_perturbation"):
        np.testing.assert_allclose(blind.ablations[kind].values, blind.values, rtol=1e-12)
        assert np.mean(rowwise(seeing.ablations[kind].values, seeing.values)) < 0.8
    assert not np.allclose(blind.ablations["shuffled_context"].values, blind.values)
    assert len(np.unique(blind.values.round(12), axis=0)) == 2


def test_every_answer_discloses_its_inputs(simulation, test_set):
    rng = np.random.default_rng(0)
    for prediction in (
        answers.honest(simulation, test_set, rng),
        answers.perfect(simulation, test_set),
        answers.noisy(simulation, test_set, rng),
        answers.ignores_perturbation(simulation, test_set, rng),
    ):
        assert prediction.disclosure.inputs
        assert prediction.disclosure.controls == "training"
        assert prediction.values.shape == (len(test_set), len(simulation.truth.genes))
    assert answers.memorised(simulation, test_set).disclosure.controls == "all"
