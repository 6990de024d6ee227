"""The seconds of L12 (copied rows) over those of reading the same file once, and its memory.

    python benchmarks/leakage_rows.py [--cells 1000000] [--genes 2000] [--codec none] [--folder DIR]

Writes a sparse file (kept in the folder), then measures in processes of their own, in turn: a plain pass that
sums its values, and the whole check, backed, half of the perturbations being test. ``MiB`` is the peak of the
process beyond the open screen (labels and names, which are in memory).
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from files import CODECS, write


def measure(path: str, what: str) -> None:
    """Print the seconds and the memory of a plain pass or of the check."""
    import numpy as np

    from vcassay.claim import Split
    from vcassay.evidence.leakage.cells.rows import copied_rows, hash_content
    from vcassay.screen import read_screen

    with read_screen(path, backed=True) as screen:
        n = len(screen.conditions)
        split = Split(screen.conditions, np.where(np.arange(n) % 2 == 0, "test", "train"))
        hash_content(_Two(screen))  # compiles
        opened = _memory()
        started = time.perf_counter()
        if what == "pass":
            found = sum(float(block.data.sum()) + float(block.indices.sum()) for _, block in screen.chunks())
        else:
            found = copied_rows(screen, split).sentence
        took = time.perf_counter() - started
    print(json.dumps({"seconds": took, "MiB": _memory() - opened, "found": found}))


class _Two:
    """The first rows of a screen on disk."""

    def __init__(self, screen: object) -> None:
        self.genes, self.design, self.n_rows = screen.genes, screen.design, 2
        self.block = next(iter(screen.chunks(2)))

    def chunks(self) -> list[object]:
        return [self.block]


def _memory() -> float:
    status = Path("/proc/self/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) / 1024


def measured(path: Path, what: str) -> dict[str, float]:
    """Run one measurement in a process of its own."""
    command = [sys.executable, __file__, "--measure", str(path), what]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def main() -> None:
    """Measure, and print a line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--cells", type=int, default=1_000_000)
    parser.add_argument("--genes", type=int, default=2000)
    parser.add_argument("--codec", choices=CODECS, default="none")
    parser.add_argument("--repeats", type=int, default=2)
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "vcassay-benchmarks")
    parser.add_argument("--measure", nargs=2, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.measure:
        return measure(*args.measure)
    args.folder.mkdir(parents=True, exist_ok=True)
    path = write(args.folder, "csr", args.codec, args.cells, args.genes)
    measured(path, "pass")  # so that all find in the memory of the operating system what fits there
    rounds = [[measured(path, "pass"), measured(path, "check")] for _ in range(args.repeats)]
    plain, check = (min(tries, key=lambda m: m["seconds"]) for tries in zip(*rounds, strict=True))
    print(f"{path.name}, {path.stat().st_size / 2**30:.2f} GiB")
    for name, found in (("plain pass", plain), ("L12", check)):
        print(f"{name} {found['seconds']:.2f} s, {found['MiB']:.0f} MiB")
    print(f"ratio {check['seconds'] / plain['seconds']:.2f}")
    print(check["found"])
    return None


if __name__ == "__main__":
    main()
