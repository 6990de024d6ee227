"""How long stage 1 takes at the size of Tahoe-100M: 379 drugs x 3 doses x 50 lines, 56,850 conditions.

    python benchmarks/claim_tahoe.py

Prints one row a split maker: seconds to split, seconds to work out the claim, the regime found. The ratio beside
them is to the time of sorting the same table once, so that machines can be compared.
"""

import time

import numpy as np

from vcassay.claim import make_claim, make_split
from vcassay.core import Conditions

DRUGS, DOSES, LINES = 379, (0.05, 0.5, 5.0), 50
SPLITS = {
    "cex": {},
    "dex": {},
    "aex": {},
    "few-shot": {"shots": 0.3},
    "dose-interpolation": {},
    "perturbench-transfer": {},
}


def table() -> Conditions:
    rows = [(f"line{i:02d}", (f"drug{j:03d}",), dose) for i in range(LINES) for j in range(DRUGS) for dose in DOSES]
    context, parts, dose = zip(*rows, strict=True)
    return Conditions.make(context, parts, dose, None, np.full(len(rows), "drug"))


def main() -> None:
    start = time.perf_counter()
    conditions = table()
    sorting = time.perf_counter() - start
    print(f"{len(conditions):,} conditions, sorted and checked in {sorting:.2f} s\n")
    print(f"{'split':<22}{'split [s]':>10}{'claim [s]':>11}{'x sorting':>11}  regime")
    for make, options in SPLITS.items():
        start = time.perf_counter()
        split = make_split(conditions, make, seed=0, **options)
        made = time.perf_counter() - start
        start = time.perf_counter()
        record = make_claim(split).record()
        claimed = time.perf_counter() - start
        print(f"{make:<22}{made:>10.2f}{claimed:>11.2f}{(made + claimed) / sorting:>11.1f}  {record.regime}")


if __name__ == "__main__":
    main()
