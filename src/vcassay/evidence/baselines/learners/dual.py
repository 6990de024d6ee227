"""Dual: kernel ridge with its penalty, and its kernel, chosen by inner validation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy import linalg

from vcassay.core import Conditions
from vcassay.evidence.baselines.baseline import Baseline
from vcassay.evidence.baselines.inner import inner_tasks, least, rotated
from vcassay.evidence.baselines.task import Task

Array = NDArray[np.float64]

PENALTIES = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 100.0)
"""Ridge penalties in units of the mean self-likeness; chosen by inner validation."""


class KernelRegression(Baseline):
    """Ridge on a kernel of conditions, after the mean training effect is taken off; conditions weigh by their rows."""

    forms: ClassVar[tuple[Mapping[str, Any], ...]]
    """Kernels tried, the simplest first: ties go to it."""

    def kernel(self, task: Task, a: Conditions, b: Conditions, form: Mapping[str, Any]) -> Array:
        """(n, m) likeness of the conditions of two tables."""
        raise NotImplementedError

    def fit(self, task: Task) -> KernelRegression:
        """Choose kernel and penalty, then solve on all training conditions."""
        self.rotated, self.task = rotated(task)
        self.form, self.penalty = self._choose()
        kernel = self.kernel(self.task, self.task.train, self.task.train, self.form)
        self.mean = self.task.effects.mean(axis=0)
        root = np.sqrt(self.task.weights / self.task.weights.mean())[:, None]
        weighted = root * kernel * root[:, 0]
        weighted[np.diag_indices(len(kernel))] += self.penalty * float(np.mean(np.diagonal(kernel)))
        self.dual = root * linalg.solve(weighted, root * (self.task.effects - self.mean), assume_a="pos")
        return self

    def predict(self, wanted: Conditions) -> Array:
        """(n, g) predicted effects."""
        kernel = self.kernel(self.task, wanted, self.task.train, self.form)
        return np.asarray(self.rotated.back(self.mean + kernel @ self.dual))

    def _choose(self) -> tuple[Mapping[str, Any], float]:
        settings = [(form, penalty) for form in self.forms for penalty in PENALTIES]
        inner = inner_tasks(self.task)
        if not inner:
            return self.forms[0], 1.0
        error = np.zeros(len(settings))
        for part, held_out in inner:
            rows = [self._errors(part, held_out, form) for form in self.forms]
            error += np.concatenate(rows)
        return settings[least(error)]

    def _errors(self, part: Task, held_out: Array, form: Mapping[str, Any]) -> Array:
        """Squared error by each penalty, from one decomposition."""
        kernel = self.kernel(part, part.train, part.train, form)
        root = np.sqrt(part.weights / part.weights.mean())[:, None]
        mean = part.effects.mean(axis=0)
        value, vector = linalg.eigh(root * kernel * root[:, 0], driver="evd", check_finite=False)
        projected = vector.T @ (root * (part.effects - mean))
        new = (self.kernel(part, part.wanted, part.train, form) * root[:, 0]) @ vector
        scale = float(np.mean(np.diagonal(kernel)))
        target = held_out - mean
        out = np.zeros(len(PENALTIES))
        for i, penalty in enumerate(PENALTIES):
            gap = (new / (np.maximum(value, 0.0) + penalty * scale)) @ projected
            gap -= target
            out[i] = np.einsum("ij,ij->", gap, gap)
        return out
