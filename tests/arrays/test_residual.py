"""Pooled residual moments against numpy, definitions and planted values."""

from __future__ import annotations

import numpy as np
import pytest

from vcassay.arrays.residual import pooled_residuals, relative_variance


def test_equal_sizes_give_the_pooled_variance_of_rows():
    rng = np.random.default_rng(0)
    sums, sizes = rng.normal(size=(5, 8, 70)), np.ones((5, 8, 1))
    found = pooled_residuals(sums, sizes, np.array([0, 0, 1, -1, 1]), 2, None)
    np.testing.assert_allclose(found.variance[0], sums[:2].var(axis=1, ddof=1).mean(axis=0))
    np.testing.assert_allclose(found.variance[1], sums[[2, 4]].var(axis=1, ddof=1).mean(axis=0))
    np.testing.assert_array_equal(found.df, np.full((2, 70), 14.0))


def test_third_moment_and_variance_are_unbiased_for_unequal_shards():
    """Poisson sums: variance and third moment of a unit of size are the rate."""
    rng = np.random.default_rng(1)
    sizes = np.broadcast_to(np.array([20.0, 30, 25, 22, 28, 35, 15, 25])[None, :, None], (6000, 8, 1)).copy()
    sums = rng.poisson(0.1 * sizes, size=(6000, 8, 3)).astype(float)
    found = pooled_residuals(sums, sizes, np.zeros(6000, dtype=int), 1, None)
    np.testing.assert_allclose(found.variance[0], 0.1, rtol=0.03)
    np.testing.assert_allclose(found.third[0], 0.1, rtol=0.15)


def test_count_profiles_are_carried_to_log1p():
    rng = np.random.default_rng(2)
    sums, sizes = rng.poisson(5000.0, size=(4, 8, 6)).astype(float), np.full((4, 8, 1), 1e6)
    plain = pooled_residuals(sums, sizes, np.arange(4), 4, None)
    found = pooled_residuals(sums, sizes, np.arange(4), 4, 1e4)
    slope = 1e4 / (1 + 1e4 * sums.sum(axis=1) / 8e6)
    np.testing.assert_allclose(found.variance, plain.variance * slope**2)
    np.testing.assert_allclose(found.third, plain.third * slope**3)


def test_empty_shards_missing_features_and_single_rows():
    rng = np.random.default_rng(3)
    sums, sizes = rng.normal(size=(2, 8, 4)), np.ones((2, 8, 4))
    sums[0, 3:], sizes[0, 3:] = 0.0, 0.0
    sums[1, :, 2], sizes[1, :, 2] = 0.0, 0.0
    found = pooled_residuals(sums, sizes, np.arange(2), 2, None)
    np.testing.assert_allclose(found.variance[0], sums[0, :3].var(axis=0, ddof=1))
    assert found.df[0, 0] == 2
    assert np.isnan(found.variance[1, 2])
    one = pooled_residuals(sums[:1, :1], sizes[:1, :1], np.zeros(1, dtype=int), 1, None)
    assert np.isnan(one.variance).all()
    assert (one.third == 0).all()


def test_groups_add_up_and_relative_variance_finds_the_noisy_one():
    rng = np.random.default_rng(4)
    sums, sizes = rng.normal(size=(6, 8, 900)), np.ones((6, 8, 1))
    sums[5] *= 2.0
    code = np.zeros(6, dtype=int)
    whole = pooled_residuals(sums, sizes, code, 1, None)
    parts = pooled_residuals(sums[:2], sizes[:2], code[:2], 1, None)
    parts = pooled_residuals(sums[2:], sizes[2:], code[2:], 1, None, into=parts)
    for a, b in zip(whole, parts, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12)
    ratio, df = relative_variance(sums, sizes, code, np.ones((1, 900)), None)
    np.testing.assert_allclose(ratio, sums.var(axis=1, ddof=1).mean(axis=1))
    assert ratio[5] == pytest.approx(4.0, rel=0.1)
    assert df.tolist() == [6300.0] * 6
