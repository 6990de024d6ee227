"""Statistics of all conditions as parts: they add up to scipy's."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from sklearn.metrics import roc_auc_score

from vcassay.arrays.concordance import agreement_parts, placement, rank_agreement


@given(st.integers(0, 2**32 - 1))
def test_parts_add_up_to_the_correlation_of_each_group(seed):
    rng = np.random.default_rng(seed)
    group = rng.integers(3, size=30)
    a, b = rng.integers(-4, 5, size=(2, 30)).astype(float)
    linear, ranked = agreement_parts(a, b, group), rank_agreement(a, b, group)
    for g in range(3):
        at = group == g
        if at.sum() < 3 or np.ptp(a[at]) == 0 or np.ptp(b[at]) == 0:
            assert np.isnan(linear.numerator[at]).all()
            continue
        for parts, expected in ((linear, stats.pearsonr(a[at], b[at])[0]), (ranked, stats.spearmanr(a[at], b[at])[0])):
            assert parts.numerator[at].sum() / parts.denominator[at].sum() == pytest.approx(expected, abs=1e-10)
            assert parts.denominator[at].mean() == pytest.approx(1.0, abs=1e-10)  # groups weigh alike


def test_a_missing_value_takes_no_part():
    a, b = np.array([1.0, 2.0, 3.0, np.nan, 5.0]), np.array([2.0, 1.0, 4.0, 9.0, np.nan])
    parts = agreement_parts(a, b, np.zeros(5, dtype=int))
    expected = stats.pearsonr(a[:3], b[:3])[0]
    assert np.nansum(parts.numerator) / np.nansum(parts.denominator) == pytest.approx(expected)
    assert np.isnan(parts.numerator[3:]).all()


def test_bootstrap_of_parts_is_near_that_of_the_correlation():
    rng = np.random.default_rng(1)
    a = rng.normal(size=200)
    b = 0.6 * a + 0.8 * rng.normal(size=200)
    parts = agreement_parts(a, b, np.zeros(200, dtype=int))
    draws = rng.integers(200, size=(400, 200))
    ours = [parts.numerator[d].sum() / parts.denominator[d].sum() for d in draws]
    theirs = [np.corrcoef(a[d], b[d])[0, 1] for d in draws]
    assert np.std(ours) == pytest.approx(np.std(theirs), rel=0.1)
    assert np.mean(ours) == pytest.approx(np.mean(theirs), abs=0.01)


@given(st.integers(0, 2**32 - 1))
def test_placements_average_to_the_area(seed):
    rng = np.random.default_rng(seed)
    score, positive = rng.integers(6, size=40).astype(float), rng.random(40) < 0.4
    found = placement(score, positive, np.zeros(40, dtype=int))
    if positive.all() or not positive.any():
        assert np.isnan(found).all()
        return
    area = roc_auc_score(positive, score)
    for part in (found, found[positive], found[~positive]):
        assert part.mean() == pytest.approx(area, abs=1e-12)
