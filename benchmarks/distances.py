"""Distances on cells: ours beside plain numpy and scipy, scperteval and POT, on the same generated cells.

    python benchmarks/distances.py [--conditions 300] [--cells 200] [--peers FOLDER]

First every kind on cells that are already in 50 components: seconds for all conditions, on all threads and on one, with
what the others need and how far their values are from ours. Others are timed on some conditions and scaled up. Then
`cell_distances` from sparse cells in 2,000 genes to the answer, two models at once, floors and controls included.
Peers are installed in an environment of their own, made at the first call; ``--peers none`` leaves them out.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import scipy.sparse as sp
from peers import environment, versions
from scipy.spatial.distance import cdist
from scipy.special import logsumexp

from vcassay.arrays.cellsets import CellSets, as_sets
from vcassay.arrays.energy import energy_between, energy_within
from vcassay.arrays.mmd import Kernel, median_distance, median_kernel, mmd_between, mmd_within
from vcassay.arrays.sinkhorn import Regularisation, median_regularisation, transport_between, transport_within
from vcassay.arrays.wasserstein import random_directions, sliced_between, sorted_projections
from vcassay.effects.distances import cell_distances

PACKAGES = ("scperteval==0.2.0", "pot")
COMPONENTS, GENES, SOME = 50, 2000, 24
KINDS = ("energy", "mmd", "sinkhorn", "sliced")
PEER = """
import json, sys, time
import numpy as np, ot
from scperteval.protocols.metrics import energy_distance, unbiased_mmd_median
data = np.load(sys.argv[1])
x, y, directions, epsilon = data["x"], data["y"], data["directions"], float(data["epsilon"])
calls = {
    "energy": lambda a, b: energy_distance(a, b, None),
    "mmd": lambda a, b: unbiased_mmd_median(a, b, None),
    "sinkhorn": lambda a, b: ot.bregman.empirical_sinkhorn_divergence(a, b, epsilon, stopThr=1e-4),
    "sliced": lambda a, b: ot.sliced_wasserstein_distance(a, b, projections=directions.T, p=2) ** 2,
}
out = {}
for kind, call in calls.items():
    call(x[0], y[0])
    start = time.perf_counter()
    values = [float(call(a, b)) for a, b in zip(x, y)]
    out[kind] = {"seconds": time.perf_counter() - start, "values": values}
