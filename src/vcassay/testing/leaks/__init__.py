"""Planted leaks: for every check a case that it must find, and the same data without it."""

from vcassay.testing.leaks import copies, lookup, metrics, numbers, panel, shortcut
from vcassay.testing.power import Case

CASES: tuple[Case, ...] = (*copies.CASES, *lookup.CASES, *metrics.CASES, *numbers.CASES, *panel.CASES, *shortcut.CASES)
"""All cases, one or more a check."""

__all__ = ["CASES"]
