"""Programmes: genes that move together for reasons that are no mechanism: stress, and what tells cells apart."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from vcassay.knowledge.gene_sets import GeneSets
from vcassay.knowledge.genes import Genes
from vcassay.knowledge.identifiers import match

STRESS, NUISANCE = "stress", "nuisance"


@dataclass(frozen=True, slots=True)
class Programme:
    """Genes that move together.

    Attributes
    ----------
    name
        What it is.
    kind
        ``stress`` or ``nuisance``.
    genes
        Sentinels, used where none of ``sets`` is handed in.
    sets
        Names of gene sets that are read instead.
    prefixes, but
        Beginnings of the names of further genes, and of those among them that are something else (kinases of a
        ribosomal protein).
    source
        Where it is known from.
    harm
        1 where the genes rise when cells are harmed, -1 where they fall; 0 for what is no stress.
    """

    name: str
    kind: str
    genes: tuple[str, ...]
    sets: tuple[str, ...]
    prefixes: tuple[str, ...]
    source: str
    harm: int = 0
    but: tuple[str, ...] = ()

    def members(
        self, measured: Sequence[str], gene_sets: Sequence[GeneSets] = (), genes: Genes | None = None
    ) -> tuple[tuple[str, ...], str]:
        """Measured genes of the programme, sorted, and where they come from: names of sets, or ``sentinel genes``."""
        wanted = {name: own for source in gene_sets for name, own in source.sets.items() if name in self.sets}
        words = ", ".join(sorted(wanted)) or "sentinel genes"
        names = {gene for own in wanted.values() for gene in own} or set(self.genes)
        found = set(match(sorted(names), measured, genes=genes).found.values())
        if self.prefixes:
            found |= {gene for gene in measured if gene.startswith(self.prefixes) and not gene.startswith(self.but)}
        return tuple(sorted(found)), words


@cache
def programmes(kind: str) -> tuple[Programme, ...]:
    """The programmes of one kind that come with the package."""
    text = files("vcassay.knowledge").joinpath("programmes.toml").read_text(encoding="utf-8")
    rows = tomllib.loads(text)["programme"]
    return tuple(
        Programme(
            name=r["name"],
            kind=r["kind"],
            genes=tuple(r["genes"]),
            sets=tuple(r["sets"]),
            prefixes=tuple(r.get("prefixes", ())),
            source=r["source"],
            harm=r.get("harm", 0),
            but=tuple(r.get("but", ())),
        )
        for r in rows
        if r["kind"] == kind
    )
