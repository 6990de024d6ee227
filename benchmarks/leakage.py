"""The power and the false alarms of every leakage check, over seeds, as the tables of docs/leakage.md.

    python benchmarks/leakage.py [--seeds 40] [--studies 10] [--only L05 ...] [--write]

Each case plants one leak at the smallest dose that matters and runs its check on it, and on the same data without the
leak. The second table runs all checks together on clean studies of many shapes: how many studies raise any alarm.
``--write`` puts the tables into docs/leakage.md; ``--seeds 0`` or ``--studies 0`` leaves one out.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from scipy.stats import beta

from vcassay.core import Finding
from vcassay.testing import Power, measure_power
from vcassay.testing.leaks import CASES
from vcassay.testing.leaks.clean import SHAPES, run_all

DOCUMENT = Path(__file__).parent.parent / "docs" / "leakage.md"
BEGIN, END = "<!-- power: begin -->", "<!-- power: end -->"
HEAD = "| check | what is planted | how much | found | culprits named | false alarms | of them, clean: said PASS |"
CLEAN_BEGIN, CLEAN_END = "<!-- clean: begin -->", "<!-- clean: end -->"
CLEAN_HEAD = "| study | studies | findings of a study | with a false alarm | rightly warned of | stays UNKNOWN |"
CONFIDENCE = 0.95
Named = list[tuple[str, str]]
"""Checks and the models that they speak of, empty for the study's own."""


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


def study(job: tuple[str, int]) -> tuple[int, Named, Named, Named]:
    """Findings of a clean study, its false alarms, other alarms and open findings."""
    shape, seed = job
    found = run_all(SHAPES[shape], seed)
    right = [f for f in found.alarms if f not in found.false_alarms]
    return len(found.findings), *(_named(x) for x in (found.false_alarms, right, found.unknown))


def _named(findings: Iterable[Finding]) -> Named:
    return [(f.check, f.model or "") for f in findings]


def _counts(each: list[Named], models: tuple[str, ...] = ("", "skilled")) -> str:
    """In how many studies which checks spoke."""
    counts = Counter(check for own in each for check in {c for c, m in own if m in models})
    return ", ".join(f"{check} {n}" for check, n in sorted(counts.items())) or "–"


def clean_row(shape: str, found: list[tuple[int, Named, Named, Named]]) -> str:
    """A row of the second table."""
    made, false, right, unknown = zip(*found, strict=True)
    wrong = sum(map(bool, false))
    which = f" ({_counts(list(false), ('', 'skilled', 'mean', 'additive'))})" if wrong else ""
    cells = [SHAPES[shape].title, len(found), round(sum(made) / len(made)), f"{wrong}{which}"]
    return f"| {' | '.join(map(str, [*cells, _counts(list(right)), _counts(list(unknown))]))} |"


def clean_table(pool: ProcessPoolExecutor, seeds: int) -> str:
    """The second table."""
    jobs = [(shape, seed) for shape in SHAPES for seed in range(seeds)]
    found = list(pool.map(study, jobs))
    own = {shape: found[i * seeds : (i + 1) * seeds] for i, shape in enumerate(SHAPES)}
    false = sum(bool(x[1]) for x in found)
    sums = (
        f"Clean studies with a false alarm of any check: {false} of {len(found):,}, {false / len(found):.1%} (at most "
        f"{most(false, len(found)):.1%} with 95 % confidence). Rightly warned of: compounds of one scaffold or "
        f"mechanism on both sides. The training mean and the additive model, handed in beside the skilled one, are "
        f"told in {_counts([x[2] for x in found], ('mean', 'additive'))} of the studies."
    )
    rows = [clean_row(shape, x) for shape, x in own.items()]
    return "\n".join([CLEAN_HEAD, "|---" * CLEAN_HEAD.count(" | ") + "|---|", *rows, "", sums])


def write(table: str, begin: str, end: str) -> None:
    """Put a table between its marks in the document."""
    text = DOCUMENT.read_text(encoding="utf-8")
    before, after = text[: text.index(begin) + len(begin)], text[text.index(end) :]
    DOCUMENT.write_text(f"{before}\n{table}\n{after}", encoding="utf-8")


def power_table(pool: ProcessPoolExecutor, seeds: int, only: list[str] | None) -> str:
    """The first table."""
    wanted = [i for i, case in enumerate(CASES) if not only or case.check in only]
    wanted.sort(key=lambda i: (CASES[i].check, CASES[i].leak, CASES[i].dose))
    found = list(pool.map(one, [(i, seeds) for i in wanted]))
    rows = [row(i, power) for i, (power, _) in zip(wanted, found, strict=True)]
    false, total = sum(p.false_alarms for p, _ in found), sum(p.seeds for p, _ in found)
    sums = (
        f"False alarms in all: {false} of {total:,} clean runs, {false / total:.2%} (at most {most(false, total):.2%} "
        f"with 95 % confidence)."
    )
    for i, (_, seconds) in sorted(zip(wanted, found, strict=True), key=lambda x: -x[1][1])[:5]:
        print(f"{CASES[i].check}: {seconds:.1f} s", file=sys.stderr)
    return "\n".join([HEAD, "|---" * HEAD.count(" | ") + "|---|", *rows, "", sums])


def main() -> None:
    """Measure side by side, print the tables, and write them if asked to."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seeds", type=int, default=40)
    parser.add_argument("--studies", type=int, default=10)
    parser.add_argument("--only", nargs="*")
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        for wanted, made, begin, end in (
            (given.seeds > 0, lambda: power_table(pool, given.seeds, given.only), BEGIN, END),
            (given.studies > 0 and not given.only, lambda: clean_table(pool, given.studies), CLEAN_BEGIN, CLEAN_END),
        ):
            if wanted:
                start, table = time.perf_counter(), made()
                print(table, "", sep="\n", flush=True)
                print(f"{time.perf_counter() - start:.0f} s", file=sys.stderr)
                if given.write and not given.only:
                    write(table, begin, end)


if __name__ == "__main__":
    main()
