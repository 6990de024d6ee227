"""Panels: what an object shows of itself on a terminal and in a notebook."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vcassay.core import Conditions, Finding, Interval, Panel, Score, ScoreStatus, Status
from vcassay.core.panel import SHOWN_ROWS, number

HOSTILE = "<script>alert(1)</script>"
WORD = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=20)


class Text(HTMLParser):
    """Tags and the text between them."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.open: list[str] = []
        self.words: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)


@given(WORD, WORD, st.lists(st.tuples(WORD, WORD), max_size=3), st.lists(st.tuples(WORD, WORD), max_size=20))
def test_html_is_balanced_and_holds_the_words_as_text(title, lead, facts, rows):
    page = Text(Panel(title, lead, tuple(facts), ("a", "b"), rows).html())
    assert page.open == []
    assert set(page.tags) <= {"div", "strong", "table", "thead", "tbody", "tr", "th", "td"}
    said = "".join(page.words)
    assert title in said
    assert lead in said
    assert all(cell in said for row in rows[:SHOWN_ROWS] for cell in row)


def test_a_label_is_never_markup():
    panel = Panel(HOSTILE, HOSTILE, ((HOSTILE, HOSTILE),), (HOSTILE,), [(HOSTILE,)], notes=(HOSTILE,))
    assert "script" not in Text(panel.html()).tags
    assert panel.text().count(HOSTILE) == 7


def test_a_fact_without_a_value_is_left_out():
    assert Panel("t", facts=(("seed", ""), ("roles", "3 test"))).text() == "t\n  roles  3 test"


@pytest.mark.parametrize(
    ("rows", "total", "left"), [(12, None, ""), (13, None, "... and 1 more"), (12, 60, "... and 48 more")]
)
def test_rows_that_are_not_shown_are_counted(rows, total, left):
    panel = Panel("t", columns=("n",), rows=[(str(i),) for i in range(rows)], total=total)
    assert panel.left_out == left
    assert panel.text().count("\n") == 1 + min(rows, SHOWN_ROWS) + bool(left)


def test_whole_tables_are_shown_whole():
    panel = Panel("t", columns=("n",), rows=[(str(i),) for i in range(40)], whole=True)
    assert panel.left_out == ""
    assert "39" in panel.html()


@pytest.mark.parametrize(
    ("value", "text"), [(None, "undefined"), (float("nan"), "undefined"), (0.12345, "0.123"), (0.0, "0")]
)
def test_an_undefined_number_is_said_to_be_so(value, text):
    assert number(value) == text


def test_conditions_tell_their_size_and_first_rows():
    n = 30
    table = Conditions.make(["K562"] * n, [[f"G{i:02d}"] for i in range(n)], dose=[1.0] * n)
    text = repr(table)
    assert text.startswith("30 conditions\n  contexts       K562\n  perturbations  30\n  doses          1\n")
    assert text.endswith("... and 18 more")
    assert "time" not in text


def test_no_conditions_are_shown_too():
    assert repr(Conditions.make([], [])).startswith("0 conditions")


def test_a_score_carries_interval_and_coverage():
    score = Score(
        "pearson_delta", "m", "all", None, 0.5, ScoreStatus.OK, 90, 3, 7, interval=Interval(0.4, 0.6, "contexts")
    )
    html = score._repr_html_()
    for words in (
        "0.5 [0.4, 0.6] (contexts)",
        "90 (all)",
        "3: the truth defines no value",
        "7: not predicted, or undefined",
    ):
        assert words in html


def test_an_undefined_score_says_why():
    score = Score("pearson_delta", "m", "all", None, None, ScoreStatus.UNDEFINED, 0, reason="constant prediction")
    assert "undefined: constant prediction" in score._repr_html_()


def test_a_finding_shows_its_number_beside_its_null_and_its_rows():
    finding = Finding(
        "L05",
        "Other doses in training",
        Status.FAIL,
        "3 of 9.",
        0.33,
        0.0,
        0.05,
        evidence=({"drug": HOSTILE, "r": 0.51},),
    )
    html = finding._repr_html_()
    assert HOSTILE not in html
    assert "&lt;script&gt;" in html
    for words in ("FAIL L05: Other doses in training", "0.33", "0.05", "0.51"):
        assert words in html
