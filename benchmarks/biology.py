"""The power and the false alarms of every biology diagnostic, over seeds, as the tables of docs/biology.md.

    python benchmarks/biology.py [--seeds 20] [--studies 10] [--only moa_similarity ...] [--write]

Each case plants the least biology that matters and asks a model that has it and one that lacks it; then the same screen
without that biology, in which the truth must not pass. The second table asks all diagnostics together of clean studies
of many shapes (``--studies`` of each; 0 leaves it out), of models that deserve no blame. ``--write`` puts both into
docs/biology.md.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from vcassay.testing.biology import CASES, BiologyPower, measure_biology
from vcassay.testing.biology.clean import SHAPES, UNHEARD
from vcassay.testing.biology.tally import Tally, tally

DOCUMENT = Path(__file__).parent.parent / "docs" / "biology.md"
BEGIN, END = "<!-- power: begin -->", "<!-- power: end -->"
HEAD = (
    "| diagnostic | what is planted | how much | truth passes | model that has it: passes, accused "
    "| model that lacks it: caught, passes | truth passes without it |"
)
CLEAN_BEGIN, CLEAN_END = "<!-- clean: begin -->", "<!-- clean: end -->"
CLEAN_HEAD = (
    "| study | studies | findings | truth passes | of these false (studies) | honest models accused "
    "| of lacking what is not there | errors |"
)


def clean(job: tuple[str, int]) -> Tally:
    """Count what is false in clean studies of a shape."""
    name, studies = job
    return tally(name, range(studies))


def clean_row(t: Tally) -> str:
    """A row of the second table."""
    return (
        f"| {t.title} | {t.studies} | {t.findings:,} | {t.passing:,} | {t.false} ({t.touched}) "
        f"| {t.accused} of {t.there:,} | {t.misled} | {t.errors} |"
    )


def clean_table(tallies: list[Tally]) -> str:
    """The second table with its sum."""

    def total(key: str) -> int:
        return sum(getattr(t, key) for t in tallies)

    words = (
        f"Together: of {total('findings'):,} findings in {total('studies'):,} clean studies, the truth passes in "
        f"{total('passing'):,}, in {total('false')} of them (in {total('touched')} studies) by chance. Of a model that "
        f"equals the true effects and one of skill .9, {total('accused')} of {total('there'):,} findings accuse where "
        f"the biology is there, and {total('misled')} where it is not. {total('errors')} diagnostics crashed."
    )
    rows = [clean_row(t) for t in tallies]
    return "\n".join([CLEAN_HEAD, "|" + " --- |" * (CLEAN_HEAD.count("|") - 1), *rows, "", words])


def put(text: str, begin: str, end: str, table: str) -> str:
    """A document with a table between two marks."""
    before, rest = text.split(begin)
    return f"{before}{begin}\n{table}\n{end}{rest.split(end)[1]}"


def one(job: tuple[int, int]) -> tuple[BiologyPower, float]:
    """Measure a case by its number."""
    at, seeds = job
    start = time.perf_counter()
    return measure_biology(CASES[at], range(seeds)), time.perf_counter() - start


def row(at: int, power: BiologyPower) -> str:
    """A row of the table."""
    case, n, able = CASES[at], power.seeds, power.assessable
    return (
        f"| {case.diagnostic} | {case.planted} | {case.size} | {able} of {n} "
        f"| {power.passed}, {power.accused} of {able} | {power.caught}, {power.missed} of {able} "
        f"| {power.false} of {n} |"
    )


def main() -> None:
    """Measure and print, or write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--studies", type=int, default=10)
    parser.add_argument("--only", nargs="*", default=())
    parser.add_argument("--write", action="store_true")
    args = parser.parse_args()
    jobs = [(i, args.seeds) for i, case in enumerate(CASES) if not args.only or case.diagnostic in args.only]
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        found = list(pool.map(one, jobs))
        shapes = [] if args.only or not args.studies else [(name, args.studies) for name in (*SHAPES, *UNHEARD)]
        tallies = list(pool.map(clean, shapes))
    for (at, _), (power, seconds) in zip(jobs, found, strict=True):
        print(f"{seconds / args.seeds:6.2f} s  {row(at, power)}", file=sys.stderr)
    rows = [row(at, power) for (at, _), (power, _) in zip(jobs, found, strict=True)]
    able = sum(p.assessable for p, _ in found)
    passed, accused = sum(p.passed for p, _ in found), sum(p.accused for p, _ in found)
    caught, missed = sum(p.caught for p, _ in found), sum(p.missed for p, _ in found)
    false, seeds = sum(p.false for p, _ in found), sum(p.seeds for p, _ in found)
    total = (
        f"Together: the truth passes in {able} of {seeds} screens with the biology and in {false} of {seeds} without; "
        f"of models that have it {passed} of {able} pass and {accused} are accused, of models that lack it {caught} "
        f"are caught and {missed} pass."
    )
    table = "\n".join([HEAD, "|" + " --- |" * HEAD.count(" | ") + " --- |", *rows, "", total])
    print(table)
    second = clean_table(tallies) if tallies else ""
    print(f"\n{second}")
    if args.write:
        text = put(DOCUMENT.read_text(encoding="utf-8"), BEGIN, END, table)
        text = put(text, CLEAN_BEGIN, CLEAN_END, second) if second else text
        DOCUMENT.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
