"""L03, L04: what the split really holds out, against what is declared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vcassay.claim import Claim, Split
from vcassay.core import Finding, Regime, Status
from vcassay.core.errors import first
from vcassay.core.regime import NEW_CONTEXT, NEW_PERTURBATION
from vcassay.core.wording import plural
from vcassay.evidence.leakage.check import check, finding
from vcassay.evidence.leakage.refusal import TRAINING_QUESTION, not_comparable
from vcassay.evidence.leakage.roles.held_out import touching
from vcassay.evidence.leakage.wording import assuming

NEW_NAME = tuple(r for r in NEW_PERTURBATION if r is not Regime.MODALITY)
"""Claims that the same name in training contradicts: under cross-modality a gene may be trained as another kind."""


def shots_by_context(
    context: NDArray[np.str_], shots: NDArray[np.int64], share: NDArray[np.float64]
) -> list[Mapping[str, Any]]:
    """Training perturbations of each test context, most first.

    Parameters
    ----------
    context, shots, share
        (t,) of the test conditions: context, training perturbations in it, and their share of those
        measured there.

    Returns
    -------
    One row a context: its name, test conditions, training perturbations and their share.
    """
    names, at, count = np.unique(context, return_index=True, return_counts=True)
    columns = (names.tolist(), count.tolist(), shots[at].tolist(), share[at].tolist())
    keys = ("context", "test conditions", "training perturbations", "share")
    rows = [dict(zip(keys, values, strict=True)) for values in zip(*columns, strict=True)]
    return sorted(rows, key=lambda r: (-r["share"], r["context"]))


@check("L03", title="Test contexts shown in training", source="Csendes 2026 (Turbine), step 1; STATE on Tahoe")
def shown_contexts(split: Split, claim: Claim) -> Finding:
    """A context claimed to be unseen (CEX, AEX) has no perturbation in training.

    Never blocks: what is found is the claim that the verdict is about, and the declared one is cut
    down to it (methods 13, rule c).
    """
    if (stop := not_comparable("L03", split)) is not None:
        return stop
    novelty, declared = claim.novelty, claim.declared
    shots = novelty.shots + novelty.shots_val
    share_shown = novelty.shots_share * (shots / np.maximum(novelty.shots, 1))
    rows = shots_by_context(split.conditions.context[novelty.test], shots, share_shown)
    shown = [r for r in rows if r["training perturbations"]]
    share = float(np.mean([r["share"] for r in rows]))
    k = float(np.median([r["training perturbations"] for r in shown])) if shown else 0.0
    tuned = int(np.median(novelty.shots_val[shots > 0])) if shown else 0
    also = f", {tuned:,} of them for validation" if tuned else ""
    measured = (
        f"{len(shown)} of {plural(len(rows), 'test context')} shown in training, with k = {k:g} (median{also}); "
        f"over all test contexts {share:.0%} of the perturbations"
        if shown
        else f"none of the {plural(len(rows), 'test context')} is shown in training"
    )
    claimed = declared in NEW_CONTEXT
    numbers: dict[str, Any] = {"value": share, "null": 0.0, "threshold": 0.0 if claimed else None}
    numbers["affected"] = touching("in contexts shown in training", shots > 0)
    if split.assumed:
        sentence = assuming(split, measured)
        return finding("L03", Status.UNKNOWN, sentence, evidence=rows, question=TRAINING_QUESTION, **numbers)
    stray = claim.regime in NEW_CONTEXT  # so few conditions that the claim sets them aside
    if claimed and shown and stray:
        sentence = f"{declared} is declared and found, but for strays: {measured}."
        remedy = "Take the conditions of these contexts out of the test set."
        return finding("L03", Status.WARN, sentence, evidence=rows, remedy=remedy, **numbers)
    if claimed and shown:
        sentence = f"{declared} is declared, but this is few-shot: {measured}."
        remedy = "Hold out every perturbed condition of a test context, or claim few-shot."
        return finding("L03", Status.FAIL, sentence, evidence=rows, remedy=remedy, **numbers)
    said = f"{declared} is declared" if declared else f"Nothing is declared; the regime found is {claim.regime}"
    return finding("L03", Status.PASS, f"{said}: {measured}.", evidence=rows if shown else (), **numbers)


@check("L04", title="Test perturbations seen in training", source="Csendes 2026 (Turbine), step 1")
def seen_perturbations(split: Split, claim: Claim) -> Finding:
    """A perturbation claimed to be unseen (GEX, DEX, AEX, combination) is trained in no context, at no dose.

    Under GEX, DEX and AEX a test perturbation is seen when all its parts are, alone or in company;
    under the combination regime when the combination itself is.
    """
    if (stop := not_comparable("L04", split)) is not None:
        return stop
    novelty, declared = claim.novelty, claim.declared
    table = split.conditions.take(novelty.test)
    trained: dict[tuple[str, ...], set[str]] = {}
    for i in split.train:
        trained.setdefault(split.conditions.parts[i], set()).add(str(split.conditions.context[i]))
    whole = np.array([parts in trained for parts in table.parts])
    every_part = novelty.parts_seen == np.array([len(parts) for parts in table.parts])
    seen = whole if declared is Regime.COMBINATION else whole | every_part
    claimed = declared in NEW_NAME
    caught = sorted({parts for parts, hit in zip(table.parts, seen, strict=True) if hit})
    tested = Counter(table.parts)
    rows = [
        {
            "perturbation": "+".join(parts),
            "test conditions": tested[parts],
            "trained in": first(sorted(trained.get(parts, ())), 3) or "company of others",
        }
        for parts in caught[:100]
    ]
    counts = f"{len(caught)} of {plural(len(tested), 'test perturbation')} trained in some context"
    numbers: dict[str, Any] = {"null": 0.0, "threshold": 0.0 if claimed else None}
    numbers["affected"] = touching("whose perturbation is trained in some context", seen)
    if split.assumed:
        sentence = assuming(split, counts)
        return finding("L04", Status.UNKNOWN, sentence, value=float(seen.mean()), question=TRAINING_QUESTION, **numbers)
    if claimed and caught:
        sentence = f"{declared} is declared, but {counts} ({first(r['perturbation'] for r in rows)})."
        remedy = "Hold the perturbation out in every context, at every dose and in every combination."
        value = float(seen.mean())
        return finding("L04", Status.FAIL, sentence, value=value, evidence=rows, remedy=remedy, **numbers)
    if declared is Regime.CEX:
        paired = float(novelty.elsewhere.mean())
        sentence = f"{paired:.0%} of the test conditions are trained, as the same treatment, in another context."
        return finding("L04", Status.PASS, sentence, value=paired, null=1.0, affected=numbers["affected"])
    said = f"{declared} is declared" if declared else f"Nothing is declared; the regime found is {claim.regime}"
    return finding("L04", Status.PASS, f"{said}: {counts}.", value=float(seen.mean()), **numbers)
