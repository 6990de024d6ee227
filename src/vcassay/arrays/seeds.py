"""Seeds of a model as a nested level of the bootstrap: what training anew would change."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def draw_seeds(seeds: int, draws: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Draw one training seed for each bootstrap draw.

    Balanced: each seed is drawn equally often (to within one), in random order, so that the draws'
    mean is the mean over seeds.

    Returns
    -------
    (draws,) positions of seeds.
    """
    return np.asarray(rng.permutation(np.arange(draws, dtype=np.int64) % seeds))


def nest_seeds(values: Array, draws: Array, by_context: Array, which: NDArray[np.int64]) -> tuple[float, Array, Array]:
    """Join the statistics of several seeds of one model.

    Scores are averaged, not predictions: a mean of predictions is an ensemble, another model.

    Parameters
    ----------
    values
        (s,) statistic of each seed.
    draws
        (s, b) bootstrap draws of each, from the same weights.
    by_context
        (s, k) values by context.
    which
        (b,) from `draw_seeds`.

    Returns
    -------
    value, (b,) draws and (k,) values by context, as of `vcassay.arrays.resample.aggregate`.

    Notes
    -----
    One seed a draw gives the spread of the score of one trained model, (s - 1) / s of the variance
    between seeds, where the mean over s seeds varies by 1 / s of it: equal for two seeds and
    wider from three on, which makes up for the few degrees of freedom.
    """
    return float(values.mean()), draws[which, np.arange(draws.shape[1])], np.asarray(by_context.mean(axis=0))
