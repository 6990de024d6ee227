"""Power: how often a check finds a leak of a given size, and how often it cries wolf on clean data."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from vcassay.core import Finding, Status
from vcassay.core.finding import AMISS


@dataclass(frozen=True, slots=True)
class Case:
    """A leak that a check must find, and data without it on which the check must be silent.

    Attributes
    ----------
    check
        Name of the check.
    leak
        What is planted, in words.
    dose
        How much of it, in words: the smallest that matters.
    planted, clean
        Seed to the check's finding on data with and without the leak.
    culprits
        Finding and seed to whether its evidence names what was planted; ``None`` where the check accuses the study as
        a whole.
    """

    check: str
    leak: str
    dose: str
    planted: Callable[[int], Finding]
    clean: Callable[[int], Finding]
    culprits: Callable[[Finding, int], bool] | None = None


@dataclass(frozen=True, slots=True)
class Power:
    """Shares over seeds.

    Attributes
    ----------
    found, false_alarms
        Seeds with an alarm on planted and on clean data.
    named
        Planted seeds with an alarm whose evidence names the culprits.
    silent
        Clean seeds with PASS, the others being UNKNOWN or NA.
    seeds
        All seeds.
    """

    check: str
    found: int
    named: int | None
    false_alarms: int
    silent: int
    seeds: int


def measure_power(case: Case, seeds: Iterable[int]) -> Power:
    """Run a check on planted and on clean data, one of each a seed."""
    found = named = false = silent = n = 0
    for seed in seeds:
        n += 1
        accused = case.planted(seed)
        if accused.status in AMISS:
            found += 1
            named += case.culprits is not None and case.culprits(accused, seed)
        calm = case.clean(seed)
        false += calm.status in AMISS
        silent += calm.status is Status.PASS
    return Power(case.check, found, None if case.culprits is None else named, false, silent, n)
