"""How numbers, statuses and levels are written, in one place for page, Markdown and terminal."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from vcassay.core.finding import SEVERITY, Status
from vcassay.core.regime import Level
from vcassay.core.wording import plural

UNDEFINED = "undefined"
"""Printed where there is no number; never 0 and never nan."""

MINUS = "\N{MINUS SIGN}"


@dataclass(frozen=True, slots=True)
class Mark:
    """A judgement as shown: an icon and a word, never colour alone.

    Attributes
    ----------
    icon
        Name of the drawing on the page.
    glyph
        One character for Markdown and the terminal.
    word
        What it says.
    tone
        Name of its colour in the palette.
    """

    icon: str
    glyph: str
    word: str
    tone: str


STATUS: dict[str, Mark] = {
    Status.PASS: Mark("check", "✓", "Pass", "good"),
    Status.WARN: Mark("bang", "!", "Warn", "warn"),
    Status.FAIL: Mark("cross", "✗", "Fail", "bad"),
    Status.UNKNOWN: Mark("query", "?", "Unknown", "open"),
    Status.NA: Mark("dash", "–", "Not measurable", "mute"),
    Status.ERROR: Mark("crash", "×", "Error", "bad"),
}

LEVEL: dict[str, Mark] = {
    Level.SUPPORTED: Mark("check", "✓", "Supported", "good"),
    Level.SPLIT_LIMITED: Mark("half", "◐", "Split-limited", "part"),
    Level.DIAGNOSTIC_ONLY: Mark("ring", "○", "Diagnostic only", "warn"),
    Level.NOT_SUPPORTED: Mark("cross", "✗", "Not supported", "bad"),
    Level.CANNOT_TELL: Mark("query", "?", "Cannot tell", "mute"),
}

FIT: dict[str, Mark] = {
    "direct": Mark("check", "✓", "Direct", "good"),
    "partial": Mark("half", "◐", "Partial", "part"),
    "diagnostic": Mark("ring", "○", "Diagnostic", "warn"),
    "none": Mark("cross", "✗", "Not covered", "mute"),
}

REGIME: dict[str, str] = {
    "random cells": "other cells of the same conditions",
    "unseen dose": "other doses of perturbations seen in the same context",
    "unseen time": "other times of perturbations seen in the same context",
    "few-shot context": "contexts of which some perturbations were shown",
    "combination": "new combinations",
    "cross-modality": "another kind of perturbation in known contexts",
    "GEX": "new genes in known contexts",
    "DEX": "new compounds in known contexts",
    "CEX": "known perturbations in new contexts",
    "AEX": "new perturbations in new contexts",
}
"""What a regime says is new, in plain words."""

NO_VERDICT = Mark("dash", "–", "No verdict", "mute")


def status_mark(status: str) -> Mark:
    """Icon and word of a finding's status; an unknown status keeps its own name."""
    return STATUS.get(status, Mark("dash", "-", status, "mute"))


def level_mark(level: str | None) -> Mark:
    """Icon and word of a verdict's level."""
    return NO_VERDICT if level is None else LEVEL.get(level, Mark("dash", "-", level, "mute"))


def severity(status: str) -> int:
    """Sort key: what is wrong comes first."""
    return SEVERITY.get(Status(status), len(SEVERITY)) if status in STATUS else len(SEVERITY)


def finite(value: float | None) -> bool:
    """Whether there is a number to print."""
    return value is not None and math.isfinite(value)


NO_WIDTH = 1e-6
"""An interval that is no wider is one number, but for rounding."""


def decimals(low: float | None = None, high: float | None = None) -> int:
    """Decimals that an interval of this width deserves: two, or as many as show its first digit.

    Returns
    -------
    An integer from 2 to 4.
    """
    if low is None or high is None or not (math.isfinite(low) and math.isfinite(high)) or high - low <= NO_WIDTH:
        return 2
    return min(4, max(2, math.ceil(-math.log10((high - low) / 2))))


