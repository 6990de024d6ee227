"""The power and the false alarms of every leakage check, over seeds, as the table of docs/leakage.md.

    python benchmarks/leakage.py [--seeds 40] [--only L05 ...] [--write]

Each case plants one leak at the smallest dose that matters and runs its check on it, and on the same data without the
leak. ``--write`` puts the table into docs/leakage.md, where a test reads it again.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from scipy.stats import beta

from vcassay.testing import Power, measure_power
from vcassay.testing.leaks import CASES

DOCUMENT = Path(__file__).parent.parent / "docs" / "leakage.md"
BEGIN, END = "<!-- power: begin -->", "<!-- power: end -->"
HEAD = "| check | what is planted | how much | found | culprits named | false alarms | of them, clean: said PASS |"
CONFIDENCE = 0.95


def one(job: tuple[int, int]) -> tuple[Power, float]:
    """Measure a case by its number."""
    at, seeds = job
    start = time.perf_counter()
    return measure_power(CASES[at], range(seeds)), time.perf_counter() - start


def most(hits: int, n: int) -> float:
    """Upper bound of a share (Clopper and Pearson 1934)."""
    return 1.0 if hits == n else float(beta.ppf(CONFIDENCE, hits + 1, n - hits))


def row(at: int, power: Power) -> str:
    """A row of the table."""
    case, n = CASES[at], power.seeds
    named = "–" if power.named is None else f"{power.named} of {power.found}"
    false = f"{power.false_alarms} of {n}"
    return f"| {case.check} | {case.leak} | {case.dose} | {power.found} of {n} | {named} | {false} | {power.silent} |"


def main() -> None:
    """Measure the cases side by side, print the table, and write it if asked to."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seeds", type=int, default=40)
    parser.add_argument("--only", nargs="*")
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    wanted = [i for i, case in enumerate(CASES) if not given.only or case.check in given.only]
    wanted.sort(key=lambda i: (CASES[i].check, CASES[i].leak, CASES[i].dose))
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        found = list(pool.map(one, [(i, given.seeds) for i in wanted]))
    rows = [row(i, power) for i, (power, _) in zip(wanted, found, strict=True)]
    false, total = sum(p.false_alarms for p, _ in found), sum(p.seeds for p, _ in found)
    sums = (
        f"False alarms in all: {false} of {total:,} clean runs, {false / total:.2%} (at most {most(false, total):.2%} "
        f"with 95 % confidence)."
    )
    table = "\n".join([HEAD, "|---" * HEAD.count(" | ") + "|---|", *rows, "", sums])
    print(table)
    for i, (_, seconds) in sorted(zip(wanted, found, strict=True), key=lambda x: -x[1][1])[:5]:
        print(f"{CASES[i].check}: {seconds:.1f} s", file=sys.stderr)
    if given.write and not given.only:
        text = DOCUMENT.read_text(encoding="utf-8")
        before, after = text[: text.index(BEGIN) + len(BEGIN)], text[text.index(END) :]
        DOCUMENT.write_text(f"{before}\n{table}\n{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
