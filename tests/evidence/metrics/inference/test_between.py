"""Models against each other where the truth is planted: none better, one better, some that abstain."""

from __future__ import annotations

import numpy as np
import pytest

from vcassay.arrays.resample import Estimate
from vcassay.evidence.metrics import METRICS, rank_answers
from vcassay.evidence.metrics.filled import Filled
from vcassay.evidence.metrics.inference import between
from vcassay.evidence.metrics.inference.between import compare_models, inseparable, paired_difference, scored
from vcassay.evidence.metrics.inference.seeds import spread_seeds
from vcassay.evidence.metrics.inference.stored import comparable_on_part, restore
from vcassay.record import SeedRecord

CORRELATION, ERROR, RATIO = "pearson_delta", "mae", "nmse"


def world(values, metric=CORRELATION, *, contexts=12, families=20, draws=400, seed=0, at_chance=None, below=None):
    """Scores of answers whose per-condition values are handed in, contexts by families."""
    n = contexts * families
    context, family = np.repeat(np.arange(contexts), families), np.tile(np.arange(families), contexts)
    everywhere = np.ones(n, dtype=bool)
    lost = at_chance or {}
    filled = {
        (name, metric): Filled(v, below, everywhere, lost.get(name, np.zeros(n, dtype=bool)))
        for name, v in values.items()
    }
    strata = {"detectable": everywhere}
    return restore(filled, context=context, family=family, strata=strata, decision="detectable", seed=seed, draws=draws)


def planted(seed, gain=0.0, *, contexts=12, families=20, noise=0.1):
    """Two models on conditions that are hard for both alike; the first is better by `gain` on average."""
    rng = np.random.default_rng(seed)
    shape = (contexts, families)
    hard = rng.normal(0.5, 0.2, shape) + rng.normal(0, 0.1, (contexts, 1))
    lead = gain + rng.normal(0, 0.05, (contexts, 1)) + rng.normal(0, 0.05, (1, families)) + rng.normal(0, noise, shape)
    return {"a": (hard + lead).ravel(), "b": hard.ravel()}


def test_equal_models_are_not_told_apart_and_share_their_ranks():
    values = planted(0)
    scores = world({"a": values["a"], "b": values["a"].copy(), "c": values["a"].copy()})
    rows = compare_models(scores, ["c", "a", "b"], CORRELATION)
    assert [(r.model, r.other) for r in rows] == [("a", "b"), ("a", "c"), ("b", "c")]
    for row in rows:
        assert (row.difference, row.low, row.high, row.p_value) == (0.0, 0.0, 0.0, 1.0)
        assert not row.apart
        assert row.equivalent
    (ranking,) = rank_answers(scores, ["a", "b", "c"], (), 0, whole=True)
    assert {r.rank for r in ranking.ranks} == {2.0}
    for r in ranking.ranks:
        assert r.first == pytest.approx(1 / 3)
        assert r.distribution == pytest.approx((1 / 3, 1 / 3, 1 / 3))
    assert inseparable(["a", "b", "c"], rows) == (("a", "b", "c"),)


@pytest.mark.parametrize("contexts", [2, 6, 12], ids=["given contexts", "t", "resampled contexts"])
def test_a_better_model_is_found(contexts):
    scores = world(planted(1, 0.15, contexts=contexts), contexts=contexts)
    (row,) = compare_models(scores, ["b", "a"], CORRELATION)
    assert (row.model, row.other) == ("a", "b")
    assert row.apart
    assert row.low > 0.05
    assert row.difference == pytest.approx(0.15, abs=0.06)
    assert row.p_value < 0.05
    assert inseparable(["a", "b"], [row]) == (("a",), ("b",))
    (ranking,) = rank_answers(scores, ["a", "b"], (), 0, whole=True)
    assert ranking.ranks[0].name == "a"
    assert ranking.ranks[0].first > 0.97


