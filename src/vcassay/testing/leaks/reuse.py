"""A test set that was looked at while the model was made (L29)."""

from __future__ import annotations

from typing import Any

from vcassay.core import Finding
from vcassay.prediction import declare
from vcassay.testing.leaks.study import simulated
from vcassay.testing.power import Case


def _declared(seed: int, **entries: Any) -> Finding:
    study = simulated(seed)
    return study.run("L29", disclosure=declare(**{"selection": "validation", "looks": 1, "submissions": 0} | entries))


CASES = (
    Case(
        "L29",
        "the test set was scored before the final score",
        "once",
        lambda seed: _declared(seed, looks=2),
        _declared,
        lambda found, seed: any(row["declared"] == "looks" and row["value"] == 2 for row in found.evidence),
    ),
    Case(
        "L29",
        "hyperparameters chosen on the test set",
        "as declared",
        lambda seed: _declared(seed, selection="test set"),
        _declared,
        lambda found, seed: found.evidence[0] == {"declared": "selection", "value": "test set", "why": ""},
    ),
)
