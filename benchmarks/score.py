"""`vcassay score` beside the tools whose numbers it gives, and the pass over cells beside other pseudobulks.

    python benchmarks/score.py [--perturbations 60] [--cells 100] [--genes 2000] [--folder DIR]

Two files are drawn: a screen, and a prediction with other cells and half of each effect; counts for the 2026
challenge and for pseudobulks, log-normalised for the others. Every tool goes from the files to its numbers, in a
process of its own; imports and a first call on a small screen are not counted. Peers are installed in an environment
of their own, made at the first call.
"""

import argparse
import tempfile
from pathlib import Path

import anndata as ad
import numpy as np
import pandas as pd
import scipy.sparse as sp
from peers import environment, measured, versions
from screens import CONTROL, draw_screen

TOOL = Path(__file__).with_name("score_tool.py")
PEERS = (
    "cell-eval==0.8.2",
    "cell-eval2==0.20.0",
    "scperteval==0.2.0",
    "decoupler",
    "pertpy",
    "filelock",
    "statsmodels<0.15",
)
"""pertpy imports filelock without asking for it, and a name that statsmodels 0.15 no longer has."""
NAMED = ("cell-eval", "cell-eval2", "scperteval", "decoupler", "pertpy")
PAIRS = (
    ("lognorm", "vcassay:cell-eval", ("cell-eval",)),
    ("counts", "vcassay:vcc2026", ("cell-eval2",)),
    ("lognorm", "vcassay:scperteval", ("scperteval",)),
    ("counts", "vcassay:pass", ("decoupler", "pertpy")),
)
TARGET = 1e4


def write(folder: Path, perturbations: int, cells: int, genes: int) -> None:
    """Write real.h5ad and pred.h5ad; cells as many as named of each perturbation, five times as many controls."""
    folder.mkdir(parents=True, exist_ok=True)
    n = perturbations * cells
    share = 5 / (perturbations + 5)
    real = draw_screen(
        round(n / (1 - share)), genes, perturbations, depth=1.5 * genes, controls=share, spread=1.0, effects=0.05,
        target_sum=None,
    )  # fmt: skip
    names, code = np.unique(real.perturbation, return_inverse=True)
    mean = np.stack([np.asarray(real.matrix[code == k].mean(axis=0)).ravel() for k in range(len(names))])
    at = names.tolist().index(CONTROL)
    rate = np.sqrt(mean * mean[at])  # half of the log fold change
    rate[at] = mean[at]
    rng = np.random.default_rng(1)
    pred = sp.csr_matrix(rng.poisson(rate[code] * rng.lognormal(0, 0.3, len(code))[:, None]).astype(np.float32))
    own = {name: f"G{k}" for k, name in enumerate(n for n in names if n != CONTROL)}
    label = pd.Series(real.perturbation).replace(own).to_numpy()
    for matrix, name in ((real.matrix, "real"), (pred, "pred")):
        save(folder / "counts" / f"{name}.h5ad", matrix, label)
        total = np.maximum(np.asarray(matrix.sum(axis=1)).ravel(), 1)
        save(folder / "lognorm" / f"{name}.h5ad", sp.csr_matrix(sp.diags(TARGET / total) @ matrix).log1p(), label)


def save(path: Path, matrix: sp.csr_matrix, label: np.ndarray) -> None:
    """One file."""
    path.parent.mkdir(exist_ok=True)
    obs = pd.DataFrame({"perturbation": pd.Categorical(label)}, index=pd.RangeIndex(len(label)).astype(str))
    var = pd.DataFrame(index=[f"G{i}" for i in range(matrix.shape[1])])
    ad.AnnData(matrix.astype(np.float32), obs=obs, var=var).write_h5ad(path)


def agreement(folder: Path, ours: str, theirs: str) -> str:
    """How far two tools' values are apart, over all that both have."""
    a, b = (pd.read_csv(folder / f"values-{name.replace(':', '-')}.csv") for name in (ours, theirs))
    both = a.merge(b, on=["metric", "perturbation"], suffixes=("", "_peer"))
    x, y = both["value"].to_numpy(float), both["value_peer"].to_numpy(float)
    off = np.isnan(x) != np.isnan(y)
    gap = np.nan_to_num(np.abs(x - y) / np.maximum(np.abs(y), 1e-3))
    worst = both["metric"].iloc[int(gap.argmax())] if len(both) else "-"
    same = int(((gap <= 1e-6) & ~off).sum())
    apart = f"largest {gap.max(initial=0):.0e} ({worst}); {off.sum()} undefined in one"
    return f"{same:,} of {len(both):,} values within 1e-6; {apart}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--perturbations", type=int, default=60)
    parser.add_argument("--cells", type=int, default=100)
    parser.add_argument("--genes", type=int, default=2_000)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeat", type=int, default=2, help="runs of ours; the best counts")
    parser.add_argument("--folder", type=Path, help="where the peers' environment is kept")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        work = Path(temporary)
        python = environment((options.folder or work) / "peers", PEERS)
        write(work, options.perturbations, options.cells, options.genes)
        write(work / "small", 6, 40, 300)
        for kind in ("counts", "lognorm"):
            (work / "small" / kind).rename(work / kind / "small")
        print(
            f"{options.perturbations} perturbations of about {options.cells} cells x {options.genes:,} genes, "
            f"{options.threads} threads; {versions(python, NAMED)}\n"
        )
        print(
            f"{'tool':<22}{'seconds':>9}{'CPU s':>8}{'imports':>9}"
            f"{'first call':>12}{'GiB above':>11}{'x ours':>8}  values"
        )
        for kind, ours, peers in PAIRS:
            base = 0.0
            for name in (ours, *peers):
                args = (name, str(work / kind), str(options.threads))
                times = options.repeat if name == ours else 1
                try:
                    runs = [measured(TOOL, *args, python=None if name == ours else python) for _ in range(times)]
                except RuntimeError as error:
                    print(f"{name:<22}did not run: {str(error).splitlines()[-1]}", flush=True)
                    continue
                run = min(runs, key=lambda r: r["seconds"])
                if name == ours:
                    base = run["seconds"]
                note = "" if name == ours or not base else agreement(work / kind, ours, name)
                print(
                    f"{name:<22}{run['seconds']:>9.2f}{run['cpu']:>8.1f}{run['imports']:>9.1f}{run['first']:>10.1f} s"
                    f"{run['above'] / 2**30:>11.2f}{run['seconds'] / (base or np.nan):>8.1f}  {note}",
                    flush=True,
                )


if __name__ == "__main__":
    main()
