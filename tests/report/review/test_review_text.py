"""A review as text: everything is there, in a reader's order, and a card's own markup does nothing."""

from __future__ import annotations

import io

from rich.console import Console
from tests.run.review_cards import ideal, read

from vcassay.report.review.markdown import review_markdown
from vcassay.report.review.parts import FAMILIES, TIERS, by_level, letter, sections, where
from vcassay.report.review.parts import bare as bare_sentence
from vcassay.report.review.terminal import REASONS, print_review
from vcassay.run.review import review_card


def bare(**more):
    data = ideal()
    data.pop("leakage")
    data["benchmark"][0]["baselines"] = ["mean", "GEARS"]
    data["benchmark"][0]["results"] = []
    return review_card(read(data | more))


def text_of(record, width: int = 100, *, full: bool = False) -> str:
    console = Console(file=io.StringIO(), width=width, highlight=False)
    print_review(record, console, full=full)
    return console.file.getvalue()


def two(**more):
    data = ideal()
    other = ideal()["benchmark"][0] | {"dataset": "another screen", "strata": [], "metrics": ["Pearson"], "results": []}
    data["benchmark"].append(other | {"baselines": ["GEARS"]})
    return review_card(read(data | more))


def test_the_order_is_verdict_missing_questions_claim_findings() -> None:
    record = bare()
    for text in (text_of(record), text_of(record, full=True), review_markdown(record)):
        words = ("As reported", "Because", "Not reported", "Questions to the authors", "Claim on", *FAMILIES.values())
        places = [text.index(w) for w in words]
        assert places == sorted(places)
        assert all(q.question.split()[0] in text for q in record.questions)


def test_the_first_screen_holds_what_decides() -> None:
    lines = text_of(bare()).splitlines()
    head = " ".join(lines[:24])
    assert "CANNOT TELL" in head
    assert 1 <= head.count("Because: ") <= REASONS
    assert "Not reported: " in head
    assert "Questions to the authors" in head


def test_what_is_folded_is_told_in_full() -> None:
    record = bare()
    short, full = text_of(record), text_of(record, full=True)
    assert "--full" in short
    assert "--full" not in full
    assert "Would change it" in full
    warned = [f for f in record.findings if f.status == "WARN"]
    assert warned
    for found in warned:
        assert found.title.split(",")[0].rstrip("?") in " ".join(short.split())
        assert found.sentence in " ".join(full.split())


def test_several_benchmarks_are_numbered_rather_than_named_in_every_line() -> None:
    record = two()
    text = " ".join(text_of(record, full=True).split())
    assert "1 a screen of 52 lines (CEX): SUPPORTED. The level above rests on it." in text
    assert "2 another screen: CANNOT TELL." in text
    assert "[2]: " in text
    assert "On another screen" not in text
    some = next(f for f in record.findings if where(f))
    assert where(some) == ("another screen",)
    assert not bare_sentence(some).startswith("On ")


def test_benchmarks_that_end_alike_share_a_line() -> None:
    data = ideal()
    more = [data["benchmark"][0] | {"dataset": name, "baselines": ["mean"], "results": []} for name in ("one", "two")]
    data["benchmark"] += more
    rows = by_level(review_card(read(data)))
    assert [numbers for numbers, _, _ in rows] == [(1,), (2, 3)]


def test_nothing_is_wider_than_the_terminal() -> None:
    for width in (60, 100):
        assert max(map(len, text_of(bare(), width).splitlines())) <= width


def test_every_finding_is_in_the_markdown() -> None:
    record = bare()
    text = review_markdown(record)
    for section in sections(record):
        for found in section.open:
            assert found.title.split()[0] in text
    assert sum(len(s.open) + len(s.passed) + len(s.silent) for s in sections(record)) == len(record.findings)


def test_markup_of_a_card_stays_text() -> None:
    record = bare(name="<script>*x*", claim={"text": "[red]a[/red] <b>"})
    text = review_markdown(record)
    assert "<script>" not in text
    assert "\\<script\\>\\*x\\*" in text
    assert "[red]a[/red] <b>" in text_of(record)


def test_the_letter_numbers_the_questions() -> None:
    record = bare()
    lines = letter(record).splitlines()
    assert len(lines) == len(record.questions)
    assert lines[0].startswith("1. ")
    assert set(record.benchmarks[0].tiers) <= set(TIERS)
