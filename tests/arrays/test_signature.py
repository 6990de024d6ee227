from __future__ import annotations

import numpy as np
import pytest

from vcassay.arrays.signature import shared_weights, signature


def _labelled(seed, signal, n=40, doses=3, g=60):
    rng = np.random.default_rng(seed)
    direction = rng.standard_normal(g)
    direction /= np.linalg.norm(direction)
    number = np.repeat(rng.standard_normal(n), doses)
    effects = signal * np.outer(number, direction) + rng.standard_normal((n * doses, g))
    return effects, number, np.repeat(np.arange(n), doses), direction, rng


def test_the_direction_that_goes_with_the_number_is_found():
    effects, number, family, direction, rng = _labelled(0, 3.0)
    found = signature(effects, number, family, rng)
    assert found.rho > 0.8
    assert found.families == 40
    assert found.direction @ direction > 0.9
    assert np.linalg.norm(found.direction) == pytest.approx(1.0)


def test_noise_predicts_nothing_where_it_was_not_learnt():
    rho = [signature(*_labelled(s, 0.0)[:3], np.random.default_rng(s)).rho for s in range(20)]
    assert abs(np.mean(rho)) < 0.15


def test_doses_of_a_perturbation_are_held_out_together():
    rng = np.random.default_rng(5)
    own = np.repeat(rng.standard_normal((20, 80)), 5, axis=0)
    number = np.repeat(rng.standard_normal(20), 5)
    found = signature(own + 0.01 * rng.standard_normal(own.shape), number, np.repeat(np.arange(20), 5), rng)
    assert found.rho < 0.5, "a perturbation must not be recognised by its other doses"


@pytest.mark.parametrize("number", [np.ones(9), np.arange(9.0)])
def test_undefined_with_few_families_or_equal_numbers(number):
    family = np.arange(9) if np.ptp(number) == 0 else np.zeros(9, dtype=np.int64)
    found = signature(np.ones((9, 4)), number, family, np.random.default_rng(0))
    assert np.isnan(found.rho)
    assert (found.direction == 0).all()


def _together(seed, spread, signal=1.0, n=60, m=12):
    rng = np.random.default_rng(seed)
    weights = np.maximum(1.0 + spread * rng.standard_normal(m), 0.1)
    amount = signal * rng.standard_normal(n)
    group, family = np.arange(n) % 2, np.arange(n) // 2
    shift = 3.0 * rng.standard_normal((2, m))
    return np.outer(amount, weights) + 0.4 * rng.standard_normal((n, m)) + shift[group], group, family, weights


def test_genes_are_weighted_by_how_far_they_go_with_the_others():
    effects, group, family, weights = _together(0, 0.5)
    found = shared_weights(effects, group, family, np.random.default_rng(0))
    assert found.reliability > 0.8
    assert np.corrcoef(found.weights, weights)[0, 1] > 0.95
    assert found.weights.mean() == pytest.approx(1.0)
    assert (found.weights >= 0).all()


def test_noise_and_what_groups_have_in_common_leave_weights_alike():
    found = [shared_weights(*_together(s, 0.5, signal=0.0)[:3], np.random.default_rng(s)) for s in range(20)]
    assert np.median([f.reliability for f in found]) < 0.3


@pytest.mark.parametrize(("n", "m"), [(60, 3), (12, 12)])
def test_few_genes_or_conditions_leave_weights_alike(n, m):
    effects, group, family, _ = _together(1, 0.5, n=n, m=m)
    assert (shared_weights(effects, group, family, np.random.default_rng(0)).weights == 1.0).all()
