"""Attenuation: what a correlation would be if the truth had no noise (Spearman 1904)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.resample import interval
from vcassay.core import Threshold
from vcassay.evidence.metrics.ceilings.ceiling import PERFECT, Ceiling
from vcassay.evidence.metrics.metric import METRICS
from vcassay.evidence.metrics.score import Scores

Array = NDArray[np.float64]

MIN_RELIABILITY = Threshold(
    "min_reliability_to_correct", 0.1, "below it the corrected correlation is biased: .61 for .71 at R = .02"
)


@dataclass(frozen=True, slots=True)
class Corrected:
    """A corrected correlation.

    Attributes
    ----------
    value, low, high
        NaN where it is refused; not clipped.
    reason
        Why it is refused; empty otherwise.
    """

    value: float
    low: float
    high: float
    reason: str = ""


def corrected(scores: Scores, ceilings: Mapping[tuple[str, str], Ceiling]) -> dict[tuple[str, str, str], Corrected]:
    """Correct every correlation for the noise of the truth: r / sqrt(R), a ratio of means.

    Refused where the reliability R, the square of the perfect-model ceiling, is below `MIN_RELIABILITY` or
    its interval reaches 0.

    Returns
    -------
    (answer, metric, stratum) to the corrected correlation; other metrics are not in it.
    """
    out = {}
    for (name, metric, stratum), (value, draws, by_context) in scores.draws.items():
        if METRICS[metric].meta["family"] != "correlation" or (metric, stratum) not in ceilings:
            continue
        c = ceilings[metric, stratum]
        if c.reason or c.kind != PERFECT:
            out[name, metric, stratum] = _refused(c.reason or "there is no ceiling of a perfect model")
        elif not c.value**2 >= MIN_RELIABILITY.value:
            why = f"the reliability of the truth, {c.value**2:.2f}, is below {MIN_RELIABILITY.value:g}"
            out[name, metric, stratum] = _refused(why)
        else:
            with np.errstate(divide="ignore", invalid="ignore"):
                drawn = np.where(c.draws > 0, draws / c.draws, np.nan)
            ratio = value / c.value
            contexts = ratio + (by_context - ratio * c.by_context) / c.value
            e = interval(
                ratio,
                drawn,
                contexts,
                scores.weights[metric, stratum][1].method,
                families=scores.weights[metric, stratum][1].families,
            )
            out[name, metric, stratum] = Corrected(e.value, e.low, e.high)
    return out


def _refused(reason: str) -> Corrected:
    return Corrected(np.nan, np.nan, np.nan, reason)
