"""T2 of combinations: one scaling of what the parts add up to."""

from __future__ import annotations

import numpy as np

from vcassay.core import Conditions
from vcassay.evidence.baselines.baseline import Array, Baseline, baseline
from vcassay.evidence.baselines.combinations.part_effects import part_effects
from vcassay.evidence.baselines.task import Task

FEWEST = 3
"""Training combinations, all of whose parts were trained alone, that a scaling and offsets are learned from."""
ROUNDING = 1e-20
"""Share of the sum of squares that rounding can leave of what does not vary."""


@baseline(
    "global_epistasis",
    title="scaled sum of the parts",
    tier="T2",
    reads=("parts",),
    source="SBB (Vollenweider and Bühlmann 2026): global epistasis",
    needs="training combinations whose parts were trained alone",
)
class GlobalEpistasis(Baseline):
    """One scaling of the sum of the parts' effects, shared by all genes, + an offset a gene.

    Both by least squares over the training combinations all of whose parts were trained alone. With fewer than three of
    them it is the plain sum (counted for every combination); parts not trained alone are what `additive_combination`
    takes for them, then scaled like all (counted). A single perturbation is its own effect. Learned on effects about
    the controls: the offset of SBB's profiles holds the control there.
    """

    def fit(self, task: Task) -> GlobalEpistasis:
        """Learn the scaling and the offsets."""
        self.parts = part_effects(task)
        several = np.flatnonzero([len(parts) > 1 for parts in task.train.parts])
        total, alone = self.parts.sums(task.train.take(several))
        x, y = total[alone], task.effects[several][alone]
        self.learned = len(x) >= FEWEST
        self.scale, self.offset = 1.0, np.zeros(task.effects.shape[1])
        if self.learned:
            dx, dy = x - x.mean(axis=0), y - y.mean(axis=0)
            square = float((dx * dx).sum())
            if square > ROUNDING * float((x * x).sum()):
                self.scale = float((dx * dy).sum()) / square
            self.offset = y.mean(axis=0) - self.scale * x.mean(axis=0)
        return self

    def predict(self, wanted: Conditions) -> Array:
        """(n, g) scaled sums."""
        total, alone = self.parts.sums(wanted)
        several = np.array([len(parts) > 1 for parts in wanted.parts], dtype=bool)
        out = np.where(several[:, None], self.scale * total + self.offset, total)
        if self.learned:
            self.fell_back(int((~alone).sum()), "what is known of parts not trained on their own")
        else:
            self.fell_back(
                int((~alone | several).sum()), f"the sum of the parts, under {FEWEST} combinations to learn from,"
            )
        return out
