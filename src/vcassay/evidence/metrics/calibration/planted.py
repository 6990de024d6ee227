"""Planted: a panel of effects known without noise, for the conformance of metrics."""

from __future__ import annotations

from typing import Any

import numpy as np

from vcassay.evidence.metrics.panel import Panel

CONTEXTS, PERTURBATIONS, GENES = 3, 24, 240
TARGETS = 24
SE = 0.1


def planted_panel(seed: int = 0, *, scalar: bool = False) -> Panel:
    """Plant 24 perturbations in 3 contexts: what contexts share, what perturbations keep, and what is special.

    Halves agree exactly. The first 24 genes are the perturbations' targets, which are not scored. A quarter of the
    perturbations has no effect in the sense that it is smaller than what would be called.
    """
    rng = np.random.default_rng([seed, 11])
    n, g = CONTEXTS * PERTURBATIONS, 1 if scalar else GENES
    context, perturbation = np.repeat(np.arange(CONTEXTS), PERTURBATIONS), np.tile(np.arange(PERTURBATIONS), CONTEXTS)
    weak = perturbation % 4 == 0
    size = np.where(weak, 0.02, 1.0)[:, None] * rng.lognormal(sigma=0.4, size=(n, 1))
    common, kept = rng.normal(size=(CONTEXTS, g)), rng.normal(size=(PERTURBATIONS, g))
    template = size * (0.5 * common[context] + 0.5 * kept[perturbation])
    truth = template + size * rng.normal(size=(n, g))
    mask = np.ones((n, g), dtype=bool)
    if not scalar:
        mask[:, :TARGETS] = False
        truth[np.arange(n), perturbation] = -3.0
    threshold = np.full((n, g), 4.0 * SE)
    inputs: dict[str, Any] = {
        "truth": truth,
        "mask": mask,
        "full_mask": np.ones((n, g), dtype=bool),
        "reference": np.stack([truth[context == c].mean(axis=0) for c in context.tolist()]),
        "template": template,
        "half_a": truth,
        "half_b": truth,
        "half_mean": truth,
        "cross": truth * truth,
        "se": np.full((n, g), SE),
        "statistic": truth / SE,
        "called": (np.abs(truth) >= threshold) & mask,
        "threshold": threshold,
        "control": np.tile(rng.gamma(2.0, size=g), (n, 1)),
        "context": context,
        "dose_time": context,
        "family": perturbation,
        "perturbation": perturbation,
        "detectable": ~weak,
        "typical": np.ones(n),
        "reliability": np.ones(n),
        "bias": template[:, 0] if scalar else None,
        "pathways": rng.random((g, 12)) < 0.1,
        "signature": rng.normal(size=g),
    }
    strata = {"all": np.ones(n, dtype=bool), "detectable": ~weak, "null": weak}
    return Panel(inputs, context, perturbation, strata, "detectable", "", scalar=scalar)