def test_lower_is_better_in_errors_and_the_nearer_to_the_optimum_inside_a_range():
    values = planted(1, 0.15)
    (row,) = compare_models(world(values, ERROR), ["a", "b"], ERROR)
    assert (row.model, row.other) == ("b", "a")
    assert row.difference > 0
    assert METRICS["magnitude_log2"].meta["centred"]
    n = len(values["a"])
    ones = np.ones(n)
    scores = world({"small": np.full(n, 0.25), "large": np.full(n, 1.5)}, "magnitude_log2", below=ones)
    assert scored(scores, ["small", "large"], "magnitude_log2") == ["large", "small"]
    e, _ = paired_difference(scores, "large", "small", "magnitude_log2")
    assert e.value == pytest.approx(1.0 - 0.5 * np.log2(1.5))


def test_intervals_hold_the_planted_difference_as_often_as_they_say():
    inside = dict.fromkeys((6, 12), 0)
    wrong, runs = 0, 120
    for seed in range(runs):
        for contexts in inside:
            scores = world(planted(seed, 0.04, contexts=contexts), contexts=contexts, draws=200, seed=seed)
            e, _ = paired_difference(scores, "a", "b", CORRELATION)
            inside[contexts] += e.low <= 0.04 <= e.high
        (row,) = compare_models(world(planted(seed, 0.0), draws=200, seed=seed), ["a", "b"], CORRELATION)
        wrong += row.apart
    for found in inside.values():
        assert found / runs >= 0.89
    assert wrong / runs <= 0.1


def test_holm_over_pairs_keeps_false_alarms_rare():
    """Six equal models, fifteen pairs: some pair is told apart in few screens."""
    alarms = 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        values = {str(i): rng.normal(0.5, 0.1, 240) for i in range(6)}
        rows = compare_models(world(values, draws=1500, seed=seed), list(values), CORRELATION)
        alarms += any(r.apart for r in rows)
    assert alarms <= 6


def test_not_told_apart_is_not_equivalent():
    rng = np.random.default_rng(3)
    loud = {"a": rng.normal(0.5, 1.0, 240), "b": rng.normal(0.5, 1.0, 240)}
    (row,) = compare_models(world(loud), ["a", "b"], CORRELATION)
    assert not row.apart
    assert not row.equivalent
    assert row.detectable_difference > 0.1
    quiet = {"a": rng.normal(0.5, 0.01, 240), "b": rng.normal(0.5, 0.01, 240)}
    (row,) = compare_models(world(quiet), ["a", "b"], CORRELATION)
    assert row.equivalent


def test_abstentions_count_at_chance():
    values = planted(4)
    lost = np.arange(240) % 3 == 0
    some = np.where(lost, METRICS[CORRELATION].meta["chance"], values["a"])
    scores = world({"a": values["a"], "shy": some}, at_chance={"shy": lost})
    (row,) = compare_models(scores, ["a", "shy"], CORRELATION)
    assert (row.model, row.apart) == ("a", True)
    assert row.difference == pytest.approx(values["a"][lost].sum() / 240)


def test_without_intervals_nothing_is_told_apart():
    scores = world(planted(0, 5.0, contexts=2, families=5), contexts=2, families=5)
    (row,) = compare_models(scores, ["a", "b"], CORRELATION)
    assert row.difference > 3
    assert (row.low, row.high, row.p_value, row.apart, row.equivalent) == (None, None, None, False, False)


def test_the_order_of_names_does_not_matter():
    values = planted(5, 0.02) | {"c": planted(6, 0.1)["a"]}
    one = world(values)
    other = world(dict(reversed(values.items())))
    assert compare_models(one, ["a", "b", "c"], CORRELATION) == compare_models(other, ["c", "b", "a"], CORRELATION)
    assert (
        one.draws["a", CORRELATION, "detectable"][1].tolist() == other.draws["a", CORRELATION, "detectable"][1].tolist()
    )


def test_a_ratio_is_that_of_sums():
    rng = np.random.default_rng(0)
    below = rng.uniform(0.5, 2.0, 240)
    scores = world({"a": 0.3 * below, "b": 0.6 * below}, RATIO, below=below)
    (row,) = compare_models(scores, ["a", "b"], RATIO)
    assert (row.model, row.other) == ("a", "b")
    assert row.difference == pytest.approx(0.3)


