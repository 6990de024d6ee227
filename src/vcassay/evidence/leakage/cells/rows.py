"""L12: the same row of the matrix, or the same row name, in training and in test."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from vcassay.arrays.accumulate import row_hashes
from vcassay.arrays.scaled_hashes import scaled_hashes
from vcassay.arrays.shards import hash_names
from vcassay.arrays.threads import in_threads
from vcassay.claim import Role, Split
from vcassay.core import Finding, Status, Threshold
from vcassay.core.affected import Affected, affected_where
from vcassay.core.errors import first
from vcassay.core.wording import plural
from vcassay.evidence.leakage.check import EVIDENCE_ROWS, check, finding
from vcassay.evidence.leakage.refusal import not_comparable, too_few
from vcassay.screen import CONTROL, Readout, Rows, Screen

MIN_NONZERO_COUNTS = Threshold(
    "rows_min_nonzero", 50, "at one bit a gene, 2^-50 for a pair: below 1e-4 for 1e5 x 1e5 rows with small counts"
)
MIN_NONZERO_VALUES = Threshold("rows_min_values", 12, "at five bits a continuous value, 2^-60 for a pair of rows")
QUESTION = "Were test rows, under any name, among the training rows; and can rows be handed in with all genes?"
NAMES_AT_ONCE = 100_000
"""Names that are hashed at a time, so that memory stays that of the hashes."""

Mask = NDArray[np.bool_]
Index = NDArray[np.int64]
Hashes = NDArray[np.uint64]


class Content(NamedTuple):
    """Hash of each row's non-zero values with their genes, the same up to a factor, and the number of these values."""

    hashes: Hashes
    scaled: Hashes
    nonzero: NDArray[np.int32]


def hash_content(screen: Screen) -> Content:
    """Hash every row of a screen in one pass, whatever the order of genes; memory is that of the hashes."""
    genes = hash_names(screen.genes, 0)
    n = screen.n_rows
    content = Content(np.empty(n, np.uint64), np.empty(n, np.uint64), np.empty(n, np.int32))
    logged = screen.design.readout is Readout.LOGNORM
    for start, block in screen.chunks():
        csr = sp.csr_matrix(block)
        data = csr.data if csr.data.dtype.itemsize < 8 else csr.data.astype(np.float32)
        in_threads(_hash_rows, csr.shape[0], start, data, csr.indices, csr.indptr, genes, logged, content)
    return content


def _hash_rows(
    first: int,
    last: int,
    start: int,
    data: NDArray[Any],
    indices: NDArray[Any],
    indptr: NDArray[Any],
    genes: Hashes,
    logged: bool,  # noqa: FBT001
    content: Content,
) -> None:
    """Hash some rows of a block that begins at row ``start``."""
    ends, at = indptr[first : last + 1], slice(start + first, start + last)
    content.hashes[at], content.nonzero[at] = row_hashes(data, indices, ends, genes)
    content.scaled[at] = scaled_hashes(data, indices, ends, genes, logged=logged)


def hash_row_names(screen: Screen) -> Hashes:
    """(rows,) hashes of row names, with the batch where there is a column of it: libraries may share barcodes."""
    names = screen.adata.obs_names
    parts = [
        hash_names(np.asarray(names[i : i + NAMES_AT_ONCE], dtype=str), 0)
        for i in range(0, screen.n_rows, NAMES_AT_ONCE)
    ]
    hashes = np.concatenate([np.empty(0, np.uint64), *parts])
    if screen.design.batch is None:
        return hashes
    library = hash_names(np.asarray([*screen.table.batches, ""], dtype=str), 1)
    return np.asarray(hashes ^ library[screen.table.batch])


class Copies(NamedTuple):
    """Rows on one side that equal a row on the other: their positions, and one partner of each."""

    row: Index
    partner: Index


