from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import t

from vcassay.arrays.crossed_distance import crossed_correlation, crossed_distance, crossed_variance

PAIR = np.array([0]), np.array([1])


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(4)


def noisy(rng: np.random.Generator, q: float, many: int, g: int = 40) -> np.ndarray:
    """(2 many, 8, g): pairs of profiles whose mean squared difference is q, with noise that differs by gene."""
    truth = np.zeros((2 * many, 1, g))
    truth[many:] += np.sqrt(q)
    return truth + np.linspace(0.1, 0.5, g) * rng.standard_normal((2 * many, 8, g))


def test_without_noise_it_is_the_mean_squared_difference(rng):
    x = rng.standard_normal((3, 1, 20)).repeat(8, axis=1)
    found = crossed_distance(x, np.array([0, 0]), np.array([1, 2]))
    np.testing.assert_allclose(found.distance, [((x[0, 0] - x[k, 0]) ** 2).mean() for k in (1, 2)])
    np.testing.assert_allclose(found.se, 0.0, atol=1e-12)
    np.testing.assert_allclose(crossed_correlation(x, *PAIR), np.corrcoef(x[0, 0], x[1, 0])[0, 1])
    np.testing.assert_allclose(crossed_variance(x), x[:, 0].var(axis=1))


def test_distance_is_the_mean_of_all_products_of_different_shards(rng):
    x = rng.standard_normal((2, 5, 7))
    u = x[0] - x[1]
    products = [u[s] @ u[r] / 7 for s in range(5) for r in range(5) if s != r]
    np.testing.assert_allclose(crossed_distance(x, *PAIR).distance, np.mean(products))


def test_standard_error_is_that_of_a_half_diallel(rng):
    """Least squares on G_st = mu + a_s + a_t, components by the mean squares of Griffing's table."""
    n = 6
    x = rng.standard_normal((2, n, 30)) + np.arange(2)[:, None, None]
    u = x[0] - x[1]
    s, r = np.triu_indices(n, 1)
    y = np.einsum("kg,kg->k", u[s], u[r]) / 30
    design = (np.arange(n) == s[:, None]).astype(float) + (np.arange(n) == r[:, None])
    fit = np.linalg.lstsq(design, y, rcond=None)
    residual = float(fit[1][0]) / (len(y) - n)
    between = max(fit[0].var(ddof=1) - residual / (n - 2), 0.0)
    expected = np.sqrt(4 * between / n + residual / len(y))
    np.testing.assert_allclose(crossed_distance(x, *PAIR).se, expected)


@pytest.mark.parametrize("q", [0.0, 0.01, 0.3])
def test_distance_is_unbiased_and_its_bound_holds(q, rng):
    many = 2000
    found = crossed_distance(noisy(rng, q, many), np.arange(many), np.arange(many) + many)
    spread = found.distance.std()
    assert abs(found.distance.mean() - q) < 4 * spread / np.sqrt(many)
    assert 0.95 < np.sqrt((found.se**2).mean()) / spread < 1.35  # at 0 the components are kept from being negative
    assert (found.distance + t.isf(0.05, found.df) * found.se >= q).mean() > 0.92  # nominal 0.95, one-sided
    assert set(found.df.tolist()) <= {7.0, 20.0}


def test_noise_does_not_lower_the_correlation(rng):
    truth = rng.standard_normal((2, 1, 400))
    truth[1] = 0.9 * truth[0] + np.sqrt(1 - 0.81) * truth[1]
    x = truth + rng.standard_normal((2, 8, 400))
    true = np.corrcoef(truth[:, 0])[0, 1]
    assert abs(crossed_correlation(x, *PAIR)[0] - true) < 0.05
    assert np.corrcoef(x[:, 0])[0, 1] < 0.6


def test_order_of_shards_genes_and_pairs_does_not_matter(rng):
    x = rng.standard_normal((4, 8, 50))
    i, j = np.triu_indices(4, 1)
    base, back = crossed_distance(x, i, j), crossed_distance(x[:, ::-1, ::-1], j[::-1], i[::-1])
    np.testing.assert_allclose(base.distance, back.distance[::-1], atol=1e-12)
    np.testing.assert_allclose(base.se, back.se[::-1], atol=1e-12)


def test_undefined_is_nan_and_too_few_shards_are_refused(rng):
    x = rng.standard_normal((2, 4, 6))
    x[0, 1, 2] = np.nan
    assert np.isnan(crossed_distance(x, *PAIR)).all()
    assert np.isnan(crossed_correlation(np.ones((2, 4, 6)), *PAIR)).all()
    with pytest.raises(ValueError, match="3 shards"):
        crossed_distance(x[:, :3], *PAIR)
