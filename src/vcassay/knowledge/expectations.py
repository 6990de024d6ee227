"""Expectations: which genes a class of perturbations is known to move, in which direction, and in which cells."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from vcassay.core import InputError, Threshold
from vcassay.core.errors import did_you_mean
from vcassay.knowledge.gene_sets import GeneSets
from vcassay.knowledge.genes import Genes
from vcassay.knowledge.identifiers import letters, match
from vcassay.knowledge.resource import Resource, describe

COMPOUND, GENE = "compound", "gene"
CONFIDENCES = ("primary", "review", "recalled")
AS_EXPECTED, NOTHING, OPPOSITE = 1, 0, -1
"""What is expected of a class in a context."""

LEAST_SENTINELS = Threshold("expectation_least_genes", 3, "fewer measured genes of a set are no set (proposal)")
MOST_TARGETS = Threshold("expectation_most_targets", 3, "a compound of more targets is not told by them (proposal)")

Facts = Mapping[str, str]
Predicate = Mapping[str, tuple[str, ...]]
Weights = dict[str, float]


@dataclass(frozen=True, slots=True)
class Expectation:
    """What one class of perturbations does to one set of genes.

    Attributes
    ----------
    name
        The class, such as ``HDAC inhibitor``.
    kind, direction
        ``compound`` or ``gene``; -1 where it inhibits or silences its target, 1 where it activates it, 0 either.
    mechanism
        Regular expression on the annotated mechanism of a compound; empty for none.
    targets, names
        Genes, and names of compounds, by which a member is known too.
    set
        What the genes are called.
    up, down
        Sentinel genes; ``A/B`` are two names of one gene.
    sign
        1 if the class raises the set, -1 if it lowers it.
    sets
        Names of gene sets that are read, where handed in, if too few sentinels are measured.
    where, nothing, opposite
        Facts of a context (name to values) with which the effect, none, or the contrary is expected.
    expressed
        Genes of which the context must express one for any effect.
    source, confidence
        Where it is known from, and whether a ``primary`` paper or a ``review`` was consulted or it is ``recalled``.
    """

    name: str
    kind: str
    direction: int
    mechanism: str
    targets: frozenset[str]
    names: frozenset[str]
    set: str
    up: tuple[str, ...]
    down: tuple[str, ...]
    sign: int
    sets: tuple[str, ...]
    where: Predicate
    nothing: Predicate
    opposite: Predicate
    expressed: tuple[str, ...]
    source: str
    confidence: str

    def covers_compound(
        self, name: str, direction: int, targets: Sequence[str] = (), mechanisms: Sequence[str] = ()
    ) -> bool:
        """Whether a compound is of the class: by mechanism, by name, or by its few targets and direction.

        Where mechanisms are annotated, targets do not count: they say less.
        """
        if self.kind != COMPOUND:
            return False
        if letters(name) in self.names:
            return True
        if mechanisms:
            return bool(self.mechanism) and any(re.search(self.mechanism, m, re.IGNORECASE) for m in mechanisms)
        few = 0 < len(targets) <= MOST_TARGETS.value
        return few and set(targets) <= self.targets and self.direction in (0, direction)

    def covers_gene(self, gene: str, direction: int) -> bool:
        """Whether a perturbed gene is of the class."""
        return self.kind == GENE and gene in self.targets and direction == self.direction

    def genes(
        self, measured: Sequence[str], gene_sets: Sequence[GeneSets] = (), genes: Genes | None = None
    ) -> tuple[Weights, str]:
        """Measured genes of the set with 1 for those that rise and -1 for those that fall with it, and their origin.

        The sentinels; with fewer than `LEAST_SENTINELS` measured, a handed gene set of a name in ``sets``. Empty with
        too few of either.
        """
        have = set(measured)
        found = {
            **_measured(self.down, have, measured, genes, -1.0),
            **_measured(self.up, have, measured, genes, 1.0),
        }
        if len(found) >= LEAST_SENTINELS.value:
            return found, "sentinel genes"
        for source in gene_sets:
            for title in self.sets:
                own = match(source.sets.get(title, ()), measured, genes=genes).found.values()
                if len(set(own)) >= LEAST_SENTINELS.value:
                    return dict.fromkeys(sorted(set(own)), 1.0), title
        return {}, f"{len(found)} of {len(self.up) + len(self.down)} sentinel genes measured"

    def expected(self, facts: Facts, *, on: bool | None = None) -> int | None:
        """`AS_EXPECTED`, `NOTHING` or `OPPOSITE` in a context with these facts; ``None`` where they do not tell.

        Parameters
        ----------
        facts
            Name of a fact to its value.
        on
            Whether the context expresses one of ``expressed``; ``None`` if that is not known.
        """
        if self.expressed and on is not None and not on:
            return NOTHING
        if self.expressed and on is None:
            return None
        for answer, predicate in ((OPPOSITE, self.opposite), (NOTHING, self.nothing)):
            if any(facts.get(fact) in values for fact, values in predicate.items()):
                return answer
        held = all(facts.get(fact) in values for fact, values in self.where.items())
        return AS_EXPECTED if held else None

    @property
    def words(self) -> str:
        """Where it is expected, in words."""
        parts = [f"{fact} {' or '.join(values)}" for fact, values in self.where.items()]
        parts += [f"{' or '.join(self.expressed)} expressed"] if self.expressed else []
        return ", ".join(parts) or "any context"


@dataclass(frozen=True, slots=True, eq=False)
class Expectations:
    """A table of expectations, with facts of cell lines.

    Attributes
    ----------
    rows
        The expectations.
    lines
        Name of a line, as letters without punctuation, to its facts.
    resource
        The file; ``None`` for the table that comes with the package.
    """

    rows: tuple[Expectation, ...]
    lines: Mapping[str, Facts] = field(default_factory=dict)
    resource: Resource | None = None

    def facts(self, context: str) -> Facts:
        """What is known of a context by its name, without punctuation and in any case; empty where nothing is."""
        return self.lines.get(letters(context), {})

    def after(self, own: Expectations | None) -> Expectations:
        """Put a user's own table before it: of the same class and set, and the same fact, the user's counts."""
        if own is None:
            return self
        theirs = {(e.name, e.set) for e in own.rows}
        rows = (*own.rows, *(e for e in self.rows if (e.name, e.set) not in theirs))
        lines = {name: {**self.lines.get(name, {}), **own.lines.get(name, {})} for name in {**self.lines, **own.lines}}
        return Expectations(rows, lines, own.resource)


@cache
def expectations() -> Expectations:
    """The table that comes with the package."""
    text = files("vcassay.knowledge").joinpath("expectations.toml").read_text(encoding="utf-8")
    return _table(tomllib.loads(text), "expectations.toml", None)


def read_expectations(path: Path, *, name: str | None = None, released: Any = None, licence: str = "") -> Expectations:
    """Read a user's own table in the format of the package's ``expectations.toml``.

    Raises
    ------
    InputError
        If the file cannot be read, or an entry lacks a key, has one that is not understood, or a wrong value.
    """
    where = str(path)
    if not path.is_file():
        raise InputError("is missing", where=where, mend="check the path in [knowledge]")
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        mend = "write it as TOML in UTF-8, with [[expectation]] and [[line]] tables"
        raise InputError(f"cannot be read ({error})", where=where, mend=mend) from error
    rows = len(data.get("expectation", ())) + len(data.get("line", ()))
    return _table(data, where, describe(path, rows, name=name, released=released, licence=licence))


NEEDED = ("class", "kind", "direction", "set", "up", "sign", "source")
OPTIONAL = ("mechanism", "targets", "names", "down", "sets", "where", "nothing", "opposite", "expressed", "confidence")


def _table(data: Mapping[str, Any], where: str, resource: Resource | None) -> Expectations:
    strange = sorted(set(data) - {"expectation", "line"})
    if strange:
        raise InputError(f"has a key '{strange[0]}'", where=where, mend="write [[expectation]] and [[line]] tables")
    for kind in ("expectation", "line"):
        given = data.get(kind, [])
        if not isinstance(given, list) or not all(isinstance(row, dict) for row in given):
            raise InputError(f"'{kind}' is no list of tables", where=where, mend=f"head each entry with [[{kind}]]")
    if not data.get("expectation") and not data.get("line"):
        raise InputError("holds nothing", where=where, mend="write at least one [[expectation]] or [[line]]")
    rows = tuple(_row(row, f"{where}, expectation {i}") for i, row in enumerate(data.get("expectation", ()), start=1))
    lines: dict[str, Facts] = {}
    for i, row in enumerate(data.get("line", ()), start=1):
        at = f"{where}, line {i}"
        _keys(row, ("name", "facts"), ("other",), at)
        facts = row["facts"]
        if not isinstance(facts, dict) or not all(isinstance(value, str) for value in facts.values()):
            raise InputError("'facts' are no words", where=at, mend='write facts = { TP53 = "mutant" }')
        for label in (row["name"], *_words(row, "other", at)):
            lines[letters(str(label))] = facts
    return Expectations(rows, lines, resource)


def _row(row: Mapping[str, Any], where: str) -> Expectation:
    """Check one entry.

    Raises
    ------
    InputError
        With the entry, the key and what would do.
    """
    label = f"{where} ({row['class']})" if isinstance(row.get("class"), str) else where
    _keys(row, NEEDED, OPTIONAL, label)
    for key, allowed in (("kind", (COMPOUND, GENE)), ("direction", (-1, 0, 1)), ("sign", (-1, 1))):
        if row[key] not in allowed:
            known = ", ".join(map(str, allowed))
            raise InputError(f"'{key}' is {row[key]!r}", where=label, mend=f"write one of: {known}")
    confidence = row.get("confidence", "recalled")
    if confidence not in CONFIDENCES:
        mend = did_you_mean(str(confidence), CONFIDENCES)
        raise InputError(f"'confidence' is {confidence!r}", where=label, mend=mend)
    mechanism = row.get("mechanism", "")
    try:
        re.compile(mechanism)
    except (re.error, TypeError) as error:
        mend = "write words, or a regular expression"
        raise InputError(f"'mechanism' is no pattern ({error})", where=label, mend=mend) from error
    listed = {k: _words(row, k, label) for k in ("targets", "names", "up", "down", "sets", "expressed")}
    if not mechanism and not listed["targets"] and not listed["names"]:
        mend = "give a mechanism, targets or names"
        raise InputError("does not say how a member of the class is known", where=label, mend=mend)
    facts = {k: _predicate(row.get(k, {}), k, label) for k in ("where", "nothing", "opposite")}
    return Expectation(
        name=str(row["class"]),
        kind=row["kind"],
        direction=row["direction"],
        mechanism=mechanism,
        targets=frozenset(listed["targets"]),
        names=frozenset(letters(n) for n in listed["names"]),
        set=str(row["set"]),
        up=listed["up"],
        down=listed["down"],
        sign=row["sign"],
        sets=listed["sets"],
        expressed=listed["expressed"],
        source=str(row["source"]),
        confidence=confidence,
        **facts,
    )


def _keys(row: Mapping[str, Any], needed: Iterable[str], optional: Iterable[str], where: str) -> None:
    lacking = [key for key in needed if key not in row]
    if lacking:
        raise InputError(f"lacks '{lacking[0]}'", where=where, mend=f"write the keys {', '.join(needed)}")
    strange = sorted(set(row) - {*needed, *optional})
    if strange:
        mend = did_you_mean(strange[0], {*needed, *optional})
        raise InputError(f"has a key '{strange[0]}' that is not understood", where=where, mend=mend)


def _words(row: Mapping[str, Any], key: str, where: str) -> tuple[str, ...]:
    given = row.get(key, [])
    if not isinstance(given, list) or not all(isinstance(word, str) and word for word in given):
        raise InputError(f"'{key}' is no list of words", where=where, mend=f'write {key} = ["...", "..."]')
    return tuple(given)


def _predicate(given: Any, key: str, where: str) -> dict[str, tuple[str, ...]]:
    """Facts with their values, a single value being a list of one."""
    mend = f'write {key} = {{ TP53 = ["wild type"] }}'
    if not isinstance(given, dict):
        raise InputError(f"'{key}' is no table of facts", where=where, mend=mend)
    out: dict[str, tuple[str, ...]] = {}
    for fact, values in given.items():
        listed = [values] if isinstance(values, str) else values
        if not isinstance(listed, list) or not listed or not all(isinstance(v, str) for v in listed):
            raise InputError(f"'{key}.{fact}' is no list of words", where=where, mend=mend)
        out[fact] = tuple(listed)
    return out


def _measured(
    wanted: Sequence[str], have: set[str], measured: Sequence[str], genes: Genes | None, weight: float
) -> Weights:
    """Measured names of genes, each by the first of its names that is there, else by an alias."""
    out: Weights = {}
    rest: list[str] = []
    for names in (word.split("/") for word in wanted):
        own = next((n for n in names if n in have), None)
        if own is None:
            rest += names
        else:
            out[own] = weight
    if rest:
        out |= dict.fromkeys(match(rest, measured, genes=genes).found.values(), weight)
    return dict(sorted(out.items()))
