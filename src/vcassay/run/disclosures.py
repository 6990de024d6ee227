"""Disclosures: what a [[model]] declares, in the study or in a file of its own."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from vcassay.core import InputError
from vcassay.prediction import Disclosure, declare
from vcassay.run.study import ModelSection, first_problem
from vcassay.run.toml_file import read_toml

SCHEMA = "vcassay.disclosure/1"
SHORT_FORMS = ("inputs", "pretraining", "controls", "selection", "looks")
"""Entries of a disclosure that may stand in [[model]] itself."""


def read_disclosure(path: Path) -> Disclosure:
    """Read a disclosure that stands alone.

    Raises
    ------
    InputError
        If the file is missing, not TOML, of another schema, or has an unknown or ill-typed entry.
    """
    where = str(path)
    data = read_toml(path, "write one with `vcassay init --disclosure FILE`")
    schema = data.pop("schema", SCHEMA)
    if schema != SCHEMA:
        raise InputError(f"has schema '{schema}'", where=where, mend=f"this version reads '{SCHEMA}'")
    try:
        return Disclosure.model_validate(data)
    except ValidationError as error:
        raise first_problem(error, where, ("disclosure",)) from error


def model_disclosure(model: ModelSection, folder: Path) -> tuple[Disclosure, Path]:
    """The disclosure of a model with its short forms.

    Parameters
    ----------
    folder
        The folder that the study's paths start from.

    Returns
    -------
    The disclosure, and the folder that its own paths start from.

    Raises
    ------
    InputError
        If its file cannot be read, or an entry is stated in both.
    """
    if isinstance(model.disclosure, str):
        path = folder / model.disclosure
        full, base = read_disclosure(path), path.parent
    else:
        full, base = model.disclosure or Disclosure(), folder
    short = {key: value for key in SHORT_FORMS if (value := getattr(model, key)) is not None}
    for key in short:
        if key in full.model_fields_set:
            where = f"[[model]] '{model.name}'"
            raise InputError(f"states '{key}' twice", where=where, mend=f"leave '{key}' to the disclosure")
    return declare(**{**{key: getattr(full, key) for key in full.model_fields_set}, **short}), base


def disclosure_files(model: ModelSection, folder: Path) -> list[Path]:
    """Every file that a model's disclosure consists of."""
    disclosure, base = model_disclosure(model, folder)
    own = [folder / model.disclosure] if isinstance(model.disclosure, str) else []
    return [*own, *(base / f for f in disclosure.files)]
