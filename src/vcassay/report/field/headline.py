"""Headlines: where the field is, in sentences that are counted from the reviews."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from vcassay.core.regime import Level
from vcassay.report.field.row import REPORTS, Row
from vcassay.report.wording import LEVEL, Mark, count, listing, words

SAYS: dict[str, tuple[str, str, str]] = {
    "context": (
        "was tested in a context never perturbed",
        "were tested in a context never perturbed",
        "For the rest no score says how the model does in a new cell line, donor or tissue (CEX or AEX).",
    ),
    "leakage": (
        "speaks of leakage",
        "speak of leakage",
        "The authors disclose a way in which test data may have reached the model, or exclude one.",
    ),
    "T3": (
        "was compared with what a computational biologist would do",
        "were compared with what a computational biologist would do",
        "A domain-informed baseline (T3), such as the nearest context, the pathway or network neighbours.",
    ),
    "T4": (
        "reports a ceiling",
        "report a ceiling",
        "A replicate of the measured conditions (T4) says how much of what is attainable is attained.",
    ),
    "intervals": (
        "reports an interval",
        "report an interval",
        "Over splits, perturbations or contexts: a gain within the luck of the split is none.",
    ),
    "biology": (
        "measures what biology is learnt",
        "measure what biology is learnt",
        "At least one diagnostic beside a null or a baseline; examples alone do not count.",
    ),
}
"""What is counted, in the founding document's order: key of `REPORTS`, words of one and of several, its meaning."""


class Headline(NamedTuple):
    """A count over all rows.

    Attributes
    ----------
    key
        Of `REPORTS`.
    n, of
        How many report it, of how many.
    words, why
        What is counted, and what it says.
    """

    key: str
    n: int
    of: int
    words: str
    why: str

    @property
    def sentence(self) -> str:
        """The count as a sentence."""
        return f"{self.n or 'None'} of {self.of} {self.words}."


class Ends(NamedTuple):
    """How many claims end at a level."""

    level: str
    mark: Mark
    n: int


def headlines(rows: Sequence[Row]) -> tuple[Headline, ...]:
    """Count what the reviews report."""
    out = []
    for key, (one, many, why) in SAYS.items():
        n = sum(key in r.reports for r in rows)
        out.append(Headline(key, n, len(rows), one if n < 2 else many, why))
    return tuple(out)


def ends(rows: Sequence[Row]) -> tuple[Ends, ...]:
    """How the claims end, the best level first; levels without any are left out."""
    levels = [r.record.level for r in rows]
    return tuple(Ends(level, LEVEL[level], levels.count(level)) for level in Level if level in levels)


def lead(rows: Sequence[Row]) -> str:
    """The state of the field in one sentence."""
    if not rows:
        return "No claim is reviewed."
    n = {level: sum(r.record.level == level for r in rows) for level in Level}
    whole = count(len(rows), "published claim")
    good = n[Level.SUPPORTED]
    first = "none is" if good == 0 else "one is" if good == 1 else f"{words(good)} are"
    parts = [f"{first} supported by what is reported"]
    partly = n[Level.SPLIT_LIMITED] + n[Level.DIAGNOSTIC_ONLY]
    if partly:
        parts.append(f"{words(partly)} {'holds' if partly == 1 else 'hold'} for less than is claimed")
    if bad := n[Level.NOT_SUPPORTED]:
        parts.append(f"{words(bad)} {'falls' if bad == 1 else 'fall'} to reported numbers or to a leak")
    if open_ := n[Level.CANNOT_TELL]:
        parts.append(f"{words(open_)} cannot be told")
    text = parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])}, and {parts[-1]}"
    return f"Of {whole} {text}."


def complete(rows: Sequence[Row]) -> str:
    """How many report everything that is counted, or who comes nearest."""
    if not rows:
        return ""
    held = [(r.name, [key for key in SAYS if key in r.reports]) for r in rows]
    most = max(len(keys) for _, keys in held)
    best = [name for name, keys in held if len(keys) == most]
    if most == len(SAYS):
        return f"{listing(best, 4)} {'reports' if len(best) == 1 else 'report'} all {words(len(SAYS))}."
    if most == 0:
        return f"None reports any of these {words(len(SAYS))}."
    nearest = "comes" if len(best) == 1 else "come"
    lacks = ""
    if len(best) == 1:
        own = next(keys for _, keys in held if len(keys) == most)
        lacking = [REPORTS[key] for key in SAYS if key not in own]
        lacks = f"; not reported: {listing(lacking)}"
    return f"None reports all {words(len(SAYS))}: {listing(best, 4)} {nearest} nearest, with {words(most)}{lacks}."


def certainty(rows: Sequence[Row]) -> str:
    """How far the cards themselves are to be trusted."""
    if not rows:
        return ""
    n = {c: sum(r.record.card.confidence == c for r in rows) for c in ("high", "medium", "low")}
    told = ", ".join(f"{n[c]} {c}" for c in n)
    recalled = sum("recalled" in {f.evidence or r.record.card.evidence for f in r.record.card.facts()} for r in rows)
    text = f"Confidence in the cards: {told}."
    if recalled:
        text += f" {count(recalled, 'card holds', 'cards hold')} facts from memory, marked as such."
    unread = sum(r.record.card.extent != "text" for r in rows)
    if unread:
        text += (
            f" Of {unread} of {len(rows)} the text of the publication was not read: what is missing may stand there."
        )
    return text
