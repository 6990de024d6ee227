"""The ladder: fit and run every baseline that the claim allows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from vcassay.claim import Claim, legality
from vcassay.core.registry import Entry
from vcassay.evidence.baselines.baseline import BASELINES, Model
from vcassay.evidence.baselines.task import Task
from vcassay.prediction import Answer, Disclosure
from vcassay.record.evidence import BaselineRecord

WANTS = {
    "vector": "compares features, of which this readout has one",
    "scalar": "is for a readout of one feature",
}
"""Why a baseline cannot answer for a readout."""


@dataclass(frozen=True, slots=True, eq=False)
class Rung:
    """A baseline, whether it is legal, and what it answered.

    Attributes
    ----------
    record
        As stored.
    answer
        ``None`` if it is not legal for any test condition, or could not run.
    """

    record: BaselineRecord
    answer: Answer | None


def climb(task: Task, claim: Claim, entry: Entry[Callable[[], Model]], *, quick: bool = False) -> Rung:
    """Run one baseline under a claim.

    A baseline that is legal for some of the test conditions answers for all of them by its own
    fallback, which is recorded.
    """
    legal, why = legality(entry.meta["reads"], claim.novelty)
    ran = bool(legal.any()) and len(task.train) > 0
    if not len(task.train):
        why = "there are no training conditions"
    if ran and not answers(entry, task):
        ran, why = False, WANTS[entry.meta["readout"]]
    if quick and not entry.meta["quick"]:
        ran, why = False, "left out by --quick"
    answer, fallback, n_fallback = None, "", 0
    if ran:
        model = entry.obj().fit(task)
        values = model.predict(task.wanted)
        fallback, n_fallback = getattr(model, "fallback", ""), getattr(model, "n_fallback", 0)
        answer = as_answer(entry.name, values, task)
    record = BaselineRecord(
        name=entry.name,
        title=entry.meta["title"],
        tier=entry.meta["tier"],
        kind="baseline",
        summary=entry.summary,
        source=entry.source,
        reads=entry.meta["reads"],
        legal=ran,
        why=why,
        ran=ran,
        n_predicted=int(np.isfinite(answer.values).all(axis=1).sum()) if answer is not None else 0,
        fallback=fallback,
        n_fallback=n_fallback,
    )
    return Rung(record, answer)


def ladder() -> list[Entry[Callable[[], Model]]]:
    """Every registered baseline, by tier and name."""
    return sorted(BASELINES, key=lambda entry: (entry.meta["tier"], entry.name))


def answers(entry: Entry[Callable[[], Model]], task: Task) -> bool:
    """Whether a baseline can answer for a readout of as many features."""
    return entry.meta["readout"] in ("any", "scalar" if len(task.genes) == 1 else "vector")


def as_answer(name: str, values: np.ndarray, task: Task) -> Answer:
    """What a rung predicted, (t, g), as an answer to the task."""
    abstained = np.isnan(values).any(axis=1)
    return Answer(
        name=name,
        role="baseline",
        values=values,
        state=np.where(abstained, "abstained", "ok"),
        genes=np.ones(len(task.genes), dtype=bool),
        disclosure=Disclosure(inputs=tuple(BASELINES[name].meta["reads"]), pretraining=(), controls="training"),
        source=name,
    )
