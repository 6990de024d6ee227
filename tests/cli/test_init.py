"""vcassay init --disclosure writes a form for a model's authors."""

from __future__ import annotations

from vcassay.prediction import Disclosure
from vcassay.run.disclosures import read_disclosure


def test_the_form_stands_alone_and_is_not_overwritten(vcassay, tmp_path):
    path = tmp_path / "disclosure.toml"
    ended = vcassay("init", "--disclosure", path)
    assert ended.status == 0
    assert "disclosure = 'disclosure.toml'" in ended.out
    assert read_disclosure(path) == Disclosure()
    again = vcassay("init", "--disclosure", path)
    assert again.status == 2
    assert "exists; name another file" in again.err


def test_without_a_screen_and_a_form_it_says_what_to_name(vcassay):
    ended = vcassay("init")
    assert ended.status == 2
    assert "names no screen" in ended.err
