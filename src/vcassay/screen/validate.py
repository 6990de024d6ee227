"""Refusals: what stands in the way of a review, each in one sentence that names the mend."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from vcassay.core import InputError, Threshold
from vcassay.core.errors import did_you_mean, first
from vcassay.screen.design import CONTROL_LABELS, Design, Readout, Rows
from vcassay.screen.detect import LARGEST_LOG, Detected
from vcassay.screen.gene_names import check_genes
from vcassay.screen.labels import Labelled
from vcassay.screen.screen import CONTROL, Note

if TYPE_CHECKING:
    import anndata as ad

MISSING_SHARE = Threshold(
    "missing_labels", 0.01, "pertpy issue 916: a published Perturb-seq object came with NaN in its perturbation column"
)


COLUMN_FIELDS = ("perturbation", "context", "batch", "dose", "time", "modality")
"""Fields of a design that name an obs column."""


def check_shape(adata: ad.AnnData, where: str) -> None:
    """Refuse a table without rows or genes, and genes of one name."""
    if adata.n_obs == 0 or adata.n_vars == 0:
        what = "rows" if adata.n_obs == 0 else "genes"
        raise InputError(f"the file holds no {what}", where=where, mend="check the filter with which it was written")
    names = pd.Index(adata.var_names)
    if not names.is_unique:
        twice = names[names.duplicated()].unique()
        raise InputError(
            f"var_names repeats {len(twice)} of its gene names ({first(twice, 3)})",
            where=where,
            mend="keep one row of var for each, or sum them",
        )


def check_columns(adata: ad.AnnData, design: Design, where: str) -> None:
    """Refuse a design that names an obs column, or a layer, that is not there."""
    columns = {name: getattr(design, name) for name in COLUMN_FIELDS}
    check_stated(
        adata, {**columns, "annotation": design.annotation, "layer": design.layer, "genes": design.genes}, where
    )
    if design.layer is None and adata.X is None:
        raise InputError(
            "there is no X", where=where, mend=f"name the layer to read ({_suggest('counts', adata.layers)})"
        )


def check_stated(adata: ad.AnnData, stated: Mapping[str, Any], where: str) -> None:
    """Refuse an obs column or a layer that is named but not there.

    Parameters
    ----------
    stated
        Our field to the column's name (or ``layer`` to the layer's); fields that are no column are passed over.
    """
    named = {ours: theirs for ours, theirs in stated.items() if ours in COLUMN_FIELDS}
    named |= stated.get("annotation") or {}
    for ours, theirs in named.items():
        if theirs is not None and theirs not in adata.obs.columns:
            raise InputError(
                f"there is no obs column '{theirs}' to read the {ours} from",
                where=where,
                mend=f"name the right column in the design ({_suggest(theirs, adata.obs.columns)})",
            )
    check_genes(adata, stated.get("genes"), where)
    layer = stated.get("layer")
    if layer is not None and layer not in adata.layers:
        raise InputError(
            f"there is no layer '{layer}'",
            where=where,
            mend=f"name the right layer ({_suggest(layer, adata.layers)}), or none to read X",
        )


def check_drop(drop_contexts: Iterable[str], contexts: Sequence[str], column: str | None, where: str) -> None:
    """Refuse a context to drop that is not there."""
    for name in drop_contexts:
        if name not in contexts:
            raise InputError(
                f"there is no context '{name}' to drop",
                where=_at(where, column),
                mend=f"name one that is there ({_suggest(name, contexts)})",
            )


def check_missing(labelled: Labelled, n_rows: int, where: str) -> list[Note]:
    """Refuse more than 1 % of rows without a label; note fewer."""
    notes = []
    for column, n in labelled.missing.items():
        if n > MISSING_SHARE.value * n_rows:
            raise InputError(
                f"{n:,} of {n_rows:,} rows ({n / n_rows:.1%}) have no label",
                where=_at(where, column),
                mend="fill them in, or remove these rows from the file",
            )
        notes.append((f"{n:,} of {n_rows:,} rows were left out.", f"no label in obs column '{column}'"))
    return notes


def check_controls(labelled: Labelled, labels: Sequence[str], where: str) -> None:
    """Refuse cells and replicates without controls, in all or in some contexts, and a screen of controls alone.

    Parameters
    ----------
    labels
        The distinct texts of the perturbation column.
    """
    table, design = labelled.table, labelled.design
    column = _at(where, design.perturbation)
    is_control = table.condition == CONTROL
    needed = design.rows is not Rows.EFFECTS
    if needed and not is_control.any():
        if not (table.condition >= 0).any():
            raise InputError("no row takes part", where=column, mend="drop fewer contexts, or fill in the labels")
        usual = [label for label in labels if label.casefold() in {c.casefold() for c in CONTROL_LABELS}]
        hint = f"'{usual[0]}' is there" if usual else f"labels: {first(labels)}"
        asked = f"labelled {first(repr(c) for c in design.control)}" if design.control else "named as control"
        raise InputError(
            f"no row is {asked}",
            where=column,
            mend=f"name the control label ({hint}), or declare rows = 'effects' if controls were subtracted",
        )
    if len(table.conditions) == 0:
        raise InputError(
            "every row that takes part is a control", where=column, mend="check the control label and the column"
        )
    if not needed:
        return
    with_controls = np.zeros(len(table.pools), dtype=bool)
    with_controls[table.pool[is_control]] = True
    without = sorted({table.pool_context[p] for p in table.condition_pool if not with_controls[p]})
    if without:
        place = design.context if design.context is not None else design.perturbation
        example = without[0]
        raise InputError(
            f"no control rows in {len(without)} of {len(set(table.pool_context))} contexts ({first(without)})",
            where=_at(where, place),
            mend=(
                f"leave each out ([data] drop_contexts in study.toml, or `vcassay init --drop-context '{example}'`), "
                "or take another context column"
            ),
        )


def check_readout(found: Detected, design: Design, n_genes: int, layers: Iterable[str], where: str) -> list[Note]:
    """Refuse raw counts declared as log-normalised, the reverse, and a scalar of many columns."""
    names = [name for name in layers if name != design.layer]
    where = where if design.layer is None else f"{where}, layer '{design.layer}'"
    if design.readout is Readout.SCALAR and n_genes != 1:
        raise InputError(
            f"a scalar readout has one value a row, but there are {n_genes} columns",
            where=where,
            mend="declare readout = 'continuous', or keep one column",
        )
    if design.readout is Readout.COUNTS and not found.whole and not found.signed:
        if found.largest <= LARGEST_LOG.value:
            other = f", or name the layer with counts (layers: {first(names)})" if names else ""
            raise InputError(
                f"the values are declared as raw counts but are not whole numbers ({found.why})",
                where=where,
                mend=f"declare readout = '{found.readout.value}'{other}",
            )
        return [("The counts are not whole numbers.", "estimated or corrected counts are taken as they are")]
    if design.readout is Readout.LOGNORM and found.whole and found.largest > 1:
        raise InputError(
            f"the values are declared as log-normalised but look like raw counts ({found.why})",
            where=where,
            mend="declare readout = 'counts', or name the layer with log-normalised values",
        )
    if design.readout is Readout.LOGNORM and found.largest > LARGEST_LOG.value:
        raise InputError(
            f"the values are declared as log-normalised but reach {found.largest:g}, so no logarithm was taken",
            where=where,
            mend="take log1p of the normalised counts, or declare readout = 'continuous'",
        )
    if design.readout is Readout.CONTINUOUS and found.whole and found.largest > 1 and not found.signed:
        return [("The values look like raw counts but are read as continuous.", found.why)]
    return []


def check_numeric(matrix: Any, where: str) -> None:
    """Refuse a matrix of text or objects."""
    dtype = np.dtype(matrix.dtype)
    if dtype.kind not in "biuf":
        raise InputError(f"the matrix holds {dtype} values, not numbers", where=where, mend="store real numbers in it")


def _at(where: str, column: str | None) -> str:
    return where if column is None else f"{where}, obs column '{column}'"


def _suggest(name: str, known: Iterable[str]) -> str:
    names = [str(k) for k in known]
    if not names:
        return "there is none"
    clause = did_you_mean(name, names)
    return clause.rstrip("?") if clause.startswith("did") else f"known: {first(sorted(names), 12)}"
