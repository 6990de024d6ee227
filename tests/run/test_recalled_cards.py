"""What a review says of two publications, against what a careful reviewer would."""

from __future__ import annotations

from pathlib import Path

import pytest

from vcassay.core import Level
from vcassay.record.review import ReviewRecord
from vcassay.run.review import read_card, review_card

CARDS = Path(__file__).parent / "cards"


@pytest.fixture(scope="module")
def reviews() -> dict[str, ReviewRecord]:
    return {path.stem: review_card(read_card(path)) for path in CARDS.iterdir()}


def said(record: ReviewRecord, check: str) -> list[str]:
    return [f.sentence for f in record.findings if f.check == check]


def test_they_are_marked_as_recalled(reviews) -> None:
    assert all(r.card.evidence == "recalled" for r in reviews.values())


def test_an_unseen_cell_type_and_one_cytokine_scored_in_raw_space(reviews) -> None:
    record = reviews["scgen"]
    assert record.level == Level.CANNOT_TELL
    assert "1 perturbation in an unseen context" in record.sentence
    assert "only partly to the point" in record.sentence
    assert record.reasons[0] == "No reported metric measures the change that a perturbation makes."
    assert "predicting no change would score highly" in said(record, "raw")[0]
    assert "1 context held out" in said(record, "contexts")[0]
    assert "1 perturbation is tested" in said(record, "perturbations")[0]
    assert not said(record, "L24")
    assert (
        record.questions[0].question
        == "What does the same perturbation in the nearest context score on the same split?"
    )
    assert not said(record, "unrecognised")


def test_maps_of_seen_drugs_and_one_held_out_patient(reviews) -> None:
    record = reviews["cellot"]
    assert record.level == Level.CANNOT_TELL
    assert record.speaks == "Kang 2018 PBMC, interferon beta (CEX)"
    assert record.reasons[0].startswith("No change is the only baseline that counts")
    assert any(reason.startswith("melanoma 4i, 34 drugs (random cells): cannot tell") for reason in record.reasons)
    seen = next(b for b in record.benchmarks if b.regime == "random cells")
    assert "effects it was trained on" in seen.supports[0].sentence
    assert any("no change is the only baseline" in s.casefold() for s in said(record, "trivial"))
    assert any("over seeds" in s for s in said(record, "intervals"))
    assert not said(record, "T4")
    assert said(record, "L17m")[0].startswith("Genes were chosen on all cells")
