"""Agreement of effect vectors against scipy, plain loops and invariances."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from vcassay.arrays import agreement

Function = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]
ALL: list[Function] = [agreement.pearson, agreement.spearman, agreement.cosine]
CENTRED: list[Function] = [agreement.pearson, agreement.spearman]

# Eighths are exact in binary: ties are exact ties and constant rows exactly constant.
EIGHTHS = st.integers(-400, 400).map(lambda i: i / 8)
FEW = st.integers(-2, 2).map(float)


@st.composite
def pairs(draw: st.DrawFn, elements: st.SearchStrategy[float] = EIGHTHS) -> tuple[np.ndarray, np.ndarray]:
    shape = draw(st.tuples(st.integers(1, 4), st.integers(2, 12)))
    return draw(arrays(np.float64, shape, elements=elements)), draw(arrays(np.float64, shape, elements=elements))


def every(matrix: np.ndarray) -> np.ndarray:
    return np.ones(matrix.shape[1], dtype=bool)


def slow_pearson(a: list[float], b: list[float]) -> float:
    n = len(a)
    ma, mb = sum(a) / n, sum(b) / n
    top = sum((x - ma) * (y - mb) for x, y in zip(a, b, strict=True))
    below = sum((x - ma) ** 2 for x in a) * sum((y - mb) ** 2 for y in b)
    return top / below**0.5 if below > 0 else float("nan")


def slow_midranks(a: list[float]) -> list[float]:
    return [sum(y < x for y in a) + (sum(y == x for y in a) + 1) / 2 for x in a]


def slow_cosine(a: list[float], b: list[float]) -> float:
    below = sum(x * x for x in a) * sum(y * y for y in b)
    return sum(x * y for x, y in zip(a, b, strict=True)) / below**0.5 if below > 0 else float("nan")


@given(pairs())
def test_pearson_equals_the_textbook(pair: tuple[np.ndarray, np.ndarray]) -> None:
    truth, pred = pair
    want = [slow_pearson(a, b) for a, b in zip(truth.tolist(), pred.tolist(), strict=True)]
    np.testing.assert_allclose(agreement.pearson(truth, pred, every(truth)), want, atol=1e-10)


@given(pairs(FEW))
def test_spearman_takes_ties_by_midrank(pair: tuple[np.ndarray, np.ndarray]) -> None:
    truth, pred = pair
    rows = zip(truth.tolist(), pred.tolist(), strict=True)
    want = [slow_pearson(slow_midranks(a), slow_midranks(b)) for a, b in rows]
    np.testing.assert_allclose(agreement.spearman(truth, pred, every(truth)), want, atol=1e-10)


@given(pairs())
def test_cosine_equals_the_textbook(pair: tuple[np.ndarray, np.ndarray]) -> None:
    truth, pred = pair
    want = [slow_cosine(a, b) for a, b in zip(truth.tolist(), pred.tolist(), strict=True)]
    np.testing.assert_allclose(agreement.cosine(truth, pred, every(truth)), want, atol=1e-10)


@pytest.mark.parametrize("seed", range(3))
def test_against_scipy_on_many_genes(seed: int) -> None:
    rng = np.random.default_rng(seed)
    truth = rng.normal(size=(6, 500))
    pred = 0.4 * truth + rng.normal(3.0, 2.0, size=truth.shape)
    pred[:, :60] = 0.0  # ties
    rows = list(zip(truth, pred, strict=True))
    mask = every(truth)
    np.testing.assert_allclose(agreement.pearson(truth, pred, mask), [stats.pearsonr(a, b)[0] for a, b in rows])
    np.testing.assert_allclose(agreement.spearman(truth, pred, mask), [stats.spearmanr(a, b)[0] for a, b in rows])


@pytest.mark.parametrize("function", ALL)
@given(pair=pairs())
def test_symmetric_and_bounded(function: Function, pair: tuple[np.ndarray, np.ndarray]) -> None:
    truth, pred = pair
    one, two = function(truth, pred, every(truth)), function(pred, truth, every(truth))
    np.testing.assert_allclose(one, two, atol=1e-12)
    assert (np.abs(one[np.isfinite(one)]) <= 1.0).all()


@pytest.mark.parametrize("function", ALL)
@given(pair=pairs(), scale=st.floats(0.01, 100), shift=st.floats(-10, 10))
def test_scale_and_shift(function: Function, pair: tuple[np.ndarray, np.ndarray], scale: float, shift: float) -> None:
    truth, pred = pair
    before = function(truth, pred, every(truth))
    moved = scale * pred + (shift if function in CENTRED else 0.0)
    np.testing.assert_allclose(function(truth, moved, every(truth)), before, atol=1e-9)
    np.testing.assert_allclose(function(truth, -pred, every(truth)), -before, atol=1e-12)


@pytest.mark.parametrize("function", ALL)
@given(pair=pairs(), seed=st.integers(0, 999))
def test_order_of_genes_and_rows(function: Function, pair: tuple[np.ndarray, np.ndarray], seed: int) -> None:
    truth, pred = pair
    rng = np.random.default_rng(seed)
    genes, rows = rng.permutation(truth.shape[1]), rng.permutation(len(truth))
    before = function(truth, pred, every(truth))
    np.testing.assert_allclose(function(truth[:, genes], pred[:, genes], every(truth)), before, rtol=0, atol=1e-10)
    np.testing.assert_array_equal(function(truth[rows], pred[rows], every(truth)), before[rows])


@pytest.mark.parametrize("function", ALL)
@given(pair=pairs(), seed=st.integers(0, 999))
def test_genes_outside_the_mask_do_not_count(
    function: Function, pair: tuple[np.ndarray, np.ndarray], seed: int
) -> None:
    truth, pred = pair
    mask = np.random.default_rng(seed).random(truth.shape) < 0.7
    spoiled_truth, spoiled_pred = np.where(mask, truth, np.nan), np.where(mask, pred, 1e9)
    got = function(spoiled_truth, spoiled_pred, mask)
    for i, inside in enumerate(mask):
        one = function(truth[i : i + 1, inside], pred[i : i + 1, inside], np.ones(inside.sum(), dtype=bool))
        np.testing.assert_allclose(got[i], one[0], atol=1e-10)


@pytest.mark.parametrize("function", ALL)
def test_nan_on_the_mask_makes_that_row_nan(function: Function) -> None:
    rng = np.random.default_rng(0)
    truth, pred = rng.normal(size=(2, 3, 20))
    truth[0, 4] = np.nan
    pred[1, 5] = np.nan
    assert np.isnan(function(truth, pred, every(truth))).tolist() == [True, True, False]


@pytest.mark.parametrize("value", [0.1, 1 / 3, 1e-7, 12345.678])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("order", ["C", "F"])
def test_a_constant_row_is_undefined_in_every_layout(value: float, dtype: type, order: str) -> None:
    noise = np.random.default_rng(1).normal(size=(3, 20_000))
    flat = np.asarray(np.full(noise.shape, value), dtype=dtype, order=order)  # type: ignore[call-overload]
    for function in CENTRED:
        assert np.isnan(function(noise, flat, every(noise))).all()
        assert np.isnan(function(flat, noise, every(noise))).all()


@pytest.mark.parametrize("function", ALL)
def test_memory_layout_does_not_change_a_bit(function: Function) -> None:
    rng = np.random.default_rng(2)
    truth, pred = rng.normal(size=(2, 5, 3000))
    mask = rng.random(truth.shape) < 0.5
    fortran = [np.asfortranarray(x) for x in (truth, pred, mask)]
    np.testing.assert_array_equal(function(truth, pred, mask), function(*fortran))


def test_zero_rows_and_single_genes_are_undefined() -> None:
    truth, zero = np.array([[1.0, 2.0, 4.0]]), np.zeros((1, 3))
    assert np.isnan(agreement.cosine(truth, zero, every(truth)))
    only = np.array([True, False, False])
    assert np.isnan(agreement.pearson(truth, truth, only))
    assert np.isnan(agreement.spearman(truth, truth, only))
    assert agreement.cosine(truth, truth, only)[0] == pytest.approx(1.0)
    for function in ALL:
        assert np.isnan(function(truth, truth, np.zeros(3, dtype=bool)))


def test_cosine_keeps_the_mean_shift_that_pearson_removes() -> None:
    rng = np.random.default_rng(3)
    truth = rng.normal(size=(1, 400))
    shifted = truth + 10.0
    assert agreement.pearson(truth, shifted, every(truth))[0] == pytest.approx(1.0)
    assert agreement.cosine(truth, shifted, every(truth))[0] < 0.3


@given(pairs())
def test_centred_rows_have_mean_zero_on_the_mask(pair: tuple[np.ndarray, np.ndarray]) -> None:
    matrix, other = pair
    mask = other > 0
    out = agreement.centred(matrix, mask)
    assert (out[~mask] == 0).all()
    np.testing.assert_allclose(out.sum(axis=1), 0, atol=1e-10)
    for i, inside in enumerate(mask):
        for a, b in pairwise(np.flatnonzero(inside)):
            assert out[i, b] - out[i, a] == pytest.approx(matrix[i, b] - matrix[i, a], abs=1e-10)


@given(pairs())
def test_squared_norm_and_squared_error(pair: tuple[np.ndarray, np.ndarray]) -> None:
    truth, pred = pair
    mask = pred[0] >= truth[0]
    columns = np.flatnonzero(mask)
    ratio = agreement.squared_error(truth, pred, mask)
    for i in range(len(truth)):
        assert ratio.numerator[i] == pytest.approx(sum((truth[i, g] - pred[i, g]) ** 2 for g in columns))
        assert ratio.denominator[i] == pytest.approx(sum(truth[i, g] ** 2 for g in columns))
    np.testing.assert_allclose(agreement.squared_norm(truth, mask), ratio.denominator)


def test_single_precision_input_is_summed_in_double() -> None:
    tenth: Any = np.full((1, 100_000), 0.1, dtype=np.float32)
    exact = 100_000 * float(np.float32(0.1)) ** 2
    assert agreement.squared_norm(tenth, every(tenth))[0] == pytest.approx(exact, rel=1e-12)
    assert agreement.squared_error(tenth, 0 * tenth, every(tenth)).numerator[0] == pytest.approx(exact, rel=1e-12)
