from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import kstest, spearmanr

from vcassay.core import Status
from vcassay.evidence.biology.dose.agreement import agree
from vcassay.testing.biology.doses import CASES
from vcassay.testing.planted import of_model

CASE = next(c for c in CASES if c.diagnostic == "dose_agreement")


def whole(n):
    return np.ones(n, dtype=bool)


def test_the_value_is_scipys_on_deviations_and_the_null_permutes_doses():
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(2, 20, 3)) + np.arange(3)
    got = agree([(a, b)], np.full(20, 3), whole(20), seed=1)
    off = [v - v.mean(axis=1, keepdims=True) for v in (a, b)]
    assert got.within.value == pytest.approx(spearmanr(off[0].ravel(), off[1].ravel()).statistic)
    assert got.overall == pytest.approx(spearmanr(a.ravel(), b.ravel()).statistic)
    moved = [spearmanr(off[0].ravel(), rng.permuted(off[1], axis=1).ravel()).statistic for _ in range(400)]
    assert got.within.null == pytest.approx(np.mean(moved), abs=0.03)
    assert got.within.spread == pytest.approx(np.std(moved), rel=0.15)
    assert got.within.n == 20


def test_strong_drugs_alone_do_not_carry_it():
    rng = np.random.default_rng(1)
    strength = 10.0 * np.arange(1, 31)[:, None]
    a, b = strength + rng.normal(size=(2, 30, 3))
    got = agree([(a, b)], np.full(30, 3), whole(30), seed=1)
    assert got.overall > 0.95
    assert got.within.p > 0.05


def test_p_values_are_uniform_without_agreement():
    p = []
    for seed in range(150):
        a, b = np.random.default_rng(seed).normal(size=(2, 12, 3)) + np.random.default_rng(seed).normal(size=(12, 1))
        p.append(agree([(a, b)], np.full(12, 3), whole(12), seed).within.p)
    assert kstest(p, "uniform").pvalue > 0.001


def test_series_of_any_length_and_incomplete_ones():
    rng = np.random.default_rng(2)
    a = np.full((10, 6), np.nan)
    a[:5, :3], a[5:] = rng.normal(size=(5, 3)), rng.normal(size=(5, 6))
    length = np.repeat([3, 6], 5)
    assert agree([(a, a)], length, whole(10), 0).within.value == pytest.approx(1.0)
    b = a.copy()
    b[0, 1] = np.nan
    assert agree([(a, b)], length, whole(10), 0).within.n == 9
    assert np.isnan(agree([(a, b)], length, ~whole(10), 0).within.value)


def test_a_model_that_is_flat_agrees_with_nothing():
    a = np.random.default_rng(3).normal(size=(10, 3))
    got = agree([(a, 1.0 + 1e-14 * a)], np.full(10, 3), whole(10), 0).within
    assert (got.value, got.p) == (0.0, 1.0)


def test_findings_give_both_figures_and_what_the_page_draws():
    found = CASE.present(0)
    assert [f.status for f in found] == [Status.PASS, Status.PASS, Status.FAIL]
    assert all("as they stand" in f.sentence for f in found)
    row = of_model(found, "has").evidence[0]
    assert set(row) == {"perturbation", "context", "dose", "truth", "model"}
