"""The verdict's sentence, clauses and figure; and that it follows from the stored record alone."""

from __future__ import annotations

import pytest

from vcassay.core import Level
from vcassay.record import AssessmentRecord, VerdictRecord, dump_json, load_json
from vcassay.verdict import decide, judge
from vcassay.verdict.decide import MAX_CLAUSES

VARIANTS = {
    "supported": {},
    "cannot tell": {"refused": dict.fromkeys(("nmse", "pearson_delta", "pds_cosine"), "no ceiling")},
    "not supported": {"comparisons": {("nmse", "ridge"): (-0.2, -0.1)}},
    "not resolvable": {
        "comparisons": {("nmse", "ridge"): (-0.02, 0.03), ("pearson_delta", "ridge"): (-0.02, 0.03)},
        "families": {"nmse": (-0.4, 0.4), "pearson_delta": (-0.4, 0.4)},
    },
}


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_verdict_survives_the_file(record, tmp_path, variant):
    made = judge(record(**VARIANTS[variant]))
    path = tmp_path / "assessment.json"
    path.write_text(dump_json(made), encoding="utf-8")
    read = load_json(path, AssessmentRecord)
    assert read == made
    assert decide(read, "net") == decide(made, "net") == read.models[0].verdict


@pytest.mark.parametrize("variant", VARIANTS)
def test_decide_is_a_pure_function_of_the_record(record, variant):
    made = record(**VARIANTS[variant])
    before = made.model_dump_json()
    first = decide(made, "net")
    assert made.model_dump_json() == before
    assert decide(made, "net") == first
    # what the record already says of verdicts is not looked at
    wrong = VerdictRecord(level="supported", rule="", sentence="", reasons=(), provided=(), would_change=())
    forged = made.model_copy(update={"models": (made.models[0].model_copy(update={"verdict": wrong}),)})
    assert decide(forged, "net") == first
    assert judge(forged).models[0].verdict == first


def test_the_order_of_the_record_does_not_matter(record):
    made = record(comparisons={("nmse", "ridge"): (-0.2, -0.1), ("nmse", "additive"): (-0.3, -0.2)})
    turned = made.model_copy(
        update={"comparisons": tuple(reversed(made.comparisons)), "baselines": tuple(reversed(made.baselines))}
    )
    assert decide(turned, "net") == decide(made, "net")


def test_other_models_do_not_matter(record, make_finding):
    made = record()
    others = tuple(c.model_copy(update={"model": "other", "better": False, "worse": True}) for c in made.comparisons)
    crowd = made.model_copy(
        update={
            "comparisons": made.comparisons + others,
            "skills": made.skills + tuple(s.model_copy(update={"model": "other"}) for s in made.skills),
            "findings": (make_finding("FAIL", blocks=True, model="other"),),
        }
    )
    assert decide(crowd, "net") == decide(made, "net")
    assert decide(crowd, "other").level == Level.NOT_SUPPORTED


def test_judge_derives_every_verdict(record):
    made = record()
    pair = made.model_copy(update={"models": (made.models[0], made.models[0].model_copy(update={"name": "ghost"}))})
    judged = judge(pair)
    assert [m.verdict.level for m in judged.models] == [Level.SUPPORTED, Level.CANNOT_TELL]
    assert [m.verdict for m in pair.models] == [None, None]


def test_the_sentence_names_screen_model_claim_and_gain(record):
    sentence = decide(record(), "net").sentence
    assert "the screen" in sentence
    assert "'net' predicts known perturbations in unseen contexts" in sentence
    assert "better than every legal baseline (" in sentence
    for family in ("error", "correlation", "retrieval"):
        assert f"25% in {family} [20%, 30%]" in sentence


@pytest.mark.parametrize(
    ("variant", "words"), [("not supported", "does not support that"), ("cannot tell", "cannot be told whether")]
)
def test_a_claim_that_fails_is_not_repeated_as_a_fact(record, variant, words):
    sentence = decide(record(**VARIANTS[variant]), "net").sentence
    assert words in sentence
    assert "better than" not in sentence


def test_unknown_becomes_a_clause_and_never_the_level(record, make_finding):
    unknown = tuple(
        make_finding("UNKNOWN", check=f"L{k}", title=f"Question {k}", question=f"Was {k} seen?", blocks=True)
        for k in range(3)
    )
    verdict = decide(record(findings=unknown), "net")
    assert verdict.level == Level.SUPPORTED
    assert verdict.provided == tuple(f"Question {k}: Was {k} seen?" for k in range(3))


def test_an_unknown_without_a_question_is_told_by_its_sentence(record, make_finding):
    verdict = decide(record(findings=(make_finding("UNKNOWN", sentence="Not declared."),)), "net")
    assert verdict.provided == ("A question: Not declared.",)


@pytest.mark.parametrize("status", ["FAIL", "WARN"])
def test_biology_becomes_a_clause_unless_it_blocks(record, make_finding, status):
    shown = make_finding(status, family="biology", sentence="Doses are erratic.")
    verdict = decide(record(findings=(shown,)), "net")
    assert verdict.level == Level.SUPPORTED
    assert verdict.provided == ("Biology: Doses are erratic.",)
    passed = make_finding("PASS", family="biology")
    assert decide(record(findings=(passed,)), "net").provided == ()
    blocking = make_finding("FAIL", family="biology", blocks=True)
    assert decide(record(findings=(blocking,)), "net").level == Level.NOT_SUPPORTED


def test_what_several_diagnostics_warn_of_is_one_clause(record, make_finding):
    found = (
        make_finding("FAIL", check="a", title="Doses", family="biology"),
        make_finding("WARN", check="b", title="Mechanism", family="biology"),
        make_finding("PASS", check="c", title="Pairs", family="biology"),
        make_finding("NA", check="d", title="Analogues", family="biology"),
    )
    verdict = decide(record(findings=found), "net")
    assert verdict.provided == (
        "Biology: 2 of 3 diagnostics that could be asked warn: Doses (fails), Mechanism (warns)",
    )
    assert verdict.level == Level.SUPPORTED


def test_biology_that_cannot_be_asked_is_said(record, make_finding):
    found = (make_finding("NA", check="a", family="biology"), make_finding("NA", check="b", family="biology"))
    provided = decide(record(findings=found), "net").provided
    assert provided == ("Biology: no diagnostic could be asked of these data",)


def test_biology_of_the_truth_or_of_another_model_is_no_clause(record, make_finding):
    found = (make_finding("WARN", family="biology", model=None), make_finding("WARN", family="biology", model="other"))
    assert decide(record(findings=found), "net").provided == ()


def test_many_clauses_are_counted(record, make_finding):
    unknown = tuple(make_finding("UNKNOWN", check=f"L{k}", title=f"Q{k}") for k in range(MAX_CLAUSES + 3))
    provided = decide(record(findings=unknown), "net").provided
    assert len(provided) == MAX_CLAUSES + 1
    assert provided[-1].startswith("and 3 further")
    exactly = decide(record(findings=unknown[:MAX_CLAUSES]), "net").provided
    assert len(exactly) == MAX_CLAUSES


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_verdict_has_reasons_and_a_way_out(record, variant):
    verdict = decide(record(**VARIANTS[variant]), "net")
    assert verdict.reasons
    assert all(verdict.reasons)
    assert verdict.would_change
    assert verdict.level in {level.value for level in Level}
    assert verdict.rule[:2] in ("a.", "b.", "c.", "d.")


def test_an_unknown_model_is_not_judged_by_others(record):
    verdict = decide(record(), "nobody")
    assert verdict.level == Level.CANNOT_TELL
