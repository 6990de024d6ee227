"""L10: contexts that are one line, one donor, or parent and child of what was trained."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from vcassay.claim import Claim, Split
from vcassay.core import Conditions, Finding, Regime, Status, Threshold
from vcassay.core.affected import affected_where
from vcassay.core.errors import first
from vcassay.evidence.leakage.check import (
    EVIDENCE_ROWS,
    TRAINING_QUESTION,
    assumption,
    check,
    finding,
    not_comparable,
    plural,
)
from vcassay.evidence.leakage.kin.spelling import same_spelling
from vcassay.knowledge import CellLines, Knowledge, context_groups
from vcassay.knowledge.cellosaurus import ACCESSION, DONOR, LABELS, ONE_DONOR
from vcassay.knowledge.table import is_missing

COMPARED = Threshold("contexts_compared", 0.5, "proposal: of fewer known contexts the others could turn the answer")

NEW_CONTEXT = (Regime.CEX, Regime.AEX)
FACTS = ("tissue", "disease")
"""Facts that two contexts may share without being kin."""
MEND = "Name cell_lines (Cellosaurus, or a table of accessions, parents and donors) or siblings under [knowledge]."
QUESTION = "From which cell lines and donors are the held-out contexts, and from which the training contexts?"

Columns = Mapping[str, frozenset[str]]


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


def families(new: Sequence[str], trained: Sequence[str], knowledge: Knowledge) -> tuple[list[Kin], Mapping[str, str]]:
    """Pairs of a new and a trained context in one family, and why each context is not known.

    Returns
    -------
    One pair a new context: the fewest steps lead to its partner. Unknown contexts are mapped to an empty text, or to
    the lines that the name could be.
    """
    names = sorted({*new, *trained})
    if knowledge.cell_lines is None and not knowledge.siblings:
        return [], dict.fromkeys(names, "")
    groups, matched = context_groups(names, knowledge.cell_lines, knowledge.siblings)
    doubt = {} if matched is None else matched.ambiguous
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
    return found, {name: " or ".join(doubt.get(name, ())) for name in groups.unknown}


def facts_of(names: Sequence[str], fact: str, conditions: Conditions, lines: CellLines | None) -> Columns:
    """Tissue or disease of each context: of the conditions' own columns, else of its cell line."""
    found = dict(own_column(conditions, (fact, *LABELS[fact])))
    if lines is not None and fact in lines.labels:
        told = dict(zip(lines.accessions, lines.labels[fact], strict=True))
        for name, accession in lines.find(names).found.items():
            if told[accession]:
                found.setdefault(name, frozenset(told[accession]))
    return found


