from __future__ import annotations

import numpy as np
import pytest

from vcassay.core import Status
from vcassay.evidence.biology.dose.grade import Steps, compare_steps, grade
from vcassay.evidence.biology.dose.order import Ordering

TRUTH = Ordering(share=0.8, tau=0.8, violation=0.05, null_share=0.17, p_rise=0.001, p_fall=1.0, n=30)
GOOD = Steps(flatness=0.8, reversed_share=0.1)


def model(share, p_rise=0.001, p_fall=1.0):
    return Ordering(share, share, 0.1, 0.17, p_rise, p_fall, 30)


@pytest.mark.parametrize(
    ("given", "steps", "q", "baseline", "status", "reason"),
    [
        (model(0.75), GOOD, 0.01, np.nan, Status.PASS, "as ordered as the truth"),
        (model(0.75), GOOD, 0.01, 0.8, Status.PASS, "as ordered"),
        (model(0.75), GOOD, 0.01, 0.9, Status.WARN, "less ordered than the best baseline"),
        (model(0.5), GOOD, 0.01, np.nan, Status.WARN, "less ordered than the truth"),
        (model(0.9), Steps(0.1, 0.0), 0.01, np.nan, Status.WARN, "nearly flat"),
        (model(0.0, 1.0), Steps(0.0, 1.0), 1.0, np.nan, Status.WARN, "nearly flat"),
        (model(0.2, 0.4), GOOD, 0.4, np.nan, Status.FAIL, "no better than with permuted doses"),
        (model(0.0, 1.0, 0.001), GOOD, 1.0, np.nan, Status.FAIL, "fall with dose"),
        (model(0.3, 0.01), Steps(0.8, 0.6), 0.01, np.nan, Status.FAIL, "60% respond to the lowest dose"),
    ],
)
def test_grades(given, steps, q, baseline, status, reason):
    verdict = grade(TRUTH, given, steps, q, baseline)
    assert verdict.status is status
    assert reason in verdict.reason


def test_steps_are_compared_where_the_truth_rises():
    truth = [np.tile([0.0, 1.0, 4.0], (3, 1)), np.tile([0.0, 3.0, 2.0], (3, 1))]
    given = [np.tile([0.0, 1.0, 1.0], (3, 1)), np.tile([9.0, 1.0, 0.0], (3, 1))]
    assert compare_steps(truth, given) == Steps(0.25, 0.0)
    assert compare_steps(truth, [-m for m in given]) == Steps(0.25, 1.0)
    assert np.isnan(compare_steps(truth[1:], given[1:])).all()
