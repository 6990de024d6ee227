"""Knowledge: the prior resources that a study hands in, and what they tell of its screen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from vcassay.claim import Essential, Related, find_related, read_essential
from vcassay.core import Conditions
from vcassay.evidence.baselines.coverage import Coverage
from vcassay.knowledge import (
    Features,
    GeneSets,
    Knowledge,
    Relations,
    Signature,
    annotation_pca,
    network_embedding,
    propagate,
    read_cell_lines,
    read_compounds,
    read_expectations,
    read_features,
    read_gene_sets,
    read_genes,
    read_ontology,
    read_regulons,
    read_relations,
    read_siblings,
    read_signature,
)
from vcassay.record import FeatureRecord
from vcassay.run.cache import Cache
from vcassay.run.resources import FeatureSection, RelationSection, ResourceSection, SetSection
from vcassay.run.study import Study


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
        context_features=each(section.context_features, read_features),
        siblings=read_siblings(folder / section.siblings.path) if section.siblings else (),
        gene_sets=tuple(_gene_sets(e, folder) for e in section.gene_sets),
        relations=tuple(_relations(e, folder) for e in section.relations),
        regulons=each(section.regulons, read_regulons),
        compounds=each(section.compounds, read_compounds),
        genes=read_genes(folder / section.genes.path, **_facts(section.genes)) if section.genes else None,
        cell_lines=read_cell_lines(folder / section.cell_lines.path, **_facts(section.cell_lines))
        if section.cell_lines
        else None,
        expectations=read_expectations(folder / section.expectations.path, **_facts(section.expectations))
        if section.expectations
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


def embedded(knowledge: Knowledge, cache: Cache) -> Knowledge:
    """Work out the embeddings of gene sets and networks, or restore those of the same content."""
    made = []
    sources: list[GeneSets | Relations] = [*knowledge.gene_sets, *knowledge.relations]
    for source in sources:
        if isinstance(source, GeneSets):
            make: Callable[[], Features] = partial(annotation_pca, source)
            depends: dict[str, Any] = {"kind": "annotation", "sets": sorted(source.sets.items())}
        else:
            make = partial(network_embedding, source)
            depends = {"kind": "network", "names": source.names, "left": source.left, "right": source.right}
            depends["weight"] = source.weight

        def compute(make: Callable[[], Features] = make) -> dict[str, NDArray[Any]]:
            return {"matrix": make().matrix}

        ids = source.genes if isinstance(source, GeneSets) else source.names
        matrix = cache.arrays("embedding", depends, compute)["matrix"]
        made.append(Features(source.resource.name, ids, matrix, source.resource, depends["kind"]))
    return replace(knowledge, embeddings=tuple(made))


def feature_records(coverage: Sequence[Coverage], public_since: date | None = None) -> tuple[FeatureRecord, ...]:
    """What baselines know of a study's names, as stored.

    Parameters
    ----------
    public_since
        Day since which the held-out truth is public: what was released later may hold it.
    """
    return tuple(_feature_record(own, public_since) for own in coverage)


def _feature_record(own: Coverage, public_since: date | None) -> FeatureRecord:
    file = own.resource
    later = None if file is None or public_since is None else file.later_than(public_since)
    return FeatureRecord(
        name=own.name,
        kind=own.kind,
        axis=own.axis,
        columns=own.columns,
        wanted=len(own.matched.wanted),
        matched=len(own.matched.found),
        ways=dict(Counter(own.matched.how[name] for name in own.matched.found)),
        unmatched=own.matched.unmatched,
        ambiguous={name: tuple(names) for name, names in own.matched.ambiguous.items()},
        note=own.note,
        file="" if file is None else Path(file.path).name,
        sha256="" if file is None else file.sha256,
        released=file.released.isoformat() if file is not None and file.released else "",
        later=later,
        licence="" if file is None else file.licence,
    )


def _gene_sets(entry: SetSection, folder: Path) -> GeneSets:
    sets = read_gene_sets(folder / entry.path, kin=entry.kin, **_facts(entry))
    return sets if entry.ontology is None else propagate(sets, read_ontology(folder / entry.ontology))


def _relations(entry: RelationSection, folder: Path) -> Relations:
    pairs = read_relations(folder / entry.path, entry.kind or "network neighbour", kin=entry.kin, **_facts(entry))
    return pairs if entry.at_least is None else pairs.at_least(entry.at_least)


def _facts(entry: ResourceSection) -> dict[str, Any]:
    facts = {"name": entry.name, "released": entry.released, "licence": entry.licence}
    return facts | {"kind": entry.kind} if isinstance(entry, FeatureSection) else facts
