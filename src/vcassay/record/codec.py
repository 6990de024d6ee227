"""Versioned JSON: every file names its schema; readers accept older ones."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from vcassay.core import InputError
from vcassay.record.base import Record

R = TypeVar("R", bound=Record)

MEND = "hand in a file that vcassay wrote"

UPGRADES: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {}
"""From an older schema name to a function that returns the next newer form."""


LONG = 50
"""Records of one kind beyond which they are written as one line each, without the fields that have their default."""


def dump_json(record: Record) -> str:
    """Write a record as JSON with its schema first; NaN cannot occur (see `Record`)."""
    long = {name: value for name, value in record if _is_long(value)}
    data = dict.fromkeys(type(record).model_fields) | record.model_dump(mode="json", exclude=set(long))
    if "schema_" in data:
        data = {"schema": data.pop("schema_"), **data}
    fields = [f" {json.dumps(k)}: {_lines(long[k]) if k in long else _field(v)}" for k, v in data.items()]
    return "{\n" + ",\n".join(fields) + "\n}\n"


def _is_long(value: object) -> bool:
    return isinstance(value, tuple) and len(value) > LONG and all(isinstance(row, Record) for row in value)


def _field(value: object) -> str:
    text = json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False)
    return text.replace("\n", "\n ")  # of the layout: line breaks inside strings are escaped


_COMPACT = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def _lines(records: tuple[Record, ...]) -> str:
    rows = (_COMPACT.encode(row.model_dump(mode="json", exclude_defaults=True)) for row in records)
    return "[\n" + ",\n".join(rows) + "\n ]"


def load_json(path: Path, kind: type[R]) -> R:
    """Read a record, upgrading older schemas.

    Raises
    ------
    InputError
        If the file is not JSON, or its schema is not known to this version.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise InputError(f"not readable as JSON ({error})", where=str(path), mend=MEND) from error
    if not isinstance(data, dict) or "schema" not in data:
        raise InputError("has no key 'schema'", where=str(path), mend=MEND)
    if not isinstance(data["schema"], str):
        raise InputError("has a key 'schema' that is not text", where=str(path), mend=MEND)
    while data["schema"] in UPGRADES:
        data = UPGRADES[data["schema"]](data)
    wanted = kind.model_fields["schema_"].default
    if data["schema"] != wanted:
        mend = f"this version reads '{wanted}': upgrade vcassay or write the file again"
        raise InputError(f"has schema '{data['schema']}'", where=str(path), mend=mend)
    data["schema_"] = data.pop("schema")
    try:
        return kind.model_validate(data)
    except ValidationError as error:
        problem = error.errors()[0]
        place = ".".join(str(x) for x in problem["loc"])
        raise InputError(f"'{place}': {problem['msg']}", where=str(path), mend=MEND) from error
