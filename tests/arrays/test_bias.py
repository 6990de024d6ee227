"""The bias model against an independent least-squares solver, and on tables with gaps."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vcassay.arrays.bias import fit_bias


def table(seed: int, k: int, p: int, keep: float, g: int = 1):
    rng = np.random.default_rng(seed)
    i, j = np.nonzero(rng.random((k, p)) < keep)
    return rng.normal(size=(len(i), g)), i.astype(np.int64), j.astype(np.int64)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6), k=st.integers(1, 9), p=st.integers(1, 9), keep=st.floats(0.2, 1.0))
def test_fitted_values_are_those_of_an_independent_solver(seed, k, p, keep):
    values, context, perturbation = table(seed, k, p, keep, g=2)
    if not len(values):
        return
    design = np.concatenate([np.eye(k)[context], np.eye(p)[perturbation]], axis=1)
    expected = design @ np.linalg.lstsq(design, values, rcond=None)[0]
    fitted = fit_bias(values, context, perturbation, k, p).predict(context, perturbation)
    np.testing.assert_allclose(fitted, expected, atol=1e-9)


@pytest.mark.parametrize("shape", [(4, 9), (9, 4)])
def test_a_sum_of_terms_is_found_again_at_a_cell_that_was_never_measured(shape):
    rng = np.random.default_rng(3)
    a, b = rng.normal(size=shape[0]), rng.normal(size=shape[1])
    truth = 2.0 + a[:, None] + b
    keep = np.ones(shape, dtype=bool)
    keep[1, 2] = keep[0, 3] = False
    i, j = np.nonzero(keep)
    bias = fit_bias(truth[i, j][:, None], i, j, *shape)
    assert bias.predict(np.array([1]), np.array([2]))[0, 0] == pytest.approx(truth[1, 2], abs=1e-10)
    assert bias.context.sum() == pytest.approx(0.0, abs=1e-10)
    assert bias.perturbation.sum() == pytest.approx(0.0, abs=1e-10)
    assert bias.mean[0] == pytest.approx(2.0 + a.mean() + b.mean(), abs=1e-10)


def test_terms_that_training_does_not_know_are_0():
    values, context, perturbation = table(1, 5, 6, 1.0)
    seen = (context < 4) & (perturbation < 5)
    bias = fit_bias(values[seen], context[seen], perturbation[seen], 5, 6)
    assert bias.context[4, 0] == 0.0
    assert bias.perturbation[5, 0] == 0.0
    unknown = bias.predict(np.array([-1, 4, 2]), np.array([-1, 1, -1]))[:, 0]
    assert unknown == pytest.approx(
        [bias.mean[0], bias.mean[0] + bias.perturbation[1, 0], bias.mean[0] + bias.context[2, 0]]
    )


def test_without_training_rows_nothing_is_known():
    empty = np.empty(0, dtype=np.int64)
    bias = fit_bias(np.empty((0, 1)), empty, empty, 2, 3)
    assert np.isnan(bias.predict(np.array([0]), np.array([1]))).all()


def test_the_order_of_rows_and_names_does_not_matter():
    values, context, perturbation = table(5, 7, 11, 0.6)
    rng = np.random.default_rng(0)
    rows, names = rng.permutation(len(values)), rng.permutation(11)
    first = fit_bias(values, context, perturbation, 7, 11)
    other = fit_bias(values[rows], context[rows], names[perturbation][rows], 7, 11)
    np.testing.assert_allclose(other.perturbation[names], first.perturbation, atol=1e-10)
    np.testing.assert_allclose(other.context, first.context, atol=1e-10)
