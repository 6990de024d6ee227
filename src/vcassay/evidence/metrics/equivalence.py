"""Equivalence: when a difference is shown to be too small to matter."""

from __future__ import annotations

from vcassay.arrays.resample import Estimate
from vcassay.core import Threshold
from vcassay.record.evidence import ComparisonRecord

EQUIVALENCE_MARGIN = Threshold(
    "equivalence_margin", 0.02, "in the unit of the metric; [evidence] equivalence states another"
)
EQUIVALENCE_LEVEL = Threshold(
    "equivalence_level", 0.90, "two one-sided tests at 5 % are a 90 % interval within the margin (Schuirmann 1987)"
)


def is_equivalent(narrow: Estimate, margin: float) -> bool:
    """Whether a 90 % interval of a paired difference lies within the margin on both sides."""
    return bool(-margin < narrow.low and narrow.high < margin)


def comparison_sentence(row: ComparisonRecord, baseline: str = "", metric: str = "") -> str:
    """Say how a model stands to a baseline: better, worse, not distinguishable, or not told apart.

    Parameters
    ----------
    baseline, metric
        Titles to use in place of the names.
    """
    baseline, metric = baseline or row.baseline, metric or row.metric
    if row.difference is None or row.low is None or row.high is None:
        return f"{row.model} cannot be compared with {baseline} in {metric}: there are too few perturbations."
    span = f"difference {row.difference:.2g}, 95 % interval {row.low:.2g} to {row.high:.2g}"
    if row.better or row.worse:
        word = "better" if row.better else "worse"
        small = ""
        if row.margin is not None and abs(row.difference) < row.margin:
            small = f", by less than {row.margin:g}"
        return f"{row.model} is {word} than {baseline} in {metric}{small} ({span})."
    if row.equivalent and row.margin is not None:
        narrow = f"90 % interval of the difference {row.equivalence_low:.2g} to {row.equivalence_high:.2g}"
        return f"{row.model} is not distinguishable from {baseline} within {row.margin:g} in {metric} ({narrow})."
    need = "" if row.detectable_difference is None else f"; {row.detectable_difference:.2g} could have been found"
    return f"{row.model} and {baseline} cannot be told apart in {metric} ({span}{need})."
