"""Bench: the test conditions as every diagnostic sees them, and the arms that are asked the same question."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.agreement import pearson
from vcassay.claim import Claim, Split
from vcassay.core import Conditions
from vcassay.core.memo import once
from vcassay.effects import Effects
from vcassay.effects.measure import halves_of
from vcassay.evidence.biology.agents import Agents, find_agents
from vcassay.knowledge import Knowledge
from vcassay.prediction import Answer

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

HALVINGS = 3
"""Ways of halving that are averaged."""
KEPT = 120_000_000
"""Numbers in the first halves of that many pairs (2 GB) are kept; of larger screens they are worked out when asked."""

TRUTH = "truth"
SUBMISSION, BASELINE = "submission", "baseline"


@dataclass(frozen=True, slots=True, eq=False)
class Arm:
    """One thing that is asked: the truth, a model, a baseline.

    Attributes
    ----------
    name, role
        ``truth``, ``submission`` or ``baseline``.
    values
        (t, g) effects of the test conditions, 0 where a gene does not count or a condition was not answered.
    known
        (t,) whether a condition was measured, or answered.
    embedding
        (n, d) where a model places the screen's n conditions, training ones among them; ``None`` without.
    answer
        What it was made of; ``None`` for the truth.
    """

    name: str
    role: str
    values: Array
    known: Mask
    embedding: Array | None = None
    answer: Answer | None = None


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Bench:
    """The test conditions with what is known of them.

    Attributes
    ----------
    effects, claim, knowledge
        Of the study. ``claim.split`` has the roles; rows of ``effects`` are all n conditions.
    agents
        What is known of each single perturbation of the screen.
    table
        The t test conditions.
    mask
        (t, g) genes that count.
    silent
        (t,) whether a condition was assessed and has no detectable effect.
    truth, submissions, baselines
        The arms; of the legal baselines, the best of each tier.
    """

    effects: Effects
    claim: Claim
    knowledge: Knowledge
    agents: Agents
    table: Conditions
    mask: Mask
    silent: Mask
    truth: Arm
    submissions: tuple[Arm, ...]
    baselines: tuple[Arm, ...]

    @property
    def split(self) -> Split:
        """Roles of all conditions."""
        return self.claim.split

    @property
    def genes(self) -> NDArray[np.str_]:
        """(g,) names."""
        return self.effects.genes

    @property
    def arms(self) -> tuple[Arm, ...]:
        """Truth, submissions, baselines."""
        return (self.truth, *self.submissions, *self.baselines)

    @property
    def agent(self) -> NDArray[np.int64]:
        """(t,) agent of each test condition; -1 for combinations."""
        return _agent(self)

    @property
    def direction(self) -> NDArray[np.int64]:
        """(t,) 1 where a condition raises or activates, -1 where it lowers or inhibits, 0 where that is not known."""
        return np.append(self.agents.direction, 0)[self.agent]

    @property
    def has_halves(self) -> bool:
        """Whether the truth can be measured twice, on disjoint rows and controls."""
        return bool(np.isfinite(self.effects.size[self.split.test]).any())

    def halves(self, most: int = HALVINGS) -> Iterator[tuple[Array, Array]]:
        """Pairs of (t, g) effects from disjoint rows and controls, 0 for genes that do not count, NaN if undefined.

        Nothing that two conditions have in common by sharing controls or cells is in a product of the two. Each of
        ``most`` ways of halving comes once, those first that leave rows on both sides; swap the pair where order
        matters. None where `has_halves` is false. The arrays are shared: do not write to them.
        """
        kept = _kept_halves(self) if self.mask.size * most <= KEPT else None
        for k, way in enumerate(_halvings(self)[:most]):
            yield kept[k] if kept is not None and k < len(kept) else _half_pair(self, way)

    def measurements(self, arm: Arm) -> list[tuple[Array, Array]]:
        """Left and right (t, g) measurements of an arm's effects: halves of the truth where there are any, else itself.

        Without halves, what conditions share with common controls is in every product of two of them; permuting
        labels among conditions of the same controls allows for it.
        """
        pairs = list(self.halves()) if arm.role == TRUTH else []
        return pairs or [(arm.values, arm.values)]

    @property
    def trained(self) -> tuple[Conditions, Array]:
        """Training conditions and their (m, g) effects against training controls, 0 where undefined."""
        train = self.split.train
        return self.effects.conditions.take(train), np.nan_to_num(self.effects.delta_train[train])


@once
def _agent(bench: Bench) -> NDArray[np.int64]:
    """Agents of the test conditions; do not write to them."""
    found = bench.agents.of(bench.table)
    found.setflags(write=False)
    return found


@once
def _halvings(bench: Bench) -> list[int]:
    """Ways of halving, those first that leave rows on both sides of most test conditions."""
    if not bench.has_halves:
        return []
    splits = halves_of(bench.split.scored_shards)[0]
    there = bench.effects.moments.sizes[bench.split.test].max(axis=2) > 0
    both = [int(np.logical_and(*(there[:, side].any(axis=1) for side in pair)).sum()) for pair in splits]
    return sorted(range(len(splits)), key=lambda k: (-both[k], k))


def _half_pair(bench: Bench, k: int) -> tuple[Array, Array]:
    """One pair of halves."""
    splits, controls = halves_of(bench.split.scored_shards)
    test, moments = bench.split.test, bench.effects.moments
    pools = controls[k % len(controls)]
    pair = [np.where(bench.mask, moments.effects(a, c)[test], 0.0) for a, c in zip(splits[k], pools, strict=True)]
    for half in pair:
        half.setflags(write=False)
    return pair[0], pair[1]


@once
def _kept_halves(bench: Bench) -> list[tuple[Array, Array]]:
    """The first pairs, which most diagnostics ask for."""
    return [_half_pair(bench, way) for way in _halvings(bench)[:HALVINGS]]


def make_bench(
    effects: Effects,
    claim: Claim,
    knowledge: Knowledge,
    answers: Mapping[str, Answer],
    rivals: Mapping[str, str] | None = None,
) -> Bench:
    """Gather what diagnostics ask of a study.

    Parameters
    ----------
    answers
        Every model, baseline and probe by name.
    rivals
        Legal baselines to their tiers; all answers with the role of a baseline, as one tier, if ``None``. The best of
        each tier by Pearson correlation with the truth becomes an arm.
    """
    test = claim.split.test
    mask = effects.mask[test]
    truth = np.where(mask, effects.delta[test], 0.0)
    measured: Mask = np.asarray(np.isfinite(truth).all(axis=1))
    if rivals is None:
        rivals = {name: "" for name, a in answers.items() if a.role == BASELINE}
    return Bench(
        effects=effects,
        claim=claim,
        knowledge=knowledge,
        agents=find_agents(effects.conditions, effects.genes, knowledge),
        table=effects.conditions.take(test),
        mask=mask,
        silent=effects.assessed[test] & ~effects.detectable[test],
        truth=Arm(TRUTH, TRUTH, np.nan_to_num(truth), measured),
        submissions=tuple(_arm(a, mask) for a in answers.values() if a.role == SUBMISSION),
        baselines=_best(truth, mask, {n: answers[n] for n in rivals if n in answers}, rivals),
    )


def _arm(answer: Answer, mask: Mask) -> Arm:
    known = answer.state == "ok"
    values = np.where(mask & answer.genes & known[:, None], np.nan_to_num(answer.values), 0.0)
    return Arm(answer.name, answer.role, values, known, answer.embedding, answer)


def _best(truth: Array, mask: Mask, answers: Mapping[str, Answer], tiers: Mapping[str, str]) -> tuple[Arm, ...]:
    """The best answer of each tier by mean correlation with the truth, an undefined one counting 0."""
    best: dict[str, tuple[float, Arm]] = {}
    for name in sorted(answers):
        arm = _arm(answers[name], mask)
        score = float(np.nan_to_num(pearson(np.nan_to_num(truth), arm.values, mask)).mean()) if len(truth) else 0.0
        tier = tiers[name]
        if tier not in best or score > best[tier][0]:
            best[tier] = (score, arm)
    return tuple(best[tier][1] for tier in sorted(best))
