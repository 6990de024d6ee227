"""The model protocol and the registry of the ladder."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from vcassay.core import Conditions, Registry
from vcassay.evidence.baselines.task import Task

Array = NDArray[np.float64]
TIERS = {
    "T0": "no change",
    "T1": "a mean",
    "T2": "additive or linear",
    "T3": "computational biologist",
    "T4": "replicate reference",
}
"""Tiers of the ladder, weakest first."""

KINDS = {
    "baseline": "may be legal, and is then a rival of every model",
    "probe": "reads of the test conditions what no honest model may; never legal, always shown",
    "sabotage": "a baseline whose input is destroyed; it must lose against the intact one",
}
"""Kinds of rungs; references (replicates) are not fitted."""


class Model(Protocol):
    """What a baseline and a user's model both are."""

    def fit(self, task: Task) -> Model:
        """Learn from the task."""
        ...

    def predict(self, wanted: Conditions) -> Array:
        """(n, g) predicted effects; rows of NaN are abstentions."""
        ...


class Baseline:
    """Base of the ladder's models: keeps count of what was answered by a fallback.

    Attributes
    ----------
    fallback
        What it did for conditions that its own rule could not predict; empty if none.
    n_fallback
        How many those were.
    """

    fallback = ""
    n_fallback = 0

    def fell_back(self, n: int, to: str) -> None:
        """Record that ``n`` conditions were answered by a fallback."""
        self.n_fallback = n
        self.fallback = f"{to} for {n} conditions" if n else ""


BASELINES: Registry[Callable[[], Model]] = Registry("baseline")

M = TypeVar("M", bound=Callable[[], Model])


def baseline(
    name: str,
    *,
    title: str,
    tier: str,
    reads: tuple[str, ...],
    source: str,
    quick: bool = True,
    needs: str = "",
    readout: str = "any",
    kind: str = "baseline",
    twin: str = "",
    opt_in: bool = False,
    lookup: str = "",
) -> Callable[[M], M]:
    """Register a baseline.

    Parameters
    ----------
    name, title
        Name in tables, and in words.
    tier
        T0 to T4.
    reads
        What it reads (`vcassay.claim.GRANTS`); it is legal where all of it is granted.
    source
        Where the recipe comes from.
    quick
        Whether ``--quick`` runs it.
    needs
        What it must find in a study to answer by its own rule, where being legal does not suffice.
    readout
        ``vector`` for one that compares features, ``scalar`` for one that is for a single feature, else ``any``.
    kind
        One of `KINDS`. A probe's ``fit`` takes the task and a `Template`.
    twin
        Of a sabotage, the baseline that it destroys.
    opt_in
        Whether it runs only where a study names it ([evidence] baselines).
    lookup
        Of one that copies what is most alike in training, by what it is found: ``dose``, ``structure``, ``target``,
        ``mechanism``, ``features``, ``coexpression`` or ``context``.
    """

    def decorate(model: M) -> M:
        meta = {"title": title, "tier": tier, "reads": reads, "quick": quick, "needs": needs, "readout": readout}
        meta |= {"kind": kind, "twin": twin, "opt_in": opt_in, "lookup": lookup}
        BASELINES.register(name, model, source=source, **meta)
        return model

    return decorate
