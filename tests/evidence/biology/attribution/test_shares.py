from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vcassay.arrays.resample import draw_weights
from vcassay.evidence.biology.attribution.shares import crossed_rows, difference, shares_of, sign_flips, two_way

CONTEXTS, TREATMENTS, GENES = 4, 12, 200
CONTEXT, TREATMENT = np.repeat(np.arange(CONTEXTS), TREATMENTS), np.tile(np.arange(TREATMENTS), CONTEXTS)
ALL = np.ones((len(CONTEXT), GENES), dtype=bool)


def parts(rng, a=1.0, b=1.0, e=0.0, m=1.0):
    return (
        m * rng.standard_normal(GENES)
        + a * rng.standard_normal((CONTEXTS, GENES))[CONTEXT]
        + b * rng.standard_normal((TREATMENTS, GENES))[TREATMENT]
        + e * rng.standard_normal((len(CONTEXT), GENES))
    )


def shares(pairs):
    products = two_way(pairs, CONTEXT, TREATMENT, ALL)
    return shares_of(products, draw_weights(CONTEXT, TREATMENT, 100, np.random.default_rng(0)))


def test_additive_effects_have_the_shares_of_the_analysis_of_variance():
    x = parts(np.random.default_rng(0), a=0.7, b=1.3)
    cube = x.reshape(CONTEXTS, TREATMENTS, GENES)
    whole = ((cube - cube.mean(axis=(0, 1))) ** 2).sum()
    by_context = TREATMENTS * ((cube.mean(axis=1) - cube.mean(axis=(0, 1))) ** 2).sum()
    found = shares([(x, x)])
    assert found.context[0] == pytest.approx(by_context / whole)
    assert found.perturbation[0] == pytest.approx(1 - by_context / whole)
    assert found.rest == pytest.approx(0, abs=1e-12)


def test_neither_noise_nor_interaction_is_taken_for_a_part():
    got = []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        true = parts(rng, a=0.5, b=0.5, e=0.5)
        a, b = (true + 1.5 * rng.standard_normal(true.shape) for _ in range(2))
        found = shares([(a, b)])
        got.append((found.context[0], found.perturbation[0]))
    np.testing.assert_allclose(np.mean(got, axis=0), [0.333, 0.333], atol=0.07)


def test_the_mean_is_no_part_of_the_variance():
    rng = np.random.default_rng(3)
    x = parts(rng, m=0.0)
    a, b = shares([(x, x)]), shares([(x + 100.0, x + 100.0)])
    assert a.context[0] == pytest.approx(b.context[0])
    same = np.tile(rng.standard_normal(GENES), (len(CONTEXT), 1))
    assert np.isnan(shares([(same, same)]).perturbation[0])


def test_a_difference_is_paired():
    x = parts(np.random.default_rng(4), e=0.5)
    weights = draw_weights(CONTEXT, TREATMENT, 100, np.random.default_rng(0))
    own = shares_of(two_way([(x, x)], CONTEXT, TREATMENT, ALL), weights)
    gap = difference(own.perturbation, own.perturbation, weights)
    assert (gap.value, gap.low, gap.high) == (0, 0, 0)


@settings(deadline=None, max_examples=50)
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=20, unique=True))
def test_kept_conditions_share_context_and_treatment(pairs):
    context, treatment = np.array(pairs).T
    keep = crossed_rows(context, treatment, np.ones(len(context), dtype=bool))
    for code in (context, treatment):
        assert (np.bincount(code[keep])[code[keep]] >= 2).all()
    full = np.repeat(np.arange(3), 3), np.tile(np.arange(3), 3)
    assert crossed_rows(*full, np.ones(9, dtype=bool)).all()


def test_signs_of_whole_families_are_flipped():
    value, drawn = sign_flips(np.array([1.0, 2.0, -4.0]), np.array([0, 0, 1]), 4000, np.random.default_rng(0))
    assert value == -1.0
    assert set(np.unique(drawn).tolist()) == {-7.0, -1.0, 1.0, 7.0}
    np.testing.assert_allclose([(drawn == x).mean() for x in (-7, -1, 1, 7)], 0.25, atol=0.03)
