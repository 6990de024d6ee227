from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from vcassay.evidence.metrics.profiles import CONTROL, PROFILES, Cells, Pair, run_profile


def counts(seed: int = 0, *, n: int = 6, cells: int = 40, genes: int = 30, noise: float = 0.0) -> Cells:
    """Counts of n perturbations with effects of their own; the seed draws the cells and not the effects."""
    truth, rng = np.random.default_rng(99), np.random.default_rng(seed)
    base = truth.gamma(2.0, 8.0, genes)
    effect = np.vstack([truth.normal(0, 0.5, (n, genes)), np.zeros(genes)])
    effect[:n] += noise * rng.normal(size=(n, genes))
    code = np.r_[np.repeat(np.arange(n), cells), np.full(2 * cells, CONTROL)]
    return Cells(rng.poisson(base * np.exp(effect[code])).astype(np.int32), code)


def lognorm(cells: Cells, dtype: type = np.float64) -> Cells:
    depth = cells.matrix.sum(axis=1, keepdims=True)
    return Cells(np.log1p(cells.matrix / depth * 1e4).astype(dtype), cells.code)


def pair_of(real: Cells, pred: Cells, n: int = 6) -> Pair:
    genes = np.array([f"G{i:03d}" for i in range(real.matrix.shape[1])])
    return Pair(np.array([f"G{3 * i:03d}" for i in range(n)]), genes, real, pred)


def example(profile: str, *, n: int = 6, genes: int = 70, noise: float = 0.3, cells: int = 40) -> Pair:
    """A pair that the profile accepts."""
    real, pred = (counts(k, n=n, cells=cells, genes=genes, noise=e) for k, e in ((1, 0.0), (2, noise)))
    if profile != "vcc2026":
        real, pred = lognorm(real), lognorm(pred)
    return pair_of(real, pred, n)


def scored(profile: str, pair: Pair) -> dict[str, tuple[np.ndarray, float]]:
    found = run_profile(PROFILES[profile], pair)
    assert not [o for o in found if any(s.startswith("error") for s in [*o.status, o.total_status])]
    return {o.metric: (o.value, o.total) for o in found}


def sparse(cells: Cells) -> Cells:
    return Cells(sp.csr_matrix(cells.matrix), cells.code)
