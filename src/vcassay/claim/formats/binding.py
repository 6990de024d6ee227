"""Binding: a split of a table's own conditions, turned into one of the measured conditions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from vcassay.claim.manifest import what_differs
from vcassay.claim.split import Role, Split
from vcassay.core import Conditions, InputError
from vcassay.core.conditions import Key, Parts, label
from vcassay.core.errors import first
from vcassay.screen.parse import rounded


def bind(split: Split, conditions: Conditions, *, where: str) -> Split:
    """Bind a split of a table's own conditions to the measured ones.

    A field that the table does not have (context, dose, time) stands for all of its values. Measured conditions that
    the table does not name are excluded, and counted in the notes.

    Raises
    ------
    InputError
        If the table names conditions that were not measured: how many, the first five, and what differs.
    """
    own = split.conditions
    columns = split.meta.get("columns", {})
    open_context = "context" not in columns and set(own.context.tolist()) != set(conditions.context.tolist())
    open_dose, open_time = bool(np.isnan(own.dose).all()), bool(np.isnan(own.time).all())

    def key(context: str, parts: Parts, dose: float, time: float) -> Key:
        c, d, t = (
            "" if open_context else context,
            0.0 if open_dose else rounded(dose),
            0.0 if open_time else rounded(time),
        )
        return (c, parts, d, t)

    position = {key(*k): i for i, k in enumerate(own.keys)}
    at = np.array([position.get(key(*k), -1) for k in conditions.keys], dtype=np.int64)
    lost = np.setdiff1d(np.arange(len(own)), at)
    if len(lost):
        strangers = own.take(lost).keys
        what = f"names {len(lost)} conditions that were not measured ({first(map(label, strangers))})"
        mend = what_differs([key(*k) for k in strangers], {key(*k) for k in conditions.keys})
        raise InputError(what, where=where, mend=mend or "use the split of this screen, or the screen's labels")
    roles = np.append(split.roles, Role.EXCLUDED.value)[at]
    meta = {k: v for k, v in split.meta.items() if k not in ("batches", "batches_by_side")}
    if "batches" in split.meta:
        meta["batches"] = _placed(split.meta["batches"], at)
    if "batches_by_side" in split.meta:
        meta["batches_by_side"] = tuple(_placed(side, at) for side in split.meta["batches_by_side"])
    n = int((at < 0).sum())
    if n:
        note = (f"{n:,} measured conditions are excluded.", "the table does not name them")
        meta["notes"] = [*meta.get("notes", []), note]
    also = np.flatnonzero(np.isin(at, split.also_train))
    words = tuple(split.words[i] if i >= 0 else "" for i in at.tolist()) if split.words else ()
    kinds: dict[str, list[tuple[str, str]]] = {}
    for name, a, b in split.conflicts:
        kinds.setdefault(name, []).append((a, b))
    ids = own.ids if len(also) else []
    named = zip(conditions.take(also).ids, at[also].tolist(), strict=True)
    conflicts = tuple((ours, a, b) for ours, i in named for a, b in kinds.get(ids[i], ()))
    return Split(
        conditions, roles.astype("<U8"), split.declared, split.seed, split.group, assumed=split.assumed,
        conflicts=conflicts, meta=meta, also_train=also.astype(np.int64), words=words,
    )  # fmt: skip


def _placed(batches: Sequence[Sequence[str]], at: NDArray[np.int64]) -> tuple[Sequence[str], ...]:
    """Batches of the table's conditions brought to those of the screen; none where the table does not name one."""
    return tuple(batches[i] if i >= 0 else () for i in at.tolist())
