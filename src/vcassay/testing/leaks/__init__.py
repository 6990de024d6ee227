"""Planted leaks: for every check a case that it must find, and the same data without it."""

from vcassay.testing.leaks import (
    compounds,
    contexts,
    controls,
    copies,
    genes,
    graphs,
    likelihood,
    listed,
    lookup,
    metrics,
    numbers,
    panel,
    plates,
    pretraining,
    priors,
    reuse,
    seen,
    selection,
    shortcut,
)
from vcassay.testing.power import Case

CASES: tuple[Case, ...] = (
    *compounds.CASES,
    *contexts.CASES,
    *controls.CASES,
    *copies.CASES,
    *genes.CASES,
    *graphs.CASES,
    *likelihood.CASES,
    *listed.CASES,
    *lookup.CASES,
    *metrics.CASES,
    *numbers.CASES,
    *panel.CASES,
    *plates.CASES,
    *pretraining.CASES,
    *priors.CASES,
    *reuse.CASES,
    *seen.CASES,
    *selection.CASES,
    *shortcut.CASES,
)
"""All cases, one or more a check."""

__all__ = ["CASES"]
