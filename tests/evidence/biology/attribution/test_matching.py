from __future__ import annotations

import numpy as np
import pytest

from vcassay.arrays.permutations import permute_within
from vcassay.evidence.biology.attribution.matching import matched_rows, ranked_target_mass


def test_own_partners_correlate_and_exchanged_ones_as_numpy_says():
    rng = np.random.default_rng(1)
    left, right = rng.standard_normal((2, 6, 8))
    mask, group = np.ones((6, 8), dtype=bool), np.array([0] * 4 + [1, 2])
    orders = permute_within(group, 5, rng)
    value, drawn, n = matched_rows(left, right, mask, group, orders)
    assert n == 4  # rows that are alone cannot be exchanged
    assert value == pytest.approx(np.mean([np.corrcoef(left[i], right[i])[0, 1] for i in range(4)]))
    for found, order in zip(drawn, orders, strict=True):
        assert found == pytest.approx(np.mean([np.corrcoef(left[i], right[order[i]])[0, 1] for i in range(4)]))


def test_rows_without_values_take_no_part():
    rng = np.random.default_rng(2)
    left, right = rng.standard_normal((2, 5, 8))
    left[2] = np.nan
    group = np.zeros(5, dtype=int)
    value, drawn, n = matched_rows(left, right, np.ones((5, 8), dtype=bool), group, permute_within(group, 9, rng))
    assert n == 4
    assert np.isfinite([value, *drawn]).all()
    assert matched_rows(left[:0], right[:0], np.ones((0, 8), bool), group[:0], np.zeros((3, 0), int))[2] == 0


def test_mass_on_own_targets():
    mass = np.full((6, 12), 0.02)
    targets = np.zeros((6, 12), dtype=bool)
    for i in range(6):
        targets[i, 2 * i : 2 * i + 2] = True
        mass[i, 2 * i] += 0.5
    value, drawn = ranked_target_mass(mass, targets, 500, np.random.default_rng(0))
    assert value == 1.0
    assert drawn.mean() == pytest.approx(0.5, abs=0.03)
    assert (drawn < value).mean() > 0.98
    value, drawn = ranked_target_mass(np.full((6, 12), 1 / 12), targets, 50, np.random.default_rng(0))
    assert value == 0.5  # the same for all: no rank
    np.testing.assert_allclose(drawn, 0.5)
