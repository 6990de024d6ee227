"""cell-load's TOML (STATE, Tahoe-x1): training datasets, zero-shot contexts, few-shot lists."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from vcassay.claim.formats.files import write_text
from vcassay.claim.formats.listing import repeated
from vcassay.claim.formats.matching import conditions_of, control_labels, find_labels, refuse_strangers
from vcassay.claim.formats.roles import split_of_rows
from vcassay.claim.formats.sections import Sections, load_sections
from vcassay.claim.split import Role, Split
from vcassay.core import Conditions, InputError
from vcassay.core.conditions import Parts
from vcassay.core.errors import first

NAMES = (Role.TRAIN.value, Role.VAL.value, Role.TEST.value)
MEANING = {name: Role(name) for name in NAMES}


def read_cell_load(
    path: Path,
    conditions: Conditions,
    *,
    dataset: str | None = None,
    control: Sequence[str] | None = None,
    controls_too: Sequence[str] = (),
) -> Split:
    """Read ``[training]``, ``[zeroshot]`` and ``[fewshot."dataset.context"]`` with ``val`` and ``test``.

    As cell-load has it: contexts that no section names are training if the file trains on a dataset; of a few-shot
    context all that is in neither list is training, too; a context in both sections is zero-shot. A perturbation in
    ``val`` and in ``test`` is a test condition on which the model was selected.

    Parameters
    ----------
    dataset
        The dataset of the file that the screen is, where it names several; found by the contexts if absent.
    control, controls_too
        The labels of controls; further ones beside all usual names.

    Raises
    ------
    InputError
        If the file is not of this kind, or names contexts or perturbations that were not measured.
    """
    where = str(path)
    file = load_sections(path, dataset)
    contexts = sorted(set(conditions.context.tolist()))
    place = _places(file, contexts, where)
    at: list[int] = []
    word: list[int] = []
    strangers: list[str] = []
    in_test: list[tuple[str, str, str]] = []
    twice: dict[str, list[str]] = {}
    listed = np.zeros(len(conditions), dtype=bool)
    for name, context in place.items():
        within = conditions.context == context
        listed |= within
        if name in file.zeroshot:
            hits = np.flatnonzero(within).tolist()
            at += hits
            word += [NAMES.index(file.zeroshot[name])] * len(hits)
            continue
        rest = within.copy()
        for role, labels in file.fewshot[name].items():
            found = find_labels(conditions, labels, within=within, control=control, controls_too=controls_too)
            strangers += [f"{context} | {s}" for s in found.strangers]
            if role == Role.TEST:
                in_test += [(text, context, role) for text in found.controls]
            if again := repeated(labels):
                twice[f"{context} | {role}"] = again
            hits = [i for text in found.at for i in found.at[text]]
            rest[hits] = False
            at += hits
            word += [NAMES.index(role)] * len(hits)
        left = np.flatnonzero(rest).tolist()
        at += left
        word += [NAMES.index(Role.TRAIN)] * len(left)
    refuse_strangers(conditions, list(dict.fromkeys(strangers)), where=where, what="conditions")
    unnamed, assumed = Role.TRAIN, ""
    others = sorted(set(contexts) - set(place.values()))
    if others and file.training is None:
        assumed = "the file has no [training] section, so the contexts it does not name are assumed to be training"
    elif others and not file.training:
        unnamed = Role.EXCLUDED
        file.notes.append((f"Contexts {first(others)} are excluded.", "the file trains on no dataset"))
    meta = {"controls_in_test": in_test or None, "duplicates": twice or None, "notes": file.notes or None}
    return split_of_rows(
        conditions, np.array(at, dtype=np.int64), np.array(word, dtype=np.int64), NAMES, MEANING,
        group="cell-load", unnamed=unnamed, assumed=assumed, meta=meta,
    )  # fmt: skip


def cell_load_alone(path: Path, *, dataset: str | None = None, control: Sequence[str] | None = None) -> Split:
    """Read a cell-load file without a screen: the conditions that it lists.

    The training conditions are not listed in such a file, which the split says in ``assumed``. ``meta["zeroshot"]``
    holds (context, role) of the contexts held out whole, ``meta["fewshot"]`` per context the numbers of listed and of
    distinct labels by role, and how many are in both lists.

    Raises
    ------
    InputError
        If the file is not of this kind, or lists no condition.
    """
    where = str(path)
    file = load_sections(path, dataset)
    labels: list[str] = []
    contexts: list[str] = []
    word: list[int] = []
    shots: dict[str, dict[str, int]] = {}
    in_test: list[tuple[str, str, str]] = []
    twice: dict[str, list[str]] = {}
    several = len({context for _, context in file.named()}) < len(file.named())
    for (source, context), lists in file.fewshot.items():
        name = f"{source}.{context}" if several else context
        shots[name] = {role: len(x) for role, x in lists.items()}
        shots[name] |= {f"{role}_unique": len(set(x)) for role, x in lists.items()}
        shots[name]["duplicates"] = sum(len(x) - len(set(x)) for x in lists.values())
        shots[name]["val_and_test"] = len(set(lists.get("val", ())) & set(lists.get("test", ())))
        for role, found in lists.items():
            if again := repeated(found):
                twice[f"{name} | {role}"] = again
            if role == Role.TEST:
                in_test += [(text, name, role) for text in control_labels(list(dict.fromkeys(found)), control)]
            labels += found
            contexts += [name] * len(found)
            word += [NAMES.index(role)] * len(found)
    table, at = conditions_of(labels, contexts, delimiter="+", control=control)
    if not len(table):
        what = "lists no condition: it holds out whole contexts, whose conditions only the data tell"
        raise InputError(what, where=where, mend="hand over the screen or its condition table as well")
    assumed = "the file does not list the training set: it is what the file does not name of each context"
    if file.zeroshot:
        assumed += ", without the contexts that it holds out whole"
    meta = {
        "unlisted": sorted({name for name in contexts if name not in {c for _, c in file.zeroshot}}),
        "zeroshot": [(f"{d}.{c}" if several else c, r.value) for (d, c), r in file.zeroshot.items()],
        "fewshot": shots,
        "controls_in_test": in_test or None,
        "duplicates": twice or None,
        "notes": file.notes or None,
    }
    return split_of_rows(
        table, at, np.array(word, dtype=np.int64), NAMES, MEANING, group="cell-load", assumed=assumed, meta=meta
    )


def write_cell_load(
    split: Split, path: Path, *, dataset: str = "screen", data: str | None = None, dose_unit: str = "uM"
) -> Path:
    """Write a split as cell-load's TOML.

    Contexts that are test throughout are zero-shot; contexts with roles of both kinds few-shot. Where doses of one
    perturbation differ in role, labels are written with their dose, as Tahoe-100M has them.

    Parameters
    ----------
    data
        Folder or file of the dataset, for the section that cell-load asks for.

    Raises
    ------
    InputError
        If conditions are excluded or parted by cells, which the format cannot say, or differ in role by time alone.
    """
    table, where = split.conditions, str(path)
    if (split.roles == Role.EXCLUDED).any():
        raise InputError("cannot say that a condition is excluded", where=where, mend="write the manifest instead")
    if split.test_shards or len(split.also_train):
        mend = "write the manifest instead"
        raise InputError("cannot say that the cells of a condition are parted", where=where, mend=mend)
    zero, few = [], []
    for context in sorted(set(table.context.tolist())):
        here = table.context == context
        found = set(split.roles[here].tolist())
        key = json.dumps(f"{dataset}.{context}", ensure_ascii=False)
        if found in ({Role.TEST.value}, {Role.VAL.value}):
            zero.append(f"{key} = {json.dumps(found.pop())}")
        elif found - {Role.TRAIN.value}:
            few.append(f"\n[fewshot.{key}]")
            names = _labels(split, np.flatnonzero(here), dose_unit, where)
            few += [f"{r.value} = {json.dumps(sorted(names[r]), ensure_ascii=False)}" for r in (Role.VAL, Role.TEST)]
    top = [] if data is None else ["[datasets]", f"{json.dumps(dataset)} = {json.dumps(data, ensure_ascii=False)}", ""]
    lines = [*top, f'[training]\n{json.dumps(dataset)} = "train"\n', "[zeroshot]", *zero, "", "[fewshot]", *few]
    text = "\n".join(lines).replace("\x7f", "\\u007f") + "\n"
    again = _read_back(text, path, table, dataset)
    if again is None or again.roles.tolist() != split.roles.tolist() or len(again.also_train):
        what = "cannot say this split: some labels would be read as other conditions"
        raise InputError(what, where=where, mend="write the manifest instead")
    return write_text(path, text)


def _read_back(text: str, path: Path, table: Conditions, dataset: str) -> Split | None:
    """The split that the text would be read as; ``None`` if it would be refused."""
    part = write_text(path.with_name(f".{path.name}.check"), text)
    try:
        return read_cell_load(part, table, dataset=dataset)
    except InputError:
        return None
    finally:
        part.unlink()


def _labels(split: Split, at: Any, unit: str, where: str) -> dict[Role, set[str]]:
    """Labels of the conditions at ``at`` by role; with their dose where the doses of one differ in role."""
    table = split.conditions
    by_parts: dict[Parts, dict[float, set[str]]] = {}
    for i in at.tolist():
        doses = by_parts.setdefault(table.parts[i], {})
        doses.setdefault(-1.0 if np.isnan(table.dose[i]) else float(table.dose[i]), set()).add(str(split.roles[i]))
    out: dict[Role, set[str]] = {role: set() for role in Role}
    for parts, doses in by_parts.items():
        roles = set().union(*doses.values())
        if any(len(r) > 1 for r in doses.values()):
            what = f"cannot say that '{'+'.join(parts)}' has several roles at one dose ({', '.join(sorted(roles))})"
            raise InputError(what, where=where, mend="write the manifest instead")
        if len(roles) == 1:
            out[Role(roles.pop())].add("+".join(parts))
            continue
        if -1.0 in doses:
            what = f"cannot say that '{'+'.join(parts)}' has several roles with and without a dose"
            raise InputError(what, where=where, mend="write the manifest instead")
        for dose, role in doses.items():
            drugs = ", ".join(f"({p!r}, {dose!r}, {unit!r})" for p in parts)
            out[Role(next(iter(role)))].add(f"[{drugs}]")
    return out


def _places(file: Sections, contexts: list[str], where: str) -> dict[tuple[str, str], str]:
    """The screen's context of each section; sections of other datasets are left out."""
    folded: dict[str, list[str]] = {}
    for name in contexts:
        folded.setdefault(name.casefold(), []).append(name)
    place: dict[tuple[str, str], str] = {}
    lost: dict[tuple[str, str], str] = {}
    for source, context in file.named():
        whole = f"{source}.{context}" if source else context
        tails = [whole.split(".", k)[-1] for k in range(1, whole.count(".") + 1)]
        exact = next((c for c in (context, whole, *tails) if c in contexts), None)
        alike = folded.get(context.casefold(), [])
        if exact is not None:
            place[source, context] = exact
        elif len(alike) == 1:
            place[source, context] = alike[0]
            file.notes.append((f"'{whole}' was taken for context '{alike[0]}'.", "they differ in case alone"))
        else:
            lost[source, context] = whole
    if not lost:
        return place
    elsewhere = {source for source, _ in lost}
    here = {source for source, _ in place} - elsewhere
    if len(here) == 1:
        dataset = here.pop()
        note = (f"Sections of {first(sorted(elsewhere))} were left out.", f"the screen has the contexts of '{dataset}'")
        file.notes.append(note)
        return {key: c for key, c in place.items() if key[0] == dataset}
    what = f"names the context '{next(iter(lost.values()))}', which was not measured"
    if len(lost) > 1:
        what = f"names {len(lost)} contexts that were not measured ({first(lost.values())})"
    raise InputError(what, where=where, mend=f"the screen has {first(contexts)}")
