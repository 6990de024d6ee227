"""Neighbourhood: mean effects of the training perturbations that are most like those asked for."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from vcassay.core import Conditions
from vcassay.evidence.baselines.averages import ContextMeans
from vcassay.evidence.baselines.task import Task

Array = NDArray[np.float64]
Parts = tuple[str, ...]
Likeness = Callable[[list[Parts], list[Parts]], Array]
"""(m, p) likeness of perturbations, NaN where one of the two is unknown."""

SCOPES = ("context", "contexts")
"""Neighbours within the test context where it is trained, or over all training contexts."""
DIGITS = 9
"""Likenesses are compared to so many decimals, so that rounding does not decide which of equal ones is nearer."""


def nearest_weights(likeness: Array, k: int, power: float = 0.0) -> Array:
    """Weights of the ``k`` nearest, adding up to 1.

    Parameters
    ----------
    likeness
        (m, p); NaN is never a neighbour.
    k
        Neighbours; those equally near at the edge share what is left of it.
    power
        Weights are likeness to this power: 0 weighs all alike.

    Returns
    -------
    (m, p) weights; rows of 0 where there is no neighbour, or none of any likeness where that is what weighs.
    """
    known = np.isfinite(likeness)
    near = np.where(known, np.round(likeness, DIGITS), -np.inf)
    edge = min(k, near.shape[1])
    if not edge:
        return np.zeros_like(near)
    last = -np.partition(-near, edge - 1, axis=1)[:, edge - 1 : edge]
    last = np.where(np.isfinite(last), last, np.where(known, near, np.inf).min(axis=1, keepdims=True))
    within, at_edge = known & (near > last), known & (near == last)
    left = np.maximum(edge - within.sum(axis=1, keepdims=True), 0)
    share = np.minimum(left / np.maximum(at_edge.sum(axis=1, keepdims=True), 1), 1.0)
    weights = within + at_edge * share
    if power:
        weights = weights * np.where(known, np.maximum(likeness, 0.0), 0.0) ** power
    total = weights.sum(axis=1, keepdims=True)
    return np.asarray(np.divide(weights, total, out=np.zeros_like(weights), where=total > 0))


class Neighbourhood:
    """Training effects by context, perturbation, dose and time, as neighbours are looked up in them.

    Of a training perturbation counts the dose, then the time, nearest to what is asked. Over all training contexts,
    effects are taken as deviations from their context's mean, and the mean of the test context is put back; where it
    is not trained, that is the mean over contexts.
    """

    def __init__(self, task: Task) -> None:
        self.task = task
        self.means = ContextMeans(task)
        self.rows: dict[str, dict[Parts, list[int]]] = {}
        for i, (context, parts, _, _) in enumerate(task.train.keys):
            for scope in ("", context):
                self.rows.setdefault(scope, {}).setdefault(parts, []).append(i)
        self.deviations = task.effects - self.means.of(task.train)
        self.kept: dict[tuple[str, float, float], Array] = {}

    def sources(self, context: str, scope: str) -> str:
        """Which training conditions serve a test context: its own, or (empty) all."""
        return context if scope == SCOPES[0] and context in self.means.of_context else ""

    def standing(self, wanted: Conditions) -> Array:
        """(m, g) mean effect of each context, where it is not trained of all."""
        return self.means.of(wanted)

    def answers(
        self, wanted: Conditions, scope: str, likeness: Likeness, settings: list[tuple[int, float]]
    ) -> tuple[list[Array], NDArray[np.bool_]]:
        """Predict by each setting.

        Parameters
        ----------
        scope
            One of `SCOPES`.
        settings
            Numbers of neighbours and powers of the likeness.

        Returns
        -------
        For each setting (m, g) predictions, and (m,) whether there was any neighbour; the context's mean where not.
        """
        out = [self.standing(wanted) for _ in settings]
        found = np.zeros(len(wanted), dtype=bool)
        groups: dict[tuple[str, float, float], list[int]] = {}
        for i, (context, _, dose, time) in enumerate(wanted.keys):
            groups.setdefault((self.sources(context, scope), dose, time), []).append(i)
        for (source, dose, time), at in groups.items():
            near = likeness([wanted.parts[i] for i in at], list(self.rows[source]))
            effects = self._effects(source, dose, time)
            for values, (k, power) in zip(out, settings, strict=True):
                weights = nearest_weights(near, k, power)
                values[at] += np.asarray(csr_array(weights) @ effects)
                found[at] |= weights.any(axis=1)
        return out, found

    def _effects(self, source: str, dose: float, time: float) -> Array:
        """(p, g) deviation of each perturbation at the nearest dose and time, averaged over its conditions there."""
        key = (source, dose, time)
        if key not in self.kept:
            rows = self.rows[source]
            pairs = [(j, i) for j, own in enumerate(rows.values()) for i in self._closest(own, dose, time)]
            at = np.array(pairs)
            pick = csr_array((np.ones(len(at)), (at[:, 0], at[:, 1])), shape=(len(rows), len(self.deviations)))
            self.kept[key] = (pick @ self.deviations) / np.asarray(pick.sum(axis=1))[:, None]
        return self.kept[key]

    def _closest(self, rows: list[int], dose: float, time: float) -> list[int]:
        train = self.task.train

        def gap(i: int) -> tuple[float, float]:
            d, t = float(train.dose[i]), float(train.time[i])
            apart = abs(np.log10(d / dose)) if d > 0 and dose > 0 else 0.0
            return round(apart, DIGITS), abs(t - time) if t >= 0 and time >= 0 else 0.0

        if len(rows) == 1:
            return rows
        gaps = [gap(i) for i in rows]
        least = min(gaps)
        return [i for i, g in zip(rows, gaps, strict=True) if g == least]
