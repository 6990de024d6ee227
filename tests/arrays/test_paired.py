"""Paired tests against scipy and against simulation under the null."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from vcassay.arrays.paired import paired_tests


@given(st.lists(st.integers(-3, 3).map(float), min_size=1, max_size=30))
def test_sign_test_is_the_binomial(values: list[float]) -> None:
    d = np.array(values)
    found = paired_tests(d, np.arange(len(d)))
    up, down = int((d > 0).sum()), int((d < 0).sum())
    expected = stats.binomtest(up, up + down, alternative="greater").pvalue if up + down else 1.0
    assert found.sign_p == pytest.approx(expected)
    assert found.n == up + down
    assert found.wins == pytest.approx((up + (len(d) - up - down) / 2) / len(d))


@pytest.mark.parametrize("n", [6, 30, 80])
def test_signed_rank_is_scipys(n: int) -> None:
    d = np.random.default_rng(n).normal(0.2, 1.0, n)
    method = "exact" if n <= 50 else "approx"
    expected = stats.wilcoxon(d, alternative="greater", method=method).pvalue
    assert paired_tests(d, np.arange(n)).signed_rank_p == pytest.approx(expected, rel=1e-9)


def test_all_wins_have_the_smallest_p() -> None:
    found = paired_tests(np.arange(1.0, 11.0), np.arange(10))
    assert found.sign_p == pytest.approx(0.5**10)
    assert found.signed_rank_p == pytest.approx(0.5**10)
    assert found.wins == 1.0


def test_doses_of_a_perturbation_count_as_one() -> None:
    rng = np.random.default_rng(0)
    each = rng.normal(size=12)
    one = paired_tests(each, np.arange(12))
    many = paired_tests(np.repeat(each, 8), np.repeat(np.arange(12), 8))
    assert many == pytest.approx(one)


def test_both_hold_their_level_with_clustered_conditions() -> None:
    rng = np.random.default_rng(1)
    unit = np.repeat(np.arange(25), 6)
    p = np.array([paired_tests(rng.normal(size=25)[unit] + 0.3 * rng.normal(size=150), unit)[2:] for _ in range(600)])
    assert (p < 0.05).mean(axis=0) == pytest.approx([0.05, 0.05], abs=0.03)


def test_what_is_undefined() -> None:
    none = paired_tests(np.full(3, np.nan), np.arange(3))
    assert none.n == 0
    assert np.isnan([none.wins, none.sign_p, none.signed_rank_p]).all()
    equal = paired_tests(np.zeros(4), np.arange(4))
    assert (equal.n, equal.wins, equal.sign_p, equal.signed_rank_p) == (0, 0.5, 1.0, 1.0)
    some = paired_tests(np.array([1.0, np.nan, 2.0]), np.array([0, 1, 1]))
    assert some.n == 2
