"""T2: the linear gene-loading model of Ahlmann-Eltze et al."""

from __future__ import annotations

import numpy as np

from vcassay.core import Conditions
from vcassay.evidence.baselines.baseline import Array, Baseline, baseline
from vcassay.evidence.baselines.task import Task

DIMENSIONS = 10
PENALTY = 0.1


@baseline(
    "gene_loading",
    title="linear gene-loading model",
    tier="T2",
    reads=("train_effects",),
    source="Ahlmann-Eltze et al. 2025",
    needs="perturbations that are measured genes",
    readout="vector",
)
class GeneLoading(Baseline):
    """Effect = G K p + b with the perturbed gene's own loading as p (d = 10, ridge .1 on both sides).

    G holds the gene scores of a PCA of the training effects; b is the mean training effect, taken
    before centring, so that a constant effect is returned as it is. Combinations add their parts;
    a perturbation that is no measured gene has p = 0 and gets b.
    """

    def fit(self, task: Task) -> GeneLoading:
        """Solve for K in closed form."""
        y = task.effects.T
        self.b = y.mean(axis=1)
        centred = y - self.b[:, None]
        u, s, _ = np.linalg.svd(centred, full_matrices=False)
        d = int(min(DIMENSIONS, (s > 1e-9 * max(float(s.max(initial=0.0)), 1e-300)).sum()))
        self.position = {g: i for i, g in enumerate(task.genes.tolist())}
        self.g = u[:, :d] * s[:d]
        p = self._loadings(task.train)
        left = np.linalg.solve(self.g.T @ self.g + PENALTY * np.eye(d), self.g.T @ centred)
        self.k = left @ p.T @ np.linalg.inv(p @ p.T + PENALTY * np.eye(d)) if d else np.zeros((0, 0))
        return self

    def predict(self, wanted: Conditions) -> Array:
        """(n, g) predicted effects."""
        p = self._loadings(wanted)
        lost = int((~p.any(axis=0)).sum()) if len(p) else len(wanted)
        self.fell_back(lost, "the mean effect, their perturbation being no measured gene,")
        return np.asarray((self.g @ self.k @ p).T + self.b)

    def _loadings(self, table: Conditions) -> Array:
        """(d, n) loading of each condition's perturbed genes, parts added up."""
        out = np.zeros((self.g.shape[1], len(table)))
        for i, parts in enumerate(table.parts):
            for part in parts:
                if part in self.position:
                    out[:, i] += self.g[self.position[part]]
        return out
