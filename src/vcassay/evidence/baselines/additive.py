"""T2: additive context + perturbation."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vcassay.core import Conditions
from vcassay.evidence.baselines.baseline import Array, Baseline, Treatment, baseline, sum_of_parts
from vcassay.evidence.baselines.folds import inner_folds
from vcassay.evidence.baselines.task import Task

PENALTIES = (1e-9, 0.3, 1.0, 3.0, 10.0)
"""Ridge penalties on context and treatment terms, in units of one condition; chosen by inner validation."""


@baseline(
    "additive",
    title="additive context + perturbation",
    tier="T2",
    reads=("perturbation_elsewhere", "target_controls"),
    source="Molina and Zhang: template decomposition",
)
class Additive(Baseline):
    """Effect = mean + context term + treatment term, ridge-shrunk.

    A combination that was not trained is the sum of its parts. The term of a context without
    training conditions is regressed on control expression, with the strength that
    leave-one-context-out asks for (none, if control expression tells nothing).
    """

    def fit(self, task: Task) -> Additive:
        """Choose the penalty by inner validation of the same regime, then fit on all."""
        penalty = self._choose(task)
        self.terms = Terms(task, penalty)
        return self

    def predict(self, wanted: Conditions) -> Array:
        """(n, g) sums of the terms; an unseen treatment has the mean term."""
        unseen = sum(not self.terms.knows(k) for k in wanted.treatments)
        self.fell_back(unseen, "mean and context term, their treatment not being trained,")
        return self.terms.predict(wanted)

    @staticmethod
    def _choose(task: Task) -> float:
        folds = inner_folds(task.train, task.regime, task.seed)
        if not folds:
            return PENALTIES[0]
        error = np.zeros(len(PENALTIES))
        for fold in folds:
            rest = np.setdiff1d(np.arange(len(task.train)), fold)
            inner = task.part(rest, fold)
            for i, penalty in enumerate(PENALTIES):
                gap = Terms(inner, penalty).predict(inner.wanted) - task.effects[fold]
                error[i] += float((gap * gap).sum())
        # rounding must not decide between penalties that do not differ, as for folds without known treatments
        return PENALTIES[int(np.flatnonzero(error <= error.min() * (1.0 + 1e-6))[0])]


class Terms:
    """Fitted terms of an additive model.

    Parameters
    ----------
    task
        What to learn from.
    penalty
        Ridge penalty on the terms, not on the mean.
    """

    def __init__(self, task: Task, penalty: float) -> None:
        table = task.train
        contexts = sorted(set(table.context.tolist()))
        treatments = sorted(set(table.treatments))
        self.context = {c: i for i, c in enumerate(contexts)}
        self.treatment = {t: i for i, t in enumerate(treatments)}
        rows = np.arange(len(table))
        design = np.zeros((len(table), len(contexts) + len(treatments)))
        design[rows, [self.context[c] for c in table.context.tolist()]] = 1.0
        design[rows, [len(contexts) + self.treatment[t] for t in table.treatments]] = 1.0
        centre = design.mean(axis=0)
        self.mean = task.effects.mean(axis=0)
        x = design - centre
        gram = x.T @ x + penalty * np.eye(x.shape[1])
        coefficients = np.linalg.solve(gram, x.T @ (task.effects - self.mean))
        self.mean = self.mean - centre @ coefficients
        self.alpha, self.beta = coefficients[: len(contexts)], coefficients[len(contexts) :]
        self.task, self.contexts = task, contexts

    def predict(self, wanted: Conditions) -> Array:
        """(n, g) sums of the terms."""
        zero = np.zeros(len(self.mean))
        new = sorted({c for c in wanted.context.tolist() if c not in self.context})
        alpha = {c: self.alpha[i] for c, i in self.context.items()} | self._regressed(new)
        # the mean of the terms is where an unseen treatment or context lies
        beta_mean = self.beta.mean(axis=0)
        out = np.empty((len(wanted), len(zero)))
        for i, (context, treatment) in enumerate(zip(wanted.context.tolist(), wanted.treatments, strict=True)):
            base = self.mean + alpha[context]
            at = self.treatment.get(treatment)
            if at is not None:
                out[i] = base + self.beta[at]
                continue
            singles = {t: base + self.beta[j] for t, j in self._parts(treatment)}
            total = sum_of_parts(treatment, singles, base + beta_mean)
            out[i] = base + beta_mean if total is None else total
        return out

    def knows(self, treatment: Treatment) -> bool:
        """Whether the treatment, or a part of the combination, was trained."""
        return treatment in self.treatment or (len(treatment[0]) > 1 and bool(self._parts(treatment)))

    def _parts(self, treatment: Treatment) -> list[tuple[Treatment, int]]:
        """Trained single perturbations of a treatment, and their rows."""
        singles: list[Treatment] = [((part,), *treatment[1:]) for part in treatment[0]]
        return [(s, self.treatment[s]) for s in singles if s in self.treatment]

    def _regressed(self, new: list[str]) -> dict[str, Array]:
        """Context terms of unseen contexts from their control profiles."""
        centre = self.alpha.mean(axis=0)
        known = [c for c in self.contexts if c in self.task.controls]
        able = [c for c in new if c in self.task.controls]
        flat = dict.fromkeys(new, centre)
        if len(known) < 3 or not able:
            return flat
        profiles = np.array([self.task.controls[c] for c in known])
        middle = profiles.mean(axis=0)
        x, z = profiles - middle, np.array([self.task.controls[c] for c in able]) - middle
        y = self.alpha[[self.context[c] for c in known]] - centre
        weights = ridge_weights(x @ x.T, z @ x.T, y)
        return flat | {c: centre + row for c, row in zip(able, weights @ y, strict=True)}


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
