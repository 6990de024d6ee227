"""Prior features of perturbations and contexts, whatever they were handed in as, under the study's own names."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from vcassay.claim.kind import drug_parts, gene_of, modality_of
from vcassay.claim.related import MARKS, annotated
from vcassay.core import Conditions
from vcassay.evidence.baselines.coverage import Coverage, Found, covered, kept, looked_up, under
from vcassay.knowledge import (
    CellLines,
    Features,
    GeneSets,
    Knowledge,
    Matched,
    Relations,
    annotation_pca,
    fingerprints,
    match,
    match_contexts,
    network_embedding,
    structures,
)

Array = NDArray[np.float64]

PROTEINS = ("cytokine", "ligand", "protein")
"""Parts of a modality that tell an agent which is the product of a gene and bears its name."""


def prior_features(conditions: Conditions, knowledge: Knowledge) -> tuple[tuple[Features, ...], tuple[Coverage, ...]]:
    """Features of the parts of all perturbations, and the coverage of each source.

    Features handed in come first, then components of gene sets and networks, fingerprints of compounds, and targets
    and mechanisms as labels. Nothing here is measured on the screen: names of test perturbations are looked up as those
    of training ones.
    """
    names = _names(conditions)
    found: Found = [looked_up(handed, names, knowledge) for handed in knowledge.features]
    found += gene_features(conditions, knowledge)
    found += compound_features(conditions, knowledge)
    for block in label_features(conditions, knowledge):
        matched = match(names, block.ids, resource=block.name)
        found.append((block, Coverage(block.name, block.kind, "perturbation", block.matrix.shape[1], matched)))
    return kept(found)


def context_prior(conditions: Conditions, knowledge: Knowledge) -> tuple[tuple[Features, ...], tuple[Coverage, ...]]:
    """Features of all contexts, and the coverage of each source.

    Features handed in are matched by name, then as names of one cell line where cell lines are handed in; the facts of
    cell lines (disease, sex, species, tissue) are labels, one column each.
    """
    contexts = sorted(set(conditions.context.tolist()))
    found: Found = []
    for handed in knowledge.context_features:
        handed.of(contexts)  # refuses one that lies on its side
        matched = match_contexts(contexts, handed.ids, knowledge.cell_lines, resource=handed.name)
        block = under(handed, matched)
        found.append((block, covered(block, "context", matched, handed.resource)))
    lines = knowledge.cell_lines
    if lines is not None and lines.labels:
        block, matched = _facts(contexts, lines)
        found.append((block, covered(block, "context", matched, lines.resource, ", ".join(lines.labels))))
    return kept(found)


def embeddings(knowledge: Knowledge) -> tuple[Features, ...]:
    """Features of all genes of every resource: components of gene sets, then coordinates of networks."""
    return (*map(annotation_pca, knowledge.gene_sets), *map(network_embedding, knowledge.relations))


def gene_features(conditions: Conditions, knowledge: Knowledge) -> Found:
    """Components of gene sets and networks for genes, for proteins that are added to cells, and for compounds.

    A compound is the mean of its known targets, so that it lies near their knock-downs.
    """
    sources: list[GeneSets | Relations] = [*knowledge.gene_sets, *knowledge.relations]
    if not sources:
        return []
    genes, targets = gene_names(conditions), targets_of(conditions, knowledge)
    if not genes and not targets:
        kinds = {GeneSets: "annotation", Relations: "network"}
        none = [(kinds[type(s)], match((), (), resource=s.resource.name), s.resource) for s in sources]
        return [(None, Coverage(m.resource, kind, "perturbation", 0, m, file)) for kind, m, file in none]
    made = knowledge.embeddings or embeddings(knowledge)
    found: Found = []
    for source, embedding in zip(sources, made, strict=True):
        block, coverage = looked_up(embedding, genes, knowledge)
        block, told = by_targets(block, embedding, targets, knowledge)
        note = _note(source, embedding) + (f"; {told} compounds are the mean of their targets" if told else "")
        columns = block.matrix.shape[1] if len(block.ids) else 0
        found.append((block, replace(coverage, columns=columns, note=note)))
    return found


def targets_of(conditions: Conditions, knowledge: Knowledge) -> dict[str, tuple[str, ...]]:
    """Known targets of each compound that has any."""
    drugs = drug_parts(conditions)
    found, _ = annotated(conditions, [n for n in _names(conditions) if n in drugs], knowledge)
    return {name: own for name, own in zip(found.ids, found.targets, strict=True) if own}


def by_targets(
    block: Features, embedding: Features, targets: Mapping[str, tuple[str, ...]], knowledge: Knowledge
) -> tuple[Features, int]:
    """Rows of compounds added to those of genes: each the mean of its targets that a resource knows.

    Returns
    -------
    The block, and how many compounds were added; one that the block has already stays as it is.
    """
    new = [name for name in targets if name not in set(block.ids)]
    wanted = list(dict.fromkeys(t for name in new for t in targets[name]))
    if not wanted:
        return block, 0
    known, _ = looked_up(embedding, wanted, knowledge)
    place = {gene: i for i, gene in enumerate(known.ids)}
    rows = {name: [place[t] for t in targets[name] if t in place] for name in new}
    rows = {name: own for name, own in rows.items() if own}
    means = [known.matrix[own].mean(axis=0) for own in rows.values()]
    if not means:
        return block, 0
    matrix = np.array([*(block.matrix if len(block.ids) else ()), *means])
    return replace(block, ids=(*block.ids, *rows), matrix=matrix), len(rows)


def gene_names(conditions: Conditions) -> list[str]:
    """Parts of perturbations that are genes, or proteins that are added to cells and bear a gene's name."""
    drugs = drug_parts(conditions)
    rows = zip(conditions.parts, modality_of(conditions).tolist(), strict=True)
    proteins = {p for parts, word in rows if any(x in word for x in PROTEINS) for p in parts}
    return [n for n in _names(conditions) if n not in drugs or n in proteins]


