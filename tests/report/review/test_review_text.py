"""A review as text: everything is there, in a reader's order, and a card's own markup does nothing."""

from __future__ import annotations

import io

from rich.console import Console
from tests.run.review_cards import ideal, read

from vcassay.report.review.markdown import review_markdown
from vcassay.report.review.parts import FAMILIES, TIERS, letter, sections
from vcassay.report.review.terminal import print_review
from vcassay.run.review import review_card


def bare(**more):
    data = ideal()
    data.pop("leakage")
    data["benchmark"][0]["baselines"] = ["mean", "GEARS"]
    data["benchmark"][0]["results"] = []
    return review_card(read(data | more))


def text_of(record, width: int = 100) -> str:
    console = Console(file=io.StringIO(), width=width, highlight=False)
    print_review(record, console)
    return console.file.getvalue()


def test_the_order_is_verdict_claim_missing_findings_questions() -> None:
    record = bare()
    for text in (text_of(record), review_markdown(record)):
        places = [text.index(word) for word in ("As reported", "Claim on", "is not reported", *FAMILIES.values())]
        assert places == sorted(places)
        assert text.index("Questions to the authors") > places[-1]
        assert all(q.question.split()[0] in text for q in record.questions)


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
