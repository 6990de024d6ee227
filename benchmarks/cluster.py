"""The pass on two local workers against one machine, and what a plan for a large screen needs.

    python benchmarks/cluster.py [--cells 100000] [--layouts csr parquet] [--codecs none gzip] [--folder DIR]
    python benchmarks/cluster.py --plan [--genes 62710] [--depth 2000]

The first runs, in turn and in processes of their own, the pass on one machine with 1 and 2 threads and the pass on a
scheduler and two workers of one thread, all on this machine, and says whether the sums are the same to the last bit.
``cpu`` is the processor time of one thread here, of both workers together, and of the client, which depends little on
what else the machine does; ``MiB`` the peak of the larger worker, of the client, and of the pass here. The second takes
one partition of drawn cells through each step by itself, in processor time: summing, the message, adding; with its rows
sorted by condition, and in any order.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import pickle
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from files import CODECS, GENES, write

CONDITION_CELLS, SHARDS = 1750, 8
"""Cells of a condition: 100 million of some 57,000."""


def peak() -> float:
    """MiB of memory that this process had at most."""
    status = Path("/proc/self/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) / 1024


def run_pass(path: str, how: str) -> None:
    """Print seconds, processor time, peak and a hash of one pass as JSON; ``how`` is threads or a scheduler."""
    from distributed import Client

    from vcassay.effects import accumulate
    from vcassay.effects.cluster import accumulate_on
    from vcassay.screen import read_screen

    def clocks() -> tuple[float, float, float]:
        if how.isdigit():
            return time.perf_counter(), time.process_time(), 0.0
        with Client(how, set_as_default=False) as client:
            workers = sum(client.run(time.process_time).values())
        return time.perf_counter(), time.process_time(), workers

    def again() -> dict[str, object]:
        before = clocks()
        moments = accumulate(screen, threads=int(how)) if how.isdigit() else accumulate_on(how, screen)
        seconds, cpu, workers = (b - a for a, b in zip(before, clocks(), strict=True))
        sums = (moments.sums, moments.control_sums, moments.atoms, moments.sizes)
        found = hashlib.sha256(b"".join(x.tobytes() for x in sums)).hexdigest()
        return {"seconds": seconds, "cpu": cpu, "workers": workers, "hash": found}

    with read_screen(path, backed=True) as screen:
        tries = [again() for _ in range(3)]  # the first compiles, and opens the files on the workers
    print(json.dumps({**min(tries[1:], key=lambda t: t["seconds"]), "MiB": peak()}))


def measured(path: Path, how: str) -> dict[str, object]:
    command = [sys.executable, __file__, "--measure", str(path), how]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def compare(args: argparse.Namespace) -> None:
    """One machine against two workers, file by file."""
    from distributed import Client, LocalCluster

    times = ("1 thread s", "2 threads s", "2 workers s", "ratio", "cpu here", "cpu workers", "cpu client")
    head = (*times, "same", "worker MiB", "client MiB", "here MiB")
    print(f"{'file':<30}" + "".join(f"{h:>13}" for h in head))
    for layout in args.layouts:
        for codec in args.codecs:
            path = write(args.folder, layout, codec, args.cells, args.genes)
            one, two = measured(path, "1"), measured(path, "2")
            options = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": ":0", "host": "127.0.0.1"}
            with LocalCluster(**options, processes=True) as cluster, Client(cluster) as client:
                far = measured(path, cluster.scheduler_address)
                workers = max(client.run(peak).values())
            figures = (one["seconds"], two["seconds"], far["seconds"], two["seconds"] / far["seconds"])
            figures += (one["cpu"], far["workers"], far["cpu"])
            same = "yes" if one["hash"] == two["hash"] == far["hash"] else "NO"
            memory = (workers, far["MiB"], two["MiB"])
            row = "".join(f"{x:>13.2f}" for x in figures) + f"{same:>13}" + "".join(f"{x:>13.0f}" for x in memory)
            print(f"{path.name:<30}{row}", flush=True)


def plan(genes: int, depth: float, nbytes: int = 2**27) -> None:
    """Seconds and bytes of one partition, step by step."""
    from screens import draw_screen

    from vcassay.arrays.accumulate import add_sparse
    from vcassay.effects.cluster_worker import add_up, entries

    few = draw_screen(200, genes, 4, depth=depth, target_sum=None).matrix
    cells = nbytes * 200 // (8 * few.nnz)
    block = draw_screen(cells, genes, 4, depth=depth, target_sum=None).matrix
    rng, none = np.random.default_rng(0), np.full(cells, -1, dtype=np.int32)
    print(f"{cells:,} cells x {genes:,} genes, {block.nnz / cells:,.0f} genes a cell, {8 * block.nnz / 2**20:.0f} MiB")
    names = ("rows", "slots", "sum s", "message MiB", "there and back s", "add s", "file MiB touched")
    print("".join(f"{name:>18}" for name in names))
    sums = np.zeros((cells, genes))
    for order, conditions in (("by condition", cells / CONDITION_CELLS), ("any order", 57_000 / 14)):
        codes = rng.integers(0, max(1, round(conditions * SHARDS)), cells)
        slots, one = np.unique(codes, return_inverse=True)
        part = {"where": "", "one": one.astype(np.int32), "two": none, "own": none, "slots": len(slots), "gaps": False}
        part |= {"squares": False, "nonzeros": False}
        times = {}

        def timed(name: str, call, times=times):
            best = []
            for _ in range(3):
                started = time.process_time()
                out = call()
                best.append(time.process_time() - started)
            times[name] = min(best)
            return out

        summed = timed("sum", lambda part=part: add_up(block, part))
        message = pickle.dumps(summed, protocol=5)
        timed("back", lambda summed=summed: pickle.loads(pickle.dumps(summed, protocol=5)))
        at, minus, scratch = np.arange(len(slots)), np.full(len(slots), -1), np.empty(len(slots))
        timed("add", lambda s=summed, at=at, m=minus, t=scratch: add_sparse(*entries(s["sums"]), at, at, m, sums, t))
        touched = len(slots) * genes * 8 / 2**20
        figures = (len(slots), times["sum"], len(message) / 2**20, times["back"], times["add"], touched)
        print(f"{order:>18}" + "".join(f"{x:>18,.3f}" if x < 10 else f"{x:>18,.0f}" for x in figures))


def main() -> None:
    """Compare, or measure the steps of a plan."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--cells", type=int, default=100_000)
    parser.add_argument("--genes", type=int)
    parser.add_argument("--layouts", nargs="+", choices=("csr", "parquet", "zarr", "dense"), default=("csr", "parquet"))
    parser.add_argument("--codecs", nargs="+", choices=CODECS, default=CODECS[:2])
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "vcassay-benchmarks")
    parser.add_argument("--plan", action="store_true")
    parser.add_argument("--depth", type=float, default=2000.0)
    parser.add_argument("--measure", nargs=2, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.measure:
        return run_pass(*args.measure)
    if args.plan:
        return plan(args.genes or 62_710, args.depth)
    args.genes = args.genes or GENES
    args.folder.mkdir(parents=True, exist_ok=True)
    return compare(args)


if __name__ == "__main__":
    main()
