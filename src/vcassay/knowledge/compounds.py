"""Compounds: names with structure, targets and mechanism, read from the tables that the field uses."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from vcassay.core import InputError
from vcassay.core.errors import did_you_mean
from vcassay.knowledge.identifiers import SPELLING, Matched, letters, match
from vcassay.knowledge.resource import Resource, describe
from vcassay.knowledge.salts import parent_name
from vcassay.knowledge.sources import PRESETS, source_of
from vcassay.knowledge.table import Table, is_missing, read_table

PARENT = "parent name"
"""A way of matching: without the words for a salt or solvate."""

TARGET_SPLIT = re.compile(r"\s*[|;,]\s*")
MOA_SPLIT = re.compile(r"\s*[|;]\s*")
COMMA_SPLIT = re.compile(r",\s+")
CONNECTIVITY = 14
"""Letters of the first block of an InChIKey."""


@dataclass(frozen=True, slots=True, eq=False)
class Compounds:
    """Compounds, one row an id.

    Attributes
    ----------
    resource
        Where they come from.
    ids
        n unique ids; the names where the source has no ids.
    names
        Names, not always unique; of a look-up, the source's name of what was found, empty where nothing was.
    smiles, inchikey
        Structure as the source writes it; empty where it has none.
    targets, moa
        Targets and mechanisms in the source's order; empty where it has none.
    ambiguous
        Names (of a look-up) that the source gives to structures of different connectivity; the first is taken.
    """

    resource: Resource
    ids: tuple[str, ...]
    names: tuple[str, ...]
    smiles: tuple[str, ...]
    inchikey: tuple[str, ...]
    targets: tuple[tuple[str, ...], ...]
    moa: tuple[tuple[str, ...], ...]
    ambiguous: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.ids)

    def look_up(self, wanted: Iterable[str]) -> tuple[Compounds, Matched]:
        """Annotate wanted compounds, one row each in the order given; rows of those not found are empty.

        A wanted name is compared with names and ids: exactly, without case, without punctuation, and last without
        the words for a salt or solvate. Rows that answer it are joined: targets and mechanisms add up.
        """
        rows: dict[str, list[int]] = {}
        for i, labels in enumerate(zip(self.names, self.ids, strict=True)):
            for label in dict.fromkeys(labels):
                rows.setdefault(label, []).append(i)
        ways = ((SPELLING, letters), (PARENT, _parent))
        matched = match(wanted, rows, resource=self.resource.name, spellings=ways, several=True)
        spelled = _alike(rows, letters)
        parents = _alike(rows, _parent) if PARENT in matched.how.values() else {}
        at: list[list[int]] = []
        for wish in matched.wanted:
            if wish not in matched.found:
                at.append([])
            elif matched.how[wish] == PARENT:
                at.append(parents[_parent(matched.found[wish])])
            else:
                at.append(spelled[letters(matched.found[wish])])
        several = [n for n, own in zip(matched.wanted, at, strict=True) if len(self._structures(own)) > 1]
        found = Compounds(
            self.resource,
            matched.wanted,
            tuple(self.names[own[0]] if own else "" for own in at),
            tuple(_first(self.smiles[i] for i in own) for own in at),
            tuple(_first(self.inchikey[i] for i in own) for own in at),
            tuple(_union(self.targets[i] for i in own) for own in at),
            tuple(_union(self.moa[i] for i in own) for own in at),
            tuple(several),
        )
        return found, matched

    def _structures(self, rows: Iterable[int]) -> set[str]:
        """Connectivity of the rows that state a structure."""
        return {key for i in rows if (key := self.inchikey[i][:CONNECTIVITY] or self.smiles[i])}


def read_compounds(
    path: Path,
    preset: str | None = None,
    *,
    name: str | None = None,
    released: date | str | None = None,
    licence: str = "",
) -> Compounds:
    """Read a table of compounds; the source is told from its columns unless ``preset`` names it.

    Rows of one id are joined. Targets are separated by ``|``, ``;`` or ``,``; mechanisms by ``|`` or ``;``, and by a
    comma and a blank only where no cell of the column has either, as mechanisms hold commas of their own ("Indoleamine
    2,3-dioxygenase inhibitor").

    Raises
    ------
    InputError
        If the file cannot be read, has no column of names, or gives one id to two structures.
    """
    if preset is not None and preset not in PRESETS:
        raise InputError(f"no source is called '{preset}'", where=str(path), mend=did_you_mean(preset, PRESETS))
    table = read_table(path)
    columns = PRESETS[preset or source_of(table)]
    names = table.find(*columns.name)
    ids = table.need("the compound", *columns.ids) if names is None else table.find(*columns.ids) or names
    names = names or ids
    labels = [_known(key) or _known(label) for key, label in zip(ids, names, strict=True)]
    table.refuse_blank("name of a compound", labels)
    smiles, keys = (_cells(table, *wanted) for wanted in (columns.smiles, columns.inchikey))
    targets = [_split(cell, TARGET_SPLIT) for cell in _cells(table, *columns.targets)]
    mechanisms = _cells(table, *columns.moa)
    bars = any("|" in cell or ";" in cell for cell in mechanisms)
    moa = [_split(cell, MOA_SPLIT if bars else COMMA_SPLIT) for cell in mechanisms]
    rows: dict[str, list[int]] = {}
    for i, label in enumerate(labels):
        rows.setdefault(label, []).append(i)
    at = list(rows.values())
    facts = describe(path, len(table), name=name, released=released, licence=licence)
    compounds = Compounds(
        facts,
        tuple(rows),
        tuple(_first(_known(names[i]) for i in own) or label for label, own in rows.items()),
        tuple(_first(smiles[i] for i in own) for own in at),
        tuple(_first(keys[i] for i in own) for own in at),
        tuple(_union(targets[i] for i in own) for own in at),
        tuple(_union(moa[i] for i in own) for own in at),
    )
    if ids is not names:
        _refuse_two_structures(table, rows, keys)
    return compounds


def annotate(wanted: Sequence[str], tables: Sequence[Compounds]) -> tuple[Compounds | None, tuple[Matched, ...]]:
    """Annotate wanted compounds from several tables: the first gives the structure, targets and mechanisms add up.

    Returns
    -------
    One row a wanted name (``None`` without a table), with the first table's resource, and the coverage of each table.
    """
    names = tuple(dict.fromkeys(wanted))
    looked = [table.look_up(names) for table in tables]
    if not looked:
        return None, ()
    found = [f for f, _ in looked]
    rows = range(len(names))
    joined = Compounds(
        found[0].resource,
        names,
        tuple(_first(f.names[i] for f in found) for i in rows),
        tuple(_first(f.smiles[i] for f in found) for i in rows),
        tuple(_first(f.inchikey[i] for f in found) for i in rows),
        tuple(_union(f.targets[i] for f in found) for i in rows),
        tuple(_union(f.moa[i] for f in found) for i in rows),
        tuple(n for n in names if any(n in f.ambiguous for f in found)),
    )
    return joined, tuple(m for _, m in looked)


def _refuse_two_structures(table: Table, rows: dict[str, list[int]], keys: Sequence[str]) -> None:
    """One id has one structure; names alone may stand for several."""
    for label, own in rows.items():
        stated = {keys[i][:CONNECTIVITY]: table.lines[i] for i in reversed(own) if keys[i]}
        if len(stated) > 1:
            first, second = sorted(stated.values())[:2]
            what = f"gives '{label}' two structures, on lines {first} and {second}"
            raise InputError(what, where=str(table.path), mend="give each structure an id of its own")


def _cells(table: Table, *names: str) -> list[str]:
    """Values of a column, empty where missing; a column of blanks where the table has none of ``names``."""
    values = table.find(*names)
    return [""] * len(table) if values is None else [_known(v) for v in values]


def _known(cell: str) -> str:
    return "" if is_missing(cell) else cell


def _split(cell: str, mark: re.Pattern[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part for part in mark.split(cell) if not is_missing(part)))


def _first(values: Iterable[str]) -> str:
    return next((value for value in values if value), "")


def _union(values: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(item for row in values for item in row))


def _parent(name: str) -> str:
    return letters(parent_name(name)[0])


def _alike(rows: dict[str, list[int]], form: Callable[[str], str]) -> dict[str, list[int]]:
    """Rows of all names that have one form, in the source's order."""
    out: dict[str, set[int]] = {}
    for label, own in rows.items():
        out.setdefault(form(label), set()).update(own)
    return {key: sorted(own) for key, own in out.items()}
