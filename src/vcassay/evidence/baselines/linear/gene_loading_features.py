"""T2: the linear model of Ahlmann-Eltze et al. with embeddings of perturbations that are not of this screen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from vcassay.core import Conditions
from vcassay.evidence.baselines.baseline import Array, Baseline, baseline
from vcassay.evidence.baselines.linear.bilinear import bilinear, gene_scores, solve_bilinear
from vcassay.evidence.baselines.linear.gene_loading import DIMENSIONS, PENALTY, Levels, profiles
from vcassay.evidence.baselines.parts import sum_parts
from vcassay.evidence.baselines.response import untied
from vcassay.evidence.baselines.task import Task
from vcassay.knowledge import Features

FOLDS = 3
"""Inner folds that choose between blocks of features."""


class _Embedded(Baseline):
    """G K p + b with p from features that are not worked out of this screen."""

    kinds: ClassVar[tuple[bool, str]]
    """Whether features of this kind are wanted, or all others."""

    def fit(self, task: Task) -> _Embedded:
        """Choose the block of features by inner validation, then solve for K in closed form."""
        wanted, kind = self.kinds
        blocks = [f for f in task.features if (f.kind == kind) == wanted and sum_parts(f, task.train).any()]
        self.blocks = _chosen(task, blocks)
        self.levels = Levels(task.train, task.effects)
        if self.blocks is None:
            self.g, self.k = np.zeros((len(task.genes), 0)), np.zeros((0, 0))
            return self
        self.g = gene_scores(profiles(task), DIMENSIONS)
        self.scale = _scale(self.blocks, task.train)
        p = self.scale * sum_parts(self.blocks, task.train)
        self.k = bilinear((task.effects - self.levels.of(task.train)).T, self.g, p.T, PENALTY, PENALTY)
        return self

    def predict(self, wanted: Conditions) -> Array:
        """(n, g) predicted effects."""
        out = self.levels.of(wanted)
        known = set(self.blocks.ids) if self.blocks is not None else set()
        lost = sum(known.isdisjoint(parts) for parts in wanted.parts)
        self.fell_back(lost, "the mean effect, no useful feature knowing their perturbation,")
        if self.blocks is not None:
            out = out + self.scale * sum_parts(self.blocks, wanted) @ self.k.T @ self.g.T
        return np.asarray(out)


@baseline(
    "gene_loading_prior",
    title="linear model on prior features",
    tier="T2",
    reads=("train_effects", "target_controls", "controls_elsewhere", "features"),
    source="Ahlmann-Eltze et al. 2025: P from GO",
    needs="features of the perturbations ([knowledge] features)",
    readout="vector",
)
class GeneLoadingPrior(_Embedded):
    """Effect = G K p + b with prior features of the perturbation as p (d = 10, ridge .1 on both sides).

    G and b as in `gene_loading`. Every block of features (annotation, network, text, targets, control co-expression,
    whatever is handed in, but not responses) is reduced to its ten leading components; inner validation by the rule of
    the outer split takes one block, all of them side by side (ten components again), or none. Combinations add their
    parts. Deviation: components are scaled to a mean squared length of ten in training, so that the penalty does not
    depend on units.
    """

    kinds = (False, "response")


@baseline(
    "gene_loading_transfer",
    title="linear model on responses in another screen",
    tier="T2",
    reads=("train_effects", "target_controls", "controls_elsewhere", "features"),
    source="Ahlmann-Eltze et al. 2025: P from another Perturb-seq",
    needs="responses of the perturbations in another screen ([knowledge] features of kind response)",
    readout="vector",
)
class GeneLoadingTransfer(_Embedded):
    """Effect = G K p + b with the response in another screen as p (d = 10, ridge .1 on both sides).

    As `gene_loading_prior`, on the blocks of features that are responses measured elsewhere; the PCA is over those of
    their perturbations that the study names.
    """

    kinds = (True, "response")


def reduce_block(block: Features, d: int) -> Features:
    """Leading components of a block over all the perturbations that it names."""
    x = block.matrix - block.matrix.mean(axis=0)
    return Features(block.name, block.ids, principal_scores(x, d), kind=block.kind)


def principal_scores(x: Array, d: int) -> Array:
    """(n, k) principal components of centred rows; k is about ``d``, so that equal components stay together."""
    u, s, _ = np.linalg.svd(x, full_matrices=False)
    s = s[s > 1e-9 * max(float(s.max(initial=0.0)), 1e-300)]
    keep = untied(s, d)
    return np.asarray(u[:, :keep] * s[:keep])


def side_by_side(blocks: Sequence[Features], train: Conditions) -> Features:
    """Blocks of one mean squared length in training, joined on all names; what one does not know is 0 in it."""
    ids = sorted({name for b in blocks for name in b.ids})
    joined = np.concatenate([_scale(b, train) * b.rows(ids)[0] for b in blocks], axis=1)
    return Features("all", tuple(ids), joined)


def _scale(block: Features, train: Conditions) -> float:
    """Factor that brings rows to a mean squared length of `DIMENSIONS` over the training conditions that are known."""
    square = (sum_parts(block, train) ** 2).sum(axis=1)
    size = float(square[square > 0].mean()) if square.any() else 0.0
    return float(np.sqrt(DIMENSIONS / size)) if size > 0 else 0.0


def _chosen(task: Task, blocks: Sequence[Features]) -> Features | None:
    """Block with the least inner error, ``None`` if none is better than the level alone."""
    reduced = [r for b in blocks if (r := reduce_block(b, DIMENSIONS)).matrix.shape[1]]
    if len(reduced) > 1:
        reduced.append(reduce_block(side_by_side(reduced, task.train), DIMENSIONS))
    if not reduced:
        return None
    folds = task.folds(FOLDS)
    if not folds:
        return reduced[-1]
    x = profiles(task)
    centred = x - x.mean(axis=1, keepdims=True)
    gram = task.memo.once("profile gram", lambda: centred @ centred.T) if len(x) <= x.shape[1] else None
    error = np.zeros(len(reduced) + 1)
    for fold in folds:
        rest = np.setdiff1d(np.arange(len(x)), fold)
        train, test = task.train.take(rest), task.train.take(fold)
        levels = Levels(train, task.effects[rest])
        g = gene_scores(x[rest], DIMENSIONS, None if gram is None else gram[np.ix_(rest, rest)])
        # the prediction lies in the space of G: what is outside of it is the same error for all
        seen, unseen = (task.effects[rest] - levels.of(train)) @ g, (task.effects[fold] - levels.of(test)) @ g
        square = g.T @ g
        for i, block in enumerate(reduced, 1):
            scale = _scale(block, train)
            p = scale * sum_parts(block, train)
            k = solve_bilinear(seen.T @ p, square, p.T @ p, PENALTY, PENALTY)
            z = scale * sum_parts(block, test) @ k.T
            error[i] += float(((z @ square) * z).sum() - 2.0 * (z * unseen).sum())
    best = int(np.flatnonzero(error <= error.min() + 1e-9 * float((task.effects**2).sum()))[0])
    return None if best == 0 else reduced[best - 1]
