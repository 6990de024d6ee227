"""What is joined to an entry of the registry: splits, cards, checks, examples, and its section of a study."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from vcassay.claim.protocols import protocols
from vcassay.evidence.leakage import CHECKS
from vcassay.run.checks import CEILING_CHECK, HACK_CHECK, STAGE1
from vcassay.run.datasets import cards_on, data_section, dataset_rows, describe_dataset
from vcassay.run.study import DataSection
from vcassay.screen.datasets import datasets, read_dataset
from vcassay.verdict.cards import cards

ALL = list(datasets())
EXAMPLES = Path(__file__).parents[2] / "examples"
IDS = [d.name for d in ALL]


def test_every_published_split_is_on_a_data_set():
    named = {name for d in ALL for name in d.protocols}
    assert named == {p.name for p in protocols()}


def test_kinds_of_a_split_are_those_of_its_data_sets():
    known = {p.name: p for p in protocols()}
    for d in ALL:
        for name in d.protocols:
            modality = known[name].modality
            assert not modality or any(kind.startswith(modality) for kind in d.kinds) or modality == "drug" in d.kinds


def test_every_check_that_finds_a_trap_is_in_the_catalogue():
    known = {entry.name for entry in (*STAGE1, *CHECKS, CEILING_CHECK, HACK_CHECK)}
    assert {check for d in ALL for trap in d.traps for check in trap.checks} <= known


@pytest.mark.skipif(not EXAMPLES.is_dir(), reason="the examples are not beside the tests")
def test_examples_are_there():
    named = {name for d in ALL for name in d.examples}
    assert {name for name in named if not (EXAMPLES / name).is_dir()} == set()


@pytest.mark.parametrize("d", ALL, ids=IDS)
def test_a_section_of_a_study_is_ready_to_paste(d):
    for file in (None, *d.files):
        text = data_section(d, file)
        section = DataSection.model_validate(tomllib.loads(text)["data"])
        columns = d.columns_of(file if file is not None else next((f for f in d.files if f.screen), None))
        assert section.perturbation == columns.perturbation
        assert (section.rows, section.readout) == (columns.rows, columns.readout)
        assert tuple(section.control or ()) == columns.control
        assert all(len(line) <= 100 for line in text.splitlines() if line.startswith("#"))
        assert columns.confirmed in text


def test_what_the_section_names_as_the_screen():
    def screen(name: str, **given: str) -> object:
        return tomllib.loads(data_section(read_dataset(name), **given))["data"]["screen"]

    assert screen("norman2019") == "NormanWeissman2019_filtered.h5ad"
    assert screen("tahoe-100m") == "tahoe-100m"
    assert screen("depmap") == "depmap.h5ad"
    assert screen("norman2019", screen="data/x.h5ad") == "data/x.h5ad"


@pytest.mark.parametrize("d", ALL, ids=IDS)
def test_a_description_is_plain(d):
    described = describe_dataset(d)
    assert json.loads(json.dumps(described, allow_nan=False))["name"] == d.name
    assert {p["name"] for p in described["protocols"]} == set(d.protocols)
    assert {c["answer"] for c in described["claims"]} <= {"yes", "no", "unknown"}


def test_rows_of_the_table():
    rows = dataset_rows()
    assert [r["name"] for r in rows] == IDS
    (row,) = (r for r in rows if r["name"] == "tahoe-100m")
    assert row["perturbations"] == "379"
    assert row["regimes"] == ["AEX", "CEX", "DEX", "few-shot context", "unseen dose", "random cells"]
    assert row["bytes"] is None


def test_cards_are_found_by_their_benchmarks():
    for name in ("norman2019", "op3", "gdsc"):
        own = [c.name for c in cards() if name in {d for b in c.benchmark for d in b.dataset}]
        assert cards_on(name) == own
    assert "GEARS" in cards_on("norman2019")


def test_cards_of_the_package_name_data_sets_of_the_registry():
    named = {d for card in cards() for b in card.benchmark for d in b.dataset}
    assert {n for n in named if " " not in n} <= set(IDS), "what is no name of the registry is said in words"
