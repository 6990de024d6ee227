"""How long stage 1 takes at the size of Tahoe-100M: 379 drugs x 3 doses x 50 lines, 56,850 conditions.

    python benchmarks/claim_tahoe.py

Prints one row a split maker: seconds to compare the names of compounds and contexts (kin), to split, and to work out
the claim, the ratio of their sum to the time of sorting and checking the same table once, and the regime found. Then
the whole command, ``vcassay claim --table``, on the same conditions as a CSV with a role column, beside reading it.
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from vcassay.claim import find_related, make_claim, make_split
from vcassay.core import Conditions
from vcassay.knowledge import Knowledge

DRUGS, DOSES, LINES = 379, (0.05, 0.5, 5.0), 50
SPLITS = {
    "cex": {},
    "dex": {},
    "aex": {},
    "few-shot": {"shots": 0.3},
    "dose-interpolation": {},
    "dose-extrapolation": {},
    "perturbench-transfer": {},
}
SIBLINGS = Knowledge(siblings=(("line00", "line01", "line02"), ("line10", "line11")))


def table() -> Conditions:
    """Every drug at every dose in every line; every tenth drug is a salt of the one before."""
    names = [f"drug{j - 1:03d} hydrochloride" if j % 10 == 9 else f"drug{j:03d}" for j in range(DRUGS)]
    rows = [(f"line{i:02d}", (name,), dose) for i in range(LINES) for name in names for dose in DOSES]
    context, parts, dose = zip(*rows, strict=True)
    return Conditions.make(context, parts, dose, None, np.full(len(rows), "drug"))


def clock(function):
    """Seconds of a call, and what it returned."""
    start = time.perf_counter()
    found = function()
    return time.perf_counter() - start, found


def whole_command(conditions: Conditions) -> None:
    """The command on a CSV, beside reading that CSV."""
    split = make_split(conditions, "few-shot", shots=0.3)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "conditions.csv"
        pd.DataFrame(conditions.columns()).drop(columns="time").assign(role=split.roles).to_csv(path, index=False)
        reading, _ = clock(lambda: pd.read_csv(path, dtype=str, keep_default_na=False))
        command = [sys.executable, "-m", "vcassay", "claim", "--table", str(path), "--json"]
        start, _ = clock(lambda: subprocess.run([*command[:3], "--version"], check=True, capture_output=True))
        took, done = clock(lambda: subprocess.run(command, check=True, capture_output=True, text=True))
        print(f"\nvcassay claim --table, {len(conditions):,} rows: {took:.2f} s, {start:.2f} s of it to start Python")
        print(f"reading the CSV alone: {reading:.2f} s; the answer is {len(done.stdout):,} characters of JSON")


def main() -> None:
    """Time every maker, then the command."""
    sorting, conditions = clock(table)
    print(f"{len(conditions):,} conditions, sorted and checked in {sorting:.2f} s\n")
    print(f"{'split':<22}{'kin [s]':>9}{'split [s]':>11}{'claim [s]':>11}{'x sorting':>11}  regime")
    for make, options in SPLITS.items():
        kin, related = clock(lambda: find_related(conditions, SIBLINGS))
        groups, together = related.families(), related.together()
        made, split = clock(
            lambda make=make, options=options, groups=groups, together=together: make_split(
                conditions, make, seed=0, groups=groups, together=together, **options
            )
        )
        claimed, record = clock(lambda split=split, related=related: make_claim(split, related=related).record())
        ratio = (kin + made + claimed) / sorting
        print(f"{make:<22}{kin:>9.2f}{made:>11.2f}{claimed:>11.2f}{ratio:>11.1f}  {record.regime}")
    whole_command(conditions)


if __name__ == "__main__":
    main()
