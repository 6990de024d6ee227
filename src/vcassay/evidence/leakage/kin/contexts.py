"""L10: contexts that are one line, one donor, or parent and child of what was trained."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from vcassay.claim import Claim, Split
from vcassay.core import Conditions, Finding, Status, Threshold
from vcassay.core.affected import affected_where
from vcassay.core.errors import first
from vcassay.core.regime import NEW_CONTEXT
from vcassay.core.wording import plural
from vcassay.evidence.leakage.check import EVIDENCE_ROWS, check, finding
from vcassay.evidence.leakage.kin.context_kin import (
    Kin,
    facts_of,
    families,
    known_groups,
    own_column,
    shared_values,
    unseen_contexts,
)
from vcassay.evidence.leakage.kin.spelling import same_spelling
from vcassay.evidence.leakage.refusal import TRAINING_QUESTION, not_comparable
from vcassay.evidence.leakage.wording import assuming
from vcassay.knowledge import CellLines, Knowledge, Matched
from vcassay.knowledge.cellosaurus import ACCESSION, DONOR, ONE_DONOR

COMPARED = Threshold("contexts_compared", 0.5, "proposal: of fewer known contexts the others could turn the answer")

FACTS = ("tissue", "disease")
"""Facts that two contexts may share without being kin."""
MEND = "Name cell_lines (Cellosaurus, or a table of accessions, parents and donors) or siblings under [knowledge]."
QUESTION = "From which cell lines and donors are the held-out contexts, and from which the training contexts?"


@check(
    "L10",
    title="Test contexts related to training contexts",
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
    conditions, context = split.conditions, split.conditions.context[split.test]
    new, trained = unseen_contexts(split, claim)
    if not new:
        return finding("L10", Status.NA, "Every test context is among the training contexts.")
    names = [*new, *trained]
    groups, matched = known_groups(sorted(names), claim, knowledge)
    kin = families(new, trained, groups)
    unknown = set(names if groups is None else groups.unknown)
    donors, lines = own_column(conditions, DONOR), own_column(conditions, ACCESSION)
    kin += shared_values(new, trained, lines, "same cell line") + shared_values(new, trained, donors, ONE_DONOR)
    have = {name for name in names if name not in unknown or name in donors or name in lines}
    certain = {k.context: k for k in reversed(kin) if k.certain}
    partly = {k.context: k for k in reversed(kin) if k.context not in certain}
    alike = same_spelling(new, trained)
    guess = {
        name: Kin(name, other, "the same name but for case, punctuation or the word for a stock: a guess")
        for name, others in alike.items()
        for other in others[:1]
        if name not in certain and not {name, other} <= have
    }
    doubt = {} if matched is None else matched.ambiguous
    rows: list[Mapping[str, Any]] = [
        {"context": k.context, "trained": k.trained, "relation": k.relation}
        for k in (*certain.values(), *partly.values(), *guess.values())
    ]
    listed = [{"not compared": f"{n} ({' or '.join(doubt[n])}?)" if n in doubt else n} for n in names if n not in have]
    evidence = [*rows[: max(EVIDENCE_ROWS - len(listed), EVIDENCE_ROWS // 2)], *listed]
    hit = {*certain, *partly, *guess}
    unseen = set(new)
    known = np.asarray([n in hit or (n in have and n in unseen) for n in context.tolist()], dtype=np.bool_)
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
            said = assuming(split, sentence)
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
    told = _facts_told(new, trained, conditions, knowledge.cell_lines, matched)
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
        said = assuming(split, sentence) if split.assumed else f"{sentence}."
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


def _facts_told(
    new: Sequence[str], trained: Sequence[str], conditions: Conditions, lines: CellLines | None, matched: Matched | None
) -> str:
    """How many unseen contexts share a tissue or disease with a training context, as the end of a sentence."""
    parts = []
    for fact in FACTS:
        values = facts_of(fact, conditions, lines, matched)
        known = [name for name in new if name in values]
        theirs = {value.casefold() for name in trained for value in values.get(name, ())}
        if known and theirs:
            same = sum(any(v.casefold() in theirs for v in values[name]) for name in known)
            parts.append(f"{same} of {len(known)} the {fact}")
    return f"; with a training context share {' and '.join(parts)}" if parts else ""
