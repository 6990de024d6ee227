"""Genetic: what the ladder answers for compounds when it learns without the genetic perturbations."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.resample import CONTEXTS_FOR_T, FAMILIES_TO_RESAMPLE
from vcassay.claim import Claim
from vcassay.claim.kind import are_genes, is_drug
from vcassay.evidence.baselines import Rung, Task
from vcassay.prediction import Answer
from vcassay.run.cache import Cache
from vcassay.run.ladder import run_ladder


@dataclass(frozen=True, slots=True, eq=False)
class Genetic:
    """Answers of baselines by name.

    Attributes
    ----------
    without
        Learnt without the genetic training conditions.
    permuted
        Learnt with as many: every one bears the effect of another.
    """

    without: Mapping[str, Answer] = field(default_factory=dict)
    permuted: Mapping[str, Answer] = field(default_factory=dict)


NO_GENETIC = Genetic()


def genetic_rows(task: Task) -> NDArray[np.bool_]:
    """(n,) training conditions that are genetic perturbations."""
    return ~is_drug(task.train) if are_genes(task.train) else np.zeros(len(task.train), dtype=bool)


def has_both(task: Task) -> bool:
    """Whether training has genetic perturbations and others, and enough compounds are tested for an interval."""
    genetic, drug = genetic_rows(task), is_drug(task.wanted)
    compounds, contexts = (len(np.unique(x[drug])) for x in (task.wanted.perturbation, task.wanted.context))
    enough = compounds >= FAMILIES_TO_RESAMPLE or contexts >= CONTEXTS_FOR_T
    return bool(genetic.any() and not genetic.all() and enough)


def learn_without(
    task: Task,
    claim: Claim,
    cache: Cache,
    rungs: Sequence[Rung],
    *,
    quick: bool,
    progress: Callable[[int, int], None],
) -> Genetic:
    """Run the legal rungs that read prior features once more, without genetic training conditions, and with permuted.

    Only features can tell which gene a compound has to do with. Compounds, split, features and settings' search are the
    same; what a mean of all training conditions becomes is not asked. The second run keeps the number of conditions
    and their effects, and takes away alone which gene is which: effects are exchanged among the genetic conditions of
    a context; ``quick`` leaves it out.
    """
    names = {r.record.name for r in rungs if r.answer is not None and r.record.legal and "features" in r.record.reads}
    genetic = genetic_rows(task)
    runs = [replace(task.part(np.flatnonzero(~genetic), np.empty(0, dtype=np.int64)), wanted=task.wanted)]
    if not quick:
        runs.append(replace(task, effects=task.effects[_exchanged(task, genetic)]))
    found: list[dict[str, Answer]] = []
    for i, part in enumerate(runs):

        def report(done: int, n: int, i: int = i) -> None:
            progress(i * n + done, len(runs) * n)

        made = run_ladder(part, claim, cache, quick=quick, progress=report, also=tuple(names), only=names)
        found.append({r.record.name: r.answer for r in made if r.answer is not None})
    return Genetic(*found)


def _exchanged(task: Task, genetic: NDArray[np.bool_]) -> NDArray[np.int64]:
    """(n,) whose effect each condition bears: a ring in random order within the genetic conditions of a context."""
    out = np.arange(len(task.train))
    rng = np.random.default_rng([task.seed, 1])
    for context in np.unique(task.train.context[genetic]):
        at = np.flatnonzero(genetic & (task.train.context == context))
        order = rng.permutation(at)
        out[order] = np.roll(order, 1)
    return out
