"""Pairs: which genes are known to belong together, resource by resource."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from vcassay.core import Threshold
from vcassay.knowledge import GeneSets, Knowledge, Matched, Relations, match

Codes = NDArray[np.int64]

SMALLEST_SET = Threshold("pathway_smallest", 3, "a set of two is a pair that relations state (proposal)")
LARGEST_SET = Threshold("pathway_largest", 100, "genes of a set that says something of each pair in it (proposal)")
NO_PATHWAY = ("paralog", "homolog", "ortholog")
"""Kinds of relations, by part of the word, that are likeness of sequence and no pathway or complex."""


class Pairs(NamedTuple):
    """Known pairs of one resource.

    Attributes
    ----------
    resource
        Its name.
    left, right
        (m,) positions of the names that were asked for, left < right, each pair once.
    sign
        (m,) -1 for partners that counteract, 1 for partners of one direction, 0 where that is not known.
    coverage
        How many of the names it knows, in words.
    direct
        Whether it states pairs; otherwise pairs are members of one set.
    """

    resource: str
    left: Codes
    right: Codes
    sign: Codes
    coverage: str
    direct: bool = True


def find_pairs(names: Sequence[str], knowledge: Knowledge) -> tuple[Pairs, ...]:
    """Known pairs among some genes, by every relation and every collection of sets of moderate size.

    A relation's weights are signs only where one of them is negative. Sets count with `SMALLEST_SET` to `LARGEST_SET`
    genes in their file. Relations of likeness, such as paralogs, are none of a pathway.
    """
    out = []
    for relation in knowledge.relations:
        if not any(word in relation.kind.lower() for word in NO_PATHWAY):
            found = match(names, relation.names, resource=relation.resource.name, genes=knowledge.genes)
            out.append(_related(names, relation, found))
    for family in knowledge.gene_sets:
        small = moderate(family)
        found = match(names, small.genes, resource=family.resource.name, genes=knowledge.genes)
        out.append(_sharing(names, small, found))
    return tuple(out)


def moderate(family: GeneSets) -> GeneSets:
    """Sets of `SMALLEST_SET` to `LARGEST_SET` genes."""
    return family.restrict({g: g for g in family.genes}, int(SMALLEST_SET.value), int(LARGEST_SET.value))


def _related(names: Sequence[str], relation: Relations, found: Matched) -> Pairs:
    own = relation.restrict(found.found)
    at = {name: i for i, name in enumerate(names)}
    place = np.asarray([at[name] for name in own.names], dtype=np.int64)
    signed = bool((relation.weight < 0).any())
    sign = np.sign(np.nan_to_num(own.weight)).astype(np.int64) if signed else np.zeros(len(own), dtype=np.int64)
    ends = place[np.stack([own.left, own.right])] if len(own) else np.zeros((2, 0), dtype=np.int64)
    low, high = np.sort(ends, axis=0)
    order = np.lexsort((high, low))
    return Pairs(relation.resource.name, low[order], high[order], sign[order], _matched(found))


def _sharing(names: Sequence[str], family: GeneSets, found: Matched) -> Pairs:
    member = family.restrict(found.found, smallest=2).membership(names).astype(np.int32)
    both = sparse.triu(member @ member.T, k=1).tocoo()
    order = np.lexsort((both.col, both.row))
    low, high = both.row[order].astype(np.int64), both.col[order].astype(np.int64)
    words = f"sharing a set of {SMALLEST_SET.value:g} to {LARGEST_SET.value:g} genes"
    sign = np.zeros(len(low), dtype=np.int64)
    return Pairs(f"{family.resource.name} ({words})", low, high, sign, _matched(found), direct=False)


def _matched(found: Matched) -> str:
    return f"{found.resource} knows {len(found.found):,} of {len(found.wanted):,}"


class Union(NamedTuple):
    """Pairs of several resources, each once."""

    left: Codes
    right: Codes
    sign: Codes


def unite(pairs: Sequence[Pairs | Union]) -> Union:
    """Join pairs; of one that several state, a known sign wins, and signs that contradict are not known."""
    left, right, sign = (
        np.concatenate([np.zeros(0, dtype=np.int64), *(own[k] for own in rows)])
        for k, rows in ((k, [(p.left, p.right, p.sign) for p in pairs]) for k in range(3))
    )
    if not len(left):
        return Union(left, right, sign)
    (low, high), which = np.unique(np.stack([left, right]), axis=1, return_inverse=True)
    which = which.reshape(-1)
    up, down = np.zeros(len(low), dtype=np.int64), np.zeros(len(low), dtype=np.int64)
    np.add.at(up, which, sign > 0)
    np.add.at(down, which, sign < 0)
    return Union(low, high, (up > 0).astype(np.int64) - (down > 0).astype(np.int64))


def count_partners(names: Sequence[str], knowledge: Knowledge) -> dict[str, int]:
    """Partners that resources know of each gene, perturbed or not, added up over resources."""
    out = dict.fromkeys(names, 0)
    for relation in knowledge.relations:
        if not any(word in relation.kind.lower() for word in NO_PATHWAY):
            degree = np.bincount(np.concatenate([relation.left, relation.right]), minlength=len(relation.names))
            number = dict(zip(relation.names, degree.tolist(), strict=True))
            found = match(names, relation.names, genes=knowledge.genes).found
            for name, theirs in found.items():
                out[name] += number[theirs]
    for family in knowledge.gene_sets:
        small = moderate(family)
        holds: dict[str, set[str]] = {}
        found = match(names, small.genes, genes=knowledge.genes).found
        wanted = set(found.values())
        for members in small.sets.values():
            for gene in wanted.intersection(members):
                holds.setdefault(gene, set()).update(members)
        for name, theirs in found.items():
            out[name] += len(holds.get(theirs, (theirs,))) - 1
    return out
