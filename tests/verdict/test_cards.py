"""The cards of the package: every model is there, and no fact is said to be better known than it is."""

from __future__ import annotations

import tomllib
from importlib.resources import files

import pytest

from vcassay.core import InputError
from vcassay.record.card import EVIDENCE
from vcassay.run.review import review_card
from vcassay.screen.datasets import datasets
from vcassay.verdict.cards import card_names, cards, read_packaged

NAMES = card_names()
MODELS = {
    "CPA", "chemCPA", "GEARS", "Biolord", "SAMS-VAE", "scGPT", "scFoundation", "Geneformer", "UCE", "TranscriptFormer",
    "AIDO.Cell", "scLAMBDA", "GenePert", "CellFlow", "PRESAGE", "Large Perturbation Model", "TxPert", "PertAdapt",
    "STATE", "STACK", "Tahoe-x1", "X-Cell", "rBio", "C2S-Scale", "MORPH", "scDFM", "AdaPert", "SCALE", "CFM-GP",
    "XPert", "PRiMeFlow", "Foundation-model fusion",
}  # fmt: skip
RECALLED_CLAIMS = {"cpa", "chemcpa", "gears", "biolord", "sams-vae", "scgpt", "scfoundation", "geneformer", "sclambda"}
"""Cards whose claim nobody has read in the publication itself."""
READ_CLAIMS = {"genepert", "presage", "lpm", "state", "stack", "tahoe-x1", "x-cell", "rbio"}
WORSE = list(EVIDENCE)
FREE = {"perturbed expression is not predicted", "cytokine screens"}
"""What stands for a data set and is none of the registry."""


def card(name):
    return read_packaged(name)


def test_every_model_of_the_field_has_a_card():
    assert {c.name for c in cards()} >= MODELS
    assert len(NAMES) == len({c.name for c in cards()}) == 36


@pytest.mark.parametrize("name", NAMES)
def test_a_card_is_reviewed_and_says_what_is_missing(name):
    record = review_card(card(name))
    assert record.level in ("cannot tell", "not supported", "diagnostic only", "split-limited", "supported")
    assert record.sentence.startswith("As reported, not recomputed:")
    assert record.questions
    assert record.missing


@pytest.mark.parametrize("name", NAMES)
def test_every_source_is_used_for_something_and_says_how_it_was_read(name):
    one = card(name)
    assert one.source
    keys = [s.key for s in one.source]
    assert len(set(keys)) == len(keys)
    assert min(WORSE.index(s.evidence) for s in one.source) <= WORSE.index(one.evidence)


@pytest.mark.parametrize("name", NAMES)
def test_data_sets_are_those_of_the_registry(name):
    known = {d.name for d in datasets()}
    named = {d for benchmark in card(name).benchmark for d in benchmark.dataset}
    assert named <= known | FREE


@pytest.mark.parametrize("name", sorted(RECALLED_CLAIMS | READ_CLAIMS))
def test_no_claim_is_better_known_than_it_is(name):
    one = card(name)
    known = one.claim.evidence or one.evidence
    assert known == ("recalled" if name in RECALLED_CLAIMS else "read")


@pytest.mark.parametrize("name", NAMES)
def test_a_number_says_who_measured_it_or_where_it_was_read(name):
    for benchmark in card(name).benchmark:
        for result in benchmark.results:
            assert result.by or result.source


def test_licences_are_as_read():
    wanted = {"state": "CC BY-NC-SA", "gears": "MIT", "cpa": "BSD", "lpm": "Apache", "txpert": "non-commercial"}
    for name, words in wanted.items():
        assert words in card(name).availability.licence
    assert card("x-cell").availability.weights == "announced"


def test_a_card_is_found_by_file_and_by_model_and_a_misspelt_one_is_suggested():
    assert read_packaged("lpm") is read_packaged("Large Perturbation Model")
    with pytest.raises(InputError, match="did you mean 'state'"):
        read_packaged("statte")


def test_nothing_in_the_folder_is_no_card():
    for file in files("vcassay.verdict.cards").iterdir():
        if file.name.endswith(".toml"):
            assert tomllib.loads(file.read_text(encoding="utf-8"))["schema"] == "vcassay.card/1"


def test_the_field_as_a_whole():
    """No publication reports every tier, an audit and measured biology; numbers that the page repeats."""
    reviews = [review_card(c) for c in cards()]
    whole = [
        r for r in reviews
        if any({"T0", "T1", "T2", "T3", "T4"} <= set(b.tiers) for b in r.benchmarks)
        and any(d.shown == "measured" for d in r.card.diagnostic or ())
    ]  # fmt: skip
    assert whole == []
    assert [r.card.name for r in reviews if r.level == "supported"] == []
    ceiling = [r.card.name for r in reviews if any("T4" in b.tiers for b in r.benchmarks)]
    assert sorted(ceiling) == ["Foundation-model fusion", "TxPert"]
