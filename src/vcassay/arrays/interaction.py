"""Interaction: what values hold beyond a term of their row's group and one of its item, gene by gene."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.template import Design, fit_template, predict_template

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

SETTLED = 1e-10
"""Change of what stands in for masked values, relative to the largest value, at which they are fitted."""
MOST = 200
"""Rounds of filling in masked values."""


def interaction(design: Design, values: Array, mask: Mask) -> Array:
    """Residuals of the least squares of values on contexts and treatments, for every gene.

    Values that are the sum of a term of the context and one of the treatment leave nothing.

    Parameters
    ----------
    values, mask
        (n, g) for the design's conditions; masked values take no part, and no row's terms rest on them (they are
        filled in by their own fit until it settles).

    Returns
    -------
    (n, g), 0 where masked.
    """
    # genes that never count, and those that always do, need no filling in
    some = np.flatnonzero(mask.any(axis=0) & ~mask.all(axis=0))
    filled = np.where(mask, values, 0.0)
    size = float(np.abs(filled).max(initial=0.0))
    own, counts = np.ascontiguousarray(filled[:, some]), mask[:, some]
    for _ in range(MOST if len(some) else 0):
        fit = _fit(design, own)
        change = float(np.abs(np.where(counts, 0.0, fit - own)).max(initial=0.0))
        own = np.where(counts, own, fit)
        if change <= SETTLED * size:
            break
    filled[:, some] = own
    return np.asarray(np.where(mask, filled - _fit(design, filled), 0.0))


def _fit(design: Design, values: Array) -> Array:
    return predict_template(fit_template(design, values), design.context, design.treatment)


def centre(values: Array, mask: Mask, group: NDArray[np.integer]) -> Array:
    """(n, g) values less the mean of their group over the mask; 0 where masked."""
    out = np.where(mask, values, 0.0)
    for c in np.unique(group):
        at = np.flatnonzero(group == c)
        count = mask[at].sum(axis=0)
        out[at] -= np.where(mask[at], out[at].sum(axis=0) / np.maximum(count, 1), 0.0)
    return out


def crossed(context: NDArray[np.integer], treatment: NDArray[np.integer]) -> NDArray[np.int64]:
    """Rows whose context has another such treatment and whose treatment has another such context."""
    rows = np.arange(len(context))
    while len(rows):
        c, t = np.bincount(context[rows]), np.bincount(treatment[rows])
        kept = rows[(c[context[rows]] > 1) & (t[treatment[rows]] > 1)]
        if len(kept) == len(rows):
            break
        rows = kept
    return rows
