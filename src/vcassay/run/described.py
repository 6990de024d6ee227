"""Described: what the source says of each key of a stored table, so that editors show it beside a schema's keys."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from itertools import pairwise

from pydantic import BaseModel


def described(model: type[BaseModel]) -> dict[str, str]:
    """What is said of each field: the text below it, or its entry under ``Attributes``; of a parent where not its own.

    Returns
    -------
    Field to its description, for those that have one.
    """
    out: dict[str, str] = {}
    for cls in reversed(model.__mro__):
        if issubclass(cls, BaseModel) and cls is not BaseModel:
            out |= _attributes(inspect.getdoc(cls) or "") | _below(cls)
    return {name: " ".join(text.replace("``", "'").split()) for name, text in out.items() if name in model.model_fields}


def _below(cls: type[BaseModel]) -> dict[str, str]:
    """Texts that stand below a field."""
    body = ast.parse(textwrap.dedent(inspect.getsource(cls))).body[0]
    rows = body.body if isinstance(body, ast.ClassDef) else []
    out = {}
    for field, text in pairwise(rows):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and isinstance(text, ast.Expr):
            said = text.value
            if isinstance(said, ast.Constant) and isinstance(said.value, str):
                out[field.target.id] = said.value
    return out


def _attributes(doc: str) -> dict[str, str]:
    """Entries under ``Attributes``; one may speak of several fields."""
    _, found, rest = doc.partition("Attributes\n----------\n")
    out: dict[str, str] = {}
    for names, text in re.findall(r"^(\w[\w, ]*)\n((?:[ ]{4}.*\n?)+)", rest if found else "", re.MULTILINE):
        out |= dict.fromkeys((name.strip() for name in names.split(",")), text)
    return out
