"""Text of a label, a dose or a time, taken apart. Nothing is evaluated."""

from __future__ import annotations

import re

MISSING = frozenset({"", "nan", "NaN", "NAN", "<NA>", "None", "NA", "N/A"})
"""Texts that stand for a missing label, unless the design names one of them as control."""

_OPEN, _CLOSE = "([{", ")]}"
_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
_QUANTITY = re.compile(rf"\s*({_NUMBER})\s*([A-Za-zµμ%][\w./%^µμ-]*)?\s*")
_TUPLE = re.compile(rf"""\s*\(\s*(['"])(.+?)\1\s*,\s*({_NUMBER})\s*,\s*(['"])(.*?)\4\s*\)\s*,?""")
_PART_COUNT = re.compile(r"\d+(?:\+\d+)+")
_MOLAR = {"m": 1e6, "mm": 1e3, "um": 1.0, "nm": 1e-3, "pm": 1e-6}
_HOURS = {"s": 1 / 3600, "min": 1 / 60, "h": 1.0, "d": 24.0, "w": 168.0}
_TIME_WORDS = {
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), "s"),
    **dict.fromkeys(("min", "mins", "minute", "minutes"), "min"),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), "h"),
    **dict.fromkeys(("d", "day", "days"), "d"),
    **dict.fromkeys(("w", "wk", "week", "weeks"), "w"),
}


def split_parts(label: str, delimiter: str | None) -> tuple[str, ...]:
    """Take a combination apart.

    A delimiter inside brackets does not count, and nothing is cut where a part would be empty or the
    brackets do not close: ``(+)-JQ1`` and ``C[N+](C)C`` stay whole.

    Returns
    -------
    The parts in the order written, without surrounding blanks; the label alone if it is single.
    """
    whole = label.strip()
    if not delimiter or delimiter not in label:
        return (whole,)
    parts, depth, start, i = [], 0, 0, 0
    while i < len(label):
        if depth == 0 and label.startswith(delimiter, i):
            parts.append(label[start:i].strip())
            i += len(delimiter)
            start = i
            continue
        depth += (label[i] in _OPEN) - (label[i] in _CLOSE)
        if depth < 0:
            return (whole,)
        i += 1
    parts.append(label[start:].strip())
    return (whole,) if depth or not all(parts) else tuple(parts)


def parse_tuples(label: str) -> list[tuple[str, float, str]] | None:
    """Read a label of Tahoe-100M's kind, ``[('Trametinib', 0.05, 'uM')]``.

    Returns
    -------
    (name, dose, unit) of each drug, or ``None`` if the label is not of this kind.
    """
    text = label.strip()
    if text.startswith("[") and text.endswith("]"):
        text = text[1:-1]
    if not text.startswith("("):
        return None
    found, at = [], 0
    while at < len(text):
        match = _TUPLE.match(text, at)
        if match is None:
            return None
        found.append((match[2].strip(), rounded(float(match[3])), plain_unit(match[5])))
        at = match.end()
    return found or None


def parse_quantity(text: str) -> tuple[float, str] | None:
    """Read ``10``, ``10 uM`` or ``24h``.

    Returns
    -------
    Number and unit (empty if none was written), or ``None`` if the text is no quantity.
    """
    match = _QUANTITY.fullmatch(text)
    return None if match is None else (float(match[1]), plain_unit(match[2] or ""))


def is_part_count(text: str) -> bool:
    """Tell whether a dose is GEARS's count of partners, ``1+1``, which says nothing of a dose."""
    return _PART_COUNT.fullmatch(text.strip()) is not None


def plain_unit(unit: str) -> str:
    """Write a unit in ASCII and time units by their usual letter: ``µM`` -> ``uM``, ``hours`` -> ``h``."""
    ascii_unit = unit.strip().replace("µ", "u").replace("μ", "u")
    return _TIME_WORDS.get(ascii_unit.lower(), ascii_unit)


def unit_factor(unit: str, to: str) -> float | None:
    """Factor that turns a number in ``unit`` into one in ``to``; ``None`` if they cannot be converted."""
    a, b = plain_unit(unit), plain_unit(to)
    if a == b:
        return 1.0
    for table in (_HOURS, _MOLAR):
        if a.lower() in table and b.lower() in table:
            return table[a.lower()] / table[b.lower()]
    return None


def rounded(value: float) -> float:
    """Six significant digits, so that a dose stored in 32 bits equals the same dose stored in 64."""
    return float(f"{value:.6g}")
