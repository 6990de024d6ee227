"""Run the ladder and the submissions that are rungs of it, cached by content."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from itertools import count
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from vcassay.arrays.threads import threads
from vcassay.claim import Claim
from vcassay.core import Finding, Status
from vcassay.core.errors import VcassayError
from vcassay.core.provenance import versions
from vcassay.core.registry import Entry
from vcassay.evidence.baselines import Rung, Task, climb, ladder
from vcassay.evidence.baselines.ladder import as_answer, described, without_echoes
from vcassay.evidence.baselines.template import Template
from vcassay.prediction import Answer
from vcassay.record.evidence import BaselineRecord
from vcassay.run.cache import Cache, digest


def run_ladder(
    task: Task,
    claim: Claim,
    cache: Cache,
    *,
    quick: bool,
    progress: Callable[[int, int], None],
    template: Template | None = None,
    also: Sequence[str] = (),
    only: Collection[str] | None = None,
) -> list[Rung]:
    """Fit and run every rung that the claim allows, side by side; one that crashes is left out and says why.

    Parameters
    ----------
    quick
        Leave out the slow rungs, and take the usual settings of the others without inner validation.
    progress
        Called with how many rungs are done, and how many there are.
    template
        What probes read of the test conditions.
    also
        Rungs that the study names: opt-in ones run, and none is taken for the echo of another.
    only
        Names of the only rungs to run; every one if ``None``.

    Raises
    ------
    VcassayError
        If a rung refuses what the user handed in.
    """
    task = replace(task, tune=not quick)
    key = {"task": digest(_depends(task)), "quick": quick}
    seen = digest({} if template is None else asdict(template))
    entries = [e for e in ladder(also) if e.meta["readout"] != "scalar" or len(task.genes) == 1]
    entries = entries if only is None else [e for e in entries if e.name in only]
    done = count(1)
    lock = Lock()

    def one(entry: Entry[Callable[[], Any]]) -> Rung:
        depends = {**key, "template": seen} if entry.meta["kind"] == "probe" else key
        try:
            rung = _climbed(entry, task, claim, cache, depends, template)
        except VcassayError:
            raise
        except Exception as error:  # noqa: BLE001 - a rung that fails is an ERROR, not the end of the run
            rung = _crashed(entry, error)
        with lock:
            progress(next(done), len(entries))
        return rung

    # the slowest first, so that no thread is left alone with them
    order = sorted(range(len(entries)), key=lambda i: (entries[i].meta["tier"], i), reverse=True)
    with ThreadPoolExecutor(threads()) as pool:
        made = dict(zip(order, pool.map(lambda i: one(entries[i]), order), strict=True))
    return without_echoes([made[i] for i in range(len(entries))], also)


def _depends(task: Task) -> dict[str, Any]:
    """What a rung's answer depends on."""
    return {
        "train": task.train.sha256(),
        "effects": task.effects,
        "weights": task.weights,
        "wanted": task.wanted.sha256(),
        "genes": task.genes.tolist(),
        "controls": {c: digest({"p": p}) for c, p in task.controls.items()},
        "embedding": task.embedding,
        "features": [
            (f.name, f.kind, digest({"m": f.matrix, "ids": list(f.ids)}))
            for f in (*task.features, *task.context_features)
        ],
        "annotation": [{k: v.tolist() for k, v in t.annotation.items()} for t in (task.train, task.wanted)],
        "modality": [t.modality.tolist() for t in (task.train, task.wanted)],
        "regime": str(task.regime),
        "seed": task.seed,
        "version": versions()["vcassay"],
    }


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
    entry: Entry[Callable[[], Any]],
    task: Task,
    claim: Claim,
    cache: Cache,
    depends: dict[str, object],
    template: Template | None,
) -> Rung:
    """Run a rung, or restore what an earlier run kept of it."""
    step = f"baseline-{entry.name}"
    made: list[Rung] = []

    def compute() -> dict[str, NDArray[Any]]:
        made.append(climb(task, claim, entry, quick=bool(depends["quick"]), template=template))
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
            **described(entry),
            legal=False,
            why=f"{CRASHED} {type(error).__name__}: {error}",
            ran=False,
            n_predicted=0,
        ),
        None,
    )


def as_submission(rung: Rung, name: str) -> Answer | None:
    """A rung handed in as a model: known as the model, never compared with itself."""
    if rung.answer is None or not rung.record.legal:
        return None
    note = "submitted from the ladder; not compared with itself"
    return replace(rung.answer, name=name, role="submission", source=rung.record.name, notes=(note,))
