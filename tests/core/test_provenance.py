"""Versions and hashes."""

from __future__ import annotations

import hashlib
import platform
from importlib import metadata
from pathlib import Path

import pytest

from vcassay.core import provenance


def test_versions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(provenance, "PACKAGES", ("numpy", "no-such-package-of-this-name"))
    assert provenance.versions() == {"python": platform.python_version(), "numpy": metadata.version("numpy")}


def test_hash_of_a_file(tmp_path: Path) -> None:
    content = bytes(range(256)) * 10_000  # more than one block
    path = tmp_path / "file"
    path.write_bytes(content)
    assert provenance.file_sha256(path) == hashlib.sha256(content).hexdigest()


def store(folder: Path, files: dict[str, str]) -> str:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return provenance.file_sha256(folder)


def test_hash_of_a_directory_sees_names_contents_and_their_border(tmp_path: Path) -> None:
    variants = [
        {"a": "bc", "d/e": "f"},
        {"a": "bc", "d/e": "g"},
        {"a": "bc", "d/x": "f"},
        {"ab": "c", "d/e": "f"},
        {"a": "bc"},
        {"a": "bcd/ef"},
    ]
    seen = {store(tmp_path / str(i), files) for i, files in enumerate(variants)}
    assert len(seen) == len(variants)


def test_hash_of_a_directory_does_not_depend_on_where_or_in_what_order(tmp_path: Path) -> None:
    one = store(tmp_path / "one", {"a": "1", "b/c": "2", "b.d": "3"})
    two = store(tmp_path / "two" / "deeper", {"b.d": "3", "b/c": "2", "a": "1"})
    assert one == two
