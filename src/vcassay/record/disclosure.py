"""Disclosure: what a model was given, as its authors declare it; every entry has room for a justification.

``None`` is "not declared", which checks answer with UNKNOWN and a question; an empty list declares that there was none.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

Genes = Literal["training", "all", "test", "published", "none"]


def _listed(value: Any) -> Any:
    """Take a single text for a list of one."""
    return [value] if isinstance(value, str) else value


Texts = Annotated[tuple[str, ...], BeforeValidator(_listed)]


class Declared(BaseModel):
    """One entry of a disclosure."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    why: str = ""
    """Why this is no leak, or had to be."""


class Input(Declared):
    """What the model reads of a condition it is asked for."""

    name: str = Field(min_length=1)


class Graph(Declared):
    """A graph or a neighbourhood of perturbations."""

    name: str = Field(min_length=1)
    built_from: Literal["all genes", "all compounds", "training", "benchmark", "unknown"] = "unknown"
    """``benchmark``: its nodes, edges or thresholds were chosen knowing which perturbations the benchmark holds."""
    released: datetime.date | None = None
    file: str | None = None
    """Its edges, to be looked at."""


class Prior(Declared):
    """Prior features or knowledge of perturbations or contexts."""

    name: str = Field(min_length=1)
    kind: Literal["annotation", "network", "structure", "text", "embedding", "response", "unknown"] = "unknown"
    """``response``: made of responses that somebody measured."""
    assay: Literal["same", "other", "none", "unknown"] = "unknown"
    """Whether responses come from the benchmark's kind of assay."""
    access: Literal["public", "proprietary", "unknown"] = "unknown"
    holds_test: bool | None = None
    """Whether it holds responses to test perturbations, or in test contexts."""
    released: datetime.date | None = None
    file: str | None = None
    """Its features, an id in the first column, to be looked at."""


class Corpus(Declared):
    """Data that the model was pretrained on."""

    name: str = Field(min_length=1)
    accessions: Texts = ()
    """GEO, SRA, ArrayExpress, Zenodo, Hugging Face ... identifiers."""
    contexts: Texts = ()
    """Cell lines and other contexts that it holds."""
    perturbed: bool | None = None
    """Whether it holds perturbed cells."""
    holds_test: bool | None = None
    """Whether these are of test perturbations, or of test contexts, in this screen or any other."""
    released: datetime.date | None = None
    barcodes: str | None = None
    """A file with every cell in it, one a line: the MD5 of its barcode in hexadecimal, or the barcode."""


class Chosen(Declared):
    """Genes, components or scales that were chosen from data."""

    data: Genes
    """On which data."""
    file: str | None = None
    """The chosen genes, one a line."""


class Filtered(Declared):
    """Conditions that were left out."""

    by: str = Field(min_length=1)
    """Effect size, number of DE genes, knockdown, cell number ..."""
    dropped: int | None = Field(default=None, ge=0)
    """Test conditions that it took away."""


ENTRIES: dict[str, type[Declared]] = {
    "inputs": Input,
    "graphs": Graph,
    "priors": Prior,
    "pretraining": Corpus,
    "genes": Chosen,
    "scaling": Chosen,
    "filters": Filtered,
}
"""Entries of a disclosure that are tables."""


def _named(value: Any) -> Any:
    """Take a text for the entry of that name, and one entry for a list of one."""
    if value is None:
        return None
    entries = [value] if isinstance(value, str | dict | BaseModel) else value
    return [{"name": e} if isinstance(e, str) else e for e in entries] if isinstance(entries, Iterable) else value


def _chosen(value: Any) -> Any:
    return {"data": value} if isinstance(value, str) else value


class Disclosure(BaseModel):
    """What the authors say the model was given.

    Attributes
    ----------
    inputs
        The model's inputs (target_gene, smiles, n_cells, control_expression, ...).
    controls
        Control cells that it saw: ``training`` (those left to training), ``all`` or ``none``.
    graphs, priors
        Graphs of perturbations, and prior features.
    pretraining
        Corpora.
    genes, scaling
        From which data genes were chosen, and scalers or components fitted.
    filters
        By what conditions were left out.
    selection
        How hyperparameters were chosen (``validation``, ``test``, ``none`` ...).
    looks
        How often the test set was scored while the model was made.
    submissions
        Predictions of this model or its variants that were scored on the test set in public.
    losses
        A file with the model's reconstruction loss or likelihood of single cells: columns ``cell`` and ``loss``.
    why
        Justifications of the entries that are a single word or number, by entry.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    inputs: Annotated[tuple[Input, ...] | None, BeforeValidator(_named)] = None
    controls: Literal["training", "all", "none"] | None = None
    graphs: Annotated[tuple[Graph, ...] | None, BeforeValidator(_named)] = None
    priors: Annotated[tuple[Prior, ...] | None, BeforeValidator(_named)] = None
    pretraining: Annotated[tuple[Corpus, ...] | None, BeforeValidator(_named)] = None
    genes: Annotated[Chosen | None, BeforeValidator(_chosen)] = None
    scaling: Annotated[Chosen | None, BeforeValidator(_chosen)] = None
    filters: tuple[Filtered, ...] | None = None
    selection: str | None = None
    looks: int | None = Field(default=None, ge=0)
    submissions: int | None = Field(default=None, ge=0)
    losses: str | None = None
    why: dict[str, str] = Field(default_factory=dict)

    @property
    def pretrained(self) -> str:
        """``yes``, ``no`` or ``unknown``."""
        return "unknown" if self.pretraining is None else "yes" if self.pretraining else "no"

    @property
    def input_names(self) -> tuple[str, ...] | None:
        """Names of the inputs."""
        return None if self.inputs is None else tuple(entry.name for entry in self.inputs)

    @property
    def files(self) -> tuple[str, ...]:
        """Every file that it names."""
        named = [g.file for g in self.graphs or ()] + [p.file for p in self.priors or ()]
        named += [c.file for c in (self.genes, self.scaling) if c is not None]
        named += [c.barcodes for c in self.pretraining or ()]
        return tuple(f for f in (*named, self.losses) if f)

    def located(self, place: Callable[[str], str]) -> Disclosure:
        """The same disclosure with another path to each file."""

        def moved(entries: tuple[Any, ...] | None, key: str) -> Any:
            return entries and tuple(
                e.model_copy(update={key: place(f)}) if (f := getattr(e, key)) else e for e in entries
            )

        single = {k: moved((e,), "file")[0] for k in ("genes", "scaling") if (e := getattr(self, k)) is not None}
        several = {"graphs": moved(self.graphs, "file"), "priors": moved(self.priors, "file")}
        several["pretraining"] = moved(self.pretraining, "barcodes")
        if self.losses:
            single["losses"] = place(self.losses)
        return self.model_copy(update={k: v for k, v in (single | several).items() if v})


def declare(**entries: Any) -> Disclosure:
    """Make a disclosure from entries in short form: a text for an entry of that name.

    Raises
    ------
    pydantic.ValidationError
        If an entry is not known or ill-typed.
    """
    return Disclosure.model_validate(entries)
