"""Probes: what numbers of cells and batches alone tell of an effect; none may do as well as a legal baseline."""

from __future__ import annotations

import numpy as np
import scipy
from numpy.typing import NDArray

from vcassay.core import Conditions
from vcassay.evidence.baselines.averages import ContextMeans
from vcassay.evidence.baselines.baseline import Array, Baseline, baseline
from vcassay.evidence.baselines.inner import least
from vcassay.evidence.baselines.task import Task
from vcassay.evidence.baselines.template import Template, blank

NEIGHBOURS = (1, 3, 10, 30, 100)
"""Numbers of neighbours tried by inner validation."""
SAME = 1e-9
"""Relative difference of distances that rounding can make."""


class Probe(Baseline):
    """Base of the probes: looks up the rows of the template that belong to a condition."""

    def look_up(self, task: Task, template: Template | None) -> None:
        """Keep the task, the template (`blank` if there is none), and where a wanted condition stands in it."""
        self.task, self.template = task, blank(task) if template is None else template
        self.means = ContextMeans(task)
        self.mean = self.means.overall
        self.train_row = {key: i for i, key in enumerate(task.train.keys)}
        self.wanted_row = {key: i for i, key in enumerate(task.wanted.keys)}

    def base(self, wanted: Conditions) -> Array:
        """(m, g) mean training effect of each condition's context, of all contexts where it was not trained."""
        return self.means.of(wanted)

    def numbers(self) -> tuple[Array, Array]:
        """Standardised numbers of cells and depths of training and wanted conditions."""
        t = self.template
        train, wanted = (np.stack(pair, axis=1) for pair in ((t.rows_train, t.depth_train), (t.rows, t.depth)))
        return standardised(train, wanted, np.concatenate([self.task.train.context, self.task.wanted.context]))

    def place(self, wanted: Conditions, of_train: Array, of_wanted: Array) -> Array:
        """(m, d) rows of the template; a condition that is both trained and wanted has its wanted ones."""
        out = np.full((len(wanted), of_train.shape[1]), np.nan)
        for i, key in enumerate(wanted.keys):
            if key in self.wanted_row:
                out[i] = of_wanted[self.wanted_row[key]]
            elif key in self.train_row:
                out[i] = of_train[self.train_row[key]]
        return out


