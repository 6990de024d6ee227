"""Spectra against closed forms."""

from __future__ import annotations

import numpy as np
import pytest

from vcassay.arrays.spectrum import basis, cross_spectrum, effective_rank, gram_spectrum, leading


def test_equal_directions_are_counted():
    effects = np.vstack([np.eye(5, 40), np.zeros((3, 40))])
    values, _ = gram_spectrum(effects)
    assert effective_rank(values) == pytest.approx(5.0)
    assert leading(values, 0.99) == 5
    assert np.isnan(effective_rank(np.zeros(4)))


def test_noise_does_not_add_directions_to_the_truth():
    """Rank 4 in noise: the plain spectrum sees dozens of directions, the debiased one about four."""
    rng = np.random.default_rng(2)
    signal = rng.normal(size=(60, 4)) @ np.linalg.qr(rng.normal(size=(500, 4)))[0].T * 8
    a, b = (signal + rng.normal(size=signal.shape) for _ in range(2))
    plain = effective_rank(gram_spectrum((a + b) / 2)[0])
    assert effective_rank(gram_spectrum(signal)[0]) < 4.0001
    assert plain > 20
    assert effective_rank(cross_spectrum(a, b)) < 0.5 * plain


def test_a_basis_spans_the_rows():
    rng = np.random.default_rng(3)
    effects = rng.normal(size=(20, 3)) @ rng.normal(size=(3, 50))
    values, vectors = gram_spectrum(effects)
    k = leading(values, 1 - 1e-9)
    span = basis(effects, values, vectors, k)
    assert k == 3
    np.testing.assert_allclose(span @ span.T, np.eye(3), atol=1e-8)
    np.testing.assert_allclose(effects @ span.T @ span, effects, atol=1e-8)
