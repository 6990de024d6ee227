"""Score: predicted against measured cells in a peer's profile, from two files to two tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anndata as ad
import numpy as np
import pandas as pd
import scipy.sparse as sp
from numpy.typing import NDArray

from vcassay.arrays.blocks import is_sparse
from vcassay.arrays.tiles import each
from vcassay.core import InputError
from vcassay.core.errors import did_you_mean, first
from vcassay.evidence.metrics.profiles import CONTROL, PROFILES, Cells, Outcome, Pair, Profile, run_profile
from vcassay.evidence.metrics.profiles.profile import NOT_PREDICTED
from vcassay.run.cache import whole
from vcassay.screen import Readout, detect_readout, guess_design, open_file, sample_rows
from vcassay.screen.coding import text_codes

Codes = NDArray[np.int64]

LEAST_SHARED = 0.5
"""Share of the measured genes that a prediction must have."""
PART = 1 << 18
"""Values that are looked at at once."""
COLUMNS = ["profile", "metric", "context", "perturbation", "value", "status"]


@dataclass(frozen=True, slots=True, eq=False)
class Scored:
    """What a profile says of two files.

    Attributes
    ----------
    scores
        One row a metric, context and perturbation: profile, metric, context, perturbation, value, status. A
        metric that a panel has one value of has an empty perturbation.
    summary
        One row a metric: metric, value (mean of contexts), n and n_undefined (rows with and without a value).
    columns
        Which obs column was what.
    notes
        What was guessed, mapped or left out.
    """

    profile: Profile
    scores: pd.DataFrame
    summary: pd.DataFrame
    columns: dict[str, str]
    notes: tuple[str, ...]

    @property
    def n_errors(self) -> int:
        """Rows whose metric crashed."""
        return int(self.scores["status"].str.startswith("error").sum())


@dataclass(frozen=True, slots=True, eq=False)
class _File:
    """Cells of one file, coded."""

    adata: ad.AnnData
    matrix: Any
    label: Codes
    labels: list[str]
    context: Codes
    contexts: list[str]
    where: str

    def codes(self, names: NDArray[np.str_], control: Sequence[str]) -> Codes:
        """(cells,) place among the names, `CONTROL`, or less for any other label."""
        place = pd.Index(names).get_indexer(pd.Index(self.labels, dtype=object)).astype(np.int64)
        place = np.where(place < 0, CONTROL - 1, place)
        place[np.isin(self.labels, control)] = CONTROL
        return np.append(place, CONTROL - 1)[self.label]


def score_files(
    pred: Path,
    real: Path,
    profile: str,
    perturbation: str | None = None,
    control: Sequence[str] | None = None,
    context: str | None = None,
) -> Scored:
    """Score predicted against measured cells.

    Parameters
    ----------
    pred, real
        .h5ad files (or zarr directories) with the same columns. Cells of the prediction in other genes' order are
        put into the truth's; genes that one file lacks are left out if half of the truth's remain.
    profile
        ``cell-eval``, ``vcc2026`` or ``scperteval``.
    perturbation, control, context
        obs columns, and the labels of controls; what is not named is guessed from the measured file. A
        context is guessed only if the perturbation is.

    Raises
    ------
    InputError
        If a file, column, label or profile is not there, no perturbation is in both, or values are not
        what the profile takes.
    """
    if profile not in PROFILES:
        raise InputError(f"there is no profile '{profile}'", where="--profile", mend=did_you_mean(profile, PROFILES))
    notes: list[str] = []
    opened = [open_file(path, backed=False)[0] for path in (real, pred)]
    design = _columns(opened[0], str(real), perturbation, control, context, notes)
    column, controls, group = design
    truth, answer = (_read(a, str(path), design) for a, path in zip(opened, (real, pred), strict=True))
    if not set(controls) & set(truth.labels):
        raise InputError(
            f"'{column}' has no control labelled {first(controls)}", where=str(real),
            mend=f"name it with --control; {did_you_mean(controls[0], truth.labels)}",
        )  # fmt: skip
    genes, matrices = _same_genes(truth, answer, notes)
    if profile == "scperteval" and detect_readout(sample_rows(matrices[0])).readout is Readout.COUNTS:
        notes.append("the values look like counts; scperteval takes them for log-normalised and so does its profile")
    rows: list[pd.DataFrame] = []
    totals: dict[str, list[float]] = {}
    scored = 0
    for name in truth.contexts:
        pair = _pair(truth, answer, matrices, genes, name, controls)
        scored += len(pair.predicted)
        outcomes = _outcomes(PROFILES[profile], pair)
        rows += [_rows(profile, name, pair, outcome) for outcome in outcomes]
        for outcome in outcomes:
            totals.setdefault(outcome.metric, []).append(outcome.total)
    if not scored:
        raise InputError(
            f"no perturbation of the measured file is in '{column}'", where=str(pred),
            mend=f"check the labels, such as {first(x for x in truth.labels if x not in controls)}",
        )  # fmt: skip
    extra = sorted(set(answer.labels) - set(truth.labels) - set(controls))
    if extra:
        notes.append(f"{len(extra)} predicted perturbations were not measured and are left out: {first(extra)}")
    scores = pd.concat(rows, ignore_index=True)
    columns = {"perturbation": column, "control": ", ".join(controls), **({"context": group} if group else {})}
    return Scored(PROFILES[profile], scores, _summary(scores, totals), columns, tuple(notes))


def write_scores(folder: Path, scored: Scored) -> tuple[Path, Path]:
    """Write ``scores.csv`` and ``summary.csv``, whole or not at all."""
    if folder.exists() and not folder.is_dir():
        raise InputError("is a file", where=str(folder), mend="name a directory with -o")
    folder.mkdir(parents=True, exist_ok=True)
    paths = (folder / "scores.csv", folder / "summary.csv")
    for path, table in zip(paths, (scored.scores, scored.summary), strict=True):
        with whole(path) as part:
            table.to_csv(part, index=False)
    return paths


def _columns(
    adata: ad.AnnData,
    where: str,
    perturbation: str | None,
    control: Sequence[str] | None,
    context: str | None,
    notes: list[str],
) -> tuple[str, tuple[str, ...], str | None]:
    """Column of the perturbation, labels of controls, column of the context; guessed where not named."""
    for column in (perturbation, context or None):
        if column is not None and column not in adata.obs:
            mend = did_you_mean(column, map(str, adata.obs.columns))
            raise InputError(f"obs has no column '{column}'", where=where, mend=mend)
    if perturbation is not None and control:
        return perturbation, tuple(control), context or None
    stated: dict[str, Any] = {}
    if perturbation is not None:
        stated["perturbation"] = perturbation
    if control:
        stated["control"] = tuple(control)
    if context is not None or perturbation is not None:
        stated["context"] = context or None
    design = guess_design(adata, where, stated).design
    if perturbation is None:
        notes.append(f"the perturbation was taken from obs column '{design.perturbation}'")
    if not control:
        notes.append(f"the controls were taken to be labelled {first(design.control)}")
    if "context" not in stated and design.context:
        notes.append(f"the context was taken from obs column '{design.context}'")
    return design.perturbation, tuple(design.control), design.context


def _read(adata: ad.AnnData, where: str, design: tuple[str, tuple[str, ...], str | None]) -> _File:
    """Check a file's columns and values."""
    column, control, group = design
    for name in (column, group):
        if name is not None and name not in adata.obs:
            mend = "give both files the same columns"
            raise InputError(f"obs has no column '{name}'", where=where, mend=mend)
    if adata.X is None:
        raise InputError("there is no X", where=where, mend="put the expression matrix into X")
    label, labels = text_codes(adata.obs[column], keep=control)
    context, contexts = np.zeros(adata.n_obs, np.int64), [""]
    if group is not None:
        context, contexts = text_codes(adata.obs[group])
    return _File(adata, _clean(adata.X, where), label, labels, context, contexts, where)


