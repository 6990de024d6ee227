"""T1: means."""

from __future__ import annotations

import numpy as np

from vcassay.core import Conditions
from vcassay.evidence.baselines.baseline import (
    Array,
    Baseline,
    baseline,
    overall_mean,
    sum_of_parts,
    treatment_means,
)
from vcassay.evidence.baselines.task import Task


@baseline(
    "perturbed_mean",
    title="perturbed mean",
    tier="T1",
    reads=("train_effects",),
    source="Csendes et al. 2025 (train mean); Systema",
)
class PerturbedMean(Baseline):
    """The mean training effect: over conditions within a context, then over contexts.

    The strongest single baseline for unseen genes under control-referenced correlation. The test
    context's own mean is another baseline, for claims that grant it.
    """

    def fit(self, task: Task) -> PerturbedMean:
        """Average the training effects."""
        self.mean = overall_mean(task)
        return self

    def predict(self, wanted: Conditions) -> Array:
        """(n, g) the same row for all."""
        return np.tile(self.mean, (len(wanted), 1))


@baseline(
    "context_mean",
    title="context mean",
    tier="T1",
    reads=("train_effects:context",),
    source="STATE (Arc 2025): context mean",
)
class ContextMean(Baseline):
    """The mean training effect in the test context: an oracle where the context is unseen."""

    def fit(self, task: Task) -> ContextMean:
        """Average the training effects by context."""
        contexts = task.train.context
        self.means = {c: task.effects[contexts == c].mean(axis=0) for c in sorted(set(contexts.tolist()))}
        self.mean = overall_mean(task)
        return self

    def predict(self, wanted: Conditions) -> Array:
        """(n, g) one row a context."""
        unseen = sum(c not in self.means for c in wanted.context.tolist())
        self.fell_back(unseen, "the perturbed mean, their context not being trained,")
        return np.array([self.means.get(c, self.mean) for c in wanted.context.tolist()]).reshape(len(wanted), -1)


@baseline(
    "perturbation_mean",
    title="perturbation mean over contexts",
    tier="T1",
    reads=("perturbation_elsewhere",),
    source="STATE (Arc 2025): perturbation mean; TxPert's general baseline",
)
class PerturbationMean(Baseline):
    """The mean effect of the same treatment over training contexts.

    A combination that was never trained gets the sum of its parts' means; any other treatment gets
    the mean effect, not zero (which would be unfairly weak).
    """

    def fit(self, task: Task) -> PerturbationMean:
        """Average the training effects by treatment."""
        self.means, self.mean = treatment_means(task), overall_mean(task)
        return self

    def predict(self, wanted: Conditions) -> Array:
        """(n, g) one row a treatment."""
        keys = wanted.treatments
        found = [self.means[k] if k in self.means else sum_of_parts(k, self.means, self.mean) for k in keys]
        unseen = sum(f is None for f in found)
        self.fell_back(unseen, "the perturbed mean, their treatment not being trained,")
        return np.array([self.mean if f is None else f for f in found]).reshape(len(wanted), -1)
