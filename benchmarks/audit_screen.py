"""The seconds and the memory of ``vcassay audit study.toml`` beside one plain pass over the same file.

    python benchmarks/audit_screen.py [--cells 200000] [--genes 2000] [--codec none] [--folder DIR]

Writes a sparse file (kept in the folder) whose genes are marked as chosen, and a study with two models that hand in a
list of genes and losses of cells, so that every check that walks over the cells does. A plain pass sums the values.
Each runs in a process of its own; ``MiB`` is its peak beyond what Python and its imports take.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
from anndata.io import write_elem
from files import CODECS, write

DATA = """schema = "vcassay.study/1"
[data]
screen = "{path}"
rows = "cells"
readout = "counts"
perturbation = "perturbation"
control = ["control"]
batch = "batch"
backed = true
[split]
file = "split.csv"
"""
MODEL = """[[model]]
name = "{name}"
predictions = "not_read.csv"
inputs = ["gene"]
[model.disclosure]
genes = {{ data = "training", file = "genes.txt" }}
losses = "losses.csv"
"""


def prepare(path: Path, folder: Path) -> Path:
    """Write a study of a file: every other perturbation is test, a fifth of the genes is marked."""
    rng = np.random.default_rng(0)
    with h5py.File(path, "r+") as file:
        names = [f"GENE{i}" for i in range(int(file["X"].attrs["shape"][1]))]
        marked = rng.random(len(names)) < 0.2
        del file["var"]
        write_elem(file, "var", pd.DataFrame({"highly_variable": marked}, index=names))
        cells = int(file["X"].attrs["shape"][0])
        labels = file["obs/perturbation/categories"].asstr()[:]
    used = [name for name in labels if name != "control"]
    roles = ["test" if i % 2 else "train" for i in range(len(used))]
    pd.DataFrame({"perturbation": used, "role": roles}).to_csv(folder / "split.csv", index=False)
    (folder / "genes.txt").write_text("\n".join(np.asarray(names)[marked]))
    losses = {"cell": [f"cell{i}" for i in range(cells)], "loss": rng.random(cells).round(6)}
    pd.DataFrame(losses).to_csv(folder / "losses.csv", index=False)
    study = folder / "study.toml"
    models = [MODEL.format(name=name) for name in ("first", "second")]
    study.write_text(DATA.format(path=path) + "".join(models))
    return study


def measure(path: str, study: str, what: str) -> None:
    """Print the seconds and the memory of a plain pass or of the audit, and the seconds of each check."""
    import vcassay.run.audit as audit
    import vcassay.run.checks as checks
    from vcassay.screen import Screen, read_screen

    seconds: Counter[str] = Counter()
    passes = Counter[str]()
    name = ["effects"]
    guarded, chunks = checks._guarded, Screen.chunks

    def timed(entry, *rest):
        name[0], started = entry.name, time.perf_counter()
        found = guarded(entry, *rest)
        seconds[entry.name] += time.perf_counter() - started
        name[0] = "effects"
        return found

    def counted(screen, *rest):
        passes[name[0]] += 1
        return chunks(screen, *rest)

    checks._guarded, Screen.chunks = timed, counted
    measured = audit.accumulate

    def accumulated(*args, **more):
        passes["effects"] += 1
        started = time.perf_counter()
        found = measured(*args, **more)
        seconds["effects: the pass"] += time.perf_counter() - started
        return found

    audit.accumulate = accumulated
    before, started, cpu = peak(), time.perf_counter(), time.process_time()
    if what == "pass":
        with read_screen(path, backed=True) as screen:
            started, cpu = time.perf_counter(), time.process_time()
            found = sum(float(block.data.sum()) + float(block.indices.sum()) for _, block in screen.chunks())
    else:
        found = [f"{f.check} {f.status}" for f in audit.audit_study(study).findings]
    took, cpu = time.perf_counter() - started, time.process_time() - cpu
    kept = {k: round(v, 2) for k, v in seconds.most_common(8)}
    print(json.dumps({"s": took, "cpu": cpu, "MiB": peak() - before, "passes": passes, "each": kept, "found": found}))


def peak() -> float:
    """Largest memory of this process so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--cells", type=int, default=200_000)
    parser.add_argument("--genes", type=int, default=2000)
    parser.add_argument("--codec", choices=CODECS, default="none")
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--measure", nargs=3, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.measure:
        measure(*given.measure)
        return
    folder = given.folder or Path(tempfile.mkdtemp())
    folder.mkdir(parents=True, exist_ok=True)
    path = write(folder, "csr", given.codec, given.cells, given.genes)
    study = prepare(path.resolve(), folder)
    got = {}
    for what in ("pass", "audit"):
        command = [sys.executable, __file__, "--measure", str(path), str(study), what]
        got[what] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        print(f"{what}: {got[what]}\n")
    seconds, processor = (got["audit"][key] / got["pass"][key] for key in ("s", "cpu"))
    print(
        f"{given.cells:,} cells x {given.genes:,} genes: {seconds:.1f} plain passes ({processor:.1f} by processor time)"
    )


if __name__ == "__main__":
    main()
