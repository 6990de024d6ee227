"""Planted leaks: for every check a case that it must find, and the same data without it."""

from vcassay.testing.leaks import contexts, genes, numbers
from vcassay.testing.power import Case

CASES: tuple[Case, ...] = (
    *contexts.CASES,
    *genes.CASES,
    *numbers.CASES,
)
"""All cases, one or more a check."""

__all__ = ["CASES"]
