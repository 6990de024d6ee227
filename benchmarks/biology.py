"""The power and the false alarms of every biology diagnostic, over seeds, as the table of docs/biology.md.

    python benchmarks/biology.py [--seeds 40] [--only moa_similarity ...] [--write]

Each case plants the least biology that matters and asks a model that has it and one that lacks it; then the same screen
without that biology, in which the truth must not pass. ``--write`` puts the table into docs/biology.md.
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

DOCUMENT = Path(__file__).parent.parent / "docs" / "biology.md"
BEGIN, END = "<!-- power: begin -->", "<!-- power: end -->"
HEAD = (
    "| diagnostic | what is planted | how much | truth passes | model that has it: passes, accused "
    "| model that lacks it: caught, passes | truth passes without it |"
)


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
    parser.add_argument("--seeds", type=int, default=40)
    parser.add_argument("--only", nargs="*", default=())
    parser.add_argument("--write", action="store_true")
    args = parser.parse_args()
    jobs = [(i, args.seeds) for i, case in enumerate(CASES) if not args.only or case.diagnostic in args.only]
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        found = list(pool.map(one, jobs))
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
    if args.write:
        text = DOCUMENT.read_text(encoding="utf-8")
        before, rest = text.split(BEGIN)
        DOCUMENT.write_text(f"{before}{BEGIN}\n{table}\n{END}{rest.split(END)[1]}", encoding="utf-8")


if __name__ == "__main__":
    main()
