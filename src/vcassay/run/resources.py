"""Resources: the entries of [knowledge] in study.toml, and what each may say of its file."""

from __future__ import annotations

import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict


class Section(BaseModel):
    """A table of study.toml, without keys of its own making."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ResourceSection(Section):
    """A file of prior knowledge."""

    path: str
    name: str | None = None
    released: datetime.date | None = None
    """Day of its release, for checks against the screen's own date."""
    licence: str = ""


class FeatureSection(ResourceSection):
    """A feature matrix."""

    kind: Literal["embedding", "response", "annotation", "network", "fingerprint", "label"] = "embedding"
    """What its columns are; ``response`` declares responses measured in another screen."""


class RelationSection(ResourceSection):
    """An edge list."""

    kind: str | None = None
    """What partners are to each other."""
    at_least: float | None = None
    """Weight from which a pair counts."""
    kin: bool = True
    """Whether partners are kin that a split keeps together; set to false, they give features alone."""


class SetSection(ResourceSection):
    """Gene sets."""

    kind: str | None = None
    """What the sets are, in words."""
    ontology: str | None = None
    """An OBO file by which a term inherits the genes of its children."""
    kin: bool = True
    """Whether members of one set are kin that a split keeps together; set to false, they give features alone."""


def _resource(value: Any) -> Any:
    """Take a single text for a path, and one entry for a list of one."""
    entries = value if isinstance(value, list | tuple) else [value]
    return [{"path": entry} if isinstance(entry, str) else entry for entry in entries]


def _one(value: Any) -> Any:
    return {"path": value} if isinstance(value, str) else value


Resources = Annotated[tuple[ResourceSection, ...], BeforeValidator(_resource)]
FeatureFiles = Annotated[tuple[FeatureSection, ...], BeforeValidator(_resource)]
RelationFiles = Annotated[tuple[RelationSection, ...], BeforeValidator(_resource)]
SetFiles = Annotated[tuple[SetSection, ...], BeforeValidator(_resource)]
OneResource = Annotated[ResourceSection, BeforeValidator(_one)]


class KnowledgeSection(Section):
    """Prior resources handed in; each a path, or a table with path, released, licence and what its kind needs."""

    features: FeatureFiles = ()
    """Of perturbations."""
    context_features: FeatureFiles = ()
    siblings: OneResource | None = None
    cell_lines: OneResource | None = None
    compounds: Resources = ()
    gene_sets: SetFiles = ()
    relations: RelationFiles = ()
    regulons: Resources = ()
    """Signed edges ``source, target, weight`` from regulators to the genes that they regulate."""
    genes: OneResource | None = None
    essential: OneResource | None = None
    expectations: OneResource | None = None
    """What classes of perturbations are known to do to which genes, in TOML."""

    def entries(self) -> list[ResourceSection]:
        """Every entry, in the order of the keys."""
        single = (self.siblings, self.cell_lines, self.genes, self.essential, self.expectations)
        several = (self.features, self.context_features, self.compounds, self.gene_sets, self.relations, self.regulons)
        return [e for group in several for e in group] + [e for e in single if e is not None]

    def files(self) -> list[str]:
        """Path of every file that the entries name."""
        return [e.path for e in self.entries()] + [s.ontology for s in self.gene_sets if s.ontology]


OWN_KEYS: dict[str, type[BaseModel]] = {
    "features": FeatureSection,
    "context_features": FeatureSection,
    "relations": RelationSection,
    "gene_sets": SetSection,
}
"""Keys of [knowledge] whose entries have keys of their own."""
