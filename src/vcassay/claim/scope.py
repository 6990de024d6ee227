"""Scope: limits of the claim that follow from the data."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from vcassay.claim.novelty import Novelty
from vcassay.claim.split import Split
from vcassay.claim.wording import Facts, Sentence
from vcassay.core import Regime, Threshold
from vcassay.effects import Effects

MIN_CONTEXTS = Threshold("min_contexts", 5, "below it intervals are conditional on these contexts (methods 7)")
STRONG_MEDIAN = Threshold("strong_share", 0.5, "above it the set is mostly strong effects, as with essential genes")


def scope_notes(split: Split, novelty: Novelty, facts: Facts, effects: Effects | None) -> Iterator[Sentence]:
    """Limits that a reader should know before the score."""
    regime, contexts = novelty.overall(), facts.n_contexts_test or 0
    if split.assumed:
        yield Sentence("The training set is assumed, not declared.", split.assumed)
    if regime in (Regime.CEX, Regime.AEX, Regime.FEW_SHOT) and contexts < MIN_CONTEXTS.value:
        yield Sentence(
            f"A statement about these {contexts} contexts, not about contexts in general."
            if contexts > 1
            else "A statement about this one context, not about contexts in general.",
            f"fewer than {MIN_CONTEXTS.value:g} contexts are held out",
        )
    if regime in (Regime.GEX, Regime.DEX) and contexts <= 2:
        yield Sentence(
            "Nothing here tests whether the model knows the context.",
            f"the test set has {contexts} context" + ("s" if contexts > 1 else ""),
        )
    dose = split.conditions.dose[split.test]
    if np.isfinite(dose).any():
        levels = np.unique(dose[np.isfinite(dose)])
        yield Sentence(
            f"Doses from {levels[0]:g} to {levels[-1]:g} ({len(levels)} levels).", "no other dose was measured"
        )
    if effects is None:
        return
    assessed, found = effects.assessed[split.test], effects.detectable[split.test]
    if not assessed.any():
        yield Sentence(
            "Which test conditions have any effect cannot be told.",
            "there are too few control rows for pseudo-perturbations"
            if effects.moments.slots.n_groups
            else "the rows are ready-made effects without controls",
        )
        return
    yield Sentence(
        f"{int(found.sum())} of {int(assessed.sum())} test conditions have a detectable effect.",
        "against pseudo-perturbations drawn from controls; scores on the others are scores on noise",
    )
    strong = effects.stratum[split.test] == "strong"
    if found.any() and strong.sum() / found.sum() > STRONG_MEDIAN.value:
        yield Sentence(
            "Most detectable effects are strong, which makes the task easier than typical targets.",
            f"{int(strong.sum())} of {int(found.sum())} detectable test conditions are in the strong third",
        )
