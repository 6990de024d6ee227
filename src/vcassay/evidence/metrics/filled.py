"""Filled: one metric on one answer, with what is undefined settled (methods 8)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.agreement import Ratio
from vcassay.core.registry import Entry, call
from vcassay.evidence.metrics.inputs import Inputs
from vcassay.evidence.metrics.metric import OF_THE_ANSWER, MetricFunction, Values
from vcassay.evidence.metrics.panel import Panel

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Filled:
    """Values of one metric on one answer.

    Attributes
    ----------
    values, denominator
        (t,) values (or numerators and denominators); NaN only where the truth is undefined.
    defined
        (t,) whether the truth defines the metric.
    at_chance
        (t,) whether the chance level stands in for an undefined prediction.
    impossible
        Why the metric cannot be aggregated for this answer; empty otherwise.
    """

    values: Array
    denominator: Array | None
    defined: Mask
    at_chance: Mask
    impossible: str = ""


def evaluate(entry: Entry[MetricFunction], panel: Panel, pred: Array, given: Inputs | None = None) -> Values:
    """Call a metric on a panel; NaN throughout where an argument that it asks for is not there."""
    provided = Inputs(panel, pred) if given is None else given
    if provided.lacking(entry):
        return np.full(len(pred), np.nan)
    values: Values = call(entry, provided)
    return values


def on_truth(entry: Entry[MetricFunction], panel: Panel) -> Values:
    """Evaluate a metric on the truth itself: where this is undefined, the truth does not define the metric."""
    truth = np.asarray(panel.inputs["truth"])
    return evaluate(entry, panel, truth, Inputs(panel, truth, cells=panel.perfect_cells))


def usable(panel: Panel, pred: Array) -> tuple[Array, Mask]:
    """(t, g) predictions with 0 for what is missing, and (t,) which rows are present on all scored genes."""
    present: Mask = np.asarray(np.isfinite(np.where(panel.inputs["mask"], pred, 0.0)).all(axis=1))
    if present.all() and np.isfinite(pred).all():
        return pred, present
    return np.where(present[:, None] & np.isfinite(pred), pred, 0.0), present


def fill(entry: Entry[MetricFunction], panel: Panel, values: Array) -> Filled:
    """Evaluate a metric on (t, g) predicted effects, NaN where nothing was predicted."""
    pred, present = usable(panel, values)
    return settle(entry, on_truth(entry, panel), Inputs(panel, pred, present=present), present)


def settle(entry: Entry[MetricFunction], perfect: Values, given: Inputs, present: Mask) -> Filled:
    """Evaluate a metric and settle what is undefined: left out by the truth, at chance by the prediction.

    Parameters
    ----------
    perfect
        From `on_truth`.
    given
        The answer's inputs, 0 where it is missing.
    present
        (t,) whether the answer has the condition.
    """
    lacking = given.lacking(entry)
    if lacking:
        return nothing(len(present), lacking, perfect if _of_the_answer(entry, given) else None)
    answer: Values = call(entry, given)
    chance = entry.meta["chance"]
    if isinstance(answer, Ratio) and isinstance(perfect, Ratio):
        defined = np.isfinite(perfect.numerator) & np.isfinite(perfect.denominator)
        missing = defined & ~(present & np.isfinite(answer.numerator))
        values, below = answer.numerator.copy(), answer.denominator
        if chance is not None:  # a denominator that needs the prediction is that of the truth where there is none
            below = np.where(missing & ~np.isfinite(below), perfect.denominator, below)
            values[missing] = chance * below[missing]
        why = "prediction missing for some conditions" if chance is None and missing.any() else ""
        return Filled(values, below, defined, missing, why)
    if isinstance(answer, Ratio) or isinstance(perfect, Ratio):
        raise TypeError(f"metric '{entry.name}' returns values once and ratios once")
    defined = np.isfinite(perfect)
    missing = defined & (~present | ~np.isfinite(answer))
    values = answer.copy()
    why = ""
    if chance is not None:
        values[missing] = chance
    elif missing.any():
        why = "prediction undefined for some conditions, and the metric has no chance level"
    return Filled(values, None, defined, missing, why)


def _of_the_answer(entry: Entry[MetricFunction], given: Inputs) -> bool:
    return any(given[name] is None for name in entry.arguments if name in OF_THE_ANSWER)


def nothing(n: int, why: str, perfect: Values | None = None) -> Filled:
    """A metric that cannot be computed, for want of the study's means or of the answer's."""
    never = np.zeros(n, dtype=bool)
    defined = never if perfect is None or isinstance(perfect, Ratio) else np.isfinite(perfect)
    return Filled(np.full(n, np.nan), None, defined, never, why)
