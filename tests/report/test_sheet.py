"""CSV: numbers stay numbers, formulas stay text, and every cell is read back as it was."""

from __future__ import annotations

import csv
import io
import math

import pytest

from vcassay.report.sheet import Value, csv_text


def read(*rows: list[Value]) -> list[list[str]]:
    return list(csv.reader(io.StringIO(csv_text(rows), newline="")))


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\uff1d1"])
def test_a_formula_is_kept_as_text(text: str) -> None:
    assert read([text]) == [[f"'{text}"]]


def test_numbers_are_written_whole_and_what_is_undefined_is_empty() -> None:
    assert read([-0.1, 1e-300, 3, None, math.nan, math.inf]) == [["-0.1", "1e-300", "3", "", "", ""]]


def test_texts_are_read_back_as_they_were() -> None:
    row: list[Value] = ['a "b", c', "d\ne", " f ", "g=h", ""]
    assert read(row, row) == [row, row]
    assert csv_text([["a"], ["b"]]) == "a\r\nb\r\n"
