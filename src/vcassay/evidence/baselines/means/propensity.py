"""T1: how much a gene tends to move, whatever is done to it."""

from __future__ import annotations

import numpy as np

from vcassay.core import Conditions
from vcassay.evidence.baselines.averages import overall_mean
from vcassay.evidence.baselines.baseline import Array, Baseline, baseline
from vcassay.evidence.baselines.task import Task

ROUNDING = 1e-12
"""Share of the mean size that rounding can leave of a mean effect of zero, whose sign tells nothing."""


@baseline(
    "gene_propensity",
    title="propensity of genes to respond",
    tier="T1",
    reads=("train_effects",),
    source="CORE 2026 (intrinsic response tendency of genes)",
)
class GenePropensity(Baseline):
    """The mean size of each gene's training effects with the sign of their mean, the same for all.

    Over conditions within a context, then over contexts. It ranks genes by how readily they respond: what it reaches
    in scores over genes owes nothing to the perturbation. It is no estimate of the effect, being larger than its mean.
    """

    def fit(self, task: Task) -> GenePropensity:
        """Average the sizes."""
        contexts = task.train.context
        sizes = [np.abs(task.effects[contexts == c]).mean(axis=0) for c in sorted(set(contexts.tolist()))]
        size, mean = np.mean(sizes, axis=0), overall_mean(task)
        self.profile = size * np.where(np.abs(mean) > ROUNDING * size, np.sign(mean), 0.0)
        return self

    def predict(self, wanted: Conditions) -> Array:
        """(n, g) the same row for all."""
        return np.tile(self.profile, (len(wanted), 1))
