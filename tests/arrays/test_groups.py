"""Sums and means of groups of rows against numpy's and scipy's own."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp

from vcassay.arrays.groups import Groups, group_moments, group_totals, groups


@pytest.fixture
def drawn():
    rng = np.random.default_rng(0)
    return rng.poisson(0.7, (80, 12)).astype(np.float32) * np.float32(0.37), rng.integers(-1, 5, 80)


def test_rows_of_codes(drawn):
    _, code = drawn
    found = groups(code, 6)
    for i in range(6):
        np.testing.assert_array_equal(found.of(i), np.flatnonzero(code == i))
    np.testing.assert_array_equal(found.size, np.bincount(code[code >= 0], minlength=6))
    assert not len(groups(np.full(4, -1), 3).rows)


@pytest.mark.parametrize("layout", [np.asarray, sp.csr_matrix])
def test_totals(drawn, layout):
    x, code = drawn
    wide = x.astype(np.float64)
    for squares, values in ((False, wide), (True, wide * wide)):
        found = group_totals(layout(x), groups(code, 6), squares=squares)
        np.testing.assert_allclose(found, [values[code == i].sum(axis=0) for i in range(6)], rtol=1e-14)


def test_order_of_rows_is_that_of_the_groups():
    x = sp.csr_matrix(np.array([[1e16], [1.0], [-1e16]]))
    one, other = (Groups(np.array(rows), np.array([0, 3])) for rows in ([0, 1, 2], [0, 2, 1]))
    assert group_totals(x, one)[0, 0] == 0.0
    assert group_totals(x, other)[0, 0] == 1.0


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_moments_round_as_scipy_and_numpy_round(drawn, kind):
    x, code = drawn[0].astype(kind), drawn[1]
    for layout in (np.asarray, sp.csr_matrix):
        one, two = group_moments(layout(x), groups(code, 6))
        assert one.dtype == two.dtype == kind
        for i in range(5):
            part = layout(x[code == i])
            square = part.multiply(part) if sp.issparse(part) else part * part
            np.testing.assert_array_equal(one[i], np.asarray(part.mean(axis=0)).ravel())
            np.testing.assert_array_equal(two[i], np.asarray(square.mean(axis=0)).ravel())
        assert np.isnan(one[5]).all()
