"""T3: ridge on prior features of perturbation and context."""

from __future__ import annotations

import numpy as np

from vcassay.core import Conditions
from vcassay.evidence.baselines.baseline import Array, Baseline, baseline
from vcassay.evidence.baselines.folds import inner_folds
from vcassay.evidence.baselines.kernels import context_kernel, perturbation_kernel
from vcassay.evidence.baselines.task import Task

PENALTIES = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 100.0)
"""Ridge penalties in units of the mean self-likeness; chosen by inner validation."""


@baseline(
    "ridge",
    title="ridge on prior features",
    tier="T3",
    reads=("train_effects", "target_controls", "controls_elsewhere", "features"),
    source="GenePert 2024; Csendes et al. 2025",
    needs="features of the perturbations ([knowledge] features)",
)
class Ridge(Baseline):
    """Kernel ridge on perturbation features, context features and their products.

    Perturbation features are what the study hands in, annotated targets and mechanisms, dose, and
    control co-expression; contexts are described by their control profiles. Conditions weigh by
    their number of rows. The mean training effect is taken off first, so a constant effect comes
    back as it is. The penalty comes from inner validation drawn by the rule of the outer split.
    """

    def fit(self, task: Task) -> Ridge:
        """Choose the penalty, then solve on all training conditions."""
        self.task = task
        self.mean = task.effects.mean(axis=0)
        self.weights = np.sqrt(task.weights / task.weights.mean())
        kernel, self.blocks = _kernel(task, task.train, task.train)
        self.scale = float(np.mean(np.diagonal(kernel)))
        penalty = self._choose(kernel)
        y = self.weights[:, None] * (task.effects - self.mean)
        weighted = self.weights[:, None] * kernel * self.weights
        eye = np.eye(len(kernel))
        self.dual = self.weights[:, None] * np.linalg.solve(weighted + penalty * self.scale * eye, y)
        return self

    def predict(self, wanted: Conditions) -> Array:
        """(n, g) predicted effects."""
        kernel, blocks = _kernel(self.task, wanted, self.task.train)
        trained = {part for parts in self.task.train.parts for part in parts}
        blind = sum(trained.isdisjoint(p) for p in wanted.parts) if len(blocks) == 1 else 0
        self.fell_back(blind, "the context alone, there being no features of unseen perturbations,")
        return np.asarray(self.mean + kernel @ self.dual)

    def _choose(self, kernel: Array) -> float:
        task = self.task
        folds = inner_folds(task.train, task.regime, task.seed)
        if not folds:
            return 1.0
        error = np.zeros(len(PENALTIES))
        for fold in folds:
            rest = np.setdiff1d(np.arange(len(kernel)), fold)
            w = self.weights[rest]
            mean = task.effects[rest].mean(axis=0)
            value, vector = np.linalg.eigh(w[:, None] * kernel[np.ix_(rest, rest)] * w)
            projected = vector.T @ (w[:, None] * (task.effects[rest] - mean))
            to_test = (kernel[np.ix_(fold, rest)] * w) @ vector
            for i, penalty in enumerate(PENALTIES):
                shrunk = projected / (np.maximum(value, 0.0) + penalty * self.scale)[:, None]
                gap = mean + to_test @ shrunk - task.effects[fold]
                error[i] += float((gap * gap).sum())
        return PENALTIES[int(np.argmin(error))]


def _kernel(task: Task, a: Conditions, b: Conditions) -> tuple[Array, tuple[str, ...]]:
    """Likeness of conditions: perturbation, context, and both together."""
    perturbation, blocks = perturbation_kernel(task, a, b)
    context = context_kernel(task, a, b)
    return perturbation + context + perturbation * context, blocks
