"""A baseline: the median of training effects, which a few strong perturbations cannot pull away."""

import numpy as np

import vcassay as va
from vcassay.evidence.baselines import Baseline


@va.baseline("perturbed_median", title="perturbed median", tier="T1", reads=("train_effects",), source="this file")
class PerturbedMedian(Baseline):
    """Median of all training effects, gene by gene, for every condition asked for."""

    def fit(self, task):
        """Take the median; ``task`` holds only what the claim grants."""
        self.median = np.median(task.effects, axis=0)
        return self

    def predict(self, wanted):
        """(n, g) the same effect for each."""
        return np.tile(self.median, (len(wanted), 1))
