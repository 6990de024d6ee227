"""Run the ladder and the submissions that are rungs of it, cached by content."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from vcassay.claim import Claim
from vcassay.core import Finding, Status
from vcassay.core.errors import VcassayError
from vcassay.core.provenance import versions
from vcassay.core.registry import Entry
from vcassay.evidence.baselines import Rung, Task, climb, ladder
from vcassay.evidence.baselines.ladder import as_answer
from vcassay.prediction import Answer
from vcassay.record.evidence import BaselineRecord
from vcassay.run.cache import Cache, digest


def run_ladder(task: Task, claim: Claim, cache: Cache, *, quick: bool, progress: Callable[[str], None]) -> list[Rung]:
    """Fit and run every rung that the claim allows; one that crashes is left out and says why.

    Raises
    ------
    VcassayError
        If a rung refuses what the user handed in.
    """
    depends = {
        "train": task.train.sha256(),
        "effects": task.effects,
        "weights": task.weights,
        "wanted": task.wanted.sha256(),
        "controls": {c: digest({"p": p}) for c, p in task.controls.items()},
        "embedding": task.embedding,
        "features": {f.name: digest({"m": f.matrix, "ids": list(f.ids)}) for f in task.features},
        "annotation": [{k: v.tolist() for k, v in t.annotation.items()} for t in (task.train, task.wanted)],
        "modality": [t.modality.tolist() for t in (task.train, task.wanted)],
        "regime": str(task.regime),
        "seed": task.seed,
        "version": versions()["vcassay"],
    }
    key = digest(depends)
    rungs = []
    for entry in ladder():
        if entry.meta["readout"] == "scalar" and len(task.genes) > 1:
            continue
        progress(f"baseline {entry.meta['title']}")
        try:
            rungs.append(_climbed(entry, task, claim, cache, {"task": key, "quick": quick}))
        except VcassayError:
            raise
        except Exception as error:  # noqa: BLE001 - a rung that fails is an ERROR, not the end of the run
            rungs.append(_crashed(entry, error))
    return rungs


def crashes(rungs: Sequence[Rung]) -> list[Finding]:
    """Findings of the rungs that crashed: a verdict on fewer baselines would be too kind."""
    failed = [rung.record for rung in rungs if rung.record.why.startswith(CRASHED)]
    return [
        Finding(
            check=record.name,
            title=f"Baseline: {record.title}",
            status=Status.ERROR,
            sentence=f"The baseline '{record.name}' {record.why}.",
            family="baselines",
        )
        for record in failed
    ]


CRASHED = "failed with"


def _climbed(
    entry: Entry[Callable[[], Any]], task: Task, claim: Claim, cache: Cache, depends: dict[str, object]
) -> Rung:
    """Run a rung, or restore what an earlier run kept of it."""
    step = f"baseline-{entry.name}"
    made: list[Rung] = []

    def compute() -> dict[str, NDArray[Any]]:
        made.append(climb(task, claim, entry, quick=bool(depends["quick"])))
        rung = made[-1]
        values = np.empty((0, 0)) if rung.answer is None else rung.answer.values
        return {"values": values, "record": np.array(rung.record.model_dump_json())}

    stored = cache.arrays(step, {**depends, "name": entry.name}, compute)
    if made:
        return made[0]
    try:
        return _restored(stored, entry.name, task)
    except (KeyError, ValidationError):  # kept by something else under this name
        cache.forget(step)
        compute()
        return made[0]


def _restored(stored: dict[str, NDArray[Any]], name: str, task: Task) -> Rung:
    record = BaselineRecord.model_validate_json(str(stored["record"]))
    values = stored["values"]
    return Rung(record, as_answer(name, values, task) if record.ran else None)


def _crashed(entry: Entry[Callable[[], Any]], error: Exception) -> Rung:
    return Rung(
        BaselineRecord(
            name=entry.name,
            title=entry.meta["title"],
            tier=entry.meta["tier"],
            kind="baseline",
            summary=entry.summary,
            source=entry.source,
            reads=entry.meta["reads"],
            legal=False,
            why=f"{CRASHED} {type(error).__name__}: {error}",
            ran=False,
            n_predicted=0,
        ),
        None,
    )


def as_submission(rung: Rung, name: str) -> Answer | None:
    """A rung handed in as a model: known as the model, never compared with itself."""
    if rung.answer is None:
        return None
    note = "submitted from the ladder; not compared with itself"
    return replace(rung.answer, name=name, role="submission", source=rung.record.name, notes=(note,))
