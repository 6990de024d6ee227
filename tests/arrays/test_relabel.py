import numpy as np
import pytest

from vcassay.arrays.relabel import permute_within, size_blocks


def test_blocks_hold_labels_of_one_kind_and_similar_size():
    size, kind = np.arange(24.0)[::-1].copy(), np.repeat([0, 1], 12)
    block = size_blocks(size, kind, least=5, most=3)
    assert np.unique(block, return_counts=True)[1].tolist() == [6, 6, 6, 6]
    for own in range(4):
        at = np.flatnonzero(block == own)
        assert len(set(kind[at].tolist())) == 1
        assert np.ptp(size[at]) == 5.0


@pytest.mark.parametrize(("n", "blocks"), [(0, 0), (4, 1), (9, 1), (10, 2), (40, 3)])
def test_blocks_are_no_smaller_than_asked(n, blocks):
    block = size_blocks(np.arange(float(n)), np.zeros(n, dtype=np.int64), least=5, most=3)
    assert len(np.unique(block)) == blocks


def test_kinds_too_small_are_not_told_apart():
    block = size_blocks(np.arange(10.0), np.array([0] * 8 + [1] * 2), least=5, most=1)
    assert len(np.unique(block)) == 1


def test_permutations_stay_within_blocks_and_are_uniform():
    block = np.array([0, 0, 0, 1, 1, 2])
    drawn = permute_within(block, 6000, np.random.default_rng(0))
    assert (np.sort(drawn, axis=1) == np.arange(6)).all()
    assert (block[drawn] == block).all()
    share = [(drawn[:, 0] == j).mean() for j in range(3)]
    assert share == pytest.approx([1 / 3] * 3, abs=0.03)
