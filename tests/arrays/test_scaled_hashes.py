from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp

from vcassay.arrays.scaled_hashes import CROSSED, scaled_hashes
from vcassay.arrays.shards import hash_names


def hashes(dense: np.ndarray, order: np.ndarray | None = None, *, logged: bool = False) -> np.ndarray:
    names = hash_names(np.array([f"g{i}" for i in range(dense.shape[1])]), 0)
    if order is not None:
        dense, names = dense[:, order], names[order]
    csr = sp.csr_matrix(dense.astype(np.float32))
    return scaled_hashes(csr.data, csr.indices, csr.indptr, names, logged=logged)


def cells(seed: int, n: int = 4000, genes: int = 400) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.poisson(rng.gamma(0.5, 2.0, size=genes), size=(n, genes)).astype(np.float64)


@pytest.mark.parametrize("logged", [False, True])
def test_scaled_copies_hash_alike_but_for_one_in_a_hundred(logged):
    raw = cells(0)
    factor = np.random.default_rng(1).uniform(0.01, 100, size=(len(raw), 1))
    a, b = (np.log1p(x) if logged else x for x in (raw, raw * factor))
    missed = np.mean(hashes(a, logged=logged) != hashes(b, logged=logged))
    assert missed <= CROSSED
    assert len(np.unique(hashes(a, logged=logged))) == len(raw)


def test_powers_of_two_and_the_order_of_genes_change_nothing():
    raw = np.random.default_rng(2).normal(size=(500, 60))
    order = np.random.default_rng(3).permutation(60)
    assert np.array_equal(hashes(raw), hashes(raw * 8))
    assert np.mean(hashes(raw) == hashes(raw, order)) > 0.98  # the sum, and so the mean, may round otherwise


@pytest.mark.parametrize("noise", [0.01, 0.1])
def test_replicates_of_deep_rows_do_not_hash_alike(noise):
    """A panel of 60 genes, all detected, measured again with a little noise."""
    rng = np.random.default_rng(4)
    truth = rng.gamma(2.0, 500.0, size=60)
    rows = truth * (1 + noise * rng.normal(size=(3000, 60)))
    assert len(np.unique(hashes(rows))) == 3000


def test_rows_without_values_hash_to_nothing():
    assert hashes(np.zeros((2, 5))).tolist() == [0, 0]
