"""Overlap of tops against sets, and against coins where genes are tied."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vcassay.arrays.agreement import row_order
from vcassay.arrays.overlap import above_chance, top_overlap, top_precision


def case(seed, n=5, g=80):
    rng = np.random.default_rng(seed)
    truth, pred = rng.normal(size=(2, n, g))
    mask = rng.random((n, g)) < 0.9
    tested = mask & (rng.random((n, g)) < 0.9)
    return rng, truth, pred, row_order(np.where(mask, -np.abs(pred), np.inf)), tested


def top(values, tested, k):
    at = np.flatnonzero(tested)
    return set(at[np.argsort(-np.abs(values[at]))[:k]].tolist())


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 40))
def test_tops_are_sets(seed, k):
    rng, truth, pred, order, tested = case(seed)
    label = tested & (rng.random(truth.shape) < 0.3)
    shared, found = top_overlap(truth, order, pred, tested, np.full(5, k)), top_precision(label, order, pred, tested, k)
    for i in range(5):
        mine = top(pred[i], tested[i], k)
        assert shared.share[i] == pytest.approx(len(mine & top(truth[i], tested[i], k)) / k)
        assert shared.chance[i] == pytest.approx(k / tested[i].sum())
        best, called = min(k, label[i].sum()), set(np.flatnonzero(label[i]).tolist())
        assert found.share[i] == pytest.approx(len(mine & called) / best)
        assert found.chance[i] == pytest.approx(k * len(called) / tested[i].sum() / best)


def test_ties_count_as_a_coin_would_break_them():
    rng, truth, pred, _, tested = case(3)
    pred = np.round(pred, 0)
    want = np.zeros(5)
    for _ in range(3000):
        jitter = pred + np.sign(pred + (pred == 0)) * rng.uniform(0, 1e-6, size=pred.shape)
        want += [len(top(j, t, 20) & top(x, t, 20)) / 20 for j, x, t in zip(jitter, truth, tested, strict=True)]
    got = top_overlap(truth, row_order(np.where(tested, -np.abs(pred), np.inf)), pred, tested, np.full(5, 20))
    np.testing.assert_allclose(got.share, want / 3000, atol=0.01)


def test_copy_no_change_and_random():
    rng, truth, pred, order, tested = case(4, n=2000)
    k = np.full(2000, 20)
    copy = row_order(np.where(tested, -np.abs(truth), np.inf))
    np.testing.assert_allclose(above_chance(top_overlap(truth, copy, truth, tested, k)), 1.0)
    zero = np.zeros_like(pred)
    label = tested & (rng.random(truth.shape) < 0.3)
    np.testing.assert_allclose(above_chance(top_overlap(truth, order, zero, tested, k)), 0.0, atol=1e-12)
    np.testing.assert_allclose(above_chance(top_precision(label, order, zero, tested, 20)), 0.0, atol=1e-12)
    assert above_chance(top_overlap(truth, order, pred, tested, k)).mean() == pytest.approx(0.0, abs=0.01)
    assert above_chance(top_precision(label, order, pred, tested, 20)).mean() == pytest.approx(0.0, abs=0.02)


def test_too_few_genes_are_undefined():
    _, truth, pred, order, tested = case(5)
    none = np.zeros_like(tested)
    assert np.isnan(top_overlap(truth, order, pred, tested, np.full(5, 80)).share).all()
    assert np.isnan(top_overlap(truth, order, pred, tested, np.full(5, 9), 10).share).all()
    assert np.isnan(top_precision(none, order, pred, tested, 20).share).all()
    assert np.isnan(top_precision(tested, order, pred, tested, 20).share).all()
    assert np.isnan(top_overlap(truth, order, pred, none, np.full(5, 20)).share).all()
