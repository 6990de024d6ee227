"""Variance, dependence and responders of cells: each moves with what it is for, and only with that."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest

from vcassay.arrays.dependence import dependence, dependence_error
from vcassay.arrays.dispersion import half_variances, variance_log_ratio
from vcassay.arrays.pca import fit_components, project
from vcassay.arrays.responders import responder_error
from vcassay.arrays.sampled import sampled_means

N, CELLS, G, K = 40, 80, 60, 40


class Cells(NamedTuple):
    values: np.ndarray
    code: np.ndarray
    half: np.ndarray


class Planted:
    """Cells that three programmes drive; a share of each condition's cells responds."""

    def __init__(self, seed: int = 0) -> None:
        rng = np.random.default_rng(seed)
        self.programmes = 0.6 * rng.normal(size=(3, G))
        self.sd = rng.uniform(0.5, 1.5, G)
        self.effect = 0.8 * rng.normal(size=(N, G)) * (rng.random((N, G)) < 0.4)
        self.share = rng.uniform(0.2, 1.0, N)
        self.control = self.draw(np.random.default_rng(seed + 100), 1600, effect=False)
        self.components = fit_components(self.control.values, K, np.random.default_rng(1))

    def draw(self, rng, cells=CELLS, *, effect=True, share=None, shuffle=False, scale=1.0) -> Cells:
        code = np.repeat(np.arange(N), cells) if effect else np.zeros(cells, dtype=np.int64)
        noise = rng.normal(size=(len(code), 3)) @ self.programmes + rng.normal(size=(len(code), G)) * self.sd
        half = np.arange(len(code)) % 2
        values = scale * noise
        if shuffle:
            for c in range(N):
                at = np.flatnonzero(code == c)
                values[at] = np.column_stack([values[rng.permutation(at), g] for g in range(G)])
        if effect:
            responds = rng.random(len(code)) < (self.share if share is None else share)[code]
            values = values + np.where(responds[:, None], self.effect[code], 0.0)
        return Cells(values, code, half)

    def variances(self, c: Cells):
        return half_variances(sampled_means(c.values, 2 * c.code + c.half, 2 * (c.code.max() + 1)))

    def dependence_error(self, pred: Cells, truth: Cells) -> float:
        sides = []
        for c in (pred, truth):
            v = self.variances(c)
            s = project(c.values, self.components)
            sides.append((dependence(s, 2 * c.code + c.half, v.halves.reshape(2 * N, G), self.components.loadings), v))
        n, d = dependence_error(sides[0][0], sides[1][0], sides[0][1], sides[1][1])
        return float(n.sum() / d.sum())

    def variance_ratio(self, pred: Cells, truth: Cells) -> np.ndarray:
        return variance_log_ratio(self.variances(pred), self.variances(truth), self.control.values.var(axis=0))

    def responders(self, pred: Cells, truth: Cells) -> float:
        spaces = [project(c.values, self.components) for c in (pred, truth, self.control)]
        n, d = responder_error(
            spaces[0], pred.code, spaces[1], truth.code, truth.half, spaces[2], self.control.half,
            self.control.code, np.zeros(N, dtype=np.int64),
        )  # fmt: skip
        return float(n.sum() / d.sum())


@pytest.fixture(scope="module")
def planted() -> Planted:
    return Planted()


@pytest.fixture(scope="module")
def truth(planted: Planted) -> Cells:
    return planted.draw(np.random.default_rng(1))


def test_a_perfect_model_has_no_error(planted: Planted, truth: Cells) -> None:
    found = np.array(
        [
            (planted.dependence_error(p, truth), planted.variance_ratio(p, truth).mean(), planted.responders(p, truth))
            for p in (planted.draw(np.random.default_rng(10 + s)) for s in range(8))
        ]
    )
    error = found.std(axis=0, ddof=1) / np.sqrt(len(found))
    assert (np.abs(found.mean(axis=0)) < 0.02 + 3 * error).all(), found


def test_shuffled_genes_move_the_dependence_alone(planted: Planted, truth: Cells) -> None:
    same = planted.draw(np.random.default_rng(2))
    shuffled = planted.draw(np.random.default_rng(2), shuffle=True)
    assert abs(planted.dependence_error(same, truth)) < 0.1
    # what is left is what responders make: effects whose genes move together
    assert planted.dependence_error(shuffled, truth) > 0.7
    np.testing.assert_allclose(
        planted.variance_ratio(shuffled, truth).mean(), planted.variance_ratio(same, truth).mean(), atol=0.05
    )


def test_independent_genes_score_one() -> None:
    planted = Planted()
    planted.effect[:] = 0.0
    truth, shuffled = planted.draw(np.random.default_rng(1)), planted.draw(np.random.default_rng(2), shuffle=True)
    assert abs(planted.dependence_error(shuffled, truth) - 1.0) < 0.05


@pytest.mark.parametrize("scale", [0.5, 0.7, 1.5])
def test_scaled_variance_moves_the_variance_ratio_alone(scale: float) -> None:
    planted = Planted()
    planted.effect[:] = 0.0
    truth = planted.draw(np.random.default_rng(1))
    scaled = planted.draw(np.random.default_rng(2), scale=scale)
    assert abs(planted.variance_ratio(scaled, truth).mean() - 2 * np.log2(scale)) < 0.06
    assert abs(planted.dependence_error(scaled, truth)) < 0.1


def test_numbers_of_cells_do_not_bias_the_variance_ratio(planted: Planted, truth: Cells) -> None:
    few = [planted.variance_ratio(planted.draw(np.random.default_rng(s), 12), truth).mean() for s in range(6)]
    assert abs(np.mean(few)) < 0.03  # without the correction: about -1.44 / 11


def test_cells_all_alike_are_found(planted: Planted, truth: Cells) -> None:
    means = np.stack([truth.values[truth.code == c].mean(axis=0) for c in range(N)])
    alike = truth._replace(values=means[truth.code])
    assert (planted.variance_ratio(alike, truth) < -5).all()
    assert planted.dependence_error(alike, truth) == pytest.approx(1.0)


def test_controls_do_not_respond_and_shares_count(planted: Planted, truth: Cells) -> None:
    rng = np.random.default_rng(3)
    none = planted.draw(rng, share=np.zeros(N))
    assert abs(planted.responders(none, truth) - 1.0) < 0.05
    half = planted.responders(planted.draw(rng, share=planted.share / 2), truth)
    assert abs(half - 0.25) < 0.08
    assert planted.responders(planted.draw(rng, share=np.ones(N)), truth) > 0.1


def test_too_few_cells_are_undefined(planted: Planted, truth: Cells) -> None:
    keep = truth.code > 0
    pred = Cells(*(x[keep] for x in truth))
    v = half_variances(sampled_means(pred.values, 2 * pred.code + pred.half, 2 * N))
    assert np.isnan(variance_log_ratio(v, planted.variances(truth), np.ones(G))).tolist() == [True] + [False] * (N - 1)
    spaces = [project(c.values, planted.components) for c in (pred, truth, planted.control)]
    n, d = responder_error(
        spaces[0], pred.code, spaces[1], truth.code, truth.half, spaces[2], planted.control.half, planted.control.code,
        np.zeros(N, dtype=np.int64),
    )  # fmt: skip
    assert np.isnan(n).tolist() == [True] + [False] * (N - 1)
    assert np.isfinite(d).all()
