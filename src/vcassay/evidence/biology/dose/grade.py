"""Grades of a dose response: a model beside the truth, permuted doses and the best baseline."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vcassay.core import Status, Threshold
from vcassay.evidence.biology.dose.order import Ordering, rises
from vcassay.evidence.biology.tested import MODEL_Q

DOSE_FALL_P = Threshold("dose_fall_p", 0.025, "a trend of Z < -2: responses fall with dose")
DOSE_BELOW_TRUTH = Threshold("dose_below_truth", 0.1, "share of ordered series that a model may lack (proposal)")
DOSE_FLAT = Threshold("dose_flat", 0.2, "median step from lowest to top dose, as a share of the truth's (proposal)")
DOSE_REVERSED = Threshold("dose_reversed", 0.5, "share of series with a response at the lowest dose as at the top")

Array = NDArray[np.float64]


class Verdict(NamedTuple):
    """What a model's dose response is worth, and why."""

    status: Status
    reason: str


class Steps(NamedTuple):
    """Steps from the lowest to the top dose, in the series whose truth rises.

    Attributes
    ----------
    flatness
        Median absolute step of the model over the truth's; NaN where no truth rises.
    reversed_share
        Share of series in which the model's response at the lowest dose is at least that at the top.
    """

    flatness: float
    reversed_share: float


def compare_steps(truth: Sequence[Array], model: Sequence[Array]) -> Steps:
    """Compare steps from the lowest to the top dose (see `Steps`)."""
    pairs = [(t[-1, -1] - t[-1, 0], m[-1, -1] - m[-1, 0]) for t, m in zip(truth, model, strict=True) if rises(t)]
    if not pairs:
        return Steps(np.nan, np.nan)
    of_truth, of_model = np.array(pairs).T
    return Steps(float(np.median(np.abs(of_model)) / np.median(np.abs(of_truth))), float((of_model <= 0).mean()))


def grade(truth: Ordering, model: Ordering, steps: Steps, q_value: float, best_baseline: float) -> Verdict:
    """Grade a model relative to the truth, to permuted doses and to the best baseline.

    Parameters
    ----------
    truth, model
        On the same series.
    q_value
        The model's p-value of a rise, adjusted over models.
    best_baseline
        Largest share of ordered series among the baselines; NaN without any.
    """
    if steps.flatness < DOSE_FLAT.value and model.p_fall > DOSE_FALL_P.value:
        return Verdict(Status.WARN, f"nearly flat across doses, with steps of {steps.flatness:.0%} of the truth's")
    if model.p_fall <= DOSE_FALL_P.value:
        return Verdict(Status.FAIL, f"responses fall with dose (p = {model.p_fall:.2g})")
    if steps.reversed_share > DOSE_REVERSED.value:
        reason = f"where the truth rises, {steps.reversed_share:.0%} respond to the lowest dose as to the top one"
        return Verdict(Status.FAIL, reason)
    if not q_value < MODEL_Q.value:
        return Verdict(Status.FAIL, f"no better than with permuted doses (q = {q_value:.2g})")
    if model.share < truth.share - DOSE_BELOW_TRUTH.value:
        return Verdict(Status.WARN, "better than with permuted doses, but less ordered than the truth")
    if model.share < best_baseline - DOSE_BELOW_TRUTH.value:
        return Verdict(Status.WARN, "less ordered than the best baseline")
    return Verdict(Status.PASS, "about as ordered as the truth, or more")
