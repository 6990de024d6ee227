"""The verdict on a published claim, from what is reported of it: first match wins, in the words of `verdict.rules`."""

from __future__ import annotations

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
    compared
        Whether any legal baseline is reported.
    needed
        Baselines that the verdict cannot do without and are not reported, in words.
    usable
        Whether any metric measures the effect.
    ceiling, interval
        Whether a replicate reference and a spread are reported.
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
    compared: bool = True
    needed: tuple[str, ...] = ()
    usable: bool = True
    ceiling: bool = True
    interval: bool = True
    open: tuple[str, ...] = field(default=())


def not_described(e: ReportedEvidence) -> Ruling | None:
    """Rule a: the split is not described."""
    if e.regime is not None:
        return None
    reason = "What is new about the test conditions is not described, so the score claims nothing in particular."
    change = ("the lists of training and test conditions",)
    return Ruling(Level.CANNOT_TELL, "a. split not described", (reason,), change)


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
        return Ruling(Level.CANNOT_TELL, "b. the metrics disagree", (*reasons, mixed), why)
    return Ruling(Level.NOT_SUPPORTED, "b. not better than a reported baseline", reasons, change)


def not_shown(e: ReportedEvidence) -> Ruling | None:
    """Rule c: the gain cannot be judged by what is reported."""
    reasons: list[str] = []
    change: list[str] = []
    if not e.usable:
        reasons.append("No reported metric measures the change that a perturbation makes.")
        change.append("scores of changes from matched controls")
    if not e.compared:
        reasons.append("No baseline is reported that counts.")
    if e.needed:
        reasons.append(f"Not reported, and needed to judge the gain: {'; '.join(e.needed)}.")
        change += [f"the score of {title} on the same split" for title in e.needed]
    if not e.won:
        if e.unresolved:
            reasons.append(f"No gain is shown beyond its interval: {first(e.unresolved, 2)}.")
        elif e.compared:
            reasons.append("No number is reported beside a legal baseline's.")
        change.append("the difference to the best legal baseline, with its interval")
    if not e.interval:
        reasons.append("No interval is reported.")
        change.append("intervals over perturbations or contexts")
    if not e.ceiling:
        reasons.append("No ceiling is reported: how much of what is attainable is attained is not known.")
        change.append("the score of a replicate of the measured conditions")
    if not reasons:
        return None
    return Ruling(Level.CANNOT_TELL, "c. gain not shown", tuple(reasons), tuple(dict.fromkeys(change)))


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
"""Of benchmarks that end alike, the one that fits the use best speaks, then the one with the strongest regime."""


def _strength(regime: Regime | None) -> int:
    return -1 if regime is None else STRENGTH.index(regime)


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
    ruled.sort(key=lambda pair: (BEST.index(pair[1].level), FIT_ORDER.index(pair[0].fit), -_strength(pair[0].regime)))
    best, ruling = ruled[0]
    many = len(ruled) > 1
    reasons = [f"{best.title}: {r}" for r in ruling.reasons] if many else list(ruling.reasons)
    change = list(ruling.would_change)
    for e, other in ruled[1:]:
        reasons.append(f"{e.title}: {other.level}. {other.reasons[0]}")
    joined = Ruling(ruling.level, ruling.rule, tuple(reasons), tuple(change))
    levels = {e.title: own.level for e, own in ruled}
    return ReportedVerdict(joined, _sentence(best, ruling, f" on {best.title}" if many else ""), levels)


def _sentence(e: ReportedEvidence, ruling: Ruling, at: str) -> str:
    """The level in words, with the claim that the split allows and what the evidence is."""
    claim = e.claim.removeprefix("The model predicts ").rstrip(".")
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
