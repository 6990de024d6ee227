"""Reading and writing the text of a split file: whole or not at all, and never a pickle."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

from vcassay.core import InputError

PICKLES = frozenset((".pkl", ".pickle", ".p", ".pt", ".pth", ".joblib", ".npy", ".npz"))
"""Suffixes of files that run code when they are opened, or hold arrays without labels."""


def refuse_pickle(path: Path) -> None:
    """Refuse a file that would have to be unpickled.

    Raises
    ------
    InputError
        If its suffix says so.
    """
    if path.suffix.lower() in PICKLES:
        mend = "save it as JSON where it was made, an object with the lists train, val and test"
        raise InputError("is a pickle, which runs code when it is opened", where=str(path), mend=mend)


def read_text(path: Path) -> str:
    """Text of a file, unpacked where it ends in .gz.

    Raises
    ------
    InputError
        If it is missing or no text.
    """
    where = str(path)
    try:
        data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        return data.decode("utf-8-sig")
    except FileNotFoundError as error:
        raise InputError("is missing", where=where, mend="check the path") from error
    except (OSError, ValueError, EOFError) as error:
        raise InputError(f"cannot be read ({error})", where=where, mend="write it as UTF-8 text") from error


def write_text(path: Path, text: str) -> Path:
    """Write a file, whole or not at all."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    part.write_text(text, encoding="utf-8")
    part.replace(path)
    return path
