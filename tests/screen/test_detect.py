from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp

from tests.screen.builders import normalised, poisson
from vcassay.screen import Readout, detect_readout, sample_rows

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("make", [np.asarray, sp.csr_matrix, sp.csc_matrix, sp.csr_array])
def test_counts_and_log_normalised_dense_or_sparse(make):
    counts = detect_readout(make(poisson(50)))
    assert counts.readout is Readout.COUNTS
    assert counts.certain
    assert counts.whole
    assert counts.target_sum is None
    assert counts.zeros == pytest.approx(np.mean(poisson(50) == 0))
    log = detect_readout(make(normalised(50)))
    assert log.readout is Readout.LOGNORM
    assert log.certain
    assert log.target_sum == 1e4


@pytest.mark.parametrize("target", [1e4, 1e6, 2731.0])
def test_the_total_is_found(target):
    assert detect_readout(normalised(60, target)).target_sum == pytest.approx(target, rel=1e-4)


def test_a_subset_of_genes_is_log_normalised_without_a_total():
    found = detect_readout(normalised(60)[:, :5])
    assert found.readout is Readout.LOGNORM
    assert found.target_sum is None


def test_what_is_continuous():
    gaps = normalised(20)
    gaps[3, 4] = np.nan
    log2 = 3 + 12 * RNG.random((40, 30))
    ranks = np.sort(log2[0])[RNG.permuted(np.tile(np.arange(30), (40, 1)), axis=1)]  # quantile-normalised
    for block in (RNG.normal(size=(20, 5)), gaps, log2, ranks, 100 * RNG.random((20, 5))):
        assert detect_readout(block).readout is Readout.CONTINUOUS


def test_log2_of_normalised_counts_is_no_natural_logarithm():
    found = detect_readout(normalised(60) / np.log(2))
    assert found.readout is Readout.CONTINUOUS
    assert "log2" in found.why


def test_scaled_expression_is_signed():
    found = detect_readout(normalised(20) - normalised(20).mean(axis=0))
    assert found.signed
    assert found.readout is Readout.CONTINUOUS


def test_without_values_nothing_is_certain():
    for block in (np.zeros((0, 3)), sp.csr_matrix((4, 3)), np.zeros((4, 3))):
        assert not detect_readout(block).certain


@pytest.mark.parametrize("make", [np.asarray, sp.csr_matrix, sp.csc_matrix, sp.coo_matrix])
def test_a_sample_spreads_over_the_matrix(make):
    matrix = np.repeat(np.arange(1, 5001, dtype=float)[:, None], 3, axis=1)
    sample = sample_rows(make(matrix))
    dense = sample.toarray() if sp.issparse(sample) else sample
    assert dense.shape == (512, 3)
    assert dense[0, 0] == 1
    assert dense[-1, 0] == 5000
    assert sample_rows(make(matrix[:100])).shape == (100, 3)
