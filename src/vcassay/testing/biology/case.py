"""Case: biology that is planted, a model that has it, one that lacks it, and a screen without it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from vcassay.core import Finding, Status
from vcassay.core.finding import AMISS
from vcassay.testing.planted import assessable, of_model

Findings = Sequence[Finding]


@dataclass(frozen=True, slots=True)
class BiologyCase:
    """What a diagnostic must see, and what it must not see.

    Attributes
    ----------
    diagnostic
        Its name.
    planted
        What is planted, in words.
    size
        How much of it, in words: the least that matters.
    present
        Seed to findings on a screen with that biology, of a model named ``has`` that has it and one named ``lacks``
        that does not.
    absent
        Seed to findings on the same screen without it, of the same models: the truth must not pass.
    """

    diagnostic: str
    planted: str
    size: str
    present: Callable[[int], Findings]
    absent: Callable[[int], Findings]


@dataclass(frozen=True, slots=True)
class BiologyPower:
    """Counts over seeds.

    Attributes
    ----------
    assessable
        Screens with the biology in which the truth passes.
    passed, accused
        Of those, how often the model that has it passes, and how often it is warned of or fails.
    caught, missed
        Of those, how often the model that lacks it is warned of or fails, and how often it passes.
    false
        Screens without the biology in which the truth passes all the same.
    seeds
        All seeds.
    """

    diagnostic: str
    assessable: int
    passed: int
    accused: int
    caught: int
    missed: int
    false: int
    seeds: int


def measure_biology(case: BiologyCase, seeds: Iterable[int]) -> BiologyPower:
    """Run a diagnostic on screens with the biology and without, one of each a seed."""
    able = passed = accused = caught = missed = false = n = 0
    for seed in seeds:
        n += 1
        found = case.present(seed)
        if assessable(found):
            able += 1
            has, lacks = of_model(found, "has").status, of_model(found, "lacks").status
            passed += has is Status.PASS
            accused += has in AMISS
            caught += lacks in AMISS
            missed += lacks is Status.PASS
        false += assessable(case.absent(seed))
    return BiologyPower(case.diagnostic, able, passed, accused, caught, missed, false, n)
