"""Kin of contexts: which unseen contexts are the line, the family or the donor of a training context."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from vcassay.claim import Claim, Split
from vcassay.core import Conditions
from vcassay.evidence.leakage.check import EVIDENCE_ROWS
from vcassay.knowledge import CellLines, Groups, Knowledge, Matched, context_groups
from vcassay.knowledge.cellosaurus import LABELS
from vcassay.knowledge.table import is_missing

Columns = Mapping[str, frozenset[str]]
"""Context to its values of one fact."""


def unseen_contexts(split: Split, claim: Claim) -> tuple[list[str], list[str]]:
    """Contexts that are tested and by no name trained, and those that are trained; both sorted."""
    trained = sorted(set(split.conditions.context[split.train].tolist()))
    tested = split.conditions.context[split.test]
    seen = {*trained, *tested[claim.novelty.context == "seen"].tolist()}
    return sorted(set(tested.tolist()) - seen), trained


@dataclass(frozen=True, slots=True)
class Kin:
    """A new context and what of it was trained.

    Attributes
    ----------
    context, trained
        The two contexts.
    relation
        In words, with its steps.
    certain
        Whether one context is the other's line, donor or descent; otherwise they only have donors in common.
    """

    context: str
    trained: str
    relation: str
    certain: bool = True


def own_column(conditions: Conditions, names: Sequence[str]) -> Columns:
    """Values of each context in the conditions' own columns of some names, whatever their case."""
    wanted = {name.casefold() for name in names}
    found: dict[str, set[str]] = {}
    for column, values in conditions.annotation.items():
        if column.casefold() in wanted:
            for context, value in set(zip(conditions.context.tolist(), values.tolist(), strict=True)):
                if not is_missing(value):
                    found.setdefault(context, set()).add(value)
    return {context: frozenset(values) for context, values in found.items()}


def shared_values(new: Sequence[str], trained: Sequence[str], values: Columns, what: str) -> list[Kin]:
    """Pairs of a new and a trained context with a value in common.

    A context of one donor that shares it is that donor; one of several shares donors alone, as cell types of the same
    donors do.
    """
    holders: dict[str, list[str]] = {}
    for name in trained:
        for value in sorted(values.get(name, ())):
            holders.setdefault(value, []).append(name)
    found: dict[tuple[str, str], Kin] = {}
    for name in new:
        own = values.get(name, frozenset())
        for value in sorted(own):
            for other in holders.get(value, ()):
                certain = len(own) == 1 and len(values[other]) == 1
                found.setdefault((name, other), Kin(name, other, f"{what} {value}", certain))
    return list(found.values())


def known_groups(names: Sequence[str], claim: Claim, knowledge: Knowledge) -> tuple[Groups | None, Matched | None]:
    """Groups of contexts and the coverage of the cell lines, as the claim has them, else made; ``None`` without any."""
    lines, related = knowledge.cell_lines, claim.related
    if lines is None and not knowledge.siblings:
        return None, None
    if related is None or related.contexts is None or not set(names) <= set(related.contexts.names):
        return context_groups(names, lines, knowledge.siblings)
    own = [m for m in related.coverage if lines is not None and m.resource == lines.resource.name]
    whole = [m for m in own if set(names) <= set(m.wanted)]
    return related.contexts, whole[0] if whole else lines.find(names) if lines is not None else None


def families(new: Sequence[str], trained: Sequence[str], groups: Groups | None) -> list[Kin]:
    """Pairs of a new and a trained context in one family, one a new context: that with the fewest steps."""
    if groups is None:
        return []
    label = dict(zip(groups.names, groups.group.tolist(), strict=True))
    members: dict[int, list[str]] = {}
    for name in trained:
        members.setdefault(label[name], []).append(name)
    found: list[Kin] = []
    for name in new:
        others = members.get(label[name], [])
        if others and len(found) >= EVIDENCE_ROWS:  # the steps of so many are never shown
            found.append(Kin(name, others[0], "in one family"))
        elif others:
            ways = [(groups.why(name, other), other) for other in others[:EVIDENCE_ROWS]]
            steps, other = min(ways, key=lambda way: (len(way[0]), way[1]))
            found.append(Kin(name, other, "; then ".join(" and ".join(step.reasons) for step in steps)))
    return found


def facts_of(fact: str, conditions: Conditions, lines: CellLines | None, matched: Matched | None) -> Columns:
    """Tissue or disease of contexts: of the conditions' own columns, else of the cell lines that were matched."""
    found = dict(own_column(conditions, (fact, *LABELS[fact])))
    if lines is not None and matched is not None and fact in lines.labels:
        wanted = set(matched.found.values())
        told = {a: v for a, v in zip(lines.accessions, lines.labels[fact], strict=True) if a in wanted}
        for name, accession in matched.found.items():
            if told.get(accession):
                found.setdefault(name, frozenset(told[accession]))
    return found
