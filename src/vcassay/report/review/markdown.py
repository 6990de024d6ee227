"""A review as Markdown: everything that the record holds, in a reader's order."""

from __future__ import annotations

from collections.abc import Iterator

from vcassay.record.review import BenchmarkReview, ReviewRecord
from vcassay.report.review.parts import (
    Section,
    by_level,
    finding_line,
    heading,
    known,
    letter,
    opening,
    sections,
    tiers,
    titles,
)
from vcassay.report.wording import level_mark, sentence, status_mark

MARKUP = "\\`*_[]<>|"
"""Signs that are escaped, the backslash first."""


def review_markdown(record: ReviewRecord) -> str:
    """Write a review as Markdown."""
    return "\n".join(_lines(record)).rstrip() + "\n"


def _lines(record: ReviewRecord) -> Iterator[str]:
    mark = level_mark(record.level)
    told = opening(record)
    yield f"# {_plain(heading(record))}: {mark.glyph} {mark.word}"
    yield f"\n{_plain(sentence(record.sentence))}\n"
    yield from (f"- Because: {_plain(sentence(r))}" for r in told.decisive)
    yield from (f"- Would change it: {_plain(sentence(r))}" for r in record.would_change)
    if record.missing:
        yield f"- Not reported: {_plain('; '.join(record.missing))}."
    yield f"\nClaimed, in short: {_plain(record.card.claim.text)}\n"
    yield _plain(" ".join(part for part in (known(record), told.extent) if part))
    if len(record.benchmarks) > 1:
        yield "\n## By benchmark\n"
        for alike, level, why in by_level(record):
            of = "; ".join(record.benchmarks[i - 1].title for i in alike)
            own = level_mark(level)
            yield f"- {_plain(of)}: {own.glyph} {own.word}. {_plain(why)}".rstrip()
    if record.questions:
        yield "\n## Questions to the authors\n"
        yield from (_plain(line) for line in letter(record).splitlines())
    for benchmark, stated in zip(record.benchmarks, record.card.benchmark, strict=True):
        yield from _benchmark(benchmark, stated.split)
    for section in sections(record):
        yield from _section(section)
    yield f"\nvcassay {record.version}, rule {record.rule}."


def _benchmark(benchmark: BenchmarkReview, stated: str) -> Iterator[str]:
    yield f"\n## Claim on {_plain(benchmark.title)}\n"
    if stated:
        yield f"Split, in short: {_plain(stated)}\n"
    yield f"{_plain(benchmark.sentence)}\n"
    groups = (("Supports", benchmark.supports), ("Does not support", benchmark.does_not_support))
    for head, rows in (*groups, ("Provided that", benchmark.provisos)):
        yield from (f"- {head}: {_plain(row.sentence)} ({_plain(row.reason)})" for row in rows)
    lines = tiers(benchmark)
    yield f"- Compared with: {_plain('; '.join(lines))}." if lines else "- Compared with: nothing."
    if benchmark.missing:
        yield f"- The split allows, and not reported: {_plain('; '.join(benchmark.missing))}."


def _section(section: Section) -> Iterator[str]:
    yield f"\n## {section.title}\n"
    for found in section.open:
        mark = status_mark(found.status)
        yield f"- {mark.glyph} {mark.word}: {_plain(finding_line(found))}"
    for status, rest in (("PASS", section.passed), ("NA", section.silent)):
        if rest:
            mark = status_mark(status)
            yield f"- {mark.glyph} {mark.word}: {_plain(titles(rest))}."


def _plain(text: str) -> str:
    """Text that Markdown shows as it is: no markup of a card's own, on one line."""
    flat = " ".join(text.split())
    for sign in MARKUP:
        flat = flat.replace(sign, f"\\{sign}")
    return flat
