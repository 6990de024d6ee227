"""The template of a study: fitted on training alone, shares as planted, skill put where it lies."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from vcassay.arrays.template import left_out_products
from vcassay.claim import Role, Split
from vcassay.core import Conditions
from vcassay.evidence.metrics.shares import PARTS, template_shares
from vcassay.evidence.metrics.template import template_of

DRAWS = 300


def planted(
    seed,
    contexts=4,
    treatments=40,
    genes=150,
    shares=(0.3, 0.1, 0.35, 0.25),
    size=1.0,
    noise=1.0,
    control=0.0,
    held="context",
    keep=1.0,
):
    """A screen of mean, context, conserved and interaction energy, measured with noise.

    Every measurement has its own noise of cells, and of the controls that a context's conditions share
    (``control`` times that of cells): training effects, and two halves of the truth.
    """
    rng = np.random.default_rng([17, seed])
    root = size * np.sqrt(shares)
    parts = [
        root[0] * rng.normal(size=(1, 1, genes)),
        root[1] * rng.normal(size=(contexts, 1, genes)),
        root[2] * rng.normal(size=(1, treatments, genes)),
        root[3] * rng.normal(size=(contexts, treatments, genes)),
    ]
    have = rng.random((contexts, treatments)) < keep
    true = sum(parts)[have]
    c, t = np.nonzero(have)
    table = Conditions.make([f"c{i:02d}" for i in c], [f"p{i:03d}" for i in t])
    test = c == contexts - 1 if held == "context" else t % 4 == 0
    if held == "pairs":
        test = (c + t) % 4 == 0

    def measured(sd):
        shared = control * sd * rng.normal(size=(contexts, genes))
        return true + sd * rng.normal(size=true.shape) - shared[c]

    train, half_a, half_b = measured(noise), measured(noise * np.sqrt(2)), measured(noise * np.sqrt(2))
    effects = SimpleNamespace(
        conditions=table,
        mask=np.broadcast_to(np.arange(genes) > 1, true.shape),
        delta_train=train,
        half_mean=(half_a + half_b) / 2,
        cross=half_a * half_b,
        shared_control=np.zeros(len(true), dtype=bool),
        assessed=np.zeros(len(true), dtype=bool),
        detectable=np.zeros(len(true), dtype=bool),
    )
    split = Split(table, np.where(test, Role.TEST.value, Role.TRAIN.value))
    return effects, split, true


def shares_of(record):
    return np.array([np.nan if p.share is None else p.share for p in record.parts])


def scores_of(record, model):
    return np.array([np.nan if m.score is None else m.score for m in record.models if m.model == model])


def own_of(record, model):
    return np.array([np.nan if m.own is None else m.own for m in record.models if m.model == model])


def test_known_terms_add_up_and_unknown_ones_are_left_out():
    effects, split, _ = planted(0, held="pairs")
    found = template_of(effects, split)
    assert (found.context >= 0).all()
    assert (found.treatment >= 0).all()
    x = found.terms.mean + found.terms.context[found.context] + found.terms.treatment[found.treatment]
    np.testing.assert_allclose(found.values, x, rtol=1e-12)
    effects, split, _ = planted(0, held="context")
    found = template_of(effects, split)
    assert (found.context == -1).all()
    np.testing.assert_allclose(found.values, found.terms.mean + found.terms.treatment[found.treatment], rtol=1e-12)
    effects, split, _ = planted(0, held="perturbation")
    found = template_of(effects, split)
    assert (found.treatment == -1).all()
    np.testing.assert_allclose(found.values, found.terms.mean + found.terms.context[found.context], rtol=1e-12)


@pytest.mark.parametrize("held", ["context", "perturbation", "pairs"])
def test_test_effects_take_no_part_in_the_template(held):
    effects, split, _ = planted(1, held=held)
    before = template_of(effects, split).values
    effects.delta_train[split.test] = np.nan
    np.testing.assert_array_equal(template_of(effects, split).values, before)


def test_doses_are_treatments_of_their_own():
    table = Conditions.make(["A", "A", "B", "B"], ["d", "d", "d", "d"], dose=[1.0, 2.0, 1.0, 2.0])
    effects = SimpleNamespace(conditions=table, delta_train=np.arange(8.0).reshape(4, 2), mask=np.ones((4, 2), bool))
    roles = np.array([Role.TRAIN.value] * 2 + [Role.TEST.value] * 2)
    found = template_of(effects, Split(table, roles))
    np.testing.assert_array_equal(found.treatment, [0, 1])
    np.testing.assert_allclose(found.values, effects.delta_train[:2])


def test_without_training_there_is_none():
    effects, split, _ = planted(2)
    nothing = Split(split.conditions, np.full(len(split.roles), Role.TEST.value))
    assert np.isnan(template_of(effects, nothing).values).all()
    test, training = template_shares(effects, nothing, {}, 0, DRAWS)
    assert test.reason == "there are no training effects"
    assert training.reason
    assert test.parts == training.parts == ()


@pytest.mark.parametrize(("held", "keep"), [("context", 1.0), ("pairs", 1.0), ("pairs", 0.6)])
def test_planted_shares_are_recovered(held, keep):
    """Over seeds, without bias from noise, shared controls or the interactions that training averages."""
    test, training, covered, known = [], [], [], []
    for seed in range(12):
        effects, split, _ = planted(seed, held=held, keep=keep, control=0.5)
        records = template_shares(effects, split, {}, seed, DRAWS)
        test.append(shares_of(records[0]))
        known.append(records[0].n_perturbation_known / records[0].n)
        training.append(shares_of(records[1]))
        rest = records[1].parts[3]
        covered.append(rest.low < 0.25 < rest.high)
        np.testing.assert_allclose(np.nansum(test[-1]), 1.0)
        np.testing.assert_allclose(np.nansum(training[-1]), 1.0)
    mean = np.mean(training, axis=0)
    contexts = 3 if held == "context" else 4
    np.testing.assert_allclose(mean, [0.3 + 0.1 / contexts + 0.01, 0.1 - 0.1 / contexts, 0.34, 0.25], atol=0.02)
    assert np.mean(covered) > 0.7
    mean = np.mean(test, axis=0)
    if held == "context":  # nobody knows the new context's term: it is left with the interaction
        assert np.isnan(mean[1])
        np.testing.assert_allclose(mean[[0, 2, 3]], [0.31, 0.34, 0.35], atol=0.03)
    else:
        conserved = 0.34 * np.mean(known)  # of treatments that no training condition has, nobody knows it
        np.testing.assert_allclose(mean, [0.33, 0.08, conserved, 0.59 - conserved], atol=0.05)


@pytest.mark.parametrize("held", ["context", "pairs"])
def test_an_additive_screen_has_no_interaction(held):
    rest = []
    for seed in range(12):
        effects, split, _ = planted(seed, shares=(0.5, 0.0, 0.5, 0.0), held=held, control=0.5)
        rest.append([shares_of(r)[3] for r in template_shares(effects, split, {}, seed, DRAWS)])
    rest = np.array(rest)
    assert (np.abs(rest.mean(axis=0)) < 3.5 * rest.std(axis=0, ddof=1) / np.sqrt(len(rest))).all()
    assert (np.abs(rest) < 0.2).all()


def test_a_new_perturbation_has_no_conserved_part():
    effects, split, _ = planted(3, held="perturbation")
    test, training = template_shares(effects, split, {}, 0, DRAWS)
    assert test.n_perturbation_known == 0
    assert test.parts[2].share is None
    assert training.parts[2].share == pytest.approx(0.34, abs=0.06)
    assert test.parts[3].share == pytest.approx(0.6, abs=0.08)
    assert "new perturbations" in test.parts[3].title


def test_one_training_context_tells_nothing_of_interaction():
    effects, split, _ = planted(4, contexts=2, held="context")
    test, training = template_shares(effects, split, {}, 0, DRAWS)
    assert training.reason == "no treatment was trained in two contexts"
    assert training.n_alone == 40
    assert test.parts[1].share is None
    assert test.parts[0].share == pytest.approx(0.35, abs=0.08)


def test_a_null_screen_has_no_measurable_shares():
    """Training noise is no interaction: what is not above noise is refused, but for one in forty."""
    measurable = 0
    for seed in range(20):
        effects, split, _ = planted(seed, size=0.0, held="pairs")
        for record in template_shares(effects, split, {"noise": effects.delta_train[split.test]}, seed, DRAWS):
            measurable += not record.reason
            if record.reason:
                assert "no measurable signal" in record.reason
                assert np.isnan(shares_of(record)).all()
                assert np.isnan(scores_of(record, "noise")).all()
    assert measurable <= 4


def test_controls_that_a_context_shares_are_no_context_template():
    """On a null screen their product of halves is not 0, but on average it is, and so is every part's."""
    sums = []
    for seed in range(60):
        effects, split, _ = planted(seed, size=0.0, control=1.0, held="pairs", treatments=20)
        found = template_of(effects, split)
        products = left_out_products(
            found.design, found.terms, effects.delta_train, effects.half_mean, effects.mask, found.train
        )
        sums.append([*products.sum(axis=0), effects.cross[found.train].sum()])
    mean, se = np.mean(sums, axis=0), np.std(sums, axis=0, ddof=1) / np.sqrt(60)
    assert (np.abs(mean) < 3 * se).all()


