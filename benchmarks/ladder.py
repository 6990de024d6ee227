"""The ladder T0 to T3 and its sabotage on a simulated task: seconds each, side by side, and peak memory.

    python benchmarks/ladder.py [--conditions 2000] [--genes 8000] [--regime gex|cex] [--only NAME ...] [--apart]

Responses of 40 dimensions that follow the prior features in part, with noise; six blocks of prior features, among them
components of gene sets (256), a text embedding (256) and fingerprints (2,048 bits). GEX has one context, CEX twenty,
of which four are asked for. As many conditions are for training; a fifth as many are asked for. "Busy" is the time of
the processor, which other work on the machine does not add to.
"""

from __future__ import annotations

import argparse
import os
import resource
import sys
import time

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from vcassay.arrays.threads import threads
from vcassay.core import Conditions, Regime
from vcassay.evidence.baselines import BASELINES, Task, ladder
from vcassay.knowledge import Features


def draw_task(n: int, g: int, regime: Regime, seed: int = 0) -> Task:
    """Draw conditions, features and effects."""
    rng = np.random.default_rng(seed)
    contexts = 20 if regime is Regime.CEX else 1
    shown = 16 if regime is Regime.CEX else 1
    wanted = n // 5
    perturbations = n // shown if regime is Regime.CEX else n + wanted
    names = [f"G{i:05d}" for i in range(perturbations)]
    state = rng.normal(size=(perturbations, 30))
    group = rng.integers(0, perturbations // 8 + 1, perturbations)
    blocks = (
        ("gene sets", state @ rng.normal(size=(30, 256)) / np.arange(1, 257) ** 0.5, "annotation"),
        ("text", state[:, :10] @ rng.normal(size=(10, 256)) + 2 * rng.normal(size=(perturbations, 256)), "embedding"),
        ("network", state[:, 10:20] @ rng.normal(size=(10, 64)) + rng.normal(size=(perturbations, 64)), "network"),
        ("bits", bits(rng, group, 2048), "fingerprint"),
        ("targets", np.eye(group.max() + 1)[group], "label"),
        ("control co-expression", rng.normal(size=(perturbations, 20)), "coexpression"),
    )
    features = tuple(Features(name, tuple(names), matrix, kind=kind) for name, matrix, kind in blocks)
    response = rng.normal(size=(40, g)) / np.arange(1, 41)[:, None] ** 0.5
    latent = np.concatenate([np.tanh(state), rng.normal(size=(perturbations, 10))], axis=1)
    profile = rng.normal(size=(contexts, 5)) @ rng.normal(size=(5, g))
    shift = rng.normal(size=(contexts, g)) * 0.3
    keys = [(c, p) for c in range(contexts) for p in range(perturbations)]
    training = [k for k in keys if (k[0] < shown if regime is Regime.CEX else k[1] < n)][:n]
    asked = [k for k in keys if k not in set(training)][:wanted]

    def table(some: list[tuple[int, int]]) -> Conditions:
        return Conditions.make([f"c{c:02d}" for c, _ in some], [[names[p]] for _, p in some])

    at = np.array(training)
    effects = latent[at[:, 1]] @ response + shift[at[:, 0]] + rng.normal(size=(len(at), g))
    return Task(
        train=table(training),
        effects=effects,
        weights=rng.integers(20, 400, len(at)).astype(float),
        wanted=table(asked),
        genes=np.array([f"x{i}" for i in range(g)]),
        controls={f"c{c:02d}": profile[c] for c in range(contexts)},
        embedding=np.zeros((g, 0)),
        features=features,
        regime=regime,
        seed=seed,
    )


def bits(rng: np.random.Generator, group: np.ndarray, width: int) -> np.ndarray:
    """Bits of a scaffold each group shares, some flipped."""
    scaffold = rng.random((group.max() + 1, width)) < 0.02
    flipped = rng.random((len(group), width)) < 0.01
    return (scaffold[group] ^ flipped).astype(float)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--conditions", type=int, default=2000)
    parser.add_argument("--genes", type=int, default=8000)
    parser.add_argument("--regime", choices=("gex", "cex"), default="gex")
    parser.add_argument("--only", nargs="*")
    parser.add_argument("--apart", action="store_true", help="one after the other, not side by side")
    given = parser.parse_args()
    task = draw_task(given.conditions, given.genes, Regime.GEX if given.regime == "gex" else Regime.CEX)
    also = given.only or ()
    entries = [e for e in ladder(also) if (e.name in also if also else e.meta["kind"] != "probe")]
    order = [e.name for e in sorted(entries, key=lambda e: (e.meta["tier"], e.name), reverse=True)]
    print(f"{len(task.train)} conditions x {len(task.genes)} genes, {len(task.wanted)} asked for, {given.regime}")

    def one(name: str) -> tuple[str, float, float, str]:
        start, busy = time.perf_counter(), time.thread_time()
        model = BASELINES[name].obj().fit(task)
        model.predict(task.wanted)
        took, used = time.perf_counter() - start, time.thread_time() - busy
        print(f"  {name} {took:.1f} s", file=sys.stderr, flush=True)
        chosen = getattr(model, "params", getattr(model, "form", getattr(model, "chosen", "")))
        return name, took, used, str(chosen)[:70]

    start = time.perf_counter()
    with ThreadPoolExecutor(1 if given.apart else threads()) as pool:
        rows = list(pool.map(one, order))
    took = time.perf_counter() - start
    for name, seconds, used, chosen in rows:
        print(f"{seconds:8.1f} s {used:8.1f} s busy  {name:20s} {chosen}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    busy = time.process_time()
    workers = 1 if given.apart else threads()
    print(f"{took:8.1f} s {busy:8.1f} s busy, drawing included; {workers} threads, {peak:.1f} GiB at most")


if __name__ == "__main__":
    main()
