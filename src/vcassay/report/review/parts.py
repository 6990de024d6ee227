"""Parts of a review in the order in which a reader wants them, shared by terminal, Markdown and page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from vcassay.core.wording import capital
from vcassay.record.card import EVIDENCE
from vcassay.record.evidence import FindingRecord
from vcassay.record.review import BenchmarkReview, ReviewRecord, placed
from vcassay.report.wording import severity

FAMILIES = {
    "claim": "What does the split claim?",
    "leakage": "Has anything leaked?",
    "baselines": "Are the baselines strong and domain-informed?",
    "metrics": "Can the score measure the claim?",
    "results": "Do the numbers show a gain?",
    "biology": "Is it learning actual biology?",
}
"""Families of findings in the founding document's order, as questions."""

TIERS = {
    "T0": "no change",
    "T1": "a mean",
    "T2": "additive or linear",
    "T3": "computational biologist",
    "T4": "replicate reference",
    "model": "other models, no baselines",
}
"""Tiers of the ladder in words."""


class Section(NamedTuple):
    """Findings of one family: those that accuse or ask, and in short those that pass or cannot be asked."""

    title: str
    open: tuple[FindingRecord, ...]
    passed: tuple[FindingRecord, ...]
    silent: tuple[FindingRecord, ...]


def sections(record: ReviewRecord) -> tuple[Section, ...]:
    """Findings by family, what is wrong first; families without any are left out."""
    out = []
    for family, title in FAMILIES.items():
        own = sorted((f for f in record.findings if f.family == family), key=lambda f: severity(f.status))
        if not own:
            continue
        shown = tuple(f for f in own if f.status not in ("PASS", "NA"))
        passed = tuple(f for f in own if f.status == "PASS")
        out.append(Section(title, shown, passed, tuple(f for f in own if f.status == "NA")))
    return tuple(out)


def heading(record: ReviewRecord) -> str:
    """Name of the model and where it is published."""
    at = record.card.publication
    where = ", ".join(part for part in (at.venue, str(at.year) if at.year else "") if part)
    return record.card.name + (f" ({where})" if where else "")


class Opening(NamedTuple):
    """The reasons of a review, parted by what they speak of.

    Attributes
    ----------
    decisive
        Of the benchmark that the level rests on, or of the card.
    others
        Title of each further benchmark to how it ends, and why.
    extent
        How much of the publication was read, where that was not all.
    """

    decisive: tuple[str, ...]
    others: dict[str, str]
    extent: str


def opening(record: ReviewRecord) -> Opening:
    """Part the reasons of a review."""
    heads = {f"{b.title}: {b.level}. ": b.title for b in record.benchmarks}
    extent = next((f.sentence for f in record.findings if f.check == "extent"), "")
    decisive: list[str] = []
    others: dict[str, str] = {}
    for reason in record.reasons:
        head = next((h for h in heads if reason.startswith(h)), "")
        if head:
            others[heads[head]] = reason.removeprefix(head)
        elif reason != extent:
            decisive.append(reason)
    return Opening(tuple(decisive), others, extent)


def by_level(record: ReviewRecord) -> tuple[tuple[tuple[int, ...], str, str], ...]:
    """Numbers of the benchmarks that end alike and for the same reason, with the level and the reason."""
    others = opening(record).others
    of: dict[tuple[str, str], list[int]] = {}
    for i, b in enumerate(record.benchmarks, 1):
        why = others.get(b.title, "The level above rests on it." if b.title == record.speaks else "")
        of.setdefault((b.level, why), []).append(i)
    return tuple((tuple(numbers), level, why) for (level, why), numbers in of.items())


def where(found: FindingRecord) -> tuple[str, ...]:
    """Titles of the benchmarks that a finding speaks of; none where it speaks of all."""
    return tuple(str(row["benchmark"]) for row in found.evidence if "benchmark" in row)


def bare(found: FindingRecord) -> str:
    """Sentence of a finding without the benchmarks that it names first."""
    titles_ = where(found)
    return found.sentence.removeprefix(placed(titles_, "")) if titles_ else found.sentence


def known(record: ReviewRecord) -> str:
    """How the facts of the card are known."""
    card = record.card
    return f"Facts {EVIDENCE[card.evidence]}, unless they say otherwise; confidence {card.confidence}."


def tiers(benchmark: BenchmarkReview) -> tuple[str, ...]:
    """One line a tier of what is reported beside the model."""
    return tuple(
        f"{tier} ({TIERS[tier]}): {', '.join(benchmark.tiers[tier]) or 'none'}"
        for tier in TIERS
        if tier in benchmark.tiers
    )


def letter(record: ReviewRecord) -> str:
    """The numbered questions as text to paste into a mail."""
    return "\n".join(f"{i}. {q.question}" for i, q in enumerate(record.questions, 1))


def finding_line(found: FindingRecord) -> str:
    """A finding in one paragraph, without its status."""
    name = f"{found.check} " if found.family == "leakage" else ""
    return f"{name}{found.title.rstrip('?')}: {found.sentence}"


def titles(found: Sequence[FindingRecord]) -> str:
    """Titles of findings in one line."""
    return "; ".join(dict.fromkeys(capital(f.title.rstrip("?")) for f in found))
