from __future__ import annotations

import numpy as np
import pytest

from tests.claim.builders import TEST, Row, grid, split
from tests.effects.builders import biology, count_cells, vectors
from vcassay.claim import Role, Split, from_predicted, make_claim
from vcassay.effects import Effects, measure
from vcassay.screen import Rows


def notes(made: Split, effects: Effects | None = None) -> dict[str, str]:
    return {s.sentence: s.reason for s in make_claim(made, effects=effects).scope}


@pytest.mark.parametrize(("contexts", "words"), [("X", "this one context"), ("WXYZ", "these 4 contexts")])
def test_few_held_out_contexts(contexts, words):
    found = notes(split([*grid("KL", "AB"), *grid(contexts, "AB", role=TEST)]))
    assert any(words in s and "not about contexts in general" in s for s in found)


def test_five_held_out_contexts_speak_of_contexts():
    found = notes(split([*grid("KL", "AB"), *grid("VWXYZ", "AB", role=TEST)]))
    assert not any("contexts in general" in s for s in found)


@pytest.mark.parametrize(("contexts", "said"), [("K", True), ("KL", True), ("KLM", False)])
def test_a_gene_exclusive_test_in_few_contexts_says_nothing_of_context(contexts, said):
    found = notes(split([*grid(contexts, "AB"), *grid(contexts, "C", role=TEST)]))
    assert any("knows the context" in s for s in found) is said


def test_the_doses_that_are_scored():
    rows = [*grid("K", "A", dose=1.0), *grid("K", "A", dose=0.05, role=TEST), *grid("K", "A", dose=5.0, role=TEST)]
    assert "Doses from 0.05 to 5 (2 levels)." in notes(split(rows))
    assert not any("Doses" in s for s in notes(split([Row("K", "A"), Row("L", "A", TEST)])))


def test_an_assumed_training_set():
    table = split(grid("KL", "ABC")).conditions
    made = from_predicted(table, table.context == "K")
    found = notes(made)
    assert found["The training set is assumed, not declared."] == made.assumed
    assert "3 conditions" in made.assumed


class TestWithMeasurements:
    @staticmethod
    def half(effects: Effects) -> Split:
        n = len(effects.conditions)
        roles = np.where(np.arange(n) < n // 2, Role.TRAIN.value, Role.TEST.value)
        return Split(effects.conditions, roles)

    def test_how_many_have_an_effect(self):
        unit, base = biology(2, 12, 40)
        scale = np.where(np.arange(12) % 2, 0.3, 0.0)
        effects = measure(count_cells(1, scale[:, None] * unit, base, controls=(160,)).screen)
        found = notes(self.half(effects), effects)
        assert "3 of 6 test conditions have a detectable effect." in found

    @pytest.mark.parametrize(
        ("rows", "controls", "words"), [(Rows.EFFECTS, (), "ready-made"), (Rows.REPLICATES, (6,), "too few control")]
    )
    def test_that_it_cannot_be_told(self, rows, controls, words):
        unit, _ = biology(2, 8, 30)
        effects = measure(vectors(1, unit, rows=rows, n_controls=controls).screen)
        found = notes(self.half(effects), effects)
        assert words in found["Which test conditions have any effect cannot be told."]

    def test_that_the_set_is_mostly_strong(self):
        unit, base = biology(2, 12, 40)
        scale = np.where(np.arange(12) < 8, 0.1, 0.6)
        effects = measure(count_cells(1, scale[:, None] * unit, base, controls=(160,)).screen)
        roles = np.where(effects.stratum == "strong", Role.TEST.value, Role.TRAIN.value)
        found = notes(Split(effects.conditions, roles), effects)
        assert any("Most detectable effects are strong" in s for s in found)
        assert any("4 of 4" in reason for reason in found.values())
        assert not any("are strong" in s for s in notes(Split(effects.conditions, roles[::-1].copy()), effects))

    def test_nothing_is_said_without_them(self):
        assert not any("detectable" in s for s in notes(split([*grid("KL", "A"), *grid("M", "A", role=TEST)])))
