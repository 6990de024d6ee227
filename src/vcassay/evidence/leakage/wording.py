"""Wording: numbers and assumptions as findings write them."""

from __future__ import annotations

import numpy as np

from vcassay.arrays.resample import Estimate
from vcassay.claim import Split
from vcassay.core.wording import capital


def p_text(p: float) -> str:
    """Write a p-value: ``p = 0.03``, ``p < 0.001``."""
    return "p < 0.001" if p < 0.001 else f"p = {p:.2g}"


def bounds(e: Estimate, sign: str = "") -> str:
    """Write the interval of an estimate: ``95 % 0.120 to 0.340``; with ``sign="+"`` that of a difference."""
    return (
        f"95 % {e.low:{sign}.3f} to {e.high:{sign}.3f}" if np.isfinite([e.low, e.high]).all() else "without an interval"
    )


def assuming(split: Split, text: str) -> str:
    """Write a sentence that holds if the training set is what was assumed of it; ``text`` is its second part."""
    return f"{capital(split.assumed)}; then {text[:1].lower()}{text[1:].removesuffix('.')}."
