"""T1: the mean of training compounds of the same class."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from vcassay.claim.kind import is_drug
from vcassay.core import Conditions
from vcassay.evidence.baselines.averages import overall_mean
from vcassay.evidence.baselines.baseline import Array, Baseline, baseline
from vcassay.evidence.baselines.parts import sum_parts
from vcassay.evidence.baselines.task import Task

FEWEST = 2
"""Perturbations that make a class: the mean of one is a nearest neighbour."""


class ClassMean(Baseline):
    """Mean effect of the training perturbations that share a label, in the nearest place where there are two.

    Attributes
    ----------
    label
        Name of the block of labels in `Task.features`.
    """

    label: ClassVar[str]

    def fit(self, task: Task) -> ClassMean:
        """Lay out the labels of training conditions."""
        self.task, self.mean = task, overall_mean(task)
        named = {parts: i for i, parts in enumerate(sorted(set(task.train.parts)))}
        self.who = np.zeros((len(task.train), len(named)))
        self.who[np.arange(len(task.train)), [named[parts] for parts in task.train.parts]] = 1.0
        return self

    def predict(self, wanted: Conditions) -> Array:
        """(n, g) means of classes, else the perturbed mean."""
        train = self.task.train
        share = self._labels(wanted) @ self._labels(train).T > 0
        share &= is_drug(wanted)[:, None] == is_drug(train)
        here = wanted.context[:, None] == train.context
        alike = _same(wanted.dose, train.dose) & _same(wanted.time, train.time)
        weight, open_ = np.zeros(share.shape), np.ones(len(wanted), dtype=bool)
        for place in (here & alike, here, np.ones_like(here)):
            rows = (share & place)[open_].astype(np.float64)
            count = rows @ self.who
            kinds = (count > 0).sum(axis=1)
            each = np.where(count > 0, 1.0 / np.maximum(count, 1.0), 0.0)
            able = kinds >= FEWEST
            at = np.flatnonzero(open_)[able]
            weight[at] = (rows * (each @ self.who.T))[able] / kinds[able, None]
            open_[at] = False
        self.fell_back(int(open_.sum()), f"the perturbed mean, fewer than {FEWEST} of their class being trained,")
        return np.where(open_[:, None], self.mean, weight @ self.task.effects)

    def _labels(self, conditions: Conditions) -> Array:
        """(n, l) labels of all parts of each condition; one column of zeros where there are no labels."""
        blocks = [f for f in self.task.features if f.kind == "label" and f.name == self.label]
        return np.concatenate([sum_parts(f, conditions) for f in blocks] or [np.zeros((len(conditions), 1))], axis=1)


def _same(a: Array, b: Array) -> NDArray[np.bool_]:
    return np.asarray((a[:, None] == b) | (np.isnan(a)[:, None] & np.isnan(b)))


@baseline(
    "mechanism_mean",
    title="mean of the mechanism",
    tier="T1",
    reads=("train_effects", "features"),
    source="folk practice; necessary because compounds of one mechanism cross random splits",
    needs="annotated mechanisms of the compounds",
    lookup="mechanism",
)
class MechanismMean(ClassMean):
    """The mean effect of the training compounds with the same annotated mechanism of action, at least two of them.

    At the same dose and time in the test context where two are trained there, else over doses and times in the
    context, else over all contexts, else the perturbed mean (counted). A compound with several mechanisms belongs to
    the class of each: what is averaged are all compounds that share one or more with it, each compound once however
    many are shared, the mean of its own conditions. The compound itself, where trained, is one of them. Perturbations
    other than compounds are averaged among themselves.
    """

    label = "mechanisms"


@baseline(
    "target_mean",
    title="mean of the target",
    tier="T1",
    reads=("train_effects", "features"),
    source="folk practice; same-target compounds cross random splits",
    needs="annotated targets of the compounds",
    lookup="target",
)
class TargetMean(ClassMean):
    """The mean effect of the training compounds that share an annotated target, at least two of them.

    At the same dose and time in the test context where two are trained there, else over doses and times in the
    context, else over all contexts, else the perturbed mean (counted). A compound with several targets is averaged
    with all that share one or more, each compound once however many are shared, the mean of its own conditions. The
    compound itself, where trained, is one of them. Perturbations other than compounds are averaged among themselves.
    """

    label = "targets"
