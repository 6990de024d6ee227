"""Kernels between conditions: how alike perturbations, doses and contexts are."""

from __future__ import annotations

import numpy as np

from vcassay.claim.kind import modality_of
from vcassay.core import Conditions
from vcassay.evidence.baselines.baseline import Array
from vcassay.evidence.baselines.learners.design import feature_block
from vcassay.evidence.baselines.parts import incidence
from vcassay.evidence.baselines.task import Task


def perturbation_kernel(task: Task, a: Conditions, b: Conditions) -> tuple[Array, tuple[str, ...]]:
    """Likeness of perturbations: the parts they share, plus one linear kernel a block of prior features.

    Blocks are what `Task.features` holds: features handed in, annotated targets and mechanisms, and
    control co-expression of the perturbed gene. Each block is standardised on the training perturbations (columns of
    annotation, network and response keep their variances, see `feature_block`) and scaled to a mean self-likeness of
    1; a perturbation without features in a block is like nothing in it. Where training has several modalities,
    perturbations of the same one are alike in that.

    Returns
    -------
    (n, m) kernel, and the names of the blocks in use.
    """
    place = {part: i for i, part in enumerate(sorted({part for parts in b.parts for part in parts}))}
    kernel = (incidence(a, place).minimum(1.0) @ incidence(b, place).minimum(1.0).T).toarray()
    names = ["identity"]
    for i in range(len(task.features)):
        block = feature_block(task, i)
        if block is not None:
            x, y = (block.train if table is task.train else block.of(table) for table in (a, b))
            kernel += x @ y.T
            names.append(block.name)
    ways, others = (modality_of(table) for table in (a, b))
    if len(set(modality_of(task.train).tolist())) > 1:  # what compounds share, genes need not
        kernel += ways[:, None] == others
        names.append("modality")
    kernel *= _dose_likeness(a, b)
    return np.asarray(kernel / len(names)), tuple(names)


def context_kernel(task: Task, a: Conditions, b: Conditions) -> Array:
    """Likeness of contexts: a Gaussian of the distance between control profiles, 1 with itself.

    The width is the median distance between training contexts. Contexts without control profile are
    like themselves alone.
    """
    names = sorted(set(a.context.tolist()) | set(b.context.tolist()))
    trained = sorted(set(task.train.context.tolist()) & set(task.controls))
    position = {c: i for i, c in enumerate(names)}
    kernel = np.eye(len(names))
    known = [c for c in names if c in task.controls]
    if len(known) > 1 and len(trained) > 1:
        all_of, own = (np.array([task.controls[c] for c in names]) for names in (known, trained))
        d2, width = squared_distances(all_of, all_of), squared_distances(own, own)
        typical = float(np.median(width[np.triu_indices(len(trained), 1)]))
        at = np.array([position[c] for c in known])
        if typical > 0:
            kernel[np.ix_(at, at)] = np.exp(-d2 / typical)
    rows = [position[c] for c in a.context.tolist()]
    columns = [position[c] for c in b.context.tolist()]
    return np.asarray(kernel[np.ix_(rows, columns)])


def _dose_likeness(a: Conditions, b: Conditions) -> Array:
    """Gaussian of the distance in log10 dose, one decade wide; 1 where a dose is missing."""
    with np.errstate(divide="ignore", invalid="ignore"):
        gap = np.log10(a.dose)[:, None] - np.log10(b.dose)[None, :]
    return np.where(np.isfinite(gap), np.exp(-0.5 * gap**2), 1.0)


def squared_distances(x: Array, y: Array) -> Array:
    """(n, m) squared Euclidean distances of rows."""
    d2 = -2.0 * x @ y.T
    d2 += (x * x).sum(axis=1)[:, None]
    d2 += (y * y).sum(axis=1)
    return np.asarray(np.maximum(d2, 0.0, out=d2))
