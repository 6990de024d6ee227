"""Columns: the groups of conditions that a split can keep together, beyond what the screen annotates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from vcassay.claim.kind import drug_parts
from vcassay.claim.related import Related, annotated
from vcassay.core import Conditions, InputError
from vcassay.knowledge import Knowledge, match, structures

COLUMNS = {
    "batch": "the batches (plates, libraries) of a condition's rows",
    "family": "kin of perturbations, as [knowledge] tells it",
    "context-family": "kin of contexts: descent and donors",
    "scaffold": "Murcko scaffolds of compounds",
    "target": "targets of compounds",
    "moa": "mechanisms of compounds",
    "set": "gene sets (pathways, complexes) that hold a gene",
}
"""Columns that are worked out where the conditions have none of that name."""


def group_values(
    conditions: Conditions,
    column: str,
    related: Related | None,
    knowledge: Knowledge,
    batches: Sequence[Sequence[str]] | None,
) -> Sequence[Sequence[str]] | None:
    """Work out a column for `vcassay.claim.makers.group_exclusive`.

    Returns
    -------
    (n,) groups of each condition, or ``None`` where the conditions' own annotation answers.

    Raises
    ------
    InputError
        If what the column needs was not handed in.
    """
    where = f"[split] column = '{column}'"
    if column in conditions.annotation or column not in COLUMNS:
        return None
    if column == "batch":
        if batches is None:
            raise InputError("the screen has no batches", where=where, mend="name the batch column in [data]")
        return batches
    if column == "context-family":
        if related is None or related.contexts is None:
            mend = "name cell_lines or siblings in [knowledge]"
            raise InputError("kin of contexts is not known", where=where, mend=mend)
        first = {name: members[0] for members in related.contexts.members for name in members}
        return [(first[c],) for c in conditions.context.tolist()]
    return _by_part(conditions, _parts(conditions, column, related, knowledge, where))


def _parts(
    conditions: Conditions, column: str, related: Related | None, knowledge: Knowledge, where: str
) -> Mapping[str, Sequence[str]]:
    """Groups of each part of a perturbation."""
    if column == "family":
        if related is None or related.perturbations is None:
            mend = "name compounds, relations or gene_sets in [knowledge]"
            raise InputError("kin of perturbations is not known", where=where, mend=mend)
        return {name: (first,) for name, first in related.families().items()}
    if column == "set":
        if not knowledge.gene_sets:
            raise InputError("no gene sets are known", where=where, mend="name gene_sets in [knowledge]")
        return _sets(conditions, knowledge)
    compounds = sorted(drug_parts(conditions))
    found, _ = annotated(conditions, compounds, knowledge)
    if column == "scaffold":
        shape = structures(compounds, list(found.smiles), list(found.inchikey), chemistry=True)
        return {name: (core,) for name, core in zip(compounds, shape.scaffold, strict=True) if core}
    return dict(zip(compounds, found.targets if column == "target" else found.moa, strict=True))


def _sets(conditions: Conditions, knowledge: Knowledge) -> dict[str, list[str]]:
    names = sorted({p for parts in conditions.parts for p in parts})
    held: dict[str, list[str]] = {}
    for own in knowledge.gene_sets:
        found = match(names, own.genes, resource=own.resource.name, genes=knowledge.genes).found
        for title, members in own.restrict(found).sets.items():
            for gene in members:
                held.setdefault(gene, []).append(title)
    return held


def _by_part(conditions: Conditions, groups: Mapping[str, Sequence[str]]) -> list[tuple[str, ...]]:
    return [tuple(dict.fromkeys(g for p in parts for g in groups.get(p, ()))) for parts in conditions.parts]
