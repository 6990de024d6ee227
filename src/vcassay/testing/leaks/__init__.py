"""Planted leaks: for every check a case that it must find, and the same data without it."""

from vcassay.testing.leaks import (
    compounds,
    contexts,
    controls,
    genes,
    graphs,
    likelihood,
    listed,
    numbers,
    plates,
    pretraining,
    priors,
    reuse,
    seen,
    selection,
)
from vcassay.testing.power import Case

CASES: tuple[Case, ...] = (
    *compounds.CASES,
    *contexts.CASES,
    *controls.CASES,
    *genes.CASES,
    *graphs.CASES,
    *likelihood.CASES,
    *listed.CASES,
    *numbers.CASES,
    *plates.CASES,
    *pretraining.CASES,
    *priors.CASES,
    *reuse.CASES,
    *seen.CASES,
    *selection.CASES,
)
"""All cases, one or more a check."""

__all__ = ["CASES"]
