"""Files of the package: their names in order, and what is refused in them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from pydantic import ValidationError

from vcassay.record.base import Record
from vcassay.record.packaged import packaged_names, read_packaged_file


class Thing(Record):
    """What a file holds here."""

    schema_: Literal["thing/1"]
    n: int


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A package with two files that count and one that does not."""
    package = tmp_path / "things_of_a_test"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "b.toml").write_text('schema = "thing/1"\nn = 2\n', encoding="utf-8")
    (package / "a.toml").write_text('schema = "thing/2"\nn = 1\n', encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield package.name
    sys.modules.pop(package.name, None)


def test_names_are_sorted_and_leave_out_what_is_no_toml(folder: str) -> None:
    assert packaged_names(folder) == ["a", "b"]


def test_a_file_is_read_by_its_schema(folder: str) -> None:
    assert read_packaged_file(folder, "b", Thing) == Thing(schema_="thing/1", n=2)
    with pytest.raises(ValidationError, match="thing/1"):
        read_packaged_file(folder, "a", Thing)
