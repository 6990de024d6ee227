"""Calibrated: every metric on the screen at hand, on a stratified part of its test conditions."""

from __future__ import annotations

import numpy as np

from vcassay.claim import Claim
from vcassay.effects import Effects
from vcassay.evidence.metrics.calibration.conformance import dataset_conformance
from vcassay.evidence.metrics.calibration.replicates import Calibration, calibrate, make_blocks
from vcassay.evidence.metrics.ceilings.agreement import choose
from vcassay.evidence.metrics.panel import Panel
from vcassay.record.evidence import CalibrationRecord

LEAST = 8
"""Conditions below which nothing is calibrated."""


def calibrate_metrics(panel: Panel, effects: Effects, claim: Claim, seed: int) -> tuple[list[Calibration], str]:
    """Hold every metric against the conformance table, and replicates against the mean, on this screen.

    On the conditions that decide (with a detectable effect, where that was assessed), at most about 300 of them, in
    proportion from every context and effect-size stratum.

    Returns
    -------
    One calibration a metric, and why there is none; empty otherwise.
    """
    if panel.no_signal:
        return [], panel.no_signal
    deciding = np.flatnonzero(panel.strata[panel.decision])
    part = panel.take(panel.strata[panel.decision])
    keep = choose(part, seed)
    part, rows = part.take(keep), claim.split.test[deciding[keep]]
    if len(rows) < LEAST:
        return [], f"{len(rows)} conditions are too few ({LEAST} are needed)"
    blocks = make_blocks(part, effects, rows, claim.split.scored_shards)
    if blocks is None:
        return [], "rows or controls are too few for a replicate that shares neither with the truth"
    return calibrate(blocks, dataset_conformance(part, seed), seed), ""


def demotions(calibrations: list[Calibration]) -> dict[str, tuple[str, ...]]:
    """Metric to the reasons why it cannot carry the verdict here; only those that have some."""
    return {c.metric: c.reasons for c in calibrations if c.reasons}


def calibration_record(c: Calibration) -> CalibrationRecord:
    """Return a calibration as it is stored."""
    return CalibrationRecord(
        metric=c.metric,
        n=c.n,
        optimum=c.optimum,
        interpolated=c.interpolated,
        replicate=c.replicate,
        mean=c.mean,
        no_change=c.no_change,
        drf=c.drf.value,
        drf_low=c.drf.low,
        drf_high=c.drf.high,
        bds=c.bds.value,
        bds_low=c.bds.low,
        bds_high=c.bds.high,
        sanity=c.sanity.value,
        sanity_low=c.sanity.low,
        sanity_high=c.sanity.high,
        broken=tuple(f"{b.rule}: {b.sentence}" for b in c.broken),
        reasons=c.reasons,
    )
