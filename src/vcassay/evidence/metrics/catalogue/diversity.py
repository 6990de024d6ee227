"""Diversity: how many directions predicted effects take, and what of the truth lies among them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.agreement import Ratio
from vcassay.evidence.metrics.metric import metric
from vcassay.evidence.metrics.spectra import Spectrum

Array = NDArray[np.float64]


@metric(
    "effective_rank_log2",
    title="Diversity ratio (log2 of effective ranks)",
    family="diversity",
    optimum=0.0,
    chance=None,
    higher_is_better=False,
    level="panel",
    source="Qi and Chapfuwa 2026 (Vendi score); Roy and Vetterli 2007; truth debiased by split halves",
    fooled_by="noise, which has every direction",
    undefined="no change is predicted, no effect is measurable, or a context has a single condition",
)
def effective_rank_log2(spectra: Sequence[Spectrum]) -> Array:
    """Log2 of the effective rank of a context's predicted effects over that of its true ones.

    0 is as diverse as the truth; below 0 the model has collapsed towards few patterns (-1: half as
    many). The truth's rank is that of the cross-product of split halves, free of noise.
    """
    out = np.full(sum(len(s.rows) for s in spectra), np.nan)
    for s in spectra:
        if len(s.rows) > 1 and s.predicted > 0 and s.measured > 0:
            out[s.rows] = np.log2(s.predicted / s.measured)
    return out


@metric(
    "basis_explained",
    title="Truth within the model's own directions",
    family="diversity",
    optimum=1.0,
    chance=None,
    higher_is_better=True,
    source="Bianco 2026 (projection basis): r2 is at most the variance explained in the basis",
    fooled_by="many directions: a model of full rank has no ceiling from its basis",
    undefined="the predictions are not of low rank (at most half as many directions as conditions)",
)
def basis_explained(spectra: Sequence[Spectrum]) -> Ratio:
    """Share of the true effects' energy, freed of noise, in the span of the model's predicted effects.

    What a low-rank model could explain at best if it used its directions perfectly.
    """
    n = sum(len(s.rows) for s in spectra)
    top, below = np.full(n, np.nan), np.full(n, np.nan)
    for s in spectra:
        top[s.rows], below[s.rows] = s.explained, s.energy
    return Ratio(top, below)
