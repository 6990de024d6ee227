"""Fixtures: predictions of which it is known what a metric must make of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from vcassay.evidence.metrics.inputs import Inputs
from vcassay.evidence.metrics.panel import Panel

Array = NDArray[np.float64]

FLOOD = 10.0
"""Size of every gene's effect in the flooding prediction, in units of the largest measured one."""


@dataclass(frozen=True, slots=True, eq=False)
class Fixture:
    """A prediction.

    Attributes
    ----------
    name, what
        Its name, and what it does in words.
    pred
        (t, g) effects.
    noise
        (t, g) sampling variance that it claims; ``None`` for none.
    """

    name: str
    what: str
    pred: Array
    noise: Array | None = None


Maker = Callable[[Panel, np.random.Generator], Array | None]
M = TypeVar("M", bound=Maker)
MAKERS: dict[str, tuple[str, Maker]] = {}


def _fixture(name: str, what: str) -> Callable[[M], M]:
    def keep(make: M) -> M:
        MAKERS[name] = (what, make)
        return make

    return keep


def make_fixtures(panel: Panel, rng: np.random.Generator) -> dict[str, Fixture]:
    """Make every fixture that a panel allows: without other contexts there is no context copy."""
    out = {}
    for name, (what, make) in MAKERS.items():
        pred = make(panel, rng)
        if pred is not None:
            out[name] = Fixture(name, what, pred)
    return out


def given(panel: Panel, fixture: Fixture) -> Inputs:
    """What metrics are given of a fixture."""
    return Inputs(panel, fixture.pred, fixture.noise)


@_fixture("perfect copy", "a copy of the scored truth")
def _copy(panel: Panel, rng: np.random.Generator) -> Array:
    return _truth(panel)


@_fixture("no change", "the control, for every perturbation")
def _no_change(panel: Panel, rng: np.random.Generator) -> Array:
    return np.zeros(_truth(panel).shape)


@_fixture("one answer", "the same effect for all perturbations of a context: the mean of the scored ones")
def _one_answer(panel: Panel, rng: np.random.Generator) -> Array:
    return _by_group(panel, lambda rows: np.tile(rows.mean(axis=0), (len(rows), 1)))


@_fixture("training mean", "the mean training effect: the perturbed reference")
def _reference(panel: Panel, rng: np.random.Generator) -> Array | None:
    reference = np.asarray(panel.inputs["reference"])
    return reference if np.isfinite(reference).all() else None


@_fixture("shuffled labels", "the right effects under wrong labels of the same context, dose and time")
def _shuffled(panel: Panel, rng: np.random.Generator) -> Array:
    return _by_group(panel, lambda rows: np.roll(rows, 1, axis=0)[_unroll(len(rows), rng)])


@_fixture("a quarter", "the truth, scaled by 0.25")
def _quarter(panel: Panel, rng: np.random.Generator) -> Array:
    return 0.25 * _truth(panel)


@_fixture("four times", "the truth, scaled by 4")
def _four_times(panel: Panel, rng: np.random.Generator) -> Array:
    return 4.0 * _truth(panel)


@_fixture("noisy", "the truth with as much noise as it has itself, or as its effects where it has none")
def _noisy(panel: Panel, rng: np.random.Generator) -> Array:
    truth = _truth(panel)
    return truth + _noise(panel) * rng.normal(size=truth.shape)


@_fixture("noisy, four times", "the noisy truth, scaled by 4")
def _noisy_scaled(panel: Panel, rng: np.random.Generator) -> Array:
    return 4.0 * _noisy(panel, np.random.default_rng(4))


@_fixture("noisy, as it is", "the same noisy truth, not scaled")
def _noisy_plain(panel: Panel, rng: np.random.Generator) -> Array:
    return _noisy(panel, np.random.default_rng(4))


@_fixture("target genes", "no change, but for the panel's targets, which no score counts")
def _targets(panel: Panel, rng: np.random.Generator) -> Array | None:
    hidden = np.asarray(panel.inputs["full_mask"] & ~panel.inputs["mask"])
    return np.where(hidden, -3.0, 0.0) if hidden.any() else None


@_fixture("flood", "every gene strongly changed, in a random direction")
def _flood(panel: Panel, rng: np.random.Generator) -> Array:
    truth = _truth(panel)
    sign = np.where(rng.random(truth.shape) < 0.5, -1.0, 1.0)
    return np.asarray(sign * FLOOD * np.abs(truth).max())


@_fixture("context copy", "the same perturbation's measured effect in another context")
def _context_copy(panel: Panel, rng: np.random.Generator) -> Array | None:
    truth, code, context = _truth(panel), panel.inputs["perturbation"], panel.inputs["context"]
    source = np.full(len(truth), -1)
    for c in np.unique(code).tolist():
        rows = np.flatnonzero(code == c)
        if len(np.unique(context[rows])) == len(rows) > 1:
            source[rows] = np.roll(rows, 1)
    return np.asarray(truth[source]) if (source >= 0).all() else None


def _truth(panel: Panel) -> Array:
    truth: Array = np.asarray(panel.inputs["truth"])
    return truth


def _noise(panel: Panel) -> Array:
    """(t, g) standard errors; the effects' own size where there are none or no noise."""
    se, truth = panel.inputs.get("se"), _truth(panel)
    own = np.sqrt(np.mean(np.square(truth), axis=1, keepdims=True))
    if se is not None and np.isfinite(se).all() and bool((se > 0).all()):
        return np.asarray(se)
    return np.broadcast_to(own, truth.shape)


def _by_group(panel: Panel, of: Callable[[Array], Array]) -> Array:
    """Change the truth within each context, dose and time."""
    out = _truth(panel).copy()
    for code in np.unique(panel.inputs["dose_time"]).tolist():
        at = np.flatnonzero(panel.inputs["dose_time"] == code)
        out[at] = of(out[at])
    return out


def _unroll(n: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """An order that, after a shift by one, leaves no row in its place."""
    if n < 3:
        return np.arange(n)
    while True:
        order = rng.permutation(n)
        if ((order - 1) % n != np.arange(n)).all():
            return order
