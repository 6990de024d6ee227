"""Dyadic regression, against least squares on the list of pairs."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import rankdata

from vcassay.arrays.dyadic import beyond, hinges, partial_association


def matrices(seed, n=16, k=3):
    rng = np.random.default_rng(seed)
    made = [m + m.T for m in rng.normal(size=(k + 1, n, n))]
    label = rng.integers(0, 4, size=n)
    same = (label[:, None] == label[None]) & ~np.eye(n, dtype=bool)
    keep = rng.random((n, n)) < 0.9
    pairs = keep & keep.T & ~np.eye(n, dtype=bool)
    return made[0] + 0.5 * made[1] + same, tuple(made[1:]), same, pairs


def residual(y, x):
    return y - x @ np.linalg.lstsq(x, y, rcond=None)[0]


@pytest.mark.parametrize("ranks", [False, True])
def test_it_is_the_partial_correlation_over_the_list_of_pairs(ranks):
    value, given, same, pairs = matrices(0)
    rng = np.random.default_rng(5)
    moved = np.stack([np.arange(16), *(rng.permutation(16) for _ in range(5))])
    rest = beyond(value, given, pairs, ranks=ranks)
    i, j = np.nonzero(np.triu(pairs, k=1))
    columns = [m[i, j] for m in (value, *given)]
    if ranks:
        columns = [rankdata(c) for c in columns]
    x = np.stack([np.ones(len(i)), *columns[1:]], axis=1)
    y = residual(columns[0], x)
    for found, p in zip(partial_association(rest, same, moved), moved, strict=True):
        s = residual(same[np.ix_(p, p)][i, j].astype(float), x)
        np.testing.assert_allclose(found, np.corrcoef(y, s)[0, 1], atol=1e-10)
    np.testing.assert_allclose(rest.explained, 1 - y @ y / ((columns[0] - columns[0].mean()) ** 2).sum(), atol=1e-10)


def test_a_covariate_twice_or_constant_changes_nothing():
    value, given, same, pairs = matrices(1)
    moved = np.arange(16)[None]
    once = partial_association(beyond(value, given, pairs), same, moved)
    twice = beyond(value, (*given, given[0] + 2 * given[1], np.ones((16, 16))), pairs)
    np.testing.assert_allclose(partial_association(twice, same, moved), once, atol=1e-10)


def test_nothing_left_is_undefined():
    value, given, same, pairs = matrices(2)
    moved = np.arange(16)[None]
    assert np.isnan(partial_association(beyond(3 * given[0] + 1, given, pairs), same, moved)).all()
    assert np.isnan(partial_association(beyond(np.ones((16, 16)), given, pairs), same, moved)).all()
    assert np.isnan(partial_association(beyond(value, (*given, same.astype(float)), pairs), same, moved)).all()
    assert np.isnan(beyond(np.ones((16, 16)), given, pairs).explained)
    assert np.isnan(partial_association(beyond(value, given, np.zeros((16, 16), dtype=bool)), same, moved)).all()


def test_pairs_with_a_gap_take_no_part():
    value, given, same, pairs = matrices(3)
    gap = value.copy()
    gap[2, 5] = gap[5, 2] = np.nan
    without = pairs.copy()
    without[2, 5] = without[5, 2] = False
    moved = np.arange(16)[None]
    found = partial_association(beyond(gap, given, pairs), same, moved)
    np.testing.assert_allclose(found, partial_association(beyond(value, given, without), same, moved), atol=1e-12)


def test_hinges_bend_at_quantiles():
    value = np.arange(16.0).reshape(4, 4)
    first, *bent = hinges(value, np.ones((4, 4), dtype=bool), (0.5,))
    assert first is value
    np.testing.assert_allclose(bent[0], np.maximum(value - 7.5, 0))
    assert len(hinges(value, np.zeros((4, 4), dtype=bool))) == 1