print(json.dumps(out))
"""


def ours(
    kind: str, x: CellSets, y: CellSets, kernel: Kernel, how: Regularisation, directions: np.ndarray
) -> np.ndarray:
    """Distances of all conditions."""
    if kind == "energy":
        return 2 * energy_between(x, y) - energy_within(x) - energy_within(y)
    if kind == "mmd":
        return mmd_within(x, kernel=kernel) + mmd_within(y, kernel=kernel) - 2 * mmd_between(x, y, kernel=kernel)
    if kind == "sinkhorn":
        return transport_between(x, y, how=how) - (transport_within(x, how=how) + transport_within(y, how=how)) / 2
    return sliced_between(sorted_projections(x, directions), sorted_projections(y, directions))


def plain(kind: str, x: np.ndarray, y: np.ndarray, gamma: float, epsilon: float, directions: np.ndarray) -> float:
    """One distance in a few lines of numpy and scipy."""
    n = len(x)
    if kind == "energy":
        return 2 * cdist(x, y).mean() - (cdist(x, x).sum() + cdist(y, y).sum()) / (n * (n - 1))
    if kind == "mmd":
        xx, yy, xy = (np.exp(-gamma * cdist(a, b, "sqeuclidean")) for a, b in ((x, x), (y, y), (x, y)))
        return (xx.sum() + yy.sum() - 2 * n) / (n * (n - 1)) - 2 * xy.mean()
    if kind == "sliced":
        return np.square(np.sort(x @ directions.T, axis=0) - np.sort(y @ directions.T, axis=0)).mean()
    return transport(x, y, epsilon) - (transport(x, x, epsilon) + transport(y, y, epsilon)) / 2


def transport(x: np.ndarray, y: np.ndarray, epsilon: float) -> float:
    """Entropic transport in the log domain, to the tolerance of ours."""
    cost, g = cdist(x, y, "sqeuclidean") / epsilon, np.zeros(len(y))
    f = np.zeros(len(x))
    for _ in range(3000):
        new = np.log(len(y)) - logsumexp(g - cost, axis=1)
        error = np.abs(np.expm1(f - new)).mean()
        f, g = new, np.log(len(x)) - logsumexp(new[:, None] - cost, axis=0)
        if error <= 1e-3:
            break
    return epsilon * (f.mean() + g.mean())


def clock(call, repeats: int = 1) -> tuple[float, object]:
    """Fewest seconds of some calls, and what the last returned."""
    best = np.inf
    for _ in range(repeats):
        start = time.perf_counter()
        found = call()
        best = min(best, time.perf_counter() - start)
    return best, found


def by_kind(conditions: int, cells: int, peers: str) -> None:
    """The table of kinds."""
    rng = np.random.default_rng(0)
    sd = 5 / np.sqrt(np.arange(1, COMPONENTS + 1))
    x, y = rng.normal(size=(2, conditions, cells, COMPONENTS)) * sd
    y += 0.3 * rng.normal(size=(conditions, 1, COMPONENTS)) * sd
    size = np.full(conditions, cells)
    a, b = (as_sets(z.reshape(-1, COMPONENTS), size) for z in (x, y))
    median = median_distance(rng.normal(size=(1000, COMPONENTS)) * sd, rng)
    kernel, how, directions = median_kernel(median), median_regularisation(median), random_directions(COMPONENTS, rng)
    peer = run_peers(peers, x[:SOME], y[:SOME], directions, how.epsilon)
    alone = one_thread(conditions, cells)
    print(f"\n{conditions} conditions, {cells} cells a side, {COMPONENTS} components; seconds for all of them\n")
    heads = ("ours", "1 thread", "plain", "ratio", "differ", "peer", "ratio", "differ")
    print(f"{'kind':<10}" + "".join(f"{head:>10}" for head in heads))
    few = as_sets(a.cells[: 2 * cells], size[:2])
    for kind in KINDS:
        cold, _ = clock(lambda kind=kind: ours(kind, few, few, kernel, how, directions))
        took, found = clock(lambda kind=kind: ours(kind, a, b, kernel, how, directions), 3)
        slow, want = clock(
            lambda kind=kind: [plain(kind, x[i], y[i], kernel.gamma, how.epsilon, directions) for i in range(SOME)]
        )
        slow *= conditions / SOME
        line = f"{kind:<10}{took:>10.2f}{alone[kind]:>10.2f}{slow:>10.2f}{slow / took:>9.1f}x{gap(found, want):>10.0e}"
        if peer:
            seconds = peer[kind]["seconds"] * conditions / SOME
            line += f"{seconds:>10.2f}{seconds / took:>9.1f}x"
            same = kind in ("energy", "sliced")
            line += f"{gap(found, peer[kind]['values']):>10.0e}" if same else f"{'other':>10}"
        print(f"{line}   first call {cold:.1f} s", flush=True)
    print("other: scperteval's MMD takes its width from each pair, POT's divergence leaves out the entropy")


def gap(found: np.ndarray, want: list[float]) -> float:
    """Largest difference, as a share of the largest value; stops the run where results disagree."""
    share = float(np.abs(found[: len(want)] - want).max() / np.abs(want).max())
    if not share < 1e-3:
        raise SystemExit(f"results differ by {share:.1e} of their size")
    return share


def run_peers(folder: str, x: np.ndarray, y: np.ndarray, directions: np.ndarray, epsilon: float) -> dict:
    """What the peers' process found; empty if they are left out or cannot be installed."""
    if folder == "none":
        return {}
    try:
        python = environment(Path(folder), PACKAGES)
    except (subprocess.CalledProcessError, OSError) as error:
        print(f"peers are left out, they could not be installed: {error}")
        return {}
    print("peers:", versions(python, ("scperteval", "pot", "numpy")))
    with tempfile.TemporaryDirectory() as place:
        data = Path(place) / "cells.npz"
        np.savez(data, x=x, y=y, directions=directions, epsilon=epsilon)
        done = subprocess.run([python, "-W", "ignore", "-c", PEER, data], check=True, capture_output=True, text=True)
    return json.loads(done.stdout.strip().splitlines()[-1])


