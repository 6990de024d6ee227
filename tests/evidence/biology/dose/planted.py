"""Dose series of a given shape, without a screen."""

from __future__ import annotations

from dataclasses import replace

import anndata as ad
import numpy as np
import pandas as pd

from vcassay.claim import Role, Split, make_claim
from vcassay.core import Conditions
from vcassay.effects import measure
from vcassay.evidence.biology.bench import make_bench
from vcassay.evidence.biology.dose.projection import measure_series
from vcassay.evidence.biology.dose.repeats import measure_repeats
from vcassay.evidence.biology.dose.series import find_series
from vcassay.knowledge import Knowledge
from vcassay.screen import Design, Readout, Rows, make_screen


def series_of(n, k=3):
    table = Conditions.make(np.repeat([f"c{i:02d}" for i in range(n)], k), ["d"] * (n * k), list(range(1, k + 1)) * n)
    return find_series(table)


def from_shape(shape, rng, n=12, g=80, noise=1.0, k=3):
    """Pairs of halves of n series whose effect is ``shape`` (by dose) times a direction of its own."""
    direction = rng.normal(size=(n, 1, g))
    true = (np.asarray(shape)[None, :, None] * direction).reshape(n * k, g)
    a, b = (true + noise * rng.normal(size=true.shape) for _ in range(2))
    return [(a, b), (b, a)]


def responses(shape, seed, n=12, k=3, **settings):
    rng = np.random.default_rng(seed)
    pairs = from_shape(shape, rng, n=n, k=k, **settings)
    return measure_series(pairs, series_of(n, k), pairs[0][0].shape)


def unequal(seed, *, cells=(100, 60, 30), drugs=10, genes=120, controls=200):
    """Bench of a screen without any effect, with toxic loss of cells, in which every series counts as active."""
    rng = np.random.default_rng(seed)
    names = np.repeat([f"drug{i}" for i in range(drugs)], sum(cells))
    dose = np.tile(np.repeat([0.1, 1.0, 10.0], cells), drugs)
    frame = pd.DataFrame(
        {
            "perturbation": np.r_[names, ["control"] * controls],
            "dose": np.r_[dose, np.full(controls, np.nan)],
            "context": "A",
        },
        index=[f"c{i}" for i in range(len(names) + controls)],
    )
    values = rng.normal(8.0, 1.0, size=(len(frame), genes))
    adata = ad.AnnData(X=values, obs=frame, var=pd.DataFrame(index=[f"G{i}" for i in range(genes)]))
    design = Design(
        perturbation="perturbation",
        control=("control",),
        context="context",
        dose="dose",
        dose_unit="uM",
        rows=Rows.REPLICATES,
        readout=Readout.CONTINUOUS,
    )
    screen = make_screen(adata, design, name="unequal")
    split = Split(screen.conditions, np.full(len(screen.conditions), Role.TEST.value).astype(str))
    effects = measure(screen, train=split.train, panel=split.test, seed=seed)
    bench = make_bench(effects, make_claim(split), Knowledge(), {})
    return replace(bench, silent=np.zeros(len(bench.table), dtype=bool))


def repeated(quarters, series, **arms):
    """Repeats of four measurements; arms answer everything."""
    n = len(quarters[0])
    asked = {name: (values, np.ones(n, dtype=bool)) for name, values in arms.items()}
    return measure_repeats(list(quarters), asked, series, np.zeros(n, dtype=bool))


def unequal_quarters(seed, *, cells=(100, 60, 30), drugs=30, genes=2000, controls=200):
    """Four measurements of drugs without any effect: means of a quarter of the cells less one of the controls."""
    rng = np.random.default_rng(seed)
    size = np.tile(cells, drugs)[:, None] / 4
    return [
        rng.normal(size=(3 * drugs, genes)) / np.sqrt(size) - rng.normal(size=genes) / np.sqrt(controls / 4)
        for _ in range(4)
    ]
