"""The bilinear solution and its parts: closed forms, stationarity, PCA by another way."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.decomposition import PCA

from vcassay.evidence.baselines.linear.bilinear import bilinear, gene_scores, shrunken_means


def published(y, g, p, penalty=0.1):
    """Ahlmann-Eltze et al. on (genes, n) Y: K and the level, taken before centring."""
    level = y.mean(axis=1, keepdims=True)
    left = np.linalg.inv(g.T @ g + penalty * np.eye(g.shape[1])) @ g.T
    right = p.T @ np.linalg.inv(p @ p.T + penalty * np.eye(len(p)))
    return left @ (y - level) @ right, level


def ported(y, g, p):
    """The same in a published port, which averages after centring: the level is lost."""
    centred = y - y.mean(axis=1, keepdims=True)
    k, _ = published(centred, g, p)
    return k, centred.mean(axis=1, keepdims=True)


def test_k_is_the_published_formula():
    rng = np.random.default_rng(0)
    y, g, p = rng.normal(size=(50, 20)), rng.normal(size=(50, 4)), rng.normal(size=(6, 20))
    k, level = published(y, g, p)
    np.testing.assert_allclose(bilinear(y - level, g, p), k, atol=1e-12)


def test_a_bilinear_response_is_recovered():
    """Y = G K P without noise and hardly a penalty: K itself comes back."""
    rng = np.random.default_rng(1)
    g, p, k = rng.normal(size=(40, 3)), rng.normal(size=(5, 30)), rng.normal(size=(3, 5))
    np.testing.assert_allclose(bilinear(g @ k @ p, g, p, 1e-12, 1e-12), k, atol=1e-9)


def test_scalars_in_closed_form():
    """One gene direction, one feature: k = (g'y p') / ((g'g + a) (pp' + b))."""
    y, g, p = np.array([[2.0, 4.0]]), np.array([[3.0]]), np.array([[1.0, 2.0]])
    np.testing.assert_allclose(bilinear(y, g, p, 0.5, 0.25), [[3.0 * 10.0 / (9.5 * 5.25)]])


def test_nothing_to_learn_from_is_nothing():
    assert bilinear(np.ones((4, 3)), np.zeros((4, 0)), np.ones((2, 3))).shape == (0, 2)
    assert bilinear(np.ones((4, 3)), np.ones((4, 2)), np.zeros((0, 3))).shape == (2, 0)


def test_a_level_taken_after_centring_loses_a_constant_effect():
    """The rule that every baseline must pass catches the port's bug."""
    rng = np.random.default_rng(2)
    v, g, p = rng.normal(size=(30, 1)), rng.normal(size=(30, 3)), rng.normal(size=(4, 12))
    y = np.tile(v, (1, 12))
    k, level = published(y, g, p)
    np.testing.assert_allclose(g @ k @ p + level, y, atol=1e-10)
    k, level = ported(y, g, p)
    assert np.abs(g @ k @ p + level - y).max() > 0.9 * np.abs(v).max()


def test_the_control_column_takes_a_part_of_a_constant_effect_away():
    """With n perturbations and a column of zeros the level is n / (n + 1) of the effect: why it is left out."""
    rng = np.random.default_rng(3)
    v, g, p = rng.normal(size=30), rng.normal(size=(30, 3)), rng.normal(size=(4, 12))
    y = np.concatenate([np.tile(v[:, None], (1, 12)), np.zeros((30, 1))], axis=1)
    _, level = published(y, g, np.concatenate([p, np.zeros((4, 1))], axis=1))
    np.testing.assert_allclose(level[:, 0], 12 / 13 * v)


@pytest.mark.parametrize("shape", [(12, 60), (60, 12), (450, 500)])
def test_gene_scores_are_those_of_a_pca_with_genes_as_observations(shape):
    matrix = np.random.default_rng(4).normal(size=shape) * np.linspace(1, 3, shape[0])[:, None]
    found, expected = gene_scores(matrix, 5), PCA(5, svd_solver="full").fit_transform(matrix.T)
    sign = np.sign((found * expected).sum(axis=0))
    np.testing.assert_allclose(found * sign, expected, atol=1e-8)


def test_scores_have_no_more_dimensions_than_the_matrix():
    assert gene_scores(np.ones((3, 1)) * np.arange(6.0), 10).shape == (6, 1)
    assert gene_scores(np.ones((3, 6)), 10).shape == (6, 0)


def test_means_of_one_group_are_plain():
    x = np.random.default_rng(5).normal(size=(9, 4))
    np.testing.assert_allclose(shrunken_means(x, np.zeros(9, dtype=np.int64)), x.mean(axis=0, keepdims=True))


def test_means_shrink_as_far_as_noise_lets_groups_differ():
    """Between 0: all equal. Between large: hardly moved. In between: by between / (between + within / n)."""
    rng = np.random.default_rng(6)
    group = np.repeat(np.arange(40), 5)
    for spread, low, high in ((0.0, 0.0, 0.15), (1.0, 0.75, 0.9), (20.0, 0.99, 1.0)):
        centre = spread * rng.normal(size=(40, 50))
        x = centre[group] + rng.normal(size=(200, 50))
        plain = x.reshape(40, 5, 50).mean(axis=1)
        found, middle = shrunken_means(x, group), plain.mean(axis=0)
        share = float(((found - middle) * (plain - middle)).sum() / ((plain - middle) ** 2).sum())
        assert low <= share <= high  # at spread 1 it is 1 / (1 + 1 / 5)
