"""Curves against scikit-learn, and pairs of like expression against brute force."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, roc_auc_score

from vcassay.arrays.agreement import row_order
from vcassay.arrays.ranked import BINS, chance_precision, curves, matched_area


def case(seed, n=4, g=120, ties=True):
    rng = np.random.default_rng(seed)
    pred = rng.normal(size=(n, g))
    if ties:
        pred = np.round(pred, 1)
        pred[0] = 0.0
    mask = rng.random((n, g)) < 0.9
    tested = mask & (rng.random((n, g)) < 0.9)
    label = tested & (rng.random((n, g)) < 0.2)
    return label, row_order(np.where(mask, -np.abs(pred), np.inf)), pred, tested


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([0, 1, -1]))
def test_curves_equal_scikit_learn(seed, sign):
    label, order, pred, tested = case(seed)
    area, precision, positives, n = curves(label, order, pred, tested, sign)
    score = np.abs(pred) if sign == 0 else sign * pred
    for i in range(len(pred)):
        y, s = label[i, tested[i]], score[i, tested[i]]
        assert (positives[i], n[i]) == (y.sum(), len(y))
        assert area[i] == pytest.approx(roc_auc_score(y, s), abs=1e-12)
        orders = [np.lexsort((np.random.default_rng(k).random(len(s)), -s)) for k in range(300)]  # ties by a coin
        each = [
            average_precision_score(y[o], -np.arange(len(s))) for o in orders[: 1 if len(set(s)) == len(s) else 300]
        ]
        assert precision[i] == pytest.approx(np.mean(each), abs=max(1e-12, 6 * np.std(each) / np.sqrt(len(each))))


def test_without_ties_average_precision_is_that_of_scikit_learn():
    label, order, pred, tested = case(3, ties=False)
    precision = curves(label, order, pred, tested)[1]
    for i in range(len(pred)):
        y, s = label[i, tested[i]], np.abs(pred[i, tested[i]])
        assert precision[i] == pytest.approx(average_precision_score(y, s), abs=1e-12)


@pytest.mark.parametrize(("m", "n"), [(1, 5), (2, 5), (3, 4), (4, 4), (1, 1)])
def test_chance_precision_is_the_mean_over_all_orders(m, n):
    every = []
    for places in itertools.combinations(range(n), m):
        y = np.isin(np.arange(n), places)
        every.append(np.mean([y[: a + 1].mean() for a in places]))
    assert chance_precision(np.array([m]), np.array([n]))[0] == pytest.approx(np.mean(every), abs=1e-12)


def test_no_change_is_at_chance_and_nothing_to_find_is_undefined():
    label, order, pred, tested = case(1)
    label[2], label[3] = False, tested[3]
    area, precision, positives, n = curves(label, order, pred, tested)
    assert area[0] == 0.5
    assert precision[0] == pytest.approx(chance_precision(positives, n)[0], abs=1e-12)
    assert np.isnan(area[2:]).all()
    assert np.isnan(precision[2])


def test_matched_area_compares_genes_of_like_expression():
    label, order, pred, tested = case(2, g=400)
    control = np.random.default_rng(2).exponential(size=pred.shape)
    got = matched_area(label, order, pred, tested, control)
    for i in range(len(pred)):
        at = np.flatnonzero(tested[i])
        rank = np.argsort(np.argsort(control[i, at]))
        bins = (2 * rank + 1) * BINS // (2 * len(at))
        right = pairs = 0.0
        for b in range(BINS):
            here = at[bins == b]
            up, other = here[label[i, here]], here[~label[i, here]]
            gap = np.abs(pred[i, up])[:, None] - np.abs(pred[i, other])[None]
            right += (gap > 0).sum() + 0.5 * (gap == 0).sum()
            pairs += gap.size
        assert got[i] == pytest.approx(right / pairs, abs=0.02)  # edges of bins are found in 1/4096 steps
    assert got[0] == 0.5


def test_matched_area_is_not_fooled_by_expression():
    rng = np.random.default_rng(5)
    control = rng.uniform(0, 5, size=(20, 2000))
    label = rng.random(control.shape) < 0.3 * (control / 5) ** 2  # well expressed genes are called more often
    tested, pred = np.ones(control.shape, dtype=bool), control + 0.0
    order = row_order(-np.abs(pred))
    assert curves(label, order, pred, tested)[0].mean() > 0.75
    assert matched_area(label, order, pred, tested, control).mean() == pytest.approx(0.5, abs=0.03)
    flat = matched_area(label, order, pred, tested, np.ones_like(control))
    np.testing.assert_allclose(flat, curves(label, order, pred, tested)[0])


def test_order_of_genes_does_not_matter():
    label, order, pred, tested = case(6)
    move = np.random.default_rng(0).permutation(pred.shape[1])
    moved = [np.ascontiguousarray(x[:, move]) for x in (label, pred, tested)]
    again = row_order(np.where(moved[2], -np.abs(moved[1]), np.inf))
    for a, b in zip(curves(label, order, pred, tested), curves(moved[0], again, moved[1], moved[2]), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12)
