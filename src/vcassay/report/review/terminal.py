"""A review on a terminal: the verdict first, then the claim, what is wrong, what is missing, and the questions."""

from __future__ import annotations

from rich.console import Console

from vcassay.record.evidence import FindingRecord
from vcassay.record.review import BenchmarkReview, ReviewRecord
from vcassay.report.console import heading, say, word
from vcassay.report.review.parts import Section, finding_line, known, sections, tiers, titles
from vcassay.report.review.parts import heading as named
from vcassay.report.wording import level_mark, sentence, status_mark

REASONS = 6
"""Reasons that are printed; the record has all."""


def print_review(record: ReviewRecord, console: Console) -> None:
    """Print a review for people."""
    say(console, (named(record), "bold"), ": ", word(level_mark(record.level)))
    say(console, sentence(record.sentence), indent=2)
    for reason in record.reasons[:REASONS]:
        say(console, sentence(f"Because: {reason}"), indent=2)
    for change in record.would_change[:REASONS]:
        say(console, sentence(f"Would change it: {change}"), indent=2)
    say(console, f"Claimed, in short: {record.card.claim.text}", indent=2)
    say(console, known(record), indent=2)
    for benchmark, stated in zip(record.benchmarks, record.card.benchmark, strict=True):
        _benchmark(benchmark, stated.split, console)
    if record.missing:
        heading(console, "What a reader needs and is not reported")
        for row in record.missing:
            say(console, sentence(f"- {row}"), indent=2)
    for section in sections(record):
        heading(console, section.title)
        for found in section.open:
            if found.status != "UNKNOWN":
                say(console, word(status_mark(found.status)), f": {finding_line(found)}", indent=2)
        _short(section, console)
    if record.questions:
        heading(console, "Questions to the authors")
        for i, q in enumerate(record.questions, 1):
            say(console, f"{i}. {q.question}", indent=2)


def _benchmark(benchmark: BenchmarkReview, stated: str, console: Console) -> None:
    heading(console, f"Claim on {benchmark.title}")
    if stated:
        say(console, f"Split, in short: {stated}", indent=2)
    say(console, benchmark.sentence, indent=2)
    for s in benchmark.supports:
        say(console, f"Supports: {s.sentence} ({s.reason})", indent=2)
    for s in benchmark.does_not_support:
        say(console, f"Does not support: {s.sentence} ({s.reason})", indent=2)
    for s in benchmark.provisos:
        say(console, f"Provided that: {s.sentence} ({s.reason})", indent=2)
    lines = tiers(benchmark)
    say(console, f"Compared with: {'; '.join(lines)}." if lines else "Compared with: nothing.", indent=2)
    if benchmark.missing:
        say(console, f"The split allows, and not reported: {'; '.join(benchmark.missing)}.", indent=2)


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
