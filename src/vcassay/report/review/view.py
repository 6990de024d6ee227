"""A review laid out for a page: the verdict, each benchmark, the ladder, findings by question, facts and sources."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vcassay.record.card import EVIDENCE, Benchmark, Source
from vcassay.record.evidence import FindingRecord
from vcassay.record.review import BenchmarkReview, ReviewRecord
from vcassay.report.review.ladder import LADDER, Rung, ladders
from vcassay.report.review.parts import FAMILIES, TIERS, Section, letter, sections
from vcassay.report.review.told import Number, Told, facts, metrics, results, told
from vcassay.report.wording import FIT, REGIME, Mark, count, level_mark, status_mark


@dataclass(frozen=True, slots=True)
class Bench:
    """One benchmark as shown.

    Attributes
    ----------
    split
        The split in the publication's words, with how that is known; empty text where it is not stated.
    regimes
        Its regimes with what each says is new.
    mark
        How the claim ends by this benchmark alone.
    speaks
        Whether the verdict rests on it.
    rivals
        Other models that stand beside the model.
    known
        Names of comparisons that were not read in the publication, to how they are known.
    uses
        Name, mark and reason of each use.
    """

    review: BenchmarkReview
    split: Told
    regimes: tuple[tuple[str, str], ...]
    mark: Mark
    speaks: bool
    ladder: tuple[Rung, ...]
    rivals: tuple[str, ...]
    known: dict[str, str]
    metrics: tuple[Told, ...]
    results: tuple[Number, ...]
    uses: tuple[tuple[str, Mark, str], ...]


@dataclass(frozen=True, slots=True)
class Part:
    """Findings of one question.

    Attributes
    ----------
    loud
        Those that accuse or warn, in full.
    asked
        Those that cannot be told by what is reported.
    passed, silent
        Those that pass, and those that do not apply.
    """

    family: str
    title: str
    loud: tuple[tuple[Mark, FindingRecord], ...]
    asked: tuple[FindingRecord, ...]
    passed: tuple[FindingRecord, ...]
    silent: tuple[FindingRecord, ...]

    @property
    def tally(self) -> str:
        """How its findings end, in a few words."""
        failed = sum(f.status in ("FAIL", "ERROR") for _, f in self.loud)
        parts = (
            (failed, f"{count(failed, 'fails', 'fail')}"),
            (len(self.loud) - failed, count(len(self.loud) - failed, "warns", "warn")),
            (len(self.asked), f"{len(self.asked)} open"),
            (len(self.passed), count(len(self.passed), "passes", "pass")),
        )
        return ", ".join(words for n, words in parts if n)


@dataclass(frozen=True, slots=True)
class ReviewView:
    """A review as a page shows it."""

    record: ReviewRecord
    mark: Mark
    claim: Told
    benches: tuple[Bench, ...]
    parts: dict[str, Part | None]
    facts: tuple[Told, ...]
    sources: tuple[tuple[Source, str], ...]
    letter: str

    @property
    def where(self) -> str:
        """Venue and year."""
        at = self.record.card.publication
        return ", ".join(part for part in (at.venue, str(at.year) if at.year else "") if part)

    @property
    def lacking(self) -> tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]:
        """What splits allow and is not reported: titles of the benchmarks that lack the same, and what."""
        of: dict[tuple[str, ...], list[str]] = {}
        for b in self.benches:
            if b.review.missing:
                of.setdefault(b.review.missing, []).append(b.review.title)
        return tuple((tuple(titles), missing) for missing, titles in of.items())

    @property
    def stated(self) -> tuple[Told, ...]:
        """Every fact that is shown, but for what the model is compared with."""
        own = [f for b in self.benches for f in (*b.metrics, *(n.fact for n in b.results))]
        return (*self.facts, *own)

    @property
    def recalled(self) -> int:
        """How many facts are recalled."""
        compared = sum(how == "recalled" for b in self.benches for how in b.known.values())
        return compared + sum(f.how == "recalled" for f in self.stated)


def view(record: ReviewRecord) -> ReviewView:
    """Lay out a review."""
    card = record.card
    rows = zip(record.benchmarks, card.benchmark, ladders(record), strict=True)
    return ReviewView(
        record=record,
        mark=level_mark(record.level),
        claim=told(card, card.claim, "Claim", card.claim.text),
        benches=tuple(_bench(record, review, stated, ladder) for review, stated, ladder in rows),
        parts=dict(zip(FAMILIES, _parts(record), strict=True)),
        facts=facts(card),
        sources=tuple((source, EVIDENCE[source.evidence]) for source in card.source),
        letter=letter(record),
    )


def _bench(record: ReviewRecord, review: BenchmarkReview, stated: Benchmark, ladder: tuple[Rung, ...]) -> Bench:
    card = record.card
    return Bench(
        review=review,
        split=told(card, stated, "Split", stated.split),
        regimes=tuple((r, REGIME.get(r, "")) for r in review.regimes),
        mark=level_mark(review.level or None),
        speaks=review.title == record.speaks and len(record.benchmarks) > 1,
        ladder=ladder,
        rivals=review.tiers.get("model", ()),
        known={c.name: how for c in stated.baselines if (how := c.evidence or card.evidence) != "read"},
        metrics=metrics(card, stated.metrics),
        results=results(card, stated.results),
        uses=tuple((a.use, FIT.get(a.fit, FIT["none"]), a.reason) for a in review.applications),
    )


def _parts(record: ReviewRecord) -> tuple[Part | None, ...]:
    by_title = {section.title: section for section in sections(record)}
    return tuple(_part(family, by_title.get(title)) for family, title in FAMILIES.items())


def _part(family: str, section: Section | None) -> Part | None:
    if section is None:
        return None
    loud = tuple((status_mark(f.status), f) for f in section.open if f.status != "UNKNOWN")
    asked = tuple(f for f in section.open if f.status == "UNKNOWN")
    return Part(family, section.title, loud, asked, section.passed, section.silent)


def tiers_in_words() -> Sequence[tuple[str, str]]:
    """Tier and what it is, for the head of a table."""
    return tuple((tier, TIERS[tier]) for tier in LADDER)
