"""Outcome: what one metric makes of one prediction of a panel, with its error."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.agreement import Ratio
from vcassay.core.registry import Entry, call
from vcassay.evidence.metrics.inputs import Inputs
from vcassay.evidence.metrics.metric import MetricFunction, Values

Array = NDArray[np.float64]


class Outcome(NamedTuple):
    """A metric's mean over conditions.

    Attributes
    ----------
    value, se
        Mean (of ratios: ratio of sums) over the conditions in which it is defined, and its standard error, in
        which the conditions of a family count together.
    parts
        (t,) what each condition contributes: their mean is the value; NaN where undefined.
    n
        Conditions in which it is defined.
    family
        (t,) what varies together.
    """

    value: float
    se: float
    parts: Array
    n: int
    family: NDArray[np.int64]


def outcome(entry: Entry[MetricFunction], given: Inputs) -> Outcome:
    """Evaluate a metric; NaN where it asks for what is not there or is defined nowhere."""
    family = given["family"]
    if given.lacking(entry):
        return nothing(family)
    return summed(call(entry, given), family, entry.meta["transform"])


def nothing(family: NDArray[np.int64]) -> Outcome:
    """An outcome that is defined nowhere."""
    return Outcome(np.nan, np.nan, np.full(len(family), np.nan), 0, family)


def summed(values: Values, family: NDArray[np.int64], transform: str = "") -> Outcome:
    """Bring values to their mean; a ratio's parts are linearised, so that their spread is its delta-method error."""
    parts = values.numerator if isinstance(values, Ratio) else np.asarray(values)
    known = np.isfinite(parts)
    if isinstance(values, Ratio):
        known &= np.isfinite(values.denominator)
    n = int(known.sum())
    if not n:
        return nothing(family)
    if isinstance(values, Ratio):
        below = float(values.denominator[known].mean())
        if not below > 0:
            return nothing(family)
        value = float(parts[known].mean()) / below
        parts = np.where(known, value + (parts - value * values.denominator) / below, np.nan)
    value = float(parts[known].mean())
    if transform == "log2_root":
        if not value > 0:
            return nothing(family)
        root = 0.5 * float(np.log2(value))
        parts, value = root + (parts - value) / (2.0 * np.log(2.0) * value), root
    return Outcome(value, clustered_error(parts[known], family[known]), np.where(known, parts, np.nan), n, family)


def clustered_error(parts: Array, family: NDArray[np.int64]) -> float:
    """Standard error of a mean whose parts vary together within families; NaN for a single family."""
    codes = np.unique(family, return_inverse=True)[1]
    sums = np.bincount(codes, weights=parts - parts.mean())
    m = len(sums)
    return float(np.sqrt((sums**2).sum() * m / (m - 1)) / len(parts)) if m > 1 else float("nan")


def advantage(better: Outcome, than: Outcome, entry: Entry[MetricFunction]) -> tuple[float, float]:
    """How much nearer to the optimum one outcome is than another, and the error of that.

    What is undefined for one of two is left out of both; NaN where nothing is left.
    """
    both = np.isfinite(better.parts) & np.isfinite(than.parts)
    if not both.any():
        return np.nan, np.nan
    gap = goodness(better.parts[both], entry) - goodness(than.parts[both], entry)
    value = float(gap.mean())
    if entry.meta["centred"]:  # nearness of the means, not mean of the nearness
        mine, theirs = goodness(np.array([o.parts[both].mean() for o in (better, than)]), entry).tolist()
        value = mine - theirs
    return value, clustered_error(gap, better.family[both])


def goodness(values: float | Array, entry: Entry[MetricFunction]) -> Array:
    """Values turned so that more is better; in the shape that they have."""
    given = np.asarray(values, dtype=np.float64)
    if entry.meta["centred"]:
        return -np.abs(given - float(entry.meta["optimum"]))
    return given if entry.meta["higher_is_better"] else -given
