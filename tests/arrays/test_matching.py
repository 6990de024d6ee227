import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vcassay.arrays.matching import add_agreements, block_orders, dependence, match_own, to_whole
from vcassay.arrays.unit_rows import unit_rows


def test_agreement_with_the_own_counterpart_is_held_beside_that_with_others() -> None:
    found = match_own(np.eye(3) * 2.0, np.ones((3, 3)), np.array([[0, 1, 2], [1, 2, 0], [1, 0, 2]]))
    assert found.value == 2.0
    assert np.allclose(found.draws, [2.0, 0.0, 2.0 / 3])


def test_pairs_that_never_met_have_no_weight() -> None:
    agreement, weight = np.array([[1.0, 0.0], [0.0, 0.0]]), np.array([[1.0, 0.0], [1.0, 0.0]])
    found = match_own(agreement, weight, np.array([[1, 0]]))
    assert found.value == 1.0
    assert found.draws[0] == 0.0
    assert np.isnan(match_own(agreement, np.zeros((2, 2)), np.array([[0, 1]])).value)


@given(st.integers(0, 10_000))
def test_blocks_stay_together(seed: int) -> None:
    rng = np.random.default_rng(seed)
    block = rng.permutation(np.repeat(np.arange(5), [1, 3, 3, 3, 1]))
    for order in block_orders(block, 4, rng):
        assert sorted(order) == list(range(len(block)))
        for b in range(5):
            mine = np.flatnonzero(block == b)
            there = block[order[mine]]
            assert len(set(there.tolist())) == 1
            assert (np.diff(order[mine]) > 0).all()


def test_single_items_are_permuted_freely() -> None:
    orders = block_orders(np.arange(4), 2000, np.random.default_rng(1))
    assert np.allclose(np.mean(orders == np.arange(4), axis=0), 0.25, atol=0.04)


def test_agreements_are_added_over_groups() -> None:
    rng = np.random.default_rng(0)
    left, right = rng.standard_normal((2, 5, 3))
    item, group = np.array([0, 1, 0, 1, 2]), np.array([0, 0, 1, 1, 1])
    total, weight = np.zeros((3, 3)), np.zeros((3, 3))
    own = add_agreements(left, right, item, group, (total, weight))
    assert np.allclose(own, (left * right).sum(axis=1))
    assert np.isclose(total[0, 1], left[0] @ right[1] + left[2] @ right[3])
    assert weight.tolist() == [[2, 2, 1], [2, 2, 1], [1, 1, 1]]


@pytest.mark.parametrize("whole", [0.3, 0.8])
def test_halves_tell_what_a_perfect_prediction_reaches(whole: float) -> None:
    signal = whole**2  # share of variance of the whole
    half = signal / (signal + 2 * (1 - signal))
    assert np.isclose(to_whole(half), whole)
    assert np.isclose(to_whole(-half), -whole)


def test_rows_that_share_noise_on_both_sides_spread_wider() -> None:
    """Ten rows, the sums of two of five parts: six others have a part in common, at a correlation of a half."""
    rng = np.random.default_rng(3)
    ends = np.array([(i, j) for i in range(5) for j in range(i)])
    sums, permuted, told = [], [], []
    for _ in range(400):
        x, y = (rng.standard_normal((5, 40))[ends].sum(axis=1) for _ in range(2))
        x, y = unit_rows(x), unit_rows(y)
        sums.append(np.vdot(x, y))
        permuted.append(np.vdot(x[rng.permutation(len(ends))], y))
        told.append(dependence(x, y, np.zeros(len(ends), dtype=int)))
    assert np.isclose(np.mean(told), np.std(sums) / np.std(permuted), rtol=0.12)
    assert np.mean(told) == pytest.approx(np.sqrt((10 + 60 / 4) / (10 + 30**2 / 90)), abs=0.03)


def test_independent_rows_are_left_as_they_are() -> None:
    x, y = np.random.default_rng(0).standard_normal((2, 8, 500))
    assert dependence(unit_rows(x), unit_rows(y), np.zeros(8, dtype=int)) == pytest.approx(1.0, abs=0.02)
