"""The field on a terminal, narrow and wide."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from tests.report.field.reviews import HOSTILE, field, hostile, review
from vcassay.report.field.row import rows
from vcassay.report.field.terminal import print_field


def text_of(records: object, width: int, **more: bool) -> list[str]:
    console = Console(file=io.StringIO(), width=width, highlight=False)
    print_field(rows(records), console, **more)  # type: ignore[arg-type]
    return console.file.getvalue().splitlines()  # type: ignore[attr-defined]


@pytest.mark.parametrize("width", [80, 100, 120])
def test_every_review_is_one_line_that_fits(width: int) -> None:
    long = review("A model whose name is much longer than any terminal's column for names can hold", "diagnostic only")
    lines = text_of((*field(), long), width)
    assert max(map(len, lines)) <= width
    for name, level, tiers, leaks in (
        ("Bare", "Cannot tell", ".!...", "0/1"),
        ("Clear", "Supported", "01234", "0/0"),
        ("Half", "Not supported", ".1!.4", "1/1"),
        ("A model", "Diagnostic only", ".1...", "0/1"),
    ):
        (line,) = [x for x in lines if x.startswith(name)]
        assert level in line
        assert tiers in line
        assert leaks in line


def test_a_part_of_the_field_is_not_counted() -> None:
    assert any(x.startswith("Of 4 published") for x in text_of(field(), 80))
    assert not any("of 4" in x for x in text_of(field(), 80, whole=False))


def test_names_are_text() -> None:
    lines = text_of(hostile(), 160)
    assert any(x.startswith(HOSTILE[0]) for x in lines)
