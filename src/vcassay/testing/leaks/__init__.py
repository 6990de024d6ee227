"""Planted leaks: for every check a case that it must find, and the same data without it."""

from vcassay.testing.leaks import numbers, priors, selection
from vcassay.testing.power import Case

CASES: tuple[Case, ...] = (*numbers.CASES, *priors.CASES, *selection.CASES)
"""All cases, one or more a check."""

__all__ = ["CASES"]
