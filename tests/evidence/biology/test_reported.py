"""Biology as reported: measured, illustrated, contradicted, not shown or not askable."""

from __future__ import annotations

from vcassay.core import Status
from vcassay.evidence.biology.reported import OF_GENES, SHOWS, Data, diagnostics_of, judge_biology, shows, title_of
from vcassay.record.card import Diagnosed
from vcassay.record.rooms import BIOLOGY_ROOMS

GENES, DRUGS = Data(frozenset({"CRISPRi"})), Data(frozenset({"drug"}), doses=True)


def statuses(data: Data, *notes: Diagnosed) -> dict[str, Status]:
    return {f.check: f.status for f in judge_biology(notes, data)}


def test_rooms_are_asked_where_the_data_can_answer() -> None:
    assert set(SHOWS) == set(BIOLOGY_ROOMS) >= set(OF_GENES)
    assert all(diagnostics_of(room) for room in BIOLOGY_ROOMS)
    genes, drugs = statuses(GENES), statuses(DRUGS)
    assert {r for r, s in genes.items() if s is Status.NA} == {"dose", "mechanism", "modality"}
    assert {r for r, s in drugs.items() if s is Status.NA} == {"modality", "universal"}
    assert Status.NA not in statuses(Data()).values()
    assert Status.NA not in statuses(Data(frozenset({"drug", "CRISPRi"}))).values()
    assert statuses(Data(frozenset({"drug"}), doses=False))["dose"] is Status.NA
    assert statuses(Data(frozenset({"drug"}), single=True))["mechanism"] is Status.NA


def test_examples_are_no_measurement() -> None:
    def note(shown: str) -> Diagnosed:
        return Diagnosed.model_validate({"room": "stress", "shown": shown, "sentence": "s"})

    assert statuses(GENES, note("measured"))["stress"] is Status.PASS
    assert statuses(GENES, note("illustrated"))["stress"] is Status.WARN
    assert statuses(GENES, note("measured"), note("contradicted"))["stress"] is Status.FAIL
    assert statuses(GENES)["stress"] is Status.UNKNOWN


def test_two_kinds_of_genetic_perturbation_are_asked_about_each_other() -> None:
    found = {f.check: f for f in judge_biology(None, Data(frozenset({"CRISPRi", "CRISPRa"})))}
    assert "activating a gene" in found["modality"].sentence


def test_questions_are_put_to_what_is_perturbed() -> None:
    genes, drugs, cytokines = (Data(frozenset({kind})) for kind in ("CRISPRi", "drug", "cytokine"))
    assert "drug" not in title_of("pathway", genes).casefold()
    assert "receptor" in title_of("pathway", cytokines)
    assert "receptor" in shows("pathway", cytokines)
    assert title_of("pathway", drugs).startswith("Do drugs act")
    said = {f.check: f.status for f in judge_biology(None, cytokines)}
    assert said["mechanism"] == Status.NA
    for found in judge_biology(None, genes):
        assert found.status == Status.NA or "drug" not in found.question.casefold()


def test_a_readout_of_one_number_is_not_asked_of_genes() -> None:
    said = {f.check: f.status for f in judge_biology(None, Data(frozenset({"CRISPRi"}), scalar=True))}
    assert {said[room] for room in ("stress", "attribution", "universal")} == {Status.NA}
    assert said["specificity"] == Status.UNKNOWN


def test_one_perturbation_without_known_doses_is_not_asked_for_them() -> None:
    said = {f.check: f.status for f in judge_biology(None, Data(frozenset({"cytokine"}), None, single=True))}
    assert said["dose"] == Status.NA
