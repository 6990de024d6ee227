from __future__ import annotations

import numpy as np
import pytest

from vcassay.arrays.shuffles import draw_shuffles, others_mean, part_products, permuted_sum


def test_strata_of_the_same_labels_are_permuted_alike():
    rng = np.random.default_rng(0)
    stratum, label = np.repeat([0, 1, 2], 6), np.tile(np.arange(6), 3)
    order = rng.permutation(18)
    found = draw_shuffles(stratum[order], label[order], rng.random((50, 6)))
    assert len(found.rows) == 3
    assert all((o == found.orders[0]).all() for o in found.orders)
    assert all((np.sort(o, axis=1) == np.arange(6)).all() for o in found.orders)
    for at in found.rows:
        assert label[order][at].tolist() == list(range(6))


def test_labels_keep_to_their_block():
    rng = np.random.default_rng(1)
    block = np.array([0, 1, 0, 1, 0, 1, 2])
    found = draw_shuffles(np.zeros(7, dtype=np.int64), np.arange(7), rng.random((40, 7)), 3, block)
    (at,), (order,), (part,) = found.rows, found.orders, found.parts
    assert sorted(at.tolist()) == [0, 1, 2, 3, 4, 5], "a block of one label has none to change with"
    assert (part[order] == part).all()
    assert len({tuple(o) for o in order.tolist()}) > 10


def test_every_place_is_as_likely():
    rng = np.random.default_rng(2)
    (order,) = draw_shuffles(np.zeros(4, dtype=np.int64), np.arange(4), rng.random((8000, 4))).orders
    counts = np.stack([np.bincount(order[:, i], minlength=4) for i in range(4)]) / 8000
    assert np.allclose(counts, 0.25, atol=0.025)


def test_rows_outside_and_small_strata_take_no_part():
    stratum, label = np.array([0, 0, 0, 1, 1, -1]), np.array([0, 1, 2, 0, 1, 3])
    found = draw_shuffles(stratum, label, np.random.default_rng(3).random((5, 4)), 3)
    assert [r.tolist() for r in found.rows] == [[0, 1, 2]]
    assert draw_shuffles(np.full(6, -1), label, np.zeros((5, 4))).rows == ()


def test_permuted_sums_are_sums_of_permuted_entries():
    rng = np.random.default_rng(4)
    matrix, weight = rng.standard_normal((9, 9)), rng.random(9)
    order = np.stack([rng.permutation(9) for _ in range(11)]).astype(np.uint16)
    wanted = [sum(weight[i] * matrix[i, o[i]] for i in range(9)) for o in order]
    assert np.allclose(permuted_sum(matrix, weight, order), wanted)


def test_mean_of_the_others_of_a_part():
    matrix = np.arange(16.0).reshape(4, 4)
    found = others_mean(matrix, np.array([0, 1, 0, 1]))
    assert found.tolist() == [2.0, 7.0, 8.0, 13.0]
    assert np.isnan(others_mean(matrix, np.array([0, 0, 0, 1]))[3])
    assert others_mean(matrix, np.zeros(4, dtype=np.int64))[0] == pytest.approx(2.0)


@pytest.mark.parametrize("part", [[0, 0, 0, 0, 0, 0], [0, 0, 2, 2, 2, 3], [0, 1, 2, 3, 4, 5], []])
def test_products_within_parts(part):
    part = np.asarray(part, dtype=np.int64)
    left, right = np.random.default_rng(5).standard_normal((2, len(part), 8))
    assert np.allclose(part_products(left, right, part), (left @ right.T) * (part[:, None] == part))
