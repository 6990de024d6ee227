"""The ladder: fit and run every baseline that the claim allows."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from vcassay.claim import GRANTS, NEVER, Claim, legality
from vcassay.core.registry import Entry
from vcassay.evidence.baselines.baseline import BASELINES, KINDS, Model
from vcassay.evidence.baselines.task import Task
from vcassay.evidence.baselines.template import Template
from vcassay.prediction import Answer, declare
from vcassay.record.evidence import BaselineRecord

WANTS = {
    "vector": "compares features, of which this readout has one",
    "scalar": "is for a readout of one feature",
}
"""Why a baseline cannot answer for a readout."""
NOTHING_ELSE: dict[str, Any] = {
    "pretraining": (),
    "graphs": (),
    "controls": "training",
    "selection": "training",
    "looks": 1,
    "submissions": 0,
}
"""What holds of every baseline: it is given the training view and what the study hands in, and is scored once."""


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


BEST_KNOWN = ("no_change", "perturbed_mean", "context_mean", "perturbation_mean", "additive")
"""Of rungs that give the same answer these stay, because readers know them best."""

DECIMALS = 12
"""Of predicted effects: equal answers to two conditions stay equal, whatever order a library adds them up in."""

ECHO = 1e-9
"""Difference, as a share of the largest predicted effect, up to which two rungs give the same answer."""

ILLEGAL = {
    "probe": "a probe: it reads {reads}, which no claim grants",
    "sabotage": "not a rival: {twin} with its input destroyed, which must lose",
}
"""Why a rung that ran is no rival of the models."""


def climb(
    task: Task,
    claim: Claim,
    entry: Entry[Callable[[], Model]],
    *,
    quick: bool = False,
    template: Template | None = None,
) -> Rung:
    """Run one rung under a claim.

    A baseline that is legal for some of the test conditions answers for all of them by its own
    fallback, which is recorded. A probe runs wherever it has its template, and counts where it answers for a condition
    by what it reads; a sabotage runs wherever its twin is legal.
    """
    kind = entry.meta["kind"]
    ran, why = _may_run(task, claim, entry, quick=quick, template=template)
    answer, fallback, n_fallback = None, "", 0
    if ran:
        model: Any = entry.obj()
        fitted = model.fit(task, template) if kind == "probe" else model.fit(task)
        values = np.round(fitted.predict(task.wanted), DECIMALS)
        fallback, n_fallback = getattr(model, "fallback", ""), getattr(model, "n_fallback", 0)
        answer = as_answer(entry.name, values, task)
        if kind == "probe" and n_fallback >= len(task.wanted):
            # a mean under another name: no model is to be measured by it
            return Rung(_silent(entry, f"has nothing to read here, and would answer by {fallback}"), None)
        if kind != "baseline":
            read = " and ".join(GRANTS[r] for r in entry.meta["reads"] if r in NEVER)
            twin = BASELINES[entry.meta["twin"]].meta["title"] if entry.meta["twin"] else ""
            why = ILLEGAL[kind].format(reads=read, twin=twin)
    record = BaselineRecord(
        **described(entry),
        legal=ran and kind == "baseline",
        why=why,
        ran=ran,
        n_predicted=int(np.isfinite(answer.values).all(axis=1).sum()) if answer is not None else 0,
        fallback=fallback,
        n_fallback=n_fallback,
    )
    return Rung(record, answer)


def without_echoes(rungs: Sequence[Rung], keep: Collection[str] = ()) -> list[Rung]:
    """Take away rungs that answer as a simpler or better known legal one does for all conditions: no further rivals.

    Parameters
    ----------
    rungs
        By kind and tier, the simplest first.
    keep
        Names of rungs that stay, whatever they answer.
    """
    known: list[Rung] = []
    out = {rung.record.name: rung for rung in rungs}
    for rung in sorted(rungs, key=lambda r: r.record.name not in BEST_KNOWN):
        if rung.answer is None or not rung.record.legal or rung.record.name in keep:
            continue
        first = next((r for r in known if _same(r, rung)), None)
        if first is None:
            known.append(rung)
            continue
        why = f"answers as '{first.record.title}' does for all of these conditions"
        silent = rung.record.model_copy(update={"legal": False, "ran": False, "why": why, "n_predicted": 0})
        out[rung.record.name] = Rung(silent, None)
    return list(out.values())


def _same(a: Rung, b: Rung) -> bool:
    if a.answer is None or b.answer is None:
        return False
    x, y = a.answer.values, b.answer.values
    size = float(np.nanmax(np.abs(x), initial=0.0))
    return bool(np.allclose(x[:1], y[:1], rtol=0.0, atol=ECHO * size, equal_nan=True)) and bool(
        np.allclose(x, y, rtol=0.0, atol=ECHO * size, equal_nan=True)
    )


def _silent(entry: Entry[Callable[[], Model]], why: str) -> BaselineRecord:
    return BaselineRecord(**described(entry), legal=False, why=why, ran=False, n_predicted=0)


def _may_run(
    task: Task, claim: Claim, entry: Entry[Callable[[], Model]], *, quick: bool, template: Template | None
) -> tuple[bool, str]:
    """Whether a rung runs, and if not why."""
    if not len(task.train):
        return False, "there are no training conditions"
    if "parts" in entry.meta["reads"] and all(len(p) < 2 for p in (*task.train.parts, *task.wanted.parts)):
        return False, "is for combinations, of which there are none"
    if entry.meta["kind"] == "probe":
        if template is None:
            return False, "what it reads of the test conditions is not known here"
    else:
        legal, why = legality(entry.meta["reads"], claim.novelty)
        if not legal.any():
            return False, why
    if entry.meta["kind"] == "sabotage":
        rung: Any = entry.obj
        if spared := rung.spared(task):
            return False, f"nothing to destroy: {spared}"
    if not answers(entry, task):
        return False, WANTS[entry.meta["readout"]]
    if quick and not entry.meta["quick"]:
        return False, "left out by --quick"
    return True, ""


def described(entry: Entry[Callable[[], Model]]) -> dict[str, Any]:
    """What a record says of a rung whether it ran or not."""
    return {
        "name": entry.name,
        "title": entry.meta["title"],
        "tier": entry.meta["tier"],
        "kind": entry.meta["kind"],
        "twin": entry.meta["twin"],
        "summary": entry.summary,
        "source": entry.source,
        "reads": entry.meta["reads"],
    }


def ladder(also: Collection[str] = ()) -> list[Entry[Callable[[], Model]]]:
    """Every rung by kind, tier and name; those that are opt-in only where they are named."""
    order = list(KINDS)
    entries = [e for e in BASELINES if not e.meta["opt_in"] or e.name in also]
    return sorted(entries, key=lambda e: (order.index(e.meta["kind"]), e.meta["tier"], e.name))


def answers(entry: Entry[Callable[[], Model]], task: Task) -> bool:
    """Whether a baseline can answer for a readout of as many features."""
    return entry.meta["readout"] in ("any", "scalar" if len(task.genes) == 1 else "vector")


def as_answer(name: str, values: np.ndarray, task: Task) -> Answer:
    """What a rung predicted, (t, g), as an answer to the task."""
    abstained = np.isnan(values).any(axis=1)
    return Answer(
        name=name,
        role=BASELINES[name].meta["kind"],
        values=values,
        state=np.where(abstained, "abstained", "ok"),
        genes=np.ones(len(task.genes), dtype=bool),
        disclosure=declare(inputs=tuple(BASELINES[name].meta["reads"]), **NOTHING_ELSE),
        source=name,
    )
