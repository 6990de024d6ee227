from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vcassay.arrays.alignment import (
    corrected_alignment,
    hsic,
    linear_kernel,
    neighbour_means,
    permuted,
    tamed,
    u_centred,
)


def song(k, el):
    """The unbiased estimator as Song et al. 2012 write it."""
    n = len(k)
    a, b = k - np.diag(np.diag(k)), el - np.diag(np.diag(el))
    one = np.ones(n)
    whole = (
        np.trace(a @ b) + (one @ a @ one) * (one @ b @ one) / ((n - 1) * (n - 2)) - 2 / (n - 2) * (one @ a @ b @ one)
    )
    return whole / (n * (n - 3))


@given(st.integers(4, 12), st.integers(0, 2**31))
def test_criterion_is_that_of_song_et_al(n, seed):
    rng = np.random.default_rng(seed)
    k, el = (linear_kernel(rng.normal(size=(n, 3))) for _ in range(2))
    assert hsic(u_centred(k), u_centred(el)) == pytest.approx(song(k, el), rel=1e-9, abs=1e-12)


def test_diagonal_is_not_read_and_shifts_of_rows_leave_nothing():
    rng = np.random.default_rng(0)
    k = linear_kernel(rng.normal(size=(8, 3)))
    shift = rng.normal(size=8)
    moved = k + shift[:, None] + shift[None, :] + np.diag(rng.normal(size=8))
    assert u_centred(moved) == pytest.approx(u_centred(k), abs=1e-12)
    assert u_centred(k).sum(axis=1) == pytest.approx(np.zeros(8), abs=1e-12)


def test_unrelated_kernels_have_no_alignment_on_average_however_many_columns():
    """The biased form gives .5 and more here."""
    values = []
    for seed in range(300):
        rng = np.random.default_rng(seed)
        a, b = (u_centred(linear_kernel(rng.normal(size=(12, 50)))) for _ in range(2))
        values.append(hsic(a, b))
    assert abs(np.mean(values)) < 3 * np.std(values) / np.sqrt(300)


def test_noise_lowers_the_alignment_but_not_the_corrected_one():
    plain, corrected = [], []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        truth = rng.normal(size=(40, 4)) @ rng.normal(size=(4, 60))
        a, b = (u_centred(linear_kernel(truth + 4.0 * rng.normal(size=truth.shape))) for _ in range(2))
        prior = u_centred(linear_kernel(truth))
        corrected.append(corrected_alignment(prior, a, b))
        plain.append(hsic(prior, a) / np.sqrt(hsic(prior, prior) * hsic(a, a)))
    assert np.mean(corrected) == pytest.approx(1.0, abs=0.05)
    assert np.mean(plain) < 0.9


def test_alignment_is_one_with_itself_whatever_the_scale_and_undefined_where_nothing_differs():
    rng = np.random.default_rng(1)
    k = u_centred(linear_kernel(rng.normal(size=(9, 4))))
    assert corrected_alignment(3.0 * k, k, k) == pytest.approx(1.0)
    assert np.isnan(corrected_alignment(u_centred(np.eye(9)), k, k))  # one column an object: all equally far apart
    assert np.isnan(corrected_alignment(u_centred(np.eye(3)), k, k))
    assert np.isnan(corrected_alignment(k, k, -k))  # halves that do not agree


def test_permutations_are_centred_on_zero():
    rng = np.random.default_rng(2)
    x = rng.normal(size=(30, 3))
    a, b = u_centred(linear_kernel(x)), u_centred(linear_kernel(x + 0.1))
    draws = permuted(a, b, 400, rng)
    assert abs(draws.mean()) < 4 * draws.std() / 20
    assert hsic(a, b) > draws.max()


def test_taming_bounds_the_long_rows_alone():
    rows = np.array([[1.0, 0], [0, 2], [30, 0], [0, 0]])
    assert np.linalg.norm(tamed(rows), axis=1) == pytest.approx([1, 2, 2, 0])
    assert tamed(rows, np.array([1.0, 1, 1, 1])) == pytest.approx(rows)
    assert tamed(np.zeros((3, 2))) == pytest.approx(np.zeros((3, 2)))


def test_neighbours_are_the_most_alike_others():
    kernel = np.array([[9.0, 3, 2, 1], [3, 9, 2, 1], [2, 2, 9, 5], [1, 1, 5, 9]])
    values = np.arange(4.0)[:, None]
    assert neighbour_means(kernel, values, 1).ravel() == pytest.approx([1, 0, 3, 2])
    assert neighbour_means(kernel, values, 9).ravel() == pytest.approx([2, 5 / 3, 4 / 3, 1])