def compound_features(conditions: Conditions, knowledge: Knowledge) -> Found:
    """Fingerprints of compounds, from the conditions' own annotation or tables; and the coverage of each table."""
    drugs = drug_parts(conditions)
    compounds = [n for n in _names(conditions) if n in drugs]
    annotation, tables = annotated(conditions, compounds, knowledge)
    found: Found = [
        (None, Coverage(table.resource.name, "compounds", "perturbation", 0, matched, table.resource))
        for table, matched in zip(knowledge.compounds, tables, strict=True)
    ]
    if not any(annotation.smiles):
        return found
    shape = structures(compounds, list(annotation.smiles), list(annotation.inchikey))
    block = fingerprints(shape)
    matched = match(compounds, () if block is None else block.ids, resource="fingerprints")
    note = shape.reason or f"Morgan fingerprints of radius 2 ({shape.method})"
    if shape.unparsed:
        note += f"; {len(shape.unparsed)} of the structures could not be read"
    columns = 0 if block is None else block.matrix.shape[1]
    found.append((block, Coverage("fingerprints", "fingerprint", "perturbation", columns, matched, None, note)))
    return found


def label_features(conditions: Conditions, knowledge: Knowledge) -> tuple[Features, ...]:
    """Annotated targets and mechanisms, one column each, from the conditions' own annotation and tables of compounds.

    A gene is its own target wherever compounds have targets, so that a compound and the knock-down of its target
    share a column, whichever alias the target is known by.
    """
    names = _names(conditions)
    drugs = drug_parts(conditions)
    found, _ = annotated(conditions, [n for n in names if n in drugs], knowledge)
    target = targets_of(conditions, knowledge)
    moa = {name: own for name, own in zip(found.ids, found.moa, strict=True) if own}
    for column, labels in (("target", target), ("moa", moa)):
        labels |= {k: v for k, v in own_labels(conditions, column).items() if k not in drugs}
    if target and drugs:
        genes = dict.fromkeys(gene_of(n) for n in names if n not in drugs)
        told = match(sorted({t for own in target.values() for t in own}), genes, genes=knowledge.genes).found
        target = {n: tuple(dict.fromkeys(told.get(t, t) for t in own)) for n, own in target.items()}
        target |= {n: (gene_of(n),) for n in names if n not in drugs and n not in target}
    return tuple(multi_hot(name, labels) for name, labels in (("targets", target), ("mechanisms", moa)) if labels)


