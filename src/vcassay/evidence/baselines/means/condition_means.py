"""T1: means."""

from __future__ import annotations

import numpy as np

from vcassay.core import Conditions
from vcassay.evidence.baselines.averages import ContextMeans, overall_mean
from vcassay.evidence.baselines.baseline import Array, Baseline, baseline
from vcassay.evidence.baselines.coding import Coding
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
        self.means = ContextMeans(task)
        return self

    def predict(self, wanted: Conditions) -> Array:
        """(n, g) one row a context."""
        unseen = sum(c not in self.means.of_context for c in wanted.context.tolist())
        self.fell_back(unseen, "the perturbed mean, their context not being trained,")
        return self.means.of(wanted)


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
        self.coding, self.effects, self.mean = Coding(task.train), task.effects, overall_mean(task)
        return self

    def predict(self, wanted: Conditions) -> Array:
        """(n, g) one row a treatment."""
        out, known = self.coding.means(self.effects, wanted, self.mean)
        self.fell_back(int((~known).sum()), "the perturbed mean, their treatment not being trained,")
        return out
