"""L22: whether a model reconstructs the test cells better than it could cells that it has not seen."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import scipy
import scipy.sparse as sp
from numpy.typing import NDArray

from vcassay.claim import Role, Split
from vcassay.core import Finding, Status, Threshold
from vcassay.core.memo import once
from vcassay.core.wording import plural
from vcassay.evidence.leakage.check import check, finding
from vcassay.evidence.leakage.wording import p_text
from vcassay.prediction import Disclosure, Losses, Materials
from vcassay.screen import CONTROL, Screen

MEMORY_P = Threshold("memory_p", 0.01, "one-sided, units of what is held out (proposal)")
FEWEST_UNITS = Threshold("memory_fewest_units", 3, "a variance over reference units; below, p < .01 is out of reach")
FEWEST_CELLS = Threshold("memory_fewest_cells", 10, "cells on each side of a unit")
STRATA = 5
"""Bins of depth."""
ASK_UNSEEN = "Hand in the loss of perturbed cells that the model has not seen (conditions excluded from training)."

Array = NDArray[np.float64]
Codes = NDArray[np.int64]


def stratified_auc(first: Array, second: Array, first_stratum: Codes, second_stratum: Codes) -> float:
    """Probability that a value of the first group is below one of the second, within strata.

    Rank sum of each stratum (Mann and Whitney 1947), ties counted half, weighted by the product of its group sizes
    over their sum (van Elteren 1960). NaN if no stratum holds both.
    """
    total = weight = 0.0
    for s in np.intersect1d(first_stratum, second_stratum):
        a, b = first[first_stratum == s], second[second_stratum == s]
        ranks = scipy.stats.rankdata(np.concatenate([a, b]))[len(a) :]
        auc = (ranks.sum() - len(b) * (len(b) + 1) / 2) / (len(a) * len(b))
        w = len(a) * len(b) / (len(a) + len(b))
        total, weight = total + w * auc, weight + w
    return float(total / weight) if weight else float("nan")


class Contrast(NamedTuple):
    """Difference of means of two groups of units: estimate, 95 % interval, one-sided p that it is above 0."""

    difference: float
    low: float
    high: float
    p_value: float


def unit_contrast(test: Array, reference: Array) -> Contrast:
    """Student's t with pooled variance, which a single test unit allows; NaN with too few reference units."""
    n, m = len(test), len(reference)
    if not n or m < FEWEST_UNITS.value:
        return Contrast(np.nan, np.nan, np.nan, np.nan)
    freedom = n + m - 2
    squares = ((test - test.mean()) ** 2).sum() + ((reference - reference.mean()) ** 2).sum()
    error = float(np.sqrt(squares / freedom * (1 / n + 1 / m)))
    difference = float(test.mean() - reference.mean())
    if error == 0:
        return Contrast(difference, difference, difference, float(difference <= 0))
    half = float(scipy.stats.t.ppf(0.975, freedom)) * error
    return Contrast(
        difference, difference - half, difference + half, float(scipy.stats.t.sf(difference / error, freedom))
    )


@once
def row_depths(screen: Screen) -> Array:
    """(rows,) sum of each row, in one pass over the matrix for all models."""
    depth = np.empty(screen.n_rows)
    for start, block in screen.chunks():
        depth[start : start + block.shape[0]] = (
            np.asarray(block.sum(axis=1)).ravel() if sp.issparse(block) else block.sum(axis=1)
        )
    return depth


class Cells(NamedTuple):
    """Cells with a loss: rows of the screen, their losses, depths, condition and control pool."""

    row: Codes
    loss: Array
    depth: Array
    condition: Codes
    pool: Codes


def cells_with_loss(screen: Screen, losses: Losses) -> Cells:
    """Find the cells of a list in the screen, with their depth."""
    names = np.asarray(screen.adata.obs_names, dtype=str)
    order = np.argsort(losses.cells, kind="stable")
    place = np.minimum(np.searchsorted(losses.cells[order], names), len(order) - 1)
    known = (losses.cells[order][place] == names) & (screen.table.condition >= CONTROL)
    row = np.flatnonzero(known)
    depth, table = row_depths(screen), screen.table
    return Cells(
        row,
        losses.values[order][place[row]],
        depth[row],
        table.condition[row].astype(np.int64),
        table.pool[row].astype(np.int64),
    )


def unit_values(cells: Cells, unit: Codes, n_units: int) -> tuple[Array, Codes]:
    """How much lower losses of perturbed cells are than those of controls of their pool, unit by unit.

    Parameters
    ----------
    unit
        (cells,) unit of each perturbed cell; negative for controls and for cells of no unit.

    Returns
    -------
    (n_units,) probability that a perturbed cell's loss is below that of a control of its pool and depth bin, NaN
    where either side has too few cells, and (n_units,) perturbed cells.
    """
    control = cells.condition == CONTROL
    stratum = np.zeros(len(cells.row), dtype=np.int64)
    for pool in np.unique(cells.pool):
        at = np.flatnonzero(cells.pool == pool)
        edges = np.quantile(cells.depth[at], np.arange(1, STRATA) / STRATA)
        stratum[at] = pool * STRATA + np.searchsorted(edges, cells.depth[at])
    values, size = np.full(n_units, np.nan), np.zeros(n_units, dtype=np.int64)
    order = np.argsort(unit, kind="stable")
    bounds = np.searchsorted(unit[order], np.arange(n_units + 1))
    beside = {pool: np.flatnonzero(control & (cells.pool == pool)) for pool in np.unique(cells.pool).tolist()}
    for u in range(n_units):
        own = order[bounds[u] : bounds[u + 1]]
        size[u] = len(own)
        near = np.concatenate([beside[pool] for pool in np.unique(cells.pool[own]).tolist()] or [order[:0]])
        if min(len(own), len(near)) >= FEWEST_CELLS.value:
            values[u] = stratified_auc(cells.loss[own], cells.loss[near], stratum[own], stratum[near])
    return values, size


