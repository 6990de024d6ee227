"""The verdict on a published claim, from what is reported of it: first match wins, in the words of `verdict.rules`."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from vcassay.core import STRENGTH, Level, Regime
from vcassay.core.errors import first
from vcassay.verdict.rules import FIT_WORDS, Ruling

AS_REPORTED = "as reported, not recomputed"
"""What every sentence of a review says of its evidence."""


@dataclass(frozen=True, slots=True)
class ReportedEvidence:
    """What one benchmark shows, as far as rules ask.

    Attributes
    ----------
    title
        Data set and split.
    regime
        The weakest of its strata; ``None`` where the split is not described.
    claim
        The claim of its split in one sentence.
    use, fit, fit_reason
        The intended use in words, and how far the split speaks to it; ``direct`` where no use is stated.
    grave
        Leaks on which the headline result rests, in sentences.
    lost, won, unresolved
        Numbers that are not better than a legal baseline, that are, and that are but not by more than their interval.
    doubts
        What is wrong with how the model was made though it is no leak by itself: chosen on the test set, features that
        hold its responses; in sentences.
    compared, trivial
        Whether any legal baseline is reported, and whether no change is the only one although something is unseen.
    unread
        Comparisons with a number that are not recognised, so that one cannot tell whether they count.
    needed
        Baselines that the verdict cannot do without and are not reported, in words.
    usable
        Whether any metric measures the effect.
    ceiling, interval
        Whether a replicate reference and a spread are reported.
    by
        Who ran it, where it was not the authors.
    open
        Titles of what could be a leak and is not answered.
    """

    title: str
    regime: Regime | None
    claim: str
    use: str = ""
    fit: str = "direct"
    fit_reason: str = ""
    grave: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    won: tuple[str, ...] = ()
    unresolved: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    compared: bool = True
    trivial: bool = False
    unread: tuple[str, ...] = ()
    needed: tuple[str, ...] = ()
    usable: bool = True
    ceiling: bool = True
    interval: bool = True
    by: str = ""
    open: tuple[str, ...] = field(default=())


UNUSABLE = "No reported metric measures the change that a perturbation makes."
NO_BASELINE = "No baseline is reported that counts."


def not_described(e: ReportedEvidence) -> Ruling | None:
    """Rule a: the split is not described."""
    if e.regime is not None:
        return None
    reasons = ["What is new about the test conditions is not described, so the score claims nothing in particular."]
    reasons += [*e.grave, *e.doubts]
    if not e.usable:
        reasons.append(UNUSABLE)
    if not e.compared:
        reasons.append(NO_BASELINE)
    change = ("the lists of training and test conditions",)
    return Ruling(Level.CANNOT_TELL, "a. split not described", tuple(reasons), change)


def leaked(e: ReportedEvidence) -> Ruling | None:
    """Rule b: a leak on which the headline result rests."""
    if not e.grave:
        return None
    change = ("a score without what leaked",)
    return Ruling(Level.NOT_SUPPORTED, "b. grave leak", e.grave, change)


def lost_to_baseline(e: ReportedEvidence) -> Ruling | None:
    """Rule b: every comparison with a legal baseline is lost; cannot tell where some are not."""
    if not e.lost:
        return None
    reasons = tuple(f"Not better than a baseline that is reported: {text}." for text in e.lost)
    change = ("a model that is better than these baselines", "an intended use for which the baseline suffices")
    ahead = (*e.won, *e.unresolved)
    if ahead:
        mixed = f"The numbers disagree: better in {first(ahead, 2)}."
        why = ("a reason, given beforehand, why the metrics that are won are those that the use asks for",)
        return Ruling(Level.CANNOT_TELL, "b. the metrics disagree", (*reasons, mixed, *e.doubts), why)
    return Ruling(Level.NOT_SUPPORTED, "b. not better than a reported baseline", (*reasons, *e.doubts), change)


def not_shown(e: ReportedEvidence) -> Ruling | None:
    """Rule c: the gain cannot be judged by what is reported."""
    reasons: list[str] = list(e.doubts)
    change: list[str] = ["the score of a model that was made without the test set"] if e.doubts else []
    if not e.usable:
        reasons.append(UNUSABLE)
        change.append("scores of changes from matched controls")
    if not e.compared and not e.unread:
        reasons.append(NO_BASELINE)
    elif e.trivial:
        change.append("the score of a mean, of the additive or linear model and of a domain-informed baseline")
        reasons.append("No change is the only baseline that counts, and any response in the right direction beats it.")
    if e.needed:
        reasons.append(f"Not reported, and needed to judge the gain: {'; '.join(e.needed)}.")
        change += [f"the score of {title} on the same split" for title in e.needed]
    if not e.won and e.usable:
        reasons += _no_gain(e)
        change.append("the difference to the best legal baseline, with its interval")
    if not e.interval:
        if e.won or not e.unresolved:
            reasons.append("No interval is reported.")
        change.append("intervals over perturbations or contexts")
    if not e.ceiling:
        reasons.append("No ceiling is reported: how much of what is attainable is attained is not known.")
        change.append("the score of a replicate of the measured conditions")
    if not reasons:
        return None
    return Ruling(Level.CANNOT_TELL, "c. gain not shown", tuple(reasons), tuple(dict.fromkeys(change)))


def _no_gain(e: ReportedEvidence) -> list[str]:
    """Why no number shows a gain."""
    if e.unresolved and e.interval:
        return [f"No gain is shown beyond its interval: {first(e.unresolved, 2)}."]
    if e.unresolved:
        return [f"Better, but by nobody knows how much, for no interval is reported: {first(e.unresolved, 2)}."]
    if e.unread:
        names = first([f"'{name}'" for name in e.unread], 3)
        return [f"The number stands beside {names}, and the card does not say which baseline that is."]
    return ["No number is reported beside a legal baseline's."] if e.compared else []


def falls_short(e: ReportedEvidence) -> Ruling | None:
    """Rule d: the split is weaker than the intended use."""
    if e.regime is Regime.RANDOM_CELLS:
        reason = "The scored conditions were trained on: only their cells are new."
        return Ruling(Level.DIAGNOSTIC_ONLY, "d. regime weaker than the use", (reason,), ("held-out conditions",))
    if e.fit == "direct":
        return None
    level = Level.SPLIT_LIMITED if e.fit == "partial" else Level.DIAGNOSTIC_ONLY
    change = ("a test on a split that fits the use",)
    return Ruling(
        level, "d. regime weaker than the use", (f"The split falls short of the use: {e.fit_reason}.",), change
    )


RULES: tuple[Callable[[ReportedEvidence], Ruling | None], ...] = (
    not_described,
    leaked,
    lost_to_baseline,
    not_shown,
    falls_short,
)
"""In the order in which they are tried."""

BEST = (
    Level.SUPPORTED,
    Level.SPLIT_LIMITED,
    Level.DIAGNOSTIC_ONLY,
    Level.NOT_SUPPORTED,
    Level.CANNOT_TELL,
)
"""Of several benchmarks the one that supports most speaks for the claim; a refutation says more than silence."""


FIT_ORDER = ("direct", *FIT_WORDS)
"""Of benchmarks that end alike, the one that fits the use best speaks, then the authors' own, then the strongest."""


