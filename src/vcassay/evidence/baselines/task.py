"""Task: what a baseline may learn from, and what it must answer; nothing else is in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from threading import RLock
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.profile import to_profile
from vcassay.arrays.shards import N_SHARDS, TRAINING
from vcassay.claim import Claim
from vcassay.core import Conditions, Regime
from vcassay.effects import Effects
from vcassay.evidence.baselines.coverage import Coverage
from vcassay.evidence.baselines.folds import inner_folds
from vcassay.evidence.baselines.prior import coexpression, context_prior, prior_features
from vcassay.knowledge import Features, Knowledge

Array = NDArray[np.float64]

EMBEDDING = 20
"""Dimensions of the control co-expression embedding of genes."""
GROUPS = 1024
"""About as many groups of control rows, over all pools and both halves, show how genes vary together."""


NOTHING = Knowledge()

T = TypeVar("T")


class Memo:
    """What several rungs work out of one task, worked out once."""

    def __init__(self) -> None:
        self.made: dict[str, Any] = {}
        self.lock = RLock()

    def once(self, name: str, make: Callable[[], T]) -> T:
        """Return what was made under this name, or make it."""
        with self.lock:
            if name not in self.made:
                self.made[name] = make()
            found: T = self.made[name]
            return found


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """The censored view of a study.

    Attributes
    ----------
    train
        Training conditions.
    effects
        (n, g) their effects against the controls left to training; no NaN on scored genes.
    weights
        (n,) their numbers of rows.
    wanted
        Conditions to answer for.
    genes
        (g,) feature names.
    controls
        Context to (g,) control profile from the controls left to training, for every context whose
        controls the claim grants.
    embedding
        (g, k) control co-expression of genes: loadings over small groups of control rows.
    features
        Prior features of the parts of perturbations, under the study's names.
    regime
        The regime found: inner validation draws folds by the same rule.
    seed
        Seeds folds and anything else drawn.
    context_features
        Prior features of contexts, under the study's names.
    coverage
        Which of the study's names each source of features knows.
    relatives, siblings
        Part of a perturbation, and context, to its kin by what the study hands in.
    tune
        Whether settings are chosen by inner validation; otherwise every rung takes its usual ones.
    memo
        Keeps what several rungs work out of this task alike; a changed task starts with an empty one.
    """

    train: Conditions
    effects: Array
    weights: Array
    wanted: Conditions
    genes: NDArray[np.str_]
    controls: Mapping[str, Array]
    embedding: Array
    features: tuple[Features, ...]
    regime: Regime
    seed: int
    context_features: tuple[Features, ...] = ()
    coverage: tuple[Coverage, ...] = ()
    relatives: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    siblings: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    tune: bool = True
    memo: Memo = field(default_factory=Memo, repr=False, init=False)

    def folds(self, most: int | None = None) -> list[NDArray[np.int64]]:
        """Positions held out in each inner fold (`inner_folds`); none where nothing is to be tuned."""
        return inner_folds(self.train, self.regime, self.seed, most) if self.tune else []

    def part(self, train: NDArray[np.int64], wanted: NDArray[np.int64]) -> Task:
        """Return the task of learning from some training conditions and answering for others."""
        return replace(
            self,
            train=self.train.take(train),
            effects=self.effects[np.sort(train)],
            weights=self.weights[np.sort(train)],
            wanted=self.train.take(wanted),
        )


def make_task(effects: Effects, claim: Claim, knowledge: Knowledge = NOTHING, seed: int = 0) -> Task:
    """Cut out of a study what its claim says is known.

    Test effects, reserved controls, cell counts of test conditions and anything derived from them
    are not in it.
    """
    split = claim.split
    train = split.train
    usable = np.isfinite(np.where(effects.mask[train], effects.delta_train[train], 0.0)).all(axis=1)
    train = train[usable]
    delta = effects.delta_train[train]
    features, coverage = prior_features(effects.conditions, knowledge)
    context_features, known = context_prior(effects.conditions, knowledge)
    embedding = _embedding(effects)
    return Task(
        train=effects.conditions.take(train),
        effects=np.where(np.isfinite(delta), delta, 0.0),
        weights=effects.n_rows[train].astype(np.float64),
        wanted=effects.conditions.take(split.test),
        genes=effects.genes,
        controls=_controls(effects),
        embedding=embedding,
        features=(*features, *coexpression(effects.conditions, effects.genes, embedding)),
        regime=claim.regime or Regime.RANDOM_CELLS,
        seed=seed,
        context_features=context_features,
        coverage=(*coverage, *known),
        relatives={} if claim.related is None else claim.related.relatives(),
        siblings={} if claim.related is None else claim.related.related_contexts(),
    )


def _controls(effects: Effects) -> dict[str, Array]:
    """Control profile of each context; contexts with several pools (times) are averaged."""
    if effects.moments.slots.n_groups == 0:
        return {}
    profiles = effects.moments.pool_profiles(TRAINING)
    table: dict[str, list[Array]] = {}
    for profile, context in zip(profiles, effects.pool_context, strict=True):
        if np.isfinite(profile).all():
            table.setdefault(context, []).append(profile)
    return {context: np.mean(rows, axis=0) for context, rows in table.items()}


def _embedding(effects: Effects) -> Array:
    """Gene loadings of the leading components of training control groups, centred within pools."""
    moments = effects.moments
    g, pools = len(effects.genes), len(moments.atoms)
    if not pools:
        return np.zeros((g, 0))
    groups = moments.slots.n_atoms
    while groups > N_SHARDS and groups * pools > GROUPS:
        groups //= 2  # divides the atoms and keeps the shards apart
    use = np.isin(np.arange(groups) % N_SHARDS, TRAINING)
    shape = (pools, moments.slots.n_atoms // groups, groups)
    sums = moments.atoms.reshape(*shape, g).sum(axis=1)[:, use]
    sizes = moments.atom_sizes.reshape(*shape, -1).sum(axis=1)[:, use]
    with np.errstate(divide="ignore", invalid="ignore"):
        profile = to_profile(np.where(sizes > 0, sums / sizes, 0.0), moments.target_sum)
    blocks = [rows[size.max(axis=1) > 0] for rows, size in zip(profile, sizes, strict=True)]
    blocks = [rows - rows.mean(axis=0) for rows in blocks if len(rows) > 2]
    if not blocks:
        return np.zeros((g, 0))
    matrix = np.concatenate(blocks)
    spread = matrix.std(axis=0)
    matrix = np.where(spread > 0, matrix / np.where(spread > 0, spread, 1.0), 0.0)
    value, vector = np.linalg.eigh(matrix @ matrix.T)
    keep = np.argsort(-value)[: min(EMBEDDING, len(value))]
    keep = keep[value[keep] > 1e-9 * max(float(value.max(initial=0.0)), 1e-300)]
    return np.asarray(matrix.T @ vector[:, keep] / np.sqrt(len(matrix)))