def own_labels(conditions: Conditions, column: str) -> dict[str, tuple[str, ...]]:
    """Labels of an annotation column, by the part of the single perturbations that carry them."""
    out: dict[str, tuple[str, ...]] = {}
    for parts, text in zip(
        conditions.parts, conditions.annotation.get(column, np.zeros(0, "<U1")).tolist(), strict=False
    ):
        labels = tuple(x for raw in re.split(f"[{MARKS},]", text) if (x := raw.strip()))
        if len(parts) == 1 and labels:
            out.setdefault(parts[0], labels)
    return out


def multi_hot(name: str, labels: Mapping[str, tuple[str, ...]]) -> Features:
    """Labels as columns of 0 and 1, sorted by name."""
    terms = sorted({term for own in labels.values() for term in own})
    position = {term: j for j, term in enumerate(terms)}
    ids = sorted(labels)
    matrix = np.zeros((len(ids), len(terms)))
    for i, own in enumerate(ids):
        matrix[i, [position[term] for term in labels[own]]] = 1.0
    return Features(name, tuple(ids), matrix, kind="label", columns=tuple(terms))


def coexpression(conditions: Conditions, genes: NDArray[np.str_], embedding: Array) -> tuple[Features, ...]:
    """Control co-expression (g, k) of the perturbed genes that are measured; empty where none is."""
    position = {gene: i for i, gene in enumerate(genes.tolist())}
    names = [name for name in _names(conditions) if gene_of(name) in position]
    if not names or not embedding.shape[1]:
        return ()
    rows = embedding[[position[gene_of(name)] for name in names]]
    return (Features("control co-expression", tuple(names), rows, kind="coexpression"),)


def _names(conditions: Conditions) -> list[str]:
    return sorted({part for parts in conditions.parts for part in parts})


def _facts(contexts: Sequence[str], lines: CellLines) -> tuple[Features, Matched]:
    """Facts of cell lines as labels of contexts; a column that all contexts share is left out."""
    matched = lines.find(contexts)
    row = {accession: i for i, accession in enumerate(lines.accessions)}
    labels = {}
    for name, accession in matched.found.items():
        own = [(fact, v) for fact, column in lines.labels.items() for v in column[row[accession]]]
        labels[name] = tuple(dict.fromkeys(f"{fact}: {value}" for fact, value in own))
    block = multi_hot(lines.resource.name, labels)
    tells = np.ptp(block.matrix, axis=0) > 0 if len(block.ids) else np.zeros(0, dtype=bool)
    columns = tuple(c for c, yes in zip(block.columns, tells.tolist(), strict=True) if yes)
    return replace(block, matrix=block.matrix[:, tells], columns=columns, resource=lines.resource), matched


def _note(source: GeneSets | Relations, embedding: Features) -> str:
    """How an embedding was made, in words."""
    d = embedding.matrix.shape[1]
    if isinstance(source, GeneSets):
        own = f"{d} components of {len(source):,} sets over {len(embedding.ids):,} genes"
        return own + (f"; sets inherit by {source.ontology.name}" if source.ontology else "")
    apart = source.components()
    most = max(map(len, apart))
    own = f"{d} coordinates of {len(source):,} pairs of {len(source.names):,} names"
    if len(apart) == 1:
        return own
    return f"{own}, {len(source.names) - most:,} of them in {len(apart) - 1:,} components apart from the largest"
