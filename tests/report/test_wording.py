"""Numbers, intervals and words."""

from __future__ import annotations

import math

import pytest

from vcassay.core import Level, Status
from vcassay.report.palette import PAIRS, SERIES, STRATA, stylesheet
from vcassay.report.wording import (
    LEVEL,
    STATUS,
    bracket,
    count,
    decimals,
    estimate,
    level_mark,
    listing,
    number,
    percent,
    probability,
    sentence,
    status_mark,
    whom,
)


@pytest.mark.parametrize("value", [None, math.nan, math.inf, -math.inf])
def test_no_number_is_never_written_as_one(value: float | None) -> None:
    assert number(value) == number(value, 2) == estimate(value) == percent(value) == "undefined"
    assert number(value, missing="–") == "–"
    assert bracket(value, 0.5) == bracket(0.5, value) == probability(value) == ""


@pytest.mark.parametrize(
    ("value", "digits", "expected"),
    [
        (0.521, 2, "0.52"),
        (-0.31, 2, "−0.31"),
        (-0.001, 2, "0.00"),
        (12, None, "12"),
        (57000, None, "57,000"),
        (1234.5, None, "1,234"),
        (0.0123456, None, "0.0123"),
        (0.00001234, None, "1.2e-05"),
        (-0.2, None, "−0.2"),
    ],
)
def test_number(value: float, digits: int | None, expected: str) -> None:
    assert number(value, digits) == expected


def test_sign_is_shown_for_gains_but_not_for_none() -> None:
    assert number(0.084, 3, sign=True) == "+0.084"
    assert number(0.0001, 2, sign=True) == "0.00"
    assert number(-0.084, 3, sign=True) == "−0.084"


def test_decimals_follow_the_interval() -> None:
    assert decimals(0.5, 0.54) == 2
    assert decimals(0.5200, 0.5218) == 4
    assert decimals(None, 0.5) == decimals(0.5, 0.5) == decimals(0.1, 5.0) == 2
    assert estimate(0.5234, 0.5200, 0.5218, 10_201) == "0.5234 [0.5200, 0.5218], n = 10,201"


def test_interval_without_bounds_is_left_out() -> None:
    assert estimate(0.5, None, None, 3) == "0.50, n = 3"


def test_probability_and_percent() -> None:
    assert probability(0.0004) == "p < 0.001"
    assert probability(0.0421) == "p = 0.042"
    assert probability(0.41) == "p = 0.41"
    assert (percent(0.962), percent(0.004), percent(0)) == ("96 %", "0.4 %", "0 %")


def test_listing_counts_what_it_leaves_out() -> None:
    assert listing([]) == ""
    assert listing(["a"]) == "a"
    assert listing(["a", "b", "c"]) == "a, b and c"
    assert listing("abcdefgh", limit=3) == "a, b, c and 5 more"


def test_sentence_and_count() -> None:
    assert sentence("no blocking finding") == "No blocking finding."
    assert sentence("Why?") == "Why?"
    assert sentence(" ") == ""
    assert (count(1, "check"), count(1200, "check")) == ("1 check", "1,200 checks")
    assert count(2, "is", "are") == "2 are"


def test_every_status_and_level_has_an_icon_and_a_word_of_its_own() -> None:
    assert set(STATUS) == set(Status)
    assert set(LEVEL) == set(Level)
    for marks in (STATUS, LEVEL):
        assert len({m.word for m in marks.values()}) == len(marks)
        assert len({m.icon for m in marks.values()}) == len(marks)


def test_unknown_words_are_shown_as_they_are() -> None:
    assert status_mark("ODD").word == "ODD"
    assert level_mark("odd").word == "odd"
    assert level_mark(None).word == "No verdict"


def test_colours_are_distinct_so_that_each_has_one_twin() -> None:
    light = [pair[0] for pair in PAIRS.values()] + list(SERIES)
    assert len(set(light)) == len(light)
    assert set(STRATA) <= set(PAIRS)
    css = stylesheet()
    for name, (color, _) in PAIRS.items():
        assert f'[fill="{color}"]{{fill:var(--{name})}}' in css


def _luminance(color: str) -> float:
    channels = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("paper", ["paper", "card"])
@pytest.mark.parametrize(
    "ink", ["ink", "ink-2", "ink-3", "link", "good", "part", "warn", "bad", "open", "mute", "model"]
)
@pytest.mark.parametrize("light", [0, 1])
def test_text_can_be_read_on_both_papers(ink: str, paper: str, light: int) -> None:
    a, b = sorted((_luminance(PAIRS[ink][light]), _luminance(PAIRS[paper][light])))
    assert (b + 0.05) / (a + 0.05) >= 4.5


def test_all_of_several_models_are_named_in_two_words() -> None:
    assert whom(["a, b", "c"], ["c", "a, b"]) == "all 2 models"
    assert whom(["a"], ["a"]) == "a"
    assert whom(["a", "b"], ["a", "b", "c"]) == "a and b"
