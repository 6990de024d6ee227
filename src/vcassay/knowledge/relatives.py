"""Relatives: which compounds, genes and contexts are too alike to be parted by a split."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from vcassay.core import Threshold
from vcassay.knowledge.cellosaurus import CellLines
from vcassay.knowledge.compounds import Compounds
from vcassay.knowledge.contexts import Siblings
from vcassay.knowledge.gene_sets import GeneSets
from vcassay.knowledge.genes import Genes
from vcassay.knowledge.groups import Groups, Links, group, link_labels
from vcassay.knowledge.identifiers import Matched, match
from vcassay.knowledge.relations import Relations
from vcassay.knowledge.salts import is_ester_word
from vcassay.knowledge.similarity import similar_pairs
from vcassay.knowledge.structure import Structures

SIMILAR = Threshold("group_tanimoto", 0.8, "proposal: Tanimoto of ECFP4 from which compounds go together")

MAX_TARGETS = Threshold("kin_targets", 3, "more targets are promiscuity or a merged list, and sharing one says little")

PARENT, CONNECTIVITY, NAME, TANIMOTO = "same parent structure", "same InChIKey connectivity", "same name", "Tanimoto"
MECHANISM, TARGET, SET, STATED = "same mechanism", "same target", "both in", "related as stated"
"""Reasons for which two items are joined."""


def compound_groups(
    structures: Structures, annotation: Compounds | None = None, *, threshold: float | None = None
) -> Groups:
    """Join compounds of one parent structure, one connectivity, or similar structure.

    Names alone join two compounds when they differ by words for a salt or solvate and one of them has no structure to
    ask; the detail of such a pair says when a word may have told an ester.

    Parameters
    ----------
    annotation
        Handed in for the hard tier: compounds that share a mechanism are joined as well, and those that share a target
        where both list at most `MAX_TARGETS`. Sources list targets by letter, so that the first is not the primary one.
    threshold
        Tanimoto coefficient; `SIMILAR` when ``None``. Without fingerprints no pair is joined by similarity, and
        ``structures.reason`` says so.

    Returns
    -------
    Groups whose ``unknown`` are the compounds without a structure that was understood.

    Raises
    ------
    ValueError
        If the annotation is of other compounds.
    """
    links = [
        link_labels(PARENT, structures.parent),
        link_labels(CONNECTIVITY, structures.connectivity),
        _names(structures),
    ]
    if structures.bits is not None:
        left, right, value = similar_pairs(structures.bits, float(SIMILAR) if threshold is None else threshold)
        links.append(Links(TANIMOTO, left, right, tuple(f"{v:.2f}" for v in value.tolist())))
    if annotation is not None:
        if annotation.ids != structures.names:
            raise ValueError("the annotation is not of the compounds of the structures")
        links.append(link_labels(MECHANISM, annotation.moa))
        few = [own if len(own) <= MAX_TARGETS.value else () for own in annotation.targets]
        links.append(link_labels(TARGET, few))
    return group(structures.names, links, (*structures.missing, *structures.unparsed))


def gene_groups(
    wanted: Sequence[str],
    relations: Sequence[Relations] = (),
    sets: Sequence[GeneSets] = (),
    genes: Genes | None = None,
) -> tuple[Groups, tuple[Matched, ...]]:
    """Join genes that are partners in a relation (paralogs, neighbours in a network) or members of one set (a complex).

    Parameters
    ----------
    relations
        Thinned to the pairs that count (`Relations.at_least`).
    sets
        Small ones, such as complexes: a pathway or a GO term joins genes that have little to do with one another.

    Returns
    -------
    Groups whose ``unknown`` are the genes that no resource has, and the coverage of each resource. Dense networks join
    nearly all genes in one group: look at ``largest``.
    """
    names = tuple(dict.fromkeys(wanted))
    at = {name: i for i, name in enumerate(names)}
    links, coverage = [], []
    for resource in relations:
        matched = match(names, resource.names, resource=resource.resource.name, genes=genes)
        own = resource.restrict(matched.found)
        place = np.asarray([at[name] for name in own.names], dtype=np.int64)
        weights = tuple("" if np.isnan(w) else f"{w:g}" for w in own.weight.tolist())
        links.append(Links(f"{own.kind} ({own.resource.name})", place[own.left], place[own.right], weights))
        coverage.append(matched)
    for family in sets:
        matched = match(names, family.genes, resource=family.resource.name, genes=genes)
        holds: list[list[str]] = [[] for _ in names]
        for title, members in family.restrict(matched.found, smallest=2).sets.items():
            for member in members:
                holds[at[member]].append(title)
        links.append(link_labels(SET, holds))
        coverage.append(matched)
    found = {name for matched in coverage for name in matched.found}
    return group(names, links, [name for name in names if name not in found]), tuple(coverage)


def context_groups(
    contexts: Sequence[str], lines: CellLines | None = None, siblings: Siblings = ()
) -> tuple[Groups, Matched | None]:
    """Join contexts that are one cell line, parent and child, of one individual or donor, or stated to be related.

    Two lines are joined through a third that is not among the contexts, too; the reason tells the way.

    Returns
    -------
    Groups whose ``unknown`` are the contexts of which neither resource knows, and the coverage of the cell lines.
    """
    names = tuple(dict.fromkeys(contexts))
    stated = {name: f"({', '.join(family)})" for family in siblings for name in family}
    links = [link_labels(STATED, [stated.get(name, "") for name in names])]
    matched = None if lines is None else lines.find(names)
    if lines is not None and matched is not None:
        accession = [matched.found.get(name, "") for name in names]
        links.append(link_labels("same cell line", accession))
        links.append(_descent(lines, accession))
    known = {*stated, *(matched.found if matched else ())}
    return group(names, links, [name for name in names if name not in known]), matched


def _names(structures: Structures) -> Links:
    """Pairs of one name without salt, where at least one of the two has no structure."""
    classes: dict[str, list[int]] = {}
    for i, name in enumerate(structures.parent_names):
        classes.setdefault(name, []).append(i)
    left, right, detail = [], [], []
    for name, own in classes.items():
        bare = [i for i in own if not structures.parent[i]]
        for i in own if bare else ():
            if i != bare[0]:
                words = sorted({w for j in (i, bare[0]) for w in structures.removed[j] if is_ester_word(w)})
                left.append(bare[0])
                right.append(i)
                detail.append(f"{name} (or an ester: {', '.join(words)})" if words else name)
    return Links(NAME, np.asarray(left, dtype=np.int64), np.asarray(right, dtype=np.int64), tuple(detail))


def _descent(lines: CellLines, accession: Sequence[str]) -> Links:
    """Pairs of contexts whose lines are in one family, each with the steps from one to the other."""
    related = lines.related()
    family = dict(zip(related.names, related.group.tolist(), strict=True))
    title = dict(zip(lines.accessions, lines.names, strict=True))
    first: dict[int, int] = {}
    left, right, detail = [], [], []
    for i, own in enumerate(accession):
        if own not in family:
            continue
        before = first.setdefault(family[own], i)
        if accession[before] == own:
            continue
        steps = related.why(accession[before], own)
        told = (f"{title.get(s.left) or s.left} and {title.get(s.right) or s.right}: {s.reasons[0]}" for s in steps)
        left.append(before)
        right.append(i)
        detail.append("; ".join(told))
    return Links("", np.asarray(left, dtype=np.int64), np.asarray(right, dtype=np.int64), tuple(detail))
