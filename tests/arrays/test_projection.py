"""Projections and sizes, against numpy."""

from __future__ import annotations

import numpy as np

from vcassay.arrays.projection import mean_square, project


def test_they_are_those_of_numpy_and_do_not_look_at_what_does_not_count():
    rng = np.random.default_rng(0)
    effects, weights, mask = rng.normal(size=(9, 40)), rng.normal(size=5), rng.random((9, 40)) < 0.5
    at = rng.choice(40, 5, replace=False)
    np.testing.assert_allclose(project(effects, at, weights), effects[:, at] @ weights)
    expected = np.where(mask, effects**2, 0).sum(axis=1) / mask.sum(axis=1)
    np.testing.assert_allclose(mean_square(np.where(mask, effects, np.nan), mask), expected)
    assert mean_square(effects, np.zeros_like(mask)).tolist() == [0.0] * 9
    effects[3, at[0]] = np.nan
    assert np.isnan(project(effects, at, weights)).tolist() == [i == 3 for i in range(9)]
