"""L08: test compounds of a mechanism or target that was trained."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vcassay.claim import Claim, Split
from vcassay.core import Finding, Status, Threshold
from vcassay.core.affected import affected_where
from vcassay.core.errors import first
from vcassay.core.wording import capital, plural
from vcassay.evidence.leakage.check import check, finding
from vcassay.evidence.leakage.kin.study_compounds import (
    StudyCompounds,
    annotation_of,
    claimed_words,
    claims_unseen,
    coverage,
    enough,
    no_compounds,
    not_compared,
    study_compounds,
)
from vcassay.evidence.leakage.refusal import TRAINING_QUESTION
from vcassay.evidence.leakage.wording import assuming
from vcassay.knowledge import Compounds, Knowledge
from vcassay.knowledge.relatives import MAX_TARGETS

KNOWN_MECHANISMS = Threshold(
    "known_mechanisms", 0.5, "proposal: with more of the mechanisms known, a score says little of new ones"
)
NEW_MECHANISM = re.compile(
    r"\b(?:new|novel|unseen|unknown|undescribed|held[- ]out)\b[^.;]*"
    r"\b(?:mechanisms?|modes? of action|MoAs?|targets?)\b",
    re.IGNORECASE,
)
SHOWN = 13
NAMED = 5
QUESTION = "What are the targets or mechanisms of the compounds?"
REMEDY = 'Hold out compounds of one mechanism or target together: [split] tier = "target"; or score those without kin.'

Flags = NDArray[np.bool_]
Acts = tuple[tuple[str, str], ...]


def acts_of(found: Compounds) -> tuple[Acts, ...]:
    """What each compound does, as (kind, name): its mechanisms, and its targets where it lists few.

    Sources list targets by letter, so that the first is not the primary one; a long list is promiscuity, and sharing
    one of it says little.
    """
    rows = []
    for moa, targets in zip(found.moa, found.targets, strict=True):
        few = targets if len(targets) <= MAX_TARGETS.value else ()
        own = [("mechanism", m.casefold().strip()) for m in moa] + [("target", t.upper().strip()) for t in few]
        rows.append(tuple(dict.fromkeys(own)))
    return tuple(rows)


@check(
    "L08",
    title="Test compounds of a trained mechanism or target",
    source="Csendes 2026 (Turbine); mechanisms that cross in random splits of OP3 and sci-Plex3",
)
def mechanism_siblings(split: Split, claim: Claim, knowledge: Knowledge) -> Finding:
    """At most half of the test compounds have a training compound of the same mechanism or target.

    Two compounds are siblings when they share a mechanism, or a target where both list at most three; one that is
    trained itself has a known mechanism, too. The share is over test compounds of which a mechanism or such a target is
    known. Above one half it is a WARN where a new mechanism is claimed: by the words of the claim, or as unseen
    compounds (DEX, AEX; declared or found); otherwise a PASS with its number. The affected conditions are those with a
    sibling, so that scores with and without are seen. UNKNOWN when too few compounds are annotated.
    """
    drugs = study_compounds(split)
    if (stop := no_compounds("L08", split, drugs)) is not None:
        return stop
    found = annotation_of(split, drugs, knowledge)
    acts = acts_of(found)
    told = np.array([bool(own) for own in acts], dtype=bool)
    kin = _shared(drugs, acts)
    itself = drugs.tested & drugs.trained
    sibling = drugs.fresh & np.array([bool(own) for own in kin], dtype=bool)
    known = told | itself
    total = int((drugs.tested & known).sum())
    share = float((itself | sibling).sum() / total) if total else None
    left = np.flatnonzero(~told & (drugs.fresh | drugs.trained)).tolist()
    evidence = [*_by_act(drugs, kin)[:SHOWN], *not_compared(drugs.names, left, _why(drugs, found))]
    numbers: dict[str, Any] = {"value": share, "null": 0.0, "threshold": KNOWN_MECHANISMS.value, "evidence": evidence}
    if sibling.any():  # where all are trained themselves, nothing is left to compare them with
        degree = np.where(told, sibling, np.nan)
        per_test = drugs.spread(degree, split.test, seen=1.0, other=np.nan)
        what = "whose compound shares a mechanism or target with one that was trained"
        numbers["affected"] = affected_where(what, per_test == 1, np.isfinite(per_test))
    counted = _counted(drugs, kin, itself, sibling, total)
    compared = f"Known are {coverage(told, drugs, 'mechanisms or targets')}"
    if split.assumed:
        sentence = assuming(split, f"{counted}. {compared}")
        return finding("L08", Status.UNKNOWN, sentence, question=TRAINING_QUESTION, **numbers)
    worded = NEW_MECHANISM.search(claim.text) is not None
    at_least = (itself | sibling).sum() / drugs.tested.sum()  # were all that are not annotated of new mechanisms
    over = at_least > KNOWN_MECHANISMS.value
    covered = enough(known, drugs, drugs.tested) and (not drugs.fresh.any() or enough(told, drugs, drugs.fresh))
    if (
        share is not None
        and (over or (covered and share > KNOWN_MECHANISMS.value))
        and (worded or claims_unseen(claim))
    ):
        why = "although the claim speaks of new mechanisms or targets" if worded else claimed_words(claim)
        return finding("L08", Status.WARN, f"{counted}, {why}. {compared}.", remedy=REMEDY, **numbers)
    if not covered and not over:
        but = ", but too few are annotated" if total else ""
        sentence = f"{capital(counted)}{but}. {compared}."
        return finding("L08", Status.UNKNOWN, sentence, question=QUESTION, **numbers)
    return finding("L08", Status.PASS, f"{capital(counted)}. {compared}.", **numbers)


def _shared(drugs: StudyCompounds, acts: tuple[Acts, ...]) -> list[dict[tuple[str, str], list[int]]]:
    """For each compound that is new by name: what it shares with which trained compounds."""
    trained: dict[tuple[str, str], list[int]] = {}
    for j in np.flatnonzero(drugs.trained).tolist():
        for act in acts[j]:
            trained.setdefault(act, []).append(j)
    fresh = drugs.fresh
    return [{act: trained[act] for act in own if act in trained} if fresh[i] else {} for i, own in enumerate(acts)]


def _by_act(drugs: StudyCompounds, kin: list[dict[tuple[str, str], list[int]]]) -> list[dict[str, Any]]:
    """Rows of what is shared, most test compounds first."""
    tested: dict[tuple[str, str], list[int]] = {}
    trained: dict[tuple[str, str], list[int]] = {}
    for i, own in enumerate(kin):
        for act, others in own.items():
            tested.setdefault(act, []).append(i)
            trained[act] = others
    order = sorted(tested, key=lambda act: (-len(tested[act]), act))
    return [
        {
            act[0]: act[1],
            "test": first((drugs.names[i] for i in tested[act]), NAMED),
            "trained": first((drugs.names[j] for j in trained[act]), NAMED),
            "test compounds": len(tested[act]),
            "training compounds": len(trained[act]),
        }
        for act in order
    ]


def _counted(
    drugs: StudyCompounds, kin: list[dict[tuple[str, str], list[int]]], itself: Flags, sibling: Flags, total: int
) -> str:
    """How many test compounds are of a known mechanism, in words."""
    n = plural(int(drugs.tested.sum()), "test compound")
    if not total:
        return f"of none of {n} a mechanism or target is known"
    moa = sum(any(kind == "mechanism" for kind, _ in own) for own in kin)
    target = sum(any(kind == "target" for kind, _ in own) for own in kin)
    many = int((itself | sibling).sum())
    own = f"{int(itself.sum())} trained themselves, " if itself.any() else ""
    return (
        f"{many} of {total} comparable test compounds ({many / total:.0%}) are of a mechanism or target that "
        f"was trained ({own}{moa} by mechanism, {target} by target)"
    )


def _why(drugs: StudyCompounds, found: Compounds) -> dict[str, str]:
    """Each compound that was not compared, to the reason."""
    many = f"more than {int(MAX_TARGETS.value)} targets, and no mechanism"
    rows = zip(drugs.names, found.targets, strict=True)
    return {name: many if targets else "no mechanism or target" for name, targets in rows}
