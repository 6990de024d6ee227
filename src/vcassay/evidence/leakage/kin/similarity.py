"""L07: how like the test compounds are to training compounds."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vcassay.claim import Claim, Split
from vcassay.core import Finding, Status, Threshold
from vcassay.core.affected import Affected
from vcassay.core.errors import first
from vcassay.core.wording import capital, plural
from vcassay.evidence.leakage.check import check, finding
from vcassay.evidence.leakage.kin.study_compounds import (
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
from vcassay.knowledge.relatives import SIMILAR
from vcassay.knowledge.similarity import tanimoto

NEAR = Threshold(
    "tanimoto_near",
    0.9,
    "PDBBind CleanSplit takes ligands of Tanimoto > .9 apart (Graber 2025, doi:10.1038/s42256-025-01124-5)",
)
ALIKE = Threshold("tanimoto_alike", 0.6, "proposal: from here a look-up of the nearest compound may do")
STEPS = (0.4, 0.6, 0.8, 0.9)
"""Tanimoto coefficients from which shares are counted."""
AMONG = 1000
"""Training compounds whose own nearest neighbour is looked for, at most."""
BLOCK = 2048
"""Fingerprints compared with each other at once: a block of either side takes 16 MB."""
SHOWN = 8
QUESTION = "What are the structures (SMILES) of the compounds?"
SCORE_BELOW = "score the conditions below the threshold; the look-up of the nearest compound is the model to beat."
TOGETHER = 'hold out similar compounds together ([split] tier = "structure"), or '

Bits = NDArray[np.bool_]
Floats = NDArray[np.float64]
Codes = NDArray[np.int64]


def nearest(a: Bits, b: Bits, skip: Codes | None = None) -> tuple[Floats, Codes]:
    """Nearest neighbour by Tanimoto coefficient, in blocks.

    Parameters
    ----------
    a, b
        (n, d) and (m, d) fingerprints.
    skip
        (n,) a row of ``b`` that each row of ``a`` must not find: itself; -1 for none.

    Returns
    -------
    (n,) the largest coefficient and (n,) the first row of ``b`` that reaches it; NaN and -1 where a fingerprint of
    ``a`` or all of ``b`` have no bit.
    """
    best, at = np.full(len(a), np.nan), np.full(len(a), -1, dtype=np.int64)
    for top in range(0, len(a), BLOCK):
        for left in range(0, len(b), BLOCK):
            value = tanimoto(a[top : top + BLOCK], b[left : left + BLOCK])
            if skip is not None:
                own = skip[top : top + BLOCK] - left
                rows = np.flatnonzero((own >= 0) & (own < value.shape[1]))
                value[rows, own[rows]] = np.nan
            filled = np.where(np.isnan(value), -1.0, value)
            found = filled.argmax(axis=1)
            most = filled[np.arange(len(found)), found]
            here = slice(top, top + len(found))
            better = (most >= 0) & ~(most <= best[here])
            best[here][better], at[here][better] = most[better], left + found[better]
    return best, at


@check(
    "L07",
    title="Test compounds similar to training compounds",
    source="PDBBind: near-identical ligands in training let a look-up rival deep models (Graber 2025)",
)
def compound_similarity(split: Split, claim: Claim, knowledge: Knowledge) -> Finding:
    """No test compound has a training compound of much the same structure where unseen compounds are claimed.

    Measured for each test compound that is new by name: the largest Tanimoto coefficient (ECFP4, parents without salts)
    to a compound of training or validation. Where DEX or AEX is declared or found, one of .9 or more is a FAIL and one
    of .6 or more a WARN; where only some of the conditions count as unseen compounds, either is a WARN; elsewhere it is
    a PASS with its numbers. Shares at .4, .6, .8 and .9, the median and the share with a trained scaffold
    (Bemis-Murcko) are stated; the null is the median of training compounds, each to its nearest other one. The
    degree of each test condition is its similarity, for scores along it. Compounds without a structure that could be
    read are of unknown similarity, counted and listed: UNKNOWN when nothing is found and too few could be compared, or
    without RDKit.
    """
    drugs = study_compounds(split)
    if (stop := no_compounds("L07", split, drugs)) is not None:
        return stop
    asked, n = drugs.fresh, plural(int(drugs.tested.sum()), "test compound")
    _, shapes = known_of(split, drugs, knowledge)
    records = _records(split, drugs, shapes)
    if not asked.any():
        said = f"Each of {n} is trained itself, so that likeness to others says nothing more: {records}."
        status = Status.UNKNOWN if split.assumed else Status.PASS
        question = TRAINING_QUESTION if split.assumed else ""
        return finding("L07", status, said, threshold=ALIKE.value, question=question)
    bits = shapes.bits
    if bits is None:
        sentence = f"The likeness of {n} to those trained is not known: {shapes.reason}."
        evidence = not_compared(drugs.names, np.flatnonzero(asked).tolist(), dict.fromkeys(drugs.names, "no RDKit"))
        return finding("L07", Status.UNKNOWN, sentence, evidence=evidence, question=QUESTION)
    known = np.asarray(bits.any(axis=1))
    best, at = _to_trained(drugs, bits)
    have = asked & np.isfinite(best)
    null = _among_trained(drugs, bits)
    top = float(best[have].max()) if have.any() else None
    claimed = claims_unseen(claim)
    status = _judge(top, claimed)
    left = np.flatnonzero(~known & (asked | drugs.trained)).tolist()
    evidence = [
        *_pairs(drugs, shapes, best, at, have),
        *_histogram(best[have]),
        *not_compared(drugs.names, left, why_unread(shapes)),
    ]
    threshold = NEAR.value if status is Status.FAIL else ALIKE.value
    numbers: dict[str, Any] = {"value": top, "null": null, "threshold": threshold, "evidence": evidence}
    compared = f"Compared were {coverage(known, drugs, 'structures', asked)} ({shapes.method}, ECFP4)"
    if (drugs.tested & drugs.trained).any():
        compared += f"; {records}"
    measured = _measured(drugs, shapes, best, have, null) if have.any() else f"Of {n} none could be compared"
    if have.any():
        degree = drugs.spread(np.where(asked, best, np.nan), split.test, seen=1.0, other=np.nan)
        what = f"whose compound has a Tanimoto coefficient of {ALIKE.value:g} or more to one that was trained"
        numbers["affected"] = Affected(what, degree, ALIKE.value)
    if split.assumed:
        sentence = assuming(split, f"{measured[:1].lower()}{measured[1:]}. {compared}")
        return finding("L07", Status.UNKNOWN, sentence, question=TRAINING_QUESTION, **numbers)
    if status is not Status.PASS:
        hit = have & (best >= threshold)
        pairs = sorted(np.flatnonzero(hit).tolist(), key=lambda i: (-best[i], i))
        named = first((f"{drugs.names[i]} and {drugs.names[at[i]]} {best[i]:.2f}" for i in pairs), 3)
        many = f"{int(hit.sum())} with a trained one of Tanimoto >= {threshold:g} ({named}), {claimed_words(claim)}"
        # a split keeps only those together that are more alike than its own threshold
        remedy = f"{TOGETHER if top is not None and top >= SIMILAR.value else ''}{SCORE_BELOW}"
        remedy = f"{capital(remedy)}"
        return finding("L07", status, f"{measured}; {many}. {compared}.", remedy=remedy, **numbers)
    if not enough(known, drugs, asked):
        sentence = f"{measured}{', but too few could be compared' if have.any() else ''}. {compared}."
        return finding("L07", Status.UNKNOWN, sentence, question=QUESTION, **numbers)
    return finding("L07", Status.PASS, f"{measured}. {compared}.", **numbers)


def _judge(top: float | None, claimed: int) -> Status:
    if top is None or not claimed or top < ALIKE.value:
        return Status.PASS
    return Status.FAIL if claimed == 2 and top >= NEAR.value else Status.WARN


def _to_trained(drugs: StudyCompounds, bits: Bits) -> tuple[Floats, Codes]:
    """(d,) largest similarity of each compound that is new by name to one that was trained, and which one that is."""
    best, at = np.full(len(drugs.names), np.nan), np.full(len(drugs.names), -1, dtype=np.int64)
    new, trained = np.flatnonzero(drugs.fresh), np.flatnonzero(drugs.trained)
    value, where = nearest(bits[new], bits[trained])
    best[new], at[new] = value, np.where(where >= 0, trained[where], -1)
    return best, at


def _among_trained(drugs: StudyCompounds, bits: Bits) -> float | None:
    """Median similarity of a training compound to the nearest other one; over an even choice where there are many."""
    trained = np.flatnonzero(drugs.trained)
    some = np.unique(np.linspace(0, len(trained) - 1, min(len(trained), AMONG)).astype(np.int64))
    value, _ = nearest(bits[trained[some]], bits[trained], some)
    value = value[np.isfinite(value)]
    return float(np.median(value)) if len(value) else None


def _measured(
    drugs: StudyCompounds, shapes: Structures, best: Floats, have: NDArray[np.bool_], null: float | None
) -> str:
    """Shares, median and scaffolds in words."""
    value = best[have]
    shares = ", ".join(f"{np.mean(value >= step):.0%} at {step:g}" for step in STEPS)
    trained = {shapes.scaffold[j] for j in np.flatnonzero(drugs.trained).tolist()} - {""}
    rings = [shapes.scaffold[i] for i in np.flatnonzero(have).tolist() if shapes.scaffold[i]]
    core = (
        f", {sum(r in trained for r in rings)} of {len(rings)} with a ring share its scaffold with a trained one"
        if rings
        else ""
    )
    among = f" ({null:.2f} among the trained ones)" if null is not None else ""
    noun = plural(int(have.sum()), "new test compound")
    return (
        f"Of {noun} the nearest trained one has a Tanimoto coefficient of {np.median(value):.2f} in the median{among}, "
        f"at most {value.max():.2f} (or more: {shares}){core}"
    )


def _records(split: Split, drugs: StudyCompounds, shapes: Structures) -> str:
    """Say how many test conditions have their compounds, and these compounds' scaffolds, in training."""
    trained = {shapes.scaffold[j] for j in np.flatnonzero(drugs.trained).tolist()} - {""}
    core = np.array([s in trained for s in shapes.scaffold], dtype=bool)
    mix = drugs.mix[split.test]
    mix = mix[mix >= 0]
    both = [
        sum(int(hits[u]) for u in mix.tolist())
        for of in (drugs.trained, core)
        for hits in ([all(of[d] for d in members) for members in drugs.members],)
    ]
    shares = [f"{n:,} of {len(mix):,} ({n / len(mix):.1%})" for n in both]
    scaffold = f", {shares[1]} their scaffold" if trained else ""
    return f"of the test conditions with a compound {shares[0]} have it in training{scaffold}"


def _pairs(
    drugs: StudyCompounds, shapes: Structures, best: Floats, at: Codes, have: NDArray[np.bool_]
) -> list[dict[str, Any]]:
    """Rows of the most similar pairs."""
    order = sorted(np.flatnonzero(have).tolist(), key=lambda i: (-best[i], i))
    return [
        {
            "test": drugs.names[i],
            "trained": drugs.names[j],
            "role": drugs.role(j),
            "tanimoto": round(float(best[i]), 3),
            "same scaffold": bool(shapes.scaffold[i]) and shapes.scaffold[i] == shapes.scaffold[j],
        }
        for i in order[:SHOWN]
        for j in (int(at[i]),)
    ]


def _histogram(value: Floats) -> list[dict[str, Any]]:
    """Rows of how many compounds are how similar."""
    if not len(value):
        return []
    edges = [0.0, *STEPS, 1.0]
    counts = np.histogram(value, edges)[0].tolist()
    words = [f"{a:g} to {b:g}" for a, b in pairwise(edges)]
    return [{"nearest Tanimoto": w, "test compounds": c} for w, c in zip(words, counts, strict=True)]
