"""The form of a disclosure asks for every entry, declares nothing, and reads when it is filled in."""

from __future__ import annotations

import tomllib

from vcassay.prediction import Disclosure
from vcassay.run.disclosure_form import ENTRIES, form_lines, write_form
from vcassay.run.disclosures import read_disclosure


def answers(text):
    """The form with every # taken off an answer."""
    return "\n".join(line.removeprefix("# ") if not line.startswith("##") else line for line in text.split("\n"))


def test_an_untouched_form_declares_nothing(tmp_path):
    write_form(tmp_path / "d.toml")
    assert read_disclosure(tmp_path / "d.toml") == Disclosure()


def test_every_entry_is_asked_for_and_its_example_is_valid():
    data = tomllib.loads(answers("\n".join(form_lines())))
    assert list(data) == list(Disclosure.model_fields)
    assert Disclosure.model_validate(data).model_fields_set == set(Disclosure.model_fields)


def test_lines_are_short_and_each_entry_has_one():
    lines = form_lines()
    assert max(map(len, lines)) <= 120
    assert sum(not line.startswith("##") for line in lines) == len(ENTRIES)
