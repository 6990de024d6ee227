"""What becomes of scores without what leaked, in words: on the page, in Markdown and on a terminal."""

from __future__ import annotations

import altair as alt
import pytest

from tests.report import leaks
from tests.report.conftest import Planted
from tests.report.test_terminal import printed
from vcassay.record import AssessmentRecord
from vcassay.record.rooms import ROOMS
from vcassay.report.blocks.leakage import leakage_block
from vcassay.report.blocks.rooms import rooms
from vcassay.report.cost import answer, bin_words, line, moved, rows_of, said, trend_words
from vcassay.report.facts import family, main_metric
from vcassay.report.markdown import render_markdown
from vcassay.report.shell import templates


@pytest.fixture(scope="module")
def touched(planted: Planted) -> AssessmentRecord:
    return leaks.touched(planted.record)


class TestCost:
    def test_everything_together_comes_first_then_what_is_wrong(self, touched: AssessmentRecord) -> None:
        rows = rows_of(touched, "Kestrel-2", "pearson_delta")
        assert [r.check for r in rows] == ["all of them", "L09", "L05", "L07"]
        assert rows_of(touched, "Tabula-mini", "pearson_delta") == []

    def test_a_line_shows_model_and_baseline_before_and_after(self, touched: AssessmentRecord) -> None:
        lost = line(touched, rows_of(touched, "PertFormer-XL", "pearson_delta")[0])
        assert (lost.own, lost.base, lost.base_name) == ("0.700 → 0.640", "0.590 → 0.580", "Additive: context + drug")
        assert (lost.affected, lost.told) == ("20 of 90, 4 unknown", "lead lost")
        assert (lost.left, lost.added) == ("−0.05 [−0.10, 0.02]", "+0.16 [0.10, 0.20]")
        none = line(touched, rows_of(touched, "EchoCell", "pearson_delta")[0])
        assert (none.told, none.added) == ("no lead to lose", "+0.01")
        other = line(touched, rows_of(touched, "Kestrel-2", "nmse")[0])
        assert other.left == "+0.10 [0.04, 0.16]; +0.02 [−0.01, 0.05] over Linear map on gene loadings"
        assert other.told == "not told"
        assert moved(None) == ""

    def test_sentences_name_the_baseline_and_the_numbers(self, touched: AssessmentRecord) -> None:
        metric = main_metric(touched)
        assert metric is not None
        together, few = said(touched, "Kestrel-2", metric)
        assert together.startswith("Without the 30 of 90 scored conditions that L05, L09 touch and 4 that could not be")
        assert together.endswith("falls from 0.110 to 0.100 [0.040, 0.160]: it does not rest on them.")
        assert few.endswith("can be computed: 3 clean conditions among those scored (10 are needed).")
        (lost,) = said(touched, "PertFormer-XL", metric)
        assert "over Additive: context + drug in Pearson of the effect falls from 0.110 to -0.050" in lost
        assert said(touched, "Tabula-mini", metric) == []
        many = touched.model_copy(
            update={"clean": tuple(leaks.row(f"L{i}", "Kestrel-2", **leaks.LOST) for i in range(7))}
        )
        assert [len(said(many, "Kestrel-2", metric)), said(many, "Kestrel-2", metric)[-1]] == [
            5,
            "3 further checks in the table.",
        ]

    def test_the_answer_counts_leads(self, touched: AssessmentRecord, planted: Planted) -> None:
        metric = main_metric(touched)
        assert metric is not None
        text = "Without the conditions that checks touch, 1 of 2 leads holds and 1 is not shown."
        assert answer(touched, metric) == text
        assert answer(planted.record, metric) == ""
        one = touched.model_copy(update={"clean": tuple(r for r in touched.clean if r.model == "PertFormer-XL")})
        assert answer(one, metric) == "The lead of PertFormer-XL is not shown without the conditions that checks touch."

    def test_degrees_in_words(self, touched: AssessmentRecord) -> None:
        row = rows_of(touched, "Kestrel-2", "pearson_delta")[-1]
        assert trend_words(row) == "Spearman correlation with the degree, within contexts: score 0.41 (p < 0.001)."
        assert [bin_words(b.low, b.high) for b in row.bins] == ["below 0.4", "0.4 to 0.8", "0.8 and more"]


