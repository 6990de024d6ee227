"""Relations between contexts that a user hands in: which are the same line, donor or its children."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

from vcassay.core import InputError
from vcassay.knowledge.cellosaurus import CellLines
from vcassay.knowledge.identifiers import Matched, match

Siblings = tuple[tuple[str, ...], ...]

ONE_LINE = "name of one cell line"
"""A way of matching contexts."""


def read_siblings(path: Path) -> Siblings:
    """Read a table of related contexts (columns ``a`` and ``b``) and join them into groups.

    Returns
    -------
    Connected components, each sorted.

    Raises
    ------
    InputError
        If the file is missing or has no columns ``a`` and ``b``.
    """
    where, wanted = str(path), {"a", "b"}
    if not path.is_file():
        raise InputError("is missing", where=where, mend="check the path in [knowledge]")
    try:
        with path.open(encoding="utf-8-sig", newline="") as handle:
            reader = csv.DictReader(handle, delimiter="\t" if path.suffix == ".tsv" else ",")
            columns, rows = reader.fieldnames or (), list(reader)
    except (UnicodeDecodeError, csv.Error) as error:
        mend = "write it as comma- or tab-separated text in UTF-8"
        raise InputError(f"cannot be read ({error})", where=where, mend=mend) from error
    if not wanted <= set(columns):
        mend = "name the two related contexts of a row 'a' and 'b'"
        raise InputError(f"has the columns {', '.join(columns)}", where=where, mend=mend)
    pairs = [((row["a"] or "").strip(), (row["b"] or "").strip()) for row in rows]
    blank = [i for i, pair in enumerate(pairs, start=1) if not all(pair)]
    if blank:
        raise InputError(f"names one context only in row {blank[0]}", where=where, mend="name two in each row")
    return join_pairs(pairs)


def match_contexts(
    contexts: Iterable[str], ids: Sequence[str], lines: CellLines | None = None, *, resource: str = "the resource"
) -> Matched:
    """Match contexts to a resource's names for them: as they are written, then as names of one cell line.

    A line that several of the resource's names stand for is ambiguous.
    """
    matched = match(contexts, ids, resource=resource)
    if lines is None or not matched.unmatched:
        return matched
    mine, theirs = lines.find(matched.unmatched).found, lines.find(ids).found
    holders: dict[str, list[str]] = {}
    for name in ids:
        if name in theirs:
            holders.setdefault(theirs[name], []).append(name)
    fits = {name: holders.get(accession, []) for name, accession in mine.items()}
    found = {name: own[0] for name, own in fits.items() if len(own) == 1}
    ambiguous = {name: tuple(own) for name, own in fits.items() if len(own) > 1}
    return matched.also(Matched(resource, tuple(fits), found, dict.fromkeys(found, ONE_LINE), ambiguous))


def join_pairs(pairs: list[tuple[str, str]]) -> Siblings:
    """Join related pairs into connected components, sorted."""
    parent: dict[str, str] = {}

    def root(name: str) -> str:
        parent.setdefault(name, name)
        while parent[name] != name:
            name = parent[name]
        return name

    for a, b in pairs:
        first, second = sorted((root(a), root(b)))
        parent[second] = first
    groups: dict[str, list[str]] = {}
    for name in parent:
        groups.setdefault(root(name), []).append(name)
    return tuple(tuple(sorted(group)) for _, group in sorted(groups.items()))
