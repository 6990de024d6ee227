"""Tally: what is false of all that is said of clean studies of one shape."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from vcassay.core import Status
from vcassay.testing.biology.clean import BARE, HONEST, run_all


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts over studies of one shape.

    Attributes
    ----------
    title
        The shape in words.
    studies, findings
        How many studies, and findings in them.
    passing
        Diagnostics in which the truth passes.
    false, touched
        Of these, in how many the biology is not there, and how many studies have any such.
    there, accused
        Findings of the honest models that were assessable where the biology is there, and how many of them accuse.
    misled
        How many accuse an honest model of lacking what is not there.
    bare
        Findings that pass a model which knows nothing of a perturbation.
    errors
        Crashes.
    """

    title: str
    studies: int
    findings: int
    passing: int
    false: int
    touched: int
    there: int
    accused: int
    misled: int
    bare: int
    errors: int


def tally(name: str, seeds: Iterable[int]) -> Tally:
    """Run all diagnostics on a clean study a seed, and count."""
    title, n, counts = name, 0, [0] * 9
    for seed in seeds:
        found = run_all(name, seed)
        title, n = found.title, n + 1
        judged, accused = found.judged(*HONEST), found.accused(*HONEST)
        own = (
            len(found.findings),
            len(found.passing),
            len(found.false),
            int(bool(found.false)),
            sum(f.check not in found.absent for f in judged),
            sum(f.check not in found.absent for f in accused),
            sum(f.check in found.absent for f in accused),
            sum(f.status is Status.PASS for f in found.judged(*BARE)),
            len(found.errors),
        )
        counts = [a + b for a, b in zip(counts, own, strict=True)]
    return Tally(title, n, *counts)
