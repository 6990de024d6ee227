"""T3 of a scalar readout: contexts that responded alike to what both were given."""

from __future__ import annotations

import numpy as np

from vcassay.arrays.template import fit_template, make_design, predict_template
from vcassay.core import Conditions
from vcassay.evidence.baselines.baseline import Array, Baseline, baseline
from vcassay.evidence.baselines.coding import Coding
from vcassay.evidence.baselines.folds import MAX_CONTEXT_FOLDS
from vcassay.evidence.baselines.inner import inner_tasks, least
from vcassay.evidence.baselines.task import Task

NEIGHBOURS = (1, 3, 5, 10, 20)
"""Numbers of contexts tried by inner validation."""
SHRINKAGE = (0.0, 0.25, 0.5, 0.75, 1.0)
"""Shares of what the neighbours say that are tried; at 0 the bias model alone is left."""
PSEUDO = 3.0
"""Shared perturbations of no likeness that every pair of contexts is counted with: few in common tell little."""


@baseline(
    "similar_responses",
    title="contexts that responded alike",
    tier="T3",
    reads=("train_effects:context", "perturbation_elsewhere"),
    source="neighbourhood model of collaborative filtering: Bell and Koren 2007",
    readout="scalar",
    lookup="context",
)
class SimilarResponses(Baseline):
    """Bias model + what contexts that respond alike differ from it by, for the same perturbation.

    The bias model (mean + context + perturbation) is fitted by least squares. Contexts are alike when what it leaves
    of the perturbations that both were given correlates. The number of neighbours and how far they are followed come
    from inner validation. What has no neighbour is answered by the bias model.
    """

    def fit(self, task: Task) -> SimilarResponses:
        """Choose neighbours and shrinkage, then learn from all."""
        self.k, self.share = self._choose(task)
        self.model = _Responses(task)
        return self

    def predict(self, wanted: Conditions) -> Array:
        """(n, g) bias model and the neighbours' part."""
        base, beyond, known = self.model.predict(wanted, self.k)
        self.fell_back(int((~known).sum()), "the bias model, no like context having the treatment,")
        return np.asarray(base + self.share * beyond)

    @staticmethod
    def _choose(task: Task) -> tuple[int, float]:
        inner = inner_tasks(task, MAX_CONTEXT_FOLDS)
        if not inner:
            return NEIGHBOURS[-1], SHRINKAGE[0]
        error = np.zeros((len(NEIGHBOURS), len(SHRINKAGE)))
        for part, held_out in inner:
            model = _Responses(part)
            for i, k in enumerate(NEIGHBOURS):
                base, beyond, _ = model.predict(part.wanted, k)
                for j, share in enumerate(SHRINKAGE):
                    gap = base + share * beyond - held_out
                    error[i, j] += float((gap * gap).sum())
        best = least(error.ravel())
        return NEIGHBOURS[best // len(SHRINKAGE)], SHRINKAGE[best % len(SHRINKAGE)]


class _Responses:
    """Training values as contexts x treatments, less the bias model."""

    def __init__(self, task: Task) -> None:
        table = task.train
        self.coding = Coding(table)
        context, treatment = self.coding.context, self.coding.treatment
        self.terms = fit_template(make_design(context, treatment), task.effects)
        shape = (len(self.coding.contexts), len(self.coding.treatments))
        self.left = np.zeros((*shape, task.effects.shape[1]))
        self.known = np.zeros(shape, dtype=bool)
        self.left[context, treatment] = task.effects - predict_template(self.terms, context, treatment)
        self.known[context, treatment] = True
        product = np.einsum("ctg,dtg->cd", self.left, self.left)
        square = np.einsum("ctg,dt->cd", self.left**2, self.known.astype(np.float64))
        shared = self.known.astype(np.float64) @ self.known.T
        norm = np.sqrt(square * square.T)
        likeness = np.where(norm > 0, product / np.where(norm > 0, norm, 1.0), 0.0) * shared / (shared + PSEUDO)
        np.fill_diagonal(likeness, 0.0)
        self.likeness = np.maximum(likeness, 0.0)

    def predict(self, wanted: Conditions, k: int) -> tuple[Array, Array, np.ndarray]:
        """(n, g) bias model, (n, g) part of the k most alike contexts, (n,) whether there are any."""
        context, treatment = self.coding.of(wanted)
        base = predict_template(self.terms, context, treatment)
        beyond, found = np.zeros_like(base), np.zeros(len(base), dtype=bool)
        for i in np.flatnonzero((context >= 0) & (treatment >= 0)):
            weight = np.where(self.known[:, treatment[i]], self.likeness[context[i]], 0.0)
            near = np.argsort(-weight, kind="stable")[:k]
            total = weight[near].sum()
            if total > 0:
                beyond[i] = weight[near] @ self.left[near, treatment[i]] / total
                found[i] = True
        return base, beyond, found
