"""Planted leaks: for every check a case that it must find, and the same data without it."""

from vcassay.testing.leaks import controls, numbers, seen
from vcassay.testing.power import Case

CASES: tuple[Case, ...] = (*controls.CASES, *numbers.CASES, *seen.CASES)
"""All cases, one or more a check."""

__all__ = ["CASES"]
