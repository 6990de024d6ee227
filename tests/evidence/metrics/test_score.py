"""Scoring: what is undefined, what counts at chance, strata, contexts, and independence of the company."""

from __future__ import annotations

import numpy as np
import pytest

from vcassay.core import ScoreStatus
from vcassay.evidence.metrics import METRICS, primary_metrics, score_answers
from vcassay.evidence.metrics.filled import fill

DRAWS = 200


@pytest.fixture(scope="module")
def world(noisy):
    return noisy(1, contexts=2, each=20, genes=60)


@pytest.fixture(scope="module")
def answers(world, answer):
    rng = np.random.default_rng(0)
    effect = world.effect
    return {
        "perfect": answer("perfect", effect),
        "half": answer("half", effect + effect.std() * rng.normal(size=effect.shape)),
        "nothing": answer("nothing", np.zeros_like(effect)),
        "noise": answer("noise", rng.normal(size=effect.shape)),
    }


def aggregates(scores):
    return {(s.model, s.metric, s.stratum): s for s in scores.aggregates}


def same(a, b) -> bool:
    return a[0] == b[0] and all(np.array_equal(x, y, equal_nan=True) for x, y in zip(a[1:], b[1:], strict=True))


def test_missing_predictions_count_at_chance(world, answer):
    values = world.effect.copy()
    values[[0, 3, 25]] = np.nan
    values[7, 5] = np.nan  # one gene missing is a missing prediction, too
    found = aggregates(score_answers(world.panel, {"a": answer("a", values)}, 0, DRAWS))
    complete = {n: fill(METRICS[n], world.panel, world.effect).values for n in ("pearson_delta", "pds_cosine")}
    for name, chance in (("pearson_delta", 0.0), ("pds_cosine", 0.5)):
        row = found["a", name, "all"]
        expected = complete[name].copy()
        expected[[0, 3, 7, 25]] = chance
        by_context = [expected[world.panel.context == c].mean() for c in (0, 1)]
        assert (row.n, row.n_at_chance, row.n_truth_undefined) == (40, 4, 0)
        assert row.value == pytest.approx(np.mean(by_context), rel=1e-12)
    nmse = found["a", "nmse", "all"]
    zeros = world.effect.copy()
    zeros[[0, 3, 7, 25]] = 0.0  # chance of the error is 1, that of no change
    no_change = score_answers(world.panel, {"a": answer("a", zeros)}, 0, DRAWS).estimate("a", "nmse", "all")
    assert nmse.n_at_chance == 4
    assert nmse.value == pytest.approx(no_change.value, rel=1e-12)


def test_an_abstention_never_pays(world, answer):
    """Leaving out what one would get wrong at worst costs nothing, leaving out what is right costs."""
    values = world.effect.copy()
    values[10:20] = np.nan
    found = aggregates(score_answers(world.panel, {"some": answer("some", values)}, 0, DRAWS))
    whole = aggregates(score_answers(world.panel, {"all": answer("all", world.effect)}, 0, DRAWS))
    for name in primary_metrics(world.panel):
        sign = 1 if METRICS[name].meta["higher_is_better"] else -1
        assert sign * found["some", name, "all"].value < sign * whole["all", name, "all"].value


def test_a_metric_without_chance_level_is_not_aggregated_over_gaps(world, answer):
    values = world.effect.copy()
    values[0] = np.nan
    found = aggregates(score_answers(world.panel, {"a": answer("a", values)}, 0, DRAWS))
    for name in ("magnitude_log2", "pearson_raw"):
        row = found["a", name, "all"]
        assert row.status is ScoreStatus.UNDEFINED
        assert row.value is None
        assert row.reason
        assert row.n_at_chance == 1


def test_undefined_by_the_truth_is_left_out_for_all_alike(noisy, by_hand, answers):
    world = noisy(1, contexts=2, each=20, genes=60)
    p = world.panel
    truth, half_a = p.inputs["truth"].copy(), p.half_a.copy()
    truth[4] = 1.7  # constant over genes: no correlation
    truth[5] = np.nan
    half_a[6] = np.nan  # no split half: no noise-corrected error
    panel = by_hand(truth, half_a, p.half_b, p.context, reference=np.zeros_like(truth), strata=p.strata)
    found = aggregates(score_answers(panel, answers, 0, DRAWS))
    lost = {"pearson_delta": 2, "cosine_delta": 1, "nmse": 2, "pds_cosine": 1, "nmse_raw": 1}
    for name, n in lost.items():
        for model in answers:
            row = found[model, name, "all"]
            assert (row.n, row.n_truth_undefined) == (40 - n, n), name


