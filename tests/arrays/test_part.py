"""Statistics of a part beside those of the whole: closed forms, and the same draws."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vcassay.arrays.part import Part, Statistic, basis, by_cells, combine, estimate, part_means
from vcassay.arrays.resample import aggregate, draw_weights, interval


def world(contexts, each, seed=0, draws=500):
    rng = np.random.default_rng(seed)
    context = np.repeat(np.arange(contexts), each)
    family = np.tile(np.arange(each), contexts)
    return draw_weights(context, family, draws, rng), family, rng


def mean_of_means(values, weights, keep):
    return np.mean([values[keep & (weights.context == c)].mean() for c in np.unique(weights.context[keep])])


@given(st.integers(1, 12), st.integers(8, 20), st.integers(0, 9))
def test_values_are_means_over_the_contexts_of_a_part(contexts, each, seed):
    weights, family, rng = world(contexts, each, seed, draws=20)
    values, below = rng.normal(size=contexts * each), rng.uniform(1, 2, contexts * each)
    keep = rng.random(len(values)) < 0.5
    keep[0] = True
    mean, ratio = Part(weights, keep, family).statistics(np.stack([values, values], axis=1), [None, below])
    assert mean.value == pytest.approx(mean_of_means(values, weights, keep), abs=1e-12)
    share = mean_of_means(values, weights, keep) / mean_of_means(below, weights, keep)
    assert ratio.value == pytest.approx(share, abs=1e-12)
    plain = part_means(np.stack([values, values], axis=1), [None, below], weights, keep)
    np.testing.assert_allclose(plain, [mean.value, ratio.value], rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("contexts", [1, 3, 6, 12])
def test_a_part_that_is_the_whole_is_the_whole(contexts):
    weights, family, rng = world(contexts, 20)
    values = rng.normal(size=20 * contexts)
    part = Part(weights, np.ones(len(values), dtype=bool), family)
    found, whole = part.statistics(values[:, None], [None])[0], aggregate(values, weights)
    for made, given_ in zip(found, whole, strict=True):
        np.testing.assert_allclose(made, given_, atol=1e-12)
    assert basis(part.weights).method == basis(weights).method
    assert basis(part.weights).families == pytest.approx(basis(weights).families, rel=1e-12)
    e = estimate(found, basis(weights))
    expected = interval(*whole, weights.method, families=weights.families)
    assert e == pytest.approx(expected, abs=1e-12)
    nothing = estimate(combine((1.0, part.spread(found)), (-1.0, Statistic(*whole))), basis(weights))
    np.testing.assert_allclose(nothing, 0.0, atol=1e-12)


def test_spread_keeps_the_value_and_leaves_out_lost_contexts():
    weights, family, rng = world(8, 10)
    values = rng.normal(size=80)
    keep = weights.context < 6
    part = Part(weights, keep, family)
    found = part.statistics(values[:, None], [None])[0]
    spread = part.spread(found)
    assert len(spread.by_context) == 8
    assert spread.by_context.mean() == pytest.approx(found.value, abs=1e-12)
    np.testing.assert_array_equal(spread.by_context[6:], found.value)


def test_the_weaker_basis_counts():
    weights, family, _ = world(12, 20)
    few = Part(weights, weights.context < 2, family).weights
    none = Part(weights, (weights.context < 2) & (family < 4), family).weights
    assert basis(weights, few).method == "these contexts"
    assert basis(weights, few).families == few.families < np.inf
    assert basis(few, none).method == "none"
    assert np.isnan(estimate(Statistic(1.0, np.ones(9), np.ones(12)), basis(few, none)).low)


def test_nothing_kept_and_an_empty_denominator_are_undefined():
    weights, _, _ = world(2, 8)
    values = np.ones((16, 2))
    assert np.isnan(part_means(values, [None, None], weights, np.zeros(16, dtype=bool))).all()
    means = part_means(values, [None, np.zeros(16)], weights, np.ones(16, dtype=bool))
    assert means[0] == 1.0
    assert np.isnan(means[1])


@pytest.mark.parametrize("contexts", [1, 4, 12])
def test_sums_by_family_and_context_make_the_same_draws(contexts):
    weights, family, rng = world(contexts, 9, draws=600)
    few = Part(weights, rng.random(9 * contexts) < 0.3, family).weights
    for w in (weights, few):
        values = rng.normal(size=(len(w.family), 3))
        plain, fast = type(weights).means(w, values), by_cells(w).means(values)
        np.testing.assert_allclose(fast, plain, atol=1e-12)
        np.testing.assert_array_equal(by_cells(w).means(values[:, :1])[:, 0], fast[:, 0])
