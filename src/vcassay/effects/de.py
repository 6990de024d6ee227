"""Differential expression of every condition against its controls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.special import ndtri

from vcassay.arrays.blocks import in_threads, n_threads
from vcassay.arrays.grouped import slot_moments
from vcassay.arrays.multiple import benjamini_hochberg_rows
from vcassay.arrays.ranksum import sweep
from vcassay.arrays.strata import Strata, arrange
from vcassay.arrays.transpose import LOG1P, PLAIN
from vcassay.arrays.welch import Welch, welch, welch_strata
from vcassay.core import InputError
from vcassay.core.errors import did_you_mean
from vcassay.effects.compared import Compared, chosen, of_adata, of_screen, readout_of, within_batch
from vcassay.effects.fold import Convention, convention_of, log2_fold
from vcassay.effects.slabs import row_totals, slabs
from vcassay.screen import LEFT_OUT, Readout, Screen, detect_readout, sample_rows

if TYPE_CHECKING:
    import anndata as ad

Array = NDArray[np.float64]
Codes = NDArray[np.int64]

TESTS = ("wilcoxon", "t", "t_overestim_var")


def de(
    adata: ad.AnnData | Screen,
    perturbation: str | None = None,
    control: str | Sequence[str] | None = None,
    test: str = "wilcoxon",
    *,
    context: str | None = None,
    batch: str | None = None,
    layer: str | None = None,
    genes: Sequence[str] | NDArray[np.bool_] | None = None,
    corr: str | None = None,
    convention: str = "vcassay",
    readout: str | None = None,
    target_sum: float | None = None,
    threads: int | None = None,
    block: int | None = None,
) -> pd.DataFrame:
    """Test every gene of every perturbation against its controls.

    Parameters
    ----------
    adata
        Cells or replicates: an AnnData in memory or backed, or a `Screen`, whose design then names the
        columns (all but ``batch``). A matrix on disk is read in slabs of genes (`vcassay.effects.slabs`).
    perturbation, control
        obs column, and its label or labels of controls; known labels (``control``, ``non-targeting``,
        ``DMSO``, ...) are tried if absent.
    test
        ``wilcoxon`` (rank sum, ties corrected), ``t`` (Welch) or ``t_overestim_var`` (Welch with the
        controls counted as no more than the perturbed cells, as scanpy has it).
    context, batch
        obs columns. Perturbations are tested within each context. With a batch they meet the controls of
        their own batch: van Elteren's test for ranks, a weighted difference of means for t. Cells of
        batches without controls take no part, which ``n_target`` shows.
    layer
        Layer to read instead of X.
    genes
        Names, or a mask, of the genes to test; p-values are adjusted over these.
    corr
        ``continuity`` or ``none``: continuity correction of the rank sum; the convention's if absent.
    convention
        ``vcassay``, ``cell-eval``, ``cell-eval2`` or ``scanpy``: formula of the fold change
        (`vcassay.effects.fold.log2_fold`), continuity correction, depth of counts; ``cell-eval2`` adjusts
        only the genes whose controls have a mean above 5 counts per million, and leaves others' ``padj`` NaN.
        scanpy's own default does not correct for ties; this does.
    readout
        ``counts``, ``lognorm`` or ``continuous``; told from the values if absent. Counts are ranked
        divided by their cell's total, in single precision; t tests take log1p of them scaled to the depth.
    target_sum
        Depth to which counts are scaled; the convention's if absent.
    threads, block
        Threads, and genes that a thread holds at a time. Neither changes a bit of the result.

    Returns
    -------
    One row a perturbation (within its context) and gene, in that order: ``perturbation``, ``context`` if
    there is a column of it (and ``dose``, ``time`` of a screen), ``gene``, ``statistic`` (Mann-Whitney's U, or
    t), ``z`` (signed; for t the normal quantile of its p-value), ``pvalue`` (two-sided), ``padj``
    (Benjamini-Hochberg within the perturbation), ``log2fc``, ``mean_target`` and ``mean_reference`` (what
    log2fc compares), ``n_target``, ``n_reference``. Tests and means are NaN where a perturbation has no
    controls, tests also, for t, with fewer than two cells on a side. A gene whose values are all equal has
    z = 0 and p = 1.

    Raises
    ------
    InputError
        If a column, label, layer, gene, test or convention does not exist, genes are listed twice, rows are
        ready-made effects, or a value is NaN.
    """
    rule = convention_of(convention)
    if test not in TESTS:
        raise InputError(f"there is no test '{test}'", where="de", mend=did_you_mean(test, TESTS))
    if corr not in (None, "continuity", "none"):
        raise InputError(f"there is no correction '{corr}'", where="de", mend="say continuity or none")
    rows = of_screen(adata) if isinstance(adata, Screen) else of_adata(adata, perturbation, control, context, layer)
    stratum = rows.pool if batch is None else within_batch(rows, batch)
    strata = arrange(np.where(stratum < 0, LEFT_OUT, rows.condition), np.maximum(stratum, 0), len(rows.labels))
    names, at = chosen(rows, genes)
    kind = readout_of(rows, readout)
    ask = _Ask(
        test=test,
        continuity=rule.continuity if corr is None else corr == "continuity",
        readout=kind,
        rule=rule,
        pooled=convention == "vcassay" and kind is Readout.COUNTS,
        target=rule.target_sum if target_sum is None else float(target_sum),
        threads=n_threads(threads),
        block=block,
    )
    found = _measure(rows.matrix, at, strata, ask, rows.where)
    fold, target, reference = log2_fold(convention, kind, found.target, found.reference)
    family = found.pvalue
    if rule.min_cpm and kind in (Readout.COUNTS, Readout.LOGNORM):
        family = np.where(_cpm(reference, rows, ask) > rule.min_cpm, found.pvalue, np.nan)
    values = {
        "statistic": found.statistic,
        "z": found.z,
        "pvalue": found.pvalue,
        "padj": _adjusted(family, ask.threads),
        "log2fc": fold,
        "mean_target": target,
        "mean_reference": reference,
    }
    return _table(rows.labels, names, values, _sizes(strata))


@dataclass(frozen=True, slots=True)
class _Ask:
    """What to compute."""

    test: str
    continuity: bool
    readout: Readout
    rule: Convention
    pooled: bool
    target: float
    threads: int
    block: int | None

    @property
    def kind(self) -> int:
        """Of which values means are taken."""
        if self.readout is Readout.COUNTS:
            return self.rule.counts
        return self.rule.lognorm if self.readout is Readout.LOGNORM else PLAIN


class _Found(NamedTuple):
    """(conditions, genes) test and means."""

    statistic: Array
    z: Array
    pvalue: Array
    target: Array
    reference: Array


def _measure(matrix: Any, at: Codes | None, strata: Strata, ask: _Ask, where: str) -> _Found:
    """Test slab by slab; ``at`` are the columns to test, in their order."""
    order = None if at is None else np.argsort(at)
    wanted = None if at is None else np.sort(at)
    depth = row_totals(matrix, where) if ask.readout is Readout.COUNTS else None
    parts = []
    for start, slab in slabs(matrix, where):
        part = slab
        if wanted is not None:
            part = slab[:, wanted[(wanted >= start) & (wanted < start + slab.shape[1])] - start]
        try:
            parts.append(_test(part, strata, depth, ask))
        except ValueError as error:
            raise InputError(str(error), where=where, mend="test a matrix of finite numbers, or fewer rows") from error
        del slab, part  # or they would stay in memory while the next slab is read
    found = parts[0] if len(parts) == 1 else _Found(*(np.concatenate(p, axis=1) for p in zip(*parts, strict=True)))
    if order is None or bool((np.diff(order) > 0).all()):
        return found
    back = np.argsort(order)
    return _Found(*(values[:, back] for values in found))


def _test(matrix: Any, strata: Strata, depth: Array | None, ask: _Ask) -> _Found:
    """Test the genes of one slab."""
    options: dict[str, Any] = {"depth": depth, "threads": ask.threads, "block": ask.block}
    target = ask.target if depth is not None else 1.0
    if ask.test == "wilcoxon":
        ranked, sums = sweep(matrix, strata, continuity=ask.continuity, target=target, kind=ask.kind, **options)
        return _Found(*ranked, *_means(strata, sums, depth, ask))
    log = LOG1P if depth is not None else PLAIN
    moments = slot_moments(matrix, strata, kind=log, target=target, **options)
    tested = _t_tests(strata, moments.sums, moments.squares, overestimate=ask.test == "t_overestim_var")
    sums = moments.sums
    if ask.kind != log:
        sums = slot_moments(matrix, strata, kind=ask.kind, target=target, **options).sums
    z = np.sign(tested.statistic) * -ndtri(0.5 * tested.pvalue)
    return _Found(tested.statistic, z, tested.pvalue, *_means(strata, sums, depth, ask))


def _means(strata: Strata, sums: Array, depth: Array | None, ask: _Ask) -> tuple[Array, Array]:
    """(conditions, genes) means of targets, and of controls weighted as the targets are spread over strata.

    With pooled counts a mean is the depth times counts over total, and a row weighs by its total.
    """
    size = strata.size.astype(np.float64)
    if ask.pooled and depth is not None:
        size = np.add.reduceat(depth[strata.rows], np.r_[0, np.cumsum(strata.size)[:-1]]) / ask.target
    slots = np.flatnonzero(strata.condition >= 0)
    condition, shape = strata.condition[slots], (strata.n_conditions, len(size))
    whole = np.bincount(condition, weights=size[slots], minlength=strata.n_conditions)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = size[slots] / whole[condition]
        of_target = sp.csr_matrix((1.0 / whole[condition], (condition, slots)), shape=shape)
        reference = strata.reference[slots]
        of_reference = sp.csr_matrix((share / size[reference], (condition, reference)), shape=shape)
    target, control = np.asarray(of_target @ sums), np.asarray(of_reference @ sums)
    absent = strata.strata_of == 0
    target[absent], control[absent] = np.nan, np.nan
    return target, control


def _t_tests(strata: Strata, sums: Array, squares: Array, *, overestimate: bool) -> Welch:
    """Welch's test of every condition; over strata where it has several with two rows on either side."""
    size = strata.size.astype(np.float64)[:, None]
    mean = sums / size
    with np.errstate(divide="ignore", invalid="ignore"):
        var = np.where(size > 1, squares / (size - 1), np.nan)
    out = Welch(*np.full((3, strata.n_conditions, sums.shape[1]), np.nan))
    slots = np.flatnonzero(strata.condition >= 0)
    alone = slots[strata.strata_of[strata.condition[slots]] == 1]
    control = strata.reference[alone]
    tested = welch(
        mean[alone], var[alone], size[alone], mean[control], var[control], size[control], overestimate=overestimate
    )
    for to, values in zip(out, tested, strict=True):
        to[strata.condition[alone]] = values
    for c in np.flatnonzero(strata.strata_of > 1):
        own = slots[strata.condition[slots] == c]
        own = own[(strata.size[own] > 1) & (strata.size[strata.reference[own]] > 1)]
        if not len(own):
            continue
        against = strata.reference[own]
        n1, n2 = size[own], size[own] if overestimate else size[against]
        tested = welch_strata(mean[own] - mean[against], n1 / n1.sum(), (var[own] / n1, var[against] / n2), (n1, n2))
        for to, value in zip(out, tested, strict=True):
            to[c] = value
    return out


