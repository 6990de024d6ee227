"""Gaming: submissions that earn points without knowing anything; each was met in a challenge."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vcassay.evidence.metrics.calibration.fixtures import Fixture
from vcassay.evidence.metrics.panel import Panel

Array = NDArray[np.float64]

SPIKE = 3.0
"""Change of the spiked target genes: log1p units, a twentieth of the expression."""
KEPT = 0.1
"""Share of genes that the truncated submission keeps."""
LOST = 0.3
"""Share of the answers that are left out by the submission that leaves answers out."""


def make_hacks(panel: Panel, rng: np.random.Generator) -> dict[str, Fixture]:
    """Make the gaming submissions of research on the 2026 Virtual Cell Challenge, on top of the mean training effect.

    Returns
    -------
    Name to submission. What they must not beat is the mean training effect itself (``honest mean``), or chance.
    """
    truth = np.asarray(panel.inputs["truth"], dtype=np.float64)
    mean = np.asarray(panel.inputs["reference"], dtype=np.float64)
    if not np.isfinite(mean).all():
        mean = np.zeros(truth.shape)
    control = np.asarray(panel.inputs["control"], dtype=np.float64)
    mask, every = np.asarray(panel.inputs["mask"]), np.asarray(panel.inputs["full_mask"])
    hidden = every & ~mask
    raised = np.where(control <= np.quantile(control, 0.25, axis=1, keepdims=True), np.abs(mean), mean)
    spiked = np.where(hidden, -SPIKE, mean)
    size = np.abs(np.where(mask, mean, 0.0))
    kept = size >= np.quantile(size, 1.0 - KEPT, axis=1, keepdims=True)
    noise = np.full(truth.shape, np.square(truth).mean())  # of its own row it would tell the size of the effect
    scatter = rng.normal(size=truth.shape)
    lost = mean.copy()
    lost[rng.random(len(lost)) < LOST] = np.nan
    known = [
        Fixture("honest mean", "the mean training effect", mean),
        Fixture("control paste", "the control, claiming to be sampled with great noise", np.zeros(truth.shape), noise),
        Fixture("scatter", "the mean, claiming to be sampled with great noise", mean, noise),
        Fixture("added noise", "the mean with noise, which it declares", mean + np.sqrt(noise) * scatter, noise),
        Fixture("target spike", "the mean, with all targets of the panel knocked down", spiked),
        Fixture("sign by presence", "the mean, with every gene below the lowest quarter raised", raised),
        Fixture("left out", "the mean, with answers left out", lost),
        Fixture("truncated", "the mean on a tenth of the genes, the rest silenced", np.where(kept, mean, -control)),
        Fixture("ten times", "the mean, scaled by 10", 10.0 * mean),
    ]
    swapped = _swapped(panel, mean)
    if swapped is not None:
        known.append(Fixture("context swap", "another context's mean", swapped))
    return {f.name: f for f in known}


def _swapped(panel: Panel, mean: Array) -> Array | None:
    """Each context's rows from the next context's mean; ``None`` with a single context."""
    contexts = np.unique(panel.inputs["context"]).tolist()
    if len(contexts) < 2:
        return None
    out = mean.copy()
    for c, other in zip(contexts, [*contexts[1:], contexts[0]], strict=True):
        rows = np.flatnonzero(panel.inputs["context"] == other)
        out[panel.inputs["context"] == c] = mean[rows].mean(axis=0)
    return None if np.array_equal(out, mean) else out