def test_counts_of_a_stratum_add_up(world, answers):
    scores = score_answers(world.panel, answers, 0, DRAWS)
    found = aggregates(scores)
    assert set(world.panel.strata) == {"all", "detectable", "weak", "medium", "strong"}
    for metric in (entry.name for entry in METRICS if entry.meta["readout"] != "scalar"):
        for model in answers:
            for stratum, members in world.panel.strata.items():
                row = found[model, metric, stratum]
                assert row.n + row.n_truth_undefined == members.sum()


def test_strata_are_the_means_of_their_members(world, answers):
    scores = score_answers(world.panel, answers, 0, DRAWS)
    value = scores.filled["half", "pearson_delta"].values
    for stratum, members in world.panel.strata.items():
        by_context = [value[members & (world.panel.context == c)].mean() for c in (0, 1)]
        assert scores.estimate("half", "pearson_delta", stratum).value == pytest.approx(np.mean(by_context))


def test_stronger_effects_are_easier(world, answers):
    scores = score_answers(world.panel, answers, 0, DRAWS)
    r = [scores.estimate("perfect", "pearson_delta", s).value for s in ("weak", "medium", "strong")]
    assert r[0] < r[1] - 0.1 < r[2] - 0.2


def test_contexts_weigh_alike(noisy, by_hand, answer):
    """A context with many conditions does not outweigh one with few."""
    world = noisy(2, each=60)
    few = np.r_[0:20, 20:25]
    context = np.repeat(["a", "b"], [20, 5])
    p = world.panel
    panel = by_hand(p.inputs["truth"][few], p.half_a[few], p.half_b[few], context)
    scores = score_answers(panel, {"m": answer("m", world.effect[few])}, 0, DRAWS)
    value = scores.filled["m", "pearson_delta"].values
    expected = (value[:20].mean() + value[20:].mean()) / 2
    assert scores.estimate("m", "pearson_delta", "all").value == pytest.approx(expected, rel=1e-12)
    ratio = scores.filled["m", "nmse"]
    num, den = (np.mean([x[:20].mean(), x[20:].mean()]) for x in (ratio.values, ratio.denominator))
    assert scores.estimate("m", "nmse", "all").value == pytest.approx(num / den, rel=1e-12)


def test_a_stratum_nobody_can_be_scored_in_says_why(noisy, answers, by_hand):
    world = noisy(1, contexts=2, each=20, genes=60)
    p = world.panel
    none = np.full_like(p.half_a, np.nan)
    panel = by_hand(p.inputs["truth"], none, none, p.context)
    found = aggregates(score_answers(panel, answers, 0, DRAWS))
    for name in ("nmse", "magnitude_log2"):
        row = found["perfect", name, "all"]
        assert (row.status, row.value, row.n, row.n_truth_undefined) == (ScoreStatus.UNDEFINED, None, 0, 40)
        assert "truth" in row.reason
    assert found["perfect", "pearson_delta", "all"].value > 0


def test_error_without_a_true_effect_is_undefined(noisy, by_hand, answer):
    """A ratio whose denominator is noise is refused, not printed."""
    world = noisy(3, contexts=2, each=20, sizes=(0.0,))
    found = aggregates(score_answers(world.panel, {"m": answer("m", world.noise)}, 0, DRAWS))
    row = found["m", "nmse", "all"]
    assert row.status is ScoreStatus.UNDEFINED
    assert "not above noise" in row.reason


def test_company_does_not_change_a_score(world, answers):
    """Bit-identical whatever else is scored, and in whatever order."""
    alone = score_answers(world.panel, {"half": answers["half"]}, 5, DRAWS)
    first = score_answers(world.panel, answers, 5, DRAWS)
    last = score_answers(world.panel, dict(reversed(answers.items())), 5, DRAWS)
    assert any(key[0] == "half" for key in alone.draws)
    for key, found in alone.draws.items():
        assert same(found, first.draws[key])
        assert same(found, last.draws[key])


