"""Ablations: what a simulated model answers when one of its inputs is disturbed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from vcassay.core import Conditions
from vcassay.prediction import Disclosure, Prediction

Floats = NDArray[np.float64]
Index = NDArray[np.int64]
Disturbance = Callable[[Floats], Floats]
"""From a model's (n, g) answers to those with an input disturbed."""


def disturbances(conditions: Conditions, rng: Generator) -> dict[str, Disturbance]:
    """How the answers change when an input is disturbed: functions of the (n, g) answers.

    Shuffling gives each condition the answer to another perturbation in its context, or to the same
    treatment in another context, and is left out where there is no other; zeroing gives the mean
    answer of the context.
    """
    other = _swap(conditions.context, conditions.perturbation, rng)
    treatments = np.asarray([repr(t) for t in conditions.treatments], dtype=str)
    elsewhere = _swap(treatments, conditions.context, rng)
    _, of_row = np.unique(conditions.context, return_inverse=True)

    def zeroed(values: Floats) -> Floats:
        means = [values[of_row == c].mean(axis=0) for c in range(int(of_row.max(initial=-1)) + 1)]
        return np.asarray(means).reshape(-1, values.shape[1])[of_row]

    changes: dict[str, Disturbance] = {"zeroed_perturbation": zeroed}
    for kind, partner in (("shuffled_perturbation", other), ("shuffled_context", elsewhere)):
        if np.any(partner != np.arange(len(partner))):
            changes[kind] = partial(np.take, indices=partner, axis=0)
    return changes


def _swap(within: NDArray[np.str_], label: NDArray[np.str_], rng: Generator) -> Index:
    """For each row another row of its group whose label differs, wherever the group allows it."""
    partner = np.arange(len(within))
    for group in np.unique(within):
        rows = np.flatnonzero(within == group)
        names, of_row, sizes = np.unique(label[rows], return_inverse=True, return_counts=True)
        place = rng.permutation(len(names))
        order = rows[np.argsort(place[of_row], kind="stable")]
        # Rows of one label are neighbours, so a turn by the largest block leaves none on its own label.
        partner[order] = np.roll(order, int(sizes.max()))
    return partner


def ablate(
    name: str,
    conditions: Conditions,
    genes: NDArray[np.str_],
    values: Floats,
    disclosure: Disclosure,
    disturbed: Mapping[str, Disturbance],
) -> dict[str, Prediction]:
    """One prediction a disturbance: the model's (n, g) answers after its inputs were disturbed."""
    return {
        kind: Prediction(f"{name}, {kind}", conditions, genes, change(values), disclosure=disclosure)
        for kind, change in disturbed.items()
    }