def one_thread(conditions: int, cells: int) -> dict:
    """Seconds of every kind in a process with one thread."""
    command = [sys.executable, __file__, "--alone", "--conditions", str(conditions), "--cells", str(cells)]
    environ = {**os.environ, "NUMBA_NUM_THREADS": "1"}
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environ)
    return json.loads(done.stdout.strip().splitlines()[-1])


def alone(conditions: int, cells: int) -> None:
    """Print the seconds of every kind as JSON."""
    rng = np.random.default_rng(0)
    sd = 5 / np.sqrt(np.arange(1, COMPONENTS + 1))
    x, y = rng.normal(size=(2, conditions * cells, COMPONENTS)) * sd
    a, b = (as_sets(z, np.full(conditions, cells)) for z in (x, y))
    median = median_distance(x[:1000], rng)
    kernel, how, directions = median_kernel(median), median_regularisation(median), random_directions(COMPONENTS, rng)
    print(json.dumps({kind: clock(lambda k=kind: ours(k, a, b, kernel, how, directions), 2)[0] for kind in KINDS}))


def whole(conditions: int, cells: int) -> None:
    """From sparse cells to floors and corrected distances."""
    rng = np.random.default_rng(1)
    base, programmes = rng.gamma(0.3, 1, GENES), 0.3 * rng.normal(size=(10, GENES))

    def draw(effect: np.ndarray) -> sp.csr_matrix:
        rate = base * np.exp(rng.normal(size=(len(effect), 10)) @ programmes + effect)
        return sp.csr_matrix(np.log1p(rng.poisson(rate)).astype(np.float32))

    effects = rng.normal(size=(conditions, GENES)) * (rng.random((conditions, GENES)) < 0.1)
    truth, perfect, copy = (
        sp.vstack([draw(np.tile(factor * e, (cells, 1))) for e in effects], format="csr") for factor in (1, 1, 0)
    )
    control, code = draw(np.zeros((5000, GENES))), np.repeat(np.arange(conditions), cells)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10
    print(f"\ncell_distances: {truth.shape[0]:,} cells x {GENES} genes, two models, {cells // 2} cells a half; inputs")
    print(f"and their making took {before:.0f} MiB at most. Means over conditions, and standard errors.\n")
    print(f"{'kind':<10}{'seconds':>9}{'floor':>10}{'control':>10}{'perfect model':>20}{'copy of controls':>20}")
    for kind in (*KINDS, "mmd-multi"):
        took, found = clock(
            lambda kind=kind: cell_distances(
                truth, code, [perfect, copy], [code, code], control, kind=kind, rng=np.random.default_rng(0)
            )
        )
        se = found.corrected.std(axis=1) / np.sqrt(conditions)
        models = "".join(f"{f'{m:.4f} ± {s:.4f}':>20}" for m, s in zip(found.corrected.mean(axis=1), se, strict=True))
        print(f"{kind:<10}{took:>9.1f}{found.floor.mean():>10.4f}{found.control_corrected.mean():>10.4f}{models}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10
    print(f"\npeak memory {peak:.0f} MiB")


def main() -> None:
    """Parse and run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--conditions", type=int, default=300)
    parser.add_argument("--cells", type=int, default=200)
    parser.add_argument("--peers", default=str(Path(tempfile.gettempdir()) / "vcassay-distance-peers"))
    parser.add_argument("--alone", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.alone:
        alone(given.conditions, given.cells)
        return
    by_kind(given.conditions, given.cells, given.peers)
    whole(given.conditions, 2 * given.cells)


if __name__ == "__main__":
    main()
