"""T1 of doses and times: the nearest one, unchanged."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array

from vcassay.core import Conditions
from vcassay.evidence.baselines.averages import overall_mean
from vcassay.evidence.baselines.baseline import Array, Baseline, baseline
from vcassay.evidence.baselines.doses.series import Line, log_of
from vcassay.evidence.baselines.task import Task


@baseline(
    "nearest_dose",
    title="nearest dose or time",
    tier="T1",
    reads=("other_doses",),
    source="prices what other doses tell: the nearest one, unchanged",
    needs="the same perturbation at other doses or times",
    lookup="dose",
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
        points, known = np.stack([log_of(wanted.dose), log_of(wanted.time)]), np.zeros(len(wanted), dtype=bool)
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
