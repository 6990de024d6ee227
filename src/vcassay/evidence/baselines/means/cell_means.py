"""T1: means over training cells rather than over training conditions."""

from __future__ import annotations

import numpy as np

from vcassay.core import Conditions
from vcassay.evidence.baselines.averages import overall_mean_of_cells
from vcassay.evidence.baselines.baseline import Array, Baseline, baseline
from vcassay.evidence.baselines.task import Task
from vcassay.evidence.baselines.treatment import Treatment, treatments


@baseline(
    "perturbed_mean_cells",
    title="perturbed mean over cells",
    tier="T1",
    reads=("train_effects",),
    source="Systema (Viñas Torné et al. 2025): nonctl-mean",
)
class PerturbedMeanOverCells(Baseline):
    """The mean training effect over perturbed cells: conditions weigh by their number of rows.

    Effects are against each condition's own matched controls, as everywhere here; Systema averages profiles against
    one control mean.
    """

    def fit(self, task: Task) -> PerturbedMeanOverCells:
        """Average the training effects by their cells."""
        self.mean = overall_mean_of_cells(task)
        return self

    def predict(self, wanted: Conditions) -> Array:
        """(n, g) the same row for all."""
        return np.tile(self.mean, (len(wanted), 1))


@baseline(
    "general_mean",
    title="mean of the treatment over cells",
    tier="T1",
    reads=("perturbation_elsewhere",),
    source="TxPert (Wenkel et al. 2025): general baseline",
)
class GeneralMean(Baseline):
    """The mean effect of the same treatment over training contexts, each weighing by its number of cells.

    A combination gets the effect of the pair where it was trained, else the sum of its parts' effects. A treatment or
    part that was not trained gets the mean over all perturbed training cells; so does a combination none of whose
    parts was trained on its own, not once for each part. The same gene knocked down and activated is two treatments.
    """

    def fit(self, task: Task) -> GeneralMean:
        """Average the training effects by treatment, weighed by cells."""
        keys = treatments(task.train)
        names = sorted(set(keys))
        place = {key: i for i, key in enumerate(names)}
        share = np.zeros((len(names), len(keys)))
        share[[place[key] for key in keys], np.arange(len(keys))] = task.weights
        share /= share.sum(axis=1, keepdims=True)
        self.means: dict[Treatment, Array] = dict(zip(names, share @ task.effects, strict=True))
        self.mean = overall_mean_of_cells(task)
        return self

    def predict(self, wanted: Conditions) -> Array:
        """(n, g) one row a treatment."""
        out, short = np.empty((len(wanted), len(self.mean))), 0
        for i, key in enumerate(treatments(wanted)):
            own = self.means.get(key)
            found = [own] if own is not None else [self.means.get(key.of_part(part)) for part in key.parts]
            short += any(f is None for f in found)
            known = any(f is not None for f in found)
            out[i] = np.sum([self.mean if f is None else f for f in found], axis=0) if known else self.mean
        self.fell_back(short, "the mean over cells, their treatment or a part of it not being trained,")
        return out
