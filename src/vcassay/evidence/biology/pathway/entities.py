"""Entities: what is placed beside one another: perturbed genes, or drugs through their targets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components

from vcassay.arrays.bands import even_bands
from vcassay.arrays.group_means import group_means
from vcassay.core import Threshold
from vcassay.evidence.biology.bench import Bench
from vcassay.evidence.biology.pathway.pairs import Pairs, unite

Array = NDArray[np.float64]
Codes = NDArray[np.int64]

MOST_TARGETS = Threshold("pathway_targets", 3, "drugs of more targets are promiscuous, or a merged list")
EACH, MOST_STRATA = 8, 5
"""Entities of like effect size that trade labels: at least so many, in at most so many groups."""
OVERLAP = 0.5
"""Share of the genes of either that two sets of targets of one family have in common."""
DONE = {-1: " inhibited", 0: "", 1: " activated"}


class Entities(NamedTuple):
    """Things with effects and genes.

    Attributes
    ----------
    what
        What they are, in the plural.
    direct
        Whether they are genes that are perturbed themselves.
    members
        Genes of each of n entities: one for a gene, up to `MOST_TARGETS` for drugs.
    direction
        (n,) as of `Agents`.
    item
        (t,) entity of each test condition; -1 for those that take no part.
    size
        (n,) mean length of the truth's effects.
    left_out
        How many were left out and why, to follow a number; empty for none.
    """

    what: str
    direct: bool
    members: tuple[tuple[str, ...], ...]
    direction: Codes
    item: Codes
    size: Array
    left_out: str

    def title(self, i: int) -> str:
        """Genes of an entity and what is done to them."""
        return ", ".join(self.members[i]) + DONE[int(self.direction[i])]

    def families(self, used: Codes) -> Codes:
        """(len(used),) families of entities of one direction that have half of their genes or more in common.

        Drugs of one target, and drugs of that and another, act alike whatever the pathway: they are one draw, not two.
        """
        names = {gene: i for i, gene in enumerate(sorted({g for own in self.members for g in own}))}
        holds = np.zeros((len(used), len(names)))
        for row, i in enumerate(used.tolist()):
            holds[row, [names[g] for g in self.members[i]]] = 1.0
        size = holds.sum(axis=1)
        both = holds @ holds.T
        near = both >= OVERLAP * (size[:, None] + size[None, :] - both)
        near &= self.direction[used][:, None] == self.direction[used][None, :]
        return np.asarray(connected_components(near, directed=False)[1], dtype=np.int64)

    def strata(self, used: Codes) -> Codes:
        """(n,) entities of like effect size: quantiles of at least `EACH` of those used, at most `MOST_STRATA`.

        Entities that are not used are -1.
        """
        out = np.full(len(self.members), -1, dtype=np.int64)
        out[used] = even_bands(self.size[used], max(1, min(MOST_STRATA, len(used) // EACH)))
        return out

    def lift(self, pairs: Pairs, names: Sequence[str]) -> Pairs:
        """Pairs of entities where pairs of genes are known, entities that share a gene excepted.

        Signs are turned by the directions of both; where one is not known, the sign is not.
        """
        at = {name: i for i, name in enumerate(names)}
        holders: list[list[int]] = [[] for _ in names]
        for i, own in enumerate(self.members):
            for gene in own:
                holders[at[gene]].append(i)
        count = np.array([len(h) for h in holders], dtype=np.int64)
        flat = np.array([i for own in holders for i in own], dtype=np.int64)
        start = np.concatenate([[0], np.cumsum(count)])
        each = count[pairs.left] * count[pairs.right]
        which = np.repeat(np.arange(len(each)), each)
        within = np.arange(each.sum()) - np.repeat(np.cumsum(each) - each, each)
        width = count[pairs.right][which]
        a = flat[start[pairs.left][which] + within // np.maximum(width, 1)]
        b = flat[start[pairs.right][which] + within % np.maximum(width, 1)]
        sign = pairs.sign[which] * self.direction[a] * self.direction[b]
        own_genes = [frozenset(m) for m in self.members]
        apart = np.array([not (own_genes[i] & own_genes[j]) for i, j in zip(a, b, strict=True)], dtype=np.bool_)
        low, high = np.minimum(a, b)[apart], np.maximum(a, b)[apart]
        joined = unite([pairs._replace(left=low, right=high, sign=sign[apart])])
        return pairs._replace(left=joined.left, right=joined.right, sign=joined.sign)


def gene_entities(bench: Bench) -> Entities:
    """Genes that are perturbed in the test set, those of one direction together."""
    agents, agent = bench.agents, bench.agent
    known = np.array([bool(gene) for gene in agents.gene], dtype=np.bool_)
    keys = [((gene,), int(d)) for gene, d in zip(agents.gene, agents.direction, strict=True)]
    return _collect(bench, keys, known, (agent >= 0) & known[agent], "perturbed genes", direct=True)


def target_entities(bench: Bench) -> Entities:
    """Targets of the drugs in the test set: drugs of the same targets and direction together."""
    agents, agent = bench.agents, bench.agent
    number = np.array([len(own) for own in agents.targets], dtype=np.int64)
    known = agents.drug & (number > 0) & (number <= MOST_TARGETS.value)
    keys = [(tuple(sorted(own)), int(d)) for own, d in zip(agents.targets, agents.direction, strict=True)]
    is_drug = (agent >= 0) & agents.drug[agent]
    return _collect(bench, keys, known, is_drug, "sets of targets of drugs", direct=False)


def _collect(
    bench: Bench,
    keys: Sequence[tuple[tuple[str, ...], int]],
    known: NDArray[np.bool_],
    asked: NDArray[np.bool_],
    what: str,
    *,
    direct: bool,
) -> Entities:
    """Entities of the test conditions that were asked for, known, measured and not silent."""
    agent = bench.agent
    use = asked & known[agent] & bench.truth.known & ~bench.silent
    present = np.unique(agent[use])
    found = sorted({keys[i] for i in present.tolist()})
    place = {key: i for i, key in enumerate(found)}
    item_of = np.full(len(keys) + 1, -1, dtype=np.int64)
    for i in present.tolist():
        item_of[i] = place[keys[i]]
    item = np.where(use, item_of[agent], -1)
    all_asked = np.unique(agent[asked])
    silent = int((~np.isin(all_asked[known[all_asked]], present)).sum())
    parts = []
    if silent:
        parts.append(f"{silent:,} without a detectable or measured effect")
    unknown = all_asked[~known[all_asked]]
    if len(unknown):
        many = sum(len(bench.agents.targets[i]) > MOST_TARGETS.value for i in unknown.tolist())
        if many:
            parts.append(f"{many:,} drugs of more than {MOST_TARGETS.value:g} targets")
        if len(unknown) > many:
            parts.append(f"{len(unknown) - many:,} drugs without a known target")
    size = group_means(np.linalg.norm(bench.truth.values, axis=1)[:, None], item, len(found))[:, 0]
    words = f" ({' and '.join(parts)} left out)" if parts else ""
    return Entities(
        what,
        direct,
        tuple(key[0] for key in found),
        np.asarray([key[1] for key in found], dtype=np.int64),
        item,
        size,
        words,
    )
