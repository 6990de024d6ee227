"""Differential expression beside illico, pdex and scanpy, on drawn screens.

    python benchmarks/de.py                       # 60,000 cells x 8,000 genes x 300 perturbations, all tools
    python benchmarks/de.py --large               # also 138,000 x 18,533 x 300, ours alone, from memory and from a file
    python benchmarks/de.py --cells 6000 --genes 800 --perturbations 30

Each tool runs in a process of its own under this one, with the same number of threads, after a call on a corner of the
data that compiles what is compiled. Peers live in an environment that is made in ``--folder`` (kept) or in a temporary
folder. Slow peers test a share of the perturbations, and their seconds are divided by that share, which is said.
"""

from __future__ import annotations

import argparse
import math
import tempfile
from fractions import Fraction
from pathlib import Path

import numpy as np
from peers import environment, measured, versions
from screens import CONTROL, draw_screen

PEERS = ("illico", "pdex", "scanpy")
TOOL = Path(__file__).with_name("de_tool.py")
SAME = {"illico": "vcassay", "pdex": "vcassay", "scanpy": "vcassay-de-scanpy", "scanpy-t": "vcassay-t"}
"""Of ours, the tool whose p-values a peer's should equal."""
SLOW = {"pdex": 0.1, "scanpy": 0.02, "scanpy-t": 0.1}
"""Share of the perturbations that a peer tests unless ``--full``: its time is linear in them."""


def draw(folder: Path, cells: int, genes: int, perturbations: int, depth: float, target_sum: float | None) -> float:
    """Write a screen; its share of non-zeros."""
    drawn = draw_screen(cells, genes, perturbations, depth=depth, target_sum=target_sum)
    for name in ("data", "indices", "indptr"):
        np.save(folder / f"{name}.npy", getattr(drawn.matrix, name))
    np.save(folder / "perturbation.npy", drawn.perturbation)
    np.save(folder / "genes.npy", genes)
    return float(drawn.matrix.nnz / cells / genes)


def agreement(folder: Path, ours: str, theirs: str) -> str:
    """Largest relative difference of p-values below 1, how many agree to 1e-12, and the largest where ours is 1.

    Ours is 1 where U is its mean to within the correction. Where two rank-sum tests are furthest apart, both are
    compared with exact arithmetic.
    """
    p, q = np.load(folder / f"p-{ours}.npy"), np.load(folder / f"p-{theirs}.npy")
    p = p[: len(q)]
    at = np.isfinite(q) & (np.minimum(p, q) > 1e-290)
    away = np.abs(p - q) / p
    below, one = np.where(at & (p < 1), away, 0.0), away[at & (p == 1)]
    said = f"{below.max():.0e}, {100 * (below <= 1e-12).mean():.3f} % within 1e-12; p = 1: {one.max(initial=0):.0e}"
    if theirs.endswith("-t"):
        return said
    row, gene = np.unravel_index(np.argmax(below), below.shape)
    exact = exact_pvalue(folder, int(row), int(gene), continuity=ours == "vcassay")
    errors = [abs(x[row, gene] - exact) / exact for x in (p, q)]
    return f"{said}; there off exact by {errors[0]:.0e} (ours), {errors[1]:.0e}"


def exact_pvalue(folder: Path, row: int, gene: int, *, continuity: bool) -> float:
    """Two-sided p-value with rank sum and variance in whole numbers."""
    data, indices, indptr = (np.load(folder / f"{name}.npy", mmap_mode="r") for name in ("data", "indices", "indptr"))
    label = np.load(folder / "perturbation.npy")
    names = np.unique(label)
    name = names[names != CONTROL][row]
    x, y = (
        np.array([data[indptr[i] : indptr[i + 1]][indices[indptr[i] : indptr[i + 1]] == gene].sum() for i in rows])
        for rows in (np.flatnonzero(label == name), np.flatnonzero(label == CONTROL))
    )
    n1, n2, n = len(x), len(y), len(x) + len(y)
    twice = 2 * int((x[:, None] > y).sum()) + int((x[:, None] == y).sum())
    ties = sum(int(t) ** 3 - int(t) for t in np.unique(np.r_[x, y], return_counts=True)[1])
    variance = Fraction(n1 * n2, 12) * (n + 1 - Fraction(ties, n * (n - 1)))
    away = Fraction(abs(twice - n1 * n2) - (1 if continuity else 0), 2)
    return math.erfc(math.sqrt(max(away, Fraction(0)) ** 2 / variance / 2))


