"""Cells drawn for references: copies of controls by pool, and halves of a measurement."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from vcassay.arrays.agreement import Ratio
from vcassay.effects.distributions import NAMES, Distributions, DrawnCells, control_copy, halved

N, CELLS, G = 12, 60, 30


def drawn(seed: int, code: np.ndarray, effect: np.ndarray | None = None, scale: float = 1.0) -> DrawnCells:
    rng = np.random.default_rng(seed)
    x = scale * rng.normal(size=(len(code), G)) + 5.0
    if effect is not None:
        x += effect[code]
    half = np.zeros(len(code), np.int64)
    for c in np.unique(code):
        at = np.flatnonzero(code == c)
        half[at] = np.arange(len(at)) % 2
    return DrawnCells(sp.csr_matrix(x), code, half)


def test_control_copies_come_from_the_pool_of_the_condition() -> None:
    control = drawn(0, np.repeat([0, 1], [30, 8]))
    control.values.data[:] = np.repeat(control.code, G)  # a cell is its pool
    copy = control_copy(control, np.array([1, 0, 1]), 20)
    assert np.bincount(copy.code).tolist() == [8, 20, 8]
    np.testing.assert_array_equal(copy.values.toarray()[:, 0], np.array([1, 0, 1])[copy.code])
    np.testing.assert_array_equal(np.bincount(copy.code, copy.half), [4, 10, 4])


def test_halves_share_no_cell_and_have_halves_of_their_own() -> None:
    cells = drawn(1, np.repeat(np.arange(3), [20, 9, 2]))
    one, other = halved(cells)
    assert np.bincount(one.code).tolist() == [10, 5, 1]
    assert np.bincount(other.code).tolist() == [10, 4, 1]
    rows = [tuple(r) for part in (one, other) for r in part.values.toarray()]
    assert len(set(rows)) == 31
    assert np.bincount(2 * one.code + one.half).tolist() == [5, 5, 3, 2, 1]


def test_every_name_is_measured_and_neither_order_nor_other_models_matter() -> None:
    rng = np.random.default_rng(2)
    effect = 1.5 * rng.normal(size=(N, G)) * (rng.random((N, G)) < 0.3)
    code = np.repeat(np.arange(N), CELLS)
    truth, model = drawn(3, code, effect), drawn(4, code, effect)
    control = drawn(5, np.zeros(400, np.int64))
    pool = np.zeros(N, np.int64)
    training = sp.csr_matrix(sp.vstack([control.values, drawn(6, code, effect).values]))
    here = Distributions(truth, control, training, pool, seed=0, n_max=64)
    found = here.compare(model)
    assert tuple(found) == NAMES
    here.compare(truth)
    again = here.compare(model.take(rng.permutation(len(code))))
    narrow = here.compare(drawn(4, code, effect, 0.6))
    for name in NAMES:
        a, b = found[name], again[name]
        if isinstance(a, Ratio):
            assert isinstance(b, Ratio)
            np.testing.assert_allclose(a.numerator, b.numerator, rtol=1e-9, atol=1e-9)
            np.testing.assert_allclose(a.denominator, b.denominator, rtol=1e-9)
        else:
            np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-9)
    assert abs(np.mean(found["variance"])) < 0.1
    assert np.mean(narrow["variance"]) < -1.2  # 2 log2 .6 = -1.47, from above by the controls' floor
