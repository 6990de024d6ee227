"""Scores without what a check touches: planted leaks, honest models, and subsets that are easier for anyone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from vcassay.core import Finding, Status
from vcassay.core.affected import Affected, affected_where
from vcassay.evidence.metrics import score_answers
from vcassay.evidence.metrics.inference.clean import clean_scores, touches
from vcassay.evidence.metrics.inference.compare import difference
from vcassay.evidence.metrics.inference.cut import CLEAN_CONDITIONS
from vcassay.record.clean import COMBINED

DRAWS = 300
METRIC = "pearson_delta"


def found(affected, check="L05", status=Status.WARN, model=None):
    return Finding(check, f"title of {check}", status, "It does.", model=model, affected=affected)


def blend(effect, skill, rng):
    """The effect with an error that leaves the correlation ``skill`` (a number, or one a condition)."""
    skill = np.broadcast_to(skill, len(effect))[:, None]
    size = np.sqrt((effect**2).mean(axis=1, keepdims=True))
    return skill**2 * effect + skill * np.sqrt(1 - skill**2) * size * rng.normal(size=effect.shape)


def scored(world, answers, answer, metrics=(METRIC,), draws=DRAWS):
    return score_answers(world.panel, {k: answer(k, v) for k, v in answers.items()}, 0, draws, metrics)


def rows_of(scores, *findings, rivals=("base",), model="m"):
    rows = clean_scores(scores, findings, {model: list(rivals)}, 0)
    return {(r.check, r.metric): r for r in rows}


@pytest.fixture(scope="module", params=[1, 6, 12], ids=["1 context", "6 contexts", "12 contexts"])
def world(request, noisy):
    return noisy(3, contexts=request.param, each=120 // request.param, sizes=(1.0, 2.0))


def test_a_model_that_knows_the_affected_conditions_alone(world, answer):
    rng = np.random.default_rng(0)
    n = len(world.effect)
    touched = rng.random(n) < 0.4
    honest = blend(world.effect, 0.4, rng)
    model = np.where(touched[:, None], world.effect, honest)
    metrics = (METRIC, "nmse")
    scores = scored(world, {"m": model, "honest": honest, "base": blend(world.effect, 0.4, rng)}, answer, metrics)
    rows = rows_of(scores, found(affected_where("of known drugs", touched)))
    assert {m for _, m in rows} == set(metrics)
    for (_, metric), row in rows.items():
        assert (row.n, row.n_affected, row.n_clean, row.n_unknown) == (n, touched.sum(), (~touched).sum(), 0)
        assert row.reason == row.no_interval == ""
        assert row.own.gap_low > 0, metric
        assert row.own.high < 0, metric
        assert row.fed, metric
        assert row.led, metric
        assert not row.kept, metric
        assert row.baseline.name == "base"
    clean = scores.filled["honest", METRIC].values[~touched]
    context = world.panel.context[~touched]
    expected = np.mean([clean[context == c].mean() for c in np.unique(context)])
    assert rows["L05", METRIC].own.clean == pytest.approx(expected, abs=1e-12)


def test_closed_forms(world, answer):
    rng = np.random.default_rng(1)
    touched = rng.random(len(world.effect)) < 0.5
    values = {"m": blend(world.effect, 0.8, rng), "base": blend(world.effect, 0.5, rng)}
    scores = scored(world, values, answer, (METRIC, "nmse"))
    for metric, sign in ((METRIC, 1.0), ("nmse", -1.0)):
        row = rows_of(scores, found(affected_where("of known drugs", touched)))["L05", metric]
        own, base = row.own, row.baseline
        assert own.score == pytest.approx(scores.draws["m", metric, "detectable"][0], abs=1e-12)
        assert own.change == pytest.approx(sign * (own.clean - own.score), abs=1e-12)
        assert own.gap == pytest.approx(sign * (own.affected - own.clean), abs=1e-12)
        assert row.lead == pytest.approx(sign * (own.score - base.score), abs=1e-12)
        assert row.clean_lead == pytest.approx(sign * (own.clean - base.clean), abs=1e-12)
        assert row.excess == pytest.approx(row.lead - row.clean_lead, abs=1e-12)
        assert row.excess == pytest.approx(base.change - own.change, abs=1e-12)
        e, _ = difference(scores, "m", "base", metric, "detectable")
        assert (row.lead_low, row.lead_high) == pytest.approx((e.low, e.high), abs=1e-12)
        assert row.low < row.excess < row.high


def cover(noisy, answer, contexts, *, easier=0.0, seeds=200):
    """How often 0 lies in the intervals of change, gap and excess, and their means."""
    inside, means = np.zeros(3), np.zeros(3)
    for seed in range(seeds):
        world = noisy(seed, contexts=contexts, each=60 // contexts, genes=30, sizes=(1.0,))
        rng = np.random.default_rng([5, seed])
        touched = np.isin(world.panel.family, rng.permutation(60)[:24])
        skill = 0.5 + easier * touched
        answers = {"m": blend(world.effect, skill + 0.1, rng), "base": blend(world.effect, skill, rng)}
        row = rows_of(scored(world, answers, answer), found(affected_where("at random", touched)))["L05", METRIC]
        spans = (
            (row.own.low, row.own.high, row.own.change),
            (row.own.gap_low, row.own.gap_high, row.own.gap),
            (row.low, row.high, row.excess),
        )
        inside += [low <= 0 <= high for low, high, _ in spans]
        means += [value for *_, value in spans]
    return inside / seeds, means / seeds


@pytest.mark.parametrize("contexts", [1, 6, 12])
def test_conditions_at_random_change_nothing(noisy, answer, contexts):
    inside, means = cover(noisy, answer, contexts)
    assert (inside >= 0.9).all()
    # each perturbation is in one of the contexts, whose spread a t interval counts once more
    assert (inside <= 0.995).all() or contexts == 6
    np.testing.assert_allclose(means, 0.0, atol=0.01)


def test_conditions_that_are_easier_for_anyone_add_nothing_to_the_lead(noisy, answer):
    inside, means = cover(noisy, answer, 1, easier=0.3)
    assert inside[0] < 0.1
    assert inside[1] < 0.1
    assert inside[2] >= 0.9
    assert abs(means[2]) < 0.02
    assert means[1] > 0.1


def test_unknown_conditions_are_neither_affected_nor_clean(world, answer):
    rng = np.random.default_rng(2)
    n = len(world.effect)
    touched, known = rng.random(n) < 0.4, rng.random(n) < 0.8
    scores = scored(world, {"m": blend(world.effect, 0.6, rng), "base": blend(world.effect, 0.5, rng)}, answer)
    row = rows_of(scores, found(affected_where("of known drugs", touched, known)))["L05", METRIC]
    counts = (row.n_affected, row.n_clean, row.n_unknown)
    assert counts == ((touched & known).sum(), (~touched & known).sum(), (~known).sum())
    values = scores.filled["m", METRIC].values
    clean = [values[known & ~touched & (world.panel.context == c)].mean() for c in np.unique(world.panel.context)]
    assert row.own.clean == pytest.approx(np.mean(clean), abs=1e-12)


def test_too_little_that_is_clean_is_refused(noisy, answer):
    world = noisy(0, each=40, sizes=(1.0,))
    rng = np.random.default_rng(0)
    scores = scored(world, {"m": blend(world.effect, 0.6, rng), "base": blend(world.effect, 0.5, rng)}, answer)
    least = int(CLEAN_CONDITIONS.value)
    for n_clean, words in ((least - 1, "9 clean conditions"), (0, "0 clean conditions"), (least, "")):
        row = rows_of(scores, found(affected_where("x", np.arange(40) >= n_clean)))["L05", METRIC]
        assert row.reason.startswith(words)
        assert (row.own is None) == bool(words)
        assert (row.lead is None) == bool(words)
    doses = world._replace(panel=replace(world.panel, family=np.arange(40) // 4))
    few = scored(doses, {"m": world.effect, "base": blend(world.effect, 0.5, rng)}, answer)
    row = rows_of(few, found(affected_where("x", np.arange(40) >= 16)))["L05", METRIC]
    assert row.reason == "4 clean perturbations among those scored (8 are needed)"


def test_few_affected_perturbations_have_scores_and_no_interval(noisy, answer):
    world = noisy(0, each=40, sizes=(1.0,))
    rng = np.random.default_rng(0)
    scores = scored(world, {"m": blend(world.effect, 0.9, rng), "base": blend(world.effect, 0.3, rng)}, answer)
    row = rows_of(scores, found(affected_where("x", np.arange(40) < 3)))["L05", METRIC]
    assert row.no_interval == "3 perturbations among the affected conditions (8 are needed)"
    assert (row.low, row.own.low, row.own.gap_low) == (None, None, None)
    assert row.excess is not None
    assert row.kept


def test_the_best_baseline_of_the_clean_conditions_counts_too(noisy, answer):
    """A baseline that is best on the whole may be poor where nothing is touched."""
    world = noisy(0, each=80, sizes=(1.0,))
    rng = np.random.default_rng(0)
    touched = np.arange(80) < 40
    answers = {
        "m": blend(world.effect, 0.8, rng),
        "base": blend(world.effect, np.where(touched, 0.95, 0.3), rng),
        "steady": blend(world.effect, 0.5, rng),
        "other": blend(world.effect, 0.2, rng),
    }
    scores = scored(world, answers, answer)
    row = rows_of(scores, found(affected_where("x", touched)), rivals=("base", "steady", "other"))["L05", METRIC]
    assert (row.baseline.name, row.rival) == ("base", "steady")
    assert 0 < row.rival_low < row.rival_lead < row.clean_lead
    assert row.excess < 0
    assert not row.fed
    alone = rows_of(scores, found(affected_where("x", touched)))["L05", METRIC]
    assert (alone.rival, alone.rival_lead) == ("", None)


def test_without_a_baseline_there_is_a_change_and_no_lead(noisy, answer):
    world = noisy(0, each=40, sizes=(1.0,))
    scores = scored(world, {"m": world.effect}, answer)
    row = rows_of(scores, found(affected_where("x", np.arange(40) < 20)), rivals=())["L05", METRIC]
    assert row.own is not None
    assert (row.baseline, row.lead, row.excess) == (None, None, None)
    assert not row.led
    assert not row.kept


def test_a_replicate_tells_that_clean_conditions_are_noisier(noisy, answer):
    world = noisy(0, each=90, sizes=(0.3, 3.0))
    strong = np.arange(90) % 2 == 1
    scores = scored(world, {"m": world.effect, "base": world.effect * 0.5}, answer, (METRIC, "nmse"))
    for row in rows_of(scores, found(affected_where("x", strong))).values():
        assert row.replicate.name == "replicate"
        assert row.replicate.gap > 0.1
        assert row.replicate.gap_low > 0


class TestDegree:
    def test_a_score_that_rises_with_the_likeness(self, world, answer):
        rng = np.random.default_rng(3)
        degree = rng.random(len(world.effect))
        answers = {"m": blend(world.effect, degree, rng), "base": blend(world.effect, 0.5, rng)}
        scores = scored(world, answers, answer, (METRIC, "nmse"))
        rows = rows_of(scores, found(Affected("like training", degree, 0.8), status=Status.PASS))
        row = rows["L05", METRIC]
        trend = {t.of: t for t in row.trends}
        assert set(trend) == {"score", "baseline", "lead"}
        assert trend["score"].rho > 0.5
        assert trend["lead"].p_value < 0.01
        assert trend["baseline"].p_value > 0.01
        assert [(b.low, b.high) for b in row.bins] == [(None, 0.4), (0.4, 0.6), (0.6, 0.8), (0.8, None)]
        assert sum(b.n for b in row.bins) == len(degree)
        assert np.all(np.diff([b.score for b in row.bins]) > 0)
        assert row.n_affected == (degree >= 0.8).sum()
        assert row.bins[-1].score == pytest.approx(row.own.affected, abs=1e-12)
        assert rows["L05", "nmse"].trends == ()
        assert np.all(np.diff([b.score for b in rows["L05", "nmse"].bins]) < 0)

    def test_other_degrees_are_cut_at_their_quartiles(self, noisy, answer):
        world = noisy(0, each=80, sizes=(1.0,))
        degree = np.arange(80.0)
        degree[::10] = np.nan
        scores = scored(world, {"m": world.effect}, answer)
        row = rows_of(scores, found(Affected("with many", degree, 1e9)), rivals=())["L05", METRIC]
        assert row.reason == "no scored condition is affected"
        assert [b.n for b in row.bins] == [18, 18, 18, 18]
        assert row.bins[0].low is row.bins[-1].high is None
        assert [t.of for t in row.trends] == ["score"]


class TestTouches:
    def test_what_touches_none_is_left_out(self):
        none = found(affected_where("x", np.zeros(4, dtype=bool)))
        assert touches([found(None), none], ["m"]) == []

    def test_what_warns_is_combined(self):
        masks = [np.array([1, 0, 0, 0], dtype=bool), np.array([0, 1, 0, 0], dtype=bool)]
        known = np.array([1, 1, 1, 0], dtype=bool)
        one = found(affected_where("x", masks[0]), "L05")
        two = found(affected_where("y", masks[1], known), "L07", Status.FAIL)
        passed = found(affected_where("z", ~masks[0]), "L09", Status.PASS)
        own = found(affected_where("v", np.array([0, 0, 1, 0], dtype=bool)), "L28", model="a")
        every = touches([one, two, passed, own], ["a", "b"])
        both = {t.model: t for t in every if t.check == COMBINED}
        assert len(every) == 4 + 2
        np.testing.assert_array_equal(both["b"].affected.degree, [1, 1, 0, np.nan])
        np.testing.assert_array_equal(both["a"].affected.degree, [1, 1, 1, np.nan])
        assert both["a"].status == Status.FAIL
        assert both["a"].affected.what == "that L05, L07, L28 touch"

    def test_one_set_of_conditions_is_not_combined_with_itself(self):
        same = affected_where("x", np.array([1, 0], dtype=bool))
        assert len(touches([found(same, "L05"), found(same, "L07")], ["m"])) == 2


def test_a_finding_on_one_model_is_scored_for_it_alone(noisy, answer):
    world = noisy(0, each=40, sizes=(1.0,))
    scores = scored(world, {"m": world.effect, "k": world.effect, "base": 0.5 * world.effect}, answer)
    finding = found(affected_where("x", np.arange(40) < 20), model="k")
    rows = clean_scores(scores, [finding], {"m": ["base"], "k": ["base"]}, 0)
    assert [r.model for r in rows] == ["k"]
    both = clean_scores(scores, [found(finding.affected)], {"m": ["base"], "k": ["base"]}, 0)
    assert [r.model for r in both] == ["m", "k"]
    again = clean_scores(scores, [found(finding.affected)], {"m": ["base"], "k": ["base"]}, 0)
    assert again == both


def test_a_model_without_a_score_is_told(noisy, answer):
    world = noisy(0, each=40, sizes=(1.0,))
    scores = scored(world, {"m": world.effect, "base": world.effect}, answer)
    del scores.draws["m", METRIC, "detectable"]
    rows = rows_of(scores, found(affected_where("x", np.arange(40) < 20)))
    assert [r.reason for r in rows.values()] == ["the model has no score in this metric"]
