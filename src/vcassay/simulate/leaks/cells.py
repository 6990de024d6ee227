"""Leaks through the cells, labels and features of a screen."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import scipy
from numpy.random import Generator

from vcassay.claim import Role, Split
from vcassay.core import InputError
from vcassay.screen import CONTROL, make_screen
from vcassay.simulate.cells import barcodes
from vcassay.simulate.features import Features
from vcassay.simulate.leaks.rebuild import ROLE_DTYPE, join, plain, rows_of, subset, with_nulls, with_rows
from vcassay.simulate.perturbagens import DRUG
from vcassay.simulate.simulation import Simulation, make_adata

VEHICLE = "vehicle-treated"
"""Name under which controls pass for a drug."""
FEWEST_CELLS = 8


def cell_counts_follow_effect(simulation: Simulation, rng: Generator, *, amount: float = 0.6) -> Simulation:
    """Remove cells of conditions by the rank of their true effect, as toxic perturbations do (L20).

    The strongest condition keeps ``1 - amount`` of its cells, the weakest all; at least 8 stay.
    """
    truth, table = simulation.truth, simulation.screen.table
    rank = np.argsort(np.argsort(truth.magnitude, kind="stable"), kind="stable") / max(len(truth.conditions) - 1, 1)
    share = (1 - amount * rank)[truth.conditions.locate(table.conditions)]
    keep = np.ones(simulation.screen.n_rows, dtype=bool)
    shuffled = rng.permutation(len(keep))
    order = shuffled[np.argsort(table.condition[shuffled], kind="stable")]
    order = order[table.condition[order] >= 0]
    condition = table.condition[order]
    sizes = np.bincount(condition, minlength=len(table.conditions))
    place = np.arange(len(order)) - (np.cumsum(sizes) - sizes)[condition]
    wanted = np.maximum(np.rint(share * sizes), np.minimum(sizes, FEWEST_CELLS))
    keep[order[place >= wanted[condition]]] = False
    return subset(simulation, keep)


def copied_cells(
    simulation: Simulation, split: Split, rng: Generator, *, amount: float = 0.2, factor: float = 1.0
) -> Simulation:
    """Copy the counts of test cells, times a factor, into training conditions, under new barcodes (L12).

    Each copy is labelled as a training condition of the same treatment in another context, or, where
    there is none, as any training condition.
    """
    screen = simulation.screen
    rows = rows_of(simulation, split, split.test)
    rows = np.sort(rng.permutation(rows)[: round(amount * len(rows))])
    if not len(rows):
        return simulation
    treatments = screen.conditions.treatments
    homes: dict[object, list[int]] = {}
    training = screen.conditions.locate(split.conditions.take(split.train))
    for c in training[training >= 0].tolist():
        homes.setdefault(treatments[c], []).append(c)
    everywhere = sorted(c for found in homes.values() for c in found)
    if not everywhere:
        raise InputError("the split has no training condition", where="copied_cells", mend="give another split")
    codes, where = np.unique(screen.table.condition, return_index=True)
    example = dict(zip(codes.tolist(), where.tolist(), strict=True))
    labels = [homes.get(treatments[c], everywhere) for c in screen.table.condition[rows].tolist()]
    models = [example[int(rng.choice(label))] for label in labels]
    obs = screen.adata.obs
    names = np.asarray(screen.adata.obs_names, dtype=str)
    added = obs.iloc[models].set_axis(pd.Index(barcodes(len(rows), rng, names)), axis=0)
    copies = make_adata(screen.adata.X[rows] * np.float32(factor), plain(added), screen.genes)
    return with_rows(simulation, copies)


def repeated_cells(simulation: Simulation, split: Split, rng: Generator, *, amount: float = 0.2) -> Simulation:
    """Repeat a share of the test cells with all their labels, under new barcodes: they are scored twice (L12)."""
    screen = simulation.screen
    rows = rows_of(simulation, split, split.test)
    rows = np.sort(rng.permutation(rows)[: round(amount * len(rows))])
    if not len(rows):
        return simulation
    names = barcodes(len(rows), rng, np.asarray(screen.adata.obs_names, dtype=str))
    again = screen.adata.obs.iloc[rows].set_axis(pd.Index(names), axis=0)
    return with_rows(simulation, make_adata(screen.adata.X[rows], plain(again), screen.genes))


def control_as_test(
    simulation: Simulation, split: Split, rng: Generator, *, amount: float = 0.25, dose: float = 5.0
) -> tuple[Simulation, Split]:
    """Relabel a share of the control cells of the test contexts as a drug, to be scored as test (L02).

    Their true effect is 0. The screen must have drugs, for the dose.
    """
    screen = simulation.screen
    if screen.design.dose is None:
        raise InputError("the screen has no doses", where="control_as_test", mend="simulate drugs")
    contexts = np.unique(split.conditions.context[split.test])
    obs = plain(screen.adata.obs)
    pool_context = np.asarray(screen.table.pool_context, dtype=str)[np.maximum(screen.table.pool, 0)]
    rows = np.flatnonzero((screen.table.condition == CONTROL) & np.isin(pool_context, contexts))
    rows = np.sort(rng.permutation(rows)[: round(amount * len(rows))])
    if not len(rows):
        return simulation, split
    at = obs.index[rows]
    obs.loc[at, "perturbation"], obs.loc[at, "modality"], obs.loc[at, "dose_uM"] = VEHICLE, DRUG, dose
    adata = make_adata(screen.adata.X, obs, screen.genes)
    made = make_screen(adata, screen.design, name=screen.name)
    new = made.conditions.take(made.conditions.perturbation == VEHICLE)
    truth = with_nulls(simulation.truth, new)
    conditions, old, _ = join(split.conditions, new)
    roles = np.full(len(conditions), Role.TEST.value, dtype=ROLE_DTYPE)
    roles[old] = split.roles
    return replace(simulation, screen=made, truth=truth), replace(split, conditions=conditions, roles=roles)


def batches_follow_split(
    simulation: Simulation, split: Split, rng: Generator | None = None, *, amount: float = 1.0
) -> Simulation:
    """Keep test cells only in the last batch and training cells only in the others (L13).

    For a share of the conditions; ``rng`` chooses them, if it is not all. Controls stay everywhere. The screen must
    have at least two batches.
    """
    screen = simulation.screen
    if len(screen.table.batches) < 2:
        raise InputError("the screen has one batch", where="batches_follow_split", mend="simulate n_batches=2")
    last = screen.table.batch == len(screen.table.batches) - 1
    keep = np.ones(screen.n_rows, dtype=bool)
    for index, own in ((split.test, last), (split.train, ~last)):
        order = index if rng is None else rng.permutation(index)
        rows = rows_of(simulation, split, np.sort(order[: round(amount * len(order))]))
        keep[rows] = own[rows]
    return subset(simulation, keep)


def batches_follow_effect(simulation: Simulation) -> Simulation:
    """Keep each perturbation in the batch of those that act alike, as plates made by mechanism do (L13m).

    Mean true effects are clustered by correlation (average linkage) into as many groups as there are batches;
    perturbations without any effect stay everywhere, as do controls.
    """
    screen, truth = simulation.screen, simulation.truth
    names, code = np.unique(truth.conditions.perturbation, return_inverse=True)
    mean = np.stack([truth.delta[code == j].mean(axis=0) for j in range(len(names))])
    acts = mean.any(axis=1)
    batch = np.full(len(names), -1)
    tree = scipy.cluster.hierarchy.linkage(mean[acts], "average", metric="correlation")
    batch[acts] = scipy.cluster.hierarchy.fcluster(tree, len(screen.table.batches), "maxclust") - 1
    own = batch[np.searchsorted(names, screen.conditions.perturbation)]
    own = np.where(screen.table.condition < 0, -1, own[np.maximum(screen.table.condition, 0)])
    return subset(simulation, (own < 0) | (own == screen.table.batch))


def response_features(simulation: Simulation, split: Split, *, amount: float = 1.0, columns: int = 20) -> Simulation:
    """Replace the prior features by ones made of the test responses themselves (L18).

    The features become the leading principal components of each perturbation's mean true effect
    over its test conditions, mixed with the old features (padded with zeros) by ``amount``.
    """
    truth, names = simulation.truth, simulation.features.names
    test = truth.conditions.locate(split.conditions.take(split.test))
    position = {name: i for i, name in enumerate(names)}
    total, n = np.zeros((len(names), len(truth.genes))), np.zeros(len(names))
    for i in test[test >= 0].tolist():
        parts = truth.conditions.parts[i]
        if len(parts) == 1:
            total[position[parts[0]]] += truth.delta[i]
            n[position[parts[0]]] += 1
    mean = total / np.maximum(n, 1)[:, None]
    u, s, _ = np.linalg.svd(mean - mean.mean(axis=0), full_matrices=False)
    d, old = min(columns, len(s)), simulation.features.matrix
    score = u[:, :d] * s[:d]
    mixed = np.zeros((len(names), max(d, old.shape[1])))
    mixed[:, :d] = amount * score / max(float(score.std()), np.finfo(float).tiny)
    mixed[:, : old.shape[1]] += (1 - amount) * old
    labels = tuple(f"feature_{i + 1}" for i in range(mixed.shape[1]))
    return replace(simulation, features=Features(names, labels, mixed))
