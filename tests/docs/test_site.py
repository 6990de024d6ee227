"""What the documentation generates is complete, and what it escapes stays text."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

import vcassay
from vcassay.cli import catalogue as listed
from vcassay.cli.app import VERBS

pytest.importorskip("sphinx", reason="the extra [docs] is not installed")
sys.path.append(str(Path(__file__).parents[2] / "docs" / "_ext"))

from vcassay_docs import api, catalogue, commands, docstrings, offline, schemas


@pytest.fixture(scope="module")
def entries() -> str:
    return "".join(text for _, text in catalogue.pages())


@pytest.mark.parametrize("kind", [*listed.KINDS, listed.PROFILES])
def test_every_entry_is_in_the_catalogue(kind, entries):
    names = [row["name"] for row in listed._rows(kind)]
    assert names
    assert [name for name in names if f".. vcassay:entry:: {name}\n" not in entries] == []


def test_every_verb_and_option_is_in_the_reference():
    ((_, text),) = commands.pages()
    expected = {verb for verb, *_ in VERBS} | {"datasets", "datasets fetch"}
    assert [verb for verb in sorted(expected) if f".. vcassay:command:: vcassay {verb}\n" not in text] == []
    assert "``--role-column COLUMN``" in text


def test_every_public_name_is_in_the_python_reference():
    ((_, text),) = api.pages()
    assert [name for name in vcassay.__all__ if f":: vcassay.{name}" not in text] == []


def test_a_key_of_a_study_has_its_type_default_and_meaning():
    text = dict(schemas.pages())["reference/study"]
    rows = {row.partition("``")[0]: row.splitlines() for row in text.split("   * - ``")[1:]}
    assert [line.strip(" -") for line in rows["fold"][1:3]] == ["whole number", "``0``"]
    assert [line.strip(" -") for line in rows["truth"][1:4]] == [
        "``public``, ``private``, ``unknown``",
        "``unknown``",
        "Whether the held-out truth is public.",
    ]


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("u - b* of |x|", r"u - b\* of \|x\|"),
        ("half_a_ and ``half_b_ *``", r"half_a\_ and ``half_b_ *``"),
        ("`name_` stays", "`name_` stays"),
    ],
)
def test_docstrings_hold_no_accidental_markup(text, safe):
    assert docstrings.safe(text) == safe


def test_pages_that_do_not_stand_alone_are_named(tmp_path):
    (tmp_path / "a.html").write_text(
        '<p id="here"><a href="b.html#there"></a><a href="#here"></a><a href="c.html"></a>'
        '<a href="https://example.org"></a><script src="//cdn.example.org/x.js"></script>'
    )
    (tmp_path / "b.html").write_text("<p>")
    (tmp_path / "x.css").write_text("@import url('https://example.org/font.css');")
    assert list(offline.problems(tmp_path)) == [
        "a.html loads //cdn.example.org/x.js",
        "a.html leads to b.html#there, which has no such anchor",
        "a.html leads to c.html, which is missing",
        "x.css loads https://example.org/font.css",
    ]
