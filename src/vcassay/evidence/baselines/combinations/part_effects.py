"""Effects of the parts of combinations, as a task's training conditions tell them."""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np

from vcassay.core import Conditions
from vcassay.evidence.baselines.baseline import Array
from vcassay.evidence.baselines.task import Task
from vcassay.evidence.baselines.treatment import Treatment, treatments


class PartEffects:
    """Effects of parts on their own.

    A part is looked up at the combination's dose and time in the same context, else there over contexts, else at any
    dose and time in the same context, else anywhere: each time the mean of what is found. A part that was trained in
    combinations alone is what these are beyond the effects of their other parts, on average; a part of which nothing is
    known is the mean single shift: the mean effect of single perturbations in the context, else over contexts (of the
    combinations, over their numbers of parts, where no single was trained). Parts of the combination's own modality
    alone count (a knock-down of the gene in another context is another perturbation), unless no single has that.
    """

    def __init__(self, task: Task) -> None:
        self.task = task
        self.derived: dict[Hashable, Array] = {}
        context, keys = task.train.context.tolist(), treatments(task.train)
        single = np.array([len(key.parts) == 1 for key in keys], dtype=bool)
        self.kinds = {keys[i].kind for i in np.flatnonzero(single).tolist()}
        rows: dict[Hashable, list[int]] = {}
        for i in np.flatnonzero(single).tolist():
            for who in ((keys[i].kind, keys[i].parts[0]), ("any", keys[i].parts[0])):
                for place in _places(context[i], who, keys[i]):
                    rows.setdefault(place, []).append(i)
        self.known = {place: np.asarray(task.effects[at].mean(axis=0)) for place, at in rows.items()}
        part = np.array([len(key.parts) for key in keys], dtype=np.float64)
        use = single if single.any() else np.ones_like(single)
        shift = task.effects[use] / part[use, None]
        of = task.train.context[use]
        self.shift = {c: shift[of == c].mean(axis=0) for c in sorted(set(of.tolist()))}
        self.mean_shift = np.asarray(np.mean(list(self.shift.values()), axis=0))
        self.derived = self._from_combinations(np.flatnonzero(~single))

    def of(self, context: str, part: str, key: Treatment) -> tuple[Array, str]:
        """(g,) effect of a part of a treatment in a context, and how it is known: ``alone``, ``company`` or not."""
        who = self._who(part, key)
        for place in _places(context, who, key):
            if place in self.known:
                return self.known[place], "alone"
        for at in ((context, who), who):
            if at in self.derived:
                return self.derived[at], "company"
        return self.shift.get(context, self.mean_shift), ""

    def all_of(self, conditions: Conditions) -> list[list[tuple[Array, str]]]:
        """Effects of the parts of every condition, each with how it is known."""
        rows = zip(conditions.context.tolist(), treatments(conditions), strict=True)
        return [[self.of(context, part, key) for part in key.parts] for context, key in rows]

    def sums(self, conditions: Conditions) -> tuple[Array, np.ndarray]:
        """(n, g) sums of the parts' effects, and (n,) whether all parts are known alone."""
        found = self.all_of(conditions)
        out = np.array([np.sum([effect for effect, _ in each], axis=0) for each in found])
        alone = np.array([all(how == "alone" for _, how in each) for each in found], dtype=bool)
        return out.reshape(len(found), len(self.mean_shift)), alone

    def _from_combinations(self, rows: np.ndarray) -> dict[Hashable, Array]:
        """Effects of parts that are trained in combinations alone, by context and over contexts."""
        self.derived = {}
        context, keys = self.task.train.context.tolist(), treatments(self.task.train)
        beyond: dict[Hashable, list[Array]] = {}
        for i in rows.tolist():
            for part in keys[i].parts:
                who = self._who(part, keys[i])
                if (who,) in self.known:
                    continue
                others = [self.of(context[i], p, keys[i])[0] for p in keys[i].parts if p != part]
                rest = self.task.effects[i] - np.sum(others, axis=0)
                for at in ((context[i], who), who):
                    beyond.setdefault(at, []).append(rest)
        return {at: np.asarray(np.mean(found, axis=0)) for at, found in beyond.items()}

    def _who(self, part: str, key: Treatment) -> Hashable:
        return (key.kind if key.kind in self.kinds else "any", part)


def part_effects(task: Task) -> PartEffects:
    """The parts' effects of a task, worked out once."""
    return task.memo.once("part effects", lambda: PartEffects(task))


def _places(context: str, who: Hashable, key: Treatment) -> tuple[Hashable, ...]:
    """Where a part is looked up, nearest first."""
    return ((context, who, key.dose, key.time), (who, key.dose, key.time), (context, who), (who,))