@check(
    "L10",
    title="Contexts related to training contexts",
    source="derived and renamed lines: Cellosaurus, Bairoch 2018, J Biomol Tech 29:25-38",
)
def context_siblings(split: Split, claim: Claim, knowledge: Knowledge) -> Finding:
    """No unseen context is the line, the parent or child, the individual or the donor of a training context.

    Compared are test contexts without any training condition, by Cellosaurus (accession, descent, same individual, in
    any number of steps), by the pairs stated as related, and by columns of donors or accessions among the conditions'
    own. Where CEX or AEX is declared or found kin is FAIL, elsewhere WARN; contexts of several donors that share some
    are WARN. Names that differ in case, punctuation or the word for a stock alone are WARN, as a guess, unless both are
    known to be two lines. A shared tissue or disease is no kin: its share is told. UNKNOWN where nothing is handed in
    or fewer than `COMPARED` of the contexts are known; NA where every test context is trained.
    """
    if (stop := not_comparable("L10", split)) is not None:
        return stop
    conditions, test = split.conditions, split.test
    trained = sorted(set(conditions.context[split.train].tolist()))
    context = conditions.context[test]
    seen = {*trained, *context[claim.novelty.context == "seen"].tolist()}
    new = [name for name in sorted(set(context.tolist())) if name not in seen]
    if not new:
        return finding("L10", Status.NA, "Every test context is among the training contexts.")
    kin, unknown = families(new, trained, knowledge)
    donors, lines = own_column(conditions, DONOR), own_column(conditions, ACCESSION)
    kin += shared_values(new, trained, lines, "same cell line") + shared_values(new, trained, donors, ONE_DONOR)
    have = {name for name in (*new, *trained) if name not in unknown or name in donors or name in lines}
    certain = {k.context: k for k in reversed(kin) if k.certain}
    partly = {k.context: k for k in reversed(kin) if k.context not in certain}
    alike = same_spelling(new, trained)
    guess = {
        name: Kin(name, other, "the same name but for case, punctuation or the word for a stock: a guess")
        for name, others in alike.items()
        for other in others[:1]
        if name not in certain and not {name, other} <= have
    }
    missing = [name for name in (*new, *trained) if name not in have]
    rows: list[Mapping[str, Any]] = [
        {"context": k.context, "trained": k.trained, "relation": k.relation}
        for k in (*certain.values(), *partly.values(), *guess.values())
    ]
    listed = [{"not compared": f"{n} ({unknown[n]}?)" if unknown.get(n) else n} for n in missing]
    evidence = [*rows[: max(EVIDENCE_ROWS - len(listed), EVIDENCE_ROWS // 2)], *listed]
    hit = {*certain, *partly, *guess}
    known = np.asarray([n in hit or (n in have and n not in seen) for n in context.tolist()], dtype=np.bool_)
    affected = affected_where(
        "in a context that is kin of a training context", np.isin(context, sorted(hit)).astype(np.bool_), known
    )
    claimed = bool({claim.declared, claim.regime} & set(NEW_CONTEXT))
    numbers: dict[str, Any] = {"null": 0.0, "threshold": 0.0, "evidence": evidence, "affected": affected}
    cover = _coverage(new, trained, have)
    if hit:
        of = certain or partly or guess
        text = first((f"{k.context} and {k.trained}: {k.relation}" for k in of.values()), 3)
        what = "kin of a training context" if certain else "of the same donors" if partly else "perhaps a training one"
        sentence = f"{len(of)} of {plural(len(new), 'unseen context')} {what} ({text})"
        status = Status.FAIL if certain and claimed else Status.WARN
        if split.assumed:
            said = f"{assumption(split)}; then {sentence}."
            return finding("L10", Status.UNKNOWN, said, value=len(of) / len(new), question=TRAINING_QUESTION, **numbers)
        return finding(
            "L10",
            status,
            f"{sentence}{cover}.",
            value=len(of) / len(new),
            remedy="Keep contexts of one line or donor on one side: [split] column = 'context-family'."
            if not guess or len(of) != len(guess)
            else "State whether these are one line, and give one line one name.",
            **numbers,
        )
    told = _facts_told(new, trained, conditions, knowledge.cell_lines)
    if not have:
        return finding(
            "L10",
            Status.UNKNOWN,
            f"No resource tells of which lines and donors {plural(len(new), 'unseen context')} are; by name none is a "
            f"training context{told}.",
            evidence=evidence,
            remedy=MEND,
            question=QUESTION,
        )
    sentence = f"None of {plural(len(new), 'unseen context')} is known to be kin of a training context{cover}{told}"
    few = min(_share(new, have), _share(trained, have)) < COMPARED.value
    if split.assumed or few:
        said = f"{assumption(split)}; then {sentence[:1].lower()}{sentence[1:]}." if split.assumed else f"{sentence}."
        question = TRAINING_QUESTION if split.assumed else QUESTION
        return finding("L10", Status.UNKNOWN, said, value=0.0, remedy=MEND if few else "", question=question, **numbers)
    return finding("L10", Status.PASS, f"{sentence}.", value=0.0, **numbers)


def _share(names: Sequence[str], have: set[str]) -> float:
    return sum(name in have for name in names) / len(names)


def _coverage(new: Sequence[str], trained: Sequence[str], have: set[str]) -> str:
    """How many contexts are not known, as the end of a sentence; empty where all are."""
    parts = [
        f"{len(own) - sum(name in have for name in own)} of {len(own)} {word}"
        for own, word in ((new, "unseen"), (trained, "training"))
        if not have.issuperset(own)
    ]
    return f"; not known to any resource: {' and '.join(parts)} contexts" if parts else ""


def _facts_told(new: Sequence[str], trained: Sequence[str], conditions: Conditions, lines: CellLines | None) -> str:
    """How many unseen contexts share a tissue or disease with a training context, as the end of a sentence."""
    parts = []
    for fact in FACTS:
        values = facts_of([*new, *trained], fact, conditions, lines)
        known = [name for name in new if name in values]
        theirs = {value.casefold() for name in trained for value in values.get(name, ())}
        if known and theirs:
            same = sum(any(v.casefold() in theirs for v in values[name]) for name in known)
            parts.append(f"{same} of {len(known)} the {fact}")
    return f"; with a training context share {' and '.join(parts)}" if parts else ""
