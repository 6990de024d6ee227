"""T3: nearest context and nearest gene."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from vcassay.core import Conditions
from vcassay.evidence.baselines.baseline import Array, Baseline, baseline, overall_mean, treatment_means
from vcassay.evidence.baselines.folds import inner_folds
from vcassay.evidence.baselines.task import Task

NEIGHBOURS = (1, 2, 3, 5, 10, 20)
"""Numbers of neighbours tried by inner validation."""


@baseline(
    "nearest_context",
    title="nearest contexts",
    tier="T3",
    reads=("perturbation_elsewhere", "target_controls", "controls_elsewhere"),
    source="GenBio 2026: cross-context nearest neighbours",
    readout="vector",
)
class NearestContext(Baseline):
    """The same treatment's effect in the training contexts whose controls look most alike.

    Similarity is 1 + the correlation of control profiles after the mean over contexts is taken off;
    the number of neighbours comes from inner validation. A treatment not trained in any of them falls
    back to its mean over contexts, then to the mean effect.
    """

    def fit(self, task: Task) -> NearestContext:
        """Choose the number of neighbours by leaving contexts out."""
        self.k = _choose(task, lambda part, k: _ContextNeighbours(part, k).predict(part.wanted))
        self.model = _ContextNeighbours(task, self.k)
        return self

    def predict(self, wanted: Conditions) -> Array:
        """(n, g) similarity-weighted means."""
        out = self.model.predict(wanted)
        self.fell_back(self.model.lost, "the perturbation mean or the perturbed mean")
        return out


class _ContextNeighbours:
    def __init__(self, task: Task, k: int) -> None:
        self.task, self.k, self.lost = task, k, 0
        self.row = {key: i for i, key in enumerate(task.train.keys)}
        self.means, self.mean = treatment_means(task), overall_mean(task)
        names = sorted(task.controls)
        self.position = {c: i for i, c in enumerate(names)}
        profiles = np.array([task.controls[c] for c in names]).reshape(len(names), len(task.genes))
        centred = profiles - profiles.mean(axis=0) if len(names) else profiles
        norm = np.sqrt((centred * centred).sum(axis=1, keepdims=True))
        unit = np.where(norm > 0, centred / np.where(norm > 0, norm, 1.0), 0.0)
        self.similarity = unit @ unit.T
        self.trained = sorted(set(task.train.context.tolist()) & set(names))

    def predict(self, wanted: Conditions) -> Array:
        out = np.empty((len(wanted), len(self.mean)))
        self.lost = 0
        for i, (context, parts, dose, time) in enumerate(wanted.keys):
            able = [c for c in self.trained if c != context and (c, parts, dose, time) in self.row]
            if not able or context not in self.position:
                self.lost += 1
                out[i] = self.means.get((parts, dose, time), self.mean)
                continue
            s = self.similarity[self.position[context], [self.position[c] for c in able]]
            near = np.argsort(-s, kind="stable")[: self.k]
            weight = 1.0 + s[near] + 1e-3  # about half of all centred correlations are below 0: they count less, not 0
            rows = [self.row[able[j], parts, dose, time] for j in near]
            out[i] = weight @ self.task.effects[rows] / weight.sum()
        return out


@baseline(
    "coexpression_knn",
    title="nearest genes by control co-expression",
    tier="T3",
    reads=("train_effects", "target_controls"),
    source="methods 12: T3 needs no features to exist",
    needs="perturbations that are measured genes",
    readout="vector",
)
class CoexpressionNeighbours(Baseline):
    """The mean training effect of the perturbed genes that co-vary most with this one in controls.

    Effects are averaged within the test context where it was trained, else over contexts. For
    perturbations that are no measured gene it answers with the mean effect.
    """

    def fit(self, task: Task) -> CoexpressionNeighbours:
        """Choose the number of neighbours by leaving perturbations out."""
        self.k = _choose(task, lambda part, k: _GeneNeighbours(part, k).predict(part.wanted))
        self.model = _GeneNeighbours(task, self.k)
        return self

    def predict(self, wanted: Conditions) -> Array:
        """(n, g) means over the nearest genes."""
        out = self.model.predict(wanted)
        self.fell_back(self.model.lost, "the mean effect, their perturbation being no measured gene,")
        return out


class _GeneNeighbours:
    def __init__(self, task: Task, k: int) -> None:
        self.task, self.k, self.lost = task, k, 0
        norm = np.sqrt((task.embedding**2).sum(axis=1, keepdims=True))
        self.unit = np.where(norm > 0, task.embedding / np.where(norm > 0, norm, 1.0), 0.0)
        self.position = {g: i for i, g in enumerate(task.genes.tolist())}
        by_context: dict[str, dict[str, list[int]]] = {}
        for i, (context, parts, _, _) in enumerate(task.train.keys):
            if len(parts) == 1 and parts[0] in self.position:
                by_context.setdefault(context, {}).setdefault(parts[0], []).append(i)
                by_context.setdefault("", {}).setdefault(parts[0], []).append(i)
        self.rows = by_context
        contexts = task.train.context
        self.context_mean = {c: task.effects[contexts == c].mean(axis=0) for c in sorted(set(contexts.tolist()))}
        self.mean = overall_mean(task)

    def predict(self, wanted: Conditions) -> Array:
        out = np.empty((len(wanted), len(self.mean)))
        self.lost = 0
        for i, (context, parts, _, _) in enumerate(wanted.keys):
            base = self.context_mean.get(context, self.mean)
            known = self.rows.get(context, self.rows.get("", {}))
            measured = [p for p in parts if p in self.position]
            names = [n for n in known if n not in parts]
            if not measured or not names or not self.unit.shape[1]:
                self.lost += 1
                out[i] = base
                continue
            query = self.unit[[self.position[p] for p in measured]].mean(axis=0)
            s = self.unit[[self.position[n] for n in names]] @ query
            near = np.argsort(-s, kind="stable")[: self.k]
            out[i] = np.mean([self.task.effects[known[names[j]]].mean(axis=0) for j in near], axis=0)
        return out


def _choose(task: Task, predict: Callable[[Task, int], Array]) -> int:
    """Number of neighbours with the least inner error; the largest where nothing can be left out."""
    folds = inner_folds(task.train, task.regime, task.seed)
    if not folds:
        return NEIGHBOURS[-1]
    error = np.zeros(len(NEIGHBOURS))
    for fold in folds:
        part = task.part(np.setdiff1d(np.arange(len(task.train)), fold), fold)
        for i, k in enumerate(NEIGHBOURS):
            gap = predict(part, k) - task.effects[fold]
            error[i] += float((gap * gap).sum())
    return NEIGHBOURS[int(np.argmin(error))]
