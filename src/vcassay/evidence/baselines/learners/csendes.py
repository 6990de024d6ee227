"""T3, opt-in: the published recipe of Csendes et al. 2025, every gene learned from 256 components of one resource."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from vcassay.core import Conditions
from vcassay.evidence.baselines.averages import overall_mean
from vcassay.evidence.baselines.baseline import Baseline, baseline
from vcassay.evidence.baselines.learners.design import leading
from vcassay.evidence.baselines.parts import sum_parts
from vcassay.evidence.baselines.task import Task
from vcassay.knowledge import Features

Array = NDArray[np.float64]
Params = Mapping[str, Any]

WIDTH = 256
"""Principal components of the resource."""
KINDS = ("annotation", "embedding")
"""Kinds of resources of the recipe, the first found serves."""
SHARED: dict[str, Any] = {
    "tier": "T3",
    "reads": ("train_effects", "target_controls", "controls_elsewhere", "features"),
    "source": "Csendes et al. 2025, notebooks/bulk_models.ipynb",
    "quick": False,
    "needs": "gene sets or an embedding of the perturbed genes ([knowledge])",
    "opt_in": True,
}
"""What the catalogue says of each of them."""


class Csendes(Baseline):
    """One row a training condition: features of the perturbed gene to the mean log-normalised profile.

    Features are the first block of gene-set annotation (256 principal components over all genes of the resource), else
    the first embedding; one wider than 256 columns is reduced to its principal components over the study's
    perturbations. Those of a double are the sum of its parts', a missing
    gene is a vector of zeros. The target is the effect plus the control profile of its context, and the effect of the
    answer is formed by taking the control off again. Settings are those with the best Pearson correlation of effects,
    averaged over validation conditions.

    Deviations: the published validation set is not in the task; an inner fold by the rule of the outer split stands in
    for it, and the model is fitted on all training conditions. The published screens have one context; here every
    context has a model of its own, and one that is not trained gets the mean answer of the others.
    """

    grid: ClassVar[tuple[Params, ...]]

    def regressor(self, params: Params, n: int) -> Any:
        """Unfitted model for ``n`` training conditions."""
        raise NotImplementedError

    def fit(self, task: Task) -> Csendes:
        """Choose on a validation fold, fit on all training conditions."""
        self.resource = _resource(task)
        self.mean = overall_mean(task)
        self.params = self._choose(task)
        self.models = self._models(task, self.params)
        return self

    def predict(self, wanted: Conditions) -> Array:
        """(n, g) predicted effects."""
        x = self._columns(wanted)
        self.fell_back(int((~x.any(axis=1)).sum()), "what a vector of zeros gets, there being no features of them,")
        return _answers(self.models, x, wanted)

    def _columns(self, table: Conditions) -> Array:
        """(n, d) features; one column of zeros where there are none."""
        return np.zeros((len(table), 1)) if self.resource is None else sum_parts(self.resource, table)

    def _models(self, task: Task, params: Params) -> dict[str, _Fitted]:
        # sorted by name, so that the order of genes cannot matter where trees add them up
        order = np.argsort(task.genes, kind="stable")
        x, contexts = self._columns(task.train), task.train.context
        out = {}
        for context in sorted(set(contexts.tolist())):
            at = contexts == context
            control = np.asarray(task.controls.get(context, np.zeros(len(task.genes))))
            model = self.regressor(params, int(at.sum()))
            target = (task.effects[at] + control)[:, order]
            # one column is handed over as a vector, or the forest warns
            out[context] = _Fitted(model.fit(x[at], target if len(order) > 1 else target[:, 0]), control, order)
        return out

    def _choose(self, task: Task) -> Params:
        folds = task.folds()
        if len(self.grid) == 1 or not folds:
            return self.grid[0]
        fold = folds[0]
        part = task.part(np.setdiff1d(np.arange(len(task.train)), fold), fold)
        x, truth = self._columns(part.wanted), task.effects[fold]
        score = np.full(len(self.grid), -np.inf)
        for i, params in enumerate(self.grid):
            r = _pearson(_answers(self._models(part, params), x, part.wanted), truth)
            if np.isfinite(r).any():
                score[i] = float(np.nanmean(r))
        return self.grid[int(np.flatnonzero(score >= score.max() - 1e-12)[0])]


@dataclass(frozen=True, slots=True, eq=False)
class _Fitted:
    """A context's model, its control profile and the order of genes in which it was fitted."""

    model: Any
    control: Array
    order: NDArray[np.int64]

    def effects(self, x: Array) -> Array:
        """(m, g) effects: profiles less the control."""
        out = np.empty((len(x), len(self.order)))
        if len(x):
            out[:, self.order] = np.asarray(self.model.predict(x)).reshape(len(x), -1)
        return out - self.control


