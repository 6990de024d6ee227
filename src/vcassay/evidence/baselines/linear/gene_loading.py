"""T2: the linear gene-loading model of Ahlmann-Eltze et al."""

from __future__ import annotations

import numpy as np

from vcassay.core import Conditions
from vcassay.evidence.baselines.baseline import Array, Baseline, baseline
from vcassay.evidence.baselines.linear.bilinear import bilinear, gene_scores, shrunken_means
from vcassay.evidence.baselines.parts import sum_parts
from vcassay.evidence.baselines.task import Task
from vcassay.knowledge import Features

DIMENSIONS = 10
PENALTY = 0.1


class Levels:
    """The level b of each context: its mean training effect, shrunken; what is unseen has the mean over contexts."""

    def __init__(self, train: Conditions, effects: Array) -> None:
        names = sorted(set(train.context.tolist()))
        self.position = {c: i for i, c in enumerate(names)}
        means = shrunken_means(effects, np.array([self.position[c] for c in train.context.tolist()]))
        self.means = np.concatenate([means, means.mean(axis=0, keepdims=True)])

    def of(self, wanted: Conditions) -> Array:
        """(n, g) levels of conditions."""
        return np.asarray(self.means[[self.position.get(c, -1) for c in wanted.context.tolist()]])


def profiles(task: Task) -> Array:
    """(n, g) training pseudobulks: control profile + effect; the effects alone where a context has no controls."""
    if any(c not in task.controls for c in set(task.train.context.tolist())):
        return task.effects
    return np.asarray(task.effects + np.array([task.controls[c] for c in task.train.context.tolist()]))


@baseline(
    "gene_loading",
    title="linear gene-loading model",
    tier="T2",
    reads=("train_effects", "target_controls", "controls_elsewhere"),
    source="Ahlmann-Eltze et al. 2025",
    needs="perturbations that are measured genes",
    readout="vector",
)
class GeneLoading(Baseline):
    """Effect = G K p + b with the perturbed gene's own loading as p (d = 10, ridge .1 on both sides).

    G holds the scores of genes in a PCA of the training pseudobulks (control profile + effect, centred over genes);
    b is the mean training effect, taken before centring. Combinations add their parts; a perturbation that is no
    measured gene has p = 0 and gets b.

    Deviations from the published code: the column of zeros for the control is left out, for with it a constant effect
    comes back short by one part in n + 1; perturbations that are no measured gene are kept in b; with several contexts
    b is the context's own mean, shrunk to the mean over contexts (of one context it is the plain mean); all genes of
    the study take part, where the source keeps the 1,000 most expressed.
    """

    def fit(self, task: Task) -> GeneLoading:
        """Solve for K in closed form."""
        self.levels = Levels(task.train, task.effects)
        self.g = gene_scores(profiles(task), DIMENSIONS)
        self.loadings = Features("loadings", tuple(task.genes.tolist()), self.g)
        centred = task.effects - self.levels.of(task.train)
        self.k = bilinear(centred.T, self.g, sum_parts(self.loadings, task.train).T, PENALTY, PENALTY)
        return self

    def predict(self, wanted: Conditions) -> Array:
        """(n, g) predicted effects."""
        p = sum_parts(self.loadings, wanted)
        known = set(self.loadings.ids)
        lost = sum(known.isdisjoint(parts) for parts in wanted.parts)
        self.fell_back(lost, "the mean effect, their perturbation being no measured gene,")
        return np.asarray(p @ self.k.T @ self.g.T + self.levels.of(wanted))