def test_shares_are_refused_where_effects_were_sought_and_none_found():
    effects, split, _ = planted(9, held="pairs")
    assert not template_shares(effects, split, {}, 0, DRAWS)[0].reason
    effects.assessed[:] = True
    for record in template_shares(effects, split, {}, 0, DRAWS):
        assert "none of these conditions has a detectable effect" in record.reason
        assert record.reason in record.sentence
    effects.detectable[split.test[0]] = True
    assert [bool(r.reason) for r in template_shares(effects, split, {}, 0, DRAWS)] == [False, True]


def test_controls_shared_with_training_would_be_a_part_and_are_left_out():
    effects, split, _ = planted(5, held="pairs")
    effects.shared_control[effects.conditions.context == "c00"] = True
    test, training = template_shares(effects, split, {}, 0, DRAWS)
    assert test.n + test.n_left_out == len(split.test)
    assert test.n_left_out == 10
    assert training.n_left_out == 30


def models_of(effects, split, true, seed=0):
    rng = np.random.default_rng([5, seed])
    found, test = template_of(effects, split), split.test
    key = {(c, p): i for i, (c, p, _, _) in enumerate(effects.conditions.keys)}
    wanted = [effects.conditions.keys[i] for i in test]
    copy = np.array([effects.delta_train[key["c00", p]] for _, p, _, _ in wanted])
    return {
        "perfect": true[test],
        "template": found.values,
        "shrunken template": (0.3 * found.values).astype(np.float32).astype(float),
        "context copy": copy,
        "shuffled": true[test][rng.permutation(len(test))],
        "no change": np.zeros_like(found.values),
    }


