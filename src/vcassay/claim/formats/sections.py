"""What a cell-load TOML says: its sections, datasets and contexts."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from vcassay.claim.formats.files import read_text, refuse_pickle
from vcassay.claim.formats.roles import role_of
from vcassay.claim.split import Role
from vcassay.core import InputError
from vcassay.core.errors import did_you_mean
from vcassay.screen.screen import Note


@dataclass(slots=True)
class Sections:
    """What a file says; sections of datasets that were not asked for are left out.

    Attributes
    ----------
    training
        Whether the datasets are trained on; ``None`` if the file has no such section.
    zeroshot, fewshot
        (dataset, context) to its role, and to its lists by role.
    """

    training: bool | None
    zeroshot: dict[tuple[str, str], Role] = field(default_factory=dict)
    fewshot: dict[tuple[str, str], dict[str, list[str]]] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)

    def named(self) -> list[tuple[str, str]]:
        """(dataset, context) of every section; a context of both kinds is zero-shot."""
        return list(dict.fromkeys((*self.zeroshot, *self.fewshot)))


def load_sections(path: Path, dataset: str | None) -> Sections:
    """Read the sections of a file, or those of one dataset.

    Raises
    ------
    InputError
        If the file is not of this kind, or names no such dataset.
    """
    refuse_pickle(path)
    where, text = str(path), read_text(path)
    try:
        data = tomllib.loads(text)
    except ValueError as error:
        raise InputError(f"is not TOML ({error})", where=where, mend="mend that line") from error
    if not {"training", "zeroshot", "fewshot"} & data.keys():
        mend = "it needs [training], [zeroshot] or [fewshot]"
        raise InputError("is not a cell-load split", where=where, mend=mend)
    for section in ("datasets", "training", "zeroshot", "fewshot"):
        if not isinstance(data.get(section, {}), dict):
            raise InputError(f"'{section}' is not a section", where=where, mend=f"write [{section}] above its lines")
    training = {name: str(word) for name, word in _flat(data.get("training", {}), str)}
    datasets = {name for name, _ in _flat(data.get("datasets", {}), str)} | set(training)
    if dataset is not None:
        named = datasets | {_cut(n, datasets)[0] for n, _ in _sections(data)}
        if dataset not in named:
            mend = did_you_mean(dataset, named)
            raise InputError(f"names no dataset '{dataset}'", where=where, mend=mend)
        training = {k: v for k, v in training.items() if k == dataset}
    trains = any(role_of(w, f"{where}, [training]") is Role.TRAIN for w in training.values())
    file = Sections(trains if "training" in data else None)
    for name, value in _sections(data):
        source, context = _cut(name, datasets)
        if dataset is not None and source != dataset:
            continue
        if isinstance(value, str):
            file.zeroshot[source, context] = role_of(value, f"{where}, [zeroshot]")
            continue
        place = f'{where}, [fewshot."{name}"]'
        lists: dict[str, list[str]] = {}
        for word, labels in value.items():
            if not isinstance(labels, list):
                mend = f'write {word} = ["A", "B"]'
                raise InputError(f"'{word}' is not a list", where=place, mend=mend)
            lists.setdefault(role_of(word, place).value, []).extend(str(x) for x in labels)
        lists.pop(Role.EXCLUDED.value, None)
        file.fewshot[source, context] = lists
    both = sorted(".".join(k) for k in set(file.zeroshot) & set(file.fewshot))
    for name in both:
        file.fewshot = {k: v for k, v in file.fewshot.items() if ".".join(k) != name}
        file.notes.append((f"'{name}' was taken for zero-shot.", "it is in both sections, and cell-load does so"))
    return file


def _sections(data: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Name and content of every zero-shot entry and few-shot section, also where the name was not quoted."""
    yield from _flat(data.get("zeroshot", {}), str)
    yield from _shots(data.get("fewshot", {}), "")


def _flat(data: Mapping[str, Any], kind: type, above: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in data.items():
        if isinstance(value, kind):
            yield above + name, value
        elif isinstance(value, dict):
            yield from _flat(value, kind, f"{above}{name}.")


def _shots(data: Mapping[str, Any], above: str) -> Iterator[tuple[str, Any]]:
    if above and (not data or any(not isinstance(v, dict) for v in data.values())):
        yield above.removesuffix("."), {k: v for k, v in data.items() if not isinstance(v, dict)}
    for name, value in data.items():
        if isinstance(value, dict):
            yield from _shots(value, f"{above}{name}.")


def _cut(name: str, datasets: set[str]) -> tuple[str, str]:
    """Dataset and context of ``dataset.context``; a dataset of the file may have dots in its name."""
    for known in sorted(datasets, key=len, reverse=True):
        if name.startswith(f"{known}."):
            return known, name[len(known) + 1 :]
    source, dot, context = name.partition(".")
    return (source, context) if dot else ("", name)
