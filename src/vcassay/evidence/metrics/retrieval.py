"""Retrieval: is the prediction nearest to its own perturbation."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.retrieval import cosine_distances, discrimination
from vcassay.evidence.metrics.metric import metric

Array = NDArray[np.float64]


@metric(
    "pds_cosine",
    title="Perturbation discrimination (cosine)",
    family="retrieval",
    optimum=1.0,
    chance=0.5,
    higher_is_better=True,
    primary=True,
    source="Virtual Cell Challenge 2025; methods 8",
    fooled_by="an easy panel; near-equal perturbations such as paralogs or neighbouring doses, which are true ties",
)
def pds_cosine(truth: Array, pred: Array, mask: NDArray[np.bool_], dose_time: NDArray[np.int64]) -> Array:
    """Share of the panel that is farther from the prediction than its own truth, by cosine.

    Candidates are the test conditions of the same context, dose and time; genes are those scored
    for all of them. Ties take the mid-rank, a zero effect is at distance 1 from all, so no change
    scores .5. Undefined with fewer than two candidates.
    """
    out = np.full(len(truth), np.nan)
    for code in np.unique(dose_time):
        at = np.flatnonzero(dose_time == code)
        genes = mask[at].all(axis=0)
        out[at] = discrimination(cosine_distances(pred[np.ix_(at, genes)], truth[np.ix_(at, genes)]))
    return out
