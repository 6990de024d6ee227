"""The rules, first match wins (methods 13); one small function each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from vcassay.core import Level, Regime, Status, Threshold
from vcassay.verdict.evidence import Evidence

STATED_DIFFERENCE = Threshold(
    "stated_difference",
    0.1,
    "a tenth of what is attainable above the best baseline; [evidence] difference overrides it",
)
FAMILIES_NEEDED = Threshold(
    "families_needed",
    2,
    "better than every legal baseline in two families of metrics (methods 13)",
)


FIT_WORDS = {"partial": "only partly to the point", "diagnostic": "a diagnostic", "none": "not to the point"}
"""How a split that does not fit a use directly is spoken of."""


@dataclass(frozen=True, slots=True)
class Ruling:
    """What a rule says.

    Attributes
    ----------
    level, rule
        The level, and the rule's letter and name.
    reasons
        Why, the decisive one first.
    would_change
        What would change it.
    """

    level: Level
    rule: str
    reasons: tuple[str, ...]
    would_change: tuple[str, ...]


def cannot_tell(e: Evidence) -> Ruling | None:
    """Rule a: no training set, no domain baseline, nothing to resolve, or an error."""
    reasons, change = [], []
    claim = e.record.claim
    if claim.n_test == 0:
        reasons.append("There are no test conditions.")
        change.append("a split with test conditions")
    if claim.n_train == 0:
        reasons.append("No training set is known, so no baseline can be trained and no novelty worked out.")
        change.append("the split that the model was trained on ([split] file)")
    elif not e.domain_baselines:
        reasons.append("No domain-informed baseline (T3) can answer for these test conditions.")
        change.append(_missing_features(e))
    for finding in e.with_status(Status.ERROR):
        reasons.append(f"{finding.check} ended in an error: {finding.sentence}")
        change.append(f"a run in which {finding.check} completes")
    if not e.measurable:
        reasons += _refusals(e) or ["No skill was computed for this model."]
        change += _missing_truth(e)
    if not reasons:
        return None
    lost = [s.metric for s in e.carrying if e.worse(s.metric)]
    reasons += [f"What can be said: {_comparison(e, metric)}" for metric in lost]
    return Ruling(Level.CANNOT_TELL, "a. not measurable", tuple(reasons), tuple(dict.fromkeys(change)))


def _refusals(e: Evidence) -> list[str]:
    """Why skill is not measurable, metrics with the same reason together."""
    by_reason: dict[str, list[str]] = {}
    for s in e.skills:
        by_reason.setdefault(s.refused, []).append(e.metric_title(s.metric))
    return [f"Skill is not measurable in {', '.join(names)}: {why}." for why, names in by_reason.items()]


def _missing_features(e: Evidence) -> str:
    if e.record.claim.regime == Regime.DEX:
        return "annotated targets, mechanisms or structure features of the compounds ([knowledge] features)"
    return "prior features of the perturbations ([knowledge] features)"


def _missing_truth(e: Evidence) -> list[str]:
    screen = e.record.screen
    scalar = screen.readout == "scalar"
    if scalar and not any(c.value is not None for c in e.record.ceilings):
        return ["a truth with several replicates a condition, so that a noise ceiling exists"]
    if screen.reliability is None and not scalar:
        return ["a truth with several cells or replicates a condition and controls, so that a noise ceiling exists"]
    if screen.rows != "cells":
        return [f"more replicates a condition, or more test conditions{'' if scalar else ' with a detectable effect'}"]
    return ["deeper sequencing, more cells a condition, or more test conditions with a detectable effect"]


def leaks(e: Evidence) -> Ruling | None:
    """Rule b: a blocking FAIL."""
    blocking = sorted(
        (f for f in e.with_status(Status.FAIL) if f.blocks), key=lambda f: f.check != "better_than_perfect"
    )
    if not blocking:
        return None
    reasons = tuple(f"{f.title}: {f.sentence}" for f in blocking)
    change = tuple(dict.fromkeys(f.remedy for f in blocking if f.remedy))
    return Ruling(Level.NOT_SUPPORTED, "b. blocking failure", reasons, change)


def beats_the_ladder(e: Evidence) -> Ruling | None:
    """Rule b: not better than some legal baseline, where the test set could tell; else cannot tell."""
    families = e.measurable
    won = [s for s in families if e.beaten(s.metric)]
    lost = [s for s in e.carrying if e.worse(s.metric)]  # a loss counts where a gain could not be measured, too
    needed = min(int(e.limit(FAMILIES_NEEDED)), len(families))
    if len(won) >= needed and not lost:
        return None
    reasons = [_comparison(e, s.metric) for s in e.carrying if s in lost or (s in families and s not in won)]
    stated = float(e.record.require.get("difference", e.limit(STATED_DIFFERENCE)))
    open_families = [s for s in families if s not in won]
    resolved = [
        s
        for s in open_families
        if (s.resolvable is not None and s.resolvable <= stated) or (s.high is not None and s.high < stated)
    ]
    if lost or len(families) - len(resolved) < needed:  # what is won or still open is not enough
        best = _best_names(e)
        change = (f"a model that is better than {best}", "an intended use for which the baseline itself suffices")
        return Ruling(Level.NOT_SUPPORTED, "b. not better than a legal baseline", tuple(reasons), change)
    smallest = max((s.resolvable or 0.0) for s in open_families)
    reasons.append(
        f"The test set cannot resolve a gain of {stated:.0%} of what is attainable: "
        f"the paired interval is ± {smallest:.0%} wide."
    )
    more = "more test conditions or contexts, so that the stated difference can be resolved"
    return Ruling(Level.CANNOT_TELL, "b. not resolvable", tuple(reasons), (more,))


def _comparison(e: Evidence, metric: str) -> str:
    rows = e.not_beaten(metric)
    if not rows:
        return f"{e.metric_title(metric)}: compared with no legal baseline."
    worst = rows[0]
    word = "worse than" if worst.worse else "not better than"
    low, high = worst.low, worst.high
    span = f" [{low:.3f}, {high:.3f}]" if low is not None and high is not None else ""
    gap = f"{worst.difference:+.3f}" if worst.difference is not None else "undefined"
    return (
        f"{e.metric_title(metric)}: {word} the baseline '{e.title(worst.baseline)}' "
        f"(paired difference {gap}{span} on {worst.n} conditions)."
    )


def _best_names(e: Evidence) -> str:
    names = dict.fromkeys(e.title(s.baseline) for s in e.measurable if s.baseline)
    return " and ".join(f"'{name}'" for name in names) or "every legal baseline"


def regime_falls_short(e: Evidence) -> Ruling | None:
    """Rule c: the regime found is weaker than the intended use or than what is declared."""
    claim = e.record.claim
    found = Regime(claim.regime)
    fit = e.fit
    reasons: list[str] = []
    level = Level.SPLIT_LIMITED
    if found is Regime.RANDOM_CELLS:
        level = Level.DIAGNOSTIC_ONLY
        reasons.append("The scored conditions were trained on: only their cells are new.")
    if fit is not None and fit.fit != "direct":
        reasons.append(f"For {claim.use} this split is {FIT_WORDS[fit.fit]}: {fit.reason}.")
        if fit.fit in ("diagnostic", "none"):
            level = Level.DIAGNOSTIC_ONLY
    if e.overstated:
        reasons.append(f"{claim.declared} is declared, but the tables show {found}.")
    if not reasons:
        return None
    change = (f"a test on a split that fits the use ({_wanted(claim.use, claim.declared)})",)
    return Ruling(level, "c. regime weaker than the use", tuple(reasons), change)


def _wanted(use: str, declared: str) -> str:
    wanted = {"target-id": "CEX", "selectivity": "CEX", "unseen-compound": "DEX", "combination": "unseen combinations"}
    return wanted.get(use) or declared or "held-out contexts or perturbations"


RULES: tuple[Callable[[Evidence], Ruling | None], ...] = (cannot_tell, leaks, beats_the_ladder, regime_falls_short)
"""In the order in which they are tried."""
