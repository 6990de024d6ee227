"""L11: unseen contexts whose control profile is that of a training context."""

from __future__ import annotations

from typing import Any

import numpy as np

from vcassay.claim import Claim, Split
from vcassay.core import Finding, Status, Threshold
from vcassay.core.affected import Affected
from vcassay.core.errors import first
from vcassay.core.wording import plural
from vcassay.effects import Effects
from vcassay.evidence.leakage.check import EVIDENCE_ROWS, check, finding
from vcassay.evidence.leakage.kin.context_distances import find_distances
from vcassay.evidence.leakage.kin.context_kin import unseen_contexts
from vcassay.evidence.leakage.kin.control_strata import control_strata
from vcassay.evidence.leakage.refusal import TRAINING_QUESTION, no_controls, not_comparable
from vcassay.evidence.leakage.wording import assuming
from vcassay.screen import Screen

NEAR = Threshold(
    "context_near",
    0.04,
    "share of the usual squared distance: half of the least between two of 165 lines (0.082, L1000 basal profiles)",
)
COMPARED = Threshold("contexts_resolved", 0.5, "proposal: of fewer resolved contexts the others could turn the answer")

FEWEST_GENES = 10
GENOTYPES = "Not measurable here: genotypes"
QUESTION = "Were the genotypes (STR profile or expressed variants) of the cell lines compared?"


@check(
    "L11",
    title="Test contexts that look like a training context",
    source="same-line replicates as the yardstick; Cellosaurus lists misidentified and renamed lines",
)
def context_duplicates(
    effects: Effects, screen: Screen, split: Split, claim: Claim, rng: np.random.Generator
) -> Finding:
    """No unseen context has the control profile of a training context, as two halves of one context have.

    Squared distances of control profiles are cross-products of disjoint shards, whose expectation is 0 between two
    halves of one context and between one line under two names, whatever the noise; shared batches cancel, and what
    batches of one context differ by is taken off where none is shared. WARN if, by the upper 95 % bound over all
    training contexts, a context is nearer to one of them than `NEAR` of the usual squared distance of two contexts.
    UNKNOWN if the bounds leave open whether some context is so near, or if fewer than `COMPARED` of the unseen contexts
    could be compared, for want of controls or because batches and contexts coincide; NA for ready-made effects and
    where every test context is trained. Genotypes are not measured.
    """
    if (stop := not_comparable("L11", split)) is not None:
        return stop
    if (stop := no_controls("L11", effects)) is not None:
        return stop
    context = split.conditions.context[split.test]
    new, trained = unseen_contexts(split, claim)
    if not new:
        return finding("L11", Status.NA, "Every test context is among the training contexts.")
    strata = control_strata(effects.moments, screen, (*new, *trained), np.asarray(effects.mask.any(axis=0)))
    place = {name: i for i, name in enumerate(strata.names)}
    own, theirs = ([name for name in names if name in place] for names in (new, trained))
    lost = [{"not compared": f"{name}: too few controls"} for name in (*new, *trained) if name not in place]
    if not own or not theirs or int(strata.genes.sum()) < FEWEST_GENES:
        return finding(
            "L11",
            Status.UNKNOWN,
            f"Control profiles of {plural(len(new), 'unseen context')} cannot be compared with training contexts: "
            f"{len(own)} unseen and {len(theirs)} training contexts have enough controls. {GENOTYPES}.",
            evidence=lost,
            question=QUESTION,
        )
    found = find_distances(strata, [place[n] for n in own], [place[n] for n in theirs], rng)
    nearest = np.argmin(np.where(np.isfinite(found.high), found.high, np.inf), axis=1)
    at = np.arange(len(own))
    value, high, low = found.distance[at, nearest], found.high[at, nearest], found.low.min(axis=1)
    fair = found.fair.any(axis=1)
    near = high <= NEAR.value
    apart = ~near & (low > NEAR.value) & fair
    known = near | apart
    rows: list[dict[str, Any]] = [
        {
            "context": own[i],
            "nearest": theirs[nearest[i]],
            "distance": float(value[i]),
            "at most": float(high[i]),
            "r": float(found.r[i, nearest[i]]),
            "its own halves": float(found.halves[i]),
            "verdict": "near-duplicate" if near[i] else "apart" if apart[i] else "not resolved",
        }
        for i in np.lexsort((np.arange(len(own)), value, ~near)).tolist()
    ]
    degree = {name: max(0.0, 1.0 - float(high[i])) for i, name in enumerate(own) if known[i]}
    affected = Affected(
        "in a context whose control profile is that of a training context",
        np.asarray([degree.get(name, np.nan) for name in context.tolist()]),
        1.0 - NEAR.value,
    )
    head = rows[0]
    nearby = (
        f"{head['context']} is {_percent(head['distance'])} of the usual squared distance from {head['nearest']} "
        f"(at most {_percent(head['at most'])}), r = {head['r']:.4f} without noise"
    )
    open_ends = _open(len(new), len(own), int((~known).sum()), int((~fair).sum()))
    numbers: dict[str, Any] = {"value": head["distance"], "null": 1.0, "threshold": NEAR.value}
    numbers |= {"evidence": [*rows[: max(EVIDENCE_ROWS - len(lost), EVIDENCE_ROWS // 2)], *lost], "affected": affected}
    if near.any():
        names = first((f"{r['context']} and {r['nearest']}" for r in rows[: int(near.sum())]), 3)
        sentence = (
            f"{int(near.sum())} of {plural(len(own), 'unseen context')} as like a training context as two halves of "
            f"one context are ({names}): {nearby}{open_ends}. {GENOTYPES}."
        )
        if split.assumed:
            sentence = assuming(split, sentence)
            return finding("L11", Status.UNKNOWN, sentence, question=TRAINING_QUESTION, **numbers)
        remedy = "Ask whether these are one line or donor; if so keep them on one side, else state their genotypes."
        return finding("L11", Status.WARN, sentence, remedy=remedy, **numbers)
    sentence = f"No unseen context of {len(own)} was found to be a training context: nearest, {nearby}{open_ends}. "
    sentence += f"{GENOTYPES}."
    doubtful = bool((~known & fair).any()) or apart.sum() < COMPARED.value * len(new)
    if split.assumed or doubtful:
        question = TRAINING_QUESTION if split.assumed else QUESTION
        said = assuming(split, sentence) if split.assumed else sentence
        return finding("L11", Status.UNKNOWN, said, question=question, **numbers)
    return finding("L11", Status.PASS, sentence, **numbers)


def _percent(share: float) -> str:
    """Percent with two figures, or whole: ``0.34 %``, ``113 %``; below 0 it is 0 but for noise."""
    if not np.isfinite(share):
        return "not defined"
    return f"{100 * share:.2g} %" if abs(share) < 1 else f"{100 * share:.0f} %"


def _open(n_new: int, compared: int, unresolved: int, unshared: int) -> str:
    """What could not be compared or told, as the end of a sentence."""
    parts = []
    if compared < n_new:
        parts.append(f"{n_new - compared} of {n_new} unseen contexts have too few controls")
    if unresolved:
        parts.append(f"{unresolved} of {compared} are not resolved")
    if unshared:
        parts.append(f"{unshared} share no batch with a training context")
    return f"; {', '.join(parts)}" if parts else ""
