"""Template: effects as mean + context + treatment + interaction, by least squares for all genes at once.

The shares of energy that the parts explain are covariances, not squares of fitted parts. Let the true
effects be t = m + a_c + b_p + e with interactions e that are independent of each other, T_k a part (m, a or b)
fitted on *other* conditions, and x a measurement of t whose cells and controls took no part in the fit. Then

    E <T_k, x> = <E T_k, t>,  and  sum over conditions of <T_k, t> / <t, t>

is the share of part k: what is wrong with the fitted part (its noise, the interactions that it averaged) is
independent of x and drops out, which it would not of <T_k, T_k> or of 1 - |t - T|^2 / |t|^2. The interaction has
the rest, 1 - the sum of the shares, so that shares add up to 1. With <t, t> from a product of split halves no
share contains noise; each is non-negative only up to its sampling error, and is not clipped.
"""

from __future__ import annotations

from typing import NamedTuple

import numba
import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components

from vcassay.arrays.threads import in_threads

Array = NDArray[np.float64]
Codes = NDArray[np.int64]

CHUNK = 4096
"""Rows whose influence is worked out at a time."""
GENES = 256
"""Genes whose sums are kept in cache at a time."""
SATURATED = 1e-9
"""A condition whose leverage is nearer to 1 is fitted by itself alone: no other tells of it."""


class Terms(NamedTuple):
    """Fitted parts of the template.

    Attributes
    ----------
    mean
        (g,) mean over contexts of the effect that an average treatment has there.
    context
        (contexts, g) difference of a context from that; they sum to zero.
    treatment
        (treatments, g) difference of a treatment from the average one; they sum to zero within each
        set of conditions that shared contexts or treatments connect.
    """

    mean: Array
    context: Array
    treatment: Array


class Design(NamedTuple):
    """Which treatments were measured in which contexts; make it with `make_design`.

    Attributes
    ----------
    context, treatment
        (n,) codes of each condition; every code from 0 up occurs.
    weights
        (n,) above 0.
    counts
        (contexts, treatments) sums of weights.
    inverse
        (contexts, contexts) inverse of the equations that are left for the contexts.
    component_context, component_treatment
        Connected component of each context and treatment.
    """

    context: Codes
    treatment: Codes
    weights: Array
    counts: Array
    inverse: Array
    component_context: Codes
    component_treatment: Codes


def make_design(context: NDArray[np.integer], treatment: NDArray[np.integer], weights: Array | None = None) -> Design:
    """Prepare the least squares of conditions on contexts and treatments.

    The normal equations are reduced to the contexts, whatever the number of treatments.

    Raises
    ------
    ValueError
        If there is no condition, a code does not occur, or a weight is not above 0.
    """
    c, t = np.asarray(context, dtype=np.int64), np.asarray(treatment, dtype=np.int64)
    w = np.ones(len(c)) if weights is None else np.asarray(weights, dtype=np.float64)
    if not len(c) or not (w > 0).all():
        raise ValueError("a template needs conditions, of weights above 0")
    shape = (int(c.max()) + 1, int(t.max()) + 1)
    counts: Array = (
        np.bincount(c * shape[1] + t, weights=w, minlength=shape[0] * shape[1]).astype(np.float64).reshape(shape)
    )
    if not (counts.any(axis=0).all() and counts.any(axis=1).all()):
        raise ValueError("every code of a context or treatment from 0 up must occur")
    joined = sp.block_array([[None, sp.csr_array(counts)], [sp.csr_array(counts.T), None]], format="csr")
    label = connected_components(joined, directed=False)[1].astype(np.int64)
    of_context, of_treatment = label[: shape[0]], label[shape[0] :]
    laplacian = np.diag(counts.sum(axis=1)) - (counts / counts.sum(axis=0)) @ counts.T
    # rows of ones within components make it regular and leave solutions that sum to zero as they are
    laplacian += (of_context[:, None] == of_context) * (counts.sum() / shape[0] ** 2)
    return Design(c, t, w, counts, np.linalg.inv(laplacian), of_context, of_treatment)


def fit_template(design: Design, values: Array, rows: NDArray[np.integer] | None = None) -> Terms:
    """Fit mean, context and treatment terms to each gene by weighted least squares.

    Parameters
    ----------
    values
        (m, g) effects; NaN counts as 0 (genes that are not scored).
    rows
        (n,) which rows of ``values`` are the design's conditions; all in order if ``None``.

    Returns
    -------
    `Terms`. What the conditions do not identify (differences between sets that share neither context
    nor treatment) is put into the contexts.
    """
    at = np.arange(len(design.context)) if rows is None else np.asarray(rows, dtype=np.int64)
    by_context = _sums(values, at, design.context, design.weights, design.counts.shape[0])
    by_treatment = _sums(values, at, design.treatment, design.weights, design.counts.shape[1])
    per_treatment = design.counts.sum(axis=0)[:, None]
    context = design.inverse @ (by_context - design.counts @ (by_treatment / per_treatment))
    treatment = (by_treatment - design.counts.T @ context) / per_treatment
    size = np.bincount(design.component_treatment).astype(np.float64)
    one = np.arange(len(size))[:, None] == design.component_treatment
    middle = (one.astype(np.float64) @ treatment) / size[:, None]
    treatment -= middle[design.component_treatment]
    context += middle[design.component_context]
    mean = context.mean(axis=0)
    return Terms(mean, context - mean, treatment)


def predict_template(terms: Terms, context: NDArray[np.integer], treatment: NDArray[np.integer]) -> Array:
    """(t, g) sum of the terms of each condition; what is unknown (code -1) adds 0."""
    out = np.tile(terms.mean, (len(context), 1))
    for codes, term in ((context, terms.context), (treatment, terms.treatment)):
        known = np.flatnonzero(codes >= 0)
        out[known] += term[codes[known]]
    return out


