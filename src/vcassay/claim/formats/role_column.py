"""A column of roles: its words, what they mean, and what the rows tell beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vcassay.claim.formats.roles import Stated, flag_of, fold, looks_like_roles, meanings
from vcassay.claim.split import Role
from vcassay.core import InputError
from vcassay.core.errors import did_you_mean, first
from vcassay.screen import CONTROL
from vcassay.screen.coding import text_codes
from vcassay.screen.screen import Note

MOST_WORDS = 64
"""Distinct values above which a column holds no roles."""


def role_codes(column: pd.Series) -> tuple[NDArray[np.int64], list[str]]:
    """Code a role column: (rows,) codes, -1 where it is empty; and the words."""
    codes, texts = text_codes(column)
    return codes, texts


def read_words(
    word: NDArray[np.int64], names: Sequence[str], code: NDArray[np.integer], column: str, stated: Stated, *, where: str
) -> tuple[dict[str, Role], list[Note]]:
    """What the words of a role column mean, judged by the perturbed rows; and notes on them.

    Raises
    ------
    InputError
        If there is no word, or one is not known.
    """
    perturbed = (code >= 0) & (word >= 0)
    counts = np.bincount(word[perturbed], minlength=len(names))
    place = f"{where}, column '{column}'"
    met = {name: int(n) for name, n in zip(names, counts, strict=True) if n}
    if len(met) > MOST_WORDS:
        mend = "name the column that holds train, val and test"
        raise InputError(f"holds {len(met):,} different values ({first(met, 3)}), no roles", where=place, mend=mend)
    meaning = meanings(met, column, stated, where=place)
    notes: list[Note] = []
    lost = int(((code >= 0) & (word < 0)).sum())
    if lost:
        notes.append((f"{lost:,} perturbed rows are excluded.", f"they have no role in column '{column}'"))
    flag = flag_of(column) if met and not stated.meaning() else None
    if flag is not None and all(fold(w) in ("true", "false", "1", "0") for w in met):
        said = ", ".join(f"{w} as {meaning[w]}" for w in sorted(met))
        notes.append((f"Column '{column}' was read with {said}.", "it holds true and false"))
    tests = sorted(w for w in met if meaning[w] is Role.TEST)
    if "ood" in map(fold, tests) and "test" in map(fold, tests) and Role.VAL not in meaning.values():
        reason = "CPA and chemCPA validate on 'test' and hold out 'ood': if so here, state val_values=('test',)"
        notes.append(("The words 'test' and 'ood' both stand for the test set.", reason))
    for text in names:  # words of control rows alone need not be known
        if text not in meaning:
            try:
                meaning |= meanings({text: 1}, column, Stated(), where=place)
            except InputError:
                continue
    return meaning, notes


def controls_in_test(
    frame: pd.DataFrame,
    place: tuple[str, str | None, str],
    code: NDArray[np.integer],
    word: NDArray[np.int64],
    names: Sequence[str],
    meaning: Mapping[str, Role],
) -> dict[str, Any]:
    """``controls_in_test``: (label, context, word) of controls that are listed as test; empty if none is.

    Parameters
    ----------
    place
        Columns of perturbation and context, and the context's name where there is no such column.
    """
    perturbation, context, context_name = place
    is_test = np.array([meaning.get(w) is Role.TEST for w in names] + [False])
    at = np.flatnonzero((code == CONTROL) & is_test[word])
    if not len(at):
        return {}
    label, labels = text_codes(frame[perturbation].iloc[at], keep=("None", "NA"))
    where, contexts = (np.zeros(len(at), dtype=np.int64), [context_name])
    if context is not None:
        where, contexts = text_codes(frame[context].iloc[at])
    found = np.unique(np.stack([label, where, word[at]], axis=1), axis=0)
    triples = [(labels[a], contexts[b] if b >= 0 else "", names[c]) for a, b, c in found.tolist() if a >= 0]
    return {"controls_in_test": triples} if triples else {}


def names_by_condition(
    n: int, code: NDArray[np.integer], batch: NDArray[np.integer], batches: Sequence[str]
) -> tuple[tuple[str, ...], ...]:
    """For each of n conditions, the names of the batches of its rows, sorted."""
    keep = (code >= 0) & (batch >= 0)
    width = max(len(batches), 1)
    pairs = np.unique(code[keep].astype(np.int64) * width + batch[keep])
    which, name = np.divmod(pairs, width)
    bounds = np.searchsorted(which, np.arange(n + 1))
    texts = [batches[i] for i in name.tolist()]
    return tuple(tuple(sorted(texts[a:b])) for a, b in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True))


USUAL = ("role", "split", "set", "subset", "partition")
"""Names of a role column, where several columns hold roles."""


def find_role(frame: pd.DataFrame, where: str) -> str:
    """The one column whose values are roles, or the one of these that is called so.

    Raises
    ------
    InputError
        If there is none, or it is not clear which.
    """
    found = role_columns(frame)
    usual = [c for name in USUAL for c in found if c.casefold() == name]
    named = [c for name in USUAL for c in map(str, frame.columns) if c.casefold() == name]
    if not found and len(named) == 1:
        return named[0]  # its words are refused one by one
    if not found:
        mend = f"name it (--role-column): its columns are {first(frame.columns, 12)}"
        raise InputError("has no column whose values are roles", where=where, mend=mend)
    if len(found) > 1 and len(usual) != 1:
        what = f"has {len(found)} columns whose values are roles ({first(found, 8)})"
        raise InputError(what, where=where, mend=f"name one: --role-column {found[0]}")
    return (usual or found)[0]


def near_role(frame: pd.DataFrame, role: str) -> str:
    """What to do about a role column that is not there."""
    like, mend = role_columns(frame), did_you_mean(role, map(str, frame.columns))
    if not like:
        return mend
    if mend.startswith("did you mean"):
        return mend if len(like) == 1 and like[0] in mend else f"{mend} Its values look like roles in {first(like, 8)}."
    return f"the values of {first(like, 8)} look like roles"


def role_columns(frame: pd.DataFrame) -> list[str]:
    """Columns whose values look like roles."""
    out = []
    for name in frame.columns:
        codes, texts = text_codes(frame[name])
        if 1 < len(texts) <= 12 and looks_like_roles(texts) and np.mean(codes >= 0) > 0.1:
            out.append(str(name))
    return out


def batches_of(
    n: int,
    code: NDArray[np.integer],
    role: NDArray[np.str_],
    batch: NDArray[np.integer],
    batches: Sequence[str],
) -> dict[str, Any]:
    """``batches`` of each condition's rows; ``batches_by_side``: those of its training and of its test rows.

    Parameters
    ----------
    code, role, batch
        (rows,) condition, role and batch of each row; rows that are excluded are on neither side.
    """
    whole = names_by_condition(n, code, batch, batches)
    test = np.asarray(role == Role.TEST.value)
    train = ~test & (role != Role.EXCLUDED.value)
    by_side = tuple(names_by_condition(n, np.where(rows, code, -1), batch, batches) for rows in (train, test))
    return {"batches": whole, "batches_by_side": by_side}
