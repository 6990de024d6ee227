"""Ceilings against simulated perfect models and replicates (methods 4)."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from vcassay.arrays.agreement import pearson
from vcassay.arrays.ceiling import (
    condition_ceiling,
    perfect_ceiling,
    replicate_ceiling,
    rows_needed,
    spearman_brown,
    unequal_halves,
)

GENES = 1500
MASK = np.ones(GENES, dtype=bool)


@given(st.floats(-0.4, 1), st.floats(0.5, 4))
def test_spearman_brown(r: float, factor: float) -> None:
    assume(abs(1 + (factor - 1) * r) > 0.05)  # no reliability is that of depth without bound
    assert spearman_brown(r, factor) == pytest.approx(factor * r / (1 + (factor - 1) * r))
    assert spearman_brown(spearman_brown(r, factor), 1 / factor) == pytest.approx(r, abs=1e-12)


def test_spearman_brown_of_means_of_known_variance() -> None:
    # Signal variance 1, noise variance 3 a cell: reliability of the mean of n cells is n / (n + 3).
    for n in (1, 2, 5, 20):
        assert spearman_brown(1 / 4, n) == pytest.approx(n / (n + 3))
    np.testing.assert_allclose(spearman_brown(np.array([0.0, 0.5, 1.0])), [0.0, 2 / 3, 1.0])


@pytest.mark.parametrize("full", [0.188, 0.5, 0.783])
def test_against_a_simulated_perfect_model(full: float) -> None:
    """The root of R against what the true effects reach: .434 / .428 and .885 / .886 in the spec."""
    rng = np.random.default_rng(int(full * 1000))
    truth = rng.normal(size=(150, GENES))
    noise = np.sqrt(1 / full - 1)
    a, b, again = truth + noise * rng.normal(size=(3, *truth.shape)) * np.sqrt([2, 2, 1])[:, None, None]
    observed = (a + b) / 2
    half = pearson(a, b, MASK)
    ceiling = perfect_ceiling(half)
    assert ceiling == pytest.approx(np.sqrt(full), abs=0.01)
    assert ceiling == pytest.approx(pearson(observed, truth, MASK).mean(), abs=0.01)
    assert replicate_ceiling(half) == pytest.approx(pearson(observed, again, MASK).mean(), abs=0.01)
    assert replicate_ceiling(half) == pytest.approx(full, abs=0.01)


def test_negatives_are_kept() -> None:
    half = np.array([-0.2, 0.5, np.nan, 0.3])
    assert perfect_ceiling(half) == pytest.approx(np.sqrt(0.4 / 1.2))
    assert replicate_ceiling(half) == pytest.approx(0.4 / 1.2)


@pytest.mark.parametrize("half", [[], [np.nan], [0.0], [-0.1, 0.1], [-1.0], [-0.5, 0.2]])
def test_no_measurable_signal_is_undefined(half: list[float]) -> None:
    assert np.isnan(perfect_ceiling(np.array(half)))
    assert np.isnan(replicate_ceiling(np.array(half)))


def test_a_null_screen_has_no_ceiling_to_speak_of() -> None:
    ours, naive = [], []
    for seed in range(30):
        rng = np.random.default_rng(seed)
        half = rng.normal(0, 0.1, size=2000)  # split-half correlations of noise over 100 genes
        ours.append(perfect_ceiling(half))
        naive.append(float(np.sqrt(spearman_brown(np.maximum(half, 0))).mean()))
    assert np.isnan(ours).mean() == pytest.approx(0.5, abs=0.3)
    assert np.nanmax(ours) < 0.15
    assert min(naive) > 0.15


@given(st.floats(0.01, 0.99), st.floats(0.05, 0.95))
def test_unequal_halves_against_the_formula_of_the_model(full, share):
    """Signal 1 and noise N over n rows: parts of n p and n q rows correlate at 1 / sqrt((1 + N/p) (1 + N/q))."""
    noise = 1 / full - 1
    r = 1 / np.sqrt((1 + noise / share) * (1 + noise / (1 - share)))
    assert unequal_halves(r, share) == pytest.approx(full, rel=1e-9)
    assert unequal_halves(r, 0.5) == pytest.approx(spearman_brown(r), rel=1e-12)


def test_unequal_halves_at_the_ends():
    np.testing.assert_allclose(unequal_halves(np.array([-0.2, 0.0, 1.0]), 0.3), [spearman_brown(-0.2), 0.0, 1.0])


def test_rows_needed_inverts_spearman_and_brown():
    rho = np.array([0.1, 0.25, 0.5, 0.8, 0.0, np.nan])
    need = rows_needed(np.full(6, 100.0), rho, 0.5)
    np.testing.assert_array_equal(need, [900, 300, 100, 25, np.nan, np.nan])
    np.testing.assert_allclose(spearman_brown(rho[:4], need[:4] / 100), 0.5)


def test_a_condition_has_a_ceiling_only_above_its_null():
    ceiling, replicate = condition_ceiling(np.array([0.5, 0.5, -0.1, np.nan]), np.array([True, False, True, True]))
    np.testing.assert_allclose(ceiling, [np.sqrt(2 / 3), np.nan, np.nan, np.nan])
    np.testing.assert_allclose(replicate, [2 / 3, np.nan, np.nan, np.nan])
