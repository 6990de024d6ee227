"""One tool's differential expression on a drawn screen, in a process of its own; run by de.py.

    python de_tool.py TOOL FOLDER THREADS SHARE

Loads the matrix, calls the tool once on a corner of it (compilation), then on all of it, and prints seconds,
the first call's seconds, and memory above the loaded data. SHARE is the share of perturbations that are tested.
"""

from __future__ import annotations

import json
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anndata as ad
import numpy as np
import pandas as pd
import scipy.sparse as sp

CONTROL = "control"


def load(folder: Path) -> ad.AnnData:
    """The drawn screen."""
    parts = [np.load(folder / f"{name}.npy") for name in ("data", "indices", "indptr")]
    label = np.load(folder / "perturbation.npy")
    shape = (len(label), int(np.load(folder / "genes.npy")))
    obs = pd.DataFrame({"perturbation": pd.Categorical(label)}, index=pd.RangeIndex(len(label)).astype(str))
    var = pd.DataFrame(index=[f"G{i}" for i in range(shape[1])])
    return ad.AnnData(sp.csr_matrix((parts[0], parts[1], parts[2]), shape=shape), obs=obs, var=var)


def codes(adata: ad.AnnData) -> np.ndarray:
    """Condition codes in the order of the names; -1 for controls."""
    names = adata.obs["perturbation"].cat.categories
    at = int(names.get_loc(CONTROL))
    code = adata.obs["perturbation"].cat.codes.to_numpy().astype(np.int64)
    return np.where(code == at, -1, code - (code > at))


def ours(adata: ad.AnnData, threads: int, groups: list[str]) -> np.ndarray:
    """The kernel: U, z and p of all genes."""
    from vcassay.arrays.ranksum import rank_sum

    return rank_sum(adata.X, codes(adata), threads=threads).pvalue


def table(test: str, **options: Any) -> Callable[..., np.ndarray]:
    """``va.de``: the table, with fold changes and adjusted p-values."""

    def run(adata: ad.AnnData, threads: int, groups: list[str]) -> np.ndarray:
        import vcassay as va

        found = va.de(adata, "perturbation", CONTROL, test, threads=threads, **options)
        return found["pvalue"].to_numpy().reshape(-1, adata.n_vars)

    return run


def illico(adata: ad.AnnData, threads: int, groups: list[str]) -> np.ndarray:
    from illico import asymptotic_wilcoxon

    found = asymptotic_wilcoxon(
        adata, is_log1p=True, group_keys="perturbation", reference=CONTROL, n_threads=threads, groups=groups
    )["p_value"]
    return ordered(found.index.get_level_values(0), found.index.get_level_values(1), found.to_numpy(), adata, groups)


def pdex(adata: ad.AnnData, threads: int, groups: list[str]) -> np.ndarray:
    from pdex import pdex as run

    if len(groups) < adata.obs["perturbation"].nunique() - 1:
        adata = adata[adata.obs["perturbation"].isin([*groups, CONTROL])].copy()
    found = run(adata, "perturbation", threads=threads, is_log1p=True, reference=CONTROL, as_pandas=True)
    return ordered(found["target"], found["feature"], found["p_value"].to_numpy(), adata, groups)


def scanpy(method: str) -> Callable[..., np.ndarray]:
    def run(adata: ad.AnnData, threads: int, groups: list[str]) -> np.ndarray:
        import scanpy as sc

        more = {"tie_correct": True} if method == "wilcoxon" else {}
        sc.tl.rank_genes_groups(adata, "perturbation", groups=groups, reference=CONTROL, method=method, **more)
        found = adata.uns["rank_genes_groups"]
        rows = [pd.Series(found["pvals"][g], index=found["names"][g]).reindex(adata.var_names) for g in groups]
        return np.stack([row.to_numpy() for row in rows])

    return run


def ordered(groups: Any, genes: Any, values: np.ndarray, adata: ad.AnnData, names: list[str]) -> np.ndarray:
    """(groups, genes) from a long table."""
    out = np.full((len(names), adata.n_vars), np.nan)
    row = pd.Index(names).get_indexer(groups)
    own = row >= 0  # some list the controls too
    out[row[own], adata.var_names.get_indexer(genes)[own]] = values[own]
    return out


TOOLS: dict[str, Callable[..., np.ndarray]] = {
    "vcassay": ours,
    "vcassay-de": table("wilcoxon"),
    "vcassay-de-scanpy": table("wilcoxon", convention="scanpy"),
    "vcassay-t": table("t", convention="scanpy"),
    "illico": illico,
    "pdex": pdex,
    "scanpy": scanpy("wilcoxon"),
    "scanpy-t": scanpy("t-test"),
}


