"""Manifest: a split as JSON, bound to its condition table by a hash."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from vcassay.claim.split import N_SHARDS, RESERVED_SHARDS, Role, Split
from vcassay.core import Conditions, InputError, Regime
from vcassay.core.conditions import MISSING, SEPARATOR, Key, Parts, canonical, label
from vcassay.core.errors import first
from vcassay.screen.parse import rounded

SCHEMA = "vcassay.split/1"
ORDER = (Role.TEST, Role.TRAIN, Role.VAL, Role.EXCLUDED)
"""Which role a condition has that is named in several."""
PER_ROW = ("batches",)
"""Entries of ``meta`` with one item a condition: they are kept with its row."""


def write_split(split: Split, path: str | Path) -> Path:
    """Write a manifest, whole or not at all: one row a condition, sorted.

    Of ``meta``, what is plain data is kept; numbers that are not finite become null.
    """
    rows = [
        {"context": c, "perturbation": list(p), "dose": _number(d), "time": _number(t), "role": str(r)}
        for (c, p, d, t), r in zip(split.conditions.keys, split.roles, strict=True)
    ]
    for i in split.also_train.tolist():
        rows[i]["also_train"] = True
    for row, word in zip(rows, split.words, strict=False):
        row["word"] = word
    meta = {k: p for k, v in split.meta.items() if k not in PER_ROW and (p := _plain(v)) is not _NOT_PLAIN}
    for name in PER_ROW:
        for row, value in zip(rows, split.meta.get(name, ()), strict=False):
            row[name] = list(value)
    data: dict[str, Any] = {
        "schema": SCHEMA,
        "sha256": split.conditions.sha256(),
        "declared": split.declared,
        "seed": split.seed,
        "group": split.group,
        "test_shards": list(split.test_shards),
        "reserved_shards": list(split.reserved_shards),
        "assumed": split.assumed,
        "conflicts": [list(c) for c in split.conflicts],
        "meta": meta,
        "rows": rows,
    }
    path = Path(path)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    part.write_text(json.dumps(data, indent=0, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8")
    part.replace(path)
    return path


def read_split(path: str | Path, conditions: Conditions | None = None, *, partial: bool = False) -> Split:
    """Read a manifest and bind it to the data.

    Parameters
    ----------
    conditions
        The measured conditions; without them the manifest's own table is taken.
    partial
        Whether measured conditions that a manifest with a hash does not name are excluded, not refused.

    Returns
    -------
    A split of ``conditions``. A condition that the manifest names as test and in another role is test, and listed in
    ``also_train`` and ``conflicts``; one that a manifest without a hash (written by hand) does not name is excluded.

    Raises
    ------
    InputError
        If the file is no manifest, its rows are not those of its hash, it names conditions that were not measured, or
        it does not fit the data: what differs.
    """
    path, where = Path(path), str(path)
    data, entries = _load(path)
    declared = data.get("declared")
    if declared and declared not in tuple(Regime):
        raise InputError(f"declares '{declared}'", where=where, mend=f"use one of {', '.join(Regime)}")
    shards = {name: _shards(data.get(name, default), path) for name, default in SHARDS.items()}
    stored = data.get("sha256")
    measured = set(conditions.keys) if conditions is not None else None
    found: dict[Key, dict[str, None]] = {}
    row: dict[Key, dict[str, Any]] = {}
    for written, entry in entries:
        role = str(entry["role"])
        if role not in set(Role):
            raise InputError(f"has the role '{role}'", where=where, mend=f"use one of {', '.join(Role)}")
        key = _measured(written, measured)
        found.setdefault(key, {})[role] = None
        if entry.get("also_train") is True and role == Role.TEST:
            found[key].setdefault(Role.TRAIN.value, None)
        row[key] = row.get(key, {}) | entry if role == Role.TEST or key not in row else row[key]
    if conditions is None or (measured == set(found) and stored != conditions.sha256()):
        own = _table(dict.fromkeys(written for written, _ in entries))
        _check_hash(stored, own, where)
        conditions = own if conditions is None else conditions
    _check_fit(set(found), set(conditions.keys), where, whole=stored is not None and not partial)
    return _bind(conditions, found, row, data, Regime(declared) if declared else None, shards)


SHARDS: dict[str, tuple[int, ...]] = {"test_shards": (), "reserved_shards": RESERVED_SHARDS}


def _load(path: Path) -> tuple[dict[str, Any], list[tuple[Key, dict[str, Any]]]]:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        rows = data["rows"]
        entries = [
            ((str(r["context"]), _parts(r["perturbation"]), _key(r["dose"]), _key(r["time"])), {**r, "role": r["role"]})
            for r in rows
        ]
        conflicts, meta = data.get("conflicts", []), data.get("meta", {})
        if not isinstance(meta, dict) or not all(isinstance(c, list) and len(c) == 3 for c in conflicts):
            raise TypeError("conflicts and meta")
    except FileNotFoundError as error:
        raise InputError("is missing", where=str(path), mend="check the path") from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        mend = "write one with `vcassay split`"
        raise InputError("is not a split manifest", where=str(path), mend=mend) from error
    if data.get("schema") != SCHEMA:
        raise InputError(f"has schema '{data.get('schema')}'", where=str(path), mend=f"this version reads '{SCHEMA}'")
    return data, entries


def _table(keys: Mapping[Key, Any]) -> Conditions:
    dose = [np.nan if k[2] < 0 else k[2] for k in keys]
    time = [np.nan if k[3] < 0 else k[3] for k in keys]
    return Conditions.make([k[0] for k in keys], [k[1] for k in keys], dose, time)


def _check_hash(stored: Any, own: Conditions, where: str) -> None:
    """Refuse a manifest whose rows are not those that were hashed."""
    if stored is not None and stored != own.sha256():
        what = "has rows that are not those of its sha256, so it was edited or damaged"
        raise InputError(what, where=where, mend="write it again, or take its sha256 out if it was edited on purpose")


def _check_fit(named: set[Key], measured: set[Key], where: str, *, whole: bool) -> None:
    """Refuse a manifest of another table, and say what differs."""
    strangers, left = sorted(named - measured), sorted(measured - named) if whole else []
    if not strangers and not left:
        return
    clauses = []
    if strangers:
        clauses.append(f"names {len(strangers)} conditions that were not measured ({first(map(label, strangers))})")
    if left:
        clauses.append(f"does not name {len(left)} measured conditions ({first(map(label, left))})")
    mend = what_differs(strangers, measured) or "use the manifest of this screen, or make a new split"
    if not strangers:
        mend = "make a new split, or say that it is partial (partial=True) to leave these conditions out"
    raise InputError(" and ".join(clauses), where=where, mend=mend)


def _folded(key: Key) -> object:
    return (key[0].casefold(), tuple(p.casefold() for p in key[1]), *key[2:])


HINTS: tuple[tuple[Callable[[Key], object], str], ...] = (
    (lambda k: (k[0], k[1], k[3]), "only the doses differ: check the dose column and its unit"),
    (lambda k: k[:3], "only the times differ: check the time column and its unit"),
    (lambda k: k[:2], "only doses and times differ: check these columns and their units"),
    (_folded, "they differ in case alone: write the labels as the screen does"),
    (lambda k: k[1:], "only the contexts differ: check the context column"),
    (lambda k: k[1], "the perturbations are the same, but contexts, doses or times are not: check these columns"),
)
"""What is left of a key when something is set aside, and the mend if that is what differs."""


def what_differs(strangers: Sequence[Key], measured: set[Key]) -> str:
    """In what most strangers differ from a measured condition, as a mend; empty if in all."""
    for part, mend in HINTS:
        known = {part(k) for k in measured}
        if sum(part(k) in known for k in strangers) > len(strangers) / 2:
            return mend
    return ""


def _bind(
    conditions: Conditions,
    found: Mapping[Key, Mapping[str, None]],
    row: Mapping[Key, Mapping[str, Any]],
    data: Mapping[str, Any],
    declared: Regime | None,
    shards: Mapping[str, tuple[int, ...]],
) -> Split:
    """The split of the measured conditions."""
    keys = conditions.keys
    conflicts = {(str(a), str(b), str(c)): None for a, b, c in data.get("conflicts", [])}
    roles, also = [], []
    for i, key in enumerate(keys):
        has = found.get(key, {Role.EXCLUDED.value: None})
        role = next(r.value for r in ORDER if r.value in has)
        roles.append(role)
        others = [r for r in (Role.TRAIN.value, Role.VAL.value) if role == Role.TEST and r in has]
        if others:
            also.append(i)
            if not any((label(key), r, role) in conflicts for r in (Role.TRAIN.value, Role.VAL.value)):
                conflicts |= {(label(key), r, role): None for r in others}
    meta = {str(k): _tuples(v) for k, v in data.get("meta", {}).items()}
    for name in PER_ROW:
        if any(name in r for r in row.values()):
            meta[name] = tuple(tuple(map(str, row.get(k, {}).get(name, ()))) for k in keys)
    words = tuple(str(row.get(k, {}).get("word", "")) for k in keys)
    return Split(
        conditions,
        np.array(roles, dtype="<U8"),
        declared,
        data.get("seed"),
        data.get("group", ""),
        shards["test_shards"],
        shards["reserved_shards"],
        data.get("assumed", ""),
        tuple(conflicts),
        meta,
        np.array(also, dtype=np.int64),
        words if any(words) else (),
    )


def _shards(value: Any, path: Path) -> tuple[int, ...]:
    """Shards as stored; some must be left for the other side."""
    if isinstance(value, list | tuple) and set(value) < set(range(N_SHARDS)):
        return tuple(value)
    mend = f"name some of the shards 0 to {N_SHARDS - 1}, or write the manifest with `vcassay split`"
    raise InputError(f"has the shards {value!r}", where=str(path), mend=mend)


_NOT_PLAIN = object()


def _plain(value: Any) -> Any:
    """A value as JSON has it; `_NOT_PLAIN` if it is none."""
    if value is None or isinstance(value, bool | int | str):
        return str(value) if isinstance(value, str) else value
    if isinstance(value, np.generic):
        return _plain(value.item())
    if isinstance(value, float):
        return value if np.isfinite(value) else None
    if isinstance(value, dict):
        items = {str(k): _plain(v) for k, v in value.items()}
        return _NOT_PLAIN if any(v is _NOT_PLAIN for v in items.values()) else items
    if isinstance(value, list | tuple):
        found = [_plain(v) for v in value]
        return _NOT_PLAIN if any(v is _NOT_PLAIN for v in found) else found
    return _NOT_PLAIN


def _tuples(value: Any) -> Any:
    """Lists within lists as tuples, as they were written."""
    if isinstance(value, dict):
        return {k: _tuples(v) for k, v in value.items()}
    return [tuple(v) if isinstance(v, list) else v for v in value] if isinstance(value, list) else value


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
