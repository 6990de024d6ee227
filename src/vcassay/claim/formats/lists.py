"""Plain lists of perturbations by role: GEARS' JSON, a CSV of perturbation and role, or a text file a role."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from vcassay.claim.formats.files import write_text
from vcassay.claim.formats.listing import Lists, alike, choose, load_lines, load_lists, repeated
from vcassay.claim.formats.matching import conditions_of, control_labels, find_delimiter, find_labels, refuse_strangers
from vcassay.claim.formats.roles import Stated, meanings, split_of_rows
from vcassay.claim.split import Role, Split
from vcassay.core import Conditions, InputError
from vcassay.core.errors import first


def read_lists(
    path: Path,
    conditions: Conditions,
    *,
    key: str | None = None,
    delimiter: str | None = None,
    control: Sequence[str] | None = None,
    controls_too: Sequence[str] = (),
    train_values: Sequence[str] = (),
    val_values: Sequence[str] = (),
    test_values: Sequence[str] = (),
    excluded_values: Sequence[str] = (),
) -> Split:
    """Read ``{"train": ["A+ctrl", ...], "val": [...], "test": [...]}`` (JSON), or a CSV of two columns.

    A listed perturbation has its role in every context and at every dose; control labels are left out.
    Perturbations that were measured but not listed are excluded. Objects within the object are read where there is
    one, where ``key`` names it, or where their names are contexts of the screen.

    Parameters
    ----------
    control, controls_too
        The labels of controls; further ones beside all usual names.

    Raises
    ------
    InputError
        If the file is not of this kind, or lists perturbations that were not measured.
    """
    where = str(path)
    stated = Stated.of(train_values, val_values, test_values, excluded_values)
    lists, inside = load_lists(path, stated)
    if not lists and inside and key is None and set(inside) <= set(conditions.context.tolist()):
        chosen: Mapping[str, Mapping[str, Sequence[str]]] = inside
    else:
        chosen = {"": choose(lists, inside, key, where)}
    return _from_lists(
        conditions, chosen, where=where, delimiter=delimiter, control=control, controls_too=controls_too, stated=stated
    )


def from_lists(
    conditions: Conditions,
    lists: Mapping[str, Sequence[str]],
    *,
    where: str = "lists",
    delimiter: str | None = None,
    control: Sequence[str] | None = None,
) -> Split:
    """Turn lists of perturbations by role into a split.

    A perturbation in the test list and in another is a test condition that was trained on, too.
    """
    return _from_lists(conditions, {"": lists}, where=where, delimiter=delimiter, control=control)


def from_files(
    conditions: Conditions | None,
    *,
    train: Path | None = None,
    val: Path | None = None,
    test: Path | None = None,
    context: str = "all",
    delimiter: str | None = None,
    control: Sequence[str] | None = None,
    controls_too: Sequence[str] = (),
) -> Split:
    """Read plain text files, one label a line.

    Without a training list the perturbations that the others do not name are taken for the training set, which the
    split says in ``assumed``.

    Parameters
    ----------
    conditions
        The measured conditions; without them the split is one of the listed perturbations.

    Raises
    ------
    InputError
        If there is no test list, or a label was not measured.
    """
    paths = {role.value: p for role, p in ((Role.TRAIN, train), (Role.VAL, val), (Role.TEST, test)) if p is not None}
    where = ", ".join(map(str, paths.values())) or "lists"
    if test is None:
        raise InputError("there is no test list", where=where, mend="name the file that lists the test perturbations")
    known = {p for parts in conditions.parts for p in parts} if conditions is not None else set()
    lists = {word: load_lines(path, known) for word, path in paths.items()}
    if conditions is None:
        return _alone(lists, where, context, delimiter, control)
    rest = Role.EXCLUDED if train is not None else Role.TRAIN
    named = "the test list does" if val is None else "the validation and test lists do"
    assumed = "" if train is not None else f"the perturbations that {named} not name are assumed to be the training set"
    return _from_lists(
        conditions, {"": lists}, where=where, delimiter=delimiter, control=control, controls_too=controls_too,
        unnamed=rest, assumed=assumed,
    )  # fmt: skip


def lists_alone(
    path: Path,
    *,
    context: str = "all",
    key: str | None = None,
    delimiter: str | None = None,
    control: Sequence[str] | None = None,
    train_values: Sequence[str] = (),
    val_values: Sequence[str] = (),
    test_values: Sequence[str] = (),
    excluded_values: Sequence[str] = (),
) -> Split:
    """Read lists without a screen: a published split on its own, whose conditions are the listed ones.

    Parameters
    ----------
    context
        Name of the one context, which such lists do not state.

    Raises
    ------
    InputError
        If the file is not of this kind or lists nothing.
    """
    where = str(path)
    stated = Stated.of(train_values, val_values, test_values, excluded_values)
    lists, inside = load_lists(path, stated)
    return _alone(choose(lists, inside, key, where), where, context, delimiter, control, stated)


def write_lists(split: Split, path: Path) -> Path:
    """Write the perturbations of each role as GEARS does (JSON, singles with ``+ctrl``).

    Raises
    ------
    InputError
        If a perturbation has several roles, as in CEX, or cells of one condition are parted: lists of perturbations
        cannot say that.
    """
    where = str(path)
    if split.test_shards:
        mend = "write the manifest instead"
        raise InputError("cannot say that the cells of a condition are parted", where=where, mend=mend)
    table, also = split.conditions, np.isin(np.arange(len(split.conditions)), split.also_train)
    roles: dict[str, set[tuple[str, bool]]] = {}
    for parts, role, both in zip(table.parts, split.roles.tolist(), also.tolist(), strict=True):
        name = "+".join(parts) if len(parts) > 1 else f"{parts[0]}+ctrl"
        roles.setdefault(name, set()).add((role, both))
    several = sorted(name for name, found in roles.items() if len(found) > 1)
    if several:
        what = f"{len(several)} perturbations have several roles ({first(several)})"
        raise InputError(what, where=where, mend="write the manifest, which has a role a condition")
    lists: Lists = {r.value: [] for r in (Role.TRAIN, Role.VAL, Role.TEST)}
    for name, found in sorted(roles.items()):
        role, both = next(iter(found))
        if role != Role.EXCLUDED:
            lists[role].append(name)
        if both:
            lists["train"].append(name)
    what = "cannot say this split: some labels would be read as other perturbations"
    try:
        again = from_lists(table, lists, where=where)
    except InputError as error:
        raise InputError(what, where=where, mend="write the manifest instead") from error
    if again.roles.tolist() != split.roles.tolist() or again.also_train.tolist() != split.also_train.tolist():
        raise InputError(what, where=where, mend="write the manifest instead")
    lists["train"] = ["ctrl", *sorted(lists["train"])]
    return write_text(path, json.dumps(lists, indent=1, ensure_ascii=False) + "\n")


def _from_lists(
    conditions: Conditions,
    by_context: Mapping[str, Mapping[str, Sequence[str]]],
    *,
    where: str,
    delimiter: str | None = None,
    control: Sequence[str] | None = None,
    controls_too: Sequence[str] = (),
    stated: Stated | None = None,
    unnamed: Role = Role.EXCLUDED,
    assumed: str = "",
) -> Split:
    """Split of the measured conditions; the empty context stands for all."""
    counts: dict[str, int] = {}
    for lists in by_context.values():
        for word, labels in lists.items():
            counts[word] = counts.get(word, 0) + len(labels)
    meaning = meanings(counts, "", stated or Stated(), where=where)
    names = list(counts)
    at: list[int] = []
    words: list[int] = []
    strangers: list[str] = []
    in_test: list[tuple[str, str, str]] = []
    twice: dict[str, list[str]] = {}
    merged: dict[str, list[list[str]]] = {}
    for context, lists in by_context.items():
        within = conditions.context == context if context else None
        texts = [str(x) for labels in lists.values() for x in labels]
        sign = delimiter or find_delimiter(texts, control_labels(texts, control, controls_too))
        found = find_labels(
            conditions, texts, within=within, delimiter=sign, control=control, controls_too=controls_too
        )
        strangers += [f"{context} | {s}" if context else s for s in found.strangers]
        for word, labels in lists.items():
            unique = list(dict.fromkeys(map(str, labels)))
            place = f"{context} | {word}" if context else word
            if len(unique) < len(labels):
                twice[place] = repeated(labels)
            if same := alike(unique, [found.at.get(text) for text in unique]):
                merged[place] = [[conditions.perturbation[at_[0]], *names] for at_, names in same]
            if meaning[word] is Role.TEST:
                in_test += [(text, context, word) for text in unique if text in found.controls]
            hits = [i for text in unique for i in found.at.get(text, ())]
            at += hits
            words += [names.index(word)] * len(hits)
    refuse_strangers(conditions, list(dict.fromkeys(strangers)), where=where, what="perturbations")
    meta: dict[str, Any] = {
        "controls_in_test": in_test or None, "duplicates": twice or None, "merged": merged or None,
    }  # fmt: skip
    return split_of_rows(
        conditions, np.array(at, dtype=np.int64), np.array(words, dtype=np.int64), names, meaning,
        group="lists", unnamed=unnamed, assumed=assumed, meta=meta,
    )  # fmt: skip


def _alone(
    lists: Mapping[str, Sequence[str]],
    where: str,
    context: str,
    delimiter: str | None,
    control: Sequence[str] | None,
    stated: Stated | None = None,
) -> Split:
    meaning = meanings({w: len(x) for w, x in lists.items()}, "", stated or Stated(), where=where)
    names = list(lists)
    labels = [str(x) for w in names for x in lists[w]]
    words = np.repeat(np.arange(len(names)), [len(lists[w]) for w in names])
    table, at = conditions_of(labels, [context] * len(labels), delimiter=delimiter, control=control)
    if not len(table):
        raise InputError("lists no perturbation", where=where, mend="write the lists train, val and test")
    in_test = [
        (x, context, names[w]) for x, i, w in zip(labels, at, words, strict=True)
        if i < 0 and meaning[names[w]] is Role.TEST
    ]  # fmt: skip
    twice = {w: repeated(x) for w, x in lists.items() if len(set(x)) < len(x)}
    assumed = "" if Role.TRAIN in meaning.values() else "the file does not list the training set"
    place = {x: (i,) if i >= 0 else None for x, i in zip(labels, at.tolist(), strict=True)}
    merged: dict[str, list[list[str]]] = {}
    for word, listed in lists.items():
        unique = list(dict.fromkeys(map(str, listed)))
        if same := alike(unique, [place[x] for x in unique]):
            merged[word] = [[table.perturbation[i[0]], *own] for i, own in same]
    meta: dict[str, Any] = {
        "controls_in_test": list(dict.fromkeys(in_test)) or None,
        "duplicates": twice or None,
        "merged": merged or None,
    }
    named = int((np.asarray(at) >= 0).sum())
    if named > len(table):
        one = (
            f"{named:,} labels name {len(table):,} conditions.",
            "A+ctrl, ctrl+A and A are one, and so are A+B and B+A",
        )
        meta["notes"] = [one]
    return split_of_rows(table, at, words, names, meaning, group="lists", assumed=assumed, meta=meta)
