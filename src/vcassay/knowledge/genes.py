"""Genes: approved symbols with what else a gene is or was called."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from vcassay.core import InputError
from vcassay.knowledge.resource import Resource, describe
from vcassay.knowledge.table import is_missing, read_table

SYMBOL = ("symbol", "approved symbol", "gene_symbol", "hgnc_symbol", "gene", "gene_name")
PREVIOUS = ("prev_symbol", "previous symbols", "previous symbol", "previous")
ALIAS = ("alias_symbol", "alias symbols", "alias symbol", "synonyms", "aliases", "alias")
ENSEMBL = ("ensembl_gene_id", "ensembl gene id", "ensembl id(supplied by ensembl)", "ensembl_id", "ensembl")
ENTREZ = ("entrez_id", "ncbi gene id", "ncbi gene id(supplied by ncbi)", "entrez gene id", "entrez")
"""Names of columns that are understood (HGNC's complete set and custom downloads); the first wins."""

KINDS = ("symbol", "previous symbol", "alias", "Ensembl id", "Entrez id")
"""How a name can be a gene's, in the order in which they are tried."""

SPLIT = re.compile(r"\s*[|,;]\s*")
VERSION = re.compile(r"^(ens[a-z]*\d+)\.\d+$", re.IGNORECASE)


@dataclass(frozen=True, slots=True, eq=False)
class Genes:
    """A table of genes.

    Attributes
    ----------
    resource
        Where it comes from.
    symbols
        Approved symbols, unique.
    names
        For every kind of name, lower-case name to the positions in ``symbols`` of the genes that have it.
    """

    resource: Resource
    symbols: tuple[str, ...]
    names: dict[str, dict[str, tuple[int, ...]]]

    def __len__(self) -> int:
        return len(self.symbols)

    def resolve(self, name: str) -> tuple[tuple[str, ...], str]:
        """Find the genes of a name, whatever its case; a version after an Ensembl id is dropped.

        Returns
        -------
        Approved symbols and the kind of name. An approved symbol goes before a previous one, that before an alias.
        More than one symbol means that the name is ambiguous; none, with an empty kind, that nobody has it.
        """
        key = VERSION.sub(r"\1", name.strip().casefold())
        for kind in KINDS:
            at = self.names[kind].get(key, ())
            if at:
                return tuple(self.symbols[i] for i in at), kind
        return (), ""


def read_genes(path: Path, *, name: str | None = None, released: date | str | None = None, licence: str = "") -> Genes:
    """Read a gene table: symbols, and where it has them previous symbols, aliases, Ensembl and Entrez ids.

    Several names in a cell are separated by ``|``, ``,`` or ``;``.

    Raises
    ------
    InputError
        If the file cannot be read, has no column of symbols, or lists a symbol twice.
    """
    table = read_table(path)
    symbols = table.need("the gene symbol", *SYMBOL)
    table.refuse_blank("gene symbol", symbols)
    seen: dict[str, int] = {}
    for symbol, line in zip(symbols, table.lines, strict=True):
        if symbol in seen:
            what = f"lists the gene '{symbol}' on lines {seen[symbol]} and {line}"
            raise InputError(what, where=str(path), mend="keep one line a gene")
        seen[symbol] = line
    columns = (symbols, *(table.find(*names) for names in (PREVIOUS, ALIAS, ENSEMBL, ENTREZ)))
    names = {kind: _index(cells) for kind, cells in zip(KINDS, columns, strict=True)}
    return Genes(describe(path, len(table), name=name, released=released, licence=licence), symbols, names)


def _index(cells: tuple[str, ...] | None) -> dict[str, tuple[int, ...]]:
    found: dict[str, list[int]] = {}
    for i, cell in enumerate(cells or ()):
        for name in dict.fromkeys(SPLIT.split(cell.casefold())):
            if not is_missing(name):
                found.setdefault(name, []).append(i)
    return {name: tuple(at) for name, at in found.items()}
