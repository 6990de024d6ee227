"""Roles: the words that others use for train, val and test, and roles of rows turned into roles of conditions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vcassay.claim.split import Role, Split
from vcassay.core import Conditions, InputError, Regime
from vcassay.core.conditions import label
from vcassay.core.errors import first

PLAIN = {
    **dict.fromkeys(("train", "training", "trainset", "tr", "fit"), Role.TRAIN),
    **dict.fromkeys(("val", "valid", "validation", "valset", "dev"), Role.VAL),
    **dict.fromkeys(("test", "testing", "testset", "tst"), Role.TEST),
    **dict.fromkeys(("excluded", "exclude", "unused", "none", "nan", "na", "n/a", "null", "", "-"), Role.EXCLUDED),
    **dict.fromkeys(("ignore", "ignored", "drop", "dropped", "removed", "discard", "discarded", "<na>"), Role.EXCLUDED),
}
"""Plain words for the roles, in lower case."""
OWN = {
    **dict.fromkeys(("pretrain", "pretraining", "finetune", "finetuning"), Role.TRAIN),
    **dict.fromkeys(("holdout", "heldout", "ood", "zeroshot", "eval", "evaluation", "unseen"), Role.TEST),
    **dict.fromkeys(("leaderboard", "combo_seen0", "combo_seen1", "combo_seen2", "unseen_single"), Role.TEST),
}
"""Words that say more than the role; with one of the plain words beside them (``ood_val``) the plain word decides."""
WORDS = PLAIN | OWN
"""Lower-case words met in published splits, and what they mean here."""
QUALIFIERS = frozenset(
    ["public", "private", "internal", "external", "iid", "seen", "set", "split", "cells", "cell", "id"]
)
"""Words that may stand beside a role and do not change it."""
TRUTH = {
    **dict.fromkeys(("true", "1", "1.0", "yes", "t", "y"), True),
    **dict.fromkeys(("false", "0", "0.0", "no", "f", "n"), False),
}
_JOINED = (("held_out", "heldout"), ("hold_out", "holdout"), ("zero_shot", "zeroshot"), ("pre_train", "pretrain"),
           ("fine_tun", "finetun"))  # fmt: skip
_NUMBER = re.compile(r"[+-]?\d+(?:\.0+)?")
_FOLD = re.compile(r"(?:fold|cv|part|split)?[-_ ]?\d+(?:\.0+)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Stated:
    """Words of a source that the user has given a meaning."""

    train: tuple[str, ...] = ()
    val: tuple[str, ...] = ()
    test: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()

    @classmethod
    def of(
        cls, train: Iterable[Any] = (), val: Iterable[Any] = (), test: Iterable[Any] = (), excluded: Iterable[Any] = ()
    ) -> Stated:
        """Take the options ``train_values`` ...; one word alone may be given as text."""
        return cls(*(_texts(values) for values in (train, val, test, excluded)))

    def meaning(self) -> dict[str, Role]:
        """What each stated word means, folded."""
        pairs = ((Role.TRAIN, self.train), (Role.VAL, self.val), (Role.TEST, self.test), (Role.EXCLUDED, self.excluded))
        return {fold(word): role for role, words in pairs for word in words}


def _texts(values: Iterable[Any]) -> tuple[str, ...]:
    return (values,) if isinstance(values, str) else tuple(str(v) for v in values)


def fold(word: object) -> str:
    """Write a word for comparison: lower case, ``1.0`` as ``1``."""
    text = str(word).strip().lower()
    return str(int(float(text))) if _NUMBER.fullmatch(text) else text


def known_role(word: object) -> Role | None:
    """Role that a word stands for on its own; ``None`` if it is not one of `WORDS` nor made of them."""
    text = fold(word)
    if text in WORDS:
        return WORDS[text]
    text = re.sub(r"[-_ ./]+", "_", text).strip("_")
    for apart, joined in _JOINED:
        text = text.replace(apart, joined)
    if text in WORDS:
        return WORDS[text]
    tokens = [t.rstrip("0123456789") for t in text.split("_")]
    tokens = [t for t in tokens if t]
    plain = {PLAIN[t] for t in tokens if t in PLAIN}
    own = {OWN[t] for t in tokens if t in OWN}
    if not all(t in WORDS or t in QUALIFIERS for t in tokens):
        return None
    return plain.pop() if len(plain) == 1 else own.pop() if not plain and len(own) == 1 else None


def is_own(word: object) -> bool:
    """Tell whether a word says more than the role: neither a plain one, nor true and false, nor a fold."""
    text = fold(word)
    return text not in PLAIN and text not in TRUTH and not _FOLD.fullmatch(text)


def looks_like_roles(words: Iterable[object]) -> bool:
    """Tell whether words are roles, two different ones at least; control rows may have a word of their own."""
    found = [known_role(w) for w in words if fold(w) not in ("", "nan", "none", "<na>", "control", "ctrl")]
    return bool(found) and None not in found and len({r for r in found if r is not Role.EXCLUDED}) > 1


def role_of(word: object, where: str) -> Role:
    """Read a role.

    Raises
    ------
    InputError
        If the word is not one of `WORDS`.
    """
    role = known_role(word)
    if role is None:
        raise InputError(f"has the role '{word}'", where=where, mend="use train, val, test or excluded")
    return role


def meanings(counts: Mapping[str, int], column: str, stated: Stated, *, where: str) -> dict[str, Role]:
    """What each word of a role column means.

    Parameters
    ----------
    counts
        Word to its number of rows.
    column
        Its name: ``is_train`` or ``heldout`` give sense to true and false.

    Raises
    ------
    InputError
        If a word is not known, or a stated word does not occur: one sentence with every word and its count.
    """
    own = stated.meaning()
    met = {fold(w) for w in counts}
    listing = ", ".join(f"'{w}' ({n:,})" for w, n in sorted(counts.items(), key=lambda x: (-x[1], x[0]))[:12])
    if len(counts) > 12:
        listing += f" and {len(counts) - 12} more"
    said = (*stated.train, *stated.val, *stated.test, *stated.excluded)
    lost = [w for w in said if fold(w) not in met]
    if lost:
        raise InputError(f"has no word {first(map(repr, lost))}", where=where, mend=f"its words are {listing}")
    out, unknown = {}, []
    flag = flag_of(column) if counts and all(fold(w) in TRUTH for w in counts) and not own else None
    for word in counts:
        text = fold(word)
        if text in own:
            out[word] = own[text]
        elif flag is not None:
            out[word] = flag[TRUTH[text]]
        elif (role := known_role(word)) is not None:
            out[word] = role
        else:
            unknown.append(word)
    if unknown and (stated.test or stated.train) and all(fold(w) in TRUTH or _FOLD.fullmatch(w) for w in unknown):
        rest = Role.TRAIN if stated.test else Role.TEST
        return out | dict.fromkeys(unknown, rest)
    if unknown:
        folds = all(fold(w) in TRUTH or _FOLD.fullmatch(w) for w in unknown)
        mend = "say which of them is test, --test WORD (test_values=('WORD',) in Python), likewise for train and val"
        if folds:
            mend = f"name the test fold: --test {unknown[0]} (test_values=('{unknown[0]}',) in Python)"
        what = f"has the role {first((repr(w) for w in unknown), 8)}, which is no known word, among {listing}"
        raise InputError(what, where=where, mend=mend)
    return out


def flag_of(column: str) -> dict[bool, Role] | None:
    """What true and false mean in a column called ``is_train``, ``heldout``, ``test``; ``None`` in others."""
    text = re.sub(r"^(is|in)_", "", re.sub(r"[-_ .]+", "_", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", column)).lower())
    role = known_role(text)
    if role in (None, Role.EXCLUDED) or text in ("", "split", "set"):
        return None
    return {True: role, False: Role.TEST if role is Role.TRAIN else Role.TRAIN}


def split_of_rows(
    conditions: Conditions,
    at: NDArray[np.integer],
    word: NDArray[np.integer],
    names: Sequence[str],
    meaning: Mapping[str, Role],
    *,
    group: str,
    declared: Regime | None = None,
    unnamed: Role = Role.EXCLUDED,
    assumed: str = "",
    meta: Mapping[str, Any] | None = None,
) -> Split:
    """Turn roles of rows into roles of conditions.

    A condition with any test row is test; where it has training or validation rows too, it is in ``also_train`` and in
    ``conflicts``. Without a test row, training wins over validation, which is noted and no conflict.

    Parameters
    ----------
    at
        (rows,) position of the condition; negative for rows that take no part.
    word
        (rows,) position in ``names``; negative where the row has no role.
    names, meaning
        The words, and what each means.
    unnamed
        Role of conditions without any row.
    """
    n, keep = len(conditions), (at >= 0) & (word >= 0)
    seen = np.zeros((n, max(len(names), 1)), dtype=bool)
    seen[at[keep], word[keep]] = True
    has = {r: np.zeros(n, dtype=bool) for r in Role}
    for j, name in enumerate(names):
        if name in meaning:
            has[meaning[name]] |= seen[:, j]
    roles = np.full(n, unnamed.value, dtype="<U8")
    for role in (Role.EXCLUDED, Role.VAL, Role.TRAIN, Role.TEST):  # the last wins
        roles[has[role]] = role.value
    also = np.flatnonzero(has[Role.TEST] & (has[Role.TRAIN] | has[Role.VAL]))
    keys = conditions.take(also).keys
    conflicts = [
        (label(key), other.value, Role.TEST.value)
        for key, i in zip(keys, also.tolist(), strict=True)
        for other in (Role.TRAIN, Role.VAL)
        if has[other][i]
    ]
    out = {k: v for k, v in (meta or {}).items() if v is not None}
    shared = int((has[Role.TRAIN] & has[Role.VAL] & ~has[Role.TEST]).sum())
    if shared:
        note = (f"{shared:,} conditions are in training and in validation and count as training.", "neither is scored")
        out["notes"] = [*out.get("notes", []), note]
    written = _written(seen, roles, names, meaning) if any(map(is_own, names)) else ()
    return Split(
        conditions, roles, declared, None, group, assumed=assumed, conflicts=tuple(conflicts), meta=out,
        also_train=also.astype(np.int64), words=written,
    )  # fmt: skip


def _written(
    seen: NDArray[np.bool_], roles: NDArray[np.str_], names: Sequence[str], meaning: Mapping[str, Role]
) -> tuple[str, ...]:
    """Words of the role that each condition has, joined by a slash where there are several."""
    out = np.full(len(roles), "", dtype=object)
    for j in sorted(range(len(names)), key=lambda j: str(names[j])):
        if names[j] in meaning:
            here = seen[:, j] & (roles == meaning[names[j]].value)
            out[here] = [f"{a}/{names[j]}" if a else str(names[j]) for a in out[here]]
    return tuple(out.tolist())
