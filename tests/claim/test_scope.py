from __future__ import annotations

import re
from datetime import date

import numpy as np
import pytest

from tests.claim.builders import TEST, Row, grid, split
from tests.effects.builders import biology, count_cells, vectors
from vcassay.claim import (
    Essential,
    Exposure,
    Role,
    Split,
    find_related,
    from_predicted,
    make_claim,
    read_essential,
)
from vcassay.core import InputError
from vcassay.effects import Effects, measure
from vcassay.knowledge import Compounds, Knowledge, Resource
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

    def test_effect_sizes_and_the_smallest_difference_that_can_be_told(self):
        unit, base = biology(2, 30, 40)
        scale = np.full(30, 0.6)
        effects = measure(count_cells(1, scale[:, None] * unit, base, controls=(160,)).screen)
        found = notes(self.half(effects), effects)
        assert any(s.startswith("Effects of the test conditions have a median size of 0.") for s in found)
        (sentence,) = [s for s in found if s.startswith("Two models must differ by about ")]
        smallest = float(sentence.split("about ")[1].split(" in")[0])
        assert 0.0 < smallest < 0.5
        assert "over 15 conditions" in found[sentence]

    def test_too_few_conditions_to_tell_models_apart(self):
        unit, base = biology(2, 12, 40)
        scale = np.where(np.arange(12) % 2, 0.3, 0.0)
        effects = measure(count_cells(1, scale[:, None] * unit, base, controls=(160,)).screen)
        found = notes(self.half(effects), effects)
        (sentence,) = [s for s in found if s.startswith("How small a difference")]
        assert "3 conditions with a detectable effect" in found[sentence]


class TestEssential:
    ROWS = (*grid("K", "ABCDEF"), *grid("K", "UVWX", role=TEST))

    def test_the_share_in_the_list_that_the_user_names(self, tmp_path):
        (tmp_path / "core.txt").write_text("# a comment\nU\nV (7157)\nW,extra\n")
        listed = read_essential(tmp_path / "core.txt")
        assert listed.names == {"U", "V", "W"}
        found = {s.sentence: s.reason for s in make_claim(split(list(self.ROWS)), essential=listed).scope}
        head = next(s for s in found if "essential genes, whose strong" in s)
        assert found[head] == "3 of 4 test conditions are in 'core'"
        (tmp_path / "core.txt").write_text("U\n")
        found = {
            s.sentence
            for s in make_claim(split(list(self.ROWS)), essential=read_essential(tmp_path / "core.txt")).scope
        }
        assert "25% of the test conditions perturb essential genes." in found

    def test_how_much_stronger_they_are(self):
        unit, base = biology(2, 12, 40)
        scale = np.where(np.arange(12) % 2, 0.6, 0.1)
        effects = measure(count_cells(1, scale[:, None] * unit, base, controls=(160,)).screen)
        strong = effects.conditions.perturbation[scale > 0.5]
        made = TestWithMeasurements.half(effects)
        claim = make_claim(made, effects=effects, essential=Essential("core", frozenset(strong.tolist())))
        (reason,) = [s.reason for s in claim.scope if "their median effect is" in s.reason]
        inside, outside = (float(x) for x in re.findall(r"(\d+\.\d+)", reason))
        assert inside > 3 * outside

    @pytest.mark.parametrize("text", [b"", b"# only a comment\n", b"\xff\xfe\x00bad"])
    def test_what_is_no_list_is_refused(self, text, tmp_path):
        (tmp_path / "core.txt").write_bytes(text)
        with pytest.raises(InputError, match=r"core\.txt: (names no gene|is no text)"):
            read_essential(tmp_path / "core.txt")
        with pytest.raises(InputError, match="is missing"):
            read_essential(tmp_path / "nowhere.txt")


class TestExposure:
    @pytest.mark.parametrize(
        ("exposure", "words"),
        [
            (Exposure(truth="public", since=date(2024, 5, 1)), "truth is public since 2024-05-01"),
            (Exposure(truth="private"), "truth is private, as stated"),
            (Exposure(), "is not stated"),
            (Exposure(pretraining="yes"), "unseen in training, not in pretraining"),
            (Exposure(looks=7), "looked at with 7 prediction files"),
        ],
    )
    def test_what_is_declared_is_part_of_the_claim(self, exposure, words):
        claim = make_claim(split([*grid("KL", "AB"), *grid("M", "AB", role=TEST)]), exposure=exposure)
        assert any(words in s.sentence for s in claim.scope)
        record = claim.record()
        assert (record.truth, record.pretraining, record.looks) == (
            exposure.truth,
            exposure.pretraining,
            exposure.looks,
        )

    def test_no_pretraining_is_nothing_to_warn_of(self):
        claim = make_claim(split([*grid("KL", "AB"), *grid("M", "AB", role=TEST)]), exposure=Exposure("no", "private"))
        assert not any("retrain" in s.sentence for s in claim.scope)


def test_one_dose_and_one_training_context_are_limits():
    rows = [*grid("K", "AB", dose=1.0), *grid("M", "AB", dose=1.0, role=TEST)]
    found = notes(split(rows))
    assert "All test conditions have one dose, 1." in found
    assert "What differs between contexts cannot have been learnt." in found
    assert "What differs between contexts cannot have been learnt." not in notes(
        split([*rows, *grid("L", "AB", dose=1.0)])
    )


def test_times_are_covered_too():
    rows = [*grid("K", "AB", time=6.0), *grid("K", "AB", time=24.0, role=TEST), *grid("K", "AB", time=72.0, role=TEST)]
    found = notes(split(rows))
    assert found["Times from 24 to 72 (2 levels)."].endswith("training has 1 level, 6 to 6")


def test_how_many_compounds_act_on_what_was_perturbed_in_training():
    rows = [*[Row("K", g, modality="CRISPRi") for g in ("MEK1", "TP53")]]
    rows += [Row("K", d, TEST, modality="drug") for d in ("trametinib", "vorinostat", "mystery")]
    made = split(rows)
    file = Resource("a file", "", "", None, "", 2)
    names, blank = ("trametinib", "vorinostat"), ("", "")
    table = Compounds(file, names, names, blank, blank, (("MEK1", "MEK2"), ("HDAC1",)), ((), ()))
    related = find_related(made.conditions, Knowledge(compounds=(table,)))
    found = {s.sentence: s.reason for s in make_claim(made, related=related).scope}
    head = "1 of 2 test compounds with a known target act on a gene that was perturbed in training."
    assert found[head] == "the targets of 1 of 3 test compounds are not known"
    bare = make_claim(made, related=find_related(made.conditions))
    assert any("cannot be told" in s.sentence for s in bare.scope)
