"""Coverage: which of a study's names a resource knows, and its rows under those names."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from vcassay.claim.kind import gene_of
from vcassay.knowledge import Features, Knowledge, Matched, Resource, match


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
    if any(gene_of(name) != name for name in matched.unmatched):
        plain = match(dict.fromkeys(map(gene_of, names)), features.ids, resource=features.name, genes=knowledge.genes)
        matched = matched.also(plain, gene_of)
        block = under(features, matched)
    return block, covered(block, "perturbation", matched, features.resource)


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