def _cpm(reference: Array, rows: Compared, ask: _Ask) -> Array:
    """Mean counts per million of the controls, from their means of normalised counts."""
    if ask.readout is Readout.COUNTS:
        return reference * (1e6 / ask.target)
    total = rows.target_sum or detect_readout(sample_rows(rows.matrix)).target_sum
    return reference * (1e6 / (total or np.nansum(reference, axis=1, keepdims=True)))


def _adjusted(pvalue: Array, threads: int) -> Array:
    """Benjamini-Hochberg within each condition."""
    out = np.empty_like(pvalue)
    step = 16

    def work(start: int) -> None:
        out[start : start + step] = benjamini_hochberg_rows(pvalue[start : start + step])

    in_threads(work, range(0, len(pvalue), step), threads)
    return out


def _sizes(strata: Strata) -> tuple[Codes, Codes]:
    """(conditions,) perturbed rows that met controls, and these controls."""
    slots = np.flatnonzero(strata.condition >= 0)
    sizes = [
        np.bincount(strata.condition[slots], weights=strata.size[of], minlength=strata.n_conditions).astype(np.int64)
        for of in (slots, strata.reference[slots])
    ]
    return sizes[0], sizes[1]


def _table(
    labels: pd.DataFrame, genes: NDArray[np.str_], values: dict[str, Array], sizes: tuple[Codes, Codes]
) -> pd.DataFrame:
    """The long table: labels and genes as categories, values as they lie in memory."""
    n, g = len(labels), len(genes)
    columns: dict[str, Any] = {}
    for name in labels:
        column = labels[name]
        if isinstance(column.dtype, pd.CategoricalDtype):
            codes = np.repeat(column.cat.codes.to_numpy(), g)
            columns[str(name)] = pd.Categorical.from_codes(codes, dtype=column.dtype)
        else:
            columns[str(name)] = np.repeat(column.to_numpy(), g)
    small = np.int16 if g <= np.iinfo(np.int16).max else np.int32
    columns["gene"] = pd.Categorical.from_codes(np.tile(np.arange(g, dtype=small), n), categories=pd.Index(genes))
    columns |= {name: np.ascontiguousarray(value).reshape(-1) for name, value in values.items()}
    for name, size in zip(("n_target", "n_reference"), sizes, strict=True):
        columns[name] = np.repeat(size.astype(np.int32), g)
    return pd.DataFrame(columns, copy=False)