@check("L22", title="Memorised test cells", source="membership by loss: Yeom et al. 2018; difference in differences")
def memorised(screen: Screen, split: Split, disclosure: Disclosure, materials: Materials) -> Finding:
    """The model does not reconstruct perturbed test cells better than others of their quality.

    Per unit of what is held out (context or, where test contexts are trained, perturbation) the probability that a
    perturbed cell's loss is below that of a control of its pool and depth bin; over units, test against reference,
    one-sided t. The reference are units whose perturbed cells are in no training (excluded), or, without them,
    those of training: lower losses than theirs cannot come of never having been seen. WARN below `MEMORY_P`. As a
    model that memorised all cells alike would look calm against training units, calm is PASS only if the reference
    is unseen or the model has not seen the controls that it is compared with (``controls = "none"``), else UNKNOWN.
    NA where no losses are handed in, UNKNOWN where they are of too few cells.
    """
    if materials.losses is None:
        how = "hand in `losses`, a table of cell and loss, if the model has a likelihood or reconstructs"
        return finding("L22", Status.NA, f"Not measurable: no loss of single cells is handed in ({how}).")
    cells = cells_with_loss(screen, materials.losses)
    given = len(materials.losses.cells)
    base = f"{len(cells.row):,} of {plural(given, 'cell')} with a loss are in the screen"
    if not len(cells.row):
        return finding(
            "L22", Status.UNKNOWN, f"The losses cannot be used: {base}.", question="Name cells as the screen does."
        )
    what, unit, side, names = _units(screen, split, cells)
    values, size = unit_values(cells, unit, len(names))
    usable = np.isfinite(values)
    unseen = side == Role.EXCLUDED.value
    reference = unseen if (usable & unseen).sum() >= FEWEST_UNITS.value else side == Role.TRAIN.value
    test, other = usable & (side == Role.TEST.value), usable & reference
    contrast = unit_contrast(values[test], values[other])
    kind = "excluded" if reference is unseen else "training"
    counts = f"{plural(int(test.sum()), f'test {what}')} against {plural(int(other.sum()), f'{kind} {what}')}"
    evidence = [
        {what: names[u], "role": str(side[u]), "AUC": float(values[u]), "perturbed cells": int(size[u])}
        for u in np.argsort(-np.nan_to_num(values), kind="stable").tolist()
        if test[u] or other[u]
    ]
    more: dict[str, Any] = {"evidence": evidence, "threshold": MEMORY_P.value}
    if np.isnan(contrast.p_value):
        sentence = f"Losses are of too few cells: {counts}, {FEWEST_UNITS.value:g} references are needed; {base}."
        return finding("L22", Status.UNKNOWN, sentence, question=ASK_UNSEEN, **more)
    more |= {"value": contrast.p_value}
    effect = (
        f"a perturbed cell's loss is below a control's with probability {values[test].mean():.2f} in test and "
        f"{values[other].mean():.2f} in {kind}, difference {contrast.difference:+.2f} "
        f"({contrast.low:+.2f} to {contrast.high:+.2f}), {p_text(contrast.p_value)}, {counts}; {base}"
    )
    if contrast.p_value < MEMORY_P.value:
        remedy = "Ask whether these cells were in any training or pretraining, and score cells that cannot have been."
        return finding("L22", Status.WARN, f"Test cells are reconstructed too well: {effect}.", remedy=remedy, **more)
    if reference is unseen or disclosure.controls == "none":
        return finding("L22", Status.PASS, f"No sign that test cells were memorised: {effect}.", **more)
    sentence = f"Test cells are not reconstructed better than cells that were trained on, which tells little: {effect}."
    return finding("L22", Status.UNKNOWN, sentence, question=ASK_UNSEEN, **more)


def _units(screen: Screen, split: Split, cells: Cells) -> tuple[str, Codes, NDArray[np.str_], list[str]]:
    """What a unit is, (cells,) unit of each cell, and the role and name of each unit.

    A context or perturbation that is tested and has another role as well counts as tested with its test cells
    alone; one that is trained is no unseen reference.
    """
    conditions = screen.conditions
    role = np.full(len(conditions), Role.EXCLUDED.value, dtype="<U8")
    at = conditions.locate(split.conditions)
    role[at[at >= 0]] = split.roles[at >= 0]
    contexts = set(conditions.context[role == Role.TEST].tolist())
    trained = np.isin(role, [Role.TRAIN.value, Role.VAL.value])
    held_out = not contexts & set(conditions.context[trained].tolist())
    labels = conditions.context if held_out else conditions.perturbation
    side = np.where(role == Role.TEST, Role.TEST.value, np.where(trained, Role.TRAIN.value, Role.EXCLUDED.value))
    for label in np.unique(labels[side == Role.TRAIN]).tolist():
        side[(labels == label) & (side == Role.EXCLUDED)] = ""
    for label in np.unique(labels[side == Role.TEST]).tolist():
        side[(labels == label) & (side != Role.TEST)] = ""
    used = side != ""
    names, code = np.unique(labels[used], return_inverse=True)
    of_condition = np.full(len(conditions), -1, dtype=np.int64)
    of_condition[used] = code
    unit = np.where(cells.condition >= 0, of_condition[np.maximum(cells.condition, 0)], -1)
    sides = np.full(len(names), "", dtype="<U8")
    sides[code] = side[used]
    return ("context" if held_out else "perturbation"), unit, sides, names.tolist()
