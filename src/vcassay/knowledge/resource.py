"""Resource: what is known of a file that a user hands in, whatever it holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from vcassay.core import InputError
from vcassay.core.provenance import file_sha256


@dataclass(frozen=True, slots=True)
class Resource:
    """The facts that every resource keeps.

    Attributes
    ----------
    name
        What it is called in findings: the file's name unless stated.
    path, sha256
        Where it was read and the hash of its bytes.
    released
        Day of release; ``None`` where neither the user nor the file states one, and then no temporal check speaks.
    licence
        The user's note; empty where none was made.
    rows
        Records that the file holds.
    kin
        Whether its pairs or sets are also asked which names are kin; what only gives features is not.
    """

    name: str
    path: str
    sha256: str
    released: date | None
    licence: str
    rows: int
    kin: bool = True

    def later_than(self, day: date) -> bool | None:
        """Whether it was released after ``day``; ``None`` where its release is unknown."""
        return None if self.released is None else self.released > day


def describe(
    path: Path,
    rows: int,
    *,
    name: str | None = None,
    released: date | str | None = None,
    licence: str = "",
    kin: bool = True,
) -> Resource:
    """Write down what is known of a file.

    Raises
    ------
    InputError
        If ``released`` is not a day.
    """
    stem = path.name.removesuffix(".gz")
    label = name or stem.rsplit(".", 1)[0]
    return Resource(label, str(path), file_sha256(path), as_day(released, str(path)), licence, rows, kin)


def as_day(value: date | str | None, where: str) -> date | None:
    """Read a day written ``2021-05-31`` or ``20210531``; an empty string is none.

    Raises
    ------
    InputError
        If the text is not a day.
    """
    if isinstance(value, datetime):
        return value.date()
    if value is None or isinstance(value, date):
        return value
    if not value.strip():
        return None
    try:
        return date.fromisoformat(value.strip())
    except ValueError:
        raise InputError(
            f"has the release date '{value}'", where=where, mend="write the day of release as 2021-05-31"
        ) from None
