"""Agreement of rows with their own counterparts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from vcassay.evidence.biology.specificity.matched import Layout, orders_of, weigh


def test_rows_that_share_noise_widen_the_null_and_leave_its_mean():
    rng = np.random.default_rng(0)
    n, g = 20, 30
    shared = rng.standard_normal((4, g))
    left, right = (shared[np.arange(n) % 4] + 0.3 * rng.standard_normal((n, g)) for _ in range(2))
    left, right = (x / np.linalg.norm(x, axis=1, keepdims=True) for x in (left, right))
    apart = Layout(np.arange(n), np.arange(n), np.zeros(n, dtype=np.int64), np.arange(n))
    orders = orders_of(apart, rng)
    one = weigh(apart, [(left, right)], orders, halves=False).tested
    two = weigh(replace(apart, dependent=True), [(left, right)], orders, halves=False).tested
    assert two.value == one.value
    assert two.null == pytest.approx(one.null)
    assert two.spread > 1.2 * one.spread