def _answers(models: Mapping[str, _Fitted], x: Array, wanted: Conditions) -> Array:
    out = np.empty((len(wanted), len(next(iter(models.values())).order)))
    contexts = wanted.context
    for context in sorted(set(contexts.tolist())):
        at = contexts == context
        able = [models[context]] if context in models else list(models.values())
        out[at] = np.mean([model.effects(x[at]) for model in able], axis=0)
    return out


def _pearson(a: Array, b: Array) -> Array:
    a, b = (m - m.mean(axis=1, keepdims=True) for m in (a, b))
    size = np.sqrt((a * a).sum(axis=1) * (b * b).sum(axis=1))
    return np.asarray(np.divide((a * b).sum(axis=1), size, out=np.full(len(a), np.nan), where=size > 1e-12))


def _resource(task: Task) -> Features | None:
    """The first block of the recipe, reduced where it is wide; ``None`` where there is none.

    Scores are centred before parts are added up, so that the zeros of a missing gene are the mean, as published.
    """
    found = [block for kind in KINDS for block in task.features if block.kind == kind]
    if not found or found[0].matrix.shape[1] <= WIDTH:
        return found[0] if found else None
    centred = found[0].matrix - found[0].matrix.mean(axis=0)
    return replace(found[0], matrix=centred @ leading(centred, WIDTH), columns=())


@baseline("csendes_forest", title="random forest on gene-set annotation (Csendes et al.)", **SHARED)
class CsendesForest(Csendes):
    """Random forest of every gene's expression on 256 components of gene-set annotation, as published.

    100 or 300 trees, random state 42, otherwise the library's defaults. See `Csendes` for the recipe and deviations.
    """

    grid = ({"n_estimators": 100}, {"n_estimators": 300})

    def regressor(self, params: Params, n: int) -> Any:
        """Forest of all genes at once."""
        from sklearn.ensemble import RandomForestRegressor

        return RandomForestRegressor(**params, random_state=42)


@baseline("csendes_elastic_net", title="elastic net on gene-set annotation (Csendes et al.)", **SHARED)
class CsendesElasticNet(Csendes):
    """Elastic net of every gene's expression on 256 components of gene-set annotation, as published.

    Penalty 0.1 or 0.01, half of it on absolute values. See `Csendes` for the recipe and deviations.
    """

    grid = ({"alpha": 0.1}, {"alpha": 0.01})

    def regressor(self, params: Params, n: int) -> Any:
        """Elastic net gene by gene."""
        from sklearn.linear_model import ElasticNet

        return ElasticNet(**params, l1_ratio=0.5)


@baseline("csendes_neighbours", title="nearest neighbours on gene-set annotation (Csendes et al.)", **SHARED)
class CsendesNeighbours(Csendes):
    """Mean profile of the 1, 2 or 5 perturbations nearest in 256 components of gene-set annotation, as published.

    See `Csendes` for the recipe and deviations.
    """

    grid = ({"n_neighbors": 1}, {"n_neighbors": 2}, {"n_neighbors": 5})

    def regressor(self, params: Params, n: int) -> Any:
        """Neighbours, at most as many as there are training conditions."""
        from sklearn.neighbors import KNeighborsRegressor

        return KNeighborsRegressor(min(params["n_neighbors"], n))
