"""Prior resources that a user hands in; knows no screen, and fetches nothing."""

from dataclasses import dataclass

from vcassay.knowledge.cellosaurus import CellLines, read_cell_lines
from vcassay.knowledge.compounds import Compounds, annotate, read_compounds
from vcassay.knowledge.contexts import Siblings, join_pairs, match_contexts, read_siblings
from vcassay.knowledge.embedding import annotation_pca, fingerprints, network_embedding
from vcassay.knowledge.expectations import Expectations, expectations, read_expectations
from vcassay.knowledge.features import Features, read_features
from vcassay.knowledge.gene_sets import GeneSets, read_gene_sets
from vcassay.knowledge.genes import Genes, read_genes
from vcassay.knowledge.groups import Groups, Links, group, link_labels
from vcassay.knowledge.identifiers import Matched, match
from vcassay.knowledge.ontology import Ontology, propagate, read_ontology
from vcassay.knowledge.regulons import Regulons, read_regulons
from vcassay.knowledge.relations import Relations, read_relations
from vcassay.knowledge.relatives import compound_groups, context_groups, gene_groups
from vcassay.knowledge.resource import Resource
from vcassay.knowledge.signature import Signature, read_signature
from vcassay.knowledge.structure import Structures, structures


@dataclass(frozen=True, slots=True)
class Knowledge:
    """Everything handed in under ``[knowledge]``.

    Attributes
    ----------
    features
        Prior features of perturbations.
    siblings
        Groups of related contexts.
    gene_sets, relations
        Pathways and complexes; paralogs, networks and other pairs of genes.
    regulons
        Signed edges from regulators to the genes that they regulate.
    compounds
        Tables of compounds; of two that speak of one compound the earlier gives its structure.
    genes
        What genes are and were called.
    cell_lines
        Descent and donors of cell lines, and their facts.
    context_features
        Prior features of contexts.
    embeddings
        Features made of the gene sets and the relations, over all their genes, by name and kind; made where missing.
    expectations
        What classes of perturbations are known to do, before the table that comes with the package.
    """

    features: tuple[Features, ...] = ()
    siblings: Siblings = ()
    gene_sets: tuple[GeneSets, ...] = ()
    relations: tuple[Relations, ...] = ()
    compounds: tuple[Compounds, ...] = ()
    genes: Genes | None = None
    cell_lines: CellLines | None = None
    context_features: tuple[Features, ...] = ()
    embeddings: tuple[Features, ...] = ()
    regulons: tuple[Regulons, ...] = ()
    expectations: Expectations | None = None

    @property
    def resources(self) -> tuple[Resource, ...]:
        """Facts of every file read: hashes for the record, release dates for temporal checks."""
        single = (r.resource for r in (self.genes, self.cell_lines) if r is not None)
        found: list[Resource | None] = [f.resource for f in (*self.features, *self.context_features)]
        found += [*(s.resource for s in self.gene_sets), *(r.resource for r in self.relations)]
        found += [r.resource for r in self.regulons]
        found += [*(c.resource for c in self.compounds), *single, *(s.ontology for s in self.gene_sets)]
        found += [] if self.expectations is None else [self.expectations.resource]
        return tuple(resource for resource in found if resource is not None)


__all__ = [
    "CellLines",
    "Compounds",
    "Expectations",
    "Features",
    "GeneSets",
    "Genes",
    "Groups",
    "Knowledge",
    "Links",
    "Matched",
    "Ontology",
    "Regulons",
    "Relations",
    "Resource",
    "Siblings",
    "Signature",
    "Structures",
    "annotate",
    "annotation_pca",
    "compound_groups",
    "context_groups",
    "expectations",
    "fingerprints",
    "gene_groups",
    "group",
    "join_pairs",
    "link_labels",
    "match",
    "match_contexts",
    "network_embedding",
    "propagate",
    "read_cell_lines",
    "read_compounds",
    "read_expectations",
    "read_features",
    "read_gene_sets",
    "read_genes",
    "read_ontology",
    "read_regulons",
    "read_relations",
    "read_siblings",
    "read_signature",
    "structures",
]
