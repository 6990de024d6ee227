"""Results: whether the numbers of a publication show a gain over its own best baseline, and stay below its ceiling."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

from vcassay.core import Finding, Status
from vcassay.core.finding import Titled
from vcassay.evidence.metrics.reported.aliases import Recognised
from vcassay.evidence.metrics.reported.judge import usable
from vcassay.record.card import Result

Word = Literal["gain", "loss", "unresolved", "no interval", "no baseline", "unclear", "not a rival"]
TITLES = {
    "loss": "Not better than a reported baseline",
    "unresolved": "Gain not resolved",
    "gain": "Better than the reported baseline",
    "no_baseline": "A score without its baseline",
    "ceiling": "Better than a replicate",
    "unclear": "Direction of a metric not known",
    "no_results": "No number reported",
}
"""Findings of this room that speak of numbers."""

_finding = Titled(TITLES, "results")


class Outcome(NamedTuple):
    """What one number shows.

    Attributes
    ----------
    result
        As reported.
    metric
        The metric that it is of.
    word
        ``gain``: better by more than its interval; ``unresolved``: the interval holds the baseline; ``no interval``:
        better, but by nobody knows how much; ``loss``: equal or worse; ``not a rival``: what it is compared with is no
        legal baseline.
    above
        Whether it is better than the reported ceiling.
    aside
        What tells it from other numbers: who measured it, and of which variant it is.
    """

    result: Result
    metric: Recognised
    word: Word
    above: bool
    aside: str = ""

    @property
    def text(self) -> str:
        """The numbers in words."""
        r = self.result
        span = "" if r.low is None or r.high is None else f" [{r.low:g}, {r.high:g}]"
        of = "" if r.n is None else f", n = {r.n:,}"
        who = f" ({self.aside})" if self.aside else ""
        against = "" if r.baseline is None else f" against {r.baseline:g} of '{r.against or 'the best baseline'}'"
        return f"{r.metric} {r.value:g}{span}{of}{against}{who}"


def read_results(
    results: Sequence[Result], metrics: Mapping[str, Recognised], rival: Callable[[str], bool], ran: str = ""
) -> tuple[Outcome, ...]:
    """What each number shows.

    Parameters
    ----------
    metrics
        Recognised metrics by the publication's names.
    rival
        Whether a comparison of that name is a legal baseline, so that a model has to beat it.
    ran
        Who ran the benchmark, where that is said of all of it.
    """
    of = [r.metric for r in results]
    out = []
    for r in results:
        who = f"measured by {r.by}" if r.by and r.by != ran else ""
        which = r.note.rstrip(".") if of.count(r.metric) > 1 else ""
        aside = "; ".join(part for part in (which, who) if part)
        out.append(_outcome(r, metrics[r.metric], rival)._replace(aside=aside))
    return tuple(out)


def _outcome(r: Result, m: Recognised, rival: Callable[[str], bool]) -> Outcome:
    sign = None if m.higher is None else 1.0 if m.higher else -1.0
    above = sign is not None and r.ceiling is not None and sign * (r.value - r.ceiling) > 0
    if r.baseline is None:
        return Outcome(r, m, "no baseline", above)
    if sign is None:
        return Outcome(r, m, "unclear", above)
    if r.against and not rival(r.against):
        return Outcome(r, m, "not a rival", above)
    if sign * (r.value - r.baseline) <= 0:
        return Outcome(r, m, "loss", above)
    worst = r.low if sign > 0 else r.high
    if worst is None:
        return Outcome(r, m, "no interval", above)
    return Outcome(r, m, "gain" if sign * (worst - r.baseline) > 0 else "unresolved", above)


def judge_results(outcomes: Sequence[Outcome]) -> Iterator[Finding]:
    """Findings of the numbers."""
    if not outcomes:
        sentence = "No number is on the card, so no gain can be judged."
        question = "What do the model and each baseline score, with intervals?"
        yield _finding("no_results", Status.UNKNOWN, sentence, question=question)
    alike: dict[tuple[Word, bool, bool], list[Outcome]] = {}
    for o in outcomes:
        alike.setdefault((o.word, usable(o.metric), bool(o.result.by)), []).append(o)
    for same in alike.values():
        yield from _judge(same)
    for o in outcomes:
        if o.above:
            yield _beyond(o)


def _judge(same: Sequence[Outcome]) -> Iterator[Finding]:
    """What holds of numbers that end alike, in one finding."""
    o = same[0]
    text = "; ".join(one.text for one in same)
    read = "" if usable(o.metric) else "; the metric does not measure the effect, so that says little"
    match o.word:
        case "loss":
            whose = "it is set beside" if o.result.by else "the authors report themselves"
            sentence = f"{text}: not better than a baseline that {whose}{read}."
            yield _finding("loss", Status.FAIL, sentence)
        case "unresolved":
            yield _finding("unresolved", Status.WARN, f"{text}: the interval holds the baseline{read}.")
        case "no interval":
            sentence = f"{text}: better, but without an interval nobody can tell by how much{read}."
            yield _finding("unresolved", Status.WARN, sentence)
        case "gain":
            yield _finding("gain", Status.PASS, f"{text}: better by more than the interval of the score{read}.")
        case "not a rival":
            sentence = f"{text}: the comparison is no baseline that counts, so neither gain nor loss follows."
            yield _finding("no_baseline", Status.WARN, sentence)
        case "no baseline":
            yield _finding("no_baseline", Status.WARN, f"{text}: no baseline's number is reported with it.")
        case "unclear":
            sentence = f"{text}: whether more is better is not known (metric = a name of `vcassay list metrics`)."
            names = " and ".join(dict.fromkeys(f"'{one.metric.name}'" for one in same))
            yield _finding("unclear", Status.UNKNOWN, sentence, question=f"Is more or less better in {names}?")


def _beyond(o: Outcome) -> Finding:
    sentence = (
        f"{o.text}: better than what a replicate reaches ({o.result.ceiling:g}), which needs the noise of the "
        "scored cells, or a replicate of fewer cells."
    )
    question = "How is the ceiling computed, and can the model have seen the scored cells or their controls?"
    return _finding("ceiling", Status.WARN, sentence, question=question)
