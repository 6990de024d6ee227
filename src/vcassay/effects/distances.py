"""Distances between measured and predicted cells, condition by condition."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.cellsets import Matrix, Order, as_sets, draw_order, drawn_rows, finite_sets, row_keys
from vcassay.arrays.floor import (
    Halves,
    Measure,
    compare_halves,
    energy_measure,
    measure_halves,
    mmd_measure,
    sinkhorn_measure,
    sliced_measure,
)
from vcassay.arrays.mmd import REFERENCE_CELLS, median_distance, median_kernel, multi_kernel
from vcassay.arrays.pca import Components, fit_components, project
from vcassay.arrays.sinkhorn import median_regularisation
from vcassay.arrays.wasserstein import random_directions
from vcassay.core import Threshold

Array = NDArray[np.float64]
Codes = NDArray[np.int64]
Kind = Literal["energy", "mmd", "mmd-multi", "sinkhorn", "sliced"]

MIN_HALF_CELLS = Threshold("min_half_cells", 10, "below it the spread of a half is hardly known")
N_MAX = 256
"""Cells a half: the error of a distance is then a few percent of what separates conditions, and time stays short."""
FIT_CELLS = 20_000
"""Control cells to which components are fitted, if they are not handed in."""
BLOCK = 64
"""Conditions whose cells are held in memory at a time."""
N_COMPONENTS = 50


@dataclass(frozen=True, slots=True, eq=False)
class CellDistances:
    """Distances of m models' predicted cells to the measured cells of n conditions.

    Attributes
    ----------
    kind
        Which distance. All are in squared units of the cells but ``energy`` (their unit) and the
        two kinds of ``mmd`` (none).
    value
        (m, n) distance of truth and prediction at ``n_cells`` a side.
    floor
        (m, n) distance between two halves of the truth at the same size: what a replicate gets. NaN
        exactly where the truth (never the prediction) leaves the distance undefined.
    spread
        (m, n) distance between two halves of the prediction.
    corrected
        (m, n) ``value`` less the mean of ``floor`` and ``spread``: 0 on average for a perfect
        model, not clipped. See `vcassay.arrays.floor` for why both.
    control, control_corrected
        (m, n) the same of the matched control cells in place of the prediction; NaN where their pool is too
        small or the truth is undefined.
    n_cells
        (m, n) cells a half, equal on all sides; 0 where the truth has too few.
    reason
        (m, n) why ``value`` is NaN; empty where it is not.
    """

    kind: Kind
    value: Array
    floor: Array
    spread: Array
    corrected: Array
    control: Array
    control_corrected: Array
    n_cells: Codes
    reason: NDArray[np.str_]

    def skill(self) -> Array:
        """Share of the distance from control to truth that a model closes, condition by condition.

        Returns
        -------
        (m, n) 1 - corrected / control_corrected: 1 for a perfect model, 0 for a copy of the controls. NaN
        where the truth is no farther from its controls than its floor. Conditions are to be joined as a
        ratio of sums, not by the mean of these.
        """
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(self.control_corrected > 0, 1.0 - self.corrected / self.control_corrected, np.nan)


class _Cells(NamedTuple):
    cells: Matrix
    order: Order


def cell_distances(
    truth_cells: Matrix,
    truth_code: Codes,
    pred_cells: Sequence[Matrix],
    pred_code: Sequence[Codes],
    control_cells: Matrix,
    *,
    kind: Kind,
    rng: np.random.Generator,
    n_max: int = N_MAX,
    components: int | Components | None = N_COMPONENTS,
    control_code: Codes | None = None,
    pool: Codes | None = None,
    n_conditions: int | None = None,
) -> CellDistances:
    """Measure how far predicted cells are from measured ones.

    In every comparison both sides have the same number of cells: half of the truth's, of the
    prediction's or of the pool's, whichever is smallest, and at most ``n_max``. Cells are drawn by their
    values and a seed: their order does not matter, and equal cells on two sides are drawn alike.

    Parameters
    ----------
    truth_cells, truth_code
        (rows, g) measured cells (dense or CSR, log1p) and (rows,) their conditions, 0..n-1; negative rows take no
        part.
    pred_cells, pred_code
        The same of each model; more models share the work on the truth.
    control_cells
        (rows, g) cells that training may see: components, widths of kernels and regularisation come from them, never
        from a prediction or a scored cell.
    kind
        ``energy`` (U-statistic), ``mmd`` (unbiased MMD^2, one Gaussian kernel), ``mmd-multi`` (five),
        ``sinkhorn`` (debiased) or ``sliced`` (Wasserstein-2, squared).
    rng
        Draws the cells, the start of the components and the directions of ``sliced``.
    n_max
        Most cells a half.
    components
        Components fitted to training cells (`vcassay.arrays.pca`), a number to fit to ``control_cells``, or ``None``
        for cells that are already in a latent space fitted without scored cells.
    control_code, pool
        (rows,) pool of each control cell and (n,) pool of each condition; one pool if ``None``.
    n_conditions
        n; the largest code of the truth + 1 if ``None``.

    Returns
    -------
    `CellDistances`.

    Raises
    ------
    ValueError
        If matrices differ in their number of columns, a code is out of range, or ``kind`` is unknown.
    """
    if kind not in get_args(Kind):
        raise ValueError(f"kind is one of {', '.join(get_args(Kind))}, not '{kind}'")
    widths = {m.shape[1] for m in (truth_cells, control_cells, *pred_cells)}
    if len(widths) > 1:
        raise ValueError(f"truth, prediction and control cells have different numbers of columns: {sorted(widths)}")
    n = int(truth_code.max(initial=-1)) + 1 if n_conditions is None else n_conditions
    pool = np.zeros(n, np.int64) if pool is None else pool
    control_code = np.zeros(control_cells.shape[0], np.int64) if control_code is None else control_code
    deal, start, aim = rng.spawn(3)
    seed = int(deal.integers(2**63))
    control_key = row_keys(control_cells, seed)
    by_key = np.argsort(control_key, kind="stable")
    if isinstance(components, int):
        components = fit_components(control_cells[by_key[:FIT_CELLS]], components, start)

    def embed(cells: Matrix) -> Array:
        if components is not None:
            return project(cells, components)
        return np.asarray(cells if isinstance(cells, np.ndarray) else cells.toarray(), dtype=np.float64)

    reference = embed(control_cells[by_key[:REFERENCE_CELLS]])
    measure, no_scale = _make_measure(kind, reference, aim)
    truth = _Cells(truth_cells, draw_order(truth_code, row_keys(truth_cells, seed), n))
    n_pools = int(max(pool.max(initial=-1), control_code.max(initial=-1))) + 1
    control = _Cells(control_cells, draw_order(control_code, control_key, n_pools))
    models = [
        _Cells(cells, draw_order(code, row_keys(cells, seed), n))
        for cells, code in zip(pred_cells, pred_code, strict=True)
    ]
    table = _Table(len(models), n)
    for low in range(0, n, BLOCK):
        _fill(table, np.arange(low, min(low + BLOCK, n)), truth, control, pool, models, n_max, embed, measure)
    if no_scale:
        table.reason[table.reason == _NO_CONVERGENCE] = "control cells are all alike: they give no scale"
    value, floor, spread, corrected, control_value, control_corrected = table.values
    return CellDistances(
        kind,
        value,
        floor,
        spread,
        corrected,
        control_value,
        control_corrected,
        table.n_cells,
        table.reason.astype(str),
    )


def _make_measure(kind: Kind, reference: Array, rng: np.random.Generator) -> tuple[Measure, bool]:
    """The distance, scaled by reference cells, and whether it lacks its scale."""
    if kind == "energy":
        return energy_measure(), False
    if kind == "sliced":
        return sliced_measure(random_directions(reference.shape[1], rng)), False
    median = median_distance(reference, rng)
    if kind == "sinkhorn":
        return sinkhorn_measure(median_regularisation(median)), bool(np.isnan(median))
    kernel = median_kernel(median) if kind == "mmd" else multi_kernel(median)
    return mmd_measure(kernel), bool(np.isnan(median))


_NO_CONVERGENCE = "the transport between these cells did not converge"


class _Table:
    """The result while it is filled."""

    def __init__(self, models: int, n: int) -> None:
        self.values = np.full((6, models, n), np.nan)
        self.value, self.floor, self.spread, self.corrected, self.control, self.control_corrected = self.values
        self.n_cells = np.zeros((models, n), np.int64)
        self.reason = np.full((models, n), "", dtype=object)


def _halves(
    measure: Measure, source: _Cells, who: Codes, skip: Codes, size: Codes, embed: Callable[[Matrix], Array]
) -> tuple[Halves, NDArray[np.bool_]]:
    """Two halves of ``size`` cells of each condition, and whether all their values are finite."""
    a = as_sets(embed(source.cells[drawn_rows(source.order, who, skip, size)]), size)
    b = as_sets(embed(source.cells[drawn_rows(source.order, who, skip + size, size)]), size)
    return measure_halves(measure, a, b), finite_sets(a) & finite_sets(b)


def _fill(
    table: _Table,
    block: Codes,
    truth: _Cells,
    control: _Cells,
    pool: Codes,
    models: Sequence[_Cells],
    n_max: int,
    embed: Callable[[Matrix], Array],
    measure: Measure,
) -> None:
    """Fill the columns of a block of conditions."""
    least = int(MIN_HALF_CELLS.value)
    pool_size = control.order.size[pool[block]] // 2
    size = np.minimum(truth.order.size[block] // 2, n_max)
    size = np.where(pool_size >= least, np.minimum(size, pool_size), size)
    size = np.where(size >= least, size, 0)
    wanted = np.array([np.minimum(size, model.order.size[block] // 2) for model in models]).reshape(-1, len(block))
    able = wanted >= least
    used = np.where(able, wanted, size)
    # a condition is drawn once for every size that some model asks for
    every = np.stack([np.tile(np.arange(len(block)), len(models)), used.ravel()])
    (which, each), at = np.unique(every, axis=1, return_inverse=True)
    at = at.reshape(used.shape)
    whole, truth_fine = _halves(measure, truth, block[which], 0 * each, each, embed)
    against = np.full((2, len(which)), np.nan)
    near = np.flatnonzero((pool_size[which] >= least) & (each > 0))
    # conditions take turns through their pool: cells that all shared would move all of them together
    home, pair = pool[block[which[near]]], 2 * each[near]
    turn = block[which[near]] * pair % (control.order.size[home] - pair + 1)
    matched, _ = _halves(measure, control, home, turn, each[near], embed)
    against[:, near] = compare_halves(measure, whole, matched, near, np.arange(len(near)))
    for m, model in enumerate(models):
        good = np.flatnonzero(able[m])
        answer, fine = _halves(measure, model, block[good], 0 * good, used[m, good], embed)
        compared = compare_halves(measure, whole, answer, at[m, good], np.arange(len(good)))
        table.n_cells[m, block] = used[m]
        table.floor[m, block] = whole.floor[at[m]]
        table.control[m, block], table.control_corrected[m, block] = against[:, at[m]]
        table.spread[m, block[good]] = answer.floor
        table.value[m, block[good]], table.corrected[m, block[good]] = compared
        for c, truth_size, pred_size in zip(block, truth.order.size[block], model.order.size[block], strict=True):
            table.reason[m, c] = _too_few(int(truth_size), int(pred_size))
        sound = truth_fine[at[m, good]]
        lost = np.isnan(compared.corrected)
        table.value[m, block[good[lost]]] = np.nan
        table.reason[m, block[good[lost & sound & fine]]] = _NO_CONVERGENCE
        table.reason[m, block[good[lost & ~fine]]] = "prediction holds values that are not finite"
        table.reason[m, block[good[lost & ~sound]]] = "truth holds values that are not finite"


def _too_few(truth_size: int, pred_size: int) -> str:
    need = 2 * int(MIN_HALF_CELLS.value)
    if truth_size < need:
        return f"truth has {truth_size} cells, {need} are needed"
    if pred_size == 0:
        return "no predicted cells"
    return f"prediction has {pred_size} cells, {need} are needed" if pred_size < need else ""
