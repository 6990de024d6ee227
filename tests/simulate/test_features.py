from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from vcassay.simulate import Simulation, SimulationPlan, simulate_screen
from vcassay.simulate.features import context_similarity


def panel_simulation(quality: float) -> Simulation:
    plan = SimulationPlan(n_crispri=60, n_drugs=0, n_contexts=2, n_siblings=0, null_share=0.0, interaction_share=0.1)
    return simulate_screen(replace(plan, cells_per_condition=2, feature_quality=quality), seed=7)


def neighbour_skill(simulation: Simulation, features: np.ndarray, k: int = 4) -> float:
    """Mean correlation of a perturbation's own effect with that of its nearest neighbours."""
    truth = simulation.truth
    at = np.flatnonzero(truth.conditions.context == truth.contexts[0])
    own = truth.component("perturbation")[at]
    distance = np.linalg.norm(features[:, None] - features, axis=2) + np.where(np.eye(len(features)), np.inf, 0)
    guess = own[np.argsort(distance, axis=1)[:, :k]].mean(axis=1)
    return float(np.mean([np.corrcoef(a, b)[0, 1] for a, b in zip(guess, own, strict=True)]))


@pytest.mark.parametrize(("quality", "gain"), [(0.7, 0.25), (0.0, None)])
def test_features_predict_effects_as_well_as_they_are_good(quality, gain):
    simulation = panel_simulation(quality)
    conditions = simulation.truth.conditions
    names = conditions.perturbation[conditions.context == simulation.truth.contexts[0]].tolist()
    features = simulation.features.rows(names)
    skill = neighbour_skill(simulation, features)
    rng = np.random.default_rng(0)
    permuted = [neighbour_skill(simulation, rng.permutation(features)) for _ in range(20)]
    if gain is None:
        assert abs(skill - np.mean(permuted)) < 4 * np.std(permuted)
    else:
        assert skill > max(permuted) + gain


def test_unknown_names_have_no_features(simulation):
    rows = simulation.features.rows([simulation.features.names[1], "nobody"])
    np.testing.assert_array_equal(rows[0], simulation.features.matrix[1])
    assert np.isnan(rows[1]).all()


def test_similar_controls_mean_similar_interactions():
    plan = SimulationPlan(n_contexts=12, n_siblings=3, n_crispri=30, n_drugs=0, cells_per_condition=2)
    simulation = simulate_screen(plan, seed=2)
    truth = simulation.truth
    specific = truth.component("interaction") + truth.component("context")
    rows = np.asarray([specific[truth.conditions.context == c].ravel() for c in simulation.context_features.names])
    above = np.triu_indices(len(rows), 1)
    assert np.corrcoef(np.corrcoef(rows)[above], simulation.context_features.matrix[above])[0, 1] > 0.4


def test_similarity_of_one_context_to_itself():
    assert context_similarity(("a",), np.asarray([[1.0, 2.0, 4.0]])).matrix == pytest.approx(1)


def test_knowledge_agrees_with_the_screen(simulation):
    knowledge, conditions = simulation.knowledge, simulation.truth.conditions
    drugs = conditions.modality == "drug"
    by_name = {c.name: c for c in knowledge.compounds}
    assert set(by_name) == set(conditions.perturbation[drugs])
    for name, moa, smiles in zip(
        conditions.perturbation[drugs],
        conditions.annotation["moa"][drugs],
        conditions.annotation["smiles"][drugs],
        strict=True,
    ):
        assert (by_name[name].moa, by_name[name].smiles) == (moa, smiles)
    assert all(a < b for a, b in knowledge.gene_relations)
    assert set(np.ravel(knowledge.gene_relations)) <= set(simulation.features.names)
    assert set(np.concatenate(list(knowledge.gene_sets.values()))) <= set(simulation.truth.genes)
