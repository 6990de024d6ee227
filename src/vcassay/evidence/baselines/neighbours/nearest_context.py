"""T3: nearest context."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from vcassay.core import Conditions
from vcassay.evidence.baselines.averages import overall_mean
from vcassay.evidence.baselines.baseline import Array, Baseline, baseline
from vcassay.evidence.baselines.coding import Coding
from vcassay.evidence.baselines.neighbours.neighbours import choose_neighbours, mean_weights
from vcassay.evidence.baselines.response import components
from vcassay.evidence.baselines.task import Task

NEIGHBOURS = (1, 3, 5, 10)
"""Numbers of contexts tried by inner validation."""
WIDTH = 50
"""Components of control profiles in which contexts are compared; up to 51 contexts they lose nothing."""
FLOOR = 1e-3
"""What is added to 1 + similarity: about half of all centred similarities are below 0, and count less, not 0."""


@baseline(
    "nearest_context",
    title="nearest contexts",
    tier="T3",
    reads=("perturbation_elsewhere", "target_controls", "controls_elsewhere"),
    source="GenBio 2026: cross-context nearest neighbours",
    readout="vector",
    lookup="context",
)
class NearestContext(Baseline):
    """The same treatment's effect in the training contexts whose controls look most alike.

    Contexts are compared by the cosine of 50 principal components of their control profiles (centred over contexts, all
    scored genes); the effects of the nearest 1, 3, 5 or 10, as inner validation has it, are averaged with weights
    1 + similarity, whatever their numbers of rows. What was not trained in any of them falls back to the perturbation
    mean, then to the mean effect.
    """

    def fit(self, task: Task) -> NearestContext:
        """Choose the number of neighbours by leaving contexts out."""
        self.k = choose_neighbours(task, NEIGHBOURS, lambda part: ContextNeighbours(part).predict)
        self.model = ContextNeighbours(task)
        return self

    def predict(self, wanted: Conditions) -> Array:
        """(n, g) similarity-weighted means."""
        out, lost = self.model.predict(wanted, self.k)
        self.fell_back(lost, "the perturbation mean or the perturbed mean")
        return out


class ContextNeighbours:
    """Contexts by how alike their controls look."""

    def __init__(self, task: Task) -> None:
        self.effects, self.coding = task.effects, Coding(task.train)
        self.rows, self.mean = self.coding.rows, overall_mean(task)
        names = sorted(task.controls)
        self.position = {c: i for i, c in enumerate(names)}
        if len(names) > 1:
            scores = components(np.array([task.controls[c] for c in names]), WIDTH).scores
        else:
            scores = np.zeros((len(names), 0))
        norm = np.sqrt((scores * scores).sum(axis=1, keepdims=True))
        unit = np.where(norm > 0, scores / np.where(norm > 0, norm, 1.0), 0.0)
        self.similarity = unit @ unit.T
        self.able = [c for c in self.coding.contexts if c in self.position]

    def predict(self, wanted: Conditions, k: int) -> tuple[Array, int]:
        """(m, g) effects, and how many fell back."""
        weights, known = self._weights(wanted, k)
        out = weights @ self.effects
        rest = np.flatnonzero(~known)
        if len(rest):
            out[rest] = self.coding.means(self.effects, wanted.take(rest), self.mean)[0]
        return np.asarray(out), len(rest)

    def _weights(self, wanted: Conditions, k: int) -> tuple[csr_array, NDArray[np.bool_]]:
        own, treatment = self.coding.of(wanted)
        at = np.array([self.position.get(c, -1) for c in wanted.context.tolist()], dtype=np.int64)
        trained = np.array([self.coding.contexts[c] for c in self.able], dtype=np.int64)
        rows = np.where(treatment[:, None] >= 0, self.rows[trained][:, treatment].T, -1)
        usable = (rows >= 0) & (trained != own[:, None]) & (at >= 0)[:, None]
        columns = np.array([self.position[c] for c in self.able], dtype=np.int64)
        similarity = (
            np.where(usable, self.similarity[at][:, columns], -np.inf) if len(columns) else np.zeros((len(at), 0))
        )
        near = np.argsort(-similarity, axis=1, kind="stable")[:, :k]
        use = np.take_along_axis(usable, near, axis=1)
        weight = np.where(use, 1.0 + FLOOR + np.take_along_axis(similarity, near, axis=1), 0.0)
        return mean_weights(np.take_along_axis(rows, near, axis=1), weight, use, len(self.effects))
