"""Knowledge: the prior resources that a study hands in, and what they tell of its screen."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from vcassay.claim import Essential, Related, find_related, read_essential
from vcassay.core import Conditions
from vcassay.knowledge import (
    Knowledge,
    Relations,
    Signature,
    read_cell_lines,
    read_compounds,
    read_features,
    read_gene_sets,
    read_genes,
    read_relations,
    read_siblings,
    read_signature,
)
from vcassay.run.study import ResourceSection, Study


def load_knowledge(study: Study, folder: Path) -> Knowledge:
    """Read what [knowledge] names.

    Raises
    ------
    InputError
        If a file cannot be read, or is not of the kind that its key says.
    """
    section = study.knowledge

    def each(entries: Sequence[ResourceSection], read: Any) -> Any:
        return tuple(read(folder / e.path, **_facts(e)) for e in entries)

    return Knowledge(
        features=each(section.features, read_features),
        siblings=read_siblings(folder / section.siblings.path) if section.siblings else (),
        gene_sets=each(section.gene_sets, read_gene_sets),
        relations=tuple(_relations(e, folder) for e in section.relations),
        compounds=each(section.compounds, read_compounds),
        genes=read_genes(folder / section.genes.path, **_facts(section.genes)) if section.genes else None,
        cell_lines=read_cell_lines(folder / section.cell_lines.path, **_facts(section.cell_lines))
        if section.cell_lines
        else None,
    )


def load_essential(study: Study, folder: Path) -> Essential | None:
    """Read the list of essential genes that the user names."""
    entry = study.knowledge.essential
    return None if entry is None else read_essential(folder / entry.path)


def load_signature(study: Study, folder: Path) -> Signature | None:
    """Read the signature that the user wants.

    Raises
    ------
    InputError
        If the file cannot be read, or is no signature.
    """
    entry = study.utility.signature
    return None if entry is None else read_signature(folder / entry.path, **_facts(entry))


def relate(study: Study, conditions: Conditions, knowledge: Knowledge) -> Related:
    """Compare a screen's perturbations and contexts by what is known."""
    return find_related(conditions, knowledge, tier=study.split.tier or "structure")


def _relations(entry: ResourceSection, folder: Path) -> Relations:
    pairs = read_relations(folder / entry.path, entry.kind or "network neighbour", **_facts(entry))
    return pairs if entry.at_least is None else pairs.at_least(entry.at_least)


def _facts(entry: ResourceSection) -> dict[str, Any]:
    return {"name": entry.name, "released": entry.released, "licence": entry.licence}
