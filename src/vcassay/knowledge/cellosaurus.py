"""Cell lines: who descends from whom and who comes from one donor, in the columns of Cellosaurus."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import numpy as np

from vcassay.core import InputError
from vcassay.knowledge.groups import Groups, Links, group, link_labels
from vcassay.knowledge.identifiers import EXACT, SPELLING, Matched, letters, match
from vcassay.knowledge.resource import Resource, as_day, describe
from vcassay.knowledge.table import is_missing, read_lines, read_table

ACCESSION = ("AC", "accession", "cellosaurus_accession", "cellosaurus_id", "rrid", "cell_line_id", "cvcl")
NAME = ("name", "cell_line", "cell_line_name", "ID", "identifier")
SYNONYMS = ("SY", "synonyms", "synonym")
PARENT = ("HI", "hierarchy", "parent", "parents", "derived_from")
SAME = ("OI", "same_individual", "same_origin", "originate_from_same_individual")
DONOR = ("donor", "donor_id", "individual", "patient", "patient_id")
"""Names of columns that are understood: Cellosaurus's line codes, and what tables made from it say."""
LABELS = {
    "disease": ("DI", "disease", "diseases", "primary_disease", "oncotree_primary_disease"),
    "sex": ("SX", "sex", "gender"),
    "species": ("OX", "species", "organism"),
    "tissue": ("tissue", "primary_site", "site", "derived_from_site", "organ", "lineage", "oncotree_lineage"),
    "category": ("CA", "category", "cell_type", "type"),
}
"""Facts of a line and the columns that hold them; in Cellosaurus itself the tissue stands in a comment."""

CVCL = re.compile(r"CVCL_[A-Z0-9]{4}")
UPDATED = re.compile(r"Last updated: (\d{2})-(\d{2})-(\d{2})")
CODES = ("ID", "AC", "SY", "HI", "OI", "DI", "SX", "OX", "CA")
SITE = re.compile(r"Derived from site: (?:[^;]*; )?([^;.]+)")
REFERENCE = re.compile(r"NCIt|ORDO|UBERON\W.*|C\d+|Orphanet_\d+|NCBI_TaxID=\d+", re.IGNORECASE)
DESCENT, INDIVIDUAL, ONE_DONOR = "parent and child", "same individual", "same donor"
"""Reasons for which two lines are joined."""


@dataclass(frozen=True, slots=True, eq=False)
class CellLines:
    """Cell lines and their relations.

    Attributes
    ----------
    resource
        Where they come from.
    accessions
        n unique accessions.
    names, synonyms
        Recommended name and the others of each.
    parents, same
        Accessions that each derives from, and those from the same individual; they need not be rows themselves.
    donors
        The donor of each where the table names one, else empty.
    labels
        Fact (`LABELS`) to its values for each line, where the table has that column.
    """

    resource: Resource
    accessions: tuple[str, ...]
    names: tuple[str, ...]
    synonyms: tuple[tuple[str, ...], ...]
    parents: tuple[tuple[str, ...], ...]
    same: tuple[tuple[str, ...], ...]
    donors: tuple[str, ...]
    labels: Mapping[str, tuple[tuple[str, ...], ...]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.accessions)

    def find(self, contexts: Iterable[str]) -> Matched:
        """Match contexts to accessions: by accession, name, then synonym; case and punctuation do not count.

        A name that only several lines share as a synonym is ambiguous.
        """
        wanted = tuple(dict.fromkeys(contexts))
        found: dict[str, str] = {}
        how: dict[str, str] = {}
        ambiguous: dict[str, tuple[str, ...]] = {}
        labels = (
            ("accession", tuple((a,) for a in self.accessions)),
            ("name", tuple((n,) for n in self.names)),
            ("synonym", self.synonyms),
        )
        for way, own in labels:
            holders: dict[str, list[int]] = {}
            for i, words in enumerate(own):
                for word in words:
                    holders.setdefault(word, []).append(i)
            rest = [w for w in wanted if w not in found and w not in ambiguous]
            step = match(rest, holders, spellings=((SPELLING, letters),))
            for name in rest:
                words = (step.found[name],) if name in step.found else step.ambiguous.get(name, ())
                lines = sorted({self.accessions[i] for word in words for i in holders[word]})
                if len(lines) == 1:
                    found[name] = lines[0]
                    how[name] = EXACT if way != "synonym" and step.how.get(name) == EXACT else way
                elif lines:
                    ambiguous[name] = tuple(lines)
        return Matched(self.resource.name, wanted, found, how, ambiguous)

    def related(self) -> Groups:
        """Every accession of any row in families: joined by descent, individual or donor, in any number of steps.

        ``why`` of two lines tells the steps, through lines that no screen may have measured.
        """
        every = {*self.accessions, *(a for row in (*self.parents, *self.same) for a in row)}
        known = tuple(sorted(every))
        at = {accession: i for i, accession in enumerate(known)}
        links = []
        for reason, column in ((DESCENT, self.parents), (INDIVIDUAL, self.same)):
            rows = zip(self.accessions, column, strict=True)
            pairs = [(at[own], at[other]) for own, others in rows for other in others if other != own]
            ends = np.asarray(pairs, dtype=np.int64).reshape(-1, 2)
            links.append(Links(reason, ends[:, 0], ends[:, 1]))
        donor = dict(zip(self.accessions, self.donors, strict=True))
        links.append(link_labels(ONE_DONOR, [donor.get(accession, "") for accession in known]))
        return group(known, links)


