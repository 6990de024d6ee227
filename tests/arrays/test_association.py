from __future__ import annotations

import numpy as np
import pytest
from scipy.stats.contingency import association

from vcassay.arrays.association import FEW_PATTERNS, cramers_v, permuted_v


def bergsma(table):
    """From scipy's uncorrected V, by the formulas of Bergsma 2013."""
    n, (r, c) = table.sum(), table.shape
    phi = association(table, method="cramer") ** 2 * (min(r, c) - 1)
    phi = max(0.0, phi - (r - 1) * (c - 1) / (n - 1))
    r, c = (k - (k - 1) ** 2 / (n - 1) for k in (r, c))
    return np.sqrt(phi / (min(r, c) - 1))


@pytest.mark.parametrize("seed", range(10))
def test_is_scipys_with_the_bias_taken_off(seed):
    rng = np.random.default_rng(seed)
    table = rng.integers(1, 30, size=(rng.integers(2, 5), rng.integers(2, 6)))
    assert cramers_v(table) == pytest.approx(bergsma(table), abs=1e-12)
    with_empty = np.insert(np.insert(table, 1, 0, axis=0), 1, 0, axis=1)
    assert cramers_v(with_empty) == pytest.approx(bergsma(table), abs=1e-12)


def test_is_near_0_on_average_under_independence_and_1_when_one_tells_the_other():
    rng = np.random.default_rng(0)
    tables = rng.multinomial(100, np.full(20, 0.05), size=400).reshape(400, 2, 10)
    plain = np.mean([association(t[:, t.any(axis=0)]) for t in tables])
    assert cramers_v(tables).mean() < 0.12 < 0.25 < plain
    assert cramers_v(np.array([[40, 0], [0, 60]])) == pytest.approx(1.0, abs=0.01)


def test_rows_of_few_units_are_so_many_observations():
    rng = np.random.default_rng(0)
    units = rng.multinomial(12, np.full(6, 1 / 6), size=400).reshape(400, 2, 3)
    np.testing.assert_allclose(cramers_v(units * 50, 12), cramers_v(units), atol=1e-12)
    assert np.nanmean(cramers_v(units * 50)) > np.nanmean(cramers_v(units * 50, 12)) + 0.15
    assert cramers_v(np.array([[100, 0], [0, 100]]), 4) == pytest.approx(1.0)


def test_is_undefined_with_one_row_or_column():
    assert np.isnan(cramers_v(np.array([[3, 4], [0, 0]])))
    assert np.isnan(cramers_v(np.array([[3, 0], [2, 0]])))


class TestPermutations:
    def test_few_kinds_of_units_give_the_same_law_as_drawing_units(self, monkeypatch):
        rng = np.random.default_rng(1)
        unit, column = np.arange(60), rng.integers(0, 3, size=60)
        test = np.arange(60) < 20
        by_kind = permuted_v(unit, column, test, 4000, np.random.default_rng(2))
        monkeypatch.setattr("vcassay.arrays.association.FEW_PATTERNS", 0)
        by_unit = permuted_v(unit, column, test, 4000, np.random.default_rng(3))
        np.testing.assert_allclose(
            np.quantile(by_kind, (0.5, 0.9, 0.99)), np.quantile(by_unit, (0.5, 0.9, 0.99)), atol=0.03
        )

    def test_units_keep_their_rows_together(self):
        unit, column = np.repeat(np.arange(4), 10), np.repeat([0, 0, 1, 1], 10)
        drawn = permuted_v(unit, column, np.arange(4) < 2, 600, np.random.default_rng(0))
        assert np.mean(drawn > 0.9) == pytest.approx(1 / 3, abs=0.07)

    def test_many_kinds_of_units(self):
        n = FEW_PATTERNS + 200
        rng = np.random.default_rng(0)
        unit, column = np.tile(np.arange(n), 3), rng.integers(0, 40, size=3 * n)
        drawn = permuted_v(unit, column, np.arange(n) < n // 3, 20, rng)
        assert np.all(drawn < 0.2)
