"""Findings of stage 1: what is declared against what the tables show, mixtures, kin in training, pretraining."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from vcassay.claim.applications import KIN_SHARE
from vcassay.claim.claim import Claim
from vcassay.claim.wording import plural
from vcassay.core import STRENGTH, Finding, Regime, Status
from vcassay.core.errors import first

TITLES = {
    "C01": "Another regime than declared",
    "C02": "Several kinds of novelty",
    "C03": "Kin in training",
    "C04": "Pretraining not declared",
}
"""Findings of this room by name."""
PRETRAINING_QUESTION = (
    "Which corpora was the model pretrained on, and were the test contexts and perturbations in them?"
)
EVIDENCE_ROWS = 20


def claim_findings(claim: Claim, *, kin: bool = True) -> Iterator[Finding]:
    """Judge what the tables show; none of these blocks: the claim is cut down instead (methods 13).

    Parameters
    ----------
    kin
        Whether to look for relatives (C03); not where the leakage room does, compound by gene by context (L06 to L10).
    """
    if claim.regime is None:
        return
    yield declared_against_found(claim)
    yield mixture(claim)
    if kin:
        yield kin_in_training(claim)


def declared_against_found(claim: Claim) -> Finding:
    """The regime that the authors state is the one that the tables show."""
    found, declared = claim.regime, claim.declared
    rows = tuple(
        {"regime": s.regime.value, "kind": s.kind, "test conditions": len(s.at), "share": len(s.at) / _n(claim)}
        for s in claim.strata
    )
    if declared is None or found is None:
        return _finding("C01", Status.NA, f"No regime is declared; the tables show {found}.", evidence=rows)
    same = float(np.mean(claim.novelty.regime == declared.value))
    numbers = {"value": same, "null": 1.0, "threshold": claim.covered, "evidence": rows}
    shown = f"{same:.0%} of the {plural(_n(claim), 'test condition')} are {declared}"
    if declared is found:
        return _finding("C01", Status.PASS, f"{declared} is declared and found: {shown}.", **numbers)
    if STRENGTH.index(found) < STRENGTH.index(declared):
        remedy = f"Claim {found}, or hold out what {declared} needs."
        sentence = f"{declared} is declared, but the tables show {found}: {shown}."
        return _finding("C01", Status.FAIL, sentence, remedy=remedy, **numbers)
    sentence = f"{declared} is declared, but the tables show {found}, which is another test: {shown}."
    return _finding("C01", Status.WARN, sentence, remedy=f"State {found} as the regime.", **numbers)


def mixture(claim: Claim) -> Finding:
    """The test conditions are new in one way."""
    kinds = [f"{len(s.at):,} of {s.regime}" + (f" ({s.label})" if s.label else "") for s in claim.spoken]
    most = max(len(s.at) for s in claim.strata) / _n(claim)
    stray = _n(claim) - sum(len(s.at) for s in claim.spoken)
    aside = f"; {plural(stray, 'test condition')} of other regimes set aside" if stray else ""
    if len(claim.spoken) < 2:
        own = claim.spoken[0]
        sentence = f"The claim speaks of one kind of test conditions ({len(own.at):,} {own.name}){aside}."
        return _finding("C02", Status.PASS, sentence, value=most, null=1.0)
    sentence = f"The test set holds {len(claim.spoken)} kinds of test conditions: {first(kinds, 6)}{aside}."
    remedy = "Score each kind apart: the overall score speaks of the weakest."
    return _finding("C02", Status.WARN, sentence, value=most, null=1.0, threshold=claim.covered, remedy=remedy)


def kin_in_training(claim: Claim) -> Finding:
    """No relative of what is called unseen, perturbation or context, is in training."""
    novelty, names = claim.novelty, claim.split.conditions.ids
    new = np.isin(novelty.regime, [Regime.GEX, Regime.DEX, Regime.MODALITY, Regime.AEX])
    new_context = np.isin(novelty.regime, [Regime.CEX, Regime.AEX])
    if not (new | new_context).any():
        return _finding("C03", Status.NA, "Nothing is called unseen but cells, doses, times, pairs or combinations.")
    contexts_known = claim.related is not None and claim.related.contexts is not None
    compared = [novelty.compared] * bool(new.any() and novelty.compared)
    compared += ["contexts by descent and donor"] * bool(new_context.any() and contexts_known)
    caught = [i for i in np.flatnonzero(new | new_context).tolist() if novelty.kin[i]]
    counted = int((new | new_context).sum())
    by = "; ".join(compared)
    if caught:
        share = len(caught) / counted
        rows = tuple(
            {"test condition": names[novelty.test[i]], "trained kin": novelty.kin[i]} for i in caught[:EVIDENCE_ROWS]
        )
        of = f"{len(caught):,} of {counted:,} unseen test conditions ({share:.0%})"
        sentence = f"Of {of} a relative was trained, by {by}."
        remedy = "Keep kin in one role (the split makers do, with [knowledge]), or claim what is known of relatives."
        numbers = {"value": share, "null": 0.0, "threshold": 0.0}
        return _finding("C03", Status.WARN, sentence, evidence=rows, remedy=remedy, **numbers)
    open_ = ["perturbations"] * bool(new.any() and novelty.compared_share < KIN_SHARE.value)
    open_ += ["contexts"] * bool(new_context.any() and not contexts_known)
    if claim.split.assumed:
        sentence = f"Whether kin of what is tested was trained is not known: {claim.split.assumed}."
        return _finding("C03", Status.UNKNOWN, sentence, question="Which conditions was the model trained on?")
    if open_:
        what = " and ".join(open_)
        told = f"; none was found by {by}" if by else ""
        sentence = f"Kin of unseen {what} was sought by name alone, or of too few: relatives may be in training{told}."
        question = "Hand in compounds, relations or cell_lines under [knowledge], or ask whether kin was kept together."
        return _finding("C03", Status.UNKNOWN, sentence, question=question)
    sentence = f"No relative of the {counted:,} unseen test conditions is in training, by {by}."
    return _finding("C03", Status.PASS, sentence, value=0.0, null=0.0)


def pretraining(declared: str) -> Finding:
    """What a model was pretrained on is declared; asked of a claim without a model (of a model, L21 asks more).

    Parameters
    ----------
    declared
        ``no``, ``yes`` or ``unknown``.
    """
    match declared:
        case "no":
            return _finding("C04", Status.PASS, "There was no pretraining on further data, as declared.")
        case "yes":
            sentence = "There was pretraining on further data: unseen means unseen in training alone."
        case _:
            sentence = "Pretraining is not declared: unseen means unseen in training alone."
    return _finding("C04", Status.UNKNOWN, sentence, question=PRETRAINING_QUESTION)


def _n(claim: Claim) -> int:
    return len(claim.novelty.test)


def _finding(name: str, status: Status, sentence: str, **more: Any) -> Finding:
    return Finding(check=name, title=TITLES[name], status=status, sentence=sentence, family="claim", **more)


FUNCTIONS: dict[str, Callable[..., Finding]] = {
    "C01": declared_against_found,
    "C02": mixture,
    "C03": kin_in_training,
    "C04": pretraining,
}
"""Findings by name."""
