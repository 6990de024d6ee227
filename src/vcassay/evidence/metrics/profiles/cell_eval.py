"""cell-eval: what the profile prepares, and how it takes means."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.classify import precision_and_area
from vcassay.evidence.metrics.profiles.cell_eval_genes import by_fold, certainty
from vcassay.evidence.metrics.profiles.euclid import control_energy
from vcassay.evidence.metrics.profiles.lognorm import as_lognorm
from vcassay.evidence.metrics.profiles.pair import CONTROL, Cells, Pair, group_means, stacked, tested
from vcassay.evidence.metrics.profiles.profile import SOURCES, Profile, Provided

Array = NDArray[np.float64]
Codes = NDArray[np.int64]

SIGNIFICANT = 0.05
"""False discovery rate below which a gene is significant."""


def prepare(pair: Pair) -> Provided:
    """Means, tests and distances of both files, each against its own controls.

    A prediction without controls is given the measured ones, where cell-eval refuses it.
    """
    n, at = len(pair.names), pair.predicted
    real = Cells(as_lognorm(pair.real.matrix, pair.file_real), pair.real.code)
    pred = Cells(as_lognorm(pair.pred.matrix, pair.file_pred), pair.pred.code)
    if pred.n_control == 0:
        control = np.flatnonzero(real.code == CONTROL)
        pred = Cells(stacked(pred.matrix, real.matrix[control]), np.r_[pred.code, np.full(len(control), CONTROL)])
    centre = [group_means(cells.matrix, cells.code, n) for cells in (real, pred)]
    truth, answer = (_as_tabled(means, cells) for means, cells in zip(centre, (real, pred), strict=True))
    of_real, of_pred = tested(real, n, "cell-eval", "lognorm"), tested(pred, n, "cell-eval", "lognorm")
    single = [
        x.astype(np.float32) for x in (of_real.padj[at], of_pred.padj[at], of_real.log2fc[at], of_pred.log2fc[at])
    ]
    sig_real, sig_pred = single[0] < SIGNIFICANT, single[1] < SIGNIFICANT
    return {
        "predicted": at,
        "own_gene": pair.own_gene,
        "truth": truth[:n],
        "truth_delta": truth[:n] - truth[n],
        "mean_real": truth[at],
        "mean_pred": answer[at],
        "centre_real": centre[0][at],
        "centre_pred": centre[1][at],
        "delta_real": truth[at] - truth[n],
        "delta_pred": answer[at] - answer[n],
        "energy_real": control_energy(real, n)[at],
        "energy_pred": control_energy(pred, n)[at],
        "sig_real": sig_real,
        "sig_pred": sig_pred,
        "place_real": by_fold(sig_real, single[2]),
        "place_pred": by_fold(sig_pred, single[3]),
        "curves": precision_and_area(sig_real, certainty(single[1])),
        "fold_real": single[2],
        "fold_pred": single[3],
    }


def _as_tabled(means: Array, cells: Cells) -> NDArray[np.floating]:
    """(n + 1, g) means in the precision of the matrix, as cell-eval's tables hold them."""
    return means.astype(np.float32) if cells.matrix.dtype == np.float32 else means


def aggregate(metric: str, values: Array, provided: Provided) -> float:
    """Mean as cell-eval's table has it: rows it leaves empty are skipped, NaN makes the mean NaN."""
    if metric in EMPTY:
        values = values[provided["sig_real"].any(axis=1)]
    return float(values.mean()) if len(values) else np.nan


EMPTY = ("de_direction_match", "de_spearman_lfc_sig", "de_sig_genes_recall")
"""Metrics whose row is empty, and not NaN, where the truth has no significant gene."""

CELL_EVAL = Profile("cell-eval", "cell-eval 0.8, profile full", SOURCES["cell-eval"], prepare, aggregate)
