from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vcassay.arrays.subspace import energy_along, inner, pearson_beyond_each, random_shares, unit_beyond


def _axes(rng, k, g):
    return np.linalg.qr(rng.standard_normal((g, k)))[0].T


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.booleans())
def test_beyond_one_axis_is_the_correlation_of_residuals(seed, same):
    rng = np.random.default_rng(seed)
    left, right = rng.standard_normal((2, 7, 30))
    mask = np.tile(rng.random((1 if same else 7, 30)) < 0.8, (7 if same else 1, 1))
    left, right = np.where(mask, left, 0.0), np.where(mask, right, 0.0)
    axes = rng.standard_normal((3, 30))
    axes /= np.linalg.norm(axes, axis=1, keepdims=True)
    found = pearson_beyond_each(left, right, axes, mask)
    for i in range(7):
        for k, u in enumerate(axes):
            a, b = (x[i] - (x[i] @ u) * u for x in (left, right))
            assert found[i, k] == pytest.approx(np.corrcoef(a[mask[i]], b[mask[i]])[0, 1], abs=1e-10)


def test_products_of_units_are_correlations_of_what_is_beyond_all_axes():
    rng = np.random.default_rng(0)
    left, right, axes = rng.standard_normal((5, 40)), rng.standard_normal((5, 40)), _axes(rng, 4, 40)
    mask = np.ones((5, 40), dtype=bool)
    found = unit_beyond(left, axes, mask) @ unit_beyond(right, axes, mask).T
    away = np.eye(40) - axes.T @ axes
    assert np.allclose(found, np.corrcoef(left @ away, right @ away)[:5, 5:], atol=1e-12)


def test_nothing_beyond_the_axes_is_zero_and_not_rounding():
    rng = np.random.default_rng(1)
    axes = _axes(rng, 2, 20)
    inside = rng.standard_normal((3, 2)) @ axes
    mask = np.ones((3, 20), dtype=bool)
    assert (unit_beyond(inside, axes, mask) == 0).all()
    alone = pearson_beyond_each(np.outer([1.0, 2.0, 3.0], axes[0]), inside, axes, mask)
    assert (alone[:, 0] == 0).all()


def test_energy_along_a_whole_basis_is_all_of_it():
    rng = np.random.default_rng(2)
    left, right, basis = rng.standard_normal((6, 12)), rng.standard_normal((6, 12)), _axes(rng, 12, 12)
    assert np.allclose(energy_along(left, right, basis).sum(axis=1), inner(left, right))
    assert (energy_along(left, left, basis) >= 0).all()


def test_noise_adds_nothing_to_energy_from_independent_measurements():
    rng = np.random.default_rng(3)
    axes = _axes(rng, 3, 50)
    true = rng.standard_normal((4000, 3)) @ axes
    left, right = true + 2 * rng.standard_normal((2, 4000, 50))
    assert energy_along(left, right, axes).sum(axis=1).mean() == pytest.approx(3.0, abs=0.6)
    assert energy_along(left, left, axes).sum(axis=1).mean() > 10


def test_random_axes_hold_their_dimension_of_isotropic_effects():
    rng = np.random.default_rng(4)
    axes, values = _axes(rng, 4, 80), rng.standard_normal((400, 80))
    level = np.repeat(np.arange(4), 20)
    found = random_shares([(values, values)], np.ones(400), axes, level, 60, rng)
    assert found.each.shape == (60, 4)
    assert found.total.mean() == pytest.approx(4 / 80, abs=0.004)
    assert np.allclose(found.each.sum(axis=1), found.total)


def test_random_axes_take_genes_of_the_same_level():
    rng = np.random.default_rng(5)
    values, level = np.zeros((10, 40)), np.repeat([0, 1], 20)
    values[:, :20] = rng.standard_normal((10, 20))
    axes = np.zeros((1, 40))
    axes[0, 20:25] = 1 / np.sqrt(5)
    assert (random_shares([(values, values)], np.ones(10), axes, level, 30, rng).total == 0).all()
