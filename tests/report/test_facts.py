"""What is said first: headline, trouble, the decisive numbers."""

from __future__ import annotations

import pytest

from tests.report.conftest import Planted
from vcassay.record import AssessmentRecord, FindingRecord
from vcassay.report.facts import (
    anchor_of,
    ceiling_of,
    comparisons_of,
    decisive,
    family,
    grouped,
    headline,
    headline_stratum,
    main_metric,
    primary_metrics,
    questions,
    strongest,
    trouble,
)


def finding(status: str, **more: object) -> FindingRecord:
    given = {"check": "X", "title": "X", "status": status, "sentence": "S."} | more
    return FindingRecord.model_validate(given)


def with_findings(record: AssessmentRecord, *findings: FindingRecord) -> AssessmentRecord:
    return record.model_copy(update={"findings": findings})


def test_headline_counts_the_ends(planted: Planted) -> None:
    record = planted.record
    assert headline(record) == "One of four models is supported; two are not supported; one cannot be judged"
    alone = record.model_copy(update={"models": record.models[2:3]})
    assert headline(alone) == "EchoCell: not supported"
    twins = record.model_copy(update={"models": record.models[1:3]})
    assert headline(twins) == "Both models are not supported"
    assert headline(record.model_copy(update={"models": ()})) == "No model was assessed"


def test_trouble_names_what_blocks(planted: Planted) -> None:
    wrong = trouble(planted.record)
    assert wrong.answer == "Yes"
    assert "1 finding blocks the claim of EchoCell" in wrong.sentence
    assert "1 question to the authors is open" in wrong.sentence
    assert wrong.counts[0] == ("FAIL", 2)


@pytest.mark.parametrize(
    ("findings", "answer"),
    [
        ((finding("PASS"),), "Nothing found"),
        ((finding("WARN"),), "Nothing that blocks"),
        ((finding("FAIL"),), "Nothing that blocks"),
        ((finding("FAIL", blocks=True),), "Yes"),
        ((finding("ERROR"),), "Yes"),
        ((), "Not examined"),
    ],
)
def test_trouble_answers(planted: Planted, findings: tuple[FindingRecord, ...], answer: str) -> None:
    assert trouble(with_findings(planted.record, *findings)).answer == answer


def test_incomplete_assessment_is_trouble(planted: Planted) -> None:
    record = with_findings(planted.record, finding("PASS")).model_copy(update={"complete": False})
    assert trouble(record).answer == "Yes"


def test_a_question_asked_of_several_is_asked_once(planted: Planted) -> None:
    ((question, who),) = questions(planted.record)
    assert question.startswith("Which data sets")
    assert sorted(who) == ["EchoCell", "PertFormer-XL"]


def test_what_is_said_of_several_models_is_said_once(planted: Planted) -> None:
    rows = grouped(family(planted.record, "leakage"))
    seen = [(f.check, f.status, sorted(models)) for f, models in rows]
    assert ("L21", "UNKNOWN", ["EchoCell", "PertFormer-XL"]) in seen
    assert rows[0][0].status == "FAIL"


def test_correlation_leads_the_metrics_that_carry_the_verdict(planted: Planted) -> None:
    assert [m.name for m in primary_metrics(planted.record)] == ["pearson_delta", "nmse", "pds_cosine"]
    none = planted.record.model_copy(update={"metrics": ()})
    assert main_metric(none) is None
    assert decisive(none, "Kestrel-2") is None


def test_decisive_numbers_come_from_one_stratum(planted: Planted) -> None:
    record = planted.record
    facts = decisive(record, "Kestrel-2")
    assert facts is not None
    assert facts.score is not None
    assert facts.skill is not None
    assert facts.stratum == "detectable" == headline_stratum(record, "pearson_delta")
    assert facts.score.value == facts.skill.score
    assert facts.baseline is not None
    assert facts.baseline.name == facts.skill.baseline == strongest(record, "Kestrel-2", "pearson_delta")
    assert facts.ceiling.value == pytest.approx(0.86)


def test_strongest_baseline_is_the_one_with_the_smallest_gain_where_no_skill_is_stored(planted: Planted) -> None:
    record = planted.record.model_copy(update={"skills": ()})
    rows = [c for c in record.comparisons if (c.model, c.metric) == ("Kestrel-2", "nmse")]
    expected = min(rows, key=lambda c: c.difference or 0.0).baseline
    assert strongest(record, "Kestrel-2", "nmse") == expected == comparisons_of(record, "Kestrel-2", "nmse")[0].baseline


def test_doing_nothing_stands_at_chance_or_at_the_no_change_rung(planted: Planted) -> None:
    record = planted.record
    metrics = {m.name: m for m in record.metrics}
    assert anchor_of(record, metrics["pds_cosine"], "detectable") == 0.5
    rung = record.score("no_change", "nmse", "detectable")
    assert rung is not None
    assert anchor_of(record, metrics["nmse"], "detectable") == rung.value


def test_missing_ceiling_says_so(planted: Planted) -> None:
    ceiling = ceiling_of(planted.record, "magnitude_log2", "weak")
    assert ceiling.value is None
    assert ceiling.reason


def test_headline_when_nothing_can_be_told(planted: Planted) -> None:
    record = planted.record
    verdicts = [m.verdict and m.verdict.model_copy(update={"level": "cannot tell"}) for m in record.models]
    models = tuple(m.model_copy(update={"verdict": v}) for m, v in zip(record.models, verdicts, strict=True))
    text = headline(record.model_copy(update={"models": models}))
    assert text == "Whether any of the four models holds cannot be told from this evidence"