def number(value: float | None, digits: int | None = None, *, missing: str = UNDEFINED, sign: bool = False) -> str:
    """Write a number; ``missing`` where there is none.

    Parameters
    ----------
    digits
        Decimals; left out, whole numbers are written whole, large ones with separators, small
        ones to three significant digits.
    sign
        Write a plus sign on positive numbers.
    """
    if value is None or not math.isfinite(value):
        return missing
    if digits is None:
        size = abs(value)
        if float(value).is_integer() and size < 1e15:
            text = f"{int(value):,}"
        elif size >= 1000:
            text = f"{value:,.0f}"
        elif size >= 0.001:
            text = f"{value:.3g}"
        else:
            text = f"{value:.1e}"
    else:
        text = f"{value:.{digits}f}"
        if float(text) == 0:
            text = text.lstrip("-")
    if sign and value > 0 and float(text.replace(",", "")) != 0:
        text = f"+{text}"
    return text.replace("-", MINUS, 1) if text.startswith("-") else text


def bracket(low: float | None, high: float | None, digits: int | None = None) -> str:
    """Write an interval, ``[0.50, 0.54]``; empty where there is none."""
    if not finite(low) or not finite(high):
        return ""
    places = decimals(low, high) if digits is None else digits
    return f"[{number(low, places)}, {number(high, places)}]"


def estimate(
    value: float | None,
    low: float | None = None,
    high: float | None = None,
    n: int | None = None,
    *,
    sign: bool = False,
) -> str:
    """Write a value with its interval and n: ``0.52 [0.50, 0.54], n = 231``."""
    if not finite(value):
        return UNDEFINED
    places = decimals(low, high)
    parts = [number(value, places, sign=sign), bracket(low, high, places)]
    text = " ".join(part for part in parts if part)
    return text if n is None else f"{text}, n = {n:,}"


def probability(p: float | None) -> str:
    """Write a p-value."""
    if not finite(p) or p is None:
        return ""
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}" if p < 0.1 else f"p = {p:.2f}"


TINY = 0.001
"""Shares below it are written as smaller than it."""


def percent(share: float | None, *, missing: str = UNDEFINED) -> str:
    """Write a share of one."""
    if share is None or not math.isfinite(share):
        return missing
    if 0 < abs(share) < TINY:
        return f"< {100 * TINY:g} %" if share > 0 else f"> {MINUS}{100 * TINY:g} %"
    return f"{100 * share:.0f} %" if abs(share) >= 0.1 or share == 0 else f"{100 * share:.1f} %"


def percents(value: float | None, low: float | None = None, high: float | None = None) -> str:
    """Write a share of one with its interval, in percent: ``1.2 % [0.8, 1.7]``."""
    if value is None or not math.isfinite(value):
        return UNDEFINED
    if low is None or high is None or high - low <= NO_WIDTH:
        return percent(value)
    places = min(2, max(0, decimals(100 * low, 100 * high) - 1))
    return f"{number(100 * value, places)} % [{number(100 * low, places)}, {number(100 * high, places)}]"


count = plural
"""Write a number of things: ``1 warning``, ``3 warnings``."""

SMALL = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


def words(n: int) -> str:
    """Write a small whole number as a word."""
    return SMALL[n] if 0 <= n < len(SMALL) else f"{n:,}"


def listing(items: Iterable[str], limit: int = 6) -> str:
    """Join names with commas and ``and``; beyond the limit say how many more there are."""
    names = [str(x) for x in items]
    if len(names) > limit:
        return f"{', '.join(names[:limit])} and {len(names) - limit:,} more"
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)


def whom(models: Iterable[str], every: Iterable[str]) -> str:
    """Name models; all of several in two words."""
    named, known = list(models), set(every)
    return f"all {len(known)} models" if len(known) > 1 and set(named) == known else listing(named)


def sentence(text: str) -> str:
    """Begin with a capital and end with a full stop."""
    text = text.strip()
    if not text:
        return ""
    text = text[0].upper() + text[1:]
    return text if text[-1] in ".?!:" else f"{text}."
