"""Ontology: terms and their ancestors, read from OBO, by which a term inherits the genes of its children."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from vcassay.core import InputError
from vcassay.core.errors import first
from vcassay.knowledge.gene_sets import GeneSets
from vcassay.knowledge.resource import Resource, as_day, describe
from vcassay.knowledge.table import read_lines

RELATIONS = ("is_a", "part_of")
"""Relations over which annotations may be passed on (Gene Ontology Consortium, Relations in the GO); over regulates and
has_part they may not."""

DAY = re.compile(r"(\d{4}-\d{2}-\d{2})")
OLD_DAY = re.compile(r"(\d{2}):(\d{2}):(\d{4})")
TERM = re.compile(r"\b[A-Za-z_]+:\d{4,}\b")


@dataclass(frozen=True, slots=True, eq=False)
class Ontology:
    """Terms that are in use.

    Attributes
    ----------
    resource
        Where they come from; ``rows`` counts the terms in use.
    titles
        Term to its name.
    parents
        Term to its parents by `RELATIONS`; a term without parents is a root.
    other
        Alternative ids and replaced obsolete ones to the term that holds now.
    """

    resource: Resource
    titles: Mapping[str, str]
    parents: Mapping[str, tuple[str, ...]]
    other: Mapping[str, str]

    def __len__(self) -> int:
        return len(self.parents)

    def ancestors(self) -> dict[str, frozenset[str]]:
        """Every term to all terms above it, itself not among them.

        Raises
        ------
        InputError
            If a term is above itself.
        """
        above: dict[str, frozenset[str]] = {}
        for start in self.parents:
            path = [start]
            waiting = {start}
            while path:
                term = path[-1]
                todo = [p for p in self.parents[term] if p not in above] if term not in above else []
                if not todo:
                    own = self.parents[term]
                    above[term] = frozenset(own).union(*(above[p] for p in own))
                    waiting.discard(path.pop())
                elif todo[0] in waiting:
                    mend = "hand in a release without cycles, such as go-basic.obo"
                    raise InputError(f"puts the term '{todo[0]}' above itself", where=self.resource.path, mend=mend)
                else:
                    path.append(todo[0])
                    waiting.add(todo[0])
        return above


def read_ontology(
    path: Path, *, name: str | None = None, released: date | str | None = None, licence: str = ""
) -> Ontology:
    """Read terms from OBO 1.2 or 1.4, plain or gzip-compressed; obsolete terms are left out.

    The release is the day in ``data-version``, else that in ``date``.

    Raises
    ------
    InputError
        If the file cannot be read, holds no term, has a term without id or twice, or names a parent that it lacks.
    """
    where = str(path)
    lines = read_lines(path)
    titles: dict[str, str] = {}
    parents: dict[str, tuple[str, ...]] = {}
    other: dict[str, str] = {}
    day: date | None = None
    for start, kind, tags in _stanzas(lines):
        if not kind:
            day = _day(tags, where)
        if kind != "Term":
            continue
        if "id" not in tags:
            raise InputError(f"the term of line {start} has no id", where=where, mend="hand in an OBO file as released")
        term = tags["id"][0]
        if tags.get("is_obsolete", [""])[0] == "true":
            if "replaced_by" in tags:
                other[term] = tags["replaced_by"][0]
            continue
        if term in parents:
            raise InputError(
                f"lists the term '{term}' twice (line {start})", where=where, mend="keep one stanza a term"
            )
        joined = [rest.split(None, 1) for rest in tags.get("relationship", ())]
        above = [*tags.get("is_a", ()), *(x[1] for x in joined if len(x) == 2 and x[0] in RELATIONS)]
        parents[term] = tuple(dict.fromkeys(p for p in above if p != term))
        titles[term] = tags.get("name", [""])[0]
        other |= dict.fromkeys(tags.get("alt_id", ()), term)
    if not parents:
        raise InputError("holds no term", where=where, mend="hand in an OBO file as released, such as go-basic.obo")
    lost = sorted({p for own in parents.values() for p in own} - parents.keys())
    if lost:
        mend = "hand in the whole ontology, such as go-basic.obo"
        raise InputError(f"names parents that it does not hold ({first(lost, 3)})", where=where, mend=mend)
    facts = describe(path, len(parents), name=name, released=released or day, licence=licence)
    return Ontology(facts, titles, parents, {k: v for k, v in other.items() if v in parents})


def propagate(sets: GeneSets, ontology: Ontology) -> GeneSets:
    """Let every term have the genes of all terms below it, by is_a and part_of.

    A set is known by its name, or by the id in it (``folding (GO:0051084)``); alternative and replaced ids count as the
    term that holds now. Sets that the ontology does not know stay as they are. A term that had no gene of its own and
    inherits some is a new set, after the others by id.

    Raises
    ------
    InputError
        If the ontology knows none of the sets.
    """
    above = ontology.ancestors()
    name_of: dict[str, str] = {}
    sets_of: dict[str, set[str]] = {}
    for title, members in sets.sets.items():
        term = _term(title, ontology)
        own = name_of.setdefault(term, title) if term else title
        sets_of.setdefault(own, set()).update(members)
    if not name_of:
        what = f"knows none of the sets of {sets.resource.path} ({first(list(sets.sets), 3)})"
        raise InputError(what, where=ontology.resource.path, mend="name sets by the ids of the ontology's terms")
    inherited: dict[str, set[str]] = {}
    for term, own in name_of.items():
        for ancestor in above[term]:
            inherited.setdefault(ancestor, set()).update(sets_of[own])
    for ancestor in sorted(inherited):
        sets_of.setdefault(name_of.get(ancestor, ancestor), set()).update(inherited[ancestor])
    titles = {t: ontology.titles[t] for t in inherited if ontology.titles[t] and t not in name_of} | dict(sets.titles)
    made = {name: tuple(sorted(members)) for name, members in sets_of.items()}
    return replace(sets, sets=made, titles={k: v for k, v in titles.items() if k in made}, ontology=ontology.resource)


def _term(title: str, ontology: Ontology) -> str:
    ids: list[str] = TERM.findall(title)
    for name in (title, *ids):
        term = ontology.other.get(name, name)
        if term in ontology.parents:
            return term
    return ""


def _stanzas(lines: list[str]) -> list[tuple[int, str, dict[str, list[str]]]]:
    """First line, kind (empty for the header) and tags of every stanza; comments and modifiers are dropped."""
    out: list[tuple[int, str, dict[str, list[str]]]] = [(1, "", {})]
    for i, line in enumerate(lines, start=1):
        text = line.strip()
        if text.startswith("[") and text.endswith("]"):
            out.append((i, text[1:-1], {}))
        elif ":" in text and not text.startswith("!"):
            tag, value = text.split(":", 1)
            out[-1][2].setdefault(tag.strip(), []).append(value.split(" ! ")[0].split(" {")[0].strip())
    return out


def _day(tags: Mapping[str, list[str]], where: str) -> date | None:
    version = DAY.search(tags.get("data-version", [""])[0])
    if version:
        return as_day(version[1], where)
    old = OLD_DAY.search(tags.get("date", [""])[0])
    return as_day(f"{old[3]}-{old[2]}-{old[1]}", where) if old else None
