"""Neighbourhood: genes that were perturbed in training, and which of them are partners of a drug's targets."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.bands import even_bands
from vcassay.arrays.group_means import group_means
from vcassay.arrays.unit_rows import unit_rows
from vcassay.core.memo import once
from vcassay.evidence.biology.bench import Arm, Bench
from vcassay.evidence.biology.pathway.entities import Entities
from vcassay.evidence.biology.pathway.pairs import Pairs, find_pairs, unite

Array = NDArray[np.float64]
Codes = NDArray[np.int64]

SPLIT_FROM = (16, 45)
"""Perturbed genes from which strengths, or levels of expression, are told apart in two and in three groups."""


class Genetic(NamedTuple):
    """Genes that are perturbed in training.

    Attributes
    ----------
    genes, direction
        Of m perturbed genes, those of one direction together.
    item
        (n,) gene of each training condition; -1 for others.
    contexts
        (n,) of the training conditions.
    size
        (m,) mean length of the effects.
    stratum
        (m,) genes of like strength and expression.
    """

    genes: tuple[str, ...]
    direction: Codes
    item: Codes
    contexts: NDArray[np.str_]
    size: Array
    stratum: Codes

    def whole(self, rows: Array) -> Array:
        """(m, d) means of (n, d) training rows by gene, over all contexts."""
        return group_means(rows, self.item, len(self.genes))

    def in_context(self, rows: Array, whole: Array, context: str) -> Array:
        """(m, d) means in one context; over all of them for genes that were not tried there."""
        at = np.flatnonzero((self.contexts == context) & (self.item >= 0))
        if not len(at):
            return whole
        out = whole.copy()
        own, code = np.unique(self.item[at], return_inverse=True)
        out[own] = group_means(rows[at], code, len(own))
        return out


@once
def find_genetic(bench: Bench) -> Genetic:
    """Genes perturbed alone in training."""
    agents = bench.agents
    table, effects = bench.trained
    agent = agents.of(table)
    keys = [(gene, int(d)) for gene, d in zip(agents.gene, agents.direction, strict=True)]
    use = (agent >= 0) & np.array([bool(g) for g in agents.gene], dtype=np.bool_)[agent]
    found = sorted({keys[i] for i in np.unique(agent[use]).tolist()})
    place = {key: i for i, key in enumerate(found)}
    code = np.array([place.get(key, -1) for key in keys] + [-1], dtype=np.int64)
    item = np.where(use, code[agent], -1)
    size = group_means(np.linalg.norm(effects, axis=1)[:, None], item, len(found))[:, 0]
    level = bench.effects.control_train[bench.split.train].mean(axis=0) if len(table) else np.zeros(len(bench.genes))
    column = [agents.measured.get(gene, -1) for gene, _ in found]
    expression = np.array([level[c] if c >= 0 else np.nan for c in column])
    parts = 1 + sum(len(found) >= least for least in SPLIT_FROM)
    wide = 2 if len(found) >= 2 * SPLIT_FROM[-1] else 1
    stratum = even_bands(size, parts) * (wide + 1) + even_bands(expression, wide)
    genes = tuple(gene for gene, _ in found)
    return Genetic(genes, np.asarray([d for _, d in found], dtype=np.int64), item, table.context, size, stratum)


def training_rows(bench: Bench) -> Array:
    """(n, g) effects of training on genes that count, less each knock-down's own gene."""
    genetic, (_, effects) = find_genetic(bench), bench.trained
    rows = np.where(bench.mask.any(axis=0), effects, 0.0)
    at = np.flatnonzero(genetic.item >= 0)
    own = np.array([bench.agents.measured.get(genetic.genes[i], -1) for i in genetic.item[at].tolist()], dtype=np.int64)
    rows[at[own >= 0], own[own >= 0]] = 0.0
    return rows


class Partners(NamedTuple):
    """Partners of the targets of drugs among the genes perturbed in training.

    Attributes
    ----------
    member
        (n, m) 1 for partners, -1 for those known to counteract the target, turned by the direction of the perturbation
        of the gene; 0 for others and for the targets themselves.
    own
        (n, m) the targets themselves.
    pairs
        What the resources know of targets and perturbed genes.
    """

    member: Array
    own: NDArray[np.bool_]
    pairs: tuple[Pairs, ...]


def find_partners(bench: Bench, entities: Entities, genetic: Genetic) -> Partners:
    """Look up which perturbed genes share a relation or a moderate gene set with a target of each entity."""
    names = sorted({gene for own in entities.members for gene in own} | set(genetic.genes))
    pairs = find_pairs(names, bench.knowledge)
    joined = unite(pairs)
    at = {name: i for i, name in enumerate(names)}
    n = len(names)
    known = np.zeros((n, n), dtype=np.int8)
    value = np.where(joined.sign == 0, 1, joined.sign).astype(np.int8)
    known[joined.left, joined.right] = known[joined.right, joined.left] = value
    column = np.array([at[gene] for gene in genetic.genes], dtype=np.int64)
    member = np.zeros((len(entities.members), len(column)))
    own = np.zeros(member.shape, dtype=np.bool_)
    for i, targets in enumerate(entities.members):
        rows = np.array([at[t] for t in targets], dtype=np.int64)
        told = known[np.ix_(rows, column)]
        member[i] = np.where((told > 0).any(axis=0), 1.0, np.where((told < 0).any(axis=0), -1.0, 0.0))
        own[i] = np.isin(column, rows)
    member[own] = 0.0
    return Partners(member, own, pairs)


def towards_genes(bench: Bench, arm: Arm, entities: Entities, *, embedding: bool = False) -> Array:
    """Signed cosines of an arm's effects of drugs and the measured training effects of perturbed genes.

    Returns
    -------
    (n, m) means over the contexts of an entity; multiplied by the directions of both, so that an inhibitor which acts
    as a knock-down, and not as an activation, is positive; without sign where a direction is not known. NaN for an
    entity that is not answered. With ``embedding``, of places in it.
    """
    genetic = find_genetic(bench)
    item = np.where(arm.known, entities.item, -1)
    if embedding and arm.embedding is not None:
        left, right = arm.embedding[bench.split.test], arm.embedding[bench.split.train]
        item = np.where(np.isfinite(left).all(axis=1), item, -1)
        placed = np.isfinite(right).all(axis=1)
        genetic = genetic._replace(item=np.where(placed, genetic.item, -1))
    else:
        left, right = arm.values, training_rows(bench)
    n, m = len(entities.members), len(genetic.genes)
    total, count = np.zeros((n, m)), np.zeros(n)
    whole, tried = genetic.whole(right), set(genetic.contexts[genetic.item >= 0].tolist())
    unit = unit_rows(whole)
    for context in np.unique(bench.table.context[item >= 0]).tolist():
        at = np.flatnonzero((bench.table.context == context) & (item >= 0))
        here, code = np.unique(item[at], return_inverse=True)
        genes = unit if context not in tried else unit_rows(genetic.in_context(right, whole, context))
        total[here] += unit_rows(group_means(left[at], code, len(here))) @ genes.T
        count[here] += 1
    with np.errstate(invalid="ignore", divide="ignore"):
        cosine = np.where(count[:, None] > 0, total / count[:, None], np.nan)
    sign = entities.direction[:, None] * genetic.direction[None, :]
    return np.asarray(np.where(sign == 0, np.abs(cosine), sign * cosine))
