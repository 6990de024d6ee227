"""Write a card as TOML: plain tables, lists of tables, texts, numbers, truth values and lists of these."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

WIDTH = 100
"""A longer list is written with an entry a line."""
DELETE = "\x7f"


def write_toml(data: Mapping[str, Any]) -> str:
    """Write plain data as TOML that reads back as the same data.

    Parameters
    ----------
    data
        Texts, numbers, truth values, lists of these, tables and lists of tables, however nested; ``None`` is left out.
    """
    return "\n".join(_table(data, "")).strip() + "\n"


def _table(data: Mapping[str, Any], path: str) -> Iterator[str]:
    known = {key: value for key, value in data.items() if value is not None}
    later = {key: value for key, value in known.items() if _is_section(value)}
    for key, value in known.items():
        if key not in later:
            yield f"{_key(key)} = {_value(value)}"
    for key, value in later.items():
        name = f"{path}{_key(key)}"
        for part in value if isinstance(value, list | tuple) else [value]:
            yield f"\n[[{name}]]" if isinstance(value, list | tuple) else f"\n[{name}]"
            yield from _table(part, f"{name}.")


def _is_section(value: Any) -> bool:
    """Whether a value is written under a heading of its own: a table, or a list of nothing but tables."""
    if isinstance(value, Mapping):
        return True
    return isinstance(value, list | tuple) and bool(value) and all(isinstance(v, Mapping) for v in value)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(k)} = {_value(v)}" for k, v in value.items() if v is not None) + " }"
    if isinstance(value, Sequence) and not isinstance(value, str):
        rows = [_value(v) for v in value]
        line = f"[{', '.join(rows)}]"
        return line if len(line) <= WIDTH else "[\n" + "".join(f"  {row},\n" for row in rows) + "]"
    return json.dumps(str(value), ensure_ascii=False).replace(DELETE, "\\u007f")


def _key(key: str) -> str:
    plain = key.isascii() and key.replace("_", "").replace("-", "").isalnum()
    return key if plain else _value(key)
