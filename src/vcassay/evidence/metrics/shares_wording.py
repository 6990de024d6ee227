"""Shares in words: what is template, what is interaction, and where a model's skill lies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from vcassay.record.evidence import TemplateModelRecord, TemplatePartRecord


def rest_title(new: Mapping[str, int], *, several: bool) -> str:
    """What the rest consists of, in words."""
    unknown = [f"what {count} conditions of new {kind} share with others" for kind, count in new.items() if count]
    if not several:
        unknown.append("what a second training context would tell")
    return ", and ".join(["interaction", *unknown])


def shares_sentence(parts: Sequence[TemplatePartRecord], which: str, reason: str) -> str:
    """How the energy of the true effects of test or training conditions divides."""
    if reason:
        return f"How much of the true effects of the {which} conditions is interaction is not measurable: {reason}."
    told = [f"{_percent(p.share)} is {p.title}" for p in parts[:-1] if p.share is not None]
    rest = parts[-1]
    span = "" if rest.low is None or rest.high is None else f" [{_percent(rest.low)}, {_percent(rest.high)}]"
    of = (
        "test conditions, told from training alone"
        if which == "test"
        else "training conditions, each told from the others"
    )
    if rest.high is not None and rest.high < 0:
        return (
            f"Of the true effects ({of}), what training tells is too large or wrong: its parts have "
            f"{_percent(1.0 - (rest.share or 0.0))} of their energy, which leaves less than nothing{span} beyond them."
        )
    left = f"{_percent(rest.share or 0.0)}{span} is left: {rest.title}"
    return f"Of the energy of the true effects ({of}), {', '.join(told)}, and {left}."


def skill_sentence(rows: Sequence[TemplateModelRecord]) -> str:
    """Where a model's agreement with the true effects lies; its rows are in the order of the parts."""
    scores = [r.score for r in rows if r.score is not None]
    rest = rows[-1]
    if rest.score is None:
        return "Its skill cannot be placed: nothing was predicted, or the true effects are not above noise."
    span = "" if rest.low is None or rest.high is None else f" [{rest.low:.2f}, {rest.high:.2f}]"
    own = f"{_percent(rest.own)}" if rest.own is not None else "none"
    if rest.low is None:
        verdict = "too few conditions for an interval to tell whether any skill lies beyond the template"
        return _placed(scores, rest.score, span, own, verdict)
    verdict = (
        "some of its skill lies beyond the template"
        if round(rest.low, 2) > 0
        else "no skill is shown to lie beyond the template"
    )
    return _placed(scores, rest.score, span, own, verdict)


def _placed(scores: Sequence[float], beyond: float, span: str, own: str, verdict: str) -> str:
    return (
        f"Of its agreement with the true effects, {sum(scores):.2f}, the template accounts for "
        f"{sum(scores) - beyond:.2f} and what lies beyond it for {beyond:.2f}{span} "
        f"({own} of what it predicts): {verdict}."
    )


def _percent(share: float) -> str:
    return f"{round(100.0 * share)} %"
