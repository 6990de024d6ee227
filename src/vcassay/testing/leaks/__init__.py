"""Planted leaks: for every check a case that it must find, and the same data without it."""


    *contexts.CASES,
    *genes.CASES,
    *numbers.CASES,
)
CASES: tuple[Case, ...] = (
CASES: tuple[Case, ...] = (*compounds.CASES, *numbers.CASES)
CASES: tuple[Case, ...] = (*listed.CASES, *numbers.CASES, *plates.CASES)
CASES: tuple[Case, ...] = (*numbers.CASES, *priors.CASES, *selection.CASES)
from vcassay.testing.leaks import compounds, numbers
from vcassay.testing.leaks import contexts, genes, numbers
from vcassay.testing.leaks import listed, numbers, plates
from vcassay.testing.leaks import numbers, priors, selection
from vcassay.testing.power import Case
"""All cases, one or more a check."""

__all__ = ["CASES"]
