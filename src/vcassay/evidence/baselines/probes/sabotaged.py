"""Sabotaged rungs: ridge with one of its inputs destroyed; each must lose against ridge."""

from __future__ import annotations

from typing import Any

import numpy as np

from vcassay.core import Conditions
from vcassay.evidence.baselines.baseline import BASELINES, Array, Baseline, baseline
from vcassay.evidence.baselines.inner import rotated
from vcassay.evidence.baselines.learners.ridge import Ridge
from vcassay.evidence.baselines.probes import sabotage
from vcassay.evidence.baselines.task import Task

TWIN = "ridge"
SHARED: dict[str, Any] = {
    "tier": "T3",
    "reads": BASELINES[TWIN].meta["reads"],
    "quick": False,
    "kind": "sabotage",
    "twin": TWIN,
}
"""What the catalogue says of each of them."""


class Sabotaged(Baseline):
    """Ridge on a task with an input destroyed.

    Fitted and asked in exact coordinates of the training effects (`rotated`), in which ridge gives the same numbers.
    """

    @staticmethod
    def destroy(task: Task) -> Task:
        """Return the task with an input destroyed."""
        raise NotImplementedError

    @classmethod
    def spared(cls, task: Task) -> str:
        """Say why there is nothing to destroy; empty where there is."""
        return sabotage.destroyed(cls.destroy.__name__, task)

    def fit(self, task: Task) -> Sabotaged:
        """Destroy the input, then learn as the twin does."""
        self.rotated, small = rotated(task)
        self.model: Any = Ridge().fit(type(self).destroy(small))
        return self

    def predict(self, wanted: Conditions) -> Array:
        """(n, g) predicted effects."""
        rows = self.rotated.back(self.model.predict(wanted))
        self.fallback, self.n_fallback = self.model.fallback, self.model.n_fallback
        return np.asarray(rows)


@baseline(
    "shuffled_perturbations",
    title="ridge, perturbations exchanged",
    source="y-randomisation: Ruecker et al. 2007, J Chem Inf Model 47:2345",
    **SHARED,
)
class ShuffledPerturbations(Sabotaged):
    """Ridge on training effects that are exchanged among the perturbations of a context.

    Every effect goes to another condition of its context, dose and time. What is left is what is common to a context.
    """

    destroy = staticmethod(sabotage.shuffled_perturbations)


@baseline(
    "shuffled_features",
    title="ridge, features exchanged",
    source="input ablation by permutation: Breiman 2001, Mach Learn 45:5",
    **SHARED,
)
class ShuffledFeatures(Sabotaged):
    """Ridge on prior features that are exchanged among perturbations.

    Each block of features keeps its rows; every perturbation gets those of another one.
    """

    destroy = staticmethod(sabotage.shuffled_features)


@baseline("zeroed_features", title="ridge, without features", source="input ablation: features zeroed", **SHARED)
class ZeroedFeatures(Sabotaged):
    """Ridge without prior features of perturbations: identity, context, dose and time are left."""

    destroy = staticmethod(sabotage.zeroed_features)


@baseline(
    "random_features",
    title="ridge, random features",
    source="GenBio 2026: a random embedding of the same dimension (Pearson .309, mean .319, STRING .371)",
    **SHARED,
)
class RandomFeatures(Sabotaged):
    """Ridge on Gaussian features, as many a block as there are columns."""

    destroy = staticmethod(sabotage.random_features)


@baseline(
    "shuffled_contexts",
    title="ridge, contexts exchanged",
    source="input ablation by permutation: Breiman 2001, Mach Learn 45:5",
    **SHARED,
)
class ShuffledContexts(Sabotaged):
    """Ridge on control profiles, and features, that are exchanged among contexts."""

    destroy = staticmethod(sabotage.shuffled_contexts)
