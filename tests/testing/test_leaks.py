"""Every planted leak is found and clean data are let pass; docs/leakage.md has the figures over many seeds."""

from __future__ import annotations

import pytest

from vcassay.testing import measure_power
from vcassay.testing.leaks import CASES

NAMED = [pytest.param(case, id=f"{case.check}: {case.leak}") for case in CASES]


@pytest.mark.parametrize("case", NAMED)
def test_leak_is_found_on_its_own_data_and_nothing_on_clean_ones(case):
    found = measure_power(case, range(3))
    assert found.found >= 2
    assert found.false_alarms == 0
    if case.culprits is not None:
        assert found.named == found.found


@pytest.mark.slow
@pytest.mark.parametrize("case", NAMED)
def test_power_over_seeds(case):
    found = measure_power(case, range(20))
    assert found.found >= 16
    assert found.false_alarms <= 1
