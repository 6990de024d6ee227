"""Roles: the words that others use for train, val and test, and roles by rows to roles by conditions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from vcassay.claim.split import Role, Split
from vcassay.core import Conditions, InputError, Regime
from vcassay.core.conditions import Key, label
from vcassay.core.errors import first

WORDS = {
    **dict.fromkeys(("train", "training", "tr", "fit"), Role.TRAIN),
    **dict.fromkeys(("val", "valid", "validation", "dev"), Role.VAL),
    **dict.fromkeys(("test", "testing", "holdout", "held-out", "heldout", "ood", "zeroshot", "eval"), Role.TEST),
    **dict.fromkeys(("excluded", "exclude", "unused", "none", "nan", "", "ignore", "drop"), Role.EXCLUDED),
}
"""Lower-case words met in published splits, and what they mean here."""


def role_of(word: object, where: str) -> Role:
    """Read a role.

    Raises
    ------
    InputError
        If the word is not one of `WORDS`.
    """
    text = str(word).strip().lower()
    if text not in WORDS:
        raise InputError(f"has the role '{word}'", where=where, mend="use train, val, test or excluded")
    return WORDS[text]


def split_of(
    conditions: Conditions,
    stated: Iterable[tuple[Key, Role]],
    *,
    where: str,
    group: str,
    declared: Regime | None = None,
    unnamed: Role = Role.EXCLUDED,
) -> Split:
    """Turn stated roles of conditions into a split of the measured ones.

    Parameters
    ----------
    stated
        Keys and roles, as often as the source names them. A condition in several roles keeps its
        first and is listed in ``conflicts``.
    unnamed
        Role of measured conditions that the source does not name.

    Raises
    ------
    InputError
        If the source names conditions that were not measured: how many, the first five.
    """
    role: dict[Key, Role] = {}
    conflicts: dict[tuple[str, str, str], None] = {}
    for key, r in stated:
        before = role.setdefault(key, r)
        if before is not r:
            conflicts[label(key), before.value, r.value] = None
    known = set(conditions.keys)
    strangers = [label(key) for key in role if key not in known]
    if strangers:
        what = f"names {len(strangers)} conditions that were not measured ({first(strangers)})"
        raise InputError(what, where=where, mend="use the split of this screen, or the screen's labels")
    roles = np.array([role.get(key, unnamed).value for key in conditions.keys])
    return Split(conditions, roles, declared, None, group, conflicts=tuple(conflicts))


def matching(conditions: Conditions, labels: Sequence[str], delimiter: str = "+") -> dict[str, list[Key]]:
    """Keys of the measured conditions that a plain label names, in every context and at every dose.

    ``A+ctrl`` and ``ctrl+A`` name A; the order of partners does not matter.
    """
    by_parts: dict[tuple[str, ...], list[Key]] = {}
    for key in conditions.keys:
        by_parts.setdefault(key[1], []).append(key)
    out = {}
    for text in labels:
        whole = (text.strip(),)
        parts = tuple(sorted(p for p in text.strip().split(delimiter) if p.lower() not in ("ctrl", "control", "")))
        out[text] = by_parts.get(whole) or by_parts.get(parts, [])
    return out
