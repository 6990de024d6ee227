from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vcassay.core import Status
from vcassay.evidence.biology.tested import ERRORS, SHARE_OF_TRUTH, Tested, grade, tested, truth_passes

TRUTH = Tested(0.6, 0.1, 0.05, 0.001, 1.0, 40)


def model(value: float, p: float, p_reversed: float = 1.0) -> Tested:
    return Tested(value, 0.1, 0.05, p, p_reversed, 40)


def test_p_counts_the_value_itself_among_the_draws():
    found = tested(3.0, np.array([1.0, 2.0, 3.0, 4.0]), 7)
    assert (found.p, found.p_reversed) == (pytest.approx(3 / 5), pytest.approx(4 / 5))
    assert (found.null, found.n) == (2.5, 7)
    assert found.spread == pytest.approx(np.sqrt(1.25))
    assert found.excess == pytest.approx(0.5)


@given(st.integers(1, 60), st.integers(0, 10_000))
def test_p_values_of_exchangeable_draws_are_never_too_small(n, seed):
    drawn = np.random.default_rng(seed).standard_normal(n + 1)
    ps = [tested(drawn[i], np.delete(drawn, i), 1).p for i in range(n + 1)]
    for alpha in (0.05, 0.2, 0.5):  # over the orders of n + 1 exchangeable values, exactly uniform
        assert np.mean(np.asarray(ps) <= alpha) <= alpha + 1e-12


def test_rounding_is_no_difference():
    draws = np.full(99, 0.5)
    found = tested(0.5 + 1e-15, draws, 1)
    assert (found.p, found.p_reversed) == (1.0, 1.0)


@pytest.mark.parametrize(("value", "draws"), [(np.nan, [0.1, 0.2]), (0.3, []), (0.3, [np.nan])])
def test_undefined_is_not_a_number(value, draws):
    found = tested(value, np.asarray(draws, dtype=float), 0)
    assert np.isnan([found.null, found.p, found.p_reversed]).all()
    assert not truth_passes(found)


@pytest.mark.parametrize(
    ("made", "q", "baseline", "status", "word"),
    [
        (model(0.55, 0.001), 0.002, 0.3, Status.PASS, "90% of what the truth has above permuted labels, and more"),
        (model(0.55, 0.001), 0.002, np.nan, Status.PASS, "and no baseline to compare with"),
        (model(0.5, 0.001), 0.002, 0.5, Status.WARN, "no more than the best baseline"),
        (model(0.56, 0.001), 0.002, 0.9, Status.PASS, "the best baseline has it, too"),
        (model(0.3, 0.001), 0.002, 0.0, Status.WARN, "40% of what the truth has"),
        (model(0.12, 0.4), 0.4, 0.0, Status.FAIL, "no more than with permuted labels"),
        (model(0.0, 1.0, 0.01), 1.0, 0.0, Status.FAIL, "the other way round"),
        (model(0.0999, 1.0, 0.01), 1.0, 0.0, Status.FAIL, "no more than with permuted labels"),
        (model(0.5, np.nan), np.nan, 0.0, Status.FAIL, "no more than"),
    ],
)
def test_grades_are_relative_to_truth_null_and_baseline(made, q, baseline, status, word):
    given_ = grade(TRUTH, made, q, baseline)
    assert given_.status is status
    assert word in given_.reason


def test_the_share_of_the_truth_decides_at_its_threshold():
    at = 0.1 + SHARE_OF_TRUTH.value * 0.5
    assert grade(TRUTH, model(at + 1e-6, 0.001), 0.001).status is Status.PASS
    assert grade(TRUTH, model(at - 1e-6, 0.001), 0.001).status is Status.WARN


def test_a_baseline_is_held_to_the_truth_at_its_error():
    least = TRUTH.value - ERRORS.value * TRUTH.spread
    assert grade(TRUTH, model(least + 1e-6, 0.001), 0.001, 0.9).status is Status.PASS
    assert grade(TRUTH, model(least - 1e-6, 0.001), 0.001, 0.9).status is Status.WARN


@given(st.floats(0.05, 1.0), st.floats(0.0, 0.5), st.one_of(st.just(np.nan), st.floats(-1.0, 2.0)))
def test_a_model_that_equals_the_truth_passes_whatever_a_baseline_does(value, spread, baseline):
    same = Tested(value, 0.0, spread, 0.001, 1.0, 40)
    assert grade(same, same, 0.001, baseline).status is Status.PASS


def test_truth_passes_above_its_null_only():
    assert truth_passes(TRUTH)
    assert not truth_passes(TRUTH._replace(p=0.2))
    assert not truth_passes(TRUTH._replace(value=0.05))
