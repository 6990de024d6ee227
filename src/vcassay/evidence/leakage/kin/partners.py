"""Partners: which genes of a study are joined by a resource, and how many would be by chance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.special import gammaln

from vcassay.knowledge import Genes, GeneSets, Knowledge, Matched, Relations, match

CHUNK = 256
"""Genes whose partners are held as a dense block at a time."""

Array = NDArray[np.float64]
Codes = NDArray[np.int64]
Flags = NDArray[np.bool_]


def partner_by_chance(degree: NDArray[np.integer], n_trained: int, n_genes: int) -> Array:
    """Probability that a test gene has a partner in training when roles are dealt to genes at random.

    The trained genes are then a random subset of the other ``n_genes - 1``: 1 - C(N - 1 - d, n) / C(N - 1, n).

    Parameters
    ----------
    degree
        (m,) partners d of each test gene among the N genes of the study.
    n_trained
        Genes in training, n.
    n_genes
        Genes of the study, N, the test gene among them.

    Returns
    -------
    (m,) probability; 1 where fewer than n of the other genes are no partners.
    """
    d, others = np.asarray(degree, dtype=np.float64), float(n_genes - 1)
    left = others - d
    sure = left < n_trained
    left = np.where(sure, n_trained, left)
    log = gammaln(left + 1) - gammaln(left - n_trained + 1) - gammaln(others + 1) + gammaln(others - n_trained + 1)
    return np.asarray(np.where(sure, 1.0, np.where(d > 0, -np.expm1(np.minimum(log, 0.0)), 0.0)))


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """One resource on the genes of a study.

    Attributes
    ----------
    name, kind
        What it is called, and what its partners are to each other.
    kin
        Whether its partners count as kin, or as neighbours in a network alone.
    matched
        Which of the study's genes it knows.
    joins
        (N, N) adjacency, or (N, sets) membership: two genes are partners where they share a column.
    sets
        Whether ``joins`` is a membership.
    """

    name: str
    kind: str
    kin: bool
    matched: Matched
    joins: sparse.csr_array
    sets: bool

    def partners(self, at: Codes) -> Flags:
        """(len(at), N) partners of some genes; none is its own."""
        rows = self.joins[at]
        found: Flags = np.asarray((rows @ self.joins.T if self.sets else rows).toarray() > 0)
        found[np.arange(len(at)), at] = False
        return found


def read_sources(names: Sequence[str], knowledge: Knowledge) -> tuple[Source, ...]:
    """Bring every resource of gene relations and gene sets to the genes of a study, kin first."""
    made = [_pairs(names, r, knowledge.genes) for r in knowledge.relations]
    made += [_sets(names, s, knowledge.genes) for s in knowledge.gene_sets]
    return tuple(sorted(made, key=lambda s: not s.kin))


def _pairs(names: Sequence[str], pairs: Relations, genes: Genes | None) -> Source:
    matched = match(names, pairs.names, resource=pairs.resource.name, genes=genes)
    place = {name: i for i, name in enumerate(pairs.names)}
    rows = np.asarray([i for i, name in enumerate(names) if name in matched.found], dtype=np.int64)
    columns = np.asarray([place[matched.found[names[i]]] for i in rows.tolist()], dtype=np.int64)
    n, m = len(names), len(pairs.names)
    shown = sparse.csr_array((np.ones(len(rows), dtype=np.int32), (rows, columns)), shape=(n, m))
    ends = (np.concatenate([pairs.left, pairs.right]), np.concatenate([pairs.right, pairs.left]))
    whole = sparse.csr_array((np.ones(len(ends[0]), dtype=np.int32), ends), shape=(m, m))
    joins = sparse.csr_array(shown @ whole @ shown.T)
    facts = pairs.resource
    return Source(facts.name, pairs.kind, facts.kin, matched, joins, sets=False)


def _sets(names: Sequence[str], family: GeneSets, genes: Genes | None) -> Source:
    matched = match(names, family.genes, resource=family.resource.name, genes=genes)
    member = family.restrict(matched.found, smallest=2).membership(names).astype(np.int32)
    facts = family.resource
    return Source(facts.name, "in one set", facts.kin, matched, sparse.csr_array(member), sets=True)


@dataclass(frozen=True, slots=True, eq=False)
class Partners:
    """Partners of test genes by some sources taken together.

    Attributes
    ----------
    known
        (m,) whether any of the sources knows the gene.
    degree
        (m,) partners among the genes of the study.
    trained
        (m,) how many of these are trained.
    example, by
        (m,) first trained partner (position among the study's genes) and the source that tells it; -1 for none.
    """

    known: Flags
    degree: Codes
    trained: Codes
    example: Codes
    by: Codes

    @property
    def touched(self) -> Flags:
        """(m,) test genes with a partner in training."""
        return np.asarray(self.trained > 0)


def find_partners(names: Sequence[str], at: Codes, in_training: Flags, sources: Sequence[Source]) -> Partners:
    """Count the partners of the genes at some positions, each partner once however many sources tell it.

    Parameters
    ----------
    names
        N genes of the study.
    at
        (m,) positions of the test genes.
    in_training
        (N,) genes that are trained.
    """
    m = len(at)
    known = np.zeros(m, dtype=np.bool_)
    for source in sources:
        known |= np.asarray([names[i] in source.matched.found for i in at.tolist()], dtype=np.bool_)
    degree, trained = np.zeros(m, dtype=np.int64), np.zeros(m, dtype=np.int64)
    example, by = np.full(m, -1, dtype=np.int64), np.full(m, -1, dtype=np.int64)
    for start in range(0, m, CHUNK):
        part = slice(start, start + CHUNK)
        joined = np.zeros((len(at[part]), len(names)), dtype=np.bool_)
        for k, source in enumerate(sources):
            own = source.partners(at[part])
            hits = own & in_training
            first = hits.any(axis=1) & (by[part] < 0)
            by[part][first] = k
            example[part][first] = hits[first].argmax(axis=1)
            joined |= own
        degree[part], trained[part] = joined.sum(axis=1), (joined & in_training).sum(axis=1)
    return Partners(known, degree, trained, example, by)
