"""T3: nearest genes by control co-expression."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from vcassay.core import Conditions
from vcassay.evidence.baselines.averages import ContextMeans
from vcassay.evidence.baselines.baseline import Array, Baseline, baseline
from vcassay.evidence.baselines.neighbours.neighbours import choose_neighbours
from vcassay.evidence.baselines.task import Task

NEIGHBOURS = (1, 2, 3, 5, 10, 20)
"""Numbers of genes tried by inner validation."""


@baseline(
    "coexpression_knn",
    title="nearest genes by control co-expression",
    tier="T3",
    reads=("train_effects", "target_controls"),
    source="our own (docs/methods.md, section 12): T3 needs no features to exist",
    needs="perturbations that are measured genes",
    readout="vector",
    lookup="coexpression",
)
class CoexpressionNeighbours(Baseline):
    """The mean training effect of the perturbed genes that co-vary most with this one in controls.

    Effects are averaged within the test context where it was trained, else over contexts. For perturbations that are
    no measured gene it answers with the mean effect. The number of neighbours, 1 to 20, comes from inner validation by
    the rule of the outer split. Conditions count alike, whatever their numbers of rows.
    """

    def fit(self, task: Task) -> CoexpressionNeighbours:
        """Choose the number of neighbours by leaving perturbations out."""
        self.k = choose_neighbours(task, NEIGHBOURS, lambda part: GeneNeighbours(part).predict)
        self.model = GeneNeighbours(task)
        return self

    def predict(self, wanted: Conditions) -> Array:
        """(n, g) means over the nearest genes."""
        out, lost = self.model.predict(wanted, self.k)
        self.fell_back(lost, "the mean effect, their perturbation being no measured gene,")
        return out


class GeneNeighbours:
    """Perturbed genes by how alike they vary in controls, context by context; under "" over all contexts."""

    def __init__(self, task: Task) -> None:
        self.effects = task.effects
        norm = np.sqrt((task.embedding**2).sum(axis=1, keepdims=True))
        self.unit = np.where(norm > 0, task.embedding / np.where(norm > 0, norm, 1.0), 0.0)
        self.position = {g: i for i, g in enumerate(task.genes.tolist())}
        rows: dict[str, dict[str, list[int]]] = {}
        for i, (context, parts, _, _) in enumerate(task.train.keys):
            if len(parts) == 1 and parts[0] in self.position:
                rows.setdefault(context, {}).setdefault(parts[0], []).append(i)
                rows.setdefault("", {}).setdefault(parts[0], []).append(i)
        self.rows = rows
        self.means = ContextMeans(task)

    def predict(self, wanted: Conditions, k: int) -> tuple[Array, int]:
        """(m, g) effects, and how many fell back."""
        of = np.array([c if c in self.rows else "" for c in wanted.context.tolist()])
        out, lost = np.empty((len(wanted), self.effects.shape[1])), 0
        for group in sorted(set(of.tolist())):
            at = np.flatnonzero(of == group)
            weights, known = self._weights(wanted.take(at), self.rows.get(group, {}), k)
            out[at] = weights @ self.effects
            rest = at[~known]
            if len(rest):
                out[rest] = self.means.of(wanted.take(rest))
            lost += len(rest)
        return out, lost

    def _weights(
        self, wanted: Conditions, trained: dict[str, list[int]], k: int
    ) -> tuple[csr_array, NDArray[np.bool_]]:
        """(m, n) weights of training rows: each near gene counts once, whatever its number of rows."""
        shape = (len(wanted), len(self.effects))
        measured = [[self.position[p] for p in parts if p in self.position] for parts in wanted.parts]
        names = {name: j for j, name in enumerate(trained)}
        if not names or not self.unit.shape[1]:
            return csr_array(shape), np.zeros(len(wanted), dtype=bool)
        query = np.array([self.unit[at].mean(axis=0) if at else np.zeros(self.unit.shape[1]) for at in measured])
        similarity = query @ self.unit[[self.position[name] for name in names]].T
        own = [(i, names[p]) for i, parts in enumerate(wanted.parts) for p in parts if p in names]
        if own:
            similarity[tuple(np.array(own).T)] = -np.inf
        near = np.argsort(-similarity, axis=1, kind="stable")[:, :k]
        use = np.isfinite(np.take_along_axis(similarity, near, axis=1))
        known = use.any(axis=1) & np.array([bool(at) for at in measured])
        size = np.array([len(rows) for rows in trained.values()])
        i, j = np.nonzero(use & known[:, None])
        pick = csr_array((1.0 / use.sum(axis=1)[i], (i, near[i, j])), shape=(len(wanted), len(names)))
        flat = np.array([row for rows in trained.values() for row in rows])
        gene = np.repeat(np.arange(len(names)), size)
        average = csr_array((1.0 / size[gene], (gene, flat)), shape=(len(names), shape[1]))
        return pick @ average, known
