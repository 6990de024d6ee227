"""vcc2026: what the profile prepares from raw counts, and how it takes means."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.blocks import is_sparse
from vcassay.arrays.jackknife import profile_spread
from vcassay.core import InputError
from vcassay.evidence.metrics.profiles.pair import CONTROL, Cells, Pair, group_sums, stacked, tested
from vcassay.evidence.metrics.profiles.profile import SOURCES, Profile, Provided

Array = NDArray[np.float64]
Codes = NDArray[np.int64]

DEPTH = 5e4
"""Counts to which a pooled profile is scaled."""
SIGNIFICANT = 0.05
"""Adjusted p-value below which a gene is significant."""
LARGEST_LOG = 15.0
"""A file of fractions that all lie below is taken for a logarithm, not for expected counts."""


def prepare(pair: Pair) -> Provided:
    """Profiles, their sampling variance and tests; both sides against the measured controls.

    Control rows of the prediction are not read. Fractions are taken as expected counts, where cell-eval2
    asks for a flag.

    Raises
    ------
    InputError
        If a file holds negative or log-normalised values, or there are no measured controls.
    """
    n, at = len(pair.names), pair.predicted
    check_counts(pair.real.matrix, pair.file_real)
    check_counts(pair.pred.matrix, pair.file_pred)
    real = pair.real
    control = np.flatnonzero(real.code == CONTROL)
    rows = np.flatnonzero(pair.pred.code >= 0)
    code = np.r_[pair.pred.code[rows], np.full(len(control), CONTROL)]
    pred = Cells(stacked(pair.pred.matrix[rows], real.matrix[control]), code)
    sums, _ = group_sums(real.matrix, real.code, n)
    answer = group_sums(pred.matrix, pred.code, n)[0][:n]
    group = np.where(real.code == CONTROL, n, real.code)
    spread = profile_spread(real.matrix, group, sums, DEPTH)
    spread_pred = profile_spread(pred.matrix, pred.code, answer, DEPTH)
    truth, profile_pred = pooled(sums), pooled(answer)
    of_real, of_pred = tested(real, n, "cell-eval2", "counts"), tested(pred, n, "cell-eval2", "counts")
    own = pair.own_gene
    kept = np.ones((len(at), len(pair.genes)), dtype=bool)
    named = own[at] >= 0
    kept[np.flatnonzero(named), own[at][named]] = False
    name_order = np.empty(len(pair.genes), dtype=np.int64)
    name_order[np.argsort(pair.genes, kind="stable")] = np.arange(len(pair.genes))
    return {
        "predicted": at,
        "kept": kept,
        "panel_genes": ~np.isin(np.arange(len(pair.genes)), own),
        "truth": truth[:n],
        "control": truth[n],
        "profile_real": truth[at],
        "profile_pred": profile_pred[at],
        "spread_real": spread[at],
        "spread_pred": spread_pred[at],
        "spread_control": float(spread[n]),
        "sig_real": (of_real.padj[at] < SIGNIFICANT) & kept,
        "sig_pred": (of_pred.padj[at] < SIGNIFICANT) & kept,
        "fold_real": np.where(np.isnan(of_real.padj[at]), np.nan, of_real.log2fc[at]),
        "fold_pred": np.where(np.isnan(of_pred.padj[at]), np.nan, of_pred.log2fc[at]),
        "padj_pred": of_pred.padj[at],
        "pvalue_pred": of_pred.pvalue[at],
        "name_order": name_order,
    }


def check_counts(matrix: Any, where: str) -> None:
    """Refuse what is no count."""
    values = matrix.data if is_sparse(matrix) else np.asarray(matrix)
    mend = "give raw counts in X, or score log-normalised files with --profile cell-eval"
    if values.size and values.min() < 0:
        raise InputError(f"the value {values.min():g} is no count", where=where, mend=mend)
    whole = values.dtype.kind in "iub" or bool((np.abs(values - np.rint(values)) <= 1e-6).all())
    if not whole and values.max(initial=0) < LARGEST_LOG:
        raise InputError("the values look log-normalised, and the profile vcc2026 wants counts", where=where, mend=mend)


def pooled(sums: Array) -> Array:
    """(n, g) log1p of counts scaled to `DEPTH`; NaN without counts."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.log1p(DEPTH * sums / sums.sum(axis=1, keepdims=True)))


def aggregate(metric: str, values: Array, provided: Provided) -> float:
    """Mean over the perturbations that have a value."""
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else np.nan


VCC2026 = Profile("vcc2026", "cell-eval2 0.20, preset vcc2026", SOURCES["vcc2026"], prepare, aggregate)
