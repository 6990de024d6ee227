"""Statistics across conditions against scikit-learn and scipy, gene by gene and context by context."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from sklearn.metrics import roc_auc_score

from vcassay.arrays import placement
from vcassay.arrays.placement import gene_area, placements, rank_contributions
from vcassay.arrays.resample import aggregate, draw_weights


def case(seed, sizes=(30, 14), g=70):
    rng = np.random.default_rng(seed)
    context = np.repeat(np.arange(len(sizes)), sizes)
    called = rng.random((len(context), g)) < 0.3
    tested = called | (rng.random(called.shape) < 0.9)
    called[:, :3] = False
    pred = np.round(rng.normal(size=called.shape) * (1 + called), 1)
    return pred, called, tested, context


def mean_over_genes(pred, called, tested, context):
    by_context = []
    for c in np.unique(context):
        at, areas = context == c, []
        for j in range(pred.shape[1]):
            rows = at & tested[:, j]
            y = called[rows, j]
            if y.sum() >= 3 and (~y).sum() >= 3:
                areas.append(roc_auc_score(y, np.abs(pred[rows, j])))
        by_context.append(np.mean(areas))
    return np.mean(by_context)


@pytest.mark.parametrize("few", [0, 5, 96])
def test_ratio_of_sums_is_the_mean_area_of_genes(few, monkeypatch):
    """By either way of counting, which small and large numbers of positive conditions take."""
    pred, called, tested, context = case(1)
    plain = placement._place.py_func
    monkeypatch.setitem(plain.__globals__, "FEW", few)
    monkeypatch.setattr(placement, "_place", plain if few != 96 else placement._place)
    found = gene_area(pred, called, tested, context)
    weights = draw_weights(context, np.arange(len(context)), 5, np.random.default_rng(0))
    value, _, _ = aggregate(found.numerator, weights, found.denominator)
    assert value == pytest.approx(mean_over_genes(pred, called, tested, context), abs=1e-12)


def test_many_positives_are_searched_for():
    pred, called, tested, context = case(2, sizes=(400,), g=40)
    found = gene_area(pred, called, tested, context)
    assert called.sum(axis=0).max() > placement.FEW
    value = found.numerator.sum() / found.denominator.sum()
    assert value == pytest.approx(mean_over_genes(pred, called, tested, context), abs=1e-12)


def test_one_prediction_for_all_conditions_is_at_chance():
    pred, called, tested, context = case(3)
    same = np.tile(pred[:1], (len(pred), 1))
    found = gene_area(same, called, tested, context)
    np.testing.assert_allclose(found.numerator, found.denominator / 2)


def test_a_copy_is_right_about_conditions_without_change_and_silence_is_half_right():
    pred, called, tested, context = case(6)
    copy = np.where(called, 1.0, 0.0)
    copy[::3], called = 0.0, called & (np.arange(len(pred)) % 3 > 0)[:, None]
    found = gene_area(copy, called, tested, context)
    np.testing.assert_allclose(found.numerator, found.denominator)
    silent = gene_area(copy, called, tested, context, np.zeros(len(pred), dtype=bool))
    np.testing.assert_allclose(silent.numerator, silent.denominator / 2)


def test_contexts_without_such_genes_are_undefined():
    pred, called, tested, context = case(4)
    called[context == 1] = False
    found = gene_area(pred, called, tested, context)
    assert np.isnan(found.numerator[context == 1]).all()
    assert np.isfinite(found.denominator[context == 0]).all()


def test_rank_contributions_add_up_to_the_mean_spearman():
    rng = np.random.default_rng(5)
    context = np.repeat([0, 1, 2], [40, 9, 25])
    truth = rng.integers(0, 30, 74).astype(float)
    pred = np.round(truth + rng.normal(scale=10, size=74))
    truth[3] = np.nan
    found = rank_contributions(truth, pred, context)
    at = np.isfinite(truth)
    assert np.isnan(found.numerator[3])
    np.testing.assert_array_equal(np.isfinite(found.numerator), at)
    weights = draw_weights(context[at], np.arange(at.sum()), 5, np.random.default_rng(0))
    value, _, _ = aggregate(found.numerator[at], weights, found.denominator[at])
    want = [stats.spearmanr(truth[at & (context == c)], pred[at & (context == c)]).statistic for c in range(3)]
    assert value == pytest.approx(np.mean(want), abs=1e-12)


def test_constant_counts():
    context = np.repeat([0, 1], 10)
    truth = np.r_[np.arange(10.0), np.full(10, 4.0)]
    found = rank_contributions(truth, np.full(20, 7.0), context)
    np.testing.assert_array_equal(found.numerator[:10], 0.0)
    assert found.denominator[:10].mean() == pytest.approx(1.0)
    assert np.isnan(found.numerator[10:]).all()
    assert np.isnan(rank_contributions(np.arange(2.0), np.arange(2.0), np.zeros(2, dtype=int)).numerator).all()


@given(st.integers(0, 2**32 - 1))
def test_placements_average_to_the_area(seed):
    rng = np.random.default_rng(seed)
    score, positive = rng.integers(6, size=40).astype(float), rng.random(40) < 0.4
    found = placements(score, positive, np.zeros(40, dtype=int))
    if positive.all() or not positive.any():
        assert np.isnan(found).all()
        return
    area = roc_auc_score(positive, score)
    for part in (found, found[positive], found[~positive]):
        assert part.mean() == pytest.approx(area, abs=1e-12)


def test_bootstrap_of_rank_contributions_is_near_that_of_the_correlation():
    rng = np.random.default_rng(1)
    a = rng.normal(size=200)
    b = 0.6 * a + 0.8 * rng.normal(size=200)
    parts = rank_contributions(a, b, np.zeros(200, dtype=int))
    draws = rng.integers(200, size=(400, 200))
    ours = [parts.numerator[d].sum() / parts.denominator[d].sum() for d in draws]
    theirs = [stats.spearmanr(a[d], b[d]).statistic for d in draws]
    assert np.std(ours) == pytest.approx(np.std(theirs), rel=0.1)
    assert np.mean(ours) == pytest.approx(np.mean(theirs), abs=0.01)