def find_copies(hashes: Hashes, test: Mask, train: Mask) -> Copies:
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

    Where a condition has rows on both sides and the split lists them, each row is on its own. Where they are dealt by
    shards, both masks are all rows in use, and what counts is any row that occurs twice.
    """
    condition, n = screen.table.condition, len(screen.conditions)
    at = screen.conditions.locate(split.conditions)
    is_test, is_train, both = (np.zeros(n + 2, dtype=bool) for _ in range(3))  # rows left out and controls: from behind
    is_test[at[at >= 0]] = split.roles[at >= 0] == Role.TEST
    is_train[at[at >= 0]] = np.isin(split.roles[at >= 0], [Role.TRAIN.value, Role.VAL.value])
    is_train[CONTROL] = True
    both[at[split.both_sides][at[split.both_sides] >= 0]] = True
    test, train, parted = is_test[condition], is_train[condition], both[condition]
    if screen.held_out is not None:
        return np.asarray(test & ~(parted & ~screen.held_out)), np.asarray(train | (parted & ~screen.held_out))
    if split.test_shards:
        test = train = test | train
    return np.asarray(test), np.asarray(train)


@check("L12", title="Same rows in training and test", blocks=True, source="duplicated cells across folds; VCBench")
def copied_rows(screen: Screen, split: Split) -> Finding:
    """No test row equals a training or control row, not even up to a factor; no row name occurs on both sides.

    FAIL where one does in every value, or in every value relative to their mean (a copy that was normalised to another
    depth; of log-normalised values before the logarithm). Genes go by their names, in whatever order they are stored.
    Not found are rows that were changed otherwise: thinned, noise added, given to other genes, counts beside their
    logarithms. Rows with too few non-zero values to rule out chance are not compared. WARN where test rows equal each
    other, and are scored twice, or where a name (with its batch, where there is a column of it) occurs on both sides
    with other content. UNKNOWN where the split names no training conditions or less than half of the rows
    could be compared, NA where rows are no cells or replicates.
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
    n, compared = int(test.sum()), test & enough
    if not compared.any() or not (train & enough).any():
        reason = f"no {'training' if compared.any() else 'test'} row has {least.value:g} non-zero values"
        return finding("L12", Status.NA, f"Not measurable: {reason}, so that rows could be equal by chance.")
    m = int(compared.sum())
    base = f"{m:,} of {plural(n, 'test row')} compared (at least {least.value:g} non-zero values)"
    exact = find_copies(content.hashes, compared, train & enough)
    copies = find_copies(content.scaled, compared, train & enough)
    copies = _joined(exact, copies)
    share = len(copies.row) / m
    more: dict[str, Any] = {"value": share, "null": 0.0, "threshold": 0.0}
    more["affected"] = _affected(screen, split, compared, copies.row)
    if len(copies.row):
        scaled = len(copies.row) - len(exact.row)
        how = "in every value" if not scaled else f"in every value ({scaled:,} of them up to a factor)"
        some = first(_names(screen, copies.row[:4]), 3)
        sentence = (
            f"{plural(len(copies.row), 'test row')} ({share:.1%}) equal to a training or control row {how} ({some})"
        )
        remedy = "Remove the copies from training, train again and score again."
        evidence = _evidence(screen, copies, content)
        return finding("L12", Status.FAIL, f"{sentence}; {base}.", evidence=evidence, remedy=remedy, **more)
    both = find_copies(hash_row_names(screen), test, train)
    twice = Copies(both.row[:0], both.row[:0])
    if test is not train:
        twice = _joined(*(find_copies(h, compared, compared) for h in (content.hashes, content.scaled)))
    if not len(both.row) and not len(twice.row) and too_few(m, n):
        sentence = f"Of the few rows that could be compared none equals a training or control row; {base}."
        return finding("L12", Status.UNKNOWN, sentence, question=QUESTION, **more)
    if not len(both.row) and not len(twice.row):
        return finding("L12", Status.PASS, f"No test row equals a training or control row; {base}.", **more)
    said, remedies = [], []
    if len(twice.row):
        some = first(_names(screen, twice.row[:4]), 3)
        said.append(
            f"{plural(len(twice.row), 'test row')} ({len(twice.row) / m:.1%}) equal to another test row ({some})"
        )
        remedies.append("Score each cell once: remove rows that repeat another.")
    if len(both.row):
        some = first(_names(screen, both.row[:4]), 3)
        said.append(f"{plural(len(both.row), 'row name')} found in training and in test ({some})")
        remedies.append("Make row names unique (barcode and library): shards are dealt by name.")
    evidence = [*_evidence(screen, twice, content), *_evidence(screen, both, content)]
    sentence = f"No test row equals a training or control row, but {' and '.join(said)}; {base}."
    return finding("L12", Status.WARN, sentence, evidence=evidence, remedy=" ".join(remedies), **more)


def _joined(exact: Copies, scaled: Copies) -> Copies:
    """Exact copies, then those up to a factor."""
    more = ~np.isin(scaled.row, exact.row)
    return Copies(*(np.concatenate([a, b[more]]) for a, b in zip(exact, scaled, strict=True)))


def _affected(screen: Screen, split: Split, compared: Mask, copies: Index) -> Affected:
    """Test conditions that hold copies; unknown where none of their rows could be compared."""
    n, condition = len(screen.conditions), screen.table.condition
    at = screen.conditions.locate(split.conditions.take(split.test))
    touched, known = (
        np.bincount(c[c >= 0], minlength=n)[np.maximum(at, 0)] > 0 for c in (condition[copies], condition[compared])
    )
    return affected_where("that hold copies of training rows", touched & (at >= 0), known & (at >= 0))


def _names(screen: Screen, rows: Index) -> list[str]:
    return [str(name) for name in screen.adata.obs_names[rows]]


def _evidence(screen: Screen, copies: Copies, content: Content) -> list[Mapping[str, Any]]:
    row, partner = copies.row[:EVIDENCE_ROWS], copies.partner[:EVIDENCE_ROWS]
    ids = [*screen.conditions.ids, "control"]
    of_row = [ids[c] for c in np.maximum(screen.table.condition[row], CONTROL)]
    of_partner = [ids[c] for c in np.maximum(screen.table.condition[partner], CONTROL)]
    exact = (content.hashes[row] == content.hashes[partner]).tolist()
    scaled = (content.scaled[row] == content.scaled[partner]).tolist()
    same = ["values" if e else "values up to a factor" if s else "name" for e, s in zip(exact, scaled, strict=True)]
    columns = (_names(screen, row), of_row, _names(screen, partner), of_partner, same, content.nonzero[row].tolist())
    keys = ("row", "condition", "equals row", "of condition", "in", "non-zero values")
    return [dict(zip(keys, values, strict=True)) for values in zip(*columns, strict=True)]