def read_cell_lines(
    path: Path, *, name: str | None = None, released: date | str | None = None, licence: str = ""
) -> CellLines:
    """Read cell lines from a table with Cellosaurus's columns (AC, ID, SY, HI, OI), or from cellosaurus.txt itself.

    Accessions are found in HI and OI wherever they stand (``CVCL_0045 ! HEK293``); where such a column holds names
    instead, they are looked up among the table's own names. Synonyms are separated by ``;`` or ``|``. A table may name
    the donor instead. The release of the flat file is the day of its newest record: it cannot be older.

    Raises
    ------
    InputError
        If the file cannot be read, has no column of accessions or none of relations, lists an accession twice, or
        relates a line to a name that it does not have.
    """
    lines = [] if path.suffix == ".parquet" else read_lines(path)
    flat = any(line.startswith("ID   ") for line in lines[:200])
    rows, day = _flat(lines, path) if flat else (_table(path), None)
    facts = describe(path, len(rows), name=name, released=released or day, licence=licence)
    seen: dict[str, int] = {}
    for line, accession, *_ in rows:
        if accession in seen:
            what = f"lists '{accession}' on lines {seen[accession]} and {line}"
            raise InputError(what, where=str(path), mend="keep one record a cell line")
        seen[accession] = line
    _, accessions, names, listed, descent, individual, donors, *told = zip(*rows, strict=True)
    own = {letters(row[2]): row[1] for row in reversed(rows) if row[2]}
    parents, same = (
        tuple(_relatives(row[0], cell, own, path) for row, cell in zip(rows, column, strict=True))
        for column in (descent, individual)
    )
    synonyms = tuple(tuple(s for s in re.split(r"\s*[;|]\s*", cell) if s) for cell in listed)
    cells = zip(LABELS, told, strict=True)
    labels = {fact: tuple(_values(cell) for cell in column) for fact, column in cells if any(column)}
    return CellLines(facts, accessions, names, synonyms, parents, same, donors, labels)


Row = tuple[int, str, str, str, str, str, str, str, str, str, str, str]
"""Line, accession, name, synonyms, parents, same individual, donor, and one a fact of `LABELS`."""


def _table(path: Path) -> list[Row]:
    table = read_table(path)
    accessions = table.need("the accession", *ACCESSION)
    table.refuse_blank("accession", accessions)
    blank = ("",) * len(table)
    if table.which(*PARENT, *SAME, *DONOR) is None:
        table.need("the parent (HI), the same individual (OI) or the donor", PARENT[0], SAME[0], DONOR[0])
    columns = (table.find(*names) or blank for names in (NAME, SYNONYMS, PARENT, SAME, DONOR, *LABELS.values()))
    known = (tuple("" if is_missing(cell) else cell for cell in column) for column in columns)
    return list(zip(table.lines, accessions, *known, strict=True))


def _flat(lines: list[str], path: Path) -> tuple[list[Row], date | None]:
    """Records of the flat file, two-letter codes and ``//`` at the end of each, and the newest day of any."""
    rows: list[Row] = []
    record: dict[str, list[str]] = {}
    started, newest = 0, ""
    for i, line in enumerate(lines, start=1):
        code, text = line[:2], line[5:].strip()
        if not line[:6].strip() or line[5:6] == " ":
            continue  # the legend at the head of the file
        if code == "ID":
            record, started = {}, i
        if code in CODES:
            record.setdefault(code, []).append(text)
        if code == "CC" and (site := SITE.match(text)):
            record.setdefault("tissue", []).append(site[1])
        stated = UPDATED.search(text) if code == "DT" else None
        newest = max(newest, f"20{stated[3]}-{stated[2]}-{stated[1]}") if stated else newest
        if line.rstrip() == "//" and record:
            if "AC" not in record:
                what = f"the record of line {started} has no accession"
                raise InputError(what, where=str(path), mend="hand in Cellosaurus as released")
            values = {key: "; ".join(texts) for key, texts in record.items()}
            name, *rest = (values.get(key, "") for key in ("ID", "SY", "HI", "OI"))
            facts = (values.get(names[0], "") for names in LABELS.values())
            rows.append((started, values["AC"], name, *rest, "", *facts))  # type: ignore[arg-type]
            record = {}
    if not rows:
        raise InputError("holds no record", where=str(path), mend="hand in Cellosaurus as released")
    return rows, as_day(newest, str(path))


def _values(cell: str) -> tuple[str, ...]:
    """Values of a cell in words: of a reference (``NCIt; C4872; Breast carcinoma``) the name alone."""
    if is_missing(cell):
        return ()
    words = (word.strip() for word in re.split(r"[;|!]", cell))
    return tuple(dict.fromkeys(w for w in words if not is_missing(w) and not REFERENCE.fullmatch(w)))


def _relatives(line: int, cell: str, own: dict[str, str], path: Path) -> tuple[str, ...]:
    found = CVCL.findall(cell)
    if found or not cell:
        return tuple(dict.fromkeys(found))
    names = [name for name in re.split(r"\s*[;|,]\s*", cell) if name]
    unknown = [name for name in names if letters(name) not in own]
    if unknown:
        what = f"line {line} relates to '{unknown[0]}', which is no accession and no name in the table"
        raise InputError(what, where=str(path), mend="write accessions such as CVCL_0045")
    return tuple(dict.fromkeys(own[letters(name)] for name in names))
