"""Errors weighted by response, against plain numpy."""

from __future__ import annotations

import numpy as np
import pytest

from vcassay.arrays.weighted import effective_number, response_weights, weighted_errors


@pytest.fixture
def drawn():
    rng = np.random.default_rng(0)
    mask = rng.random((5, 30)) < 0.8
    return rng.gamma(1.0, size=(5, 30)), rng.normal(size=(5, 30)), rng.normal(size=(5, 30)), mask


def test_weights_are_squares_of_scaled_scores(drawn):
    score, _, _, mask = drawn
    found = response_weights(score, mask)
    for row, inside, weights in zip(score, mask, found, strict=True):
        scaled = (row[inside] - row[inside].min()) / np.ptp(row[inside])
        np.testing.assert_allclose(weights[inside], scaled**2 / (scaled**2).sum(), rtol=1e-12)
        assert not weights[~inside].any()
    np.testing.assert_allclose(found.sum(axis=1), 1.0, rtol=1e-12)


def test_errors_are_weighted_means(drawn):
    score, truth, pred, mask = drawn
    weights = response_weights(score, mask)
    error, spread = weighted_errors(truth, pred, weights)
    np.testing.assert_allclose(error, (weights * (truth - pred) ** 2).sum(axis=1), rtol=1e-12)
    mean = (weights * truth).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(spread, (weights * (truth - mean) ** 2).sum(axis=1), rtol=1e-12)


def test_equal_or_missing_scores_have_no_weights():
    score = np.array([[1.0, 1.0, 1.0], [1.0, np.nan, 2.0]])
    weights = response_weights(score, np.ones(3, dtype=bool))
    assert np.isnan(weights).all()
    assert np.isnan(weighted_errors(score, score, weights)[0]).all()


def test_effective_number_counts_equal_weights():
    np.testing.assert_allclose(effective_number(np.array([[0.25] * 4, [1.0, 0, 0, 0]])), [4.0, 1.0])
