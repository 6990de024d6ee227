"""Card: what a publication states of one virtual cell."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from vcassay.record.base import Record
from vcassay.record.card.benchmark import Benchmark
from vcassay.record.card.reported import Diagnosed, Disputed, Given, Known, LeakNote
from vcassay.record.card.source import Confidence, Evidence, Extent, Source, Stated


class Publication(Stated):
    """Where the model is published."""

    title: str = ""
    venue: str = ""
    year: int | None = Field(default=None, ge=1990, le=2100)
    where: str = ""
    """DOI or address."""


class PublishedClaim(Stated):
    """What the publication says that the model can do."""

    text: str = Field(min_length=1)
    """In short, and in words of one's own: it is shown as a paraphrase."""
    use: str = ""
    """What a reader is meant to use it for: one of `vcassay.claim.USES`."""


class Card(Record):
    """What a publication reports, as facts: nothing here is judged.

    What a section does not mention is not reported, or was not read (`extent`): the review asks for it. An empty list
    that is written down says that there was none.
    """

    schema_: Literal["vcassay.card/1"] = "vcassay.card/1"
    name: str = Field(min_length=1)
    family: Literal["model", "models", "challenge", "baseline"] = "model"
    """``models``: several of one kind, described together."""
    evidence: Evidence
    """How the facts are known that do not say it themselves."""
    confidence: Confidence
    """How far the whole card is to be trusted."""
    extent: Extent | None = None
    """How much of the publication was read for the card; ``None``: all of it, as when its authors write it."""
    publication: Publication = Publication()
    claim: PublishedClaim
    availability: Known = Known()
    disclosure: Given = Given()
    """What the model was given: inputs, priors, graphs, pretraining, choices made on the test set."""
    benchmark: tuple[Benchmark, ...] = ()
    leakage: tuple[LeakNote, ...] | None = None
    """``None``: the publication does not speak of leakage, and nobody has looked."""
    diagnostic: tuple[Diagnosed, ...] | None = None
    """``None``: nothing is shown of biology."""
    dispute: tuple[Disputed, ...] = ()
    source: tuple[Source, ...] = ()
    note: str = ""

    @model_validator(mode="after")
    def _sources_are_listed(self) -> Card:
        known = {s.key for s in self.source}
        for fact in self.facts():
            if fact.source and fact.source not in known:
                raise ValueError(f"no [[source]] has the key '{fact.source}'")
        return self

    def facts(self) -> tuple[Stated, ...]:
        """Every fact that may name a source, from top to bottom."""
        own: list[Stated] = [self.publication, self.claim, self.availability, self.disclosure]
        for benchmark in self.benchmark:
            own += [benchmark, *benchmark.metrics, *benchmark.baselines, *benchmark.results]
        return (*own, *(self.leakage or ()), *(self.diagnostic or ()), *self.dispute)
