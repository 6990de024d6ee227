"""scperteval: what the profile prepares from log-normalised cells, and how it takes means."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.blocks import is_sparse
from vcassay.arrays.multiple import benjamini_hochberg_rows
from vcassay.arrays.welch import variance, welch
from vcassay.core import InputError
from vcassay.evidence.metrics.profiles.cellwise import between, dense, moments, populations
from vcassay.evidence.metrics.profiles.pair import CONTROL, Cells, Pair, group_means, group_sums
from vcassay.evidence.metrics.profiles.profile import SOURCES, Profile, Provided
from vcassay.evidence.metrics.profiles.projected import loadings

Array = NDArray[np.float64]
Codes = NDArray[np.int64]
Floats = NDArray[np.floating]

MIN_CELLS = 30
"""Measured cells below which a perturbation is left out."""
TOP, HIGHEST, COMPONENTS, SEED = 50, 1000, 50, 42
PCA_CELLS = 50_000
"""Measured cells that the components are fitted to, at most."""
SIGNIFICANT = 0.05


def prepare(pair: Pair) -> Provided:
    """Means, t-tests against all other perturbed cells, and distances between cells.

    The reference of the tests and the centring on the other perturbations leave out the perturbation itself.

    Raises
    ------
    InputError
        If there are no measured controls.
    """
    n, g = len(pair.names), len(pair.genes)
    real, pred = pair.real, pair.pred
    if real.n_control == 0:
        raise InputError("there are no control cells", where=pair.file_real, mend="name their label with --control")
    size = real.counts(n)
    kept = np.flatnonzero(size >= MIN_CELLS)
    has = np.isin(kept, pair.predicted)
    at = kept[has]
    sums, _ = group_sums(real.matrix, real.code, n)
    squares, _ = group_sums(_squared(real.matrix), real.code, n)
    answer = group_means(pred.matrix, pred.code, n)
    control, _ = moments(real.matrix, np.flatnonzero(real.code == CONTROL))
    means = sums[kept] / size[kept][:, None]
    own = np.flatnonzero(has)
    of_real, of_pred = _moments(real, kept), _moments(pred, at)
    others = _others(of_real[0])[own]
    rest = (sums[:n].sum(axis=0) - sums[at], squares[:n].sum(axis=0) - squares[at], size.sum() - size[at])
    t_real, p_real = _against(of_real[:, own], size[at], rest)
    t_pred, _ = _against(of_pred, pred.counts(n)[at], rest)
    strength = np.abs(t_real)
    top = np.zeros((len(at), g), dtype=bool)
    order = np.argsort(-strength, axis=1, kind="stable")[:, :TOP]
    np.put_along_axis(top, order, values=True, axis=1)
    degs = benjamini_hochberg_rows(p_real) < SIGNIFICANT
    heg = np.zeros(g, dtype=bool)
    heg[np.argsort(-control, kind="stable")[:HIGHEST]] = True
    return {
        "predicted": at,
        "left_out": {int(i): f"fewer than {MIN_CELLS} measured cells" for i in np.setdiff1d(np.arange(n), kept)},
        "real": means[has],
        "pred": answer[at],
        "control": control.astype(np.float64),
        "others": others,
        "masks": {
            "all_genes": np.ones((len(at), g), dtype=bool),
            "top": top,
            "degs": degs,
            "heg": np.broadcast_to(heg, (len(at), g)),
        },
        "degs": degs,
        "strength": strength,
        "strength_pred": np.abs(t_pred),
        "candidates": means,
        "own": own,
        "distances": _distances(pair, at, top),
    }


def _squared(matrix: Any) -> Any:
    if is_sparse(matrix):
        return matrix.astype(np.float64).power(2)
    return np.square(np.asarray(matrix, dtype=np.float64))


def _moments(cells: Cells, at: Codes) -> Floats:
    """(2, m, g) means of values and of squares of each perturbation, in the precision of the matrix."""
    found = [moments(cells.matrix, rows) for rows, _ in populations(cells, cells, at)]
    return np.array(found).reshape(len(at), 2, cells.matrix.shape[1]).transpose(1, 0, 2)


def _others(means: Floats) -> Array:
    """(m, g) mean of the other rows, summed in their precision; NaN for a single row."""
    return np.asarray((means.sum(axis=0) - means) / (len(means) - 1 if len(means) > 1 else np.nan), dtype=np.float64)


def _against(moment: Floats, size: Codes, rest: tuple[Array, Array, Codes]) -> tuple[Array, Array]:
    """(m, g) t and p of Welch's test; t is 0 where it is not finite, and one cell has no variance."""
    one, other = size[:, None].astype(np.float64), rest[2][:, None].astype(np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = rest[0] / other
        var = np.maximum(moment[1] - moment[0] ** 2, 0.0) * np.where(one > 1, one / np.maximum(one - 1, 1), 0.0)
        found = welch(np.asarray(moment[0], dtype=np.float64), var, one, mean, variance(other, rest[0], rest[1]), other)
    off = ~np.isfinite(found.statistic)
    return np.where(off, 0.0, found.statistic), np.where(off | np.isnan(found.pvalue), 1.0, found.pvalue)


def _distances(pair: Pair, at: Codes, top: NDArray[np.bool_]) -> dict[str, Array]:
    """Energy distance and MMD of each perturbation, in its top genes and in components."""
    real, pred = pair.real, pair.pred
    used = np.flatnonzero(real.code >= -1)
    if len(used) > PCA_CELLS:
        used = np.sort(np.random.default_rng(SEED).choice(used, PCA_CELLS, replace=False))
    k = min(COMPONENTS, len(used), len(pair.genes))
    axes = loadings(real.matrix, used, k, SEED)
    projected = [np.asarray(cells.matrix @ axes) for cells in (real, pred)]
    out: dict[str, Array] = {}
    for space in ("top", "pca"):
        values = np.full((len(at), 2), np.nan)
        for i, (a, b) in enumerate(populations(real, pred, at)):
            if space == "top":
                genes = np.flatnonzero(top[i])
                values[i] = between(dense(real.matrix, a)[:, genes], dense(pred.matrix, b)[:, genes])
            else:
                values[i] = between(projected[0][a], projected[1][b])
        out[f"energy_{space}"], out[f"mmd_{space}"] = values[:, 0], values[:, 1]
    return out


def aggregate(metric: str, values: Array, provided: Provided) -> float:
    """Mean over the perturbations that have a value."""
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else np.nan


SCPERTEVAL = Profile("scperteval", "scperteval 0.2, score", SOURCES["scperteval"], prepare, aggregate)
