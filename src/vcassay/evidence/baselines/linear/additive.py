"""T2: additive context + perturbation."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from vcassay.core import Conditions
from vcassay.evidence.baselines.baseline import Array, Baseline, baseline
from vcassay.evidence.baselines.coding import Coding
from vcassay.evidence.baselines.folds import MAX_CONTEXT_FOLDS
from vcassay.evidence.baselines.inner import inner_tasks, rotated
from vcassay.evidence.baselines.linear.two_way import TwoWay, fit_two_way, two_way_sums
from vcassay.evidence.baselines.task import Task

PENALTIES = (1e-9, 0.3, 1.0, 3.0, 10.0)
"""Ridge penalties on context and treatment terms, in units of one condition; chosen by inner validation."""
USUAL = 1.0
"""Penalty where nothing is tuned: a term weighs as one condition more."""


@baseline(
    "additive",
    title="additive context + perturbation",
    tier="T2",
    reads=("perturbation_elsewhere", "target_controls", "controls_elsewhere"),
    source="Molina and Zhang: template decomposition",
)
class Additive(Baseline):
    """Effect = mean + context term + treatment term, ridge-shrunk.

    A combination that was not trained is the sum of its parts. The term of a context that was shown with some
    perturbations is what those say (few-shot); that of a context without training conditions is regressed on control
    expression (zero-shot), with the strength that leave-one-context-out asks for (none, if control expression tells
    nothing). One penalty for both kinds of terms comes from inner validation by the rule of the outer split. Conditions
    count alike, whatever their numbers of rows.
    """

    def fit(self, task: Task) -> Additive:
        """Choose the penalty by inner validation of the same regime, then fit on all."""
        self.terms = Terms(task.train, task.effects, task.controls)
        self.fitted = self.terms.fit(self._choose(task))
        return self

    def predict(self, wanted: Conditions) -> Array:
        """(n, g) sums of the terms; an unseen treatment has the mean term."""
        unseen = int((~self.terms.knows(wanted)).sum())
        self.fell_back(unseen, "mean and context term, their treatment not being trained,")
        return self.terms.predict(self.fitted, wanted)

    @staticmethod
    def _choose(task: Task) -> float:
        """Penalty of the least inner error, worked out in exact coordinates of the effects."""
        inner = inner_tasks(rotated(task)[1], MAX_CONTEXT_FOLDS)
        if not inner:
            return PENALTIES[0] if task.tune else USUAL
        error = np.zeros(len(PENALTIES))
        for part, held_out in inner:
            terms = Terms(part.train, part.effects, part.controls)
            for i, penalty in enumerate(PENALTIES):
                gap = terms.predict(terms.fit(penalty), part.wanted) - held_out
                error[i] += float(np.vdot(gap, gap))
        # rounding must not decide between penalties that do not differ, as for folds without known treatments
        return PENALTIES[int(np.flatnonzero(error <= error.min() * (1.0 + 1e-6))[0])]


class Terms:
    """Terms of an additive model.

    Parameters
    ----------
    train, effects
        Training conditions and their (n, g) effects.
    controls
        Context to control profile, for the terms of unseen contexts.
    """

    def __init__(self, train: Conditions, effects: Array, controls: Mapping[str, Array] | None = None) -> None:
        self.controls, self.coding = controls or {}, Coding(train)
        shape = len(self.coding.contexts), len(self.coding.treatments)
        self.sums = two_way_sums(effects, self.coding.context, self.coding.treatment, *shape)

    def fit(self, penalty: float) -> TwoWay:
        """Terms at a ridge penalty on all but the mean."""
        return fit_two_way(self.sums, penalty)

    def predict(self, terms: TwoWay, wanted: Conditions) -> Array:
        """(n, g) sums of the terms."""
        context, _ = self.coding.of(wanted)
        new = sorted({c for c in wanted.context.tolist() if c not in self.coding.contexts})
        position = {c: len(self.coding.contexts) + i for i, c in enumerate(new)}
        context = np.where(context < 0, [position.get(c, -1) for c in wanted.context.tolist()], context)
        shared = terms.mean + np.concatenate([terms.rows, self._regressed(terms.rows, new)])
        treatment, times = self.coding.terms(wanted)
        out = treatment @ terms.columns
        out += times[:, None] * shared[context]
        return np.asarray(out)

    def without_context(self, terms: TwoWay, wanted: Conditions) -> Array:
        """(n, g) sums of mean and treatment terms alone."""
        treatment, times = self.coding.terms(wanted)
        return np.asarray(treatment @ terms.columns + times[:, None] * terms.mean)

    def knows(self, wanted: Conditions) -> NDArray[np.bool_]:
        """(n,) whether the treatment, or a part of the combination, was trained."""
        return np.asarray(np.diff(self.coding.terms(wanted)[0].indptr) > 0)

    def _regressed(self, alpha: Array, new: list[str]) -> Array:
        """Context terms of unseen contexts from their control profiles; 0, the mean, where these tell nothing."""
        controls = self.controls
        out = np.zeros((len(new), alpha.shape[1]))
        known = [c for c in self.coding.contexts if c in controls]
        able = [i for i, c in enumerate(new) if c in controls]
        if len(known) < 3 or not able:
            return out
        profiles = np.array([controls[c] for c in known])
        middle = profiles.mean(axis=0)
        x, z = profiles - middle, np.array([controls[new[i]] for i in able]) - middle
        y = alpha[[self.coding.contexts[c] for c in known]]
        out[able] = ridge_weights(x @ x.T, z @ x.T, y) @ y
        return out


def ridge_weights(gram: Array, cross: Array, y: Array) -> NDArray[np.float64]:
    """Kernel ridge weights with the penalty that leave-one-out asks for.

    Parameters
    ----------
    gram, cross
        (k, k) inner products of the known and (m, k) of the new with the known.
    y
        (k, g) centred responses.

    Returns
    -------
    (m, k) weights, all zero where predicting nothing has the least leave-one-out error.
    """
    k = len(gram)
    scale = float(np.trace(gram)) / k
    best, chosen = float((y * y).sum()) * (k / (k - 1.0)) ** 2, np.zeros_like(cross)
    if scale <= 0:
        return chosen
    for factor in (1e-9, 1e-3, 1e-2, 1e-1, 1.0, 10.0):
        solved = np.linalg.solve(gram + factor * scale * np.eye(k), np.eye(k))
        hat = gram @ solved
        leverage = 1.0 - np.diagonal(hat) - 1.0 / k
        if (leverage <= 1e-6).any():
            continue
        residual = (y - hat @ y) / leverage[:, None]
        error = float((residual * residual).sum())
        if error < best:
            best, chosen = error, cross @ solved
    return chosen
