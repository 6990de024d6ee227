from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import spearmanr

from vcassay.claim import Role
from vcassay.core import InputError
from vcassay.screen import CONTROL
from vcassay.simulate import leaks, simulate_screen


def sizes(simulation):
    table = simulation.screen.table
    return np.bincount(table.condition[table.condition >= 0], minlength=len(table.conditions))


def hashes(simulation, rows):
    matrix = simulation.screen.adata.X[rows]
    return [matrix[i].toarray().tobytes() for i in range(matrix.shape[0])]


def test_cell_counts_follow_effect(plan):
    simulation = simulate_screen(replace(plan, cells_per_condition=40), seed=1)
    before = spearmanr(sizes(simulation), simulation.truth.magnitude)
    leaked = leaks.cell_counts_follow_effect(simulation, np.random.default_rng(0), amount=0.6)
    after = spearmanr(sizes(leaked), leaked.truth.magnitude)
    assert abs(before.statistic) < 0.2
    assert after.statistic < -0.6
    assert sizes(leaked).min() >= 8
    at = simulation.screen.table.condition == CONTROL
    assert np.sum(leaked.screen.table.condition == CONTROL) == at.sum()
    assert leaked.screen.adata.obs_names.isin(simulation.screen.adata.obs_names).all()


def test_no_amount_removes_no_cell(simulation):
    leaked = leaks.cell_counts_follow_effect(simulation, np.random.default_rng(0), amount=0.0)
    assert leaked.screen.n_rows == simulation.screen.n_rows


def test_copied_cells(simulation, split):
    leaked = leaks.copied_cells(simulation, split, np.random.default_rng(0), amount=0.1)
    old, table = simulation.screen.n_rows, leaked.screen.table
    test = np.flatnonzero(np.isin(simulation.screen.table.condition, split.test))
    assert leaked.screen.n_rows - old == round(0.1 * len(test))
    assert leaked.screen.adata.obs_names.is_unique
    new = np.arange(old, leaked.screen.n_rows)
    assert np.isin(table.condition[new], split.train).all()
    assert set(hashes(leaked, new)) <= set(hashes(simulation, test))
    # The source of a copy has the copy's treatment.
    source = dict(zip(hashes(simulation, test), simulation.screen.table.condition[test], strict=True))
    treatments = leaked.screen.conditions.treatments
    for row, found in zip(new, hashes(leaked, new), strict=True):
        assert treatments[table.condition[row]] == treatments[source[found]]


def test_control_as_test(simulation, split):
    leaked, roles = leaks.control_as_test(simulation, split, np.random.default_rng(0), amount=0.5)
    new = np.flatnonzero(roles.conditions.perturbation == leaks.VEHICLE)
    assert set(roles.conditions.context[new]) == {"CL03", "CL04"}
    assert np.all(roles.roles[new] == Role.TEST)
    assert leaked.screen.conditions.keys == leaked.truth.conditions.keys == roles.conditions.keys
    assert leaked.truth.is_null[new].all()
    assert not leaked.truth.delta[new].any()
    kept = leaked.truth.conditions.locate(simulation.truth.conditions)
    np.testing.assert_array_equal(leaked.truth.delta[kept], simulation.truth.delta)
    np.testing.assert_allclose(leaked.truth.log_rate_change()[kept], simulation.truth.log_rate_change(), atol=1e-12)
    np.testing.assert_array_equal(roles.roles[kept], split.roles)
    controls = np.sum(simulation.screen.table.condition == CONTROL)
    assert np.sum(leaked.screen.table.condition == CONTROL) == controls - round(0.5 * controls / 3)
    assert (leaked.screen.adata.X != simulation.screen.adata.X).nnz == 0


def test_control_as_test_needs_doses(plan, split):
    genes_only = simulate_screen(replace(plan, n_drugs=0, n_salts=0), seed=1)
    with pytest.raises(InputError, match="no doses"):
        leaks.control_as_test(genes_only, split, np.random.default_rng(0))


def test_batches_follow_split(simulation, split):
    leaked = leaks.batches_follow_split(simulation, split)
    table = leaked.screen.table
    assert leaked.screen.conditions.keys == simulation.screen.conditions.keys
    assert set(table.batch[np.isin(table.condition, split.test)]) == {1}
    assert set(table.batch[np.isin(table.condition, split.train)]) == {0}
    assert set(table.batch[table.condition == CONTROL]) == {0, 1}


def test_response_features_hold_the_responses(simulation, split):
    leaked = leaks.response_features(simulation, split)
    truth, test = simulation.truth, split.test
    single = [i for i in test if len(truth.conditions.parts[i]) == 1]

    def fit(features) -> float:
        x = np.column_stack([features.rows(truth.conditions.perturbation[single].tolist()), np.ones(len(single))])
        y = truth.delta[single]
        residual = y - x @ np.linalg.lstsq(x, y, rcond=None)[0]
        return 1 - float(np.sum(residual**2) / np.sum((y - y.mean(axis=0)) ** 2))

    assert fit(leaked.features) > fit(simulation.features) + 0.1
    assert leaked.features.names == simulation.features.names
    same = leaks.response_features(simulation, split, amount=0.0).features.matrix
    np.testing.assert_array_equal(same[:, : simulation.features.matrix.shape[1]], simulation.features.matrix)


def test_the_original_is_never_changed(simulation, split):
    counts, obs = simulation.screen.adata.X.copy(), simulation.screen.adata.obs.copy()
    roles = split.roles.copy()
    rng = np.random.default_rng(0)
    leaks.copied_cells(simulation, split, rng)
    leaks.control_as_test(simulation, split, rng)
    leaks.few_shot_hidden(split, rng)
    assert (counts != simulation.screen.adata.X).nnz == 0
    assert simulation.screen.adata.obs.equals(obs)
    np.testing.assert_array_equal(split.roles, roles)


def test_batches_follow_part_of_the_split(simulation, split):
    leaked = leaks.batches_follow_split(simulation, split, np.random.default_rng(0), amount=0.5)
    own = [len(b) for b in leaked.screen.batches]
    assert np.sum(np.array(own)[split.test] == 1) == round(0.5 * len(split.test))


def test_batches_follow_effect(simulation):
    leaked = leaks.batches_follow_effect(simulation)
    table, truth = leaked.screen.conditions, simulation.truth
    home = {}
    for name, own in zip(table.perturbation.tolist(), leaked.screen.batches, strict=True):
        home.setdefault(name, set()).add(own)
    acts = {n for n in home if truth.delta[truth.conditions.perturbation == n].any()}
    assert all(len(home[n]) == 1 and len(next(iter(home[n]))) == 1 for n in acts)
    assert len({next(iter(home[n])) for n in acts}) == len(simulation.screen.table.batches)
    assert all(len(own) > 1 for n in home if n not in acts for own in home[n])
