"""Equivalence: when a difference is shown to be too small to matter."""

from __future__ import annotations

from vcassay.arrays.resample import Estimate
from vcassay.core import Threshold

EQUIVALENCE_MARGIN = Threshold(
    "equivalence_margin", 0.02, "in the unit of the metric; [evidence] equivalence states another"
)
EQUIVALENCE_LEVEL = Threshold(
    "equivalence_level", 0.90, "two one-sided tests at 5 % are a 90 % interval within the margin (Schuirmann 1987)"
)


def is_equivalent(narrow: Estimate, margin: float) -> bool:
    """Whether a 90 % interval of a paired difference lies within the margin on both sides."""
    return bool(-margin < narrow.low and narrow.high < margin)
