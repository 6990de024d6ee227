"""Directions, reach, ranks and errors on called genes against definitions and scipy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from vcassay.arrays.agreement import row_order
from vcassay.arrays.direction import called_error, called_spearman, reach, signs


def case(seed, n=4, g=90):
    rng = np.random.default_rng(seed)
    truth = rng.normal(size=(n, g))
    pred = np.round(truth * 0.5 + rng.normal(size=(n, g)), 1)
    called = rng.random((n, g)) < 0.4
    return truth, pred, called, row_order(-np.abs(pred))


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000))
def test_definitions(seed):
    truth, pred, called, order = case(seed)
    counted, rank = signs(truth, pred, called), called_spearman(truth, pred, called)
    error, deep = called_error(truth, pred, called), reach(truth, order, pred, called)
    for i in range(len(truth)):
        t, p = truth[i, called[i]], pred[i, called[i]]
        right = np.where(p == 0, 0.5, np.sign(p) == np.sign(t))
        assert (counted.up[i], counted.down[i]) == ((t > 0).sum(), (t < 0).sum())
        assert counted.right_up[i] == right[t > 0].sum()
        assert counted.right_down[i] == right[t < 0].sum()
        assert rank[i] == pytest.approx(stats.spearmanr(t, p).statistic)
        assert error[i] == pytest.approx(np.abs(p - t).sum() / np.abs(t).sum())
        depths = [(np.abs(p) >= edge) for edge in np.unique(np.abs(p))]
        good = [d.sum() for d in depths if (t * p > 0)[d].mean() >= 0.9]
        assert deep[i] == pytest.approx(max(good, default=0) / len(t))


def test_copy_no_change_and_too_few():
    truth, _, called, _ = case(1)
    order, zero = row_order(-np.abs(truth)), np.zeros_like(truth)
    copy = signs(truth, truth, called)
    np.testing.assert_array_equal(copy.right_up + copy.right_down, called.sum(axis=1))
    np.testing.assert_array_equal(reach(truth, order, truth, called), 1.0)
    np.testing.assert_allclose(called_spearman(truth, truth, called), 1.0)
    np.testing.assert_array_equal(called_error(truth, truth, called), 0.0)
    nothing = signs(truth, zero, called)
    np.testing.assert_array_equal(nothing.right_up + nothing.right_down, called.sum(axis=1) / 2)
    np.testing.assert_array_equal(reach(truth, order, zero, called), 0.0)
    np.testing.assert_array_equal(called_error(truth, zero, called), 1.0)
    assert np.isnan(called_spearman(truth, zero, called)).all()
    few = np.zeros_like(called)
    few[:, :9] = True
    assert np.isnan(called_spearman(truth, truth, few)).all()
    assert np.isnan(called_error(truth, truth, few)).all()
    assert np.isnan(reach(truth, order, truth, np.zeros_like(called))).all()
