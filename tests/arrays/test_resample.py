"""Weights, aggregates and intervals against plain loops and closed forms (methods 7)."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from vcassay.arrays import resample
from vcassay.arrays.resample import (
    NONE,
    aggregate,
    aggregate_many,
    draw_weights,
    interval,
    intervals,
    joint_draws,
    take_weights,
    widening,
)

Codes = np.ndarray


@st.composite
def designs(draw: st.DrawFn) -> tuple[Codes, Codes, int]:
    """Any context and family codes, with gaps and in any order, and a seed."""
    n = draw(st.integers(2, 40))
    k, m = draw(st.integers(1, 14)), draw(st.integers(2, 12))
    seed = draw(st.integers(0, 10_000))
    rng = np.random.default_rng(seed)
    return rng.integers(k, size=n) * 7 + 3, rng.integers(m, size=n) * 5 - 9, seed


def crossed(k: int, m: int) -> tuple[Codes, Codes]:
    return np.repeat(np.arange(k), m), np.tile(np.arange(m), k)


def slow_means(values: np.ndarray, context: Codes) -> list[float]:
    rows = defaultdict(list)
    for i, c in enumerate(context.tolist()):
        rows[c].append(values[i])
    return [sum(rows[c]) / len(rows[c]) for c in sorted(rows)]


@pytest.mark.parametrize(
    ("k", "method"),
    [(1, "these contexts"), (4, "these contexts"), (5, "t on contexts"), (9, "t on contexts"), (10, "contexts")],
)
def test_method_by_number_of_contexts(k: int, method: str) -> None:
    context, family = crossed(k, 8)
    assert draw_weights(context, family, 5, np.random.default_rng(0)).method == method


@given(designs())
def test_value_is_the_mean_over_contexts_of_means(design: tuple[Codes, Codes, int]) -> None:
    context, family, seed = design
    rng = np.random.default_rng(seed)
    values, below = rng.normal(size=len(context)), rng.uniform(0.5, 2, size=len(context))
    weights = draw_weights(context, family, 20, rng)
    value, draws, by_context = aggregate(values, weights)
    each = slow_means(values, context)
    assert value == pytest.approx(sum(each) / len(each))
    np.testing.assert_allclose(by_context, each)
    assert len(draws) == 20
    ratio, _, parts = aggregate(values, weights, below)
    under = slow_means(below, context)
    assert ratio == pytest.approx(sum(each) / sum(under))
    linear = [ratio + (t - ratio * u) / (sum(under) / len(under)) for t, u in zip(each, under, strict=True)]
    np.testing.assert_allclose(parts, linear)
    assert parts.mean() == pytest.approx(ratio)


def test_few_families_in_few_contexts_have_no_interval() -> None:
    context, family = crossed(2, 7)
    weights = draw_weights(context, family, 50, np.random.default_rng(0))
    assert weights.method == "none"
    estimate = interval(*aggregate(np.arange(14.0), weights), weights.method)
    assert estimate.value == pytest.approx(6.5)
    assert np.isnan([estimate.low, estimate.high, estimate.se]).all()


def test_the_spread_of_a_linearised_ratio_is_its_delta_method_error() -> None:
    rng = np.random.default_rng(1)
    k = 300
    context, family = np.arange(k), np.zeros(k, dtype=int)
    top, under = rng.normal(2.0, 0.3, k), rng.normal(4.0, 0.5, k)
    _, draws, parts = aggregate(top, draw_weights(context, family, 2000, rng), under)
    assert parts.std(ddof=1) / np.sqrt(k) == pytest.approx(draws.std(ddof=1), rel=0.08)


@given(designs())
def test_draws_are_means_over_contexts_of_resampled_families(design: tuple[Codes, Codes, int]) -> None:
    """Weights are those of whole families, equal within a context; no context counts by its size."""
    context, family, seed = design
    weights = draw_weights(context, family, 30, np.random.default_rng(seed))
    for row in weights.draws:
        if np.isnan(row).all():
            continue
        assert (row >= 0).all()
        assert row.sum() == pytest.approx(1.0)
        shares = [row[context == c].sum() for c in np.unique(context)]
        if weights.method != "contexts":
            present = [s for s in shares if s > 0]
            np.testing.assert_allclose(present, 1 / len(present))
            for f in np.unique(family):  # a family is drawn or not, in all contexts together
                assert len(set((row[family == f] > 0).tolist())) == 1
        for c in np.unique(context):
            for f in np.unique(family):
                same = row[(context == c) & (family == f)]
                assert len(same) == 0 or np.ptp(same) < 1e-15


@given(designs())
def test_ratio_of_sums_in_every_draw(design: tuple[Codes, Codes, int]) -> None:
    context, family, seed = design
    rng = np.random.default_rng(seed)
    values, below = rng.normal(size=len(context)), rng.uniform(0.5, 2, size=len(context))
    weights = draw_weights(context, family, 15, rng)
    _, plain, _ = aggregate(values, weights)
    _, ratios, _ = aggregate(values, weights, below)
    for row, mean, ratio in zip(weights.draws, plain, ratios, strict=True):
        if np.isnan(row).any():
            assert np.isnan(mean)
            assert np.isnan(ratio)
            continue
        top = sum(w * v for w, v in zip(row, values, strict=True))
        assert ratio == pytest.approx(top / sum(w * v for w, v in zip(row, below, strict=True)))
        assert mean == pytest.approx(sum(w * v for w, v in zip(row, values, strict=True)))


@given(designs())
def test_names_of_contexts_and_families_do_not_matter(design: tuple[Codes, Codes, int]) -> None:
    context, family, seed = design
    one = draw_weights(context, family, 10, np.random.default_rng(seed))
    two = draw_weights(context * 3 + 100, family - 50, 10, np.random.default_rng(seed))
    np.testing.assert_array_equal(one.draws, two.draws)
    np.testing.assert_array_equal(one.base, two.base)


@pytest.mark.parametrize("k", [3, 7, 12])
def test_differences_are_paired(k: int) -> None:
    rng = np.random.default_rng(k)
    context, family = crossed(k, 20)
    hard = rng.normal(size=len(context))  # common to both models
    one, two = hard + 0.1, hard + rng.normal(0, 0.01, size=len(context))
    weights = draw_weights(context, family, 400, rng)
    difference = aggregate(one - two, weights)
    np.testing.assert_allclose(difference[1], aggregate(one, weights)[1] - aggregate(two, weights)[1], atol=1e-12)
    paired, single = interval(*difference, weights.method), interval(*aggregate(one, weights), weights.method)
    assert paired.se < 0.1 * single.se
    assert paired.low > 0


def test_bootstrap_of_one_context_has_the_closed_form_error() -> None:
    rng = np.random.default_rng(0)
    values = rng.exponential(size=60)
    weights = draw_weights(np.zeros(60, dtype=int), np.arange(60), 20_000, rng)
    estimate = interval(*aggregate(values, weights), weights.method)
    assert estimate.value == pytest.approx(values.mean())
    assert estimate.se == pytest.approx(values.std() / np.sqrt(60), rel=0.03)
    low, high = estimate.value + np.array([-1.96, 1.96]) * estimate.se
    assert estimate.low == pytest.approx(low, abs=0.25 * estimate.se)
    assert estimate.high == pytest.approx(high, abs=0.25 * estimate.se)


def test_doses_of_a_perturbation_count_as_one() -> None:
    """Eight doses with one common effect carry no more than one of them."""
    rng = np.random.default_rng(1)
    effect = rng.normal(size=40)
    together = draw_weights(np.zeros(320, dtype=int), np.repeat(np.arange(40), 8), 4000, rng)
    apart = draw_weights(np.zeros(320, dtype=int), np.arange(320), 4000, rng)
    values = np.repeat(effect, 8)
    clustered = interval(*aggregate(values, together), together.method).se
    naive = interval(*aggregate(values, apart), apart.method).se
    assert clustered == pytest.approx(effect.std() / np.sqrt(40), rel=0.08)
    assert clustered / naive == pytest.approx(np.sqrt(8), rel=0.1)


def test_contexts_are_resampled_from_10_up() -> None:
    rng = np.random.default_rng(2)
    context, family = crossed(12, 5)
    effect = rng.normal(size=12)
    weights = draw_weights(context, family, 8000, rng)
    estimate = interval(*aggregate(effect[context], weights), weights.method)
    assert estimate.se == pytest.approx(effect.std() / np.sqrt(12), rel=0.05)


def test_t_interval_joins_contexts_and_families() -> None:
    rng = np.random.default_rng(3)
    context, family = crossed(6, 10)
    values = rng.normal(size=60)
    weights = draw_weights(context, family, 400, rng)
    value, draws, means = aggregate(values, weights)
    for level in (0.95, 0.9):
        got = interval(value, draws, means, weights.method, level)
        low, high = stats.t.interval(level, 5, loc=means.mean(), scale=stats.sem(means))
        z = stats.norm.ppf(0.5 + level / 2) * draws.std(ddof=1)
        half = np.sqrt(((high - low) / 2) ** 2 + z**2)
        np.testing.assert_allclose([got.low, got.high], [value - half, value + half])
        assert got.se == pytest.approx(np.hypot(stats.sem(means), draws.std(ddof=1)))


def test_t_interval_is_scipys_where_families_do_not_vary() -> None:
    rng = np.random.default_rng(4)
    context, family = crossed(6, 10)
    values = rng.normal(size=6)[context]
    weights = draw_weights(context, family, 200, rng)
    value, draws, means = aggregate(values, weights)
    got = interval(value, draws, means, weights.method)
    np.testing.assert_allclose([got.low, got.high], stats.t.interval(0.95, 5, loc=value, scale=stats.sem(means)))


def test_percentiles_of_the_draws() -> None:
    draws = np.r_[np.arange(101.0), np.nan, np.inf]
    got = interval(50.0, draws, np.empty(0), "contexts", level=0.9)
    assert (got.low, got.high) == pytest.approx((5.0, 95.0))
    assert got.se == pytest.approx(np.arange(101).std(ddof=1))


@pytest.mark.parametrize("k", [1, 3])
def test_a_single_family_has_no_interval(k: int) -> None:
    context, family = crossed(k, 1)
    weights = draw_weights(context, family, 50, np.random.default_rng(0))
    for denominator in (None, np.full(k, 2.0)):
        estimate = interval(*aggregate(np.full(k, 0.4), weights, denominator), weights.method)
        assert estimate.value == pytest.approx(0.4 if denominator is None else 0.2)
        assert np.isnan([estimate.low, estimate.high, estimate.se]).all()


def test_a_single_family_in_many_contexts_has_one() -> None:
    for k in (6, 12):
        context, family = crossed(k, 1)
        weights = draw_weights(context, family, 500, np.random.default_rng(0))
        estimate = interval(*aggregate(np.arange(float(k)), weights), weights.method)
        assert estimate.low < estimate.value < estimate.high


def test_equal_values_have_an_interval_of_no_width() -> None:
    context, family = crossed(2, 10)
    weights = draw_weights(context, family, 50, np.random.default_rng(0))
    estimate = interval(*aggregate(np.zeros(20), weights), weights.method)
    assert (estimate.low, estimate.high, estimate.se) == (0.0, 0.0, 0.0)


def test_a_draw_that_holds_no_condition_is_undefined_not_zero() -> None:
    """Ten contexts with a family each: now and then no drawn context holds a drawn family."""
    codes = np.arange(10)
    weights = draw_weights(codes, codes, 5000, np.random.default_rng(0))
    empty = np.isnan(weights.draws).all(axis=1)
    assert 0 < empty.sum() < 150
    assert np.isfinite(weights.draws[~empty]).all()
    for denominator in (None, np.ones(10)):
        _, draws, _ = aggregate(np.full(10, 0.7), weights, denominator)
        assert np.isnan(draws[empty]).all()
        np.testing.assert_allclose(draws[~empty], 0.7)


def test_no_conditions_is_undefined() -> None:
    none = np.empty(0, dtype=int)
    weights = draw_weights(none, none, 10, np.random.default_rng(0))
    for denominator in (None, np.empty(0)):
        value, draws, by_context = aggregate(np.empty(0), weights, denominator)
        assert np.isnan(value)
        assert np.isnan(draws).all()
        assert len(by_context) == 0
        assert np.isnan(interval(value, draws, by_context, weights.method)).all()


@pytest.mark.parametrize("below", [0.0, -1.0])
def test_a_denominator_that_is_not_above_0_is_undefined(below: float) -> None:
    context, family = crossed(2, 8)
    weights = draw_weights(context, family, 20, np.random.default_rng(0))
    value, draws, by_context = aggregate(np.ones(16), weights, np.full(16, below))
    assert np.isnan(value)
    assert np.isnan(draws).all()
    assert np.isnan(by_context).all()
    assert np.isnan(interval(value, draws, by_context, weights.method).low)


def test_a_context_without_effect_does_not_blow_up_a_ratio() -> None:
    context, family = crossed(2, 8)
    weights = draw_weights(context, family, 20, np.random.default_rng(0))
    value, _, _ = aggregate(np.ones(16), weights, np.where(context == 0, 1e-9, 1.0))
    assert value == pytest.approx(2.0)


@given(designs())
def test_means_are_weighted_sums_of_the_draws(design: tuple[Codes, Codes, int]) -> None:
    context, family, seed = design
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(len(context), 3))
    weights = draw_weights(context, family, 12, rng)
    np.testing.assert_allclose(weights.means(values), weights.draws @ values, atol=1e-12)
    together = aggregate_many(values, weights, [None, np.abs(values[:, 0]) + 0.1, None])
    for i, below in enumerate([None, np.abs(values[:, 0]) + 0.1, None]):
        alone = aggregate(values[:, i], weights, below)
        for a, b in zip(together[i], alone, strict=True):
            np.testing.assert_array_equal(a, b)


def test_threads_do_not_change_a_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    weights = draw_weights(np.zeros(50, dtype=int), np.arange(50), 300, rng)
    values = rng.normal(size=(50, 4))
    serial = weights.means(values)
    monkeypatch.setattr(resample, "WORTH_THREADS", 0)
    np.testing.assert_array_equal(weights.means(values), serial)


def test_weights_are_counts_not_a_matrix_of_conditions() -> None:
    context, family = np.repeat(np.arange(4), 500), np.tile(np.arange(500), 4)
    weights = draw_weights(context, family, 200, np.random.default_rng(0))
    assert weights.times.shape == (200, 500)
    assert weights.times.nbytes + weights.share.nbytes < 200 * 2000
    assert weights.families == pytest.approx(500)


def test_unequal_families_count_as_fewer() -> None:
    family = np.repeat(np.arange(12), [1, 1, 1, 9] * 3)
    weights = draw_weights(np.zeros(len(family), dtype=int), family, 5, np.random.default_rng(0))
    size = np.bincount(family)
    assert weights.families == pytest.approx(size.sum() ** 2 / (size**2).sum())
    many = draw_weights(np.arange(12), np.zeros(12, dtype=int), 5, np.random.default_rng(0))
    assert np.isinf(many.families)


def test_intervals_over_few_families_are_widened_to_those_of_t() -> None:
    """With m families of one condition, the widened interval is close to the t interval of a mean."""
    rng = np.random.default_rng(0)
    values = rng.normal(size=8)
    weights = draw_weights(np.zeros(8, dtype=int), np.arange(8), 40_000, rng)
    got = interval(*aggregate(values, weights), weights.method, families=weights.families)
    assert got.se == pytest.approx(stats.sem(values), rel=0.02)
    low, high = stats.t.interval(0.95, 7, loc=values.mean(), scale=stats.sem(values))
    assert got.high - got.low == pytest.approx(high - low, rel=0.06)
    assert widening(np.inf) == 1.0
    assert widening(8.0) == pytest.approx(stats.t.ppf(0.975, 7) / stats.norm.ppf(0.975) * np.sqrt(8 / 7))
    assert widening(8.0) > widening(9.0) > widening(200.0) > 1.0


@pytest.mark.parametrize("k", [2, 6, 12])
def test_joint_draws_spread_as_the_intervals_do(k: int) -> None:
    rng = np.random.default_rng(k)
    context, family = crossed(k, 30)
    values = rng.normal(size=(k, 2))[context] + 0.5 * rng.normal(size=(30, 2))[family]
    weights = draw_weights(context, family, 8000, rng)
    parts = aggregate_many(values, weights, [None, None])
    value, drawn, by_context = (np.array([p[i] for p in parts]) for i in range(3))
    joint = joint_draws(value, drawn, by_context, weights.method, weights.families, rng)
    for i, part in enumerate(parts):
        e = interval(*part, weights.method, families=weights.families)
        low, high = np.quantile(joint[:, i], [0.025, 0.975])
        assert high - low == pytest.approx(e.high - e.low, rel=0.08)
    gap = interval(*(parts[0][i] - parts[1][i] for i in range(3)), weights.method, families=weights.families)
    assert np.ptp(np.quantile(joint[:, 0] - joint[:, 1], [0.025, 0.975])) == pytest.approx(gap.high - gap.low, rel=0.08)


def test_joint_draws_are_those_that_define_all() -> None:
    draws = np.array([[1.0, np.nan, 3.0], [0.0, 1.0, 2.0]])
    got = joint_draws(np.array([2.0, 1.0]), draws, np.ones((2, 2)), "these contexts", np.inf, np.random.default_rng(0))
    np.testing.assert_array_equal(got, [[1.0, 0.0], [3.0, 2.0]])
    none = joint_draws(np.array([2.0, 1.0]), draws, np.ones((2, 2)), "none", np.inf, np.random.default_rng(0))
    assert none.shape == (0, 2)


def test_weights_of_a_part_are_those_of_the_whole_drawn_again():
    rng = np.random.default_rng(0)
    context, family = np.repeat([0, 1], [30, 20]), np.r_[np.arange(30), np.arange(20)]
    values = rng.standard_normal(50)
    whole = draw_weights(context, family, 400, rng)
    same = take_weights(whole, np.ones(50, bool), family)
    np.testing.assert_allclose(same.draws, whole.draws, atol=1e-15)
    np.testing.assert_allclose(same.base, whole.base, atol=1e-15)
    first = take_weights(whole, context == 0, family)
    np.testing.assert_allclose(first.draws.sum(axis=1), 1)
    value, draws, _ = aggregate(values[:30], first)
    assert value == pytest.approx(values[:30].mean())
    assert draws.std() == pytest.approx(values[:30].std() / np.sqrt(30), rel=0.15)
    assert first.method == "these contexts"
    few = take_weights(whole, np.arange(50) < 5, family)
    assert few.method == NONE


def test_weights_of_a_part_keep_every_context_its_share():
    rng = np.random.default_rng(1)
    context, family = np.repeat(np.arange(12), 10), np.tile(np.arange(10), 12)
    whole = draw_weights(context, family, 50, rng)
    part = take_weights(whole, np.arange(120) % 10 < 4, family)
    for c in range(12):
        share = whole.draws[:, context == c].sum(axis=1)
        kept = part.draws[:, part.context == c].sum(axis=1)
        some = kept > 0
        full = (whole.draws[:, np.arange(120) % 10 < 4] > 0).any(axis=1)
        assert (kept[some & full] >= share[some & full] - 1e-12).all()
    np.testing.assert_allclose(part.draws.sum(axis=1), 1)


@pytest.mark.parametrize(("k", "m"), [(1, 3), (2, 12), (6, 9), (12, 9)])
@pytest.mark.parametrize("holes", [False, True])
def test_intervals_of_many_are_those_of_each_to_the_bit(k: int, m: int, holes: bool) -> None:
    rng = np.random.default_rng(k)
    context, family = crossed(k, m)
    weights = draw_weights(context, family, 200, rng)
    below = [None, rng.uniform(0.1, 2.0, size=len(context)), None, rng.uniform(0.1, 2.0, size=len(context))]
    found = aggregate_many(rng.normal(size=(len(context), 4)), weights, below)
    if holes:
        found[2][1][5] = np.nan
        found[3] = (np.nan, *found[3][1:])
    made = intervals(found, weights.method, families=weights.families)
    for own, f in zip(made, found, strict=True):
        alone = interval(*f, weights.method, families=weights.families)
        assert np.array(own).tobytes() == np.array(alone).tobytes()
    assert intervals([], weights.method) == []
