"""Problems: what pydantic finds wrong with a file, as one sentence with the section, the key and the mend."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from vcassay.core import InputError
from vcassay.core.errors import did_you_mean

OWN_TABLE = "own table"
"""Tag of a table that may stand where a file may be named; it is no key."""

WANTED = {
    "tuple_type": "it should be a list, such as ['a', 'b']",
    "bool_parsing": "it should be true or false",
    "bool_type": "it should be true or false",
    "int_parsing": "it should be a whole number",
    "int_type": "it should be a whole number",
    "int_from_float": "it should be a whole number",
    "float_parsing": "it should be a number",
    "float_type": "it should be a number",
    "string_type": "it should be a text",
    "dict_type": "it should be a table, such as { ours = 'theirs' }",
    "model_type": "it should be a section",
    "string_too_short": "it should not be empty",
}
"""What a value should be, by pydantic's kind of problem."""


def first_problem(
    error: ValidationError,
    where: str,
    inside: tuple[str, ...] = (),
    *,
    keys: Callable[[list[str]], Sequence[str]],
    whole: str,
) -> InputError:
    """The first problem that pydantic met, as one sentence.

    Parameters
    ----------
    inside
        Where the file's contents belong, where it is a part of something.
    keys
        From the sections that lead to a key, outermost first, to the keys that are known there.
    whole
        What the file is: ``study``, ``card``.
    """
    problem = min(error.errors(), key=lambda e: e["type"] != "extra_forbidden")  # a misspelt key is also a missing one
    *place, key = [*inside, *(str(x) for x in problem["loc"] if x != OWN_TABLE)] or [whole]
    kind, ill_named = problem["type"], key == "[key]"
    if (ill_named or key.isdigit()) and place:
        key = place.pop()
    section = ".".join(p for p in place[len(inside) :] if not p.isdigit())
    if any(p.isdigit() for p in place[1:2]):
        section = f"[{section}]"
    at = f"{where}, [{section}]" if section else where
    if kind == "extra_forbidden":
        return InputError(f"has an unknown key '{key}'", where=at, mend=did_you_mean(key, keys(place)))
    if ill_named:
        return InputError(f"has an unknown key '{key}'", where=at, mend=f"use {problem['ctx']['expected']}")
    if kind == "missing":
        return InputError(f"lacks the key '{key}'", where=at, mend="add it")
    if kind == "value_error" and key == whole:
        return InputError(str(problem["ctx"]["error"]), where=at, mend="mend the name, or add what it names")
    given = problem["input"] if isinstance(problem["input"], (str, int, float)) else type(problem["input"]).__name__
    msg = str(problem["msg"])
    if problem["input"] is None and kind.startswith(("float", "int")):  # records turn what is not finite into None
        return InputError(f"'{key}' is not finite", where=at, mend="write a number, or leave the key out")
    wanted = WANTED.get(kind, msg.replace("Input should", "it should", 1))
    return InputError(f"'{key}' is {given!r}, but {wanted}", where=at, mend="mend the value")


def keys_of(model: type[BaseModel], place: Sequence[str]) -> list[str]:
    """Keys of the section of a model that a place leads to, as a file writes them.

    Parameters
    ----------
    place
        Keys and list positions from the outside in; what leads nowhere is skipped.
    """
    for name in place:
        inner = model.model_fields.get(name)
        found = None if inner is None else _model_within(inner.annotation)
        model = found or model
    return [name.rstrip("_") for name in model.model_fields]


def _model_within(annotation: Any) -> type[BaseModel] | None:
    """The model that a field holds, by itself, in a list or where there is one."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    if get_origin(annotation) in (Annotated, Union, UnionType, tuple, list):
        return next((m for a in get_args(annotation) if (m := _model_within(a)) is not None), None)
    return None