def test_other_metrics_do_not_change_a_score(world, answers, monkeypatch):
    every = score_answers(world.panel, answers, 5, DRAWS)
    kept = {name: METRICS[name] for name in ("pds_cosine", "nmse")}
    monkeypatch.setattr(METRICS, "_entries", kept)
    few = score_answers(world.panel, answers, 5, DRAWS)
    assert {metric for _, metric, _ in few.draws} == set(kept)
    for key, found in few.draws.items():
        assert same(found, every.draws[key])


def test_seed_changes_the_interval_and_not_the_value(world, answers):
    a, b = (score_answers(world.panel, answers, seed, DRAWS) for seed in (1, 2))
    again = score_answers(world.panel, answers, 1, DRAWS)
    key = ("half", "pearson_delta", "all")
    assert a.draws[key][0] == b.draws[key][0]
    assert not np.array_equal(a.draws[key][1], b.draws[key][1])
    assert np.array_equal(a.draws[key][1], again.draws[key][1])


@pytest.mark.parametrize("metric", ["pearson_delta", "nmse", "pds_cosine", "cosine_delta", "magnitude_log2"])
def test_order_of_genes_and_conditions_does_not_matter(world, answers, by_hand, answer, metric):
    p = world.panel
    rng = np.random.default_rng(0)
    genes, rows = rng.permutation(p.half_a.shape[1]), rng.permutation(len(p.context))
    moved = by_hand(*(m[np.ix_(rows, genes)] for m in (p.inputs["truth"], p.half_a, p.half_b)), p.context[rows])
    values = answers["half"].values[np.ix_(rows, genes)]
    value = score_answers(moved, {"half": answer("half", values)}, 0, 10).estimate("half", metric, "all").value
    expected = score_answers(p, {"half": answers["half"]}, 0, 10).estimate("half", metric, "all").value
    assert value == pytest.approx(expected, rel=1e-10)


def test_noise_corrected_error_of_a_perfect_model_is_zero(noisy, answer):
    """Over independent screens it is 0 on average and covered by its interval; the raw error is far off."""
    value, covered, raw, both = [], [], [], ("nmse", "nmse_raw")
    for seed in range(40):
        world = noisy(100 + seed, each=40, genes=60)
        scores = score_answers(world.panel, {"perfect": answer("perfect", world.effect)}, seed, DRAWS, both)
        e = scores.estimate("perfect", "nmse", "all")
        value.append(e.value)
        covered.append(e.low <= 0 <= e.high)
        raw.append(scores.estimate("perfect", "nmse_raw", "all").value)
    assert abs(np.mean(value)) < 3 * np.std(value) / np.sqrt(40) + 1e-9
    assert np.std(value) < 0.05
    assert np.mean(covered) > 0.8  # .93 over 300 screens
    assert np.mean(raw) > 0.3


def test_panel_can_be_taken_in_part(world, answers, answer):
    keep = np.arange(40) % 2 == 0
    part = world.panel.take(keep)
    assert len(part.context) == 20
    scores = score_answers(part, {"half": answer("half", answers["half"].values[keep])}, 0, 10)
    value = fill(METRICS["pearson_delta"], world.panel, answers["half"].values).values[keep]
    np.testing.assert_array_equal(scores.filled["half", "pearson_delta"].values, value)


def test_one_answer_for_all_is_at_chance_where_there_is_an_effect(noisy, answer):
    """Conditions with an effect compete with each other: among truths of noise, their common part would be enough."""
    for seed in range(4):
        acts = np.arange(60) % 3 > 0
        world = noisy(
            seed, each=60, sizes=(1e-9, 1.0, 2.0), detectable=acts, strata={"all": acts | True, "detectable": acts}
        )
        one = answer("one", np.tile(world.effect[acts].mean(axis=0), (60, 1)))
        judged = ("pds_cosine", "pds_l2", "pds_cosine_reverse")
        scores = score_answers(world.panel, {"one": one}, 0, 50, judged)
        for metric in judged:
            assert scores.estimate("one", metric, "detectable").value == pytest.approx(0.5), metric
