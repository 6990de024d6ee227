"""T2 of doses and times: what the same perturbation does in the same context at other doses or times."""

from __future__ import annotations

import numpy as np

from vcassay.core import Conditions
from vcassay.evidence.baselines.averages import overall_mean
from vcassay.evidence.baselines.baseline import Array, Baseline, baseline
from vcassay.evidence.baselines.doses.interpolation import best_share
from vcassay.evidence.baselines.doses.series import Line
from vcassay.evidence.baselines.inner import rotated
from vcassay.evidence.baselines.task import Task


@baseline(
    "dose_interpolation",
    title="interpolation over doses and times",
    tier="T2",
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
