"""L12: the same row of the matrix, or the same row name, in training and in test."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from vcassay.arrays.accumulate import row_hashes
from vcassay.arrays.shards import hash_names
from vcassay.claim import Role, Split
from vcassay.core import Finding, Status, Threshold
from vcassay.core.errors import first
from vcassay.evidence.leakage.check import EVIDENCE_ROWS, check, finding, not_comparable, plural
from vcassay.screen import CONTROL, Readout, Rows, Screen

MIN_NONZERO_COUNTS = Threshold(
    "rows_min_nonzero", 50, "at one bit a gene, 2^-50 for a pair: below 1e-4 for 1e5 x 1e5 rows with small counts"
)
MIN_NONZERO_VALUES = Threshold("rows_min_values", 12, "at five bits a continuous value, 2^-60 for a pair of rows")

Mask = NDArray[np.bool_]
Index = NDArray[np.int64]


class Content(NamedTuple):
    """Hash of each row's non-zero values with their genes, and the number of these values."""

    hashes: NDArray[np.uint64]
    nonzero: Index


def hash_content(screen: Screen) -> Content:
    """Hash every row of a screen in one pass, whatever the order of genes.

    Returns
    -------
    (rows,) hashes and (rows,) numbers of non-zero values.
    """
    genes = hash_names(screen.genes, 0)
    hashes = np.empty(screen.n_rows, dtype=np.uint64)
    nonzero = np.empty(screen.n_rows, dtype=np.int64)
    for start, block in screen.chunks():
        csr = sp.csr_matrix(block)
        stop = start + csr.shape[0]
        data, at, ends = csr.data.astype(np.float64), csr.indices.astype(np.int32), csr.indptr.astype(np.int32)
        hashes[start:stop], nonzero[start:stop] = row_hashes(data, at, ends, genes)
    return Content(hashes, nonzero)


class Copies(NamedTuple):
    """Rows on one side that equal a row on the other: their positions, and one partner of each."""

    row: Index
    partner: Index


def find_copies(hashes: NDArray[np.uint64], test: Mask, train: Mask) -> Copies:
    """Find test rows whose hash a training row has, too.

    Parameters
    ----------
    hashes
        (rows,) of the content or of the name.
    test, train
        (rows,) masks. Where they are the same rows, a row is a copy if an earlier row equals it.
    """
    at_test, at_train = np.flatnonzero(test), np.flatnonzero(train)
    known, where = np.unique(hashes[at_train], return_index=True)
    if not len(known):
        return Copies(at_test[:0], at_train[:0])
    place = np.minimum(np.searchsorted(known, hashes[at_test]), len(known) - 1)
    partner = at_train[where[place]]
    hit = (known[place] == hashes[at_test]) & (partner != at_test)
    return Copies(at_test[hit], partner[hit])


def row_roles(screen: Screen, split: Split) -> tuple[Mask, Mask]:
    """(rows,) masks of test rows, and of training rows with the controls.

    In a random-cell split the cells of every condition are on both sides: both masks are all rows
    in use, and what counts is any row that occurs twice.
    """
    condition = screen.table.condition
    role = np.full(len(screen.conditions), Role.EXCLUDED.value, dtype="<U8")
    at = screen.conditions.locate(split.conditions)
    role[at[at >= 0]] = split.roles[at >= 0]
    of_row = np.where(condition >= 0, role[np.maximum(condition, 0)], "")
    if split.test_shards:
        used = (of_row == Role.TEST) | (condition == CONTROL)
        return used, used
    train = np.isin(of_row, [Role.TRAIN.value, Role.VAL.value]) | (condition == CONTROL)
    return np.asarray(of_row == Role.TEST), np.asarray(train)


@check("L12", title="Same rows in training and test", blocks=True, source="duplicated cells across folds; VCBench")
def copied_rows(screen: Screen, split: Split) -> Finding:
    """No test row equals a training or control row in all its values; no row name occurs on both sides.

    Rows with too few non-zero values to rule out chance are not compared. A name that occurs twice
    with other content is a warning: barcodes of different libraries may agree.
    """
    if (stop := not_comparable("L12", split)) is not None:
        return stop
    if screen.design.rows is Rows.EFFECTS:
        return finding("L12", Status.NA, "Not measurable: rows are ready-made effects, not cells or replicates.")
    per_condition = np.bincount(screen.table.condition[screen.table.condition >= 0])
    if per_condition.max(initial=0) <= 1:
        return finding("L12", Status.NA, "Not measurable: there is one row a condition, not its cells or replicates.")
    test, train = row_roles(screen, split)
    content = hash_content(screen)
    counts = screen.design.readout in (Readout.COUNTS, Readout.LOGNORM)
    least = MIN_NONZERO_COUNTS if counts else MIN_NONZERO_VALUES
    enough = content.nonzero >= least.value
    n, compared = int(test.sum()), int((test & enough).sum())
    if not compared or not (train & enough).any():
        reason = f"no {'test' if not compared else 'training'} row has {least.value:g} non-zero values"
        return finding("L12", Status.NA, f"Not measurable: {reason}, so that rows could be equal by chance.")
    copies = find_copies(content.hashes, test & enough, train & enough)
    names = hash_names(np.asarray(screen.adata.obs_names, dtype=str), 0)
    same_name = find_copies(names, test, train)
    base = f"{compared:,} of {plural(n, 'test row')} compared (at least {least.value:g} non-zero values)"
    share = len(copies.row) / compared
    if len(copies.row):
        sentence = (
            f"{plural(len(copies.row), 'test row')} ({share:.1%}) equal to a training or control row in every value "
            f"({first(_names(screen, copies.row[:4]), 3)}); {base}."
        )
        remedy = "Remove the copies from training, train again and score again."
        evidence, status = _evidence(screen, copies, content), Status.FAIL
    elif len(same_name.row):
        sentence = (
            f"No row is copied, but {plural(len(same_name.row), 'row name')} occur in training and in test "
            f"({first(_names(screen, same_name.row[:4]), 3)}); {base}."
        )
        remedy = "Make row names unique (barcode and library): shards are dealt by name."
        evidence, status = _evidence(screen, same_name, content), Status.WARN
    else:
        sentence, remedy = f"No test row equals a training or control row; {base}.", ""
        evidence, status = [], Status.PASS
    return finding("L12", status, sentence, value=share, null=0.0, threshold=0.0, evidence=evidence, remedy=remedy)


def _names(screen: Screen, rows: Index) -> list[str]:
    return [str(name) for name in np.asarray(screen.adata.obs_names)[rows]]


def _evidence(screen: Screen, copies: Copies, content: Content) -> list[Mapping[str, Any]]:
    row, partner = copies.row[:EVIDENCE_ROWS], copies.partner[:EVIDENCE_ROWS]
    ids = [*screen.conditions.ids, "control"]
    of_row = [ids[c] for c in np.maximum(screen.table.condition[row], CONTROL)]
    of_partner = [ids[c] for c in np.maximum(screen.table.condition[partner], CONTROL)]
    columns = (_names(screen, row), of_row, _names(screen, partner), of_partner, content.nonzero[row].tolist())
    keys = ("row", "condition", "equals row", "of condition", "non-zero values")
    return [dict(zip(keys, values, strict=True)) for values in zip(*columns, strict=True)]
