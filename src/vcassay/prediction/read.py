"""Read a predictions file: h5ad, zarr, parquet, csv or npz."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import scipy.sparse as sp
from numpy.typing import NDArray

from vcassay.arrays.sampled import Means, sampled_means, sampled_pseudobulks
from vcassay.core import InputError, Threshold
from vcassay.core.errors import first
from vcassay.prediction.cells import SampledCells
from vcassay.prediction.materials import Materials
from vcassay.prediction.prediction import Prediction, Space
from vcassay.prediction.table import read_table
from vcassay.record.disclosure import Disclosure
from vcassay.screen import CONTROL, Design, Readout, Rows, RowTable
from vcassay.screen.detect import LARGEST_LOG
from vcassay.screen.labels import make_table
from vcassay.screen.parse import MISSING

Array = NDArray[np.float64]
FIELDS = ("perturbation", "context", "dose", "time")
NEGATIVES = Threshold(
    "profile_negatives",
    0.05,
    "share of the sum of positive values: published models predict slightly negative expression, 0.2 % at most",
)
LARGEST = Threshold(
    "largest_predicted", 1e100, "squares of larger values, summed over genes, may leave the range of 64 bits"
)


@dataclass(frozen=True, slots=True)
class PredictionFormat:
    """How a predictions file is laid out; ``None`` and empty mean: find out.

    Attributes
    ----------
    space
        What a row is; found out from the values when not stated (values below 0 that sum up to more
        than `NEGATIVES` of the others: effects; whole numbers: counts; otherwise expression).
    columns
        Our field (perturbation, context, dose, time) to the file's column.
    context
        Context of every row, where the file has no such column.
    array
        Which array of an npz, or layer of an AnnData, holds the predictions.
    """

    space: Space | None = None
    columns: Mapping[str, str] | None = None
    context: str | None = None
    array: str | None = None


def read_prediction(
    path: str | Path,
    design: Design,
    *,
    name: str | None = None,
    layout: PredictionFormat | None = None,
    disclosure: Disclosure | None = None,
    materials: Materials | None = None,
    ablations: Mapping[str, Prediction] | None = None,
    target_sum: float = 1e4,
) -> Prediction:
    """Read what a model answered.

    Parameters
    ----------
    path
        Predictions: one row a condition, or cells of which the mean is taken. Of counts, and of
        log-normalised cells where the screen holds counts, it is the pseudobulk.
    design
        The screen's design: its column names and labels are tried first, then our own names.
    name
        The model's name; the file's stem by default.
    layout
        What is known of the file's layout.
    disclosure, ablations
        What the authors declare, and the same model with disturbed inputs.
    target_sum
        Depth to which predicted counts are scaled.

    Raises
    ------
    InputError
        If the file cannot be read, has no perturbation labels, or infinite or excessive values.
    """
    path, layout = Path(path), layout or PredictionFormat()
    stated = (layout.columns or {}).values()
    labelled = {*design.columns().values(), *FIELDS, *stated}
    table = read_table(path, layout.array, labelled)
    where = str(path)
    fields, notes = find_fields(table.obs, design, layout, where)
    codes, kept, labels = code_rows(table.obs, design, fields, layout, where)
    notes += labels
    values = table.values[kept]
    if np.isinf(values.data if sp.issparse(values) else values).any():
        raise InputError("has infinite values", where=where, mend="write NaN for an abstention")
    largest = np.nanmax(np.abs(values.data if sp.issparse(values) else values), initial=0.0)
    if largest > LARGEST.value:
        mend = "write effects or profiles in the scale of the screen, and NaN for an abstention"
        raise InputError(f"has values up to {largest:.3g}, of which no sum of squares exists", where=where, mend=mend)
    space = layout.space or _guess_space(values)
    if layout.space is None:
        notes.append(f"space was not stated and taken for '{space}' from the values")
    if space is Space.COUNTS and np.any((values.data if sp.issparse(values) else values) < 0):
        mend = "declare space = 'delta' or 'expression'"
        raise InputError("is declared as counts but has negative values", where=where, mend=mend)
    cells = len(codes.condition) > len(codes.conditions)
    undone = cells and space is Space.EXPRESSION and design.readout is Readout.COUNTS and _is_log(values)
    if undone:  # the measured counts are summed before their logarithm is taken
        values = values.expm1() if sp.issparse(values) else np.expm1(values)
    means = _profiles(values, codes.condition, len(codes.conditions), space, target_sum)
    rows, noise, n_rows = means.value, means.variance, means.size
    if undone:
        noise = noise / (1.0 + rows) ** 2
        rows = np.log1p(rows)
    if n_rows.max(initial=0) > 1:
        unit = "pseudobulk" if undone or space is Space.COUNTS else "mean"
        notes.append(f"{int(n_rows.sum())} rows became {len(rows)} conditions by their {unit}")
    given = np.asarray(~np.isnan(rows).all(axis=0))
    if not given.any():
        given = np.ones_like(given)  # it abstains throughout
    elif not given.all():
        notes.append(f"{int((~given).sum())} genes have no value in any row and count as not predicted")
    return Prediction(
        name=name or path.stem,
        conditions=codes.conditions,
        genes=table.genes[given],
        values=rows[:, given],
        space=Space.EXPRESSION if space is Space.COUNTS else space,
        disclosure=disclosure or Disclosure(),
        materials=materials or Materials(),
        ablations=dict(ablations or {}),
        path=path,
        notes=tuple(notes),
        aliases={column: names[given] for column, names in table.aliases.items()},
        noise=noise[:, given] if cells else None,
        n_rows=n_rows,
        sampled=None
        if not cells or space is Space.DELTA
        else SampledCells(
            path=path,
            array=layout.array,
            labels=frozenset(labelled),
            rows=kept,
            condition=codes.condition.astype(np.int64),
            columns=np.flatnonzero(given),
            counts=space is Space.COUNTS,
        ),
    )


def find_fields(
    obs: pd.DataFrame, design: Design, layout: PredictionFormat, where: str
) -> tuple[dict[str, str | None], list[str]]:
    """Find the column of each field: as stated, as in the screen, or by our own name."""
    stated = dict(layout.columns or {})
    theirs = design.columns()
    found: dict[str, str | None] = {}
    for field in FIELDS:
        tried = [stated[field]] if field in stated else [c for c in (theirs.get(field), field) if c]
        found[field] = next((c for c in tried if c in obs.columns), None)
        if field in stated and found[field] is None:
            mend = f"its columns are {first(obs.columns, 8)}"
            raise InputError(f"has no column '{stated[field]}'", where=where, mend=mend)
    if found["perturbation"] is None:
        mend = f"name the column with the labels '{design.perturbation}' (its columns are {first(obs.columns, 8)})"
        raise InputError("has no column of perturbation labels", where=where, mend=mend)
    read = ", ".join(f"{field} from '{column}'" for field, column in found.items() if column)
    return found, [f"read {read}"]


def code_rows(
    obs: pd.DataFrame, design: Design, fields: Mapping[str, str | None], layout: PredictionFormat, where: str
) -> tuple[RowTable, NDArray[np.int64], list[str]]:
    """Code the rows by condition; controls and unlabelled rows are left out and counted."""
    own = replace(
        design,
        perturbation=str(fields["perturbation"]),
        context=fields["context"],
        dose=fields["dose"],
        time=fields["time"],
        batch=None,
        modality=None,
        annotation={},
        rows=Rows.EFFECTS,
        context_name=layout.context or design.context_name,
    )
    blank = obs[own.perturbation].astype(str).str.strip().isin(MISSING - set(design.control))
    labelled = make_table(obs.loc[~blank], own, where=where)
    at = np.flatnonzero(~blank.to_numpy())
    use, controls = labelled.table.condition >= 0, int((labelled.table.condition == CONTROL).sum())
    notes = [sentence for sentence, _ in labelled.notes]
    if blank.any():
        notes.append(f"{int(blank.sum())} rows without a label were left out")
    notes += [f"{n} rows without a label in '{column}' were left out" for column, n in labelled.missing.items()]
    if controls:
        notes.append(f"{controls} control rows were left out: controls come from the screen")
    if not use.any():
        raise InputError("predicts nothing but controls", where=where, mend="hand in rows for the test conditions")
    codes = replace(labelled.table, condition=labelled.table.condition[use])
    return codes, at[use], notes


def _guess_space(values: Array | sp.csr_matrix) -> Space:
    data = values.data if sp.issparse(values) else values
    finite = data[np.isfinite(data)]
    below, above = -float(finite[finite < 0].sum()), float(finite[finite > 0].sum())
    if below > NEGATIVES.value * above or not above:
        return Space.DELTA  # zero throughout is no change, not a profile without any expression
    if below == 0 and (finite == np.round(finite)).all() and finite.max() > 1:
        return Space.COUNTS
    return Space.EXPRESSION


def _is_log(values: Array | sp.csr_matrix) -> bool:
    """Whether the values can be log1p of normalised counts: none below 0, none beyond any logarithm."""
    data = values.data if sp.issparse(values) else values
    finite = data[np.isfinite(data)]
    return bool(finite.size and finite.min() >= 0 and finite.max() <= LARGEST_LOG.value)


def _profiles(values: Array | sp.csr_matrix, code: NDArray[np.int32], n: int, space: Space, target_sum: float) -> Means:
    """Mean (of counts: pseudobulk) of each condition's rows, its sampling variance, and the number of rows."""
    if space is Space.COUNTS:
        return sampled_pseudobulks(values, code, n, target_sum)
    return sampled_means(values, code, n)
