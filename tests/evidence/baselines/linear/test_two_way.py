"""Two-way tables against the dense normal equations, and what holds at the optimum."""

from __future__ import annotations

import numpy as np
import pytest

from vcassay.evidence.baselines.linear.two_way import fit_two_way, two_way_sums


def dense(values, row, column, n_rows, n_columns, penalty):
    """Ridge on centred indicator columns by the normal equations."""
    design = np.zeros((len(values), n_rows + n_columns))
    design[np.arange(len(values)), row] = 1.0
    design[np.arange(len(values)), n_rows + column] = 1.0
    centre = design.mean(axis=0)
    x, mean = design - centre, values.mean(axis=0)
    solved = np.linalg.solve(x.T @ x + penalty * np.eye(x.shape[1]), x.T @ (values - mean))
    return mean - centre @ solved, solved[:n_rows], solved[n_rows:]


@pytest.mark.parametrize("shape", [(4, 30), (30, 4), (1, 12), (12, 1), (9, 9)])
@pytest.mark.parametrize("penalty", [1e-3, 0.3, 10.0])
def test_terms_are_those_of_the_normal_equations(shape, penalty):
    rng = np.random.default_rng([*shape, 1])
    pairs = [(i, j) for i in range(shape[0]) for j in range(shape[1]) if j == i % shape[1] or i == j % shape[0]]
    pairs += [(i, j) for i in range(shape[0]) for j in range(shape[1]) if (i, j) not in pairs and rng.random() < 0.5]
    row, column = np.array(pairs).T
    values = rng.normal(size=(len(pairs), 7))
    found = fit_two_way(two_way_sums(values, row, column, *shape), penalty)
    for a, b in zip(found, dense(values, row, column, *shape, penalty), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-10)
    np.testing.assert_allclose(found.rows.sum(axis=0), 0.0, atol=1e-10)
    np.testing.assert_allclose(found.columns.sum(axis=0), 0.0, atol=1e-10)


def test_without_a_penalty_to_speak_of_it_is_least_squares():
    rng = np.random.default_rng(0)
    row, column = np.array([(i, j) for i in range(6) for j in range(40) if (i + j) % 5]).T
    values = rng.normal(size=(len(row), 3))
    found = fit_two_way(two_way_sums(values, row, column, 6, 40), 1e-9)
    fitted = found.mean + found.rows[row] + found.columns[column]
    design = np.concatenate([np.eye(6)[row], np.eye(40)[column]], axis=1)
    np.testing.assert_allclose(fitted, design @ np.linalg.lstsq(design, values, rcond=None)[0], atol=1e-8)


def test_sets_that_share_nothing_stay_finite():
    """Rows 0, 1 with columns 0, 1; rows 2, 3 with columns 2, 3: what lies between the sets is shrunk, not made up."""
    row, column = np.array([0, 0, 1, 1, 2, 2, 3, 3]), np.array([0, 1, 0, 1, 2, 3, 2, 3])
    values = np.random.default_rng(1).normal(size=(8, 2)) + np.where(row < 2, 5.0, -5.0)[:, None]
    found = fit_two_way(two_way_sums(values, row, column, 4, 4), 1e-6)
    fitted = found.mean + found.rows[row] + found.columns[column]
    assert np.abs(fitted.mean(axis=0) - values.mean(axis=0)).max() < 1e-6
    assert np.abs(fitted - values).max() < 3.0
