"""T0: no change."""

from __future__ import annotations

import numpy as np

from vcassay.core import Conditions
from vcassay.evidence.baselines.baseline import Array, Baseline, baseline
from vcassay.evidence.baselines.task import Task


@baseline("no_change", title="no change", tier="T0", reads=(), source="the control of the test context")
class NoChange(Baseline):
    """The control: every effect is zero.

    Correlations are undefined for it and count at chance; if it scores well, the metric does not
    measure the perturbation.
    """

    def fit(self, task: Task) -> NoChange:
        """Remember the number of genes."""
        self.g = len(task.genes)
        return self

    def predict(self, wanted: Conditions) -> Array:
        """(n, g) zeros."""
        return np.zeros((len(wanted), self.g))
