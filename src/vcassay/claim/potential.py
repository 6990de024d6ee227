"""Potential: which claims a table of conditions could support, and what is missing for the others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from vcassay.claim.claim import make_claim
from vcassay.claim.kind import is_drug, modality_of
from vcassay.claim.make import make_split
from vcassay.claim.novelty import SHARE_COVERED
from vcassay.claim.related import Related
from vcassay.claim.scope import MIN_CONTEXTS
from vcassay.claim.split import Split
from vcassay.claim.wording import plural
from vcassay.core import STRENGTH, Conditions, InputError, Regime
from vcassay.effects import Effects

SHOTS = 0.3
"""Share of a context that a trial few-shot split shows."""


@dataclass(frozen=True, slots=True)
class Potential:
    """One claim that a screen could support, or not.

    Attributes
    ----------
    regime
        The regime.
    possible
        Whether a split of this regime can be drawn.
    words
        What it would hold, or why there is none.
    limits
        What would limit it.
    missing
        What would make it possible, or stronger; empty where nothing is.
    share
        Share of the test conditions that would be of this regime.
    """

    regime: Regime
    possible: bool
    words: str
    limits: tuple[str, ...] = ()
    missing: str = ""
    share: float = 0.0

    @property
    def word(self) -> str:
        """``yes``; ``part`` where too few test conditions are of this regime to claim it of all; ``no``."""
        return "no" if not self.possible else "yes" if self.share >= SHARE_COVERED.value else "part"


def potentials(
    conditions: Conditions, related: Related | None = None, effects: Effects | None = None
) -> tuple[Potential, ...]:
    """Try a split of every regime on a table, from the strongest to the weakest.

    Parameters
    ----------
    related
        Kin that the splits keep together.
    effects
        Measured effects: how many test conditions would be detectable, and what could be resolved.
    """
    groups = related.families() if related else {}
    together = related.together() if related else ()
    kinds = sorted(set(modality_of(conditions).tolist()) - {""})

    def draw(make: str, **options: Any) -> Callable[[], Split]:
        return lambda: make_split(conditions, make, groups=groups, together=together, **options)

    trials = {
        Regime.AEX: draw("aex"),
        Regime.CEX: draw("cex"),
        Regime.MODALITY: _modality(conditions, kinds),
        Regime.DEX: draw("dex"),
        Regime.GEX: draw("gex"),
        Regime.COMBINATION: draw("combination", seen=2),
        Regime.FEW_SHOT: draw("few-shot", shots=SHOTS),
        Regime.TIME: draw("time-extrapolation"),
        Regime.DOSE: draw("dose-extrapolation"),
    }
    return tuple(
        _try(conditions, regime, trials[regime], related, effects)
        for regime in reversed(STRENGTH)
        if regime in trials and _speaks(conditions, regime)
    )


def _speaks(conditions: Conditions, regime: Regime) -> bool:
    """Whether the regime is one of this kind of screen: genes or compounds."""
    drug = is_drug(conditions)
    if regime is Regime.GEX:
        return not drug.all()
    return regime is not Regime.DEX or bool(drug.any())


def _modality(conditions: Conditions, kinds: list[str]) -> Callable[[], Split]:
    """Hold out the rarer of several kinds of perturbation."""

    def draw() -> Split:
        if len(kinds) < 2:
            what = f"one kind of perturbation ({kinds[0]})" if kinds else "no kind of perturbation is stated"
            raise InputError(what, where="[split]", mend="")
        names, counts = np.unique(conditions.modality.astype(str), return_counts=True)
        rarest = min((c, n) for n, c in zip(names.tolist(), counts.tolist(), strict=True) if n.strip())[1]
        return make_split(conditions, "modality", modality=rarest)

    return draw


def _try(
    conditions: Conditions,
    regime: Regime,
    draw: Callable[[], Split],
    related: Related | None,
    effects: Effects | None,
) -> Potential:
    n_contexts = len(set(conditions.context.tolist()))
    try:
        claim = make_claim(draw(), related=related, effects=effects)
    except InputError as error:
        return Potential(regime, possible=False, words=error.what, missing=_lacking(regime))
    share = float((claim.novelty.regime == regime.value).mean()) if len(claim.novelty.test) else 0.0
    if share == 0.0:
        return Potential(
            regime, possible=False, words="no test condition would be of this regime", missing=_lacking(regime)
        )
    record = claim.record()
    words = f"{plural(record.n_train, 'training condition')} and {record.n_test:,} to test at a quarter held out"
    if share < 1.0:
        words += f", {share:.0%} of them of this regime"
    limits = tuple(s.sentence.rstrip(".") for s in record.scope if _lasting(s.sentence))
    missing = ""
    if regime in (Regime.CEX, Regime.AEX, Regime.FEW_SHOT) and n_contexts < 4 * MIN_CONTEXTS.value:
        held = len(record.contexts_test)
        if held < MIN_CONTEXTS.value:
            measured = plural(n_contexts, "context")
            missing = f"{MIN_CONTEXTS.value:g} contexts to hold out beside those to train on ({measured} measured)"
    if regime in (Regime.GEX, Regime.DEX) and n_contexts < 2:
        missing = "a second context, to hold out contexts (CEX)"
    return Potential(regime, possible=True, words=words, limits=limits, missing=missing, share=share)


def _lasting(sentence: str) -> bool:
    """Whether a scope note is about the screen, not about what a study still has to declare."""
    return not any(x in sentence for x in ("pretraining", "truth is", "median size of"))


def _lacking(regime: Regime) -> str:
    """What a screen would need for a regime."""
    return {
        Regime.AEX: "several contexts and several perturbations, each measured in most contexts",
        Regime.CEX: "a second context with the same perturbations; five held out for a claim about contexts",
        Regime.MODALITY: "a second kind of perturbation (drugs beside genes), named in a modality column",
        Regime.DEX: "several compounds",
        Regime.GEX: "several genes",
        Regime.COMBINATION: "combinations of perturbations, with their parts alone",
        Regime.FEW_SHOT: "a second context with the same perturbations",
        Regime.TIME: "the same perturbations at two times or more (three to interpolate), and the time column named",
        Regime.DOSE: "the same perturbations at two doses or more (three to interpolate), and the dose column named",
    }.get(regime, "")
