"""T1: the perturbed mean, told what the perturbation does to its own target."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vcassay.core import Conditions
from vcassay.evidence.baselines.averages import overall_mean
from vcassay.evidence.baselines.baseline import Array, Baseline, baseline
from vcassay.evidence.baselines.means.targets import measured_targets
from vcassay.evidence.baselines.task import Task


@baseline(
    "informed_mean",
    title="perturbed mean with the target switched",
    tier="T1",
    reads=("train_effects", "target_controls"),
    source="Wong et al. 2025: CRISPR-informed mean",
    needs="a modality (CRISPRi, CRISPRa, ...) and measured target genes",
)
class InformedMean(Baseline):
    """The perturbed mean, with the target gene at 0 (knocked down or out) or at twice its value (activated).

    On the scale of profiles (log1p of normalised counts): the predicted profile is the control profile of the test
    context + the perturbed mean (over conditions within a context, then over contexts). All measured targets of a
    combination are switched. Where no target is measured, the modality does not say which way it acts, or the
    controls of the context are not known, it is the perturbed mean, counted as a fallback. Wong et al. average the
    profiles of one context, which comes to the same.
    """

    def fit(self, task: Task) -> InformedMean:
        """Average the training effects."""
        self.mean, self.task = overall_mean(task), task
        return self

    def predict(self, wanted: Conditions) -> Array:
        """(n, g) the mean but for targets."""
        out, told = np.tile(self.mean, (len(wanted), 1)), np.zeros(len(wanted), dtype=bool)
        row, gene, way = measured_targets(wanted, self.task.genes)
        control = control_of(self.task, wanted, row, gene)
        use = (way != "") & np.isfinite(control)
        row, gene, control, gain = row[use], gene[use], control[use], way[use] == "gain"
        out[row, gene] = np.where(gain, control + 2.0 * self.mean[gene], -control)
        told[row] = True
        self.fell_back(int((~told).sum()), "the perturbed mean, no known way of acting on a measured target,")
        return out


@baseline(
    "target_scaling",
    title="perturbed mean with the target scaled",
    tier="T1",
    reads=("train_effects", "target_controls"),
    source="SBB (Vollenweider and Bühlmann 2026): target scaling",
    needs="measured target genes",
)
class TargetScaling(Baseline):
    """The perturbed mean, with the target gene at the share of its control expression that training targets kept.

    One share a way of acting (loss, gain, not stated), by least squares of targets' profiles on their control profiles
    (log1p of normalised counts) over training conditions with measured targets. It is used where, each training
    condition left out in turn, it comes nearer to the targets than the perturbed mean does; two are needed to tell.
    That check, and the scale of profiles, are ours. Elsewhere, and where no target is measured or the controls of the
    context are not known, it is the perturbed mean, counted as a fallback.
    """

    def fit(self, task: Task) -> TargetScaling:
        """Learn the shares."""
        self.mean, self.task = overall_mean(task), task
        row, gene, way = measured_targets(task.train, task.genes)
        control = control_of(task, task.train, row, gene)
        effect = task.effects[row, gene]
        self.share: dict[str, float] = {}
        for name in sorted(set(way.tolist())):
            use = (way == name) & np.isfinite(control)
            c, e = control[use], effect[use]
            square = float((c * c).sum())
            if use.sum() < 2 or square <= float((c * c).max()):
                continue
            others = ((c * e).sum() - c * e) / (square - c * c)  # the change of the share, without the condition itself
            if ((others * c - e) ** 2).sum() < ((self.mean[gene[use]] - e) ** 2).sum():
                self.share[name] = 1.0 + float((c * e).sum()) / square
        return self

    def predict(self, wanted: Conditions) -> Array:
        """(n, g) the mean but for targets."""
        out, told = np.tile(self.mean, (len(wanted), 1)), np.zeros(len(wanted), dtype=bool)
        row, gene, way = measured_targets(wanted, self.task.genes)
        control = control_of(self.task, wanted, row, gene)
        share = np.array([self.share.get(name, np.nan) for name in way.tolist()])
        use = np.isfinite(share) & np.isfinite(control)
        out[row[use], gene[use]] = (share[use] - 1.0) * control[use]
        told[row[use]] = True
        self.fell_back(int((~told).sum()), "the perturbed mean, no share of control expression being known to hold,")
        return out


def control_of(task: Task, conditions: Conditions, row: NDArray[np.int64], gene: NDArray[np.int64]) -> Array:
    """(k,) control profile of each (row, gene) in the condition's context; NaN where it is not known."""
    names = sorted(task.controls)
    table = np.array([*(task.controls[c] for c in names), np.full(len(task.genes), np.nan)])
    place = {c: i for i, c in enumerate(names)}
    at = np.array([place.get(c, len(names)) for c in conditions.context.tolist()], dtype=np.int64)
    return np.asarray(table[at[row], gene])
