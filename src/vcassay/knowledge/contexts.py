"""Relations between contexts that a user hands in: which are the same line, donor or its children."""

from __future__ import annotations

import csv
from pathlib import Path

from vcassay.core import InputError

Siblings = tuple[tuple[str, ...], ...]


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
    with path.open(encoding="utf-8", newline="") as handle:
        reader = csv.DictReader(handle, delimiter="\t" if path.suffix == ".tsv" else ",")
        if not wanted <= set(reader.fieldnames or ()):
            mend = "name the two related contexts of a row 'a' and 'b'"
            raise InputError(f"has the columns {', '.join(reader.fieldnames or ())}", where=where, mend=mend)
        return join_pairs([(row["a"].strip(), row["b"].strip()) for row in reader])


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