def compare(folder: Path, python: Path, options: argparse.Namespace) -> None:
    """All tools on one screen."""
    tools = ["vcassay", "vcassay-de", "vcassay-de-scanpy", "vcassay-t", "illico", "pdex", "scanpy", "scanpy-t"]
    tools = [t for t in tools if options.tools is None or t in options.tools]
    found = {}
    print(
        f"\n{'tool':<20}{'seconds':>9}{'CPU s':>8}{'first call':>12}{'GiB above':>11}{'x vcassay':>11}"
        "  relative difference of p-values"
    )
    for tool in tools:
        share = 1.0 if options.full else SLOW.get(tool, 1.0)
        peer = tool in SAME
        args = (tool, str(folder), str(options.threads), str(share))
        run = min(
            (measured(TOOL, *args, python=python if peer else None) for _ in range(1 if share < 1 else options.repeat)),
            key=lambda r: r["seconds"],
        )
        seconds = run["seconds"] / run["share"]
        found[tool] = seconds
        base = found.get("vcassay-t" if tool.endswith("-t") else "vcassay", np.nan)
        note = agreement(folder, SAME[tool], tool) if peer and (folder / f"p-{SAME[tool]}.npy").exists() else ""
        if run["share"] < 1:
            note += f"  [{run['seconds']:.1f} s for {run['share']:.0%} of the perturbations]"
        print(
            f"{tool:<20}{seconds:>9.2f}{run['cpu'] / run['share']:>8.1f}{run['first']:>10.1f} s"
            f"{run['above'] / 2**30:>11.2f}{seconds / base:>11.1f}  {note}",
            flush=True,
        )
    if "vcassay" in tools:
        where = measured(TOOL, "phases", str(folder), str(options.threads), "1")
        with tempfile.TemporaryDirectory() as cache:
            cold = measured(TOOL, "vcassay-de", str(folder), str(options.threads), "1", NUMBA_CACHE_DIR=cache)
        print(f"\nfirst call of va.de after installation: {cold['first']:.1f} s, most of it compilation, then cached")
        print("where the kernel's time goes: " + ", ".join(f"{k} {v:.2f} s" for k, v in where.items()))


def large(folder: Path, options: argparse.Namespace) -> None:
    """One context of the size of the Virtual Cell Challenge 2026, counts, through ``va.de``."""
    filled = draw(folder, 138_000, 18_533, 300, 20_000.0, None)
    size = np.load(folder / "data.npy", mmap_mode="r").shape[0] * 8 / 2**30
    print(
        f"\n138,000 cells x 18,533 genes x 300 perturbations, counts, {filled:.0%} non-zero, {size:.1f} GiB in memory"
    )
    measured(TOOL, "write", str(folder), str(options.threads), "1")
    for tool in ("vcassay-de", "vcassay-t", "file"):
        run = measured(TOOL, tool, str(folder), str(options.threads), "1")
        print(
            f"{tool:<20}{run['seconds']:>9.1f} s{run['above'] / 2**30:>8.2f} GiB above the data, "
            f"{run['peak'] / 2**30:.2f} in all",
            flush=True,
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cells", type=int, default=60_000)
    parser.add_argument("--genes", type=int, default=8_000)
    parser.add_argument("--perturbations", type=int, default=300)
    parser.add_argument("--depth", type=float, default=1250.0, help="mean count of a cell; sets the share of non-zeros")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument(
        "--repeat", type=int, default=3, help="runs of tools that test all perturbations; the best counts"
    )
    parser.add_argument("--tools", nargs="*", help="only these")
    parser.add_argument("--full", action="store_true", help="slow peers test every perturbation")
    parser.add_argument("--large", action="store_true", help="also a screen of the challenge's size")
    parser.add_argument("--folder", type=Path, help="where the peers' environment is kept")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        work = Path(temporary)
        python = environment((options.folder or work) / "peers", PEERS)
        filled = draw(work, options.cells, options.genes, options.perturbations, options.depth, 1e4)
        print(
            f"{options.cells:,} cells x {options.genes:,} genes x {options.perturbations} perturbations, "
            f"{filled:.1%} non-zero, log-normalised, {options.threads} threads; {versions(python, PEERS)}"
        )
        compare(work, python, options)
        if options.large:
            large(work, options)


if __name__ == "__main__":
    main()