class TestBlock:
    def test_what_is_shown(self, touched: AssessmentRecord) -> None:
        block = leakage_block(touched)
        assert block.answer.endswith("1 of 2 leads holds and 1 is not shown.")
        first, second, third = block.data["costs"]
        assert [r.code for r in first.lines] == ["", "L09", "L05"]
        assert [(title, [r.code for r in lines]) for title, lines in first.more] == [
            ("Pearson of the effect", ["L07"]),
            ("Noise-corrected error", ["L05"]),
        ]
        assert [f.name for f in first.figures] == ["clean-0", "degree-l07-0"]
        assert (second.model, len(second.lines), second.more) == ("PertFormer-XL", 1, ())
        assert len(third.said) == 1

    def test_the_figures_hold_to_the_schema(self, touched: AssessmentRecord) -> None:
        for figure in leakage_block(touched).figures:
            alt.LayerChart.from_dict(figure.standalone(), validate=True)
            assert "<svg" in figure.drawing()
        rows = leakage_block(touched).figures[0].tables["clean-0"]
        assert [(r["of"], r["score"], r["clean"]) for r in rows[:2]] == [
            ("Kestrel-2", 0.7, 0.64),
            ("best baseline", 0.59, 0.58),
        ]
        bins = leakage_block(touched).figures[1].tables["degree-l07-0"]
        assert len(bins) == 5  # one bin has no baseline

    def test_an_older_record_has_neither_rooms_nor_costs(self, planted: Planted) -> None:
        block = leakage_block(planted.record)
        assert block.data["costs"] == []
        assert [r.name for r in block.data["rooms"]] == ["other"]
        assert block.figures == ()


class TestRooms:
    def test_every_finding_stands_under_its_question_once(self, planted: Planted) -> None:
        record = leaks.many(planted.record)
        found = rooms(family(record, "leakage"))
        assert [r.title for r in found] == list(ROOMS.values())
        for room in found:
            told = [*room.loud, *room.open, *room.quiet]
            assert {s.finding.room for s in told} == {room.name}
            assert sum(n for _, n in room.tally) == len(told)
            assert [s.finding.status for s in room.loud] == sorted(s.finding.status for s in room.loud)  # FAIL, WARN
            assert {s.finding.status for s in room.open} <= {"UNKNOWN"}
            assert {s.finding.status for s in room.quiet} <= {"PASS", "NA"}
        assert sum(len(r.loud) + len(r.open) + len(r.quiet) for r in found) == 45

    def test_a_foreign_check_comes_last(self, planted: Planted) -> None:
        record = leaks.many(planted.record)
        foreign = record.findings[0].model_copy(update={"room": "", "check": "mine"})
        found = rooms([foreign, *record.findings])
        assert (found[-1].name, found[-1].title) == ("other", "Other checks")

    def test_the_page_folds_what_passed(self, planted: Planted) -> None:
        record = leaks.touched(leaks.many(planted.record))
        page = templates().from_string('{% import "macros.j2" as ui with context %}{% include "leakage.j2" %}')
        text = page.render(block=leakage_block(record), record=record)
        assert text.count('class="room"') == len(ROOMS)
        for name in ROOMS:
            assert f'id="room-{name}"' in text
            assert f'href="#room-{name}"' in text
        outside = text.split("<details")[0]
        assert "It was measured 2 times." in text
        assert "It was measured 2 times." not in outside
        assert "Not scored again: 3 clean conditions" in text
        assert "How much of the result is leakage?" in text


def test_markdown_has_the_table_and_the_rooms(planted: Planted) -> None:
    text = render_markdown(leaks.touched(leaks.many(planted.record)))
    part = text[text.index("## Stage 2a") : text.index("## Stage 2b")]
    places = [part.index(f"### {title}") for title in ("How much of the result is leakage?", *ROOMS.values())]
    assert places == sorted(places)
    assert (
        "| ! Title of L05 (L05) | 20 of 90, 4 unknown | 0.700 → 0.640 | 0.590 → 0.580 (Additive: context + drug)"
        in part
    )
    assert "not scored again: 3 clean conditions among those scored (10 are needed)" in part
    widths = {line.count("|") for line in part.splitlines() if line.startswith("| ! Title") or "| check | aff" in line}
    assert widths == {9}
    assert "How much of the result" not in render_markdown(planted.record)


def test_the_terminal_says_what_becomes_of_each_lead(planted: Planted) -> None:
    text = " ".join(printed(leaks.touched(leaks.many(planted.record))).split())
    assert "How much of the result is leakage? - Without the 30 of 90 scored conditions" in text
    assert "UNKNOWN: L03 Check 3; L11 Check 11;" in text
    assert "It was measured 3 times." not in text
    assert "What about 3?" in text
    assert "How much of the result" not in printed(planted.record)


def test_what_holds_of_several_models_is_said_once_with_their_names(planted: Planted) -> None:
    record = leaks.touched(leaks.many(planted.record))
    why = "0 clean conditions among those scored (10 are needed)"
    rows = tuple(r.model_copy(update={"reason": why, "n_affected": r.n, "led": False}) for r in record.clean)
    text = " ".join(printed(record.model_copy(update={"clean": rows})).split())
    said = [x for x in text.split("How much of the result is leakage?")[1].split(" - ") if "no lead in" in x]
    assert said
    assert len(said) == len(set(said))
    names = [m.name for m in record.models]
    assert all(x.strip().startswith(("all ", *names)) for x in said)
