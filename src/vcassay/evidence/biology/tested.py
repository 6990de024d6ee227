"""Tested: a statistic beside what it is with permuted labels, and how a model is graded by it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vcassay.core import Status, Threshold

Array = NDArray[np.float64]

DRAWS = 999
"""Permutations of the labels; every arm sees the same ones."""

TRUTH_P = Threshold("biology_truth_p", 0.01, "permuted labels; of clean studies without the biology few pass by chance")
"""The gate of every diagnostic. Some 5 to 27 are asked of a study, and where a truth passes by chance every model, also
one that equals the true effects, is told to lack what is not there. At p < .05 that came to something in 34 of 125
simulated studies without the biology, at .01 in 10, while of the biology that is there .01 loses some 6 %. Adjusting
over the diagnostics of a study (Benjamini-Hochberg) protects as well where nothing is there, but hardly where much is:
each truth that passes by right loosens the gate of the others. It would also make a finding depend on what else was
asked."""

MODEL_Q = Threshold("biology_model_q", 0.05, "permuted labels, Benjamini-Hochberg over models (proposal)")
SHARE_OF_TRUTH = Threshold("biology_share", 0.7, "share of the truth's excess over the null for PASS (proposal)")
ERRORS = Threshold(
    "biology_truth_error", 1.0, "spreads under permuted labels that the truth may be off by (proposal, clean studies)"
)


class Tested(NamedTuple):
    """A statistic of one arm.

    Attributes
    ----------
    value
        Larger is more of the biology that is looked for.
    null, spread
        Mean and standard deviation with permuted labels.
    p, p_reversed
        Probability under permutation of a value at least as high, and at least as low; NaN where nothing is defined.
    n
        What it is made of: drugs, pairs, series.
    """

    value: float
    null: float
    spread: float
    p: float
    p_reversed: float
    n: int

    @property
    def excess(self) -> float:
        """How far the value lies above the null."""
        return self.value - self.null


def tested(value: float, draws: Array, n: int) -> Tested:
    """Hold a value beside its values under permutation; p with one added above and below (Phipson & Smyth 2010).

    Values that differ by less than rounding (1e-9 of the spread, or 1e-12) are equal.
    """
    drawn = np.asarray(draws, dtype=np.float64)
    drawn = drawn[np.isfinite(drawn)]
    if not np.isfinite(value) or not len(drawn):
        return Tested(value, np.nan, np.nan, np.nan, np.nan, n)
    spread = float(drawn.std())
    near = max(1e-12, 1e-9 * spread)
    above, below = int((drawn >= value - near).sum()), int((drawn <= value + near).sum())
    below_p, above_p = (below + 1) / (len(drawn) + 1), (above + 1) / (len(drawn) + 1)
    return Tested(float(value), float(drawn.mean()), spread, above_p, below_p, n)


REVERSED = Threshold("biology_reversed", 0.1, "share of the truth's excess, the other way: less is none (proposal)")
AS_GOOD = "Say what the model adds to a baseline that shows it as well."


class Grade(NamedTuple):
    """What a model's result is worth, why, and what to do where that depends on the grade."""

    status: Status
    reason: str
    remedy: str = ""


def grade(truth: Tested, model: Tested, q_value: float, baseline: float = np.nan) -> Grade:
    """Grade a model relative to truth, null and the best baseline.

    PASS: beats the null, reaches `SHARE_OF_TRUTH` of the truth's excess over its null, and exceeds the baseline or the
    truth. WARN: beats the null only. FAIL: within the null, or on the wrong side of it. The truth must have passed
    before.

    A baseline can have more than the truth: one that answers all drugs of a target alike has no difference within a
    mechanism. More is not asked of a model that has as much as the truth, which a model of the true effects would
    else be accused of. The truth's value is known to about the spread of its null, so that values `ERRORS` spreads
    below it count as the truth's.

    Parameters
    ----------
    q_value
        The model's p-value, adjusted over models.
    baseline
        The largest value among the baselines; NaN without any.
    """
    if model.p_reversed <= MODEL_Q.value / 2 and -model.excess > REVERSED.value * truth.excess:
        return Grade(Status.FAIL, "the other way round than the truth")
    if not q_value < MODEL_Q.value:
        return Grade(Status.FAIL, f"no more than with permuted labels (q = {q_value:.2g})")
    share = model.excess / truth.excess
    if share < SHARE_OF_TRUTH.value:
        return Grade(Status.WARN, f"more than with permuted labels, but {share:.0%} of what the truth has above them")
    most = f"{share:.0%} of what the truth has above permuted labels"
    if np.isnan(baseline):
        return Grade(Status.PASS, f"{most}, and no baseline to compare with")
    if model.value > baseline:
        return Grade(Status.PASS, f"{most}, and more than any baseline")
    if model.value >= truth.value - ERRORS.value * truth.spread:
        return Grade(Status.PASS, f"{most}; the best baseline has it, too")
    return Grade(Status.WARN, f"{most}, but no more than the best baseline", AS_GOOD)


def truth_passes(truth: Tested) -> bool:
    """Whether the truth itself shows the biology: only then is anything asked of a model."""
    return bool(truth.p < TRUTH_P.value and truth.excess > 0)
