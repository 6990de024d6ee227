from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from vcassay.evidence.biology.likeness import likeness


def cosine(a, b):
    return float(a @ b / np.sqrt((a @ a) * (b @ b)))


def test_cosines_are_averaged_over_contexts_where_both_were_tried():
    rng = np.random.default_rng(0)
    values = rng.standard_normal((5, 7))
    item, context = np.array([0, 1, 0, 1, 2]), np.array([0, 0, 1, 1, 1])
    found = likeness([(values, values)], item, context, 4)
    assert np.isclose(found[0, 1], (cosine(values[0], values[1]) + cosine(values[2], values[3])) / 2)
    assert np.isclose(found[1, 2], cosine(values[3], values[4]))
    assert np.isnan(found[3]).all()
    assert np.isnan(np.diag(found)).all()
    assert np.array_equal(found, found.T, equal_nan=True)


def test_noise_that_two_items_share_does_not_make_them_alike():
    rng = np.random.default_rng(1)
    n, g = 30, 400
    own = [rng.standard_normal((n, g)) for _ in range(2)]
    pools = [2 * rng.standard_normal(g) for _ in range(2)]  # the controls of either half
    halves = [(own[0] + pools[0], own[1] + pools[1])]
    whole = (own[0] + own[1] + pools[0] + pools[1]) / 2
    item, context = np.arange(n), np.zeros(n, dtype=np.int64)
    apart = np.nanmean(likeness(halves, item, context, n))
    together = np.nanmean(likeness([(whole, whole)], item, context, n))
    assert abs(apart) < 0.1
    assert together > 0.6


@given(st.permutations(range(6)), st.integers(0, 99))
def test_the_order_of_rows_does_not_matter(order, seed):
    values = np.random.default_rng(seed).standard_normal((6, 4))
    item, context = np.array([0, 1, 2, 0, 1, 2]), np.array([0, 0, 0, 1, 1, 1])
    at = np.asarray(order)
    expected = likeness([(values, values)], item, context, 3)
    found = likeness([(values[at], values[at])], item[at], context[at], 3)
    assert np.allclose(found, expected, rtol=0, atol=1e-12, equal_nan=True)


def test_no_effect_has_no_direction():
    values = np.array([[1.0, 0.0], [0.0, 0.0]])
    found = likeness([(values, values)], np.arange(2), np.zeros(2, dtype=np.int64), 2)
    assert found[0, 1] == 0.0
