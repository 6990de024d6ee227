"""Lists of perturbations by role as files hold them: JSON, CSV, one label a line."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from vcassay.claim.formats.files import read_text, refuse_pickle
from vcassay.claim.formats.roles import Stated, known_role, looks_like_roles
from vcassay.core import InputError
from vcassay.core.errors import did_you_mean, first
from vcassay.screen.presets import GENERIC

Lists = dict[str, list[str]]
NAMES = frozenset(n.casefold() for n in (*GENERIC["perturbation"], "perturbations", "label", "labels", "genes", "name"))
"""Headings of a column of perturbations."""


def load_lines(path: Path, known: set[str]) -> list[str]:
    """Labels of a text file, one a line; a heading is left out."""
    lines = [x.strip().strip('"') for x in read_text(path).splitlines() if x.strip()]
    if lines and lines[0].casefold() in NAMES and lines[0] not in known:
        lines = lines[1:]
    if not lines:
        raise InputError("lists nothing", where=str(path), mend="write one label a line")
    return lines


def choose(lists: Lists, inside: Mapping[str, Lists], key: str | None, where: str) -> Lists:
    """The lists themselves, or those of the one object within."""
    if key is not None:
        if key not in inside:
            raise InputError(f"holds no lists called '{key}'", where=where, mend=did_you_mean(key, inside))
        return inside[key]
    if lists:
        return lists
    if len(inside) == 1:
        return next(iter(inside.values()))
    if inside:
        what = f"holds {len(inside)} splits ({first(inside)})"
        raise InputError(what, where=where, mend=f"say which one: key='{next(iter(inside))}'")
    mend = "write an object with the lists train, val and test"
    raise InputError("is not a list of perturbations by role (no object of lists)", where=where, mend=mend)


def load_lists(path: Path, stated: Stated) -> tuple[Lists, dict[str, Lists]]:
    """The lists of the file, and the lists of each object within it."""
    refuse_pickle(path)
    text = read_text(path)
    if path.suffix != ".json":
        return _columns(text, path, stated), {}
    try:
        data = json.loads(text)
        if not isinstance(data, dict):
            raise ValueError("no object of lists")
    except ValueError as error:
        mend = "write an object with the lists train, val and test"
        raise InputError(f"is not a list of perturbations by role ({error})", where=str(path), mend=mend) from error
    inside = {str(k): found for k, v in data.items() if isinstance(v, dict) and (found := _roles_in(v, stated))}
    return _roles_in(data, stated), {k: v for k, v in inside.items() if known_role(k) is None or "train" in v}


def _roles_in(data: Mapping[str, Any], stated: Stated) -> Lists:
    """Lists of an object; or, where it maps each label to a role, the lists that this makes."""
    if data and all(isinstance(v, str) for v in data.values()):
        out: Lists = {}
        if looks_like_roles(set(data.values())):
            for name, word in data.items():
                out.setdefault(word, []).append(str(name))
        return out
    lists = {
        str(k): [str(x) for x in v]
        for k, v in data.items()
        if isinstance(v, list) and all(isinstance(x, str | int | float) for x in v)
    }
    means = stated.meaning()
    return lists if any(known_role(k) or k.lower() in means for k in lists) else {}


def _columns(text: str, path: Path, stated: Stated) -> Lists:
    """Two columns, label and role in either order; or a column a role."""
    head = text.split("\n", 1)[0]
    rows = [row for row in csv.reader(text.splitlines(), delimiter="\t" if "\t" in head else ",") if any(row)]
    if rows and len(rows[0]) == 3 and rows[0][0].strip().lower() in ("", "index", "unnamed: 0"):
        rows = [row[1:] for row in rows]
    width = max((len(row) for row in rows), default=0)
    means = stated.meaning()
    if (
        len(rows) > 1
        and width > 1
        and all(known_role(x) or x.lower() in means for x in rows[0])
        and len(set(rows[0])) == len(rows[0])
    ):
        return {w: [r[j].strip() for r in rows[1:] if j < len(r) and r[j].strip()] for j, w in enumerate(rows[0])}
    if any(len(row) != 2 for row in rows) or len(rows) < 2:
        mend = "write two columns, perturbation and role, with a header"
        raise InputError("does not have two columns", where=str(path), mend=mend)

    def roles(column: int, start: int) -> bool:
        return all(known_role(r[column]) is not None or r[column].strip().lower() in means for r in rows[start:])

    column = 0 if roles(0, 1) and not roles(1, 1) else 1
    start = 0 if roles(column, 0) and rows[0][1 - column].strip().casefold() not in NAMES else 1
    lists: Lists = {}
    for row in rows[start:]:
        lists.setdefault(row[column].strip(), []).append(row[1 - column].strip())
    return lists


def repeated(labels: Sequence[str]) -> list[str]:
    """Labels that occur more than once, in order."""
    seen: set[str] = set()
    return list(dict.fromkeys(x for x in map(str, labels) if x in seen or seen.add(x)))  # type: ignore[func-returns-value]


def alike(labels: Sequence[str], at: Sequence[Sequence[int] | None]) -> list[tuple[tuple[int, ...], list[str]]]:
    """Different labels that name the same conditions, such as ``A+ctrl`` and ``ctrl+A``.

    Parameters
    ----------
    labels
        n different labels.
    at
        n positions of the conditions that each names; ``None`` for controls and strangers.

    Returns
    -------
    (positions, labels) of each group of two or more, in order.
    """
    groups: dict[tuple[int, ...], list[str]] = {}
    for label, where in zip(labels, at, strict=True):
        if where:
            groups.setdefault(tuple(where), []).append(label)
    return [(where, own) for where, own in groups.items() if len(own) > 1]
