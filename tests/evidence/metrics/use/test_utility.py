"""Utility: planted truth over seeds, chance, abstentions, baselines, and what cannot be ranked."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from vcassay.core import Conditions
from vcassay.evidence.metrics.score import Scores
from vcassay.evidence.metrics.use.ranked import Wish, rankings, shift
from vcassay.evidence.metrics.use.utility import utility_figures

G = 30


class World:
    """Contexts x perturbations with a planted shift towards a signature, its own in every context, and halves."""

    def __init__(
        self, by_hand: Any, seed: int, *, contexts: int = 4, each: int = 24, noise: float = 0.6, doses: int = 1
    ) -> None:
        rng = np.random.default_rng([3, seed])
        self.weights = np.r_[rng.normal(size=10), np.zeros(G - 10)]
        names = [(f"c{c}", f"p{p:02d}", float(d)) for c in range(contexts) for p in range(each) for d in range(doses)]
        context, parts, dose = zip(*names, strict=True)
        self.conditions = Conditions.make(context, [(p,) for p in parts], dose)
        n = len(names)
        unit = self.weights / np.linalg.norm(self.weights)
        own = np.repeat(rng.normal(size=contexts * each), doses)
        own += np.sign(own) * (doses > 1)  # an order of doses needs an effect
        growth = np.tile(np.arange(1.0, doses + 1.0), contexts * each)
        self.effect = 0.3 * rng.normal(size=(n, G)) + np.outer(own * growth, unit)
        halves = [self.effect + np.sqrt(2) * noise * rng.normal(size=(n, G)) for _ in range(2)]
        family = np.unique(parts, return_inverse=True)[1]
        self.panel = by_hand(sum(halves) / 2, *halves, list(context), family=family)
        self.rng = rng

    def figures(self, answers: dict[str, np.ndarray], **given: Any) -> dict[tuple[str, str], Any]:
        asked = {"baselines": [], "titles": {}, "sources": {}, "seed": 0, "draws": 200}
        asked["wish"] = Wish("sig", self.weights, "matched 10 of 10")
        found = utility_figures(Scores(self.panel, predicted=answers), {}, self.conditions, **(asked | given))
        return {(r.model, r.name): r for r in found}


@pytest.fixture
def world(by_hand):
    return lambda seed=0, **given: World(by_hand, seed, **given)


def test_a_shift_is_the_projection_on_the_unit_signature():
    effects, weights = np.arange(12.0).reshape(3, 4), np.array([1.0, -2.0, 0.0, 2.0])
    scored = np.array([True, True, True, False])
    np.testing.assert_allclose(shift(effects, weights, scored), effects[:, :2] @ [1.0, -2.0] / np.sqrt(5))
    assert np.isnan(shift(effects, weights, np.array([False, False, True, False]))).all()


def test_a_perfect_model_regrets_nothing_and_a_random_one_all(world):
    rows = []
    for seed in range(16):
        w = world(seed, contexts=6)
        found = w.figures({"perfect": w.effect, "random": w.rng.normal(size=w.effect.shape)})
        rows.append(
            [found[m, f"signature_{f}"].value for m in ("perfect", "random") for f in ("regret", "hits", "spearman")]
            + [found["perfect", f"signature_{f}"].ceiling for f in ("regret", "hits", "spearman")]
        )
    mean, se = np.mean(rows, axis=0), np.std(rows, axis=0) / np.sqrt(16)
    regret, _, spearman, lost, chance, none, replicate_regret, replicate_hits, perfect_spearman = mean
    assert abs(regret) < 0.03
    assert abs(lost - 1) < 4 * se[3]
    assert abs(chance - 3 / 24) < 4 * se[4]
    assert abs(none) < 4 * se[5]
    assert spearman == pytest.approx(perfect_spearman, abs=0.03)
    assert 0.1 < replicate_regret < 0.6
    assert chance < replicate_hits < mean[1]  # a replicate of half the depth picks worse than the true effects do


def test_chance_is_said_and_reached_exactly_by_a_constant_prediction_and_by_none(world):
    w = world()
    missing = np.full(w.effect.shape, np.nan)
    found = w.figures({"nothing": np.zeros_like(w.effect), "abstains": missing})
    for model in ("nothing", "abstains"):
        for figure, chance in (("hits", 3 / 24), ("spearman", 0.0), ("enrichment", 1.0), ("regret", 1.0)):
            row = found[model, f"signature_{figure}"]
            assert row.value == pytest.approx(chance, abs=1e-12)
            assert row.chance == pytest.approx(chance, abs=1e-12)


def test_abstaining_where_one_would_be_right_costs(world):
    w = world(noise=0.3)
    some = w.effect.copy()
    some[::2] = np.nan
    found = w.figures({"all": w.effect, "some": some})
    for figure, sign in (("hits", 1), ("spearman", 1), ("enrichment", 1), ("regret", -1)):
        name = f"signature_{figure}"
        assert sign * found["all", name].value > sign * found["some", name].value


def test_the_best_legal_baseline_stands_beside_a_model_but_never_beside_itself(world):
    w = world()
    answers = {
        "mine": w.effect,
        "good": w.effect + 0.3 * w.rng.normal(size=w.effect.shape),
        "bad": w.rng.normal(size=w.effect.shape),
    }
    found = w.figures(answers, baselines=["good", "bad"], titles={"good": "Good one"}, sources={"mine": "good"})
    assert found["mine", "signature_hits"].baseline == "bad"  # it is the good one in disguise
    assert found["good", "signature_hits"].baseline == "bad"
    assert found["bad", "signature_hits"].baseline == "good"
    assert found["bad", "signature_regret"].baseline_value == found["good", "signature_regret"].value
    assert "'Good one'" in found["bad", "signature_hits"].sentence
    assert found["mine", "signature_hits"].uses == ("target-id", "screening", "unseen-compound", "combination")
    assert found["mine", "signature_spearman"].uses == ()
    assert found["mine", "signature_hits"].coverage == "matched 10 of 10"


def test_intervals_hold_the_value_and_shrink_with_perturbations(world):
    spans = []
    for each in (12, 60):
        w = world(1, each=each, noise=0.5)
        row = w.figures({"a": w.effect + w.rng.normal(size=w.effect.shape)})["a", "signature_spearman"]
        assert row.low < row.value < row.high
        spans.append(row.high - row.low)
    assert spans[1] < spans[0]


def test_contexts_are_ranked_beyond_what_they_show_to_all(world):
    """A model that knows only how each context answers to anything ranks contexts, and is not selective."""
    rows = []
    for seed in range(8):
        w = world(seed, contexts=8, noise=0.3)
        unit = w.weights / np.linalg.norm(w.weights)
        sensitive = np.outer(2.0 * (w.panel.context - 3.5), unit)
        for name in ("truth", "half_mean"):
            w.panel.inputs[name] = w.panel.inputs[name] + sensitive
        answers = {"perfect": w.effect + sensitive, "context": sensitive + 0 * w.effect}
        found = w.figures(answers)
        rows.append([found[m, f"{r}_spearman"].value for m in answers for r in ("contexts", "selectivity")])
        assert found["perfect", "selectivity_spearman"].uses == ("selectivity",)
        assert found["perfect", "selectivity_hits"].chance == pytest.approx(1 / 8, abs=0.02)
    raw, specific, raw_context, specific_context = np.mean(rows, axis=0)
    assert min(raw, specific) > 0.8
    assert raw_context > 0.7
    assert abs(specific_context) < 0.1


def test_doses_are_ranked_by_size(world):
    w = world(2, each=12, doses=3, noise=0.2)
    rows = w.figures({"perfect": w.effect, "reversed": w.effect.reshape(-1, 3, G)[:, ::-1].reshape(-1, G)})
    assert rows["perfect", "dose_spearman"].value > 0.8
    assert rows["reversed", "dose_spearman"].value < -0.5
    assert rows["perfect", "dose_spearman"].uses == ("dose-finding",)
    assert "3 doses" in rows["perfect", "dose_spearman"].sentence


def test_what_cannot_be_ranked_says_why(world):
    w = world(contexts=1, each=5)
    found = w.figures({"a": w.effect}, wish=None)
    reasons = {name: row.reason for (_, name), row in found.items()}
    assert "no signature" in reasons["signature_hits"]
    assert reasons["size_hits"] == "fewer than 6 perturbations of a context compete at one dose and time"
    assert "test contexts" in reasons["selectivity_spearman"]
    assert "doses" in reasons["dose_spearman"]
    assert all(row.value is None for row in found.values())


def test_without_halves_there_is_no_regret_and_no_size(world):
    w = world()
    nothing = np.full(w.effect.shape, np.nan)
    w.panel.inputs.update(cross=nothing, half_a=nothing, half_b=nothing)
    found = w.figures({"a": w.effect})
    assert found["a", "signature_hits"].value > 0.3
    assert found["a", "signature_hits"].ceiling is None
    assert found["a", "signature_regret"].reason == "split halves do not exist here"
    assert found["a", "size_hits"].reason == "split halves do not exist here"


def test_a_user_may_say_how_many_are_followed_up(world):
    w = world()
    scored = rankings(w.panel, w.conditions, Wish("s", w.weights), 7)[0]
    assert set(scored.k.tolist()) == {7.0}
    usual = rankings(w.panel, w.conditions, Wish("s", w.weights), None)[0]
    assert set(usual.k.tolist()) == {3.0}
    row = w.figures({"a": w.effect}, k=7)["a", "signature_hits"]
    assert row.sentence.startswith("Of the 7 perturbations of 24 with the largest shift towards 'sig'")
    assert row.chance == pytest.approx(7 / 24)
