"""Leakage as reported: notes, declarations, what is known of a split, and what is open."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from vcassay.claim import Exposure
from vcassay.claim.protocols import read_protocol
from vcassay.core import Finding, Regime, Status
from vcassay.evidence.leakage.reported import ASKED, Benched, asked_of, exposed, judge_leakage, judge_notes
from vcassay.record.card import LeakNote
from vcassay.record.disclosure import Disclosure, declare

OPEN = Disclosure()


def bench(*regimes: Regime, modality: str = "CRISPRi", **more: Any) -> Benched:
    return Benched(regimes, modality, (), more.pop("exposure", Exposure(truth="public")), **more)


def of(disclosure: Disclosure, where: Benched, notes: tuple[LeakNote, ...] = ()) -> dict[str, Finding]:
    return {f.check: f for f in judge_leakage(notes, disclosure, where)}


def test_what_is_asked_depends_on_the_regime_and_the_kind_of_perturbation() -> None:
    genes = {a.check for a in asked_of([bench(Regime.GEX)])}
    drugs = {a.check for a in asked_of([bench(Regime.DEX, modality="drug")])}
    contexts = {a.check for a in asked_of([bench(Regime.CEX)])}
    assert "L09" in genes
    assert not {"L06", "L07", "L08", "L10", "L24c"} & genes
    assert {"L06", "L07", "L08"} <= drugs
    assert "L09" not in drugs
    assert {"L10", "L24c"} <= contexts
    assert {"L21", "L29", "L15", "L24"} <= genes & drugs & contexts
    assert "L24" not in {a.check for a in asked_of([bench(Regime.CEX, single=True)])}
    assert {a.check for a in asked_of([bench()])} == {a.check for a in ASKED if not a.regimes}


def test_everything_is_open_where_nothing_is_said() -> None:
    found = of(OPEN, bench(Regime.GEX))
    assert {f.status for f in found.values()} == {Status.UNKNOWN}
    assert all(f.question.endswith("?") for f in found.values())
    assert not any(f.blocks for f in found.values())


@pytest.mark.parametrize(
    ("entries", "check", "status"),
    [
        ({"pretraining": []}, "L21", Status.PASS),
        ({"pretraining": ["scGPT"]}, "L21", Status.PASS),
        ({"pretraining": [{"name": "own", "holds_test": True}]}, "L21", Status.FAIL),
        ({"pretraining": [{"name": "own", "perturbed": True}]}, "L21", Status.UNKNOWN),
        ({"selection": "test"}, "L29", Status.FAIL),
        ({"selection": "validation"}, "L29", Status.UNKNOWN),
        ({"selection": "validation", "looks": 1}, "L29", Status.PASS),
        ({"selection": "validation", "looks": 40}, "L29", Status.FAIL),
        ({"priors": []}, "L31", Status.PASS),
        ({"priors": [{"name": "a", "kind": "response", "assay": "same"}]}, "L31", Status.WARN),
        ({"priors": ["a"]}, "L31", Status.UNKNOWN),
        ({"graphs": [{"name": "g", "built_from": "benchmark"}]}, "L32", Status.FAIL),
        ({"graphs": [{"name": "g", "built_from": "all genes"}]}, "L32", Status.PASS),
        ({"genes": "test", "scaling": "training"}, "L17m", Status.FAIL),
        ({"genes": "all"}, "L17m", Status.WARN),
        ({"filters": [{"by": "number of DE genes", "dropped": 30}]}, "L19m", Status.WARN),
        ({"filters": []}, "L19m", Status.PASS),
        ({"inputs": ["target gene", "n_cells"]}, "L20m", Status.WARN),
        ({"inputs": ["target gene"]}, "L20m", Status.PASS),
    ],
)
def test_declarations_are_judged_as_those_of_a_submission(entries: dict[str, Any], check: str, status: Status) -> None:
    assert of(declare(**entries), bench(Regime.GEX))[check].status == status


def test_a_corpus_that_is_known_to_hold_the_data_set_refutes_what_is_called_unseen() -> None:
    where = Exposure(truth="public", accessions=("tahoe-100m",))
    disclosure = declare(pretraining=["Tahoe-x1"])
    unseen = of(disclosure, bench(Regime.CEX, modality="drug", exposure=where))["L21"]
    shown = of(disclosure, bench(Regime.FEW_SHOT, modality="drug", exposure=where))["L21"]
    assert (unseen.status, unseen.blocks) == (Status.FAIL, True)
    assert (shown.status, shown.blocks) == (Status.FAIL, False)
    assert exposed(disclosure, bench(Regime.CEX, exposure=where)) == "yes"
    assert exposed(declare(pretraining=[]), bench(Regime.CEX)) == "no"
    assert exposed(OPEN, bench(Regime.CEX)) == "unknown"


def test_a_private_truth_cannot_be_chosen_on() -> None:
    found = of(OPEN, bench(Regime.CEX, exposure=Exposure(truth="private")))["L29"]
    assert found.status == Status.PASS


def test_traps_of_a_split_answer_checks_but_not_those_of_another_model() -> None:
    traps = read_protocol("state-tahoe-fewshot").traps
    found = of(OPEN, bench(Regime.FEW_SHOT, modality="drug", traps=traps))
    assert found["L05"].status == Status.FAIL
    assert "69 drugs" in found["L05"].sentence
    assert found["L21"].status == Status.UNKNOWN
    assert "Known of the model that the split was made for" in found["L21"].sentence
    declared = of(declare(pretraining=[]), bench(Regime.FEW_SHOT, modality="drug", traps=traps))
    assert declared["L21"].status == Status.PASS


def test_what_is_known_of_the_data_is_said_beside_the_question() -> None:
    found = of(OPEN, bench(Regime.GEX, of_data={"L09": "Ribosomal genes abound."}))["L09"]
    assert found.status == Status.UNKNOWN
    assert found.sentence.startswith("Known of the data: Ribosomal genes abound.")


def test_notes_of_the_card_win() -> None:
    notes = (
        LeakNote(check="L21", status="excluded", sentence="Checked by barcode."),
        LeakNote(check="L24", status="found", sentence="Shuffled inputs score the same.", grave=True),
        LeakNote(check="L15", status="disclosed", sentence="Controls are shared."),
    )
    assert not {"L21", "L24", "L15"} & set(of(OPEN, bench(Regime.GEX), notes))
    told = {f.check: (f.status, f.blocks) for f in judge_notes(notes)}
    assert told == {"L21": (Status.PASS, False), "L24": (Status.FAIL, True), "L15": (Status.WARN, False)}


@pytest.mark.parametrize(("status", "words"), [("possible", "tested by nobody"), ("unlikely", "cells not compared")])
def test_a_leak_that_nobody_has_tested_stays_open_and_never_decides(status: Any, words: str) -> None:
    note = LeakNote(check="L21", status=status, sentence="It may be.", grave=True, evidence="inferred")
    (found,) = judge_notes([note])
    assert found.status is Status.UNKNOWN
    assert not found.blocks
    assert found.question.endswith("?")
    assert words in found.sentence
    assert "inferred" in found.sentence
    assert "L21" not in of(OPEN, bench(Regime.GEX), (note,))


def test_a_readout_of_one_number_has_no_cells_or_genes_to_ask_for() -> None:
    bench = Benched((Regime.GEX,), "CRISPRi", (), Exposure(truth="public", since=None, accessions=()))
    asked = {a.check for a in asked_of([bench])}
    assert asked - {a.check for a in asked_of([replace(bench, scalar=True)])} == {"L15", "L17m", "L20m"}
