"""Prospects: which claims a published screen could support, from the counts in its registry entry alone.

`vcassay.claim.potential` answers the same for a screen at hand, by drawing splits; here nothing is at hand but numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from vcassay.claim.applications import FITS, USES, Fit, fit_of
from vcassay.claim.scope import MIN_CONTEXTS
from vcassay.claim.wording import Facts, plural
from vcassay.core import STRENGTH, Regime, Threshold
from vcassay.screen.datasets import Dataset

HELD_OUT = Threshold("prospect_held_out", 0.25, "share of the contexts that a trial split holds out, as in potential")
MIN_NEW = Threshold("prospect_min_perturbations", 10, "fewer new perturbations hardly tell models apart (proposal)")


@dataclass(frozen=True, slots=True)
class Prospect:
    """One claim that a published screen could support, or not.

    Attributes
    ----------
    regime
        The regime.
    answer
        Whether a split of this regime can be drawn; ``unknown`` where the entry lacks the number.
    reason
        By which number.
    limits
        What would limit the claim.
    """

    regime: Regime
    answer: Literal["yes", "no", "unknown"]
    reason: str
    limits: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class UseFit:
    """How far a screen's best regime speaks to a use in drug discovery.

    Attributes
    ----------
    use
        The use (`vcassay.claim.applications.USES`).
    fit
        ``direct``, ``partial``, ``diagnostic`` or ``none``.
    regime
        The regime that speaks to it most; ``None`` where none does.
    reason
        Why.
    """

    use: str
    fit: str
    regime: Regime | None
    reason: str


def prospects(dataset: Dataset) -> tuple[Prospect, ...]:
    """Claims by regime, from the strongest to the weakest; those of the other kind of screen are left out."""
    out = []
    for regime in reversed(STRENGTH):
        if (regime is Regime.GEX and not dataset.has_genes) or (regime is Regime.DEX and not dataset.has_compounds):
            continue
        answer, reason = _answer(dataset, regime)
        limits = _limits(dataset, regime) if answer == "yes" else ()
        out.append(Prospect(regime, answer, reason, limits))
    return tuple(out)


def limits_of_all(dataset: Dataset) -> tuple[str, ...]:
    """What limits every claim on a screen, whatever its regime."""
    out = []
    if dataset.access == "withheld":
        out.append("The measured responses are withheld: nobody but the organisers can score an answer.")
    if dataset.access == "unreleased":
        out.append("It is announced, not released: nothing can be assessed on it yet.")
    if dataset.columns.rows == "effects":
        out.append("Rows are ready-made effects: no noise ceiling can be measured, and the verdict is 'cannot tell'.")
    elif dataset.columns.rows == "replicates":
        out.append("Rows are bulk profiles: nothing is said of the distribution of cells.")
    if dataset.columns.readout == "scalar":
        out.append("The readout is one number: nothing is said of genes or pathways.")
    return tuple(out)


def use_fits(dataset: Dataset) -> tuple[UseFit, ...]:
    """How far the screen speaks to each use, by the regime that does so most.

    Of equals the weakest is named where it serves the use directly, and else the strongest but AEX.
    """
    possible = [p.regime for p in reversed(prospects(dataset)) if p.answer == "yes"]
    out = []
    for use in USES:
        fits: list[tuple[Fit, Regime]] = [(fit_of(use, r, _facts(dataset, r)), r) for r in possible]
        if not fits:
            out.append(UseFit(use, "none", None, "no split can be drawn from what is known of it"))
            continue
        best = FITS[min(FITS.index(fit.fit) for fit, _ in fits)]
        equals = [x for x in fits if x[0].fit == best]
        narrow = [x for x in equals if x[1] is not Regime.AEX] or equals
        fit, regime = narrow[0] if best == "direct" else narrow[-1]
        if fit.fit == "none":
            out.append(UseFit(use, "none", None, fits[-1][0].reason))
        else:
            out.append(UseFit(use, fit.fit, regime, fit.reason))
    return tuple(out)


def _answer(dataset: Dataset, regime: Regime) -> tuple[Literal["yes", "no", "unknown"], str]:
    """Whether the numbers allow a regime, and which number decides."""
    c = dataset.counts
    contexts = f"{c.say('contexts')} {c.several}"
    if regime is Regime.RANDOM_CELLS:
        if dataset.columns.rows == "cells":
            return "yes", "rows are cells"
        return "no", f"rows are {dataset.columns.rows}: there are no cells to part"
    if regime is Regime.MODALITY:
        several = len(dataset.kinds) > 1
        what = ", ".join(dataset.kinds)
        return ("yes", f"{len(dataset.kinds)} kinds ({what})") if several else ("no", f"one kind ({what})")
    if regime is Regime.COMBINATION:
        if c.combinations is None:
            return "unknown", "how many combinations there are is not known"
        if c.combinations == 0:
            return "no", "no combination was measured"
        return "yes", f"{c.say('combinations')} combinations"
    if regime in (Regime.DOSE, Regime.TIME):
        name = "doses" if regime is Regime.DOSE else "times"
        value = c.doses if regime is Regime.DOSE else c.times
        if value is None:
            return "unknown", f"how many {name} there are is not known"
        word = name.removesuffix("s") if value == 1 else name
        return ("yes" if value > 1 else "no"), f"{c.say(name)} {word} a perturbation"
    if regime in (Regime.GEX, Regime.DEX):
        if c.perturbations is None:
            return "unknown", "how many perturbations there are is not known"
        return ("yes" if c.perturbations > 1 else "no"), f"{c.say('perturbations')} perturbation" + (
            "s" if c.perturbations > 1 else ""
        )
    if c.contexts is None:
        return "unknown", "how many contexts there are is not known"
    if c.contexts < 2:
        return "no", f"one context ({', '.join(c.names) or c.context})"
    if regime is Regime.FEW_SHOT or regime is Regime.CEX:
        if not c.shared:
            return "unknown", f"{contexts}, not all with the same perturbations"
    elif c.perturbations == 1:
        return "no", "one perturbation"
    held = f", {held_out(c.contexts)} to hold out at a quarter" if regime is not Regime.FEW_SHOT else ""
    return "yes", f"{contexts}{held}"


def _limits(dataset: Dataset, regime: Regime) -> tuple[str, ...]:
    """What would limit the claim."""
    c = dataset.counts
    out = []
    if regime in (Regime.CEX, Regime.AEX, Regime.FEW_SHOT) and c.contexts is not None:
        held = held_out(c.contexts)
        if held < MIN_CONTEXTS.value:
            out.append(
                f"{plural(held, 'context')} held out, fewer than {MIN_CONTEXTS.value:g}: an interval is conditional "
                "on these contexts"
            )
        if c.contexts == 2 and regime is not Regime.FEW_SHOT:
            out.append("one context is left to train on: what differs between contexts cannot be learnt")
        if c.origins is not None and c.origins < c.contexts:
            what = "line or donor" if c.origins == 1 else "lines or donors"
            out.append(f"the contexts come from {c.say('origins')} {what}: a statement about states or types of them")
    if regime in (Regime.GEX, Regime.DEX, Regime.AEX) and c.perturbations is not None:
        held = held_out(c.perturbations)
        if held < MIN_NEW.value:
            out.append(f"{plural(held, 'perturbation')} to hold out at a quarter: few to tell models apart by")
    if regime in (Regime.DOSE, Regime.TIME) and (c.doses if regime is Regime.DOSE else c.times) == 2:
        out.append("two steps can be extrapolated, not interpolated")
    return tuple(out)


def held_out(n: int) -> int:
    """How many of ``n`` a trial split holds out, at least one."""
    return max(1, round(HELD_OUT.value * n))


def _facts(dataset: Dataset, regime: Regime) -> Facts:
    """Numbers of a trial split that holds out a quarter."""
    c = dataset.counts
    new_context = regime in (Regime.CEX, Regime.AEX)
    held = None if c.contexts is None else held_out(c.contexts)
    train = c.contexts if not new_context or c.contexts is None or held is None else c.contexts - held
    return Facts(
        n_test=None,
        n_contexts_train=train,
        n_contexts_test=held if new_context or regime is Regime.FEW_SHOT else c.contexts,
        n_perturbations=c.perturbations,
        paired=1.0 if new_context else None,
        shots=None,
        shots_share=None,
        contexts="",
        n_combinations=c.combinations or None,
        compounds=1.0 if not dataset.has_genes else 0.0 if not dataset.has_compounds else 0.5,
        genes=dataset.has_genes,
        doses=c.doses,
        modality=dataset.kinds[0] if len(dataset.kinds) == 1 else "",
    )
