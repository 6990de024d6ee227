"""The pieces of study.toml in the documentation: every key that they write exists."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from vcassay.run.study import parse_study

DOCS = Path(__file__).parents[2] / "docs"
BLOCK = re.compile(r"^```toml\n(.*?)^```", re.MULTILINE | re.DOTALL)
SECTIONS = {"claim", "data", "split", "knowledge", "evidence", "utility", "require", "model"}


def pieces():
    for page in sorted(DOCS.rglob("*.md")):
        for i, text in enumerate(BLOCK.findall(page.read_text(encoding="utf-8"))):
            data = tomllib.loads(text)
            if set(data) <= SECTIONS:
                yield pytest.param(data, id=f"{page.relative_to(DOCS)}:{i}")


@pytest.mark.parametrize("piece", list(pieces()))
def test_a_piece_of_a_study_is_valid(piece):
    whole = {"schema": "vcassay.study/1", "data": {"screen": "screen.h5ad"}, **piece}
    study = parse_study(whole, "study.toml")
    assert {k for k in study.model_fields_set if k in SECTIONS} >= set(piece)
