"""Spectra: the directions that predicted and measured effects of each context take, for metrics of diversity."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.spectrum import basis, cross_spectrum, effective_rank, gram_spectrum, leading

Array = NDArray[np.float64]

MOST = 500
"""Conditions of a context that are taken; more are thinned out evenly."""
ENERGY = 1.0 - 1e-9
"""Share of the predicted effects' energy that a basis holds: all but what single precision adds."""
LOW_RANK = 0.5
"""Share of the conditions that the basis may have directions, for a model to count as low-rank."""


class Spectrum(NamedTuple):
    """One context.

    Attributes
    ----------
    rows
        (m,) positions of its conditions.
    predicted, measured
        Effective ranks; of the truth freed of noise.
    explained, energy
        (m,) energy of the measured effects in the span of the predicted ones, and in all, freed of noise; NaN
        where the predictions are not of low rank.
    """

    rows: NDArray[np.int64]
    predicted: float
    measured: float
    explained: Array
    energy: Array


def find_spectra(
    pred: Array, half_a: Array | None, half_b: Array | None, mask: NDArray[np.bool_], context: NDArray[np.int64]
) -> tuple[Spectrum, ...] | None:
    """Work out the spectra, context by context, on the genes scored for all; ``None`` without halves."""
    if half_a is None or half_b is None:
        return None
    return tuple(_one(pred, half_a, half_b, mask, np.flatnonzero(context == c)) for c in np.unique(context).tolist())


def _one(pred: Array, half_a: Array, half_b: Array, mask: NDArray[np.bool_], rows: NDArray[np.int64]) -> Spectrum:
    genes = np.flatnonzero(mask[rows].all(axis=0))
    at = rows[:: -(-len(rows) // MOST)]
    d, a, b = (m[np.ix_(at, genes)] for m in (pred, half_a, half_b))
    halved = np.isfinite(a).all() and np.isfinite(b).all()
    nowhere = np.full(len(rows), np.nan)
    if not np.isfinite(d).all():
        return Spectrum(rows, np.nan, np.nan, nowhere, nowhere)
    values, vectors = gram_spectrum(d)
    measured = effective_rank(cross_spectrum(a, b)) if halved else np.nan
    k = leading(values, ENERGY)
    explained, energy = nowhere, nowhere
    if halved and 0 < k <= LOW_RANK * len(at):
        span = basis(d, values, vectors, k)
        every_a, every_b = (m[np.ix_(rows, genes)] for m in (half_a, half_b))
        energy = (every_a * every_b).sum(axis=1)
        explained = ((every_a @ span.T) * (every_b @ span.T)).sum(axis=1)
    return Spectrum(rows, effective_rank(values), measured, explained, energy)
