"""Sabotage: a task with one input destroyed, so that what a baseline gains from it can be seen to go."""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from vcassay.core import Conditions, Threshold
from vcassay.evidence.baselines.task import Task
from vcassay.evidence.baselines.treatment import treatments
from vcassay.knowledge import Features

Codes = NDArray[np.int64]
Sabotage = Callable[[Task], Task]

LEAST_CONTEXTS = Threshold(
    "sabotage_least_contexts", 3, "which profile one or two contexts get in an exchange is chance (proposal)"
)


def exchange(groups: Sequence[Hashable], rng: Generator) -> Codes:
    """(n,) from where each item gets its value: another item of its own group, for every group of two or more.

    A random cyclic permutation of each group, so that nothing stays where it was.
    """
    source = np.arange(len(groups))
    members: dict[Hashable, list[int]] = {}
    for i, group in enumerate(groups):
        members.setdefault(group, []).append(i)
    for own in members.values():
        order = np.asarray(own)[rng.permutation(len(own))]
        source[order] = np.roll(order, 1)
    return source


def shuffled_perturbations(task: Task) -> Task:
    """Exchange the effects of training perturbations among each other, within context.

    Among conditions of one context, dose and time and as many partners; within the context where most are alone in
    that. What any condition's identity could tell is lost; means over contexts stay as they are.
    """
    table = task.train
    doses, times = np.nan_to_num(table.dose, nan=-1.0).tolist(), np.nan_to_num(table.time, nan=-1.0).tolist()
    parts = [len(p) for p in table.parts]
    fine = list(zip(table.context.tolist(), doses, times, parts, strict=True))
    size = Counter(fine)
    lonely = sum(size[key] == 1 for key in fine)
    groups: Sequence[Hashable] = fine if 2 * lonely <= len(fine) else table.context.tolist()
    source = exchange(groups, _rng(task, "perturbations"))
    return replace(task, effects=task.effects[source], weights=task.weights[source])


def shuffled_features(task: Task) -> Task:
    """Exchange prior features among perturbations, and the embedding among genes: as many and as alike, but wrong."""
    features = tuple(_exchanged(f, _rng(task, f"features {f.name}")) for f in task.features)
    order = np.argsort(task.genes, kind="stable")
    embedding = np.empty_like(task.embedding)
    embedding[order] = task.embedding[order][exchange([0] * len(order), _rng(task, "embedding"))]
    return replace(task, features=features, embedding=embedding)


def zeroed_features(task: Task) -> Task:
    """Set prior features of perturbations, and the embedding of genes, to zero."""
    blocks = tuple(replace(f, matrix=np.zeros_like(f.matrix)) for f in task.features)
    return replace(task, features=blocks, embedding=np.zeros_like(task.embedding))


def random_features(task: Task) -> Task:
    """Draw prior features of perturbations, and the embedding of genes, from a Gaussian, as wide as they are."""

    def drawn(names: Sequence[str], width: int, what: str) -> NDArray[np.float64]:
        order = np.argsort(np.asarray(names, dtype=str), kind="stable")
        matrix = np.empty((len(names), width))
        matrix[order] = _rng(task, what).standard_normal(matrix.shape)
        return matrix

    blocks = tuple(
        replace(f, matrix=drawn(f.ids, f.matrix.shape[1], f"features {f.name}"), kind="embedding")
        for f in task.features
    )
    return replace(task, features=blocks, embedding=drawn(task.genes.tolist(), task.embedding.shape[1], "embedding"))


def shuffled_contexts(task: Task) -> Task:
    """Exchange control profiles, and prior features, among contexts."""
    names = sorted(task.controls)
    source = exchange([0] * len(names), _rng(task, "contexts"))
    controls = {name: task.controls[names[j]] for name, j in zip(names, source.tolist(), strict=True)}
    return replace(
        task,
        controls=controls,
        context_features=tuple(_exchanged(f, _rng(task, "contexts")) for f in task.context_features),
    )


def destroyed(name: str, task: Task) -> str:
    """Say why a sabotage has nothing to destroy in a task; empty where it has.

    Parameters
    ----------
    name
        Of one of the functions above.
    """
    table, wanted = task.train, task.wanted
    if name == "shuffled_perturbations":
        alone = len(set(treatments(table))) < 2
        return "one perturbation was trained" if alone else ""
    if name == "shuffled_contexts":
        if len(task.controls) < 2 and not task.context_features:
            return "control profiles of fewer than two contexts are known"
        new = len(set(wanted.context.tolist()) - set(table.context.tolist()))
        if not new:
            return "every test context was trained, so nothing rests on what describes it"
        few = f"{new} new context{'s' if new > 1 else ''}: for an exchange {LEAST_CONTEXTS.value:g} are needed"
        return few if new < LEAST_CONTEXTS.value else ""
    if not any(_tells(f, wanted) for f in task.features):
        return "no prior feature knows a test perturbation"
    trained = {part for parts in table.parts for part in parts}
    new = sum(any(p not in trained for p in parts) for parts in wanted.parts)
    return "" if new else "every test perturbation was trained, so nothing rests on its features"


def _exchanged(features: Features, rng: Generator) -> Features:
    """Features whose rows went to other names, whatever the order in which these stand."""
    order = np.argsort(np.asarray(features.ids, dtype=str), kind="stable")
    matrix = np.empty_like(features.matrix)
    matrix[order] = features.matrix[order][exchange([0] * len(order), rng)]
    return replace(features, matrix=matrix)


def _tells(features: Features, wanted: Conditions) -> bool:
    known = {name for name, row in zip(features.ids, features.matrix, strict=True) if row.any()}
    return any(part in known for parts in wanted.parts for part in parts)


def _rng(task: Task, what: str) -> Generator:
    return np.random.default_rng([task.seed, zlib.crc32(what.encode())])
