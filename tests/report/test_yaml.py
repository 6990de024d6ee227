"""YAML as a real parser reads it: every label comes back as it was, as text."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vcassay.report.yaml import dump

yaml = pytest.importorskip("yaml")

NASTY = [
    "",
    "yes",
    "NO",
    "~",
    "null",
    "1e5",
    "0x1f",
    "12:30:45",
    "2026-01-01",
    "- item",
    "key: value",
    "# comment",
    "a # b",
    "&anchor *alias !!python/object/apply:os.system",
    "{flow: [1]}",
    "\"quoted\" and 'single'",
    "back\\slash",
    "line\nbreak\r\nand\ttab",
    "---",
    "...",
    "%TAG",
    "@at `tick`",
    "\u2028\u2029\x85\ufeff\x7f\x00",
    "<script>alert(1)</script>",
    "β-catenin 細胞 \U0001f9ec",
    "|",
    ">",
    "?",
    " leading and trailing ",
]

TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)
NUMBER = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(10**9), 10**9)
TREE = st.recursive(
    TEXT | NUMBER | st.none() | st.booleans(),
    lambda part: st.lists(part, max_size=4) | st.dictionaries(TEXT, part, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize("text", NASTY)
def test_a_label_is_text_wherever_it_stands(text: str) -> None:
    data = {"name": text, text or "empty": [text, {text or "empty": text}], "model-index": [[text], []]}
    assert yaml.safe_load(dump(data)) == data


@given(st.dictionaries(TEXT, TREE, max_size=5))
def test_whatever_is_written_is_read_again(data: dict) -> None:
    assert yaml.safe_load(dump(data)) == data


def test_half_a_character_is_replaced() -> None:
    assert yaml.safe_load(dump({"a": "x\ud800y"})) == {"a": "x\ufffdy"}


@pytest.mark.parametrize("value", [1e-07, 1e22, -3.0, 0.1, 5e-324, 1.7976931348623157e308])
def test_numbers_are_numbers_to_yaml_1_1_too(value: float) -> None:
    found = yaml.safe_load(dump({"value": value}))["value"]
    assert isinstance(found, float)
    assert found == value


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_not_finite_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="not finite"):
        dump({"a": value})


def test_texts_are_json() -> None:
    line = dump({"name": 'a "b"'}).splitlines()[0]
    assert json.loads(line.removeprefix("name: ")) == 'a "b"'
