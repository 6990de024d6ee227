"""Packaged: objects that come with the package as TOML, one a file, each of a stated schema."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from typing import TypeVar

from pydantic import BaseModel

ENDING = ".toml"

Model = TypeVar("Model", bound=BaseModel)


def packaged_names(package: str) -> list[str]:
    """Names of the files of a folder without their ending, sorted.

    Parameters
    ----------
    package
        Dotted name of the package that the folder is.
    """
    return sorted(f.name.removesuffix(ENDING) for f in files(package).iterdir() if f.name.endswith(ENDING))


def read_packaged_file(package: str, name: str, model: type[Model]) -> Model:
    """Read one file of a folder; its key ``schema`` is the field ``schema_``."""
    data = tomllib.loads(files(package).joinpath(f"{name}{ENDING}").read_text(encoding="utf-8"))
    data["schema_"] = data.pop("schema")
    return model.model_validate(data)
