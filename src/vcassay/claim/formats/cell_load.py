"""cell-load's TOML (STATE, Tahoe-x1): training datasets, zero-shot contexts, few-shot lists."""

from __future__ import annotations

import json
import os
import tomllib
from pathlib import Path

from vcassay.claim.formats.roles import matching, role_of, split_of
from vcassay.claim.split import Role, Split
from vcassay.core import Conditions, InputError
from vcassay.core.conditions import Key
from vcassay.core.errors import first


def read_cell_load(path: Path, conditions: Conditions) -> Split:
    """Read ``[training]``, ``[zeroshot]`` and ``[fewshot."dataset.context"]`` with ``val`` and ``test``.

    Contexts of the measured screen that no section names are training; of a few-shot context all that
    is in neither list is training, too.

    Raises
    ------
    InputError
        If the file is not of this kind, or names contexts or perturbations that were not measured.
    """
    where = str(path)
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise InputError("is missing", where=where, mend="check the path") from error
    except (OSError, ValueError) as error:
        raise InputError(f"is not TOML ({error})", where=where, mend="mend that line") from error
    if not {"training", "zeroshot", "fewshot"} & data.keys():
        mend = "it needs [training], [zeroshot] or [fewshot]"
        raise InputError("is not a cell-load split", where=where, mend=mend)
    contexts = sorted(set(conditions.context.tolist()))
    stated: list[tuple[Key, Role]] = []
    strangers: list[str] = []
    for name, word in data.get("zeroshot", {}).items():
        context = _context(name, contexts, where)
        role = role_of(word, where)
        stated += [(key, role) for key in conditions.keys if key[0] == context]
    for name, lists in data.get("fewshot", {}).items():
        context = _context(name, contexts, where)
        here = conditions.take(conditions.context == context)
        for word, labels in lists.items():
            for text, keys in matching(here, [str(x) for x in labels]).items():
                stated += [(key, role_of(word, where)) for key in keys]
                if not keys:
                    strangers.append(f"{context} | {text}")
    if strangers:
        what = f"lists {len(strangers)} conditions that were not measured ({first(strangers)})"
        raise InputError(what, where=where, mend="use the split of this screen, or the screen's labels")
    return split_of(conditions, stated, where=where, group="cell-load", unnamed=Role.TRAIN)


def write_cell_load(split: Split, path: Path, *, dataset: str = "screen") -> Path:
    """Write a split as cell-load's TOML.

    Contexts that are test throughout are zero-shot; contexts with roles of both kinds few-shot.

    Raises
    ------
    InputError
        If conditions are excluded, which the format cannot say, or doses of one perturbation differ in role.
    """
    table = split.conditions
    if (split.roles == Role.EXCLUDED).any():
        raise InputError("cannot say that a condition is excluded", where=str(path), mend="write the manifest instead")
    zero, few = [], []
    for context in sorted(set(table.context.tolist())):
        here = table.context == context
        found = set(split.roles[here].tolist())
        if found in ({Role.TEST.value}, {Role.VAL.value}):
            zero.append(f"{json.dumps(f'{dataset}.{context}')} = {json.dumps(found.pop())}")
        elif found - {Role.TRAIN.value}:
            few.append(f"[fewshot.{json.dumps(f'{dataset}.{context}')}]")
            for role in (Role.VAL, Role.TEST):
                names = sorted(set(table.perturbation[here & (split.roles == role.value)].tolist()))
                few.append(f"{role.value} = {json.dumps(names, ensure_ascii=False)}")
    text = "\n".join([f'[training]\n{json.dumps(dataset)} = "train"\n', "[zeroshot]", *zero, "", *few]) + "\n"
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    part.write_text(text, encoding="utf-8")
    part.replace(path)
    return path


def _context(name: str, contexts: list[str], where: str) -> str:
    """The screen's context that ``dataset.context`` names."""
    for candidate in (name, name.split(".", 1)[-1]):
        if candidate in contexts:
            return candidate
    what = f"names the context '{name}', which was not measured"
    raise InputError(what, where=where, mend=f"the screen has {first(contexts)}")
