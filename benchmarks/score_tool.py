"""One tool's numbers for a predicted screen, or its pseudobulks, in a process of its own; run by score.py.

    python score_tool.py TOOL FOLDER THREADS

Imports the tool, calls it on a small screen (compilation, first use), then on the files of FOLDER, from files to
numbers; prints seconds and memory, and leaves ``values-TOOL.csv`` (metric, perturbation, value).
"""

from __future__ import annotations

import contextlib
import json
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import anndata as ad
import pandas as pd
from de_tool import CONTROL, forget_peak, memory

KEY = "perturbation"
COLUMNS = ["metric", KEY, "value"]
Tool = Callable[[Path, int], pd.DataFrame]


def ours(profile: str) -> Tool:
    from vcassay.run.score import score_files

    def run(folder: Path, threads: int) -> pd.DataFrame:
        found = score_files(folder / "pred.h5ad", folder / "real.h5ad", profile, KEY, (CONTROL,))
        return found.scores[COLUMNS].replace({KEY: {"": None}})

    return run


def cell_eval() -> Tool:
    from cell_eval import MetricsEvaluator

    def run(folder: Path, threads: int) -> pd.DataFrame:
        evaluator = MetricsEvaluator(
            str(folder / "pred.h5ad"), str(folder / "real.h5ad"), control_pert=CONTROL, pert_col=KEY,
            num_threads=threads, outdir=str(folder / "out"),
        )  # fmt: skip
        found = evaluator.compute(profile="full", write_csv=False)[0].to_pandas()
        return found.melt(id_vars=KEY, var_name="metric")[COLUMNS]

    return run


def cell_eval2() -> Tool:
    from cell_eval2 import EvalConfig, compute_metrics

    def run(folder: Path, threads: int) -> pd.DataFrame:
        preset = EvalConfig.from_preset("vcc2026").to_dict()
        own = {"pert_col": KEY, "control": CONTROL, "num_threads": threads, "device": "cpu"}
        config = EvalConfig.from_dict(preset | own | {"de": preset["de"] | {"backend": "scanpy"}})
        found = compute_metrics(str(folder / "pred.h5ad"), str(folder / "real.h5ad"), config=config).to_pandas()
        if "metric" in found:
            return found.rename(columns={"target": KEY})[COLUMNS]
        return found.melt(id_vars=KEY if KEY in found else found.columns[0], var_name="metric").set_axis(
            [KEY, "metric", "value"], axis=1
        )[COLUMNS]

    return run


def scperteval() -> Tool:
    from scperteval.cli import main as cli

    def run(folder: Path, threads: int) -> pd.DataFrame:
        with tempfile.TemporaryDirectory() as out:
            cli([
                "score", str(folder / "real.h5ad"), str(folder / "pred.h5ad"), "-p", "all", "--out-dir", out,
                "--perturbation-key", KEY, "--control-label", CONTROL, "--workers", str(threads), "--quiet",
            ])  # fmt: skip
            found = pd.read_csv(next(Path(out).glob("*score.csv")))
        return found.rename(columns={"protocol": "metric", "raw_prediction": "value"})[COLUMNS]

    return run


def our_pass() -> Tool:
    from vcassay.effects import accumulate
    from vcassay.screen import Design, Readout, read_screen

    def run(folder: Path, threads: int) -> pd.DataFrame:
        design = Design(KEY, control=(CONTROL,), readout=Readout.COUNTS)
        with read_screen(folder / "real.h5ad", design, backed=True) as screen:
            keys, sums = screen.conditions.columns()[KEY], accumulate(screen, threads=threads).sums.sum(axis=1)
        return pd.DataFrame({"metric": "sum", KEY: keys, "value": sums.sum(axis=1)})

    return run


def decoupler() -> Tool:
    import decoupler as dc

    def run(folder: Path, threads: int) -> pd.DataFrame:
        adata = ad.read_h5ad(folder / "real.h5ad")
        return _sums(dc.pp.pseudobulk(adata, sample_col=KEY, groups_col=None, mode="sum", skip_checks=True))

    return run


def pertpy() -> Tool:
    import pertpy as pt

    def run(folder: Path, threads: int) -> pd.DataFrame:
        adata = ad.read_h5ad(folder / "real.h5ad")
        space = pt.tl.PseudobulkSpace()
        return _sums(space.compute(adata, target_col=KEY, mode="sum"))

    return run


def _sums(bulk: ad.AnnData) -> pd.DataFrame:
    """Total of every perturbation's pseudobulk."""
    total = bulk.X.sum(axis=1)
    found = pd.DataFrame({"metric": "sum", KEY: bulk.obs[KEY].astype(str).to_numpy(), "value": total})
    return found[found[KEY] != CONTROL]


TOOLS: dict[str, Callable[[], Tool]] = {
    "vcassay:cell-eval": lambda: ours("cell-eval"),
    "vcassay:vcc2026": lambda: ours("vcc2026"),
    "vcassay:scperteval": lambda: ours("scperteval"),
    "cell-eval": cell_eval,
    "cell-eval2": cell_eval2,
    "scperteval": scperteval,
    "vcassay:pass": our_pass,
    "decoupler": decoupler,
    "pertpy": pertpy,
}


def main(name: str, folder: Path, threads: int) -> None:
    warnings.simplefilter("ignore")
    start = time.perf_counter()
    tool = TOOLS[name]()
    imports = time.perf_counter() - start
    start = time.perf_counter()
    with contextlib.redirect_stdout(sys.stderr):
        tool(folder / "small", threads)
    first = time.perf_counter() - start
    before = forget_peak()
    start, busy = time.perf_counter(), time.process_time()
    with contextlib.redirect_stdout(sys.stderr):
        found = tool(folder, threads)
    seconds, busy = time.perf_counter() - start, time.process_time() - busy
    found.to_csv(folder / f"values-{name.replace(':', '-')}.csv", index=False)
    print(json.dumps({
        "seconds": seconds, "cpu": busy, "first": first, "imports": imports, "above": memory("VmHWM") - before,
    }))  # fmt: skip


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
