"""Ranking: what competes with what, and by which value of an effect."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.choosing import group_sizes, known_group, without_main_effects
from vcassay.arrays.codes import codes_of
from vcassay.arrays.projection import mean_square, project
from vcassay.core import Conditions, Threshold
from vcassay.evidence.metrics.panel import Panel

Array = NDArray[np.float64]
Codes = NDArray[np.int64]

TOP_SHARE = Threshold("top_share", 0.1, "follow-up of the best tenth, where the study does not say how many")
TOP_LEAST = Threshold("top_least", 3, "a hit rate among fewer moves in steps of more than a third")
LEAST_RANKED = Threshold("least_ranked", 6, "perturbations in a context: the best three are then at most half of them")
LEAST_DOSES = Threshold("least_doses", 3, "two doses have no order that chance does not reach half the time")
LEAST_CONTEXTS = Threshold("least_contexts", 2, "selectivity compares contexts")


Values = tuple[Array, tuple[Array, Array] | None, Callable[[Array], Array]]
"""True values, those of the halves, and how a prediction's are found."""


@dataclass(frozen=True, slots=True, eq=False)
class Wish:
    """The change of expression that a user wants.

    Attributes
    ----------
    name
        Of the signature.
    weights
        (g,) weights of the screen's genes.
    coverage
        How many of the signature's genes the screen has, in words.
    """

    name: str
    weights: Array
    coverage: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Ranking:
    """Conditions that compete within groups.

    Attributes
    ----------
    name
        ``signature``, ``size``, ``contexts``, ``selectivity`` or ``dose``.
    truth
        (t,) true values, the higher the better.
    halves
        (t,) values in disjoint halves; ``None`` where the value cannot be had from one half alone.
    group
        (t,) codes of what competes; -1 where nothing can be ranked.
    k
        (t,) how many of its group are chosen.
    value
        From (t, g) predicted effects to (t,) predicted values.
    reason
        Why nothing can be ranked; empty otherwise.
    """

    name: str
    truth: Array
    halves: tuple[Array, Array] | None
    group: Codes
    k: Array
    value: Callable[[Array], Array]
    reason: str


def shift(effects: Array, weights: Array, scored: NDArray[np.bool_]) -> Array:
    """(t,) projection on the unit signature over the scored genes; NaN without a scored gene of the signature."""
    at = np.flatnonzero(scored & (weights != 0))
    length = np.sqrt((weights[at] ** 2).sum())
    if not length > 0:
        return np.full(len(effects), np.nan)
    return project(effects, at, weights[at] / length)


def true_size(panel: Panel) -> Array:
    """(t,) signed root of the squared effect a gene, debiased by halves: NaN without them."""
    mask = panel.inputs["mask"]
    mean = np.where(mask, panel.inputs["cross"], 0.0).sum(axis=1) / np.maximum(mask.sum(axis=1), 1)
    return np.asarray(np.sign(mean) * np.sqrt(np.abs(mean)))


def predicted_size(panel: Panel, pred: Array) -> Array:
    """(t,) root mean square of the predicted effect over the scored genes."""
    return np.sqrt(mean_square(pred, panel.inputs["mask"]))


def rankings(panel: Panel, conditions: Conditions, wish: Wish | None, k: int | None) -> list[Ranking]:
    """Every ranking that a test set allows.

    Parameters
    ----------
    conditions
        The t test conditions.
    wish
        Perturbations are ranked by their shift towards it, within a context, dose and time; without one there is no
        such ranking. Contexts are ranked for a perturbation at a dose and time by the same shift, else by the size of
        the effect.
    k
        How many are chosen: `TOP_SHARE` of the group, at least `TOP_LEAST`, at most half, where it is ``None``.
    """
    scored: NDArray[np.bool_] = np.asarray(panel.inputs["mask"].all(axis=0))
    treatment = codes_of([repr(t) for t in conditions.treatments])
    within = codes_of([f"{c}|{d}|{t}" for c, _, d, t in conditions.keys])
    course = codes_of([f"{c}|{p}|{t}" for c, p, _, t in conditions.keys])
    size: Values = (true_size(panel), None, lambda pred: predicted_size(panel, pred))
    out = []
    wanted = size
    if wish is not None:
        weights = wish.weights

        def towards(effects: Array) -> Array:
            return shift(effects, weights, scored)

        wanted = (towards(panel.inputs["truth"]), _halves(panel, towards), towards)
        out.append(_make("signature", wanted, within, LEAST_RANKED, k))
    out.append(_make("size", size, within, LEAST_RANKED, k))
    moved = _where_any(treatment, panel.inputs["detectable"])
    out.append(_make("contexts", wanted, moved, LEAST_CONTEXTS, 1))
    out.append(_make("selectivity", _specific(wanted, moved, treatment, panel.context), moved, LEAST_CONTEXTS, 1))
    out.append(_make("dose", size, _where_any(course, panel.inputs["detectable"]), LEAST_DOSES, 1))
    return out


def _make(name: str, values: Values, group: Codes, least: Threshold, k: int | None) -> Ranking:
    truth, halves, value = values
    if halves is not None:  # a condition without halves has no ceiling: it is left out where others have them
        measured = np.isfinite(halves[0] + halves[1])
        both = known_group(np.where(measured, truth, np.nan), group, int(least.value))
        group = both if (both >= 0).any() else group
    kept = known_group(truth, group, int(least.value))
    n = group_sizes(kept)
    usual = np.minimum(np.maximum(TOP_LEAST.value, np.round(TOP_SHARE.value * n)), np.maximum(n // 2, 1))
    chosen = usual if k is None else np.minimum(k, np.maximum(n - 1, 1))
    reason = ""
    if not np.isfinite(truth).any():
        reason = "no scored gene is in the signature" if name == "signature" else "split halves do not exist here"
    elif not (kept >= 0).any():
        reason = f"fewer than {least.value:g} {COMPETE[name]}"
    if halves is not None and not all(np.isfinite(h[kept >= 0]).all() for h in halves):
        halves = None
    return Ranking(name, truth, halves, kept, chosen.astype(np.float64), value, reason)


COMPETE = {
    "signature": "perturbations of a context compete at one dose and time",
    "size": "perturbations of a context compete at one dose and time",
    "contexts": "test contexts share a perturbation that acts in any of them",
    "selectivity": "test contexts share a perturbation that acts in any of them",
    "dose": "doses of a perturbation that acts in a context are scored",
}
"""What each ranking needs several of."""


def _halves(panel: Panel, value: Callable[[Array], Array]) -> tuple[Array, Array]:
    return value(panel.half_a), value(panel.half_b)


def _specific(values: Values, group: Codes, treatment: Codes, context: Codes) -> Values:
    """Values without what a perturbation does everywhere and what a context shows to all of them."""

    def residual(x: Array) -> Array:
        return without_main_effects(np.where(group >= 0, x, np.nan), treatment, context)

    truth, halves, value = values
    parts = None if halves is None else (residual(halves[0]), residual(halves[1]))
    return residual(truth), parts, lambda pred: residual(value(pred))


def _where_any(group: Codes, detectable: NDArray[np.bool_]) -> Codes:
    """Keep groups with a detectable effect anywhere, if there are any: the order of noise is no one's to predict."""
    if not detectable.any():
        return group
    acts = np.bincount(group, weights=detectable) > 0
    return np.where(acts[group], group, -1)
