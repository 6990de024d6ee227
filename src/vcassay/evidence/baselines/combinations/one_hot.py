"""T2 of combinations: ridge on their parts."""

from __future__ import annotations

import numpy as np
from scipy import linalg

from vcassay.claim.kind import modality_of
from vcassay.core import Conditions
from vcassay.evidence.baselines.baseline import Array, Baseline, baseline
from vcassay.evidence.baselines.folds import MAX_CONTEXT_FOLDS
from vcassay.evidence.baselines.inner import inner_tasks, rotated
from vcassay.evidence.baselines.task import Task

PENALTIES = (1e-9, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)
"""Ridge penalties on part effects, in units of one condition; chosen by inner validation."""
USUAL = 1.0
"""Penalty where nothing is tuned."""
ROUNDING = 1e-6
"""Share by which errors of penalties may differ without deciding between them."""


@baseline(
    "one_hot",
    title="ridge on the parts",
    tier="T2",
    reads=("parts",),
    source="SBB (Vollenweider and Bühlmann 2026): one-hot linear for combinations",
    needs="combinations",
)
class OneHot(Baseline):
    """Ridge on indicators of parts, learned from single perturbations and combinations alike.

    Effect = sum over parts of (mean part effect + own term). The mean part effect is that of the context (effects
    regressed on their numbers of parts), else that of all; the ridge shrinks the parts' own terms, so that a part that
    was not trained has the mean part effect (counted). The penalty comes from inner validation drawn by the rule of
    the outer split, the smallest of those that do not differ. Shrinking towards the mean part, and the terms of
    contexts, are ours.
    """

    def fit(self, task: Task) -> OneHot:
        """Choose the penalty, then solve on all training conditions."""
        turned, whole = rotated(task)
        self.model, self.back = _PartRidge(whole.train, whole.effects), turned.back
        self.penalty = self._choose(whole)
        self.terms = self.model.terms(self.penalty)
        return self

    def predict(self, wanted: Conditions) -> Array:
        """(n, g) sums of the parts' terms."""
        unseen = sum(any(p not in self.model.place for p in parts) for parts in self.model.parts_of(wanted))
        self.fell_back(unseen, "the mean part in place of parts not trained")
        return self.back(self.model.predict(wanted, self.terms))

    @staticmethod
    def _choose(task: Task) -> float:
        if not task.tune:
            return USUAL
        error = np.zeros(len(PENALTIES))
        for part, held_out in inner_tasks(task, MAX_CONTEXT_FOLDS):
            model = _PartRidge(part.train, part.effects)
            for i, penalty in enumerate(PENALTIES):
                gap = model.predict(part.wanted, model.terms(penalty)) - held_out
                error[i] += float((gap * gap).sum())
        return PENALTIES[int(np.flatnonzero(error <= error.min() * (1.0 + ROUNDING))[0])]


class _PartRidge:
    """Effects of conditions as sums of their parts' terms, solved for any penalty."""

    def __init__(self, train: Conditions, y: Array) -> None:
        kinds = modality_of(train).tolist()
        singles = {k for k, parts in zip(kinds, train.parts, strict=True) if len(parts) == 1}
        self.apart = singles.issuperset(kinds)
        self.place = {who: j for j, who in enumerate(sorted({w for own in self.parts_of(train) for w in own}))}
        x = self._indicators(train)
        count = self._count(train)
        self.mean = count @ y / (count @ count)
        self.of_context: dict[str, Array] = {}
        for context in sorted(set(train.context.tolist())):
            at = np.flatnonzero(train.context == context)
            self.of_context[context] = count[at] @ y[at] / (count[at] @ count[at])
        left = y - count[:, None] * self._means(train)
        value, self.vector = linalg.eigh(x.T @ x, check_finite=False)
        self.value = np.maximum(value, 0.0)
        self.turned = self.vector.T @ (x.T @ left)

    def terms(self, penalty: float) -> Array:
        """(parts, g) ridge terms."""
        return np.asarray(self.vector @ (self.turned / (self.value + penalty)[:, None]))

    def predict(self, wanted: Conditions, terms: Array) -> Array:
        """(n, g) sums of terms."""
        return np.asarray(self._count(wanted)[:, None] * self._means(wanted) + self._indicators(wanted) @ terms)

    def parts_of(self, conditions: Conditions) -> list[list[tuple[str, str]]]:
        """Modality and name of the parts of each condition; names alone where combinations have their own kind."""
        kinds = modality_of(conditions).tolist()
        rows = zip(kinds, conditions.parts, strict=True)
        return [[(kind if self.apart else "", part) for part in parts] for kind, parts in rows]

    def _indicators(self, conditions: Conditions) -> Array:
        out = np.zeros((len(conditions), len(self.place)))
        own = self.parts_of(conditions)
        pairs = [(i, self.place[p]) for i, parts in enumerate(own) for p in parts if p in self.place]
        np.add.at(out, ([i for i, _ in pairs], [j for _, j in pairs]), 1.0)
        return out

    def _means(self, conditions: Conditions) -> Array:
        return np.array([self.of_context.get(c, self.mean) for c in conditions.context.tolist()])

    @staticmethod
    def _count(conditions: Conditions) -> Array:
        return np.array([len(parts) for parts in conditions.parts], dtype=np.float64)
