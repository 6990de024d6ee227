"""Coverage: which of a study's names a resource knows, and its rows under those names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from vcassay.knowledge import CellLines, Features, Knowledge, Matched, Resource, match


@dataclass(frozen=True, slots=True, eq=False)
class Coverage:
    """What a resource, or a block of features made of several, knows of a study's names.

    Attributes
    ----------
    name
        Of the block or the resource.
    kind
        One of `KINDS`, or ``compounds`` for a table from which other blocks are made.
    axis
        ``perturbation`` or ``context``.
    columns
        Columns that the block gives the baselines; 0 for a table, and for what knows no name.
    matched
        Which names it knows.
    resource
        The file; ``None`` where there is none, or several.
    note
        How the block was made or why it was not, in words; may be empty.
    """

    name: str
    kind: str
    axis: str
    columns: int
    matched: Matched
    resource: Resource | None = None
    note: str = ""


Found = list[tuple[Features | None, Coverage]]


def looked_up(features: Features, names: Sequence[str], knowledge: Knowledge) -> tuple[Features, Coverage]:
    """Rows of a resource under the study's names: as they are, then without a modality behind them."""
    block, matched = features.of(names, knowledge.genes)
    if any(stem(name) != name for name in matched.unmatched):
        plain = match(dict.fromkeys(map(stem, names)), features.ids, resource=features.name, genes=knowledge.genes)
        matched = _added(matched, plain, stem)
        block = under(features, matched)
    return block, covered(block, "perturbation", matched, features.resource)


def match_lines(matched: Matched, ids: Sequence[str], lines: CellLines) -> Matched:
    """Match what is left as names of one cell line; a line that several ids name is ambiguous."""
    mine, theirs = lines.find(matched.unmatched).found, lines.find(ids).found
    holders: dict[str, list[str]] = {}
    for name, accession in theirs.items():
        holders.setdefault(accession, []).append(name)
    fits = {name: holders.get(accession, []) for name, accession in mine.items()}
    found = {name: own[0] for name, own in fits.items() if len(own) == 1}
    ambiguous = {name: tuple(own) for name, own in fits.items() if len(own) > 1}
    more = Matched(matched.resource, tuple(fits), found, dict.fromkeys(found, "name of one cell line"), ambiguous)
    return _added(matched, more, str)


def _added(matched: Matched, more: Matched, form: Callable[[str], str]) -> Matched:
    """Add what a second look found under another form of the names."""
    rest = [name for name in matched.unmatched if form(name) in more.found]
    found = dict(matched.found) | {name: more.found[form(name)] for name in rest}
    how = dict(matched.how) | {name: more.how[form(name)] for name in rest}
    doubt = {n: more.ambiguous[form(n)] for n in matched.unmatched if form(n) in more.ambiguous}
    ambiguous = {n: own for n, own in (dict(matched.ambiguous) | doubt).items() if n not in found}
    return replace(matched, found=found, how=how, ambiguous=ambiguous)


def under(features: Features, matched: Matched) -> Features:
    """Rows of the names that were found, under those names."""
    found = [name for name in matched.wanted if name in matched.found]
    rows, _ = features.rows(matched.found[name] for name in found)
    return replace(features, ids=tuple(found), matrix=rows)


def covered(block: Features, axis: str, matched: Matched, resource: Resource | None, note: str = "") -> Coverage:
    """Coverage of a block that one file gave."""
    columns = block.matrix.shape[1] if len(block.ids) else 0
    return Coverage(block.name, block.kind, axis, columns, matched, resource, note)


def kept(found: Iterable[tuple[Features | None, Coverage]]) -> tuple[tuple[Features, ...], tuple[Coverage, ...]]:
    """Blocks with a row and a column, and the coverage of all."""
    pairs = list(found)
    blocks = tuple(b for b, _ in pairs if b is not None and len(b.ids) and b.matrix.shape[1])
    return blocks, tuple(c for _, c in pairs)


def stem(name: str) -> str:
    """Name of a gene without the modality behind it: ``TP53 [CRISPRi]`` is TP53."""
    return name.rsplit(" [", 1)[0] if name.endswith("]") else name
