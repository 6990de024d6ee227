from __future__ import annotations

import numpy as np
import pytest

from vcassay.arrays.selection import selection_optimism


def test_the_best_of_many_equals_is_flattered_by_the_mean_of_their_maximum():
    """Closed form: of k equal scores with independent normal draws, the mean maximum of k standard normals."""
    rng = np.random.default_rng(0)
    expected = {1: 0.0, 2: 1.0 / np.sqrt(np.pi), 3: 1.5 / np.sqrt(np.pi)}
    for k, value in expected.items():
        found = selection_optimism(np.full(k, 3.0), 3.0 + 0.1 * rng.normal(size=(k, 200_000)))
        assert found == pytest.approx(0.1 * value, abs=1e-3)


def test_choosing_flatters_nothing_where_one_is_far_ahead_and_nothing_is_known_without_draws():
    rng = np.random.default_rng(1)
    noise = 0.01 * rng.normal(size=(2, 50_000))
    assert selection_optimism(np.array([0.0, 5.0]), np.array([[0.0], [5.0]]) + noise) == pytest.approx(0.0, abs=1e-3)
    shared = np.array([[0.0], [0.1]]) + rng.normal(size=(1, 50_000))  # paired draws: the order never changes
    assert selection_optimism(np.array([0.0, 0.1]), shared) == pytest.approx(0.0, abs=0.02)
    assert np.isnan(selection_optimism(np.zeros(2), np.full((2, 5), np.nan)))
