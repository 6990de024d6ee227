"""Agreement beyond known directions, against least squares."""

from __future__ import annotations

import numpy as np

from vcassay.arrays.agreement import pearson
from vcassay.arrays.partial import along, partial_correlation


def residual(y, x):
    return y - x @ np.linalg.lstsq(x, y, rcond=None)[0]


def rows(seed, n=12, g=40):
    rng = np.random.default_rng(seed)
    truth, pred, a, b = rng.normal(size=(4, n, g)) + rng.normal(size=(4, n, 1))
    return truth + a, pred + a - b + truth, a, b, rng.random((n, g)) < 0.8


def test_partial_correlation_is_that_of_residuals():
    truth, pred, a, b, mask = rows(0)
    found = partial_correlation(truth, pred, (a, b), mask)
    for i in range(len(truth)):
        k = mask[i]
        x = np.stack([np.ones(k.sum()), a[i, k], b[i, k]], axis=1)
        expected = np.corrcoef(residual(truth[i, k], x), residual(pred[i, k], x))[0, 1]
        np.testing.assert_allclose(found[i], expected, atol=1e-12)


def test_given_nothing_it_is_pearson():
    truth, pred, _, _, mask = rows(1)
    np.testing.assert_allclose(partial_correlation(truth, pred, (), mask), pearson(truth, pred, mask), atol=1e-12)


def test_a_vector_given_twice_is_given_once():
    truth, pred, a, b, mask = rows(2)
    once = partial_correlation(truth, pred, (a, b), mask)
    np.testing.assert_allclose(partial_correlation(truth, pred, (a, 3 * a, b, 0 * a), mask), once, atol=1e-10)


def test_scale_and_given_directions_do_not_matter():
    truth, pred, a, b, mask = rows(3)
    once = partial_correlation(truth, pred, (a, b), mask)
    other = partial_correlation(0.1 * truth + a, 7 * pred - 3 * b + 2, (a, b), mask)
    np.testing.assert_allclose(other, once, atol=1e-10)


def test_undefined_where_nothing_is_left():
    truth, pred, a, b, mask = rows(4)
    for nothing in (0 * a, 0 * a + 2, a, (2 * a - b).astype(np.float32).astype(float)):
        assert np.isnan(partial_correlation(truth, nothing, (a, b), mask)).all()
        assert np.isnan(partial_correlation(nothing, pred, (a, b), mask)).all()
    a = a.copy()
    a[2] = np.nan
    found = partial_correlation(truth, pred, (a, b), mask)
    assert np.flatnonzero(np.isnan(found)).tolist() == [2]
    np.testing.assert_allclose(partial_correlation(truth, truth, (b,), mask), 1.0, atol=1e-12)


def test_along_is_a_gram_schmidt():
    truth, pred, a, b, mask = rows(5)
    a[0] = 0.0
    b[1] = 2 * a[1]
    found = along(truth, pred, (a, b), mask)
    for i in range(len(truth)):
        k = mask[i]
        left, energy, agreement = pred[i, k].copy(), [], []
        basis = []
        for v in (a[i, k], b[i, k]):
            v = v - sum((u @ v) * u for u in basis)
            if np.linalg.norm(v) < 1e-8:
                energy.append(0.0)
                agreement.append(0.0)
                continue
            basis.append(v / np.linalg.norm(v))
            part = (basis[-1] @ pred[i, k]) * basis[-1]
            left -= part
            energy.append(part @ part)
            agreement.append(part @ truth[i, k])
        np.testing.assert_allclose(found.energy[i], [*energy, left @ left], atol=1e-9)
        np.testing.assert_allclose(found.agreement[i], [*agreement, left @ truth[i, k]], atol=1e-9)
    inside = np.where(mask, pred, 0.0)
    np.testing.assert_allclose(found.energy.sum(axis=1), (inside**2).sum(axis=1))
    np.testing.assert_allclose(found.agreement.sum(axis=1), (inside * truth).sum(axis=1))
