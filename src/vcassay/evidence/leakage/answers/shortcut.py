"""L24: whether the model's score depends on the input it claims to read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.ceiling import perfect_ceiling
from vcassay.claim import Claim, Split
from vcassay.core import Finding, Regime, Status
from vcassay.core.wording import plural
from vcassay.effects import Effects
from vcassay.evidence.leakage.answers.ablation import (
    SAME,
    SPECIFIC,
    Change,
    measure_change,
    share_between,
    share_specific,
)
from vcassay.evidence.leakage.check import check, finding, finite
from vcassay.evidence.leakage.refusal import not_detectable
from vcassay.evidence.leakage.wording import bounds
from vcassay.prediction import Answer

Array = NDArray[np.float64]
Codes = NDArray[np.int64]
Mask = NDArray[np.bool_]

ORDER = ("shuffled", "zeroed", "swapped")
"""Which disturbance decides: exchanged inputs are as likely as the own ones; zeros may be unlike any other input."""


@check("L24", title="Ignores the perturbation", blocks=True, source="input ablation, an equivalence test")
def ignores_perturbation(effects: Effects, split: Split, answer: Answer, rng: np.random.Generator) -> Finding:
    """The score falls when the perturbation's identity is taken away or exchanged.

    FAIL if predictions do not differ between perturbations, or if the loss is shown to be smaller than
    the margin; UNKNOWN if neither that nor the opposite can be shown.
    """
    if not _can_differ(effects, split):
        return not_detectable("L24", split, answer.name)
    share = share_between(*comparable(effects, split, answer))
    if share <= SAME.value:
        same = "zero" if not np.nan_to_num(answer.values).any() else "equal up to rounding"
        return finding(
            "L24",
            Status.FAIL,
            f"Predictions of different perturbations in one context (at one dose) are all {same}.",
            value=share,
            threshold=SAME.value,
            model=answer.name,
            remedy="A model that answers every perturbation alike is a mean: claim no more than that.",
        )
    return _judge("L24", "perturbation", effects, split, answer, rng)


@check("L24c", title="Ignores the context", source="input ablation, an equivalence test")
def ignores_context(effects: Effects, split: Split, claim: Claim, answer: Answer, rng: np.random.Generator) -> Finding:
    """The score falls when the context is taken away or exchanged, where new contexts are claimed."""
    if claim.regime not in (Regime.CEX, Regime.AEX, Regime.FEW_SHOT):
        sentence = f"Not asked: under {claim.regime} no new context is claimed."
        return finding("L24c", Status.NA, sentence, model=answer.name)
    return _judge("L24c", "context", effects, split, answer, rng)


@check("L24d", title="Ignores the dose", source="input ablation, an equivalence test")
def ignores_dose(effects: Effects, split: Split, claim: Claim, answer: Answer, rng: np.random.Generator) -> Finding:
    """The score falls when the dose is taken away or exchanged, where doses are what is claimed.

    The score is Lin's concordance, of predictions brought to the measured size as a whole: doses differ most in the
    size of their effects, which Pearson's correlation does not see. WARN if the predictions are the same whatever the
    dose; PASS if the score falls by more than the margin; UNKNOWN in between, as neighbouring doses may act alike. NA
    where no perturbation is tested at several doses, or where nothing was handed in and the use is no dose finding.
    """
    table = effects.conditions.take(split.test)
    series = [(c, p, t) for c, p, _, t in table.keys]
    if len(set(series)) == len(series) or not np.isfinite(table.dose).any():
        sentence = f"Not asked: none of {plural(len(series), 'test condition')} shares its perturbation and context."
        return finding("L24d", Status.NA, sentence, model=answer.name)
    if claim.use != "dose-finding" and not any("dose" in kind for kind in answer.ablations):
        sentence = "Not asked: the result is not wanted for dose finding, and no disturbed dose was handed in."
        return finding("L24d", Status.NA, sentence, model=answer.name)
    return _judge("L24d", "dose", effects, split, answer, rng)


def _kinds(answer: Answer, what: str) -> list[str]:
    """Ablations of an input that were handed in, the one that decides first."""
    return sorted((k for k in answer.ablations if k.endswith(what)), key=lambda k: (ORDER.index(k.split("_")[0]), k))


def _judge(
    name: str,
    what: str,
    effects: Effects,
    split: Split,
    answer: Answer,
    rng: np.random.Generator,
) -> Finding:
    """Compare the answers with each ablation; the first kind (shuffled, if handed in) decides.

    The nearest other one may act alike, so that a swap that costs nothing shows nothing by itself.
    """
    kinds = _kinds(answer, what)
    if not kinds:
        return finding(
            name,
            Status.UNKNOWN,
            f"No predictions with a disturbed {what} were handed in.",
            model=answer.name,
            question=f"What does the model predict when the {what} is shuffled among the test conditions?",
        )
    changes, judged_on = {}, {}
    for kind in kinds:  # each on the conditions that it was handed in for
        at, mask = _assessed(effects, split, answer, answer.ablations[kind])
        position = split.test[at]
        table = effects.conditions.take(position)
        context, family = (np.unique(x, return_inverse=True)[1] for x in (table.context, table.perturbation))
        judged_on[kind] = position, mask, table, context, family
        if len(at):
            changes[kind] = measure_change(
                effects.delta[position],
                answer.values[at],
                answer.ablations[kind].values[at],
                mask,
                context,
                family,
                perfect_ceiling(effects.reliability[position]),
                rng,
                sized=what == "dose",
            )
    if kinds[0] not in changes:
        sentence = "Not measurable: no detectable test condition is predicted with and without the disturbance."
        return finding(name, Status.NA, sentence, model=answer.name)
    lead, (position, mask, table, context, family) = changes[kinds[0]], judged_on[kinds[0]]
    bounded = bool(np.isfinite([lead.loss.low, lead.loss.high]).all())
    score = "concordance" if what == "dose" else "Pearson"
    numbers = (
        f"{kinds[0].replace('_', ' ')}: {score} {lead.disturbed:.2f} instead of {lead.own:.2f}, a loss of "
        f"{lead.loss.value:.3f}, {bounds(lead.loss)}, {plural(lead.n, 'condition')}"
    )
    more: dict[str, Any] = {
        "value": lead.loss.value,
        "null": 0.0,
        "threshold": finite(lead.margin),
        "model": answer.name,
        "evidence": [_row(kind, changes[kind]) for kind in kinds if kind in changes],
    }
    if lead.verdict == "used":
        return finding(name, Status.PASS, f"The {what} matters ({numbers}).", **more)
    dose = np.unique(np.nan_to_num(table.dose, nan=-1.0), return_inverse=True)[1]
    groups = {
        "perturbation": (context, family),
        "context": (family, context),
        "dose": (family * (int(context.max()) + 1) + context, dose),
    }[what]
    halves = effects.half_a[position], effects.half_b[position]
    specific = share_specific(*halves, np.broadcast_to(mask, halves[0].shape), *groups)
    gentle = (kinds[0].startswith("swapped") or what == "dose") and not lead.identical
    if lead.verdict == "unused" and not gentle and (lead.identical or not specific < SPECIFIC.value):
        status = Status.FAIL if what == "perturbation" else Status.WARN
        same = " The disturbed predictions are the same as the original ones." if lead.identical else ""
        remedy = "Check that the ablation is not the prediction itself; else claim no more than a mean."
        return finding(name, status, f"The model ignores the {what} ({numbers}).{same}", remedy=remedy, **more)
    if specific < SPECIFIC.value:
        why = f"the truth itself would lose only {max(specific, 0.0):.0%} of its agreement"
    elif not bounded:
        why = "there are too few perturbations for an interval"
    elif np.isnan(lead.margin):
        why = "the score is not above 0, so that there is nothing to lose"
    elif gentle and lead.verdict == "unused":
        why = f"the nearest other {what} may act alike, and no exchange with any other was handed in"
        if what == "dose":
            why = "neighbouring doses may act alike"
    else:
        why = f"neither within {lead.margin:.3f} of 0 nor above it"
    question = f"Can predictions with a shuffled {what} be handed in for more conditions?"
    sentence = f"Whether the model uses the {what} cannot be told: {why} ({numbers})."
    return finding(name, Status.UNKNOWN, sentence, question=question, **more)


def _row(kind: str, change: Change) -> Mapping[str, Any]:
    return {
        "ablation": kind,
        "score": change.own,
        "disturbed score": change.disturbed,
        "loss": change.loss.value,
        "low": finite(change.loss.low),
        "high": finite(change.loss.high),
        "margin": finite(change.margin),
        "input": change.verdict,
    }


def comparable(effects: Effects, split: Split, answer: Answer) -> tuple[Array, Codes]:
    """Answered rows as they were handed in, and groups within which only the perturbation differs."""
    table = effects.conditions.take(split.test)
    rows = np.flatnonzero(answer.state == "ok")
    values = (answer.values if answer.profile is None else answer.profile)[:, answer.genes]
    keys = [f"{c}\n{d!r}\n{t!r}" for c, _, d, t in table.keys]
    return values[rows], np.unique(np.asarray(keys)[rows], return_inverse=True)[1].astype(np.int64)


def _can_differ(effects: Effects, split: Split) -> bool:
    """Whether some test condition has an effect, or detectability could not be assessed."""
    return bool(effects.detectable[split.test].any() or not effects.assessed[split.test].any())


def _assessed(effects: Effects, split: Split, answer: Answer, disturbed: Answer) -> tuple[Codes, Mask]:
    """Test conditions (positions in the test set) that count, and their genes: detectable where assessed."""
    ok = (answer.state == "ok") & (disturbed.state == "ok")
    if effects.assessed[split.test].any():
        ok &= effects.detectable[split.test]
    at = np.flatnonzero(ok)
    return at, effects.mask[split.test[at]] & answer.genes & disturbed.genes
