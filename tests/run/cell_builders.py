"""A screen of cells with known programmes, and predicted cells of every kind, as files."""

from __future__ import annotations

from pathlib import Path

import anndata as ad
import numpy as np
import pandas as pd
import scipy.sparse as sp

CONTEXTS, PERTURBATIONS, GENES = ("A", "B"), 20, 90
CELLS, CONTROLS = 80, 1000


class PlantedCells:
    """Counts that three programmes and an effect of each perturbation in each context drive."""

    def __init__(self, seed: int = 0) -> None:
        rng = np.random.default_rng(seed)
        self.genes = np.array([f"G{i}" for i in range(GENES)])
        self.base = rng.normal(1.5, 0.6, (2, GENES))
        self.programmes = 0.3 * rng.normal(size=(3, GENES))
        shape = (2, PERTURBATIONS, GENES)
        self.effect = 0.9 * rng.normal(size=shape) * (rng.random(shape) < 0.3)

    def draw(
        self, seed: int, cells: int = CELLS, *, controls: int = 0, quality: float = 1.0, contexts=(0, 1)
    ) -> ad.AnnData:
        """Cells of every condition, with controls if there are any."""
        rng = np.random.default_rng(seed)
        context = np.repeat(contexts, PERTURBATIONS * cells + controls)
        code = np.tile(np.r_[np.repeat(np.arange(PERTURBATIONS), cells), np.full(controls, -1)], len(contexts))
        effect = np.where(code[:, None] >= 0, quality * self.effect[context, code], 0.0)
        rate = np.exp(self.base[context] + effect + rng.normal(size=(len(code), 3)) @ self.programmes)
        depth = rng.lognormal(0.0, 0.3, (len(code), 1))
        label = np.where(code >= 0, np.char.add("P", code.astype(str)), "control")
        obs = pd.DataFrame({"perturbation": label, "context": np.array(CONTEXTS)[context]})
        obs.index = pd.Index([f"s{seed}c{i}" for i in range(len(obs))])
        counts = sp.csr_matrix(rng.poisson(depth * rate).astype(np.float32))
        return ad.AnnData(counts, obs=obs, var=pd.DataFrame(index=pd.Index(self.genes)))

    def screen(self) -> ad.AnnData:
        """What was measured."""
        return self.draw(1, controls=CONTROLS)


def normalised(adata: ad.AnnData, target_sum: float = 1e4) -> ad.AnnData:
    """log1p of counts scaled to one depth."""
    out = adata.copy()
    x = out.X.toarray().astype(np.float64)
    out.X = sp.csr_matrix(np.log1p(target_sum * x / x.sum(axis=1, keepdims=True)).astype(np.float32))
    return out


def shuffled(adata: ad.AnnData, seed: int = 0) -> ad.AnnData:
    """Every gene shuffled among the cells of each condition."""
    rng, out = np.random.default_rng(seed), adata.copy()
    x = out.X.toarray()
    key = (out.obs["context"] + out.obs["perturbation"]).to_numpy(dtype=str)
    for c in np.unique(key):
        at = np.flatnonzero(key == c)
        x[at] = np.column_stack([x[rng.permutation(at), g] for g in range(x.shape[1])])
    out.X = sp.csr_matrix(x)
    return out


def spread(adata: ad.AnnData, factor: float) -> ad.AnnData:
    """Log-normalised cells moved away from (or towards) the mean of their condition."""
    out = adata.copy()
    x = out.X.toarray()
    key = (out.obs["context"] + out.obs["perturbation"]).to_numpy(dtype=str)
    for c in np.unique(key):
        at = key == c
        x[at] = x[at].mean(axis=0) + factor * (x[at] - x[at].mean(axis=0))
    out.X = sp.csr_matrix(np.maximum(x, 0.0))
    return out


def copied_controls(adata: ad.AnnData, screen: ad.AnnData, seed: int = 0) -> ad.AnnData:
    """Control cells of the same context in place of every cell."""
    rng, out = np.random.default_rng(seed), adata.copy()
    pools = {c: np.flatnonzero((screen.obs["perturbation"] == "control") & (screen.obs["context"] == c)) for c in "AB"}
    out.X = screen.X[np.array([rng.choice(pools[c]) for c in out.obs["context"]])]
    return out


def write_split_file(path: Path, screen: ad.AnnData) -> None:
    """Context B is held out."""
    from vcassay.claim import write_split
    from vcassay.screen import Design, make_screen
    from vcassay.simulate.demo import hold_out

    design = Design(perturbation="perturbation", control=("control",), context="context")
    write_split(hold_out(make_screen(screen, design).conditions, ("B",)), path)
