"""Plain lists of perturbations by role: GEARS' JSON, or a CSV of perturbation and role."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from vcassay.claim.formats.roles import matching, role_of, split_of
from vcassay.claim.split import Role, Split
from vcassay.core import Conditions, InputError
from vcassay.core.errors import first

CONTROLS = ("ctrl", "control", "non-targeting")


def read_lists(path: Path, conditions: Conditions) -> Split:
    """Read ``{"train": ["A+ctrl", ...], "val": [...], "test": [...]}`` (JSON), or a CSV of two columns.

    A listed perturbation has its role in every context and at every dose; control labels are left out.
    Perturbations that were measured but not listed are excluded.

    Raises
    ------
    InputError
        If the file is not of this kind, or lists perturbations that were not measured.
    """
    return from_lists(conditions, _load(path), where=str(path))


def from_lists(conditions: Conditions, lists: Mapping[str, Sequence[str]], *, where: str = "lists") -> Split:
    """Turn lists of perturbations by role into a split."""
    stated, strangers = [], []
    for word, labels in lists.items():
        role = role_of(word, where)
        wanted = [text for text in labels if text.strip().lower() not in CONTROLS]
        for text, keys in matching(conditions, wanted).items():
            stated += [(key, role) for key in keys]
            if not keys:
                strangers.append(text)
    if strangers:
        what = f"lists {len(strangers)} perturbations that were not measured ({first(strangers)})"
        raise InputError(what, where=where, mend="use the lists of this screen, or the screen's labels")
    return split_of(conditions, stated, where=where, group="lists")


def write_lists(split: Split, path: Path) -> Path:
    """Write the perturbations of each role as GEARS does (JSON, singles with ``+ctrl``).

    Raises
    ------
    InputError
        If a perturbation has several roles, as in CEX: lists of perturbations cannot say that.
    """
    roles: dict[str, set[str]] = {}
    for parts, role in zip(split.conditions.parts, split.roles.tolist(), strict=True):
        name = "+".join(parts) if len(parts) > 1 else f"{parts[0]}+ctrl"
        roles.setdefault(name, set()).add(role)
    several = sorted(name for name, found in roles.items() if len(found) > 1)
    if several:
        what = f"{len(several)} perturbations have several roles ({first(several)})"
        raise InputError(what, where=str(path), mend="write the manifest, which has a role a condition")
    lists = {
        r.value: sorted(n for n, found in roles.items() if r.value in found) for r in (Role.TRAIN, Role.VAL, Role.TEST)
    }
    lists["train"] = ["ctrl", *lists["train"]]
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    part.write_text(json.dumps(lists, indent=1) + "\n", encoding="utf-8")
    part.replace(path)
    return path


def _load(path: Path) -> dict[str, list[str]]:
    try:
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".json":
            data = json.loads(text)
            if not isinstance(data, dict) or not all(isinstance(v, list) for v in data.values()):
                raise ValueError("no object of lists")
            return {str(k): [str(x) for x in v] for k, v in data.items()}
        rows = [row for row in csv.reader(text.splitlines()) if row]
    except FileNotFoundError as error:
        raise InputError("is missing", where=str(path), mend="check the path") from error
    except (OSError, ValueError) as error:
        mend = "write an object with the lists train, val and test"
        raise InputError(f"is not a list of perturbations by role ({error})", where=str(path), mend=mend) from error
    if any(len(row) != 2 for row in rows) or len(rows) < 2:
        mend = "write two columns, perturbation and role, with a header"
        raise InputError("does not have two columns", where=str(path), mend=mend)
    lists: dict[str, list[str]] = {}
    for name, role in rows[1:]:
        lists.setdefault(role, []).append(name)
    return lists