def phases(adata: ad.AnnData, threads: int) -> dict[str, float]:
    """Where the kernel's time goes, each phase run alone."""
    import numba

    from vcassay.arrays import ranksum
    from vcassay.arrays.blocks import Blocks, in_threads
    from vcassay.arrays.radix import sort_packed
    from vcassay.arrays.strata import arrange

    @numba.njit(nogil=True)
    def sort_columns(words, spare, histogram, begins, ends):
        for g in range(len(ends)):
            n = ends[g] - begins[g]
            sort_packed(words[begins[g] : ends[g]], spare[:n], histogram)

    seconds = {}

    def clock(name: str, work: Callable[[], Any]) -> Any:
        start = time.perf_counter()
        out = work()
        seconds[name] = time.perf_counter() - start
        return out

    strata = arrange(codes(adata))
    nothing, slots = np.empty(0), (len(strata.size), 1)
    desks = [ranksum._Desk() for _ in range(threads)]

    def fill(blocks: Blocks, *, sort: bool) -> None:
        def work(k: int) -> None:
            for b in range(k, len(blocks), threads):
                begins, ends = desks[k].fill(blocks.read(b), strata, 0, nothing, 1.0, 0, np.zeros(slots), wide=False)
                if sort:
                    sort_columns(desks[k].words, desks[k].spare, desks[k].histogram, begins, ends)

        in_threads(work, range(threads), threads)

    def finish(blocks: Blocks) -> None:
        in_threads(
            lambda b: ranksum.finish(*found, strata.strata_of, 0.5, int(blocks.edges[b]), int(blocks.edges[b + 1])),
            range(len(blocks)),
            threads,
        )

    Blocks(adata.X, strata, threads)
    blocks = clock("survey", lambda: Blocks(adata.X, strata, threads))
    fill(blocks, sort=True)  # compiles, and touches the working space
    clock("transposition", lambda: fill(blocks, sort=False))
    clock("sort", lambda: fill(blocks, sort=True))
    seconds["sort"] -= seconds["transposition"]
    found = ranksum.rank_sum(adata.X, codes(adata), threads=threads)
    clock("p-values", lambda: finish(blocks))
    clock("all", lambda: ranksum.rank_sum(adata.X, codes(adata), threads=threads))
    seconds["sweep"] = seconds["all"] - sum(seconds[k] for k in ("survey", "transposition", "sort", "p-values"))
    return {name: seconds[name] for name in ("survey", "transposition", "sort", "sweep", "p-values", "all")}


def from_file(folder: Path, threads: int) -> dict[str, float]:
    """``va.de`` on a screen whose matrix stays on disk."""
    import vcassay as va
    from vcassay.screen import Readout

    design = va.Design("perturbation", control=(CONTROL,), readout=Readout.COUNTS)
    with va.read_screen(folder / "screen.h5ad", design, backed=True) as screen:
        before, start = forget_peak(), time.perf_counter()
        rows = len(va.de(screen, threads=threads))
        seconds, highest = time.perf_counter() - start, memory("VmHWM")
    return {"seconds": seconds, "above": highest - before, "peak": highest, "rows": rows}


def memory(what: str) -> int:
    """VmRSS (resident memory now) or VmHWM (its largest since the last reset), in bytes; 0 where there is no /proc."""
    status = Path("/proc/self/status")
    lines = status.read_text().splitlines() if status.exists() else []
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith(what)), 0)


def forget_peak() -> int:
    """Reset the largest resident memory to what is resident now; that."""
    clear = Path("/proc/self/clear_refs")
    if clear.exists():
        clear.write_text("5")
    return memory("VmRSS")


def main(tool: str, folder: Path, threads: int, share: float) -> None:
    warnings.simplefilter("ignore")
    start = time.perf_counter()
    if tool == "file":
        print(json.dumps(from_file(folder, threads)))
        return
    adata = load(folder)
    if tool == "write":
        adata.write_h5ad(folder / "screen.h5ad", compression="lzf")
        print("{}")
        return
    loading = time.perf_counter() - start
    if tool == "phases":
        print(json.dumps(phases(adata, threads)))
        return
    names = [str(n) for n in adata.obs["perturbation"].cat.categories if n != CONTROL]
    groups = names[: max(1, round(share * len(names)))]
    run = TOOLS[tool]
    few = [*names[:3], CONTROL]
    corner = adata[adata.obs["perturbation"].isin(few), :200].copy()
    corner.obs["perturbation"] = corner.obs["perturbation"].cat.remove_unused_categories()
    start = time.perf_counter()
    run(corner, threads, names[:3])
    first = time.perf_counter() - start
    before = forget_peak()
    start, busy = time.perf_counter(), time.process_time()
    pvalue = run(adata, threads, groups)
    seconds, busy = time.perf_counter() - start, time.process_time() - busy
    highest = memory("VmHWM")
    np.save(folder / f"p-{tool}.npy", pvalue)
    found = {"seconds": seconds, "cpu": busy, "first": first, "above": highest - before, "peak": highest}
    print(json.dumps(found | {"loading": loading, "share": len(groups) / len(names)}))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]))
