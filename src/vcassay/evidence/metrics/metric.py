"""The metric registry: matrix in, one value a condition out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.agreement import Ratio
from vcassay.core import Registry

Array = NDArray[np.float64]
Values = Array | Ratio
MetricFunction = Callable[..., Values]

ARGUMENTS = {
    "truth": "(t, g) measured effects",
    "pred": "(t, g) predicted effects",
    "mask": "(t, g) scored genes",
    "reference": "(t, g) mean training effect: the perturbed reference",
    "half_mean": "(t, g) mean of the split halves",
    "cross": "(t, g) product of the split halves, unbiased for the squared true effect",
    "control": "(t, g) matched control profile",
    "context": "(t,) context codes",
    "dose_time": "(t,) codes of conditions that compete in retrieval within a context",
    "detectable": "(t,) whether a condition has a detectable effect",
    "typical": "(t,) median debiased squared effect of detectable conditions, a gene",
    "full_mask": "(t, g) scored genes with the panel's targets kept",
    "template": "(t, g) effect foretold by training effects alone: mean + context + conserved effect",
    "perturbation": "(t,) codes of the treatment: the same perturbation, dose and time in other contexts",
}
"""What a metric may ask for by argument name."""

METRICS: Registry[MetricFunction] = Registry("metric", ARGUMENTS)


def metric(
    name: str,
    *,
    title: str,
    family: str,
    optimum: float,
    chance: float | None,
    higher_is_better: bool,
    source: str,
    primary: bool = False,
    transform: str = "",
    fooled_by: str = "",
) -> Callable[[MetricFunction], MetricFunction]:
    """Register a metric.

    Parameters
    ----------
    name, title
        Name in tables, and in words.
    family
        error, correlation, retrieval, magnitude, null or raw. A primary metric's family decides
        together with the other families.
    optimum, chance
        Best value, and the value of a prediction without information; ``None`` if there is none.
    higher_is_better
        Direction; for metrics whose optimum lies inside the range, nearer to it is better.
    source
        Where it comes from.
    primary
        Whether it can carry the verdict.
    transform
        ``log2_root`` for metrics shown as log2 of the root of a ratio of sums.
    fooled_by
        Known ways to fool it.
    """

    def decorate(function: MetricFunction) -> MetricFunction:
        meta: dict[str, Any] = {
            "title": title,
            "family": family,
            "optimum": optimum,
            "chance": chance,
            "higher_is_better": higher_is_better,
            "primary": primary,
            "transform": transform,
            "fooled_by": fooled_by,
        }
        return METRICS.register(name, function, source=source, **meta)

    return decorate
