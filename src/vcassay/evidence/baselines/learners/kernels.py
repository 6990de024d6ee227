"""Kernels between conditions: how alike perturbations, doses and contexts are."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vcassay.core import Conditions
from vcassay.evidence.baselines.baseline import Array
from vcassay.evidence.baselines.parts import incidence, sum_parts
from vcassay.evidence.baselines.task import Task


def perturbation_kernel(task: Task, a: Conditions, b: Conditions) -> tuple[Array, tuple[str, ...]]:
    """Likeness of perturbations: the parts they share, plus one linear kernel a block of prior features.

    Blocks are what `Task.features` holds: features handed in, annotated targets and mechanisms, and
    control co-expression of the perturbed gene. Each block is standardised on the training perturbations
    and scaled to a mean self-likeness of 1; a perturbation without features in a block is like nothing in it.

    Returns
    -------
    (n, m) kernel, and the names of the blocks in use.
    """
    place = {part: i for i, part in enumerate(sorted({part for parts in b.parts for part in parts}))}
    kernel = (incidence(a, place).minimum(1.0) @ incidence(b, place).minimum(1.0).T).toarray()
    names = ["identity"]
    for name, x, y in _blocks(task, a, b):
        kernel += x @ y.T
        names.append(name)
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
        d2 = _squared_distances(np.array([task.controls[c] for c in known]))
        width = _squared_distances(np.array([task.controls[c] for c in trained]))
        typical = float(np.median(width[np.triu_indices(len(trained), 1)]))
        at = np.array([position[c] for c in known])
        if typical > 0:
            kernel[np.ix_(at, at)] = np.exp(-d2 / typical)
    rows = [position[c] for c in a.context.tolist()]
    columns = [position[c] for c in b.context.tolist()]
    return np.asarray(kernel[np.ix_(rows, columns)])


def _squared_distances(x: Array) -> Array:
    norm = (x * x).sum(axis=1)
    return np.asarray(np.maximum(norm[:, None] + norm[None, :] - 2.0 * x @ x.T, 0.0))


def _blocks(task: Task, a: Conditions, b: Conditions) -> list[tuple[str, Array, Array]]:
    """Prior features of the conditions of two tables, block by block; those that tell nothing apart are left out."""
    tables = (a, b, task.train)
    raw = [(f.name, [sum_parts(f, t) for t in tables]) for f in task.features]
    return [block for name, matrices in raw if (block := _standardised(name, *matrices)) is not None]


def _standardised(name: str, a: Array, b: Array, train: Array) -> tuple[str, Array, Array] | None:
    """Scale a block; ``None`` if it tells training perturbations apart in nothing."""
    have: NDArray[np.bool_] = np.asarray(train.any(axis=1))
    if have.sum() < 2:
        return None
    centre, spread = train[have].mean(axis=0), train[have].std(axis=0)
    use = spread > 0
    if not use.any():
        return None

    def scale(x: Array) -> Array:
        filled = np.asarray(x[:, use].any(axis=1))[:, None]  # what only a test compound has tells nothing of it
        return np.where(filled, (x[:, use] - centre[use]) / spread[use], 0.0)

    size = float((scale(train[have]) ** 2).sum(axis=1).mean())
    return name, scale(a) / np.sqrt(size), scale(b) / np.sqrt(size)


def _dose_likeness(a: Conditions, b: Conditions) -> Array:
    """Gaussian of the distance in log10 dose, one decade wide; 1 where a dose is missing."""
    with np.errstate(divide="ignore", invalid="ignore"):
        gap = np.log10(a.dose)[:, None] - np.log10(b.dose)[None, :]
    return np.where(np.isfinite(gap), np.exp(-0.5 * gap**2), 1.0)
