"""L06, L06d: one compound under two names, across roles and twice among what is tested."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from vcassay.claim import Claim, Role, Split
from vcassay.core import Finding, Status
from vcassay.core.affected import affected_where
from vcassay.core.errors import first
from vcassay.core.wording import capital, plural
from vcassay.evidence.leakage.check import check, finding
from vcassay.evidence.leakage.kin.compound_identity import SAME, Identity, find_identity, twins_among
from vcassay.evidence.leakage.kin.study_compounds import (
    COMPARABLE,
    UNSEEN,
    StudyCompounds,
    claimed_words,
    claims_unseen,
    coverage,
    enough,
    known_of,
    no_compounds,
    not_compared,
    study_compounds,
    why_unread,
)
from vcassay.evidence.leakage.refusal import TRAINING_QUESTION
from vcassay.evidence.leakage.wording import assuming
from vcassay.knowledge import Knowledge, Structures

SHOWN = 13
"""Pairs that the evidence keeps, so that there is room for what could not be compared."""
QUESTION = "What are the structures (SMILES) of the compounds?"
REMEDY = 'Hold out every form of a compound (salt, solvate, synonym) together: [split] tier = "structure".'
TWICE_REMEDY = "Keep one name of each compound in the test list, or average its conditions before scoring."

Row = dict[str, Any]


@check("L06", title="Test compounds trained under another name", source="salts and solvates in STATE's Tahoe-100M list")
def compound_identity(split: Split, claim: Claim, knowledge: Knowledge) -> Finding:
    """No test compound was trained under another name: as a salt, a solvate, a synonym or in another spelling.

    Compared are parents: structures without counter-ions and solvents, neutralised, by InChIKey (without RDKit the text
    of the SMILES fragment), and names without case, punctuation and the words for a salt where a structure is missing.
    A match is a FAIL where unseen compounds are claimed (DEX, AEX, declared or found); elsewhere a WARN where the
    claim counts the condition as an unseen compound, or the compound was trained in the same context; and else a PASS
    with its number, as under CEX, where the compound is meant to be known. Where stereochemistry or isotopes differ,
    one is a mixture, or the name may tell an ester, it is a WARN. What was trained under the same name is L04's.
    Validation counts as training, and is named. UNKNOWN when nothing is found among too few that could be compared.
    """
    drugs = study_compounds(split)
    if (stop := no_compounds("L06", split, drugs)) is not None:
        return stop
    found, shapes = known_of(split, drugs, knowledge)
    identity = find_identity(shapes, found.smiles)
    rows, level = _trained_twins(drugs, identity)
    unseen = drugs.spread(level, split.test, seen=0.0, other=0.0)
    here, more = _in_same_context(split, drugs, identity)
    told = {(r["test"], r["trained"]) for r in rows}
    pairs = [*rows, *(r for r in more if (r["test"], r["trained"]) not in told)]
    regime = np.isin(claim.novelty.regime, [str(r) for r in UNSEEN])
    claimed = claims_unseen(claim)
    counts = unseen if claimed == 2 else np.where(regime & (claimed == 1), unseen, 0.0)
    matters, known = np.maximum(counts, here), identity.known
    left = np.flatnonzero(~known & (drugs.tested | drugs.trained)).tolist()
    evidence = [*pairs[:SHOWN], *not_compared(drugs.names, left, why_unread(shapes))]
    compared = f"Compared were names and {coverage(known, drugs, 'structures')} ({_method(shapes)})"
    n = len({r["test"] for r in pairs})
    counted = _counted(int(drugs.tested.sum()), pairs)
    numbers: dict[str, Any] = {"value": float(n), "null": 0.0, "threshold": 0.0, "evidence": evidence}
    if split.assumed:
        sentence = assuming(split, f"{counted}. {compared}")
        return finding("L06", Status.UNKNOWN, sentence, question=TRAINING_QUESTION, **numbers)
    if matters.any():
        readable = drugs.spread(np.where(known, 1.0, np.nan), split.test, seen=1.0, other=1.0)
        hit = np.asarray(matters > 0)
        numbers["affected"] = affected_where(
            "whose compound was trained under another name", hit, hit | np.isfinite(readable)
        )
        status = Status.FAIL if claimed == 2 and (counts == SAME).any() else Status.WARN
        where = plural(int((here > 0).sum()), "test condition")
        why = claimed_words(claim) if counts.any() else f"{where} of them in the same context"
        sentence = f"{counted}, {why}. {compared}."
        return finding("L06", status, sentence, remedy=REMEDY, **numbers)
    if not enough(known, drugs, _asked(split, claim, drugs, regime, claimed)):
        sentence = f"{capital(counted)}, but too few could be compared. {compared}."
        return finding("L06", Status.UNKNOWN, sentence, question=QUESTION, **numbers)
    meant = f", which {claim.declared or claim.regime} allows" if n else ""
    same = int((drugs.tested & drugs.trained).sum())
    sentence = f"{counted}{meant}, {same} under the same name. {compared}."
    return finding("L06", Status.PASS, sentence, **numbers)


@check("L06d", title="Test compounds listed under two names", source="STATE's Tahoe-100M list: 16 groups of salts")
def compound_tested_twice(split: Split, knowledge: Knowledge) -> Finding:
    """No compound is tested in one context under two names, and so counted twice in every mean.

    Compared as in L06. The affected conditions are those of the second and further names, so that scores without them
    count each compound once. UNKNOWN when nothing is found among too few that could be compared.
    """
    drugs = study_compounds(split)
    if not drugs.tested.any():
        return finding("L06d", Status.NA, "No test condition is of a compound.")
    found, shapes = known_of(split, drugs, knowledge)
    identity = find_identity(shapes, found.smiles)
    tested, name = _contexts(split, drugs, split.test), ["+".join(parts) for parts in drugs.mixes]
    again = np.zeros(len(split.test), dtype=bool)
    mix, context = drugs.mix[split.test], split.conditions.context[split.test]
    rows: list[Row] = []
    for pair in twins_among(drugs, identity, tested):
        shared = sorted(tested[pair.left] & tested[pair.right])
        if shared:
            one, later = sorted((pair.left, pair.right), key=lambda x: name[x])
            again |= (mix == later) & np.isin(context, shared)
            doubt = pair.level < SAME
            rows.append(
                {"test": name[one], "also": name[later], "equal": pair.equal, "doubt": doubt, "contexts": len(shared)}
            )
    known = identity.known
    left = np.flatnonzero(~known & drugs.tested).tolist()
    evidence = [*rows[:SHOWN], *not_compared(drugs.names, left, why_unread(shapes))]
    n = int(drugs.tested.sum())
    compared = f"compared were names and the structures of {int((known & drugs.tested).sum())} ({_method(shapes)})"
    numbers: dict[str, Any] = {"value": float(len(rows)), "null": 0.0, "threshold": 0.0, "evidence": evidence}
    if rows:
        said = first((f"{r['test']} = {r['also']}" for r in rows), 3)
        doubts = sum(r["doubt"] for r in rows)
        maybe = f"; {doubts} of {len(rows)} pairs in doubt" if doubts else ""
        names = {r[side] for r in rows for side in ("test", "also")}
        sentence = (
            f"{len(names)} names among {plural(n, 'test compound')} stand for compounds that are tested twice "
            f"({said}{maybe}): {plural(int(again.sum()), 'test condition')} counted double; {compared}."
        )
        numbers["affected"] = affected_where("whose compound is tested under another name, too", again)
        return finding("L06d", Status.WARN, sentence, remedy=TWICE_REMEDY, **numbers)
    sentence = f"None of {plural(n, 'test compound')} is found twice; {compared}."
    if known[drugs.tested].mean() < COMPARABLE.value and n > 1:
        return finding("L06d", Status.UNKNOWN, sentence, question=QUESTION, **numbers)
    return finding("L06d", Status.PASS, sentence, **numbers)


def _trained_twins(drugs: StudyCompounds, identity: Identity) -> tuple[list[Row], NDArray[np.float64]]:
    """Pairs of a compound that is new by name and one that is trained, and (d,) the best level of each."""
    level = np.zeros(len(drugs.names))
    trained: dict[int, list[int]] = {}
    for j in np.flatnonzero(drugs.trained).tolist():
        trained.setdefault(int(identity.group[j]), []).append(j)
    rows: list[tuple[int, Row]] = []
    for i in np.flatnonzero(drugs.fresh).tolist():
        for j in trained.get(int(identity.group[i]), ()):
            grade, equal = identity.compare(i, j)
            if grade:
                level[i] = max(level[i], grade)
                names = {"test": drugs.names[i], "trained": drugs.names[j], "role": drugs.role(j)}
                equals = {"equal": equal, "doubt": grade < SAME}
                keys = {"test InChIKey": identity.key(i), "trained InChIKey": identity.key(j)}
                rows.append((grade, names | equals | keys))
    return [row for _, row in sorted(rows, key=lambda x: -x[0])], level


def _in_same_context(split: Split, drugs: StudyCompounds, identity: Identity) -> tuple[NDArray[np.float64], list[Row]]:
    """(t,) level of identity with what was trained in the same context under another name, and the pairs."""
    level = np.zeros(len(split.test))
    tested, trained = _contexts(split, drugs, split.test), _contexts(split, drugs, split.train)
    mix, context = drugs.mix[split.test], split.conditions.context[split.test]
    parted = np.isin(split.test, split.both_sides)  # of these, more is trained than a twin
    rows = []
    for pair in twins_among(drugs, identity, set(tested) | set(trained)):
        for u, v in ((pair.left, pair.right), (pair.right, pair.left)):
            shared = sorted(tested.get(u, set()) & trained.get(v, set()))
            hit = (mix == u) & np.isin(context, shared) & ~parted
            if hit.any():
                level[hit] = np.maximum(level[hit], pair.level)
                role = Role.TRAIN.value if all(drugs.taught[d] for d in drugs.members[v]) else Role.VAL.value
                names = {"test": "+".join(drugs.mixes[u]), "trained": "+".join(drugs.mixes[v]), "role": role}
                rows.append(names | {"equal": pair.equal, "doubt": pair.level < SAME, "same context": len(shared)})
    return level, rows


def _contexts(split: Split, drugs: StudyCompounds, at: NDArray[np.int64]) -> dict[int, set[str]]:
    """Contexts of each perturbation among some conditions."""
    found: dict[int, set[str]] = {}
    for u, context in zip(drugs.mix[at].tolist(), split.conditions.context[at].tolist(), strict=True):
        if u >= 0:
            found.setdefault(u, set()).add(context)
    return found


def _asked(
    split: Split, claim: Claim, drugs: StudyCompounds, regime: NDArray[np.bool_], claimed: int
) -> NDArray[np.bool_]:
    """(d,) test compounds of which a twin in training would matter."""
    if claimed == 2:
        return drugs.fresh
    shown = (claim.novelty.shots + claim.novelty.shots_val > 0) & ~np.isin(split.test, split.both_sides)
    asked = np.zeros(len(drugs.names), dtype=bool)
    codes = np.unique(drugs.mix[split.test][(regime & (claimed == 1)) | shown])
    asked[[d for u in codes[codes >= 0].tolist() for d in drugs.members[u]]] = True
    return asked


def _counted(total: int, pairs: list[Row]) -> str:
    """Say how many test compounds were trained under another name, and of how many that is in doubt."""
    same = [r for r in pairs if not r["doubt"]]
    sure = {r["test"] for r in same}
    doubt = [r for r in pairs if r["test"] not in sure]
    n, m = len(sure), len({r["test"] for r in doubt})
    counted = f"{n} of {plural(total, 'test compound')} {'was' if n == 1 else 'were'} trained under another name"
    if same:
        tuned = sum(r["role"] == Role.VAL.value for r in same)
        also = f"; {tuned} of {plural(len(same), 'pair')} for validation alone" if tuned else ""
        counted += f" ({_named(same)}{also})"
    if doubt:
        counted += f", and of {m}{' more' if n else ''} that is in doubt ({_named(doubt)})"
    return counted


def _named(pairs: list[Row]) -> str:
    return first((f"{r['test']} = {r['trained']}" for r in pairs), 3)


def _method(shapes: Structures) -> str:
    """How structures were compared."""
    if shapes.method != "text":
        return shapes.method
    return "as text, without RDKit: one structure that is written in two ways is not seen"
