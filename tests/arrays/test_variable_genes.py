"""Recipes for variable genes against plain versions of what scanpy and Seurat document."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from vcassay.arrays.variable_genes import (
    dispersion_score,
    jaccard,
    local_quadratic,
    percentile_dispersion_score,
    standardised_variance,
    top,
)


@pytest.fixture(scope="module")
def moments():
    rng = np.random.default_rng(0)
    mean = np.exp(rng.normal(size=500))
    counts = rng.negative_binomial(3, 3 / (3 + mean), size=(300, 500)).astype(float)
    return counts.mean(axis=0), counts.var(axis=0, ddof=1)


def test_seurat_dispersion_is_that_of_pandas_bins(moments):
    mean, variance = moments
    frame = pd.DataFrame({"x": np.log1p(mean), "d": np.log(variance / mean)})
    frame["bin"] = pd.cut(frame["x"], bins=20)
    groups = frame.groupby("bin", observed=True)["d"]
    centre, spread = groups.transform("mean"), groups.transform("std")
    expected = np.where(spread.isna(), 1.0, (frame["d"] - centre) / spread)
    assert dispersion_score(mean, variance) == pytest.approx(expected, abs=1e-9)


def test_cell_ranger_dispersion_ranks_as_pandas_bins_do(moments):
    mean, variance = moments
    frame = pd.DataFrame({"d": variance / mean})
    edges = np.r_[-np.inf, np.percentile(mean, np.arange(10, 105, 5)), np.inf]
    groups = frame.groupby(pd.cut(mean, edges), observed=True)["d"]
    deviation = groups.transform(lambda d: np.median(np.abs(d - np.median(d))))
    expected = (frame["d"] - groups.transform("median")) / deviation
    found = percentile_dispersion_score(mean, variance)
    assert found == pytest.approx(expected.to_numpy(), abs=1e-9)


def test_local_quadratic_follows_a_parabola_and_smooths_noise():
    rng = np.random.default_rng(1)
    x = np.sort(rng.uniform(-2, 2, 300))
    parabola = 1 + 2 * x - 0.5 * x**2
    assert local_quadratic(x, parabola, knots=300) == pytest.approx(parabola, abs=1e-9)
    fit = local_quadratic(x, parabola + rng.normal(size=300))
    assert np.sqrt(np.mean((fit - parabola) ** 2)) < 0.4


def test_standardised_variance_finds_what_exceeds_the_trend(moments):
    mean, variance = moments
    raised = variance.copy()
    raised[[5, 77]] *= 6
    assert set(np.flatnonzero(top(standardised_variance(mean, raised), 2))) == {5, 77}
    # the variance alone takes the highly expressed
    assert set(np.flatnonzero(top(raised, 2))) != {5, 77}


def test_genes_without_counts_are_never_chosen(moments):
    mean, variance = (x.copy() for x in moments)
    mean[3] = variance[3] = 0.0
    for score in (dispersion_score, percentile_dispersion_score, standardised_variance):
        assert score(mean, variance)[3] == -np.inf
        assert not top(score(mean, variance), 500)[3]


def test_list_of_the_highest_and_its_likeness():
    assert top(np.array([1.0, 5, 5, 0]), 2).tolist() == [False, True, True, False]
    assert top(np.array([5.0, 5, 5]), 1).tolist() == [True, False, False]
    a, b = np.array([True, True, False]), np.array([False, True, True])
    assert jaccard(a, b) == pytest.approx(1 / 3)
    assert np.isnan(jaccard(a & b & False, a & False))
