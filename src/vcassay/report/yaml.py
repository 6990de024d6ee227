"""YAML of plain data, every text quoted: a label can neither end a line nor become a number or a tag."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

Plain = str | int | float | bool | None | Mapping[str, "Plain"] | Sequence["Plain"]

BARE = re.compile(r"[A-Za-z][A-Za-z_]*(-[a-z]+)*")
WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})
"""What YAML 1.1 reads as something else than text."""
UNPRINTABLE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
SURROGATE = re.compile("[\ud800-\udfff]")
"""Half a character, which no file can hold."""


def quoted(text: str) -> str:
    """A text in double quotes, as YAML 1.1, YAML 1.2 and JSON read it alike."""
    whole = json.dumps(SURROGATE.sub("\ufffd", text), ensure_ascii=False)
    return UNPRINTABLE.sub(lambda m: f"\\u{ord(m.group()):04x}", whole)


def number(value: float) -> str:
    """A number with a point, without which YAML 1.1 reads an exponent as text."""
    text = repr(float(value))
    head, mark, power = text.partition("e")
    return f"{head}{'' if '.' in head else '.0'}{mark}{power}" if mark else text


def dump(data: Mapping[str, Plain]) -> str:
    """Write a mapping in block style.

    Raises
    ------
    ValueError
        If a number is not finite: what is undefined is left out or ``None``.
    """
    return ("\n".join(_lines(data, 0)) or "{}") + "\n"


def _lines(value: Plain, depth: int) -> list[str]:
    pad = "  " * depth
    if isinstance(value, Mapping):
        out = []
        for key, part in value.items():
            name = key if BARE.fullmatch(key) and key.lower() not in WORDS else quoted(key)
            out += [f"{pad}{name}: {_scalar(part)}"] if _flat(part) else [f"{pad}{name}:", *_lines(part, depth + 1)]
        return out
    if isinstance(value, Sequence) and not isinstance(value, str):
        out = []
        for part in value:
            if _flat(part):
                out.append(f"{pad}- {_scalar(part)}")
                continue
            first, *rest = _lines(part, depth + 1)
            out += [f"{pad}- {first.lstrip()}", *rest]
        return out
    return [f"{pad}{_scalar(value)}"]


def _flat(value: Plain) -> bool:
    return isinstance(value, str) or not isinstance(value, Mapping | Sequence) or not len(value)


def _scalar(value: Plain) -> str:
    if isinstance(value, str):
        return quoted(value)
    if value is None or isinstance(value, bool | int):
        return json.dumps(value)
    if isinstance(value, float):
        if value != value or abs(value) == float("inf"):
            raise ValueError("a number that is not finite")
        return number(value)
    return "{}" if isinstance(value, Mapping) else "[]"