def test_skill_is_put_where_it_lies():
    scores, own = {}, {}
    for seed in range(10):
        effects, split, true = planted(seed, held="context", shares=(0.3, 0.0, 0.4, 0.3))
        record = template_shares(effects, split, models_of(effects, split, true, seed), seed, DRAWS)[0]
        for name in {m.model for m in record.models}:
            scores.setdefault(name, []).append(scores_of(record, name))
            own.setdefault(name, []).append(own_of(record, name))
    scores = {name: np.mean(rows, axis=0) for name, rows in scores.items()}
    own = {name: np.mean(rows, axis=0) for name, rows in own.items()}
    assert np.nansum(scores["perfect"]) == pytest.approx(1.0, abs=0.03)
    assert scores["perfect"][3] > 0.3
    assert scores["context copy"][2] > 0.2
    assert abs(scores["context copy"][3]) < 0.02
    for name in ("template", "shrunken template"):
        assert scores[name][2] > 0.25
        np.testing.assert_allclose([scores[name][3], own[name][3]], 0.0, atol=1e-8)
        np.testing.assert_allclose(np.nansum(own[name]), 1.0)
    assert scores["shuffled"][0] == pytest.approx(0.3, abs=0.04)
    assert np.abs(scores["shuffled"][2:]).max() < 0.03
    assert np.isnan(scores["no change"]).all()
    np.testing.assert_allclose(np.nansum(own["perfect"]), 1.0)


def test_an_unanswered_condition_never_raises_a_score():
    effects, split, true = planted(6, held="context")
    values = true[split.test].copy()
    values[::3] = np.nan
    record = template_shares(effects, split, {"all": true[split.test], "some": values}, 0, DRAWS)[0]
    every, some = np.nansum(scores_of(record, "all")), np.nansum(scores_of(record, "some"))
    assert 0.5 < some < every


def test_sentences_say_what_the_numbers_say():
    effects, split, true = planted(7, held="pairs")
    test, training = template_shares(effects, split, models_of(effects, split, true), 0, DRAWS)
    for record in (test, training):
        assert [p.part for p in record.parts] == list(PARTS)
        for p in record.parts:
            assert f"{round(100 * p.share)} %" in record.sentence
    sentence = {m.model: m.sentence for m in test.models if m.part == "interaction"}
    assert "some of its skill lies beyond the template" in sentence["perfect"]
    assert "no skill is shown" in sentence["template"]
    assert "cannot be placed" in sentence["no change"]


def test_the_same_numbers_in_pieces(monkeypatch):
    effects, split, true = planted(8, held="pairs")
    models = {"perfect": true[split.test]}
    whole = template_shares(effects, split, models, 0, DRAWS)
    monkeypatch.setattr("vcassay.evidence.metrics.template.ROWS", 7)
    pieces = template_shares(effects, split, models, 0, DRAWS)
    assert whole == pieces
