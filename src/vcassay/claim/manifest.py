"""Manifest: a split as JSON, bound to its condition table by a hash."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np

from vcassay.claim.split import N_SHARDS, RESERVED_SHARDS, Role, Split
from vcassay.core import Conditions, InputError, Regime
from vcassay.core.conditions import MISSING, SEPARATOR, Key, Parts, canonical, label
from vcassay.core.errors import first
from vcassay.screen.parse import rounded

SCHEMA = "vcassay.split/1"


def write_split(split: Split, path: Path) -> Path:
    """Write a manifest, whole or not at all: one row a condition, sorted."""
    rows = [
        {"context": c, "perturbation": list(p), "dose": _number(d), "time": _number(t), "role": str(r)}
        for (c, p, d, t), r in zip(split.conditions.keys, split.roles, strict=True)
    ]
    data: dict[str, Any] = {
        "schema": SCHEMA,
        "sha256": split.conditions.sha256(),
        "declared": split.declared,
        "seed": split.seed,
        "group": split.group,
        "test_shards": list(split.test_shards),
        "reserved_shards": list(split.reserved_shards),
        "assumed": split.assumed,
        "rows": rows,
    }
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    part.write_text(json.dumps(data, indent=0, ensure_ascii=False) + "\n", encoding="utf-8")
    part.replace(path)
    return path


def read_split(path: Path, conditions: Conditions | None = None) -> Split:
    """Read a manifest and bind it to the data.

    Parameters
    ----------
    conditions
        The measured conditions; without them the manifest's own table is taken.

    Returns
    -------
    A split of ``conditions``. A condition that the manifest names in more than one role keeps its
    first and is listed in ``conflicts``; one that it does not name is excluded.

    Raises
    ------
    InputError
        If the file is no manifest, or names conditions that were not measured.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        rows = data["rows"]
        entries = [
            ((str(r["context"]), _parts(r["perturbation"]), _key(r["dose"]), _key(r["time"])), str(r["role"]))
            for r in rows
        ]
    except FileNotFoundError as error:
        raise InputError("is missing", where=str(path), mend="check the path") from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        mend = "write one with `vcassay split`"
        raise InputError("is not a split manifest", where=str(path), mend=mend) from error
    if data.get("schema") != SCHEMA:
        raise InputError(f"has schema '{data.get('schema')}'", where=str(path), mend=f"this version reads '{SCHEMA}'")
    declared = data.get("declared")
    if declared and declared not in tuple(Regime):
        raise InputError(f"declares '{declared}'", where=str(path), mend=f"use one of {', '.join(Regime)}")
    shards = {name: _shards(data.get(name, default), path) for name, default in SHARDS.items()}
    measured = set(conditions.keys) if conditions is not None else None
    role: dict[Any, str] = {}
    conflicts = []
    for written, r in entries:
        if r not in set(Role):
            raise InputError(f"has the role '{r}'", where=str(path), mend=f"use one of {', '.join(Role)}")
        key = _measured(written, measured)
        before = role.setdefault(key, r)
        if before != r:
            conflicts.append((label(key), before, r))
    if conditions is None:
        keys = list(role)
        dose = [np.nan if k[2] < 0 else k[2] for k in keys]
        time = [np.nan if k[3] < 0 else k[3] for k in keys]
        conditions = Conditions.make([k[0] for k in keys], [k[1] for k in keys], dose, time)
    known = set(conditions.keys)
    strangers = [label(k) for k in role if k not in known]
    if strangers:
        what = f"names {len(strangers)} conditions that were not measured ({first(strangers)})"
        raise InputError(what, where=str(path), mend="use the manifest of this screen, or make a new split")
    roles = np.array([role.get(k, Role.EXCLUDED.value) for k in conditions.keys])
    return Split(
        conditions,
        roles,
        Regime(declared) if declared else None,
        data.get("seed"),
        data.get("group", ""),
        shards["test_shards"],
        shards["reserved_shards"],
        data.get("assumed", ""),
        tuple(conflicts),
    )


SHARDS: dict[str, tuple[int, ...]] = {"test_shards": (), "reserved_shards": RESERVED_SHARDS}


def _shards(value: Any, path: Path) -> tuple[int, ...]:
    """Shards as stored; some must be left for the other side."""
    if isinstance(value, list | tuple) and set(value) < set(range(N_SHARDS)):
        return tuple(value)
    mend = f"name some of the shards 0 to {N_SHARDS - 1}, or write the manifest with `vcassay split`"
    raise InputError(f"has the shards {value!r}", where=str(path), mend=mend)


def _number(value: float) -> float | None:
    return None if value < 0 else value


def _key(value: float | None) -> float:
    return MISSING if value is None else float(value)


def _parts(value: Any) -> Parts:
    """Parts of a perturbation, written as a list or as ``A+B``."""
    return canonical(value.split(SEPARATOR) if isinstance(value, str) else map(str, value))


def _measured(key: Key, measured: set[Key] | None) -> Key:
    """The key as measured: a screen's doses and times have six significant digits."""
    context, parts, dose, time = key
    near = (context, parts, rounded(dose), rounded(time))
    return near if measured is not None and key not in measured and near in measured else key
