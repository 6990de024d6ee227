"""A user's TOML: with or without a mark at its beginning, missing, or broken."""

from __future__ import annotations

from pathlib import Path

import pytest

from vcassay.core import InputError
from vcassay.run.toml_file import read_toml


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_utf8_is_read_with_and_without_a_mark(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "a.toml"
    path.write_text('name = "µM"\n', encoding=encoding)
    assert read_toml(path, "write one") == {"name": "µM"}


@pytest.mark.parametrize("content", [b"a = ", b"\xff\xfea", "a = 'µ'".encode("latin-1")])
def test_what_is_no_toml_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.toml"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"a\.toml: is not TOML .*; mend that line"):
        read_toml(path, "write one")


def test_what_is_missing_is_named_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"b\.toml: is missing; write one"):
        read_toml(tmp_path / "b.toml", "write one")
