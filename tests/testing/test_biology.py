"""Planted biology is seen in a model that has it and missed in one that lacks it; docs/biology.md has many seeds."""

from __future__ import annotations

import pytest
from scipy.stats import binom

from vcassay.core import Finding, Status
from vcassay.evidence.biology import DIAGNOSTICS
from vcassay.evidence.biology.tested import TRUTH_P
from vcassay.testing.biology import CASES, BiologyCase, measure_biology

NAMED = [pytest.param(case, id=f"{case.diagnostic}: {case.planted}") for case in CASES]

SEEDS = 20
MOST_FALSE = int(binom.isf(1e-3 / len(CASES), SEEDS, TRUTH_P.value))
"""Of so many seeds the truth passes more often by chance in one of a thousand runs of all cases."""


@pytest.mark.parametrize("case", NAMED)
def test_biology_is_seen_where_it_is_and_nowhere_else(case):
    found = measure_biology(case, range(3))
    assert found.assessable >= 2
    assert found.passed >= found.assessable - 1
    assert found.accused == 0
    assert found.missed == 0
    assert found.caught >= found.assessable - 1
    assert found.false <= 1


@pytest.mark.slow
@pytest.mark.parametrize("case", NAMED)
def test_power_over_seeds(case):
    found = measure_biology(case, range(SEEDS))
    assert found.assessable >= 16
    assert found.accused <= 2
    assert found.missed <= 1
    assert found.caught >= 0.8 * found.assessable
    assert found.false <= MOST_FALSE


def test_every_diagnostic_has_a_case():
    assert {case.diagnostic for case in CASES} == {entry.name for entry in DIAGNOSTICS}


def _says(check: str, status: Status, model: str | None) -> Finding:
    return Finding(check, "t", status, "s", model=model, family="biology")


def test_counts_are_kept_apart():
    def present(seed: int) -> list[Finding]:
        truth = Status.NA if seed == 0 else Status.PASS
        has = Status.PASS if seed < 3 else Status.WARN
        lacks = Status.FAIL if seed < 4 else Status.PASS
        return [_says("x", truth, None), _says("x", has, "has"), _says("x", lacks, "lacks")]

    def absent(seed: int) -> list[Finding]:
        return [_says("x", Status.PASS if seed == 4 else Status.NA, None)]

    found = measure_biology(BiologyCase("x", "p", "s", present, absent), range(5))
    assert (found.assessable, found.passed, found.accused) == (4, 2, 2)
    assert (found.caught, found.missed, found.false, found.seeds) == (3, 1, 1, 5)
