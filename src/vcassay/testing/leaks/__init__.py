"""Planted leaks: for every check a case that it must find, and the same data without it."""

from vcassay.testing.leaks import listed, numbers, plates
from vcassay.testing.power import Case

CASES: tuple[Case, ...] = (*listed.CASES, *numbers.CASES, *plates.CASES)
"""All cases, one or more a check."""

__all__ = ["CASES"]
