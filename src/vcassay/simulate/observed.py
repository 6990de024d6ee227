"""Observed effects, straight from the counts of some rows of a screen."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from vcassay.screen import CONTROL, Screen
from vcassay.simulate.truth import TARGET_SUM


def observed_effects(screen: Screen, rows: NDArray[np.bool_] | None = None) -> NDArray[np.float64]:
    """Measure every condition by summing its cells.

    log1p(1e4 x rate) of the condition minus that of the controls of its context, whose rates are
    averaged over batches with the weights that the condition's counts have there. Plainer than, and
    independent of, `vcassay.effects`.

    Parameters
    ----------
    screen
        Counts.
    rows
        (rows,) which rows to use; all if ``None``.

    Returns
    -------
    (conditions, genes); NaN where a condition has no rows, or a batch of it has no controls.
    """
    table, counts = screen.table, sp.csr_matrix(screen.adata.X)
    use = np.ones(screen.n_rows, dtype=bool) if rows is None else rows
    n_batches, n, n_pools = len(table.batches), len(table.conditions), len(table.pools)
    is_control, is_perturbed = use & (table.condition == CONTROL), use & (table.condition >= 0)
    of_control = np.where(is_control, table.pool * n_batches + table.batch, -1)
    of_condition = np.where(is_perturbed, table.condition.astype(np.int64) * n_batches + table.batch, -1)
    control = _sums(counts, of_control, n_pools * n_batches)
    perturbed = _sums(counts, of_condition, n * n_batches)

    with np.errstate(invalid="ignore", divide="ignore"):
        rate = (control / control.sum(axis=1, keepdims=True)).reshape(n_pools, n_batches, -1)
        sums = perturbed.reshape(n, n_batches, -1)
        weight = sums.sum(axis=2) / sums.sum(axis=(1, 2))[:, None]
        matched = np.zeros((n, counts.shape[1]))
        for b in range(n_batches):
            part = weight[:, b, None] * rate[table.condition_pool, b]
            matched += np.where(weight[:, b, None] == 0, 0.0, part)
        profile = np.log1p(TARGET_SUM * sums.sum(axis=1) / sums.sum(axis=(1, 2))[:, None])
    return np.asarray(profile - np.log1p(TARGET_SUM * matched))


def _sums(counts: sp.csr_matrix, group: NDArray[np.int64], n: int) -> NDArray[np.float64]:
    """(n, genes) sums of the rows of each group; rows of group -1 are left out."""
    at = np.flatnonzero(group >= 0)
    member = sp.csr_matrix((np.ones(len(at)), (group[at], at)), shape=(n, counts.shape[0]))
    return np.asarray((member @ counts).toarray(), dtype=np.float64)
