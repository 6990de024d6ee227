"""Declaration: what a model's authors declare, with the files that they name, read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from vcassay.core import InputError
from vcassay.prediction import Disclosure, Materials
from vcassay.run.disclosures import model_disclosure, read_disclosure
from vcassay.run.materials import read_materials
from vcassay.run.study import ModelSection, Study


@dataclass(frozen=True, slots=True)
class Declaration:
    """A disclosure and its files; all that an audit knows of a model, which it does not ask for predictions."""

    disclosure: Disclosure
    materials: Materials = field(default_factory=Materials)


def declaration_of(model: ModelSection, folder: Path) -> Declaration:
    """What is declared of a model of a study whose paths start from ``folder``.

    Raises
    ------
    InputError
        If the disclosure or one of its files is wrong.
    """
    disclosure, base = model_disclosure(model, folder)
    return Declaration(disclosure, read_materials(disclosure, base))


def study_declarations(study: Study, folder: Path) -> dict[str, Declaration]:
    """What is declared of every model that is not a rung of the ladder."""
    return {m.name: declaration_of(m, folder) for m in study.model if m.baseline is None}


def read_declarations(files: Iterable[Path]) -> dict[str, Declaration]:
    """Read disclosures that stand alone; a model is called as its file.

    Raises
    ------
    InputError
        If a file is missing or wrong, or two have one name.
    """
    read: dict[str, Declaration] = {}
    for path in files:
        if path.stem in read:
            mend = "rename one of the two files"
            raise InputError(f"is the second disclosure of '{path.stem}'", where=str(path), mend=mend)
        own = read_disclosure(path)
        read[path.stem] = Declaration(own, read_materials(own, path.parent))
    return read
