"""T3: ridge on prior features of perturbation and context."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from vcassay.core import Conditions
from vcassay.evidence.baselines.baseline import Array, baseline
from vcassay.evidence.baselines.learners.dual import KernelRegression
from vcassay.evidence.baselines.learners.kernels import context_kernel, perturbation_kernel
from vcassay.evidence.baselines.task import Task


@baseline(
    "ridge",
    title="ridge on prior features",
    tier="T3",
    reads=("train_effects", "target_controls", "controls_elsewhere", "features"),
    source="GenePert 2024; Csendes et al. 2025",
    needs="features of the perturbations ([knowledge] features)",
)
class Ridge(KernelRegression):
    """Kernel ridge on perturbation features, context features and their products.

    Perturbation features are what the study hands in, annotated targets and mechanisms, dose, and
    control co-expression; contexts are described by their control profiles. Conditions weigh by
    their number of rows. The mean training effect is taken off first, so a constant effect comes
    back as it is. The penalty comes from inner validation drawn by the rule of the outer split.
    """

    forms = ({"kernel": "linear"},)

    def kernel(self, task: Task, a: Conditions, b: Conditions, form: Mapping[str, Any]) -> Array:
        """Likeness of conditions: perturbation, context, and both together."""
        perturbation, blocks = perturbation_kernel(task, a, b)
        self.blind = set(blocks) <= {"identity", "modality"}
        context = context_kernel(task, a, b)
        return np.asarray(perturbation + context + perturbation * context)

    def predict(self, wanted: Conditions) -> Array:
        """(n, g) predicted effects."""
        out = super().predict(wanted)
        trained = {part for parts in self.task.train.parts for part in parts}
        blind = sum(trained.isdisjoint(p) for p in wanted.parts) if self.blind else 0
        self.fell_back(blind, "the context alone, there being no features of unseen perturbations,")
        return out
