"""scperteval: what the profile prepares from log-normalised cells, and how it takes means."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.classify import precision_and_area
from vcassay.arrays.groups import group_moments
from vcassay.arrays.multiple import benjamini_hochberg_rows
from vcassay.arrays.tiles import Rows, each
from vcassay.arrays.welch import variance, welch
from vcassay.core import InputError
from vcassay.evidence.metrics.profiles.cellwise import between
from vcassay.evidence.metrics.profiles.pair import Cells, Pair, group_means, group_sums, members
from vcassay.evidence.metrics.profiles.profile import SOURCES, Profile, Provided
from vcassay.evidence.metrics.profiles.projected import loadings
from vcassay.evidence.metrics.profiles.scperteval_metrics import squared_distances

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
    squares, _ = group_sums(real.matrix, real.code, n, squares=True)
    answer = group_means(pred.matrix, pred.code, n)
    of_real, of_pred = _moments(real, n), _moments(pred, n)
    control = of_real[0, n]
    means = sums[kept] / size[kept][:, None]
    own = np.flatnonzero(has)
    others = _others(of_real[0, kept])[own]
    rest = (sums[:n].sum(axis=0) - sums[at], squares[:n].sum(axis=0) - squares[at], size.sum() - size[at])
    t_real, p_real = _against(of_real[:, at], size[at], rest)
    t_pred, _ = _against(of_pred[:, at], pred.counts(n)[at], rest)
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
        "curves": precision_and_area(degs, np.abs(t_pred)),
        "squared_distance": squared_distances(answer[at], means),
        "own": own,
        "distances": _distances(pair, at, top),
    }


def _moments(cells: Cells, n: int) -> Floats:
    """(2, n + 1, g) means of values and of squares of each perturbation and of the controls.

    In the precision of the matrix, as scperteval takes them; whole numbers in double precision.
    """
    matrix = cells.matrix if cells.matrix.dtype.kind == "f" else cells.matrix.astype(np.float64)
    return np.stack(group_moments(matrix, members(cells.code, n)))


def _others(means: Floats) -> Array:
    """(m, g) mean of the other rows, summed in their precision; NaN for a single row."""
    return np.asarray((means.sum(axis=0) - means) / (len(means) - 1 if len(means) > 1 else np.nan), dtype=np.float64)


def _against(moment: Floats, size: Codes, rest: tuple[Array, Array, Codes]) -> tuple[Array, Array]:
    """(m, g) t and p of Welch's test; t is 0 where it is not finite, and one cell has no variance."""
    t, p = np.empty((2, *moment.shape[1:]))

    def work(i: int) -> None:
        one, other = (np.asarray(x[i], dtype=np.float64) for x in (size, rest[2]))
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = rest[0][i] / other
            squared = np.maximum(moment[1, i] - moment[0, i] ** 2, 0.0).astype(np.float64)
            var = squared * (one / (one - 1.0) if one > 1 else 0.0)
            own, spread = moment[0, i].astype(np.float64), variance(other, rest[0][i], rest[1][i])
            found = welch(own, var, one, mean, spread, other)
        off = ~np.isfinite(found.statistic)
        t[i] = np.where(off, 0.0, found.statistic)
        p[i] = np.where(off | np.isnan(found.pvalue), 1.0, found.pvalue)

    each(work, len(t))
    return t, p


def _distances(pair: Pair, at: Codes, top: NDArray[np.bool_]) -> dict[str, Array]:
    """Energy distance and MMD of each perturbation, in its top genes and in components."""
    real, pred = pair.real, pair.pred
    used = np.flatnonzero(real.code >= -1)
    if len(used) > PCA_CELLS:
        used = np.sort(np.random.default_rng(SEED).choice(used, PCA_CELLS, replace=False))
    k = min(COMPONENTS, len(used), len(pair.genes))
    axes = loadings(real.matrix, used, k, SEED)
    of = [(rows, rows.times(axes), members(cells.code, len(pair.names)))
          for cells in (real, pred) for rows in [Rows(cells.matrix)]]  # fmt: skip
    found = np.full((2, 2, len(at)), np.nan)

    def work(i: int) -> None:
        genes = np.flatnonzero(top[i])
        cells = [(rows.columns(group.of(at[i]), genes), scores[group.of(at[i])]) for rows, scores, group in of]
        for space in range(2):
            found[space, :, i] = between(cells[0][space], cells[1][space])

    each(work, len(at))
    names = [(kind, space) for space in ("top", "pca") for kind in ("energy", "mmd")]
    return {f"{kind}_{space}": values for (kind, space), values in zip(names, found.reshape(4, -1), strict=True)}


def aggregate(metric: str, values: Array, provided: Provided) -> float:
    """Mean over the perturbations that have a value."""
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else np.nan


SCPERTEVAL = Profile("scperteval", "scperteval 0.2, score", SOURCES["scperteval"], prepare, aggregate)
