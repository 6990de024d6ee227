"""The full catalogue on a large test set: time and memory of every step of an assessment.

    python benchmarks/metrics.py [--perturbations 500] [--contexts 4] [--genes 8000] [--models 10] [--folder DIR]

A screen is drawn, a quarter as many perturbations again are for training, and so many models answer for the rest:
the truth with noise, shrunk by different degrees. All metrics with their ceilings, calibration, conformance on 300
stratified conditions and 2,000 bootstrap draws are computed by `vcassay assess`.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import tempfile
from pathlib import Path

import anndata as ad
import numpy as np
import pandas as pd
import scipy.sparse as sp
from screens import CONTROL, draw_screen

from vcassay.run.assess import assess

CELLS = 20


def write(folder: Path, perturbations: int, contexts: int, genes: int, models: int) -> Path:
    """Write the screen, the split, the predictions and study.toml."""
    folder.mkdir(parents=True, exist_ok=True)
    every = perturbations + perturbations // 4
    drawn = draw_screen(
        round(every * contexts * CELLS / 0.9), genes, every, depth=3000.0, contexts=contexts, spread=1.2,
        effects=0.05, target_sum=None,
    )  # fmt: skip
    obs = pd.DataFrame({"perturbation": drawn.perturbation, "context": drawn.context})
    obs.index = pd.RangeIndex(len(obs)).astype(str)
    var = pd.DataFrame(index=[f"G{i}" for i in range(genes)])
    ad.AnnData(drawn.matrix, obs=obs, var=var).write_h5ad(folder / "screen.h5ad")
    names = sorted(set(drawn.perturbation) - {CONTROL})
    test = names[: len(names) * 4 // 5]
    (folder / "test.txt").write_text("\n".join(test) + "\n")
    (folder / "train.txt").write_text("\n".join(names[len(test) :]) + "\n")
    keys = [(p, c) for c in sorted(set(drawn.context)) for p in test]
    delta = effects(drawn, keys)
    rng = np.random.default_rng(0)
    rows = pd.DataFrame(keys, columns=["perturbation", "context"])
    rows.index = pd.RangeIndex(len(rows)).astype(str)
    lines = [
        "[data]", 'screen = "screen.h5ad"', 'rows = "cells"', 'readout = "counts"', 'perturbation = "perturbation"',
        f'control = ["{CONTROL}"]', 'context = "context"', 'batch = ""', "[split]", 'test_list = "test.txt"',
        'train_list = "train.txt"',
    ]  # fmt: skip
    for m in range(models):
        values = (0.3 + 0.06 * m) * delta + 0.05 * rng.normal(size=delta.shape)
        ad.AnnData(values.astype(np.float32), obs=rows, var=var).write_h5ad(folder / f"model{m}.h5ad")
        lines += ["[[model]]", f'name = "model {m}"', f'predictions = "model{m}.h5ad"', 'space = "delta"']
    (folder / "study.toml").write_text("\n".join(lines) + "\n")
    return folder / "study.toml"


def effects(drawn, keys) -> np.ndarray:
    """Effects of the drawn cells, noise included: what models of the benchmark know."""
    label = pd.Series(list(zip(drawn.perturbation, drawn.context, strict=True)))
    code, names = pd.factorize(label)
    pick = sp.csr_matrix((np.ones(len(code)), (code, np.arange(len(code)))), shape=(len(names), len(code)))
    sums = np.asarray((pick @ drawn.matrix).todense(), dtype=float)
    profile = np.log1p(1e4 * sums / np.maximum(sums.sum(axis=1, keepdims=True), 1))
    at = {name: i for i, name in enumerate(names)}
    return np.stack([profile[at[k]] - profile[at[CONTROL, k[1]]] for k in keys])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--perturbations", type=int, default=500)
    parser.add_argument("--contexts", type=int, default=4)
    parser.add_argument("--genes", type=int, default=8000)
    parser.add_argument("--models", type=int, default=10)
    parser.add_argument("--folder", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.folder or Path(temporary)
        study = folder / "study.toml"
        if not study.exists():
            study = write(folder, given.perturbations, given.contexts, given.genes, given.models)
        print(f"{given.perturbations * given.contexts} test conditions x {given.genes} genes x {given.models} models")
        out = folder / "out"
        record = assess(study, out, cached=False, progress=show)
        seconds = json.loads((out / "manifest.json").read_text())["seconds"]
    for step, took in seconds.items():
        print(f"{took:8.1f} s  {step}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"{sum(seconds.values()):8.1f} s  in all, {peak:.1f} GiB at most, {len(record.metrics)} metrics")


def show(step: str, done: int, total: int) -> None:
    if not total:
        print(f"  {step}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
