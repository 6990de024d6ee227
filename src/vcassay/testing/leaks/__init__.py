"""Planted leaks: for every check a case that it must find, and the same data without it."""

from vcassay.testing.leaks import graphs, likelihood, numbers, pretraining, reuse
from vcassay.testing.power import Case

CASES: tuple[Case, ...] = (
    *graphs.CASES,
    *likelihood.CASES,
    *numbers.CASES,
    *pretraining.CASES,
    *reuse.CASES,
)
"""All cases, one or more a check."""

__all__ = ["CASES"]
