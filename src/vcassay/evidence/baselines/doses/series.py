"""Series: training conditions of one perturbation in one context at several doses or times."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from vcassay.core import Conditions
from vcassay.evidence.baselines.baseline import Array
from vcassay.evidence.baselines.doses.interpolation import Ratio, Ratios, along

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
        self.log_dose, self.log_time = log_of(train.dose), log_of(train.time)
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
        dose, time = log_of(wanted.dose), log_of(wanted.time)
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


def log_of(values: NDArray[np.float64]) -> Array:
    """Decadic logarithm; NaN of what is missing or not above 0."""
    return np.log10(np.where(values > 0, values, np.nan))


def _same(values: Array, value: float) -> NDArray[np.bool_]:
    return np.asarray((values == value) | (np.isnan(values) & np.isnan(value)))
