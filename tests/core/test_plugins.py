"""Plug-ins from files and from installed packages: loaded once, hashed, and refused in one sentence."""

from __future__ import annotations

from importlib.metadata import EntryPoint, entry_points

import pytest

from vcassay.core import InputError, PluginError
from vcassay.core.plugins import load_installed, load_plugin
from vcassay.core.provenance import PLUGINS, file_sha256, versions


@pytest.fixture(autouse=True)
def none_loaded(monkeypatch):
    monkeypatch.setattr("vcassay.core.provenance.PLUGINS", loaded := {})
    monkeypatch.setattr("vcassay.core.plugins.PLUGINS", loaded)
    return loaded


def written(folder, text, name="mine.py"):
    path = folder / name
    path.write_text(text)
    return path


LOGGING = """
from pathlib import Path
log = Path(__file__).with_suffix(".log")
log.write_text(log.read_text() + "x" if log.exists() else "x")
"""


def test_a_file_is_imported_once_and_its_hash_is_a_version(tmp_path, none_loaded):
    path = written(tmp_path, LOGGING)
    load_plugin(path)
    load_plugin(path)
    assert path.with_suffix(".log").read_text() == "x"
    assert versions()["plug-in mine.py"] == file_sha256(path)
    assert PLUGINS == {}


def test_a_file_that_changed_is_not_mixed_with_what_is_loaded(tmp_path):
    path = written(tmp_path, "")
    load_plugin(path)
    path.write_text("x = 1\n")
    with pytest.raises(InputError, match="another plug-in of this name"):
        load_plugin(path)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("import not_there_at_all", "fails on import .ModuleNotFoundError"),
        ("def f(:", "fails on import .SyntaxError"),
        ("from vcassay.core import PluginError\nraise PluginError('asks for trouth')", "mine.py: asks for trouth"),
    ],
)
def test_a_broken_file_is_one_sentence(tmp_path, none_loaded, text, sentence):
    with pytest.raises(PluginError, match=sentence):
        load_plugin(written(tmp_path, text))
    assert none_loaded == {}


def test_there_must_be_a_file(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        load_plugin(tmp_path / "none.py")
    with pytest.raises(InputError, match="is no Python file"):
        load_plugin(written(tmp_path, "", "plug.txt"))


def test_installed_packages_are_loaded_once(none_loaded):
    entry = EntryPoint("json tools", "json.tool", "vcassay.plugins")
    load_installed([entry, entry])
    assert list(none_loaded) == ["plug-in json tools"]


def test_the_version_of_what_is_installed_is_kept(none_loaded, monkeypatch):
    entry = next(iter(entry_points(group="pytest11")))
    monkeypatch.setattr(EntryPoint, "load", lambda self: None)
    load_installed([entry])
    assert none_loaded == {f"plug-in {entry.name}": entry.dist.version}


def test_an_installed_package_that_fails_is_named():
    with pytest.raises(PluginError, match=r"'broken' \(not_there:x\) fails on import"):
        load_installed([EntryPoint("broken", "not_there:x", "vcassay.plugins")])
