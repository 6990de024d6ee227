"""L25: whether a look-up of the most similar training item does as well as the model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.resample import Estimate
from vcassay.claim import Split
from vcassay.core import Finding, Status, Threshold
from vcassay.core.wording import plural
from vcassay.effects import Effects
from vcassay.evidence.leakage.check import check, finding, finite
from vcassay.evidence.leakage.refusal import not_detectable
from vcassay.evidence.leakage.wording import bounds
from vcassay.evidence.leakage.yardstick import make_yardstick
from vcassay.prediction import Answer

SUFFICES = Threshold(
    "lookup_share", 0.95, "share of the model's score that a look-up reaches where memorisation suffices (proposal)"
)

Array = NDArray[np.float64]


class Lookup(NamedTuple):
    """A baseline that copies the training items most like what is asked.

    Attributes
    ----------
    name, title
        Of the baseline.
    by
        What is alike: ``dose``, ``structure``, ``target``, ``context`` ...
    answer
        ``None`` where it could not run, is not granted by the claim, or found nothing to look up.
    why
        Why there is no answer; else what it did where it found nothing.
    needs
        The file that would let it run; empty where none would.
    """

    name: str
    title: str
    by: str
    answer: Answer | None
    why: str = ""
    needs: str = ""


class Lead(NamedTuple):
    """A look-up's score beside a model's, and what it has over the share that suffices."""

    lookup: Lookup
    score: Estimate
    own: Estimate
    lead: Estimate
    n: int

    @property
    def suffices(self) -> bool:
        """Whether it is shown to reach the share, by a score that is above 0."""
        return bool(self.lead.low >= 0 and self.score.low > 0)

    @property
    def falls_short(self) -> bool:
        """Whether it is shown to stay below the share."""
        return bool(self.lead.high < 0)


@check("L25", title="A look-up does as well", source="CASF and PDBBind CleanSplit: similarity look-ups rival models")
def lookups_suffice(
    effects: Effects, split: Split, answer: Answer, lookups: Sequence[Lookup], rng: np.random.Generator
) -> Finding:
    """No copy of the most similar training item reaches 95 % of the model's score.

    Look-ups by dose, structure, target, mechanism, features, kinship, co-expression, context and descent, as far as the
    claim grants them, on one yardstick (Pearson delta). WARN where the paired difference of a look-up and 0.95 of the
    model has its lower 95 % bound at 0 or above, and the look-up's score is above 0; PASS where the upper bound of
    every look-up is below 0; UNKNOWN where neither is shown, or no look-up could run. NA where nothing can be agreed
    with.
    """
    others = [x for x in lookups if x.name != answer.source]
    able = [x for x in others if x.answer is not None]
    wants = [x for x in others if x.answer is None and x.needs]
    missing = "; ".join(f"by {x.by} needs {x.needs}" for x in wants)
    yard = make_yardstick(effects, split, rng, genes=answer.genes)
    if len(effects.genes) == 1:
        sentence = "Not measurable: one value a condition has no profile that could agree."
        return finding("L25", Status.NA, sentence, model=answer.name)
    if not len(yard.at):
        return not_detectable("L25", split, answer.name)
    if not able:
        why = "; ".join(f"by {x.by}: {x.why or 'not granted'}" for x in others) or "the ladder has none for this screen"
        question = f"Can the look-up be made possible ({missing})?" if missing else ""
        sentence = f"No look-up could be compared with the model ({why})."
        return finding("L25", Status.UNKNOWN, sentence, model=answer.name, question=question)
    each = yard.each(answer.values)
    own = yard.estimate(each)
    leads = []
    for lookup in able:
        assert lookup.answer is not None
        theirs = yard.each(lookup.answer.values)
        gap = yard.estimate(theirs - SUFFICES.value * each)
        leads.append(Lead(lookup, yard.estimate(theirs), own, gap, len(yard.at)))
    leads.sort(key=lambda x: (not x.suffices, -np.nan_to_num(x.lead.value, nan=-np.inf), x.lookup.name))
    best = leads[0]
    share = best.score.value / own.value if own.value > 0 else np.nan
    more: dict[str, Any] = {
        "value": finite(share),
        "threshold": SUFFICES.value,
        "model": answer.name,
        "evidence": [*map(_row, leads), *({"look-up": x.title, "by": x.by, "not compared": x.why} for x in wants)],
    }
    numbers = (
        f"'{best.lookup.title}' (by {best.lookup.by}, of {plural(len(leads), 'look-up')}) has a Pearson delta of "
        f"{best.score.value:.3f}, the model of {own.value:.3f}; the look-up less {SUFFICES.value:.0%} of the model's: "
        f"{best.lead.value:+.3f}, {bounds(best.lead)}, over {plural(best.n, 'condition')}"
    )
    also = f" Not looked up: {missing}." if missing else ""
    if best.suffices:
        remedy = "Show what the model adds where the look-up has nothing to copy, or claim no more than a look-up."
        return finding("L25", Status.WARN, f"Memorisation suffices: {numbers}.", remedy=remedy, **more)
    if all(x.falls_short for x in leads):
        return finding("L25", Status.PASS, f"No look-up does as well: {numbers}.{also}", **more)
    few = not np.isfinite(best.lead.low)
    why = "there are too few perturbations for an interval" if few else "the interval holds 0"
    if own.value <= 0 and best.score.low <= 0:
        why = "neither scores above 0"
    question = "Can the model be asked for more test conditions?"
    sentence = f"Whether a look-up would do as well cannot be told: {why} ({numbers}).{also}"
    return finding("L25", Status.UNKNOWN, sentence, question=question, **more)


def _row(x: Lead) -> Mapping[str, Any]:
    return {
        "look-up": x.lookup.title,
        "by": x.lookup.by,
        "score": x.score.value,
        "model": x.own.value,
        "lead over 0.95": x.lead.value,
        "low": finite(x.lead.low),
        "high": finite(x.lead.high),
        "where it found nothing": x.lookup.why,
    }