def test_what_depends_on_other_conditions_is_not_compared_on_a_part():
    metrics = ["pearson_delta", "nmse", "pds_cosine", "pearson_delta_perturbed", "effective_rank_log2"]
    same = comparable_on_part(metrics, same_training=True)
    assert (same["pearson_delta"], same["nmse"], same["pearson_delta_perturbed"]) == ("", "", "")
    assert "depends on the other" in same["pds_cosine"]
    assert same["effective_rank_log2"]
    other = comparable_on_part(metrics, same_training=False)
    assert "training differs" in other["pearson_delta_perturbed"]
    assert other["pearson_delta"] == ""


def test_the_spread_between_seeds_is_in_the_draws():
    """Of a model that is stored as the mean over its seeds, draws vary as the seeds' scores do, about their mean."""
    scores = world(planted(7))
    value, before, _ = scores.draws["a", CORRELATION, "detectable"]
    values = (value - 0.2, value, value + 0.2)
    record = SeedRecord(
        model="a",
        metric=CORRELATION,
        stratum="detectable",
        n_seeds=3,
        mean=value,
        sd=0.2,
        low=values[0],
        high=values[2],
        values=values,
    )
    spread_seeds(scores, [record], 0)
    after = scores.draws["a", CORRELATION, "detectable"]
    assert after[0] == pytest.approx(value)
    assert after[1].mean() == pytest.approx(before.mean(), abs=1e-3)
    assert after[1].std() == pytest.approx(np.hypot(before.std(), np.std(values)), rel=0.1)
    wide, narrow = (paired_difference(s, "a", "b", CORRELATION)[0] for s in (scores, world(planted(7))))
    assert wide.se > 2 * narrow.se


@pytest.fixture
def told(monkeypatch):
    """Compare models of which every pair has the estimates by level and the p-value that are handed in."""

    def compare(estimates, p_value, names="ab", margin=0.02):
        def stated(scores, model, other, metric, level=0.95):
            low, high = estimates[level]
            return Estimate((low + high) / 2, low, high, 0.01), p_value

        monkeypatch.setattr(between, "paired_difference", stated)
        scores = world({name: np.full(240, 0.5) for name in names}, draws=20)
        return compare_models(scores, list(names), CORRELATION, margin)

    return compare


def test_a_p_value_is_of_both_sides():
    """Of equal models half of all p-values lie above a half; those of one side, the smaller, never do."""
    found = []
    for seed in range(30):
        _, p_value = paired_difference(world(planted(seed), draws=100, seed=seed), "a", "b", CORRELATION)
        found.append(p_value)
    assert 8 <= sum(p > 0.5 for p in found) <= 22


def test_p_values_are_adjusted_for_the_pairs(told):
    clear = {0.95: (0.1, 0.3), 0.9: (0.12, 0.28)}
    (row,) = told(clear, 0.04)
    assert (row.apart, row.p_value) == (True, 0.04)
    for row in told(clear, 0.04, "abc"):
        assert (row.apart, row.p_value) == (False, pytest.approx(0.12))


@pytest.mark.parametrize(("span", "apart"), [((0.01, 0.2), True), ((-0.2, -0.01), True), ((-0.01, 0.2), False)])
def test_apart_are_those_whose_interval_leaves_out_0(told, span, apart):
    (row,) = told({0.95: span, 0.9: span}, 0.001)
    assert row.apart == apart


def test_equivalent_are_those_within_the_margin_at_90_percent_that_are_not_apart(told):
    (row,) = told({0.95: (-0.03, 0.03), 0.9: (-0.015, 0.015)}, 0.9)
    assert (row.apart, row.equivalent) == (False, True)
    (row,) = told({0.95: (0.005, 0.015), 0.9: (0.006, 0.014)}, 0.001)
    assert (row.apart, row.equivalent) == (True, False)
