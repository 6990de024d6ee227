"""The share of the raw read speed that the one pass reaches, and its memory.

    python benchmarks/moments.py [--cells 10000 200000] [--layouts csr ...] [--codecs none gzip] [--folder DIR]

Writes the files it needs (kept in the folder, about 12 KB a cell uncompressed), then measures each in processes of
their own, in turn: reading and decompressing alone, with the file's own library in the order of our pieces, and our
pass with 1 and 2 threads. ``ratio`` is the seconds of reading alone over those of the pass. ``MiB`` is the peak of
the process, Python and labels included; of a spilled pass, pages of the file that are in memory count.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path

from files import CODECS, GENES, LAYOUTS, write

CELLS = (10_000, 200_000)
LARGEST = {"csc": 200_000, "dense": 20_000, "zarr": 200_000}
"""Cells above which a layout is left out: it is not written in chunks, or takes 72 KB a cell."""


def read_alone(path: Path) -> float:
    """Seconds to read and decompress every piece in turn, with h5py, zarr or pyarrow."""
    import pyarrow.parquet as pq

    from vcassay.screen.sources import find_files, open_files
    from vcassay.screen.storage import PIECE_BYTES

    opened = open_files(find_files(path), backed=True)
    matrix = opened.adata.X
    parts = [getattr(p, "columns", p) for p in getattr(matrix, "parts", [matrix])]
    started = time.perf_counter()
    if hasattr(matrix, "paths"):
        for file in matrix.paths:
            with pq.ParquetFile(file) as lists:
                for group in range(lists.num_row_groups):
                    lists.read_row_group(group, columns=list(matrix.columns), use_threads=False)
        return time.perf_counter() - started
    for part in parts:
        bounds = part.pieces(PIECE_BYTES)
        ends = getattr(part, "indptr", None)
        for low, high in pairwise(bounds):
            arrays = [part._array] if ends is None else [part._data, part._indices]
            for array in arrays:
                source = getattr(array, "dataset", None) or array.array
                source[low:high] if ends is None else source[ends[low] : ends[high]]
    return time.perf_counter() - started


def one_pass(path: Path, threads: int, **more: object) -> dict[str, float]:
    """Seconds of the pass after a warm-up, and those of reading the labels before it."""
    import numpy as np
    import scipy.sparse as sp

    from vcassay.effects import accumulate
    from vcassay.effects.accumulators import Accumulators
    from vcassay.effects.slots import make_slots
    from vcassay.screen import read_screen

    started = time.perf_counter()
    with read_screen(path, backed=True) as screen:
        opened = time.perf_counter() - started
        started = time.perf_counter()
        slots = make_slots(screen, 0)
        small = Accumulators(
            slots, 8, squares=False, nonzeros=False, gaps=False, memory=2**30, folder=None, where="warm-up"
        )
        block = sp.csr_matrix(np.ones((2, 8), dtype=np.float32))
        for given in (block, block.toarray()):
            small.add_rows(0, given)
        small.add_columns(0, sp.csr_matrix(np.ones((8, screen.n_rows), dtype=np.float32)[:, :2], shape=(8, 2)))
        del small, slots
        compiled = time.perf_counter() - started
        started = time.perf_counter()
        moments = accumulate(screen, threads=threads, **more)
        took = time.perf_counter() - started
        checksum = float(moments.sums.sum() + moments.control_sums.sum())
    return {"open": opened, "warm": compiled, "seconds": took, "sum": checksum}


def measured(*args: object) -> dict[str, float]:
    """Run one measurement in a process of its own."""
    command = [sys.executable, __file__, "--measure", *map(str, args)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def measure(path: str, what: str, threads: str = "1", more: str = "{}") -> None:
    """Print one measurement as JSON."""
    if what == "read":
        found = {"seconds": read_alone(Path(path))}
    else:
        found = one_pass(Path(path), int(threads), **json.loads(more))
    status = Path("/proc/self/status").read_text()  # getrusage would count what the parent had before it started us
    peak = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) / 1024
    print(json.dumps({**found, "MiB": peak}))


def compare(path: Path, repeats: int) -> list[dict[str, float]]:
    """Reading alone, then the pass with 1 and with 2 threads, in turn; the fastest of each.

    One reading before is not counted, so that all find in the memory of the operating system what fits there.
    """
    measured(path, "read")
    rounds = [[measured(path, "read"), measured(path, "pass", 1), measured(path, "pass", 2)] for _ in range(repeats)]
    return [min(tries, key=lambda m: m["seconds"]) for tries in zip(*rounds, strict=True)]


def main() -> None:
    """Measure every file asked for, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--cells", type=int, nargs="+", default=CELLS)
    parser.add_argument("--genes", type=int, default=GENES)
    parser.add_argument("--layouts", nargs="+", choices=LAYOUTS, default=LAYOUTS)
    parser.add_argument("--codecs", nargs="+", choices=CODECS, default=CODECS[:2])
    parser.add_argument("--repeats", type=int, default=2)
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "vcassay-benchmarks")
    parser.add_argument("--measure", nargs="+", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.measure:
        return measure(*args.measure)
    args.folder.mkdir(parents=True, exist_ok=True)
    head = ("file", "GiB", "read s", "pass s, 1", "2", "ratio, 1", "2", "MiB, 1", "2", "labels s")
    print(f"{head[0]:<28}" + "".join(f"{h:>11}" for h in head[1:]))
    for cells in args.cells:
        for layout in args.layouts:
            for codec in ("own",) if layout in ("zarr", "parquet") else args.codecs:
                if cells > LARGEST.get(layout, cells):
                    continue
                path = write(args.folder, layout, codec, cells, args.genes)
                read, one, two = compare(path, args.repeats)
                size = sum(f.stat().st_size for f in ([path] if path.is_file() else path.rglob("*"))) / 2**30
                times = (read["seconds"], one["seconds"], two["seconds"])
                ratios = (times[0] / times[1], times[0] / times[2])
                figures = (size, *times, *ratios)
                row = "".join(f"{x:>11.2f}" for x in figures) + f"{one['MiB']:>11.0f}{two['MiB']:>11.0f}"
                print(f"{path.name:<28}{row}{two['open']:>11.1f}", flush=True)
    return None


if __name__ == "__main__":
    main()
