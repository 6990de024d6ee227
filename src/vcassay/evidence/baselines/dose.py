"""T3 of doses and times: what the same perturbation does in the same context at other doses or times."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from vcassay.core import Conditions
from vcassay.evidence.baselines.baseline import Array, Baseline, baseline, overall_mean
from vcassay.evidence.baselines.interpolation import Ratio, Ratios, along, best_share
from vcassay.evidence.baselines.learner import rotated
from vcassay.evidence.baselines.task import Task

Series = tuple[str, tuple[str, ...]]


class Weights(NamedTuple):
    """(m, n) weights on training conditions by the rule and of the plain mean of the series; flags of each row."""

    rule: csr_array
    mean: csr_array
    known: NDArray[np.bool_]
    inside: NDArray[np.bool_]
    without_ratio: NDArray[np.bool_]


class Line:
    """Series of doses and times of each perturbation in each context.

    Parameters
    ----------
    train, effects
        Training conditions and their (n, g) effects.
    """

    def __init__(self, train: Conditions, effects: Array) -> None:
        self.n = len(train)
        self.log_dose, self.log_time = _log(train.dose), _log(train.time)
        self.series: dict[Series, list[int]] = {}
        for i, (context, parts, _, _) in enumerate(train.keys):
            self.series.setdefault((context, parts), []).append(i)
        keys, size = train.keys, np.sqrt((effects * effects).sum(axis=1))
        owner = [parts for _, parts, _, _ in keys]
        self.by_dose = Ratios(owner, [(c, p, t) for c, p, _, t in keys], self.log_dose, size)
        self.by_time = Ratios(owner, [(c, p, d) for c, p, d, _ in keys], self.log_time, size)

    def weights(self, wanted: Conditions, without: Sequence[int] | None = None) -> Weights:
        """Weights for wanted conditions; ``without`` names a training row for each that must not be used."""
        m = len(wanted)
        known, inside, lost = np.zeros(m, bool), np.zeros(m, bool), np.zeros(m, bool)
        entries: list[tuple[int, int, float, float]] = []
        dose, time = _log(wanted.dose), _log(wanted.time)
        for i, (context, parts, _, _) in enumerate(wanted.keys):
            rows = [j for j in self.series.get((context, parts), []) if without is None or j != without[i]]
            if not rows:
                continue
            known[i] = True
            at, own, inside[i], lost[i] = self._rule(np.array(rows), parts, float(dose[i]), float(time[i]))
            share = dict(zip(at.tolist(), own.tolist(), strict=True))
            entries += [(i, j, share.get(j, 0.0), 1.0 / len(rows)) for j in rows]
        table = np.array(entries).reshape(-1, 4)
        index = table[:, 0].astype(np.int64), table[:, 1].astype(np.int64)
        rule, mean = (csr_array((table[:, k], index), shape=(m, self.n)) for k in (2, 3))
        return Weights(rule, mean, known, inside, lost)

    def _rule(
        self, rows: NDArray[np.int64], parts: tuple[str, ...], dose: float, time: float
    ) -> tuple[NDArray[np.int64], Array, bool, bool]:
        """Rows of a series, their weights, whether the point lies within, and whether a ratio was missing."""
        doses, times = self.log_dose[rows], self.log_time[rows]
        by_dose, by_time = self.by_dose.of(parts), self.by_time.of(parts)
        same_time, same_dose = _same(times, time), _same(doses, dose)
        lines = []
        if np.isfinite(dose) and (same_time & np.isfinite(doses)).any():
            lines.append(_on_line(rows[same_time], doses[same_time], dose, by_dose))
        if np.isfinite(time) and (same_dose & np.isfinite(times)).any():
            lines.append(_on_line(rows[same_dose], times[same_dose], time, by_time))
        if lines:  # the axis on which the point lies between trained ones; on both or neither, the dose
            return max(lines, key=lambda line: line[2])
        if not (np.isfinite(dose) and np.isfinite(time)):
            return rows, np.full(len(rows), 1.0 / len(rows)), False, True
        # no line through the point: to the wanted dose at every trained time, then along the times
        moved = {}
        for t in sorted(set(times[np.isfinite(times)].tolist())):
            here = (times == t) & np.isfinite(doses)
            if here.any():
                moved[t] = _on_line(rows[here], doses[here], dose, by_dose)
        if not moved:
            return rows, np.full(len(rows), 1.0 / len(rows)), False, True
        share, within, lost = along(np.array(list(moved)), time, by_time)
        used = [(s, line) for s, line in zip(share, moved.values(), strict=True) if s]
        at = np.concatenate([line[0] for _, line in used])
        weights = np.concatenate([s * line[1] for s, line in used])
        return at, weights, within and all(line[2] for _, line in used), lost or any(line[3] for _, line in used)


def _on_line(
    rows: NDArray[np.int64], points: Array, at: float, ratio: Ratio
) -> tuple[NDArray[np.int64], Array, bool, bool]:
    use = np.isfinite(points)
    order = np.argsort(points[use], kind="stable")
    weights, inside, lost = along(points[use][order], at, ratio)
    return rows[use][order], weights, inside, lost


def _log(values: NDArray[np.float64]) -> Array:
    """Decadic logarithm; NaN of what is missing or not above 0."""
    return np.log10(np.where(values > 0, values, np.nan))


def _same(values: Array, value: float) -> NDArray[np.bool_]:
    return np.asarray((values == value) | (np.isnan(values) & np.isnan(value)))


@baseline(
    "dose_interpolation",
    title="interpolation over doses and times",
    tier="T3",
    reads=("train_effects", "other_doses"),
    source="prices what other doses tell: piecewise linear in log10 dose",
    needs="the same perturbation at other doses or times",
)
class DoseInterpolation(Baseline):
    """The same perturbation in the same context, interpolated in log10 dose or time, shrunk to its mean over them.

    Between trained doses it is piecewise linear. Beyond them, the last dose's effect is scaled by the median ratio of
    the magnitudes at the two doses over other perturbations (of the same context and time each); where none has both,
    the last dose's effect is taken as it is, and counted. Times likewise. Where both an equal time and an equal dose
    are trained, the axis on which the point lies inside is used, the dose if both or neither; where none is, it goes to
    the dose at every trained time, then along the times.

    An effect that does not depend on dose is told better by the mean over doses. How far to follow the rule from that
    mean is the least-squares share in [0, 1] when every training condition is left out in turn, one share for points
    within the trained ones and one for those beyond.
    """

    def fit(self, task: Task) -> DoseInterpolation:
        """Find how far interpolation and extrapolation are to be followed."""
        self.effects, self.mean = task.effects, overall_mean(task)
        self.line = Line(task.train, task.effects)
        weights = self.line.weights(task.train, without=range(len(task.train)))
        effects = rotated(task)[1].effects
        base = weights.mean @ effects
        towards, gap = weights.rule @ effects - base, effects - base
        shares = {}
        for inside in (True, False):
            use = weights.known & (weights.inside == inside)
            shares[inside] = best_share(gap[use], towards[use]) if use.any() else None
        found = [s for s in shares.values() if s is not None]
        self.shares = {k: s if s is not None else (found[0] if found else 1.0) for k, s in shares.items()}
        return self

    def predict(self, wanted: Conditions) -> Array:
        """(n, g) interpolated effects."""
        weights = self.line.weights(wanted)
        base = weights.mean @ self.effects
        share = np.where(weights.inside, self.shares[True], self.shares[False])
        out = base + share[:, None] * (weights.rule @ self.effects - base)
        out[~weights.known] = self.mean
        lost = ~weights.known | weights.without_ratio
        self.fell_back(int(lost.sum()), "the nearest dose as it is, or the mean effect where there is no other dose,")
        return np.asarray(out)


@baseline(
    "nearest_dose",
    title="nearest dose or time",
    tier="T1",
    reads=("other_doses",),
    source="prices what other doses tell: the nearest one, unchanged",
    needs="the same perturbation at other doses or times",
)
class NearestDose(Baseline):
    """The effect of the same perturbation in the same context at the nearest dose and time.

    Distance is that of log10 doses plus that of log10 times; equally near ones are averaged. A missing dose or time is
    as near as its axis is wide in training. Without another dose: the mean training effect.
    """

    def fit(self, task: Task) -> NearestDose:
        """Keep the series."""
        self.effects, self.mean = task.effects, overall_mean(task)
        self.line = Line(task.train, task.effects)
        axes = (self.line.log_dose, self.line.log_time)
        self.width = [float(np.ptp(x[np.isfinite(x)])) if np.isfinite(x).any() else 0.0 for x in axes]
        return self

    def predict(self, wanted: Conditions) -> Array:
        """(n, g) effects at the nearest points."""
        points, known = np.stack([_log(wanted.dose), _log(wanted.time)]), np.zeros(len(wanted), dtype=bool)
        entries: list[tuple[int, int, float]] = []
        for i, (context, parts, _, _) in enumerate(wanted.keys):
            rows = np.array(self.line.series.get((context, parts), ()), dtype=np.int64)
            if not len(rows):
                continue
            known[i] = True
            trained = np.stack([self.line.log_dose[rows], self.line.log_time[rows]])
            gap = np.abs(trained - points[:, i, None])
            distance = np.where(np.isnan(gap), np.array(self.width)[:, None], gap).sum(axis=0)
            near = rows[distance <= distance.min() + 1e-9]
            entries += [(i, int(j), 1.0 / len(near)) for j in near]
        table = np.array(entries).reshape(-1, 3)
        index = table[:, 0].astype(np.int64), table[:, 1].astype(np.int64)
        out = csr_array((table[:, 2], index), shape=(len(wanted), len(self.effects))) @ self.effects
        out[~known] = self.mean
        self.fell_back(int((~known).sum()), "the mean effect, there being no other dose or time,")
        return np.asarray(out)
