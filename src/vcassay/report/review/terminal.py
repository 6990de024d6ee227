"""A review on a terminal: what decides on the first screen, then the claims and the findings, in short or in full."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from rich.console import Console

from vcassay.core.wording import capital
from vcassay.record.evidence import FindingRecord
from vcassay.record.review import BenchmarkReview, ReviewRecord
from vcassay.report.console import heading, say, word
from vcassay.report.review.parts import Section, bare, by_level, known, opening, sections, tiers, titles, where
from vcassay.report.review.parts import heading as named
from vcassay.report.wording import level_mark, sentence, status_mark

REASONS = 3
"""Decisive reasons that are printed in short."""
FOLDED = "`--full` prints every finding with its sentence, what the claims rest on, and what would change the level."


def print_review(record: ReviewRecord, console: Console, *, full: bool = False) -> None:
    """Print a review for people.

    Parameters
    ----------
    full
        Whether everything is printed, rather than what decides and the titles of the rest.
    """
    numbers = {b.title: i for i, b in enumerate(record.benchmarks, 1)}
    _verdict(record, console, numbers, full=full)
    if record.questions:
        heading(console, "Questions to the authors")
        for i, q in enumerate(record.questions, 1):
            say(console, f"{i}. {q.question}", indent=2)
    many = len(numbers) > 1
    for benchmark, stated in zip(record.benchmarks, record.card.benchmark, strict=True):
        _benchmark(benchmark, stated.split, console, str(numbers[benchmark.title]) if many else "", full=full)
    for section in sections(record):
        heading(console, section.title)
        (_long if full else _loud)(section, console, numbers)
        _short(section, console)
    if not full:
        console.print()
        say(console, FOLDED)


def _verdict(record: ReviewRecord, console: Console, numbers: Mapping[str, int], *, full: bool) -> None:
    """What decides: the level, what it would support at most, why, and what is missing."""
    say(console, (named(record), "bold"), ": ", word(level_mark(record.level)))
    say(console, sentence(record.sentence), indent=2)
    told = opening(record)
    shown = told.decisive if full else told.decisive[:REASONS]
    for reason in shown:
        say(console, sentence(f"Because: {reason}"), indent=2)
    if len(told.decisive) > len(shown):
        say(console, f"And {len(told.decisive) - len(shown)} more, by `--full`.", indent=2)
    if record.missing:
        say(console, f"Not reported: {'; '.join(record.missing)}.", indent=2)
    if full:
        for change in record.would_change:
            say(console, sentence(f"Would change it: {change}"), indent=2)
    say(console, f"Claimed, in short: {record.card.claim.text}", indent=2)
    say(console, " ".join(part for part in (known(record), told.extent) if part), indent=2)
    if len(numbers) > 1:
        heading(console, "By benchmark")
        for alike, level, why in by_level(record):
            of = "; ".join(f"{i} {record.benchmarks[i - 1].title}" for i in alike)
            say(console, f"{of}: ", word(level_mark(level)), f". {why}".rstrip(), indent=2)


def _benchmark(benchmark: BenchmarkReview, stated: str, console: Console, number: str, *, full: bool) -> None:
    heading(console, f"Claim on {number} {benchmark.title}" if number else f"Claim on {benchmark.title}")
    if stated and full:
        say(console, f"Split, in short: {stated}", indent=2)
    say(console, benchmark.sentence, indent=2)
    groups = (("Supports", benchmark.supports), ("Does not support", benchmark.does_not_support))
    for head, rows in (*groups, ("Provided that", benchmark.provisos)):
        if full:
            for row in rows:
                say(console, f"{head}: {row.sentence} ({row.reason})", indent=2)
        elif rows and head != "Supports":
            say(console, f"{head}: {_joined(row.sentence for row in rows)}.", indent=2)
    lines = tiers(benchmark)
    say(console, f"Compared with: {'; '.join(lines)}." if lines else "Compared with: nothing.", indent=2)
    if benchmark.missing:
        say(console, f"The split allows, and not reported: {'; '.join(benchmark.missing)}.", indent=2)


def _joined(sentences: Iterable[str]) -> str:
    return "; ".join(s.rstrip(".") for s in sentences)


def _loud(section: Section, console: Console, numbers: Mapping[str, int]) -> None:
    """What fails with its sentence, what warns by its title."""
    for found in section.open:
        if found.status in ("FAIL", "ERROR"):
            _line(found, console, numbers)
    warned: dict[str, set[int]] = {}
    for found in section.open:
        if found.status == "WARN":
            at = warned.setdefault(_title(found), set())
            at |= {numbers[t] for t in where(found) or numbers if t in numbers}
    if warned:
        names = [f"{title}{_at(sorted(at), numbers)}" for title, at in warned.items()]
        say(console, word(status_mark("WARN")), f": {'; '.join(names)}.", indent=2)


def _long(section: Section, console: Console, numbers: Mapping[str, int]) -> None:
    """What fails or warns, with its sentence."""
    for found in section.open:
        if found.status != "UNKNOWN":
            _line(found, console, numbers)


def _line(found: FindingRecord, console: Console, numbers: Mapping[str, int]) -> None:
    at = _at([numbers[t] for t in where(found) if t in numbers], numbers)
    say(console, word(status_mark(found.status)), f": {_title(found)}{at}: {bare(found)}", indent=2)


def _title(found: FindingRecord) -> str:
    return capital(found.title.rstrip("?"))


def _at(found: Sequence[int], numbers: Mapping[str, int]) -> str:
    """Numbers of the benchmarks, where it is not all of them."""
    return f" [{', '.join(map(str, found))}]" if found and len(found) < len(numbers) else ""


def _short(section: Section, console: Console) -> None:
    """Name in one line each what is open, what passes and what cannot be asked."""
    open_ = [f for f in section.open if f.status == "UNKNOWN"]
    groups: tuple[tuple[str, list[FindingRecord]], ...] = (
        ("UNKNOWN", open_),
        ("PASS", list(section.passed)),
        ("NA", list(section.silent)),
    )
    for status, found in groups:
        if found:
            say(console, word(status_mark(status)), f": {titles(found)}.", indent=2)
