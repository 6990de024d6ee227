"""Compared: which cells of an AnnData or a screen are tested against which."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vcassay.core import InputError
from vcassay.core.errors import did_you_mean, first
from vcassay.screen import CONTROL, CONTROL_LABELS, LEFT_OUT, Readout, Rows, Screen, detect_readout, sample_rows
from vcassay.screen.coding import text_codes

if TYPE_CHECKING:
    import anndata as ad

Codes = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """Rows as codes, and their values.

    Attributes
    ----------
    condition
        (rows,) row of ``labels``, `CONTROL` or `LEFT_OUT`.
    pool
        (rows,) which controls a row is compared with; -1 for none.
    labels
        One row a condition: perturbation, and what else names it.
    matrix
        (rows, genes) in memory or on disk.
    readout, target_sum
        What the values are, and their normalisation total, where a screen says so.
    where
        The file, for error sentences.
    """

    condition: Codes
    pool: Codes
    labels: pd.DataFrame
    matrix: Any
    obs: pd.DataFrame
    genes: NDArray[np.str_]
    readout: Readout | None
    target_sum: float | None
    where: str


def of_screen(screen: Screen) -> Compared:
    """Rows of a screen."""
    table, design = screen.table, screen.design
    where = screen.name if screen.path is None else str(screen.path)
    if design.rows is Rows.EFFECTS:
        raise InputError("ready-made effects have no cells to test", where=where, mend="give the cells or replicates")
    columns = table.conditions.columns()
    labels = pd.DataFrame({"perturbation": pd.Categorical(columns["perturbation"])})
    if design.context is not None:
        labels["context"] = pd.Categorical(columns["context"])
    for name in ("dose", "time"):
        if np.isfinite(columns[name]).any():
            labels[name] = columns[name]
    condition, pool = table.condition.astype(np.int64), table.pool.astype(np.int64)
    obs, genes = screen.adata.obs, screen.genes
    return Compared(condition, pool, labels, screen.matrix, obs, genes, design.readout, screen.target_sum, where)


def of_adata(
    adata: ad.AnnData,
    perturbation: str | None,
    control: str | Sequence[str] | None,
    context: str | None,
    layer: str | None,
) -> Compared:
    """Rows of an AnnData, by its labels as they are written."""
    where = str(adata.filename) if adata.filename else "adata"
    if perturbation is None:
        raise InputError("no column of perturbations is named", where=where, mend="pass perturbation=")
    for column in (perturbation, context):
        _check_column(adata.obs, column, where)
    if layer is not None and layer not in adata.layers:
        raise InputError(f"there is no layer '{layer}'", where=where, mend=did_you_mean(layer, adata.layers))
    given = (control,) if isinstance(control, str) else tuple(control or CONTROL_LABELS)
    code, texts = text_codes(adata.obs[perturbation], keep=given)
    controls = [text for text in given if text in texts]
    if control is None:
        controls = controls[:1]
    if not controls or (control is not None and len(controls) < len(set(given))):
        missing = first(text for text in given if text not in texts)
        raise InputError(
            f"'{perturbation}' has no control labelled {missing}", where=where, mend="pass control= with a label of it"
        )
    is_control = np.isin(code, [texts.index(text) for text in controls])
    pool, contexts = (np.zeros(len(code), np.int64), [""]) if context is None else text_codes(adata.obs[context])
    perturbed = (code >= 0) & ~is_control & (pool >= 0)
    keys, condition = np.unique(pool[perturbed] * len(texts) + code[perturbed], return_inverse=True)
    codes = np.full(len(code), LEFT_OUT, dtype=np.int64)
    codes[is_control & (pool >= 0)] = CONTROL
    codes[perturbed] = condition
    of_context, of_text = np.divmod(keys, len(texts))
    labels = pd.DataFrame({"perturbation": pd.Categorical(np.asarray(texts)[of_text])})
    if context is not None:
        labels["context"] = pd.Categorical(np.asarray(contexts)[of_context])
    matrix = adata.X if layer is None else adata.layers[layer]
    return Compared(codes, pool, labels, matrix, adata.obs, np.asarray(adata.var_names, dtype=str), None, None, where)


def _check_column(obs: pd.DataFrame, column: str | None, where: str) -> None:
    if column is not None and column not in obs:
        raise InputError(f"obs has no column '{column}'", where=where, mend=did_you_mean(column, obs.columns))


def within_batch(rows: Compared, batch: str) -> Codes:
    """(rows,) code of pool and batch; -1 where either is missing."""
    _check_column(rows.obs, batch, rows.where)
    code, names = text_codes(rows.obs[batch])
    return np.where((rows.pool < 0) | (code < 0), -1, rows.pool * len(names) + code)


def chosen(rows: Compared, genes: Sequence[str] | NDArray[np.bool_] | None) -> tuple[NDArray[np.str_], Codes | None]:
    """Names and columns of the genes to test; no columns for all of them."""
    names, at = rows.genes, None
    if genes is not None:
        wanted = np.asarray(genes)
        if wanted.dtype == bool:
            if wanted.shape != names.shape:
                raise InputError(
                    f"the mask is for {len(wanted)} genes, not {len(names)}", where=rows.where, mend="one entry a gene"
                )
            at = np.flatnonzero(wanted)
        else:
            at = pd.Index(names).get_indexer_for(pd.Index(wanted.astype(str))).astype(np.int64)
            if (at < 0).any() or len(at) != len(wanted):
                absent = first(wanted[~np.isin(wanted.astype(str), names)]) or "listed twice"
                raise InputError(f"no such gene: {absent}", where=rows.where, mend="name genes of var_names")
        names = names[at]
    if len(np.unique(names)) != len(names):
        raise InputError("a gene is listed twice", where=rows.where, mend="make the var_names unique")
    return names, at


def readout_of(rows: Compared, readout: str | None) -> Readout:
    """What the values are: as stated, as the screen says, or as they look."""
    if readout is not None:
        if readout not in list(Readout):
            raise InputError(f"there is no readout '{readout}'", where=rows.where, mend=did_you_mean(readout, Readout))
        return Readout(readout)
    return rows.readout or detect_readout(sample_rows(rows.matrix)).readout
