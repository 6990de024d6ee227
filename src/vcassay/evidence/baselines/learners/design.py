"""Design: one table of features a condition, for learners that take a table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import linalg

from vcassay.claim.kind import modality_of
from vcassay.core import Conditions
from vcassay.evidence.baselines.parts import sum_parts
from vcassay.evidence.baselines.response import components, untied
from vcassay.evidence.baselines.task import Task
from vcassay.evidence.baselines.treatment import Treatment, treatments

Array = NDArray[np.float64]

WIDTH = 64
"""Columns that a block of prior features may have: wider ones are reduced to so many leading components."""
CONTEXT_WIDTH = 20
"""Components of control profiles that describe a context (20-50 in published context regressions)."""
RESPONSE_WIDTH = 20
"""Components of responses elsewhere that describe a treatment."""
COMPONENTS = ("annotation", "network", "response")
"""Kinds of features whose columns fall in variance, and keep it: the last ones are noise."""
MOSTLY = 0.5
"""Share of the wanted conditions that responses elsewhere, or labels of contexts, must be able to describe: what only
training conditions have would be leaned on in training and be missing where it counts."""


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """A block of columns.

    Attributes
    ----------
    name
        What it holds.
    axis
        ``perturbation``, ``context`` or ``covariate``.
    train
        (n, d) of the training conditions.
    of
        Makes the (m, d) columns of other conditions.
    """

    name: str
    axis: str
    train: Array
    of: Callable[[Conditions], Array]


@dataclass(frozen=True, slots=True, eq=False)
class Design:
    """Feature columns of training conditions, and how those of others are made.

    Attributes
    ----------
    blocks
        In the order of the columns.
    """

    blocks: tuple[Block, ...]

    @property
    def train(self) -> Array:
        """(n, d) of the training conditions."""
        return np.concatenate([b.train for b in self.blocks], axis=1)

    def of(self, wanted: Conditions) -> Array:
        """(m, d) of other conditions."""
        return np.concatenate([b.of(wanted) for b in self.blocks], axis=1)

    def knows(self, wanted: Conditions) -> NDArray[np.bool_]:
        """(m,) whether any block tells something of the perturbation."""
        told = [b.of(wanted).any(axis=1) for b in self.blocks if b.axis == "perturbation"]
        return np.any(told, axis=0) if told else np.zeros(len(wanted), dtype=bool)


def make_design(task: Task, width: int = WIDTH) -> Design:
    """Build the columns: prior features of perturbations, responses elsewhere, contexts, dose, time, modality.

    Every block is centred and scaled on the training conditions that it knows, to a mean squared row length of 1; rows
    of what it does not know are 0, the mean. Blocks that tell no training condition from another are left out. Of a
    block of prior features wider than ``width`` there are so many leading components.
    """
    return task.memo.once(f"design {width}", lambda: _make_design(task, width))


def _make_design(task: Task, width: int) -> Design:
    found = [prior_block(task, i, width) for i in range(len(task.features))]
    found += [_responses_elsewhere(task), _controls(task), _context_labels(task)]
    found += [_context_prior(task, i) for i in range(len(task.context_features))]
    found += [_covariates(task), _modality(task)]
    kept = [block for block in found if block is not None]
    if not kept:
        n = len(task.train)
        kept = [Block("nothing", "covariate", np.zeros((n, 1)), lambda wanted: np.zeros((len(wanted), 1)))]
    return Design(tuple(kept))


def _block(
    name: str, axis: str, raw: Callable[[Conditions], Array], train: Array, *, whiten: bool, width: int | None = WIDTH
) -> Block | None:
    """Centre, bring columns to one variance (``whiten``), reduce to leading components where wide, and scale."""
    have = train.any(axis=1)
    if have.sum() < 2:
        return None
    centre = train[have].mean(axis=0)
    use = np.asarray(train[have].std(axis=0) > 1e-12)
    if not use.any():
        return None
    spread = train[have][:, use].std(axis=0) if whiten else np.ones(int(use.sum()))
    centred = (train[have][:, use] - centre[use]) / spread
    turn = leading(centred, width) if width is not None and centred.shape[1] > width else np.eye(centred.shape[1])
    size = float(((centred @ turn) ** 2).sum(axis=1).mean())
    if size <= 0.0:
        return None

    def scale(x: Array) -> Array:
        filled = np.asarray(x[:, use].any(axis=1))[:, None]
        return np.asarray(np.where(filled, (x[:, use] - centre[use]) / spread, 0.0) @ turn / np.sqrt(size))

    return Block(name, axis, scale(train), lambda wanted: scale(raw(wanted)))


def leading(x: Array, k: int) -> Array:
    """(d, about k) leading right singular vectors of (n, d) values, the largest entry of each positive.

    Equal ones stay together (`untied`).
    """
    n, d = x.shape
    gram = x.T @ x if d <= n else x @ x.T
    size = len(gram)
    value, vector = linalg.eigh(gram, subset_by_index=[max(size - 2 * k - 1, 0), size - 1], check_finite=False)
    keep = np.flatnonzero(value > 1e-12 * value[-1])[::-1]
    keep = keep[: untied(np.sqrt(value[keep]), k)]
    right = vector[:, keep] if d <= n else x.T @ (vector[:, keep] / np.sqrt(value[keep]))
    return np.asarray(right * np.sign(right[np.abs(right).argmax(axis=0), np.arange(right.shape[1])]))


def feature_block(task: Task, i: int, width: int | None = None) -> Block | None:
    """Columns of one block of prior features; ``None`` where it tells no training condition from another.

    Columns are brought to one variance, but those of `COMPONENTS` keep theirs. A block wider than ``width`` is reduced
    to so many leading components.
    """

    def make() -> Block | None:
        features = task.features[i]

        def raw(wanted: Conditions) -> Array:
            return sum_parts(features, wanted)

        whiten = features.kind not in COMPONENTS
        return _block(features.name, "perturbation", raw, raw(task.train), whiten=whiten, width=width)

    return task.memo.once(f"block {i} {width}", make)


def prior_block(task: Task, i: int, width: int) -> Block | None:
    """Same as `feature_block`, and ``None`` as well where the block tells nothing of what is wanted."""
    return feature_block(task, i, width) if sum_parts(task.features[i], task.wanted).any() else None


def _context_prior(task: Task, i: int) -> Block | None:
    features = task.context_features[i]

    def raw(wanted: Conditions) -> Array:
        return features.rows(wanted.context.tolist())[0]

    return _block(features.name, "context", raw, raw(task.train), whiten=features.kind not in COMPONENTS)


def _responses_elsewhere(task: Task) -> Block | None:
    """Mean response to the same treatment in the other training contexts, as components; 0 where there is none."""
    trained = set(treatments(task.train))
    if sum(key in trained for key in treatments(task.wanted)) < MOSTLY * len(task.wanted):
        return None
    part = components(task.effects, RESPONSE_WIDTH)
    if not part.scores.shape[1]:
        return None
    total: dict[Treatment, Array] = {}
    count: dict[Treatment, int] = {}
    own: dict[tuple[str, Treatment], Array] = {}
    for context, key, row in zip(task.train.context.tolist(), treatments(task.train), part.scores, strict=True):
        total[key] = total.get(key, 0.0) + row
        count[key] = count.get(key, 0) + 1
        own[context, key] = row

    def raw(wanted: Conditions) -> Array:
        out = np.zeros((len(wanted), part.scores.shape[1]))
        for i, (context, key) in enumerate(zip(wanted.context.tolist(), treatments(wanted), strict=True)):
            others = count.get(key, 0) - ((context, key) in own)
            if others:
                out[i] = (total[key] - own.get((context, key), 0.0)) / others
        return out

    return _block("response elsewhere", "perturbation", raw, raw(task.train), whiten=False)


def _controls(task: Task) -> Block | None:
    """Control profiles of contexts, as components over all contexts whose controls are granted."""
    names = sorted(task.controls)
    if len(names) < 2:
        return None
    part = components(np.array([task.controls[c] for c in names]), CONTEXT_WIDTH)
    position = {c: i for i, c in enumerate(names)}

    def raw(wanted: Conditions) -> Array:
        at = np.array([position.get(c, -1) for c in wanted.context.tolist()], dtype=np.int64)
        return np.where((at >= 0)[:, None], part.scores[at], 0.0)

    return _block("control profile", "context", raw, raw(task.train), whiten=False)


def _context_labels(task: Task) -> Block | None:
    """One column a training context; an unseen one is 0, the mean."""
    names = sorted(set(task.train.context.tolist()))
    position = {c: i for i, c in enumerate(names)}
    if sum(c in position for c in task.wanted.context.tolist()) < MOSTLY * len(task.wanted):
        return None

    def raw(wanted: Conditions) -> Array:
        out = np.zeros((len(wanted), len(names)))
        for i, c in enumerate(wanted.context.tolist()):
            if c in position:
                out[i, position[c]] = 1.0
        return out

    return _block("context", "context", raw, raw(task.train), whiten=False) if len(names) > 1 else None


def _covariates(task: Task) -> Block | None:
    """Logarithm of dose, time, and the number of parts, each centred on the training conditions that have it."""
    middle = [np.nanmean(c) if np.isfinite(c).any() else 0.0 for c in _raw_covariates(task.train).T]

    def raw(wanted: Conditions) -> Array:
        columns = _raw_covariates(wanted)
        # a missing dose lies at the mean; nothing else is 0 by being the mean itself
        return np.concatenate(
            [np.where(np.isfinite(columns), columns - middle, 0.0), np.ones((len(wanted), 1))], axis=1
        )

    return _block("dose and time", "covariate", raw, raw(task.train), whiten=True)


def _modality(task: Task) -> Block | None:
    """One column a modality of training, where compounds and genes, or several ways to perturb genes, are learned from.

    Otherwise what one of them has in common would be predicted for the other.
    """
    kinds = sorted(set(modality_of(task.train).tolist()))
    place = {kind: i for i, kind in enumerate(kinds)}

    def raw(wanted: Conditions) -> Array:
        out = np.zeros((len(wanted), len(kinds)))
        for i, kind in enumerate(modality_of(wanted).tolist()):
            if kind in place:
                out[i, place[kind]] = 1.0
        return out

    return _block("modality", "covariate", raw, raw(task.train), whiten=False) if len(kinds) > 1 else None


def _raw_covariates(table: Conditions) -> Array:
    with np.errstate(divide="ignore", invalid="ignore"):
        dose = np.log10(table.dose)
    parts = np.array([float(len(p)) for p in table.parts])
    columns = np.stack([dose, table.time.astype(np.float64), parts], axis=1)
    return np.where(np.isfinite(columns), columns, np.nan)