def part_products(
    terms: Terms,
    context: NDArray[np.integer],
    treatment: NDArray[np.integer],
    values: Array,
    mask: NDArray[np.bool_],
    rows: NDArray[np.integer] | None = None,
) -> Array:
    """Inner products over genes of each condition's values with its mean, context and treatment term.

    Parameters
    ----------
    context, treatment
        (t,) codes; -1 where unknown.
    values, mask
        (m, g) of which ``rows`` are taken; values outside the mask take no part.

    Returns
    -------
    (t, 3); 0 for an unknown term, NaN where a value on the mask is.
    """
    return _products(terms, context, treatment, values, values, mask, rows)[:, :3]


def left_out_products(
    design: Design,
    terms: Terms,
    fitted: Array,
    values: Array,
    mask: NDArray[np.bool_],
    rows: NDArray[np.integer] | None = None,
) -> Array:
    """Inner products as `part_products`, with terms fitted without the condition itself.

    From one fit: leaving condition i out moves the terms by its residual / (1 - leverage) times its
    influence on them, exactly.

    Parameters
    ----------
    fitted
        (m, g) what the terms were fitted to.
    values
        (m, g) another measurement of the same conditions.

    Returns
    -------
    (n, 3); NaN for a condition that is fitted by itself alone (its treatment, or its context, has no other).
    """
    found = _products(terms, design.context, design.treatment, values, fitted, mask, rows)
    weight = influence(design)
    leverage = weight.sum(axis=1)
    residual = found[:, 3] - found[:, :3].sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        moved = np.where(leverage < 1.0 - SATURATED, residual / (1.0 - leverage), np.nan)
    return np.asarray(found[:, :3] - weight * moved[:, None])


def influence(design: Design) -> Array:
    """(n, 3) change of a condition's own mean, context and treatment term by one unit of its value.

    The rows add up to the leverages.
    """
    per_treatment, n_contexts = design.counts.sum(axis=0), design.counts.shape[0]
    share = design.counts / per_treatment
    n_treatments = np.bincount(design.component_treatment)
    in_component = np.bincount(design.component_context)
    middle = share.sum(axis=1) / n_treatments[design.component_context]
    out = np.empty((len(design.context), 3))
    for start in range(0, len(out), CHUNK):
        c, t = design.context[start : start + CHUNK], design.treatment[start : start + CHUNK]
        w, at = design.weights[start : start + CHUNK], np.arange(len(c))
        direct = -share[:, t].T
        direct[at, c] += 1.0
        moved = direct @ design.inverse
        component = design.component_context[c]
        of_treatment = 1.0 / per_treatment[t] - (share[:, t].T * moved).sum(axis=1)
        average = 1.0 / (per_treatment[t] * n_treatments[component]) - moved @ middle
        mean = (moved.sum(axis=1) + in_component[component] * average) / n_contexts
        out[start : start + CHUNK, 0] = w * mean
        out[start : start + CHUNK, 1] = w * (moved[at, c] + average - mean)
        out[start : start + CHUNK, 2] = w * (of_treatment - average)
    return out


@numba.njit(cache=True, nogil=True)
def _sum_codes(first: int, last: int, values: Array, rows: Codes, code: Codes, weights: Array, out: Array) -> None:
    """Weighted sums of rows by code for blocks of genes, NaN as 0, each gene in the order of the rows."""
    for block in range(first, last):
        begin, end = block * GENES, min(values.shape[1], (block + 1) * GENES)
        for i in range(len(rows)):
            for j in range(begin, end):
                value = values[rows[i], j]
                if not np.isnan(value):
                    out[code[i], j] += weights[i] * value


def _sums(values: Array, rows: Codes, code: Codes, weights: Array, k: int) -> Array:
    out = np.zeros((k, values.shape[1]))
    in_threads(_sum_codes, -(-values.shape[1] // GENES), values, rows, code, weights, out)
    return out


@numba.njit(cache=True, nogil=True)
def _multiply(
    first: int,
    last: int,
    terms: tuple[Array, Array, Array],
    codes: tuple[Codes, Codes],
    values: Array,
    fitted: Array,
    mask: NDArray[np.bool_],
    rows: Codes,
    out: Array,
) -> None:
    mean, context, treatment = terms
    for i in range(first, last):
        row, c, t = rows[i], codes[0][i], codes[1][i]
        with_mean, with_context, with_treatment, with_fitted = 0.0, 0.0, 0.0, 0.0
        for j in range(values.shape[1]):
            if mask[row, j]:
                x = values[row, j]
                with_mean += mean[0, j] * x
                if c >= 0:
                    with_context += context[c, j] * x
                if t >= 0:
                    with_treatment += treatment[t, j] * x
                with_fitted += fitted[row, j] * x
        out[i, 0], out[i, 1], out[i, 2], out[i, 3] = with_mean, with_context, with_treatment, with_fitted


def _products(
    terms: Terms,
    context: NDArray[np.integer],
    treatment: NDArray[np.integer],
    values: Array,
    fitted: Array,
    mask: NDArray[np.bool_],
    rows: NDArray[np.integer] | None,
) -> Array:
    """(n, 4) products over the mask of values with mean, context and treatment term, and with what was fitted."""
    at = np.arange(len(context)) if rows is None else np.asarray(rows, dtype=np.int64)
    codes = np.asarray(context, dtype=np.int64), np.asarray(treatment, dtype=np.int64)
    out = np.empty((len(at), 4))
    parts = terms.mean[None], terms.context, terms.treatment
    in_threads(_multiply, len(at), parts, codes, values, fitted, mask, at, out)
    return out
