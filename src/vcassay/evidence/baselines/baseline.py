"""The model protocol and the registry of the ladder."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from vcassay.core import Conditions, Registry
from vcassay.evidence.baselines.task import Task
from vcassay.evidence.baselines.treatment import Treatment, treatments

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
    """

    def decorate(model: M) -> M:
        meta = {"title": title, "tier": tier, "reads": reads, "quick": quick, "needs": needs, "readout": readout}
        meta |= {"kind": kind, "twin": twin, "opt_in": opt_in}
        BASELINES.register(name, model, source=source, **meta)
        return model

    return decorate


def treatment_means(task: Task) -> dict[Treatment, Array]:
    """Unweighted mean effect of each treatment over the training contexts."""
    rows: dict[Treatment, list[int]] = {}
    for i, key in enumerate(treatments(task.train)):
        rows.setdefault(key, []).append(i)
    return {key: np.asarray(task.effects[at].mean(axis=0)) for key, at in rows.items()}


def sum_of_parts(key: Treatment, known: Mapping[Any, Array], unknown: Array) -> Array | None:
    """Sum of the effects of a combination's parts, at its dose and time.

    Parameters
    ----------
    key
        A treatment.
    known
        Treatment to (g,) effect.
    unknown
        (g,) stands for a part that is not known, as the mean effect does in scPerturBench.

    Returns
    -------
    ``None`` for a single perturbation, and where no part is known.
    """
    found = [known.get(key.of_part(part)) for part in key.parts]
    if len(found) < 2 or all(f is None for f in found):
        return None
    return np.asarray(np.sum([unknown if f is None else f for f in found], axis=0))


def overall_mean(task: Task) -> Array:
    """Mean over training contexts of the mean over their conditions."""
    contexts = task.train.context
    means = [task.effects[contexts == c].mean(axis=0) for c in sorted(set(contexts.tolist()))]
    return np.asarray(np.mean(means, axis=0))


def overall_mean_of_cells(task: Task) -> Array:
    """Mean over training cells, whatever their condition: conditions weigh by their number of rows."""
    return np.asarray(task.weights @ task.effects / task.weights.sum())
