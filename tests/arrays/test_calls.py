"""Calls and thresholds against p-values, Benjamini-Hochberg and quantiles of scipy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from vcassay.arrays.calls import call_rows, predicted_calls
from vcassay.arrays.multiple import benjamini_hochberg_rows


def case(seed, n=6, g=400):
    rng = np.random.default_rng(seed)
    effect = rng.normal(size=(n, g)) * np.where(rng.random((n, g)) < 0.15, 4.0, 1.0)
    effect[0] = rng.uniform(-0.5, 0.5, size=g)  # nothing to call
    se = rng.uniform(0.5, 2.0, size=(n, g))
    df = np.where(rng.random((n, g)) < 0.1, np.inf, rng.uniform(2.0, 300.0, size=(n, g)))
    return effect * se, se, df, rng.random((n, g)) < 0.9


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000))
def test_calls_are_those_of_benjamini_and_hochberg(seed):
    effect, se, df, tested = case(seed)
    p = np.where(tested, 2 * stats.t.sf(np.abs(effect / se), df), np.nan)
    adjusted = benjamini_hochberg_rows(p)
    found = call_rows(effect, se, df, tested)
    apart = found.called != (adjusted <= 0.05)
    np.testing.assert_allclose(adjusted[apart], 0.05, rtol=5e-3)  # the table of critical t is good to 1e-4
    np.testing.assert_array_equal(found.n_called, found.called.sum(axis=1))
    np.testing.assert_array_equal(found.n_tested, tested.sum(axis=1))


def test_threshold_is_the_effect_at_the_critical_p():
    effect, se, df, tested = case(4)
    found = call_rows(effect, se, df, tested)
    bar = 0.05 * np.maximum(found.n_called, 1) / found.n_tested
    want = stats.t.isf(np.broadcast_to(bar[:, None] / 2, se.shape), df) * se
    np.testing.assert_allclose(found.threshold[tested], want[tested], rtol=2e-4)
    assert np.isnan(found.threshold[~tested]).all()
    assert found.n_called[0] == 0
    assert found.n_called[1:].min() > 5


def test_the_truth_calls_what_it_calls():
    effect, se, df, tested = case(5)
    found = call_rows(effect, se, df, tested)
    np.testing.assert_array_equal(predicted_calls(effect, found.threshold, tested), found.called)
    assert not predicted_calls(np.zeros_like(effect), found.threshold, tested).any()
    np.testing.assert_array_equal(predicted_calls(np.full_like(effect, 1e9), found.threshold, tested), tested)


def test_order_and_what_cannot_be_tested():
    effect, se, df, tested = case(6)
    order = np.random.default_rng(0).permutation(effect.shape[1])
    found = call_rows(effect, se, df, tested)
    again = call_rows(*(np.ascontiguousarray(x[:, order]) for x in (effect, se, df, tested)))
    np.testing.assert_array_equal(again.threshold, found.threshold[:, order])
    np.testing.assert_array_equal(again.called, found.called[:, order])
    se[1], effect[2], df[3] = 0.0, np.nan, np.nan
    gone = call_rows(effect, se, df, tested)
    assert not gone.called[1:4].any()
    assert np.isnan(gone.threshold[1:4]).all()
    assert gone.n_tested[1:4].tolist() == [0, 0, 0]


def test_false_discoveries_are_controlled():
    rng = np.random.default_rng(2)
    n, g, real = 400, 300, 60
    effect, df = rng.standard_t(9, size=(n, g)), np.full((n, g), 9.0)
    effect[:, :real] += 6.0
    found = call_rows(effect, np.ones((n, g)), df, np.ones((n, g), dtype=bool))
    false = found.called[:, real:].sum(axis=1) / np.maximum(found.n_called, 1)
    assert false.mean() == pytest.approx(0.05 * (g - real) / g, abs=0.008)
