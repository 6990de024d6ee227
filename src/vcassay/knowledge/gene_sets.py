"""Gene sets: pathways, GO terms, complexes, read from GMT, GAF or a table of annotations."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np
from scipy import sparse

from vcassay.core import InputError
from vcassay.knowledge.identifiers import inverted
from vcassay.knowledge.resource import Resource, as_day, describe
from vcassay.knowledge.table import read_lines, read_table
from vcassay.knowledge.wide import membership_table, transposed

SETS = ("set", "gene_set", "gs_name", "go_id", "term", "term_id", "pathway", "pathway_id", "complex", "complex_id",
        "ComplexID", "identifier", "id")  # fmt: skip
TITLES = ("go_name", "title", "name", "ComplexName", "description")
MEMBERS = ("gene_symbols", "gene_symbol", "symbol", "gene", "genes", "member", "members", "gene_name",
           "subunits(Gene name)", "gene_ids", "entrez_gene_id")  # fmt: skip
"""Names of columns that are understood, the first wins: symbols before Entrez ids."""

SPLIT = re.compile(r"\s*[|;,]\s*")
WEIGHT = re.compile(r",-?\d+(\.\d+)?(e-?\d+)?$", re.IGNORECASE)
GAF_FIELDS, GAF_SYMBOL, GAF_QUALIFIER, GAF_TERM, GAF_DATE = 15, 2, 3, 4, 13
GENERATED = re.compile(r"!\s*(?:date-generated|generated|date)\s*:\s*(\d{4}-?\d{2}-?\d{2})", re.IGNORECASE)


@dataclass(frozen=True, slots=True, eq=False)
class GeneSets:
    """Named sets of genes.

    Attributes
    ----------
    resource
        Where they come from; ``rows`` counts the sets of a GMT and the lines of a table.
    sets
        Name to members, sorted and unique, in the file's order of sets; no set is empty.
    titles
        Name to what the file calls the set in words, where it does.
    ontology
        The file by which sets inherit the genes of their children; ``None`` where they do not.
    """

    resource: Resource
    sets: Mapping[str, tuple[str, ...]]
    titles: Mapping[str, str]
    ontology: Resource | None = None

    def __len__(self) -> int:
        return len(self.sets)

    @property
    def genes(self) -> tuple[str, ...]:
        """Every gene of any set, sorted."""
        return tuple(sorted({gene for members in self.sets.values() for gene in members}))

    def restrict(self, names: Mapping[str, str], smallest: int = 1, largest: int | None = None) -> GeneSets:
        """Keep the genes that were matched, under the names that were wanted.

        Parameters
        ----------
        names
            Wanted name to the resource's name (`Matched.found`).
        smallest, largest
            Sets with fewer or more of the wanted genes are left out.
        """
        wanted = inverted(names)
        sets = {}
        for title, members in self.sets.items():
            kept = tuple(sorted({new for gene in members for new in wanted.get(gene, ())}))
            if max(1, smallest) <= len(kept) <= (len(kept) if largest is None else largest):
                sets[title] = kept
        return replace(self, sets=sets, titles={k: v for k, v in self.titles.items() if k in sets})

    def membership(self, genes: Sequence[str]) -> sparse.csr_array:
        """(len(genes), len(self)) whether each gene is in each set; a gene in no set has an empty row."""
        position = {gene: i for i, gene in enumerate(genes)}
        pairs = [(position[g], j) for j, members in enumerate(self.sets.values()) for g in members if g in position]
        at = np.asarray(pairs, dtype=np.int64).reshape(-1, 2)
        shape = (len(genes), len(self.sets))
        return sparse.csr_array((np.ones(len(at), dtype=np.bool_), (at[:, 0], at[:, 1])), shape=shape)


def read_gene_sets(
    path: Path,
    *,
    name: str | None = None,
    released: date | str | None = None,
    licence: str = "",
    columns: tuple[str, str] | None = None,
    kin: bool = True,
) -> GeneSets:
    """Read gene sets, plain or gzip-compressed.

    Understood are GMT (set, description, genes; an Enrichr weight after a gene is dropped), GAF 1 and 2 (annotations
    with the qualifier NOT are left out; the release is the date of the header, else that of the newest annotation),
    tables with a set and its gene or genes in a row, several separated by ``|``, ``;`` or ``,``, and what is wide: GMX
    (a column a set: name, description, genes) and a table of 0 and 1 with a row a gene and a column a set.

    Parameters
    ----------
    columns
        Names of the columns of a table that hold the set and its genes; found by usual names when ``None``.
    kin
        Whether members of one set are kin that a split must not part; otherwise the sets only give features.

    Raises
    ------
    InputError
        If the file cannot be read, a line names no set or no gene, or a GMT lists a set twice.

    Notes
    -----
    GO annotations are as the file has them: for a term to inherit the genes of its children, see `propagate`.
    Formats: GSEA data formats (Broad Institute), GO annotation file 2.2 (Gene Ontology Consortium).
    """
    kind = path.name.removesuffix(".gz").rsplit(".", 1)[-1].lower()
    lines = [] if path.suffix == ".parquet" else read_lines(path)
    if kind == "gmt":
        sets, titles, rows, day = *_gmt(lines, path), None
    elif kind == "gmx":
        sets, titles, rows, day = *_gmt(transposed(lines), path), None
    elif kind == "gaf" or (lines and lines[0].startswith("!gaf-version")):
        sets, titles, rows, day = _gaf(lines, path)
    else:
        sets, titles, rows, day = *_table(path, columns), None
    if not sets:
        raise InputError("holds no gene set", where=str(path), mend="hand in at least one set with a gene")
    facts = describe(path, rows, name=name, released=released or day, licence=licence, kin=kin)
    return GeneSets(facts, {k: tuple(sorted(set(v))) for k, v in sets.items()}, titles)


def _gmt(lines: list[str], path: Path) -> tuple[dict[str, list[str]], dict[str, str], int]:
    sets: dict[str, list[str]] = {}
    titles: dict[str, str] = {}
    at: dict[str, int] = {}
    for i, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        fields = [field.strip() for field in line.split("\t")]
        genes = [WEIGHT.sub("", gene) for gene in fields[2:] if gene]
        if not fields[0] or not genes:
            lack = "no genes" if fields[0] else "no name of a set"
            mend = "write a set, a description and its genes, separated by tabs"
            raise InputError(f"line {i} has {lack}", where=str(path), mend=mend)
        if fields[0] in sets:
            what = f"lists the set '{fields[0]}' on lines {at[fields[0]]} and {i}"
            raise InputError(what, where=str(path), mend="keep one line a set")
        sets[fields[0]], at[fields[0]] = genes, i
        if fields[1] and fields[1].lower() != "na":
            titles[fields[0]] = fields[1]
    return sets, titles, len(sets)


def _gaf(lines: list[str], path: Path) -> tuple[dict[str, list[str]], dict[str, str], int, date | None]:
    sets: dict[str, list[str]] = {}
    rows, newest, header = 0, "", None
    for i, line in enumerate(lines, start=1):
        if line.startswith("!"):
            stated = GENERATED.match(line)
            header = header or (as_day(stated[1], str(path)) if stated else None)
            continue
        if not line.strip():
            continue
        fields = line.split("\t")
        if len(fields) < GAF_FIELDS or not fields[GAF_SYMBOL].strip() or not fields[GAF_TERM].strip():
            what = f"line {i} is no annotation of a gene with a term in {GAF_FIELDS} or more fields"
            raise InputError(what, where=str(path), mend="hand in a GAF as released")
        rows += 1
        newest = max(newest, fields[GAF_DATE].strip())
        if "NOT" not in fields[GAF_QUALIFIER].upper().split("|"):
            sets.setdefault(fields[GAF_TERM].strip(), []).append(fields[GAF_SYMBOL].strip())
    return sets, {}, rows, header or as_day(newest, str(path))


def _table(path: Path, columns: tuple[str, str] | None) -> tuple[dict[str, list[str]], dict[str, str], int]:
    table = read_table(path)
    own = table.which(*SETS)
    if columns is None and own in (None, table.header[0]) and (own or "id").casefold() == "id":
        wide = membership_table(table)
        if wide:
            return wide, {}, len(wide)
    names = table.need("the set", *(columns[:1] if columns else SETS))
    genes = table.need("its genes", *(columns[1:] if columns else MEMBERS))
    table.refuse_blank("set", names)
    members = [[gene for gene in SPLIT.split(cell) if gene] for cell in genes]
    table.refuse_blank("gene", ("".join(row) for row in members))
    sets: dict[str, list[str]] = {}
    for name, row in zip(names, members, strict=True):
        sets.setdefault(name, []).extend(row)
    words = table.find(*TITLES)
    titles = {} if words is None or words is names else {n: w for n, w in zip(names, words, strict=True) if w}
    return sets, titles, len(table)