def _strength(regime: Regime | None) -> int:
    return -1 if regime is None else STRENGTH.index(regime)


def _order(pair: tuple[ReportedEvidence, Ruling]) -> tuple[int, int, bool, int, bool]:
    """What speaks first: of what ends alike, what fits best, is of the authors, claims most, and has a number."""
    e, ruling = pair
    silent = not (e.won or e.lost or e.unresolved)
    return BEST.index(ruling.level), FIT_ORDER.index(e.fit), bool(e.by), -_strength(e.regime), silent


def rule_on(e: ReportedEvidence) -> Ruling:
    """Rule on one benchmark."""
    for rule in RULES:
        ruling = rule(e)
        if ruling is not None:
            return ruling
    reasons = (f"Better than every legal baseline that is reported: {first(e.won, 3)}.",)
    return Ruling(Level.SUPPORTED, "e. supported", reasons, ())


@dataclass(frozen=True, slots=True)
class ReportedVerdict:
    """How the published claim ends.

    Attributes
    ----------
    ruling
        Of the benchmark that supports most.
    sentence
        What the reported evidence supports, in one sentence.
    levels
        Title of each benchmark to how the claim ends by it alone, the one that speaks first.
    """

    ruling: Ruling
    sentence: str
    levels: dict[str, Level] = field(default_factory=dict)


def judge_reported(name: str, evidence: Sequence[ReportedEvidence]) -> ReportedVerdict:
    """Rule on a claim by the benchmarks that are reported for it.

    Parameters
    ----------
    name
        Of the model.
    """
    if not evidence:
        reason = "No benchmark is reported, so no number stands for the claim."
        ruling = Ruling(Level.CANNOT_TELL, "a. no benchmark", (reason,), ("a benchmark with a described split",))
        return ReportedVerdict(ruling, f"Nothing can be said of {name}: no benchmark is reported ({AS_REPORTED}).")
    ruled = [(e, rule_on(e)) for e in evidence]
    ruled.sort(key=_order)
    best, ruling = ruled[0]
    many = len(ruled) > 1
    reasons = list(ruling.reasons)
    if best.by and any(not e.by for e, _ in ruled):
        own = next(other for e, other in ruled if not e.by)
        reasons.append(f"That is what {best.by} measured; by the authors' own numbers alone: {own.level}.")
    reasons += [f"{e.title}: {other.level}. {other.reasons[0]}" for e, other in ruled[1:]]
    joined = Ruling(ruling.level, ruling.rule, tuple(reasons), ruling.would_change)
    levels = {e.title: own.level for e, own in ruled}
    return ReportedVerdict(
        joined, _sentence(best, ruling, f" on {best.title}{',' if best.by else ''}" if many else ""), levels
    )


def _sentence(e: ReportedEvidence, ruling: Ruling, at: str) -> str:
    """The level in words, with the claim that the split allows and what the evidence is."""
    claim = re.sub(r"; (numbers [^;]+)$", r" (\1)", e.claim.removeprefix("The model predicts ").rstrip("."))
    short = f", which for {e.use} is {FIT_WORDS[e.fit]}" if e.fit in FIT_WORDS else ""
    most = f"at most, a strong score{at} would say that the model predicts {claim}{short}"
    head = AS_REPORTED[:1].upper() + AS_REPORTED[1:]
    match ruling.level:
        case Level.CANNOT_TELL if e.regime is None:
            return f"{head}: one cannot tell what the result claims, for the split{at} is not described."
        case Level.CANNOT_TELL:
            return f"{head}: one cannot tell whether the claim holds; {most}."
        case Level.NOT_SUPPORTED:
            return f"{head}: the claim is not supported; {most}."
        case Level.DIAGNOSTIC_ONLY:
            use = f" for {e.use}" if e.use else ""
            return f"{head}: a diagnostic, no evidence{use}: the model predicts {claim}."
        case Level.SPLIT_LIMITED:
            return f"{head}: the model predicts {claim}{short}."
    left = f", provided that no leak lies in what is open ({first(e.open, 3)})" if e.open else ""
    return f"{head}: the model predicts {claim}, better than every legal baseline that is reported{left}."
