from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from vcassay.screen import CONTROL
from vcassay.simulate import Simulation, SimulationPlan, simulate_screen
from vcassay.simulate.observed import observed_effects


def many_cells(**settings) -> Simulation:
    plan = SimulationPlan(
        n_genes=60,
        n_pathways=4,
        n_contexts=2,
        n_siblings=0,
        n_crispri=4,
        n_drugs=1,
        doses=(0.5, 5.0),
        cells_per_condition=4000,
        controls_per_batch=4000,
        depth=3000.0,
        batch_sd=0.3,
    )
    return simulate_screen(replace(plan, **settings), seed=11)


@pytest.fixture(scope="module")
def large() -> Simulation:
    return many_cells()


def test_truth_is_the_expectation_of_the_counts(large):
    """Pooled over thousands of cells, observed effects differ from the truth by sampling noise alone."""
    table = large.screen.table
    assert len(table.batches) == 2
    half = np.random.default_rng(0).random(large.screen.n_rows) < 0.5
    a, b = observed_effects(large.screen, half), observed_effects(large.screen, ~half)
    sd = np.sqrt(np.mean((a - b) ** 2)) / 2
    error = observed_effects(large.screen) - large.truth.delta
    assert sd < 0.03
    assert np.sqrt(np.mean(error**2)) == pytest.approx(sd, rel=0.3)
    assert abs(error.mean()) < 0.2 * sd
    assert np.max(np.abs(error)) < 0.25
    slope = np.sum(large.truth.delta * (error + large.truth.delta)) / np.sum(large.truth.delta**2)
    assert slope == pytest.approx(1, abs=0.02)


def test_control_profile_is_the_expectation_of_the_controls(large):
    adata, table = large.screen.adata, large.screen.table
    for row, context in enumerate(large.truth.contexts):
        pool = table.pool_context.index(context)
        rates = []
        for batch in range(len(table.batches)):
            cells = (table.condition == CONTROL) & (table.pool == pool) & (table.batch == batch)
            sums = np.asarray(adata.X[cells].sum(axis=0)).ravel()
            rates.append(sums / sums.sum())
        profile = np.log1p(1e4 * np.mean(rates, axis=0))
        np.testing.assert_allclose(profile, large.truth.control[row], atol=0.2)


def test_null_conditions_are_exactly_zero(simulation):
    truth = simulation.truth
    assert 0.1 < truth.is_null.mean() < 0.5
    assert np.all(truth.delta[truth.is_null] == 0)
    assert np.all(truth.magnitude[~truth.is_null] > 0)
    names = truth.conditions.perturbation
    for name in np.unique(names):
        assert len(np.unique(truth.is_null[names == name])) == 1


def test_null_screen_does_nothing(plan):
    null = simulate_screen(replace(plan, null_share=1.0), seed=1)
    assert null.truth.is_null.all()
    assert not null.truth.delta.any()


def test_guides_lower_their_own_gene(simulation):
    truth = simulation.truth
    for i in np.flatnonzero((truth.conditions.modality == "CRISPRi") & ~truth.is_null):
        lowered = np.flatnonzero(truth.knockdown[i].toarray().ravel())
        assert set(truth.genes[lowered]) <= set(truth.conditions.parts[i])
        assert len(lowered) >= 1
        assert np.all(truth.delta[i, lowered] < -0.2)
    assert truth.knockdown[truth.conditions.modality == "drug"].nnz == 0


def test_drugs_do_more_at_higher_doses(simulation):
    truth = simulation.truth
    keys = truth.conditions.keys
    groups: dict[tuple[str, str], list[int]] = {}
    for i in np.flatnonzero((truth.conditions.modality == "drug") & ~truth.is_null):
        groups.setdefault((keys[i][0], keys[i][1][0]), []).append(int(i))
    assert groups
    for rows in groups.values():
        assert np.all(np.diff(truth.conditions.dose[rows]) > 0)
        assert np.all(np.diff(truth.response[rows]) > 0)
        assert np.all(np.diff(truth.magnitude[rows]) > 0)


def test_energy_is_shared_out_as_planned():
    plan = SimulationPlan(n_genes=400, n_contexts=16, n_siblings=0, n_crispri=60, n_drugs=0, null_share=0.0)
    plan = replace(plan, effect_spread=0.0, cells_per_condition=2, stress_share=0.2, context_share=0.15)
    truth = simulate_screen(replace(plan, interaction_share=0.3), seed=5).truth
    energy = {name: np.mean(truth.component(name) ** 2) for name in truth.codes}
    total = sum(energy.values())
    assert np.sqrt(total) == pytest.approx(plan.effect_size, rel=0.1)
    expected = {"stress": 0.2, "context": 0.15, "interaction": 0.3, "perturbation": 0.35, "synergy": 0.0}
    for name, share in expected.items():
        assert energy[name] / total == pytest.approx(share, abs=0.05)
    # What is specific to a perturbation in a context vanishes on average over contexts.
    interaction = truth.component("interaction")
    names = truth.conditions.perturbation
    mean = np.asarray([interaction[names == name].mean(axis=0) for name in np.unique(names)])
    np.testing.assert_allclose(mean, 0, atol=1e-12)


def test_components_add_up(simulation):
    truth = simulation.truth
    parts = sum(truth.component(name) for name in truth.codes) + truth.component("target")
    np.testing.assert_allclose(parts, truth.log_rate_change(), atol=1e-12)


def test_combinations_are_their_parts_and_a_synergy(simulation):
    truth = simulation.truth
    change, codes = truth.log_rate_change(), truth.component("synergy")
    row = {(k[0], k[1]): i for i, k in enumerate(truth.conditions.keys)}
    pairs = [i for i, parts in enumerate(truth.conditions.parts) if len(parts) == 2]
    assert len(pairs) == simulation.plan.n_combinations * simulation.plan.n_contexts
    for i in pairs:
        context = str(truth.conditions.context[i])
        alone = [row[context, (part,)] for part in truth.conditions.parts[i]]
        np.testing.assert_allclose(change[i], change[alone].sum(axis=0) + codes[i], atol=1e-12)
        assert codes[i].any() == (not truth.is_null[alone].any())


def test_siblings_respond_alike(simulation):
    truth = simulation.truth

    def residual(context: str) -> np.ndarray:
        at = truth.conditions.context == context
        return (truth.component("interaction") + truth.component("context"))[at].ravel()

    for a, b in ((a, b) for a, b, _ in simulation.relations):
        assert np.corrcoef(residual(a), residual(b))[0, 1] > 0.8
