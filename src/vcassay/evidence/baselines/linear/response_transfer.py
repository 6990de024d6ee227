"""T2: responses in another screen carried over to this one."""

from __future__ import annotations

import numpy as np

from vcassay.core import Conditions
from vcassay.evidence.baselines.baseline import Array, Baseline, baseline
from vcassay.evidence.baselines.linear.bilinear import bilinear
from vcassay.evidence.baselines.linear.gene_loading import Levels
from vcassay.evidence.baselines.linear.gene_loading_features import reduce_block, side_by_side
from vcassay.evidence.baselines.parts import sum_parts
from vcassay.evidence.baselines.response import components
from vcassay.evidence.baselines.task import Task

DIMENSIONS = 30
PENALTY = 0.1


@baseline(
    "response_transfer",
    title="responses in another screen, carried over",
    tier="T2",
    reads=("train_effects", "features"),
    source="Ahlmann-Eltze et al. 2025: cross-dataset transfer",
    needs="responses of the perturbations in another screen ([knowledge] features of kind response)",
)
class ResponseTransfer(Baseline):
    """Ridge (.1) from 30 components of the responses in another screen to 30 components of those in this one.

    Fitted with a free intercept on the perturbations that both screens have. Several other screens are scaled alike and
    joined before their components are taken. Combinations add their parts. What the other screen does not have gets the
    mean training effect of its context (shrunk to the mean over contexts), where the published code gives no answer.

    Deviations from the published code: it squares its penalty twice, so that .1 acts as .0001; the components of the
    other screen are over those of its perturbations that the study names.
    """

    def fit(self, task: Task) -> ResponseTransfer:
        """Relate the two embeddings on what they share."""
        self.levels = Levels(task.train, task.effects)
        blocks = [f for f in task.features if f.kind == "response" and sum_parts(f, task.train).any()]
        self.known: frozenset[str] = frozenset()
        if not blocks:
            return self
        self.block = reduce_block(blocks[0] if len(blocks) == 1 else side_by_side(blocks, task.train), DIMENSIONS)
        ids = frozenset(self.block.ids)
        shared = np.array([not ids.isdisjoint(parts) for parts in task.train.parts])
        part = components(task.effects - self.levels.of(task.train), DIMENSIONS)
        if shared.sum() < 2 or not part.scores.shape[1]:
            return self
        self.known, x, y = ids, sum_parts(self.block, task.train)[shared], part.scores[shared]
        self.x_mean = x.mean(axis=0)
        offset = part.mean + y.mean(axis=0) @ part.loadings
        # loadings are orthonormal: scores are what the left side of the bilinear model leaves
        slope = bilinear((y - y.mean(axis=0)).T, np.eye(y.shape[1]), (x - self.x_mean).T, left=0.0, right=PENALTY)
        self.offset, self.slope = offset, slope.T @ part.loadings
        return self

    def predict(self, wanted: Conditions) -> Array:
        """(n, g) predicted effects."""
        out = self.levels.of(wanted)
        known = np.array([not self.known.isdisjoint(parts) for parts in wanted.parts], dtype=bool)
        self.fell_back(int((~known).sum()), "the mean effect, no other screen having their perturbation,")
        if known.any():
            x = sum_parts(self.block, wanted.take(known)) - self.x_mean
            out[known] += self.offset + x @ self.slope
        return out
