"""Crossed: reliability across batches or guides, beside that within them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.ceiling import spearman_brown
from vcassay.arrays.resample import aggregate, draw_weights, interval
from vcassay.core import Finding, Status
from vcassay.evidence.metrics.panel import Panel
from vcassay.record.screen import CrossedRecord

Array = NDArray[np.float64]

DRAWS = 2000
LEAST = 2
"""Conditions that must have both kinds of halves."""

TITLE = "Replicates across batches"


def compare_crossed(kind: str, across: Array, panel: Panel, seed: int, draws: int = DRAWS) -> CrossedRecord:
    """Compare halves that share no batch (or guide) with halves of cells, on the same conditions.

    Parameters
    ----------
    kind
        ``batches`` or ``guides``.
    across
        (t,) correlation of the crossed halves of the test conditions, NaN where there are none.
    panel
        The test conditions.
    """
    within = panel.reliability
    both = np.isfinite(across) & np.isfinite(within)
    strata = panel.strata[panel.decision]
    at = np.flatnonzero(both & strata)
    if len(at) < LEAST:
        return not_crossed(kind, f"{len(at)} test conditions have halves that share no {kind[:-1]}")
    rng = np.random.default_rng([seed, len(at)])
    weights = draw_weights(panel.context[at], panel.family[at], draws, rng)
    sides = []
    for half in (within[at], across[at]):
        value, drawn, by_context = aggregate(half, weights)
        sides.append([np.asarray(spearman_brown(np.clip(x, -0.5, 1.0))) for x in (value, drawn, by_context)])
    (a, a_drawn, a_by), (b, b_drawn, b_by) = sides
    by_context = (b_by - a_by) - float((b_by - a_by).mean()) + float(b - a)
    e = interval(float(b - a), b_drawn - a_drawn, by_context, weights.method, families=weights.families)
    return CrossedRecord(
        kind=kind,
        n=len(at),
        within=float(a),
        across=float(b),
        difference=e.value,
        low=e.low,
        high=e.high,
        lower=bool(e.high < 0),
    )


def not_crossed(kind: str, reason: str) -> CrossedRecord:
    """Reliability that cannot be measured, and why."""
    return CrossedRecord(kind=kind, n=0, within=None, across=None, difference=None, low=None, high=None, reason=reason)


def batch_factor(row: CrossedRecord) -> float:
    """What split-half correlations are multiplied by: that across batches over that within, where clearly lower."""
    if not row.lower or row.within is None or row.across is None or row.within <= 0:
        return 1.0
    half = [r / (2.0 - r) for r in (max(row.across, 0.0), row.within)]
    return half[0] / half[1]


def batch_finding(row: CrossedRecord) -> Finding:
    """Say whether halves of cells count as signal what a batch does to a condition."""
    if row.reason or row.within is None or row.across is None:
        words = f"Not measurable: {row.reason}."
        return Finding("replicates_across_batches", TITLE, Status.NA, words, family="metrics")
    numbers = f"{row.across:.2f} across batches, {row.within:.2f} within ({row.n} conditions)"
    if row.lower:
        words = (
            f"Replicates agree less across batches than within: {numbers}. What a batch does to a condition is in "
            f"the truth; the ceilings of correlations are those across batches."
        )
    else:
        words = f"Replicates agree across batches as within: {numbers}."
    return Finding(
        "replicates_across_batches",
        TITLE,
        Status.WARN if row.lower else Status.PASS,
        words,
        row.difference,
        0.0,
        0.0,
        family="metrics",
    )
