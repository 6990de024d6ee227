"""Call sets against scikit-learn and definitions; flooding does not pay."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import balanced_accuracy_score, jaccard_score, matthews_corrcoef, precision_score, recall_score

from vcassay.arrays import call_sets


def case(seed, n=4, g=150):
    rng = np.random.default_rng(seed)
    truth, pred = rng.normal(size=(2, n, g))
    tested = rng.random((n, g)) < 0.9
    called = tested & (rng.random((n, g)) < 0.2)
    return truth, pred, called, (called & (rng.random((n, g)) < 0.5)) | (rng.random((n, g)) < 0.1), tested


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000))
def test_scores_equal_scikit_learn(seed):
    truth, pred, called, mine, tested = case(seed)
    table = call_sets.count(truth, pred, called, mine, tested)
    for i in range(len(truth)):
        y, p = called[i, tested[i]], mine[i, tested[i]]
        prevalence, precision = y.mean(), precision_score(y, p)
        same = (np.sign(truth[i]) == np.sign(pred[i]))[tested[i]]
        random = y.sum() * p.sum() / len(y)
        random /= y.sum() + p.sum() - random
        coin = min(y.sum(), p.sum()) / len(y) / 2
        want = {
            "jaccard": (jaccard_score(y, p) - random) / (1 - random),
            "matthews": matthews_corrcoef(y, p),
            "informedness": 2 * balanced_accuracy_score(y, p) - 1,
            "markedness": 2 * balanced_accuracy_score(p, y) - 1,
            "precision_above_prevalence": (precision - prevalence) / (1 - prevalence),
            "recall": recall_score(y, p),
            "fidelity": ((y & p & same).sum() / max(y.sum(), p.sum()) - coin) / (1 - coin),
        }
        for name, value in want.items():
            assert getattr(call_sets, name)(table)[i] == pytest.approx(value, abs=1e-12), name


def test_flooding_silence_and_copy():
    truth, _, called, _, tested = case(1, n=50)
    sign = np.sign(np.random.default_rng(3).normal(size=truth.shape))
    flood = call_sets.count(truth, sign, called, np.ones_like(called), tested)
    np.testing.assert_allclose(call_sets.jaccard(flood), 0.0, atol=1e-12)
    np.testing.assert_array_equal(call_sets.matthews(flood), 0.0)
    np.testing.assert_allclose(call_sets.informedness(flood), 0.0)
    np.testing.assert_array_equal(call_sets.markedness(flood), 0.0)
    np.testing.assert_allclose(call_sets.precision_above_prevalence(flood), 0.0, atol=1e-12)
    assert call_sets.fidelity(flood).mean() == pytest.approx(0.0, abs=0.01)
    silent = call_sets.count(truth, np.zeros_like(truth), called, np.zeros_like(called), tested)
    for score in (call_sets.jaccard, call_sets.matthews, call_sets.informedness, call_sets.markedness):
        np.testing.assert_array_equal(score(silent), 0.0)
    np.testing.assert_array_equal(call_sets.recall(silent), 0.0)
    assert np.isnan(call_sets.precision_above_prevalence(silent)).all()
    copy = call_sets.count(truth, truth, called, called, tested)
    for score in (
        call_sets.jaccard,
        call_sets.matthews,
        call_sets.informedness,
        call_sets.markedness,
        call_sets.precision_above_prevalence,
        call_sets.fidelity,
    ):
        np.testing.assert_allclose(score(copy), 1.0)


def test_what_the_truth_leaves_undefined():
    truth, pred, called, mine, tested = case(2, n=3)
    called[0], called[1], tested[2] = False, tested[1], False
    table = call_sets.count(truth, pred, called, mine, tested)
    mixed = (call_sets.matthews, call_sets.informedness, call_sets.markedness, call_sets.precision_above_prevalence)
    for score in mixed:
        assert np.isnan(score(table)).all()
    assert call_sets.jaccard(table)[0] == 0.0
    assert np.isnan(call_sets.jaccard(table)[2])
    assert np.isnan(call_sets.fidelity(table)[[0, 2]]).all()
    nobody = call_sets.count(truth, pred, called, np.zeros_like(mine), tested)
    assert call_sets.jaccard(nobody)[0] == 1.0
