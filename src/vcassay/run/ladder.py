"""Run the ladder and the submissions that are rungs of it, cached by content."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from vcassay.claim import Claim
from vcassay.evidence.baselines import Rung, Task, climb, ladder
from vcassay.prediction import Answer
from vcassay.record.evidence import BaselineRecord
from vcassay.run.cache import Cache, digest


def run_ladder(task: Task, claim: Claim, cache: Cache, *, quick: bool, progress: Callable[[str], None]) -> list[Rung]:
    """Fit and run every rung that the claim allows."""
    depends = {
        "train": task.train.sha256(),
        "effects": task.effects,
        "weights": task.weights,
        "wanted": task.wanted.sha256(),
        "controls": {c: digest({"p": p}) for c, p in task.controls.items()},
        "embedding": task.embedding,
        "features": {f.name: digest({"m": f.matrix, "ids": list(f.ids)}) for f in task.features},
        "annotation": {k: v.tolist() for k, v in task.train.annotation.items()},
        "regime": str(task.regime),
        "seed": task.seed,
    }
    key = digest(depends)
    rungs = []
    for entry in ladder():
        progress(f"baseline {entry.meta['title']}")
        kept: dict[str, Rung] = {}

        def compute(entry: object = entry, kept: dict[str, Rung] = kept) -> dict[str, np.ndarray]:
            rung = climb(task, claim, entry, quick=quick)  # type: ignore[arg-type]
            kept["rung"] = rung
            values = np.empty((0, 0)) if rung.answer is None else rung.answer.values
            return {"values": values, "record": np.array(rung.record.model_dump_json())}

        stored = cache.arrays(f"baseline-{entry.name}", {"task": key, "name": entry.name, "quick": quick}, compute)
        rungs.append(kept["rung"] if kept else _restored(stored, entry.name))
    return rungs


def _restored(stored: dict[str, np.ndarray], name: str) -> Rung:
    record = BaselineRecord.model_validate_json(str(stored["record"]))
    if not record.ran:
        return Rung(record, None)
    values = stored["values"]
    state = np.where(np.isnan(values).any(axis=1), "abstained", "ok")
    genes = np.ones(values.shape[1], dtype=bool)
    return Rung(record, Answer(name, "baseline", values, state, genes, source=name))


def as_submission(rung: Rung, name: str) -> Answer | None:
    """A rung handed in as a model: known as the model, never compared with itself."""
    if rung.answer is None:
        return None
    note = "submitted from the ladder; not compared with itself"
    return replace(rung.answer, name=name, role="submission", source=rung.record.name, notes=(note,))
