"""Every author shuffles alike: what is exchanged follows from names and the seed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vcassay.core import Conditions
from vcassay.knowledge import Features
from vcassay.prediction.exchange import KINDS, ZEROED, make_exchanges, nearest_by_features, nearest_by_profile


def grid(contexts, perturbations, doses=(np.nan,)):
    rows = [(c, p, d) for c in contexts for p in perturbations for d in doses]
    return Conditions.make([c for c, _, _ in rows], [p for _, p, _ in rows], dose=[d for _, _, d in rows])


WANTED = grid("XYZ", ["P1", "P2", "P3", "P4"], (0.1, 1.0))
TRAIN = grid("AB", ["P1", "P2"], (0.1, 1.0))


def test_a_shuffled_perturbation_is_another_of_the_same_context_and_dose_each_given_once():
    made, why = make_exchanges(WANTED, TRAIN, seed=3)
    own = made["shuffled_perturbation"]
    before = WANTED.take(own.at)
    assert len(own.at) == len(WANTED)
    assert (own.given.perturbation != before.perturbation).all()
    assert (own.given.context == before.context).all()
    assert np.array_equal(own.given.dose, before.dose)
    assert sorted(own.given.keys) == WANTED.keys
    assert set(why) == {"swapped_perturbation", "swapped_context"}


def test_contexts_and_doses_change_alone():
    made, _ = make_exchanges(WANTED, TRAIN)
    there, strength = made["shuffled_context"], made["shuffled_dose"]
    assert there.given.treatments == WANTED.treatments
    assert (there.given.context != WANTED.context).all()
    assert set(there.given.context) <= set("XYZ")
    assert (strength.given.dose != WANTED.dose).all()
    assert (strength.given.context == WANTED.context).all()
    assert (strength.given.perturbation == WANTED.perturbation).all()
    assert set(made["zeroed_perturbation"].given.perturbation) == set(made["zeroed_context"].given.context) == {ZEROED}
    assert np.isnan(made["zeroed_dose"].given.dose).all()
    assert set(made) <= set(KINDS)


def test_a_single_context_is_exchanged_with_those_of_training_and_lone_perturbations_with_none():
    made, why = make_exchanges(grid("X", ["P1"]), TRAIN)
    assert made["shuffled_context"].given.context.item() in "AB"
    assert "shuffled_perturbation" not in made
    assert "no other perturbation" in why["shuffled_perturbation"]
    assert "no doses" in why["zeroed_dose"]


def test_where_no_other_perturbation_has_the_dose_the_whole_treatment_is_exchanged():
    wanted = Conditions.make(["X"] * 3, ["P1", "P2", "P3"], dose=[1.0, 2.0, 3.0])
    given = make_exchanges(wanted, TRAIN)[0]["shuffled_perturbation"].given
    assert sorted(given.treatments) == wanted.treatments
    assert (given.perturbation != wanted.perturbation).all()


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.data())
def test_the_exchange_of_a_condition_does_not_depend_on_the_order_of_names(seed, data):
    names = data.draw(st.permutations(["P1", "P2", "P3", "P4", "Q+R"]))
    rows = [(c, tuple(p.split("+"))) for p in names for c in ("X", "Y")]
    wanted = Conditions.make([c for c, _ in rows], [p for _, p in rows])
    whole, _ = make_exchanges(wanted, TRAIN, seed=seed)
    again, _ = make_exchanges(grid("XY", ["P1", "P2", "P3", "P4"]), TRAIN, seed=seed)
    assert (whole["shuffled_perturbation"].given.perturbation != wanted.perturbation).all()
    pairs = dict(zip(wanted.ids, whole["shuffled_context"].given.ids, strict=True))
    fewer = dict(zip(grid("XY", ["P1", "P2", "P3", "P4"]).ids, again["shuffled_context"].given.ids, strict=True))
    assert fewer.items() <= pairs.items()
    rotated, _ = make_exchanges(wanted, TRAIN, seed=seed)
    assert rotated["shuffled_perturbation"].given.keys == whole["shuffled_perturbation"].given.keys


def test_the_nearest_other_has_the_highest_cosine_and_annotation_goes_with_the_perturbation():
    rng = np.random.default_rng(0)
    names = ("P1", "P2", "P3", "P4")
    matrix = rng.normal(size=(4, 3))
    blocks = [Features("one", names[:1], matrix[:1]), Features("all", names, matrix)]
    near = nearest_by_features(WANTED, blocks)
    for i, name in enumerate(names):
        r = [matrix[i] @ m / np.linalg.norm(matrix[i]) / np.linalg.norm(m) for m in matrix]
        r[i] = -np.inf
        assert near[name] == names[int(np.argmax(r))]
    table = Conditions.make(["X"] * 4, names, annotation={"smiles": ["a", "b", "c", "d"]})
    given = make_exchanges(table, TRAIN, near_perturbation=near)[0]["swapped_perturbation"].given
    assert [given.annotation["smiles"][i] for i in range(4)] == ["abcd"[names.index(near[n])] for n in names]


def test_the_nearest_context_is_the_one_whose_controls_correlate_most():
    rng = np.random.default_rng(1)
    base = rng.normal(size=(2, 30))
    profiles = {f"{k}{i}": base[j] + 0.1 * rng.normal(size=30) for j, k in enumerate("ab") for i in range(2)}
    assert nearest_by_profile(profiles, ["a0", "b1"]) == {"a0": "a1", "b1": "b0"}
    assert nearest_by_profile({"a0": base[0]}, ["a0"]) == {}


@pytest.mark.slow
def test_many_conditions_take_seconds():
    wanted = grid([f"c{i}" for i in range(50)], [f"p{i}" for i in range(380)], (0.1, 1.0, 10.0))
    made, _ = make_exchanges(wanted, TRAIN)
    assert len(made["shuffled_dose"].at) == len(wanted)