def _clean(matrix: Any, where: str) -> Any:
    """CSR without stored zeros, or dense; finite."""
    out: Any
    if is_sparse(matrix):
        out = sp.csr_matrix(matrix, copy=not isinstance(matrix, sp.csr_matrix))
        out.sum_duplicates()
        values = out.data
    else:
        values = out = np.asarray(matrix)
    finite, zeros = _looked_at(values)
    if not finite:
        raise InputError("X holds NaN or infinite values", where=where, mend="give a number for every gene and cell")
    if is_sparse(out) and zeros:
        out.eliminate_zeros()
    return out.astype(np.float32) if values.dtype in (np.float16, np.bool_) else out


def _looked_at(values: NDArray[Any]) -> tuple[bool, bool]:
    """Whether all values are finite, and whether some are zero; on all threads."""
    step = max(1, PART * len(values) // max(1, values.size))
    starts = range(0, len(values), step)
    finite, zeros = np.ones(len(starts), dtype=bool), np.zeros(len(starts), dtype=bool)

    def work(i: int) -> None:
        part = values[starts[i] : starts[i] + step]
        finite[i] = part.dtype.kind != "f" or bool(np.isfinite(part).all())
        zeros[i] = not bool(part.all())

    each(work, len(starts))
    return bool(finite.all()), bool(zeros.any())


def _same_genes(truth: _File, answer: _File, notes: list[str]) -> tuple[NDArray[np.str_], tuple[Any, Any]]:
    """Genes of both files in the truth's order, and both matrices in these genes."""
    a, b = (np.asarray(f.adata.var_names, dtype=str) for f in (truth, answer))
    if np.array_equal(a, b):
        return a, (truth.matrix, answer.matrix)
    for names, file in ((a, truth), (b, answer)):
        if len(np.unique(names)) != len(names):
            raise InputError("a gene is listed twice", where=file.where, mend="make the var_names unique")
    at = pd.Index(b).get_indexer(pd.Index(a))
    keep = np.flatnonzero(at >= 0)
    if len(keep) < LEAST_SHARED * len(a):
        raise InputError(
            f"only {len(keep):,} of the {len(a):,} measured genes are in it, which lacks {first(a[at < 0])}",
            where=answer.where, mend="name the genes alike in both files",
        )  # fmt: skip
    if len(keep) < len(a) or len(keep) < len(b):
        notes.append(f"{len(keep):,} genes are in both files; {len(a) - len(keep):,} measured ones are left out")
    else:
        notes.append("the predicted genes were put into the order of the measured ones")
    real = truth.matrix if len(keep) == len(a) else truth.matrix[:, keep]
    return a[keep], (real, answer.matrix[:, at[keep]])


def _pair(
    truth: _File, answer: _File, matrices: tuple[Any, Any], genes: NDArray[np.str_], name: str, control: Sequence[str]
) -> Pair:
    """Cells of one context."""
    rows = np.flatnonzero(truth.context == truth.contexts.index(name))
    used = np.unique(truth.label[rows])
    names = np.asarray([truth.labels[i] for i in used if i >= 0 and truth.labels[i] not in control], dtype=str)
    there = np.empty(0, dtype=np.int64)
    if name in answer.contexts:
        there = np.flatnonzero(answer.context == answer.contexts.index(name))
    cells = [
        Cells(matrix if len(at) == matrix.shape[0] else matrix[at], file.codes(names, control)[at])
        for file, matrix, at in zip((truth, answer), matrices, (rows, there), strict=True)
    ]
    of = f", context '{name}'" if name else ""
    return Pair(names, genes, cells[0], cells[1], truth.where + of, answer.where + of)


def _outcomes(profile: Profile, pair: Pair) -> list[Outcome]:
    """Run a profile, or say for every row why it cannot run."""
    why = ""
    if pair.real.n_control == 0:
        why = "undefined: the context has no measured control cells"
    elif not len(pair.predicted):
        why = f"undefined: {NOT_PREDICTED}"
    if not why:
        return run_profile(profile, pair)
    n = len(pair.names)
    return [
        Outcome(e.meta["metric"], np.empty(0) if e.meta["panel"] else np.full(n, np.nan),
                [] if e.meta["panel"] else [why] * n, np.nan, why)
        for e in profile.metrics
    ]  # fmt: skip


def _rows(profile: str, context: str, pair: Pair, outcome: Outcome) -> pd.DataFrame:
    """One metric's part of ``scores.csv``."""
    panel = not len(outcome.value) and len(pair.names) > 0
    values = {
        "profile": profile,
        "metric": outcome.metric,
        "context": context,
        "perturbation": [""] if panel else pair.names,
        "value": [outcome.total] if panel else outcome.value,
        "status": [outcome.total_status] if panel else outcome.status,
    }
    return pd.DataFrame(values, columns=COLUMNS)


def _summary(scores: pd.DataFrame, totals: dict[str, list[float]]) -> pd.DataFrame:
    """One row a metric; contexts weigh alike."""
    known = scores["status"].eq("ok").groupby(scores["metric"]).agg(["sum", "size"])
    rows = []
    for metric, values in totals.items():
        finite = [v for v in values if not np.isnan(v)]
        n, size = (int(known[name][metric]) for name in ("sum", "size"))
        rows.append((metric, float(np.mean(finite)) if finite else np.nan, n, size - n))
    return pd.DataFrame(rows, columns=["metric", "value", "n", "n_undefined"])
