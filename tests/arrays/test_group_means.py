"""Sums and means by group, against loops."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from vcassay.arrays.group_means import group_means, group_sums


@given(st.integers(0, 10**6), st.booleans())
def test_means_and_sums_are_those_of_loops(seed, skip):
    rng = np.random.default_rng(seed)
    m, n = int(rng.integers(0, 12)), int(rng.integers(1, 5))
    values, code, weight = rng.standard_normal((m, 3)), rng.integers(-1, n, m), rng.random(m)
    if m and skip:
        values[rng.integers(m)] = np.nan
    found = group_means(values, code, n, skip_undefined=skip)
    sums = group_sums(np.nan_to_num(values), code, n, weight)
    defined = np.isfinite(values).all(axis=1)
    for k in range(n):
        own = values[(code == k) & defined]
        np.testing.assert_allclose(found[k], own.mean(axis=0) if len(own) else np.full(3, np.nan), atol=1e-14)
        of = (np.nan_to_num(values) * weight[:, None])[code == k]
        np.testing.assert_allclose(sums[k], of.sum(axis=0), atol=1e-14)


def test_what_is_undefined_makes_the_mean_undefined_unless_it_is_left_out():
    values = np.array([[1.0, 2.0], [np.nan, 4.0]])
    found = group_means(values, np.zeros(2, dtype=int), 1)
    assert np.isnan(found[0, 0])
    assert found[0, 1] == 3.0
    assert group_means(values, np.zeros(2, dtype=int), 1, skip_undefined=True).tolist() == [[1.0, 2.0]]


def test_codes_without_rows_and_rows_without_codes():
    values = np.arange(8.0).reshape(4, 2)
    found = group_means(values, np.array([1, -1, 1, 0]), 3)
    assert np.array_equal(found[:2], [[6.0, 7.0], [2.0, 3.0]])
    assert np.isnan(found[2]).all()
    assert group_means(values, np.full(4, -1), 0).shape == (0, 2)
