"""The shared part of an effect, without the noise of its halves, and means that leave a group out."""

from __future__ import annotations

import numpy as np
import pytest

from vcassay.arrays.classes import leave_out_means, shared_part

GENES = 400


@pytest.mark.parametrize("part", [0.0, 0.3, 0.8])
def test_unbiased_where_the_plain_cosine_is_not(part):
    ours, plain = [], []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        mean, own = rng.standard_normal((2, GENES))
        own -= mean * (own @ mean) / (mean @ mean)
        truth = np.sqrt(part) * mean / np.linalg.norm(mean) + np.sqrt(1 - part) * own / np.linalg.norm(own)
        truth *= np.sqrt(GENES)
        a, b = truth + rng.standard_normal((2, 30, GENES))
        energy = np.full(30, mean @ mean)
        mask = np.ones((30, GENES), bool)
        ours.append(np.nanmean(shared_part(a, b, np.tile(mean, (30, 1)), energy, mask)))
        both = (a + b) / 2
        plain.append(np.mean((both @ mean) ** 2 / (both * both).sum(axis=1) / (mean @ mean)))
    assert abs(np.mean(ours) - part) < 0.01
    if part:
        assert np.mean(plain) < 0.75 * part


def test_no_energy_is_undefined():
    a = np.array([[1.0, 0.0], [1.0, 1.0]])
    b = np.array([[0.0, 1.0], [1.0, 1.0]])
    value = shared_part(a, b, np.ones((2, 2)), np.array([2.0, -1.0]), np.ones((2, 2), bool))
    assert np.isnan(value).all()


def test_means_leave_the_group_out():
    values = np.arange(12.0).reshape(6, 2)
    group = np.array([0, 1, 2, 0, 1, 3])
    of = np.array([0, 0, 0, 1, 1, 2])
    members = np.array([1, 1, 0, 1, 1, 0], bool)
    out = leave_out_means(values, group, members, of)
    np.testing.assert_array_equal(out[0], values[1])
    np.testing.assert_array_equal(out[1], values[0])
    np.testing.assert_array_equal(out[2], values[:2].mean(axis=0))
    np.testing.assert_array_equal(out[3], values[4])
    # no member in its context: the mean of the contexts' means
    np.testing.assert_array_equal(out[5], (values[:2].mean(axis=0) + values[3:5].mean(axis=0)) / 2)
    alone = leave_out_means(values[:1], group[:1], members[:1], of[:1])
    assert np.isnan(alone).all()
