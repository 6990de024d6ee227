"""TOML files that a user hands in: a study, a disclosure, a card."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from vcassay.core import InputError


def read_toml(path: Path, mend: str) -> dict[str, Any]:
    """Read a file of UTF-8, with or without the mark that some editors write at its beginning.

    Parameters
    ----------
    mend
        What to do where there is no such file.

    Raises
    ------
    InputError
        If it is missing, or no TOML.
    """
    if not path.is_file():
        raise InputError("is missing", where=str(path), mend=mend)
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"is not TOML ({error})", where=str(path), mend="mend that line") from error
