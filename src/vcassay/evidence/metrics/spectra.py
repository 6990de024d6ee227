"""Spectra: the directions that predicted and measured effects of each context take, for metrics of diversity."""

from __future__ import annotations

from typing import Any, NamedTuple

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
    pred: Array,
    half_a: Array | None,
    half_b: Array | None,
    mask: NDArray[np.bool_],
    context: NDArray[np.int64],
    memo: dict[str, Any],
) -> tuple[Spectrum, ...] | None:
    """Work out the spectra, context by context, on the genes scored for all; ``None`` without halves.

    Parameters
    ----------
    memo
        Keeps the truth's effective ranks for other answers.
    """
    if half_a is None or half_b is None:
        return None
    every = np.unique(context).tolist()
    return tuple(_one(pred, half_a, half_b, mask, np.flatnonzero(context == c), memo) for c in every)


def _one(
    pred: Array,
    half_a: Array,
    half_b: Array,
    mask: NDArray[np.bool_],
    rows: NDArray[np.int64],
    memo: dict[str, Any],
) -> Spectrum:
    genes = np.flatnonzero(mask[rows].all(axis=0))
    at = rows[:: -(-len(rows) // MOST)]
    d = pred[np.ix_(at, genes)]
    key = f"effective rank {rows[0]}"
    if key not in memo:
        a, b = (m[np.ix_(at, genes)] for m in (half_a, half_b))
        measured = np.isfinite(a).all() and np.isfinite(b).all()
        memo[key] = effective_rank(cross_spectrum(a, b)) if measured else None
    halved = memo[key] is not None
    nowhere = np.full(len(rows), np.nan)
    if not np.isfinite(d).all():
        return Spectrum(rows, np.nan, np.nan, nowhere, nowhere)
    values, vectors = gram_spectrum(d)
    of_truth = float(memo[key]) if halved else np.nan
    k = leading(values, ENERGY)
    explained, energy = nowhere, nowhere
    if halved and 0 < k <= LOW_RANK * len(at):
        span = basis(d, values, vectors, k)
        every_a, every_b = (m[np.ix_(rows, genes)] for m in (half_a, half_b))
        energy = (every_a * every_b).sum(axis=1)
        explained = ((every_a @ span.T) * (every_b @ span.T)).sum(axis=1)
    return Spectrum(rows, effective_rank(values), of_truth, explained, energy)