def standardised(train: Array, wanted: Array, context: NDArray[np.str_]) -> tuple[Array, Array]:
    """Logarithms of numbers of cells and depths, less their context's mean, in units of their spread over training.

    Parameters
    ----------
    train, wanted
        (n, d) and (t, d) numbers; NaN where unknown.
    context
        (n + t,) of the training conditions and then of the wanted ones.

    Returns
    -------
    (n, k) and (t, k): columns that do not vary within training contexts, or have gaps, are left out.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        values = np.log(np.concatenate([train, wanted]))
    n = len(train)
    values = values[:, np.isfinite(values).all(axis=0)]
    for c in np.unique(context):
        values[context == c] -= values[context == c].mean(axis=0)
    spread = values[:n].std(axis=0) if n else np.zeros(values.shape[1])
    use = spread > SAME
    values = values[:, use] / spread[use]
    return values[:n], values[n:]


def neighbour_means(distance: Array, effects: Array, k: int) -> Array:
    """(m, g) mean effect of the k nearest of (m, n) distances; what is as near as the k-th counts along."""
    k = min(k, distance.shape[1])
    limit = np.partition(distance, k - 1, axis=1)[:, k - 1 : k] * (1.0 + SAME) + SAME
    near = (distance <= limit).astype(np.float64)
    return np.asarray(near @ effects / near.sum(axis=1, keepdims=True))


@baseline(
    "cell_count_neighbour",
    title="nearest in cell number and depth",
    tier="T1",
    reads=("train_effects", "cell_numbers"),
    source="VCC 2025: an entry made of the template's numbers of cells and UMIs",
    kind="probe",
)
class CellCountNeighbour(Probe):
    """The mean effect of the training conditions whose numbers of cells and depths are most alike.

    Distance is Euclidean in log number of rows and log mean total count a row, each less its context's mean and in
    units of its spread over training conditions; ties count alike. Effects are averaged less the mean of their context,
    and added to that of the condition's (of all, where it was not trained). The number of neighbours comes from inner
    validation by squared error. Where neither number varies the mean is all that is answered.
    """

    def fit(self, task: Task, template: Template | None = None) -> CellCountNeighbour:
        """Standardise the numbers and choose how many neighbours to average."""
        self.look_up(task, template)
        self.train, self.wanted = self.numbers()
        self.own = task.effects - self.base(task.train)
        self.k = self._choose() if self.train.shape[1] else len(self.train)
        return self

    def predict(self, wanted: Conditions) -> Array:
        """(n, g) predicted effects."""
        if not self.train.shape[1]:
            self.fell_back(len(wanted), "the mean effect, numbers being all alike,")
            return self.base(wanted)
        at = self.place(wanted, self.train, self.wanted)
        known = np.isfinite(at).all(axis=1)
        self.fell_back(int((~known).sum()), "the mean effect, their numbers not being known,")
        out = self.base(wanted)
        out[known] += neighbour_means(scipy.spatial.distance.cdist(at[known], self.train), self.own, self.k)
        return out

    def _choose(self) -> int:
        task = self.task
        error = np.zeros(len(NEIGHBOURS))
        distance = scipy.spatial.distance.cdist(self.train, self.train)
        folds = task.folds()
        for fold in folds:
            rest = np.setdiff1d(np.arange(len(self.train)), fold)
            for i, k in enumerate(NEIGHBOURS):
                gap = neighbour_means(distance[np.ix_(fold, rest)], self.own[rest], k) - self.own[fold]
                error[i] += float((gap * gap).sum())
        return NEIGHBOURS[least(error)] if folds else NEIGHBOURS[-1]


@baseline(
    "cell_count_magnitude",
    title="mean, as large as cell number says",
    tier="T1",
    reads=("train_effects", "cell_numbers"),
    source="VCC 2025: toxic perturbations leave fewer cells; Systema: the mean carries most of an effect",
    kind="probe",
)
class CellCountMagnitude(Probe):
    """The context mean, scaled by what cell number and depth say of how far a condition goes along it.

    How far a training condition goes along the mean m of its context is a = <y, m> / <m, m>; a is regressed by least
    squares on the two numbers that the nearest neighbour reads, standardised alike. Where a context was not trained, m
    is the mean over contexts.
    """

    def fit(self, task: Task, template: Template | None = None) -> CellCountMagnitude:
        """Regress the scale of training effects on numbers of cells and depths."""
        self.look_up(task, template)
        self.train, self.wanted = self.numbers()
        base = self.base(task.train)
        size = (base * base).sum(axis=1)
        along = (task.effects * base).sum(axis=1)
        scale = np.where(size > 0, along / np.where(size > 0, size, 1.0), 1.0)
        self.centre = self.train.mean(axis=0)
        self.slope = np.zeros(self.train.shape[1])
        if self.train.shape[1]:
            self.slope = np.linalg.lstsq(self.train - self.centre, scale - scale.mean(), rcond=1e-9)[0]
        return self

    def predict(self, wanted: Conditions) -> Array:
        """(n, g) predicted effects."""
        at = self.place(wanted, self.train, self.wanted)
        known = np.isfinite(at).all(axis=1) & (at.shape[1] > 0)
        self.fell_back(int((~known).sum()), "the mean effect, their numbers not being known or all alike,")
        scale = 1.0 + np.where(known, np.nan_to_num(at - self.centre) @ self.slope, 0.0)
        return np.asarray(scale[:, None] * self.base(wanted))


@baseline(
    "batch_only",
    title="mean of the batch",
    tier="T1",
    reads=("train_effects", "batches"),
    source="batch or plate as the only input",
    kind="probe",
)
class BatchOnly(Probe):
    """The mean training effect of the batches that a condition's rows come from.

    A batch's effect is the mean of the training effects, weighted by the share of their rows that lies in it; a
    condition gets the mean of its batches' effects, weighted by its own shares. Where no batch of it has training rows
    it answers with the perturbed mean.
    """

    def fit(self, task: Task, template: Template | None = None) -> BatchOnly:
        """Average training effects within batches."""
        self.look_up(task, template)
        share = self.template.share_train
        self.known = share.sum(axis=0) > 0
        self.of_batch = share[:, self.known].T @ task.effects / share[:, self.known].sum(axis=0)[:, None]
        return self

    def predict(self, wanted: Conditions) -> Array:
        """(n, g) predicted effects."""
        share = self.place(wanted, self.template.share_train, self.template.share)[:, self.known]
        total = np.nan_to_num(share).sum(axis=1, keepdims=True)
        none = total[:, 0] <= 0
        self.fell_back(int(none.sum()), "the perturbed mean, their batches not being known or none of them trained,")
        return np.where(
            none[:, None], self.mean, np.nan_to_num(share) / np.where(none[:, None], 1.0, total) @ self.of_batch
        )
