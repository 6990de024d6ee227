"""Essential: a list of genes whose knock-down acts strongly whatever the context, as the user names it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from vcassay.core import InputError


@dataclass(frozen=True, slots=True)
class Essential:
    """A list of essential genes.

    Attributes
    ----------
    title
        What the list is called in sentences.
    names
        The genes.
    """

    title: str
    names: frozenset[str]


def read_essential(path: Path) -> Essential:
    """Read a list of genes: one a line, or the first column of a CSV or TSV; lines that begin with # are passed over.

    Raises
    ------
    InputError
        If the file is missing, is no text, or names nothing.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except FileNotFoundError as error:
        raise InputError("is missing", where=str(path), mend="check the path in [knowledge] essential") from error
    except (OSError, UnicodeDecodeError) as error:
        raise InputError("is no text in UTF-8", where=str(path), mend="write one gene a line") from error
    mark = "\t" if any("\t" in line for line in lines) else ","
    first = [line.split(mark)[0].strip().strip('"') for line in lines if not line.startswith("#")]
    names = frozenset(name.split(" (")[0] for name in first if name)  # DepMap writes 'TP53 (7157)'
    if not names:
        raise InputError("names no gene", where=str(path), mend="write one gene a line")
    return Essential(path.name.rsplit(".", 1)[0], names)
