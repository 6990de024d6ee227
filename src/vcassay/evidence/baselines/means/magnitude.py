"""T1: the mean direction, scaled by what a few numbers tell of the magnitude."""

from __future__ import annotations

import numpy as np

from vcassay.core import Conditions
from vcassay.evidence.baselines.averages import overall_mean
from vcassay.evidence.baselines.baseline import Array, Baseline, baseline
from vcassay.evidence.baselines.folds import MAX_CONTEXT_FOLDS
from vcassay.evidence.baselines.inner import inner_tasks, rotated
from vcassay.evidence.baselines.means.informed import control_of
from vcassay.evidence.baselines.means.targets import measured_targets
from vcassay.evidence.baselines.task import Task

PENALTIES = (1e-3, 1e-2, 1e-1, 1.0, 10.0, np.inf)
"""Ridge penalties in units of one training condition's share of the columns' variance, times their number; at
infinity the magnitude is the same for all."""
MOSTLY = 0.5
"""Share of the wanted conditions that a number must be known of."""
ROUNDING = 1e-6
"""Share by which errors of penalties may differ without deciding between them."""


@baseline(
    "magnitude_only",
    title="mean direction, own magnitude",
    tier="T1",
    reads=("train_effects", "target_controls"),
    source="arXiv 2608.00152 (response magnitude as a dominant signal)",
)
class MagnitudeOnly(Baseline):
    """The perturbed mean times a magnitude predicted from scalars alone: what a score owes to effect size.

    Scalars: log10 dose, log10 time, number of parts, control expression of the measured targets, mean norm of the
    perturbation's other training effects, mean norm of the training effects in the context; a scalar known of under
    half of the wanted conditions is left out, a missing value is the mean. Ridge on standardised scalars; the penalty
    comes from inner validation drawn by the rule of the outer split, and may leave the perturbed mean alone. The
    magnitude is that along the mean direction (the multiple of the mean that is nearest to an effect), so that what
    points elsewhere does not inflate the answer. The source predicts distances between cells, not profiles.
    """

    def fit(self, task: Task) -> MagnitudeOnly:
        """Choose the penalty, then learn from all."""
        self.mean = overall_mean(task)
        penalties = PENALTIES
        error = np.zeros(len(penalties))
        for part, held_out in inner_tasks(rotated(task)[1], MAX_CONTEXT_FOLDS):
            mean = overall_mean(part)  # without the effects held out
            model = _Ridge(part, _norm(part.effects), _along(part.effects, mean))
            target, size = _along(held_out, mean), float(mean @ mean)
            for i, penalty in enumerate(penalties):
                error[i] += size * float(((model.predict(part.wanted, penalty) - target) ** 2).sum())
        # the strongest of what does not differ: scalars that tell nothing leave the mean
        same = np.flatnonzero(error <= error.min() * (1.0 + ROUNDING))
        self.penalty = penalties[int(same[-1])]
        self.model = _Ridge(task, _norm(task.effects), _along(task.effects, self.mean))
        return self

    def predict(self, wanted: Conditions) -> Array:
        """(n, g) multiples of the mean."""
        return np.outer(self.model.predict(wanted, self.penalty), self.mean)


def _norm(effects: Array) -> Array:
    """(n,) Euclidean norms."""
    return np.asarray(np.sqrt((effects**2).sum(axis=1)))


def _along(effects: Array, mean: Array) -> Array:
    """(n,) multiple of the mean that is nearest to each effect; 1 where there is no mean."""
    square = float(mean @ mean)
    return np.asarray(effects @ mean / square) if square > 0.0 else np.ones(len(effects))


class _Ridge:
    """Ridge of magnitudes on scalars."""

    def __init__(self, task: Task, norm: Array, along: Array) -> None:
        self.task, self.along = task, along
        unit = float(norm.mean())
        size = norm / unit if unit > 0.0 else norm
        self.of_parts = _table(list(task.train.parts), size)
        self.of_context = _table(task.train.context.tolist(), size)
        self.size = size
        known = np.isfinite(self._scalars(task.wanted)).mean(axis=0) >= MOSTLY
        x = self._scalars(task.train, own=True)
        seen = np.isfinite(x).any(axis=0)
        self.centre, self.spread = np.zeros(x.shape[1]), np.ones(x.shape[1])
        self.centre[seen] = np.nanmean(x[:, seen], axis=0)
        self.spread[seen] = np.nanstd(x[:, seen], axis=0)
        self.use = known & seen & (self.spread > 1e-9 * (1.0 + np.abs(self.centre)))
        x = self._standard(x)
        self.level = float(along.mean())
        self.gram, self.right = x.T @ x, x.T @ (along - self.level)

    def predict(self, wanted: Conditions, penalty: float) -> Array:
        """(n,) magnitudes."""
        if not np.isfinite(penalty) or not self.use.any():
            return np.full(len(wanted), self.level)
        ridge = self.gram + penalty * len(self.along) * np.eye(len(self.gram))
        found = self.level + self._standard(self._scalars(wanted)) @ np.linalg.solve(ridge, self.right)
        return np.asarray(np.clip(found, self.along.min(), self.along.max()))

    def _standard(self, x: Array) -> Array:
        z = (x[:, self.use] - self.centre[self.use]) / self.spread[self.use]
        return np.where(np.isfinite(z), z, 0.0)

    def _scalars(self, conditions: Conditions, *, own: bool = False) -> Array:
        """(n, 6) scalars, NaN where not known; ``own`` leaves the effect of a training condition out of its own."""
        row, gene, _ = measured_targets(conditions, self.task.genes)
        value = control_of(self.task, conditions, row, gene)
        total, count = np.zeros(len(conditions)), np.zeros(len(conditions))
        np.add.at(total, row, value)
        np.add.at(count, row, 1.0)
        sums = np.array([self.of_parts.get(p, (0.0, 0)) for p in conditions.parts]).reshape(-1, 2)
        if own:
            sums = sums - np.column_stack([self.size, np.ones(len(self.size))])
        # a context's mean keeps the condition itself: without it, it would tell the condition's own size, turned round
        here = np.array([self.of_context.get(c, (0.0, 0)) for c in conditions.context.tolist()]).reshape(-1, 2)
        with np.errstate(divide="ignore", invalid="ignore"):
            columns = [
                np.where(conditions.dose > 0, np.log10(conditions.dose), np.nan),
                np.where(conditions.time > 0, np.log10(conditions.time), np.nan),
                np.array([len(p) for p in conditions.parts], dtype=np.float64),
                np.where(count > 0, total / count, np.nan),
                np.where(sums[:, 1] > 0.5, sums[:, 0] / sums[:, 1], np.nan),
                np.where(here[:, 1] > 0.5, here[:, 0] / here[:, 1], np.nan),
            ]
        return np.column_stack(columns)


def _table(keys: list[object], size: Array) -> dict[object, tuple[float, int]]:
    """Sum of sizes and count by key."""
    out: dict[object, tuple[float, int]] = {}
    for key, value in zip(keys, size.tolist(), strict=True):
        total, count = out.get(key, (0.0, 0))
        out[key] = (total + value, count + 1)
    return out
