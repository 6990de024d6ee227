"""Calibration: whether each metric can tell a replicate from the mean effect on the screen at hand.

DRF and BDS as proposed by Mejia et al. 2025 and Schaefer et al. 2026, with a replicate and a truth
that share neither rows nor controls.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import scipy
from numpy.typing import NDArray

from vcassay.arrays.agreement import Ratio, cross_product_error
from vcassay.arrays.multiple import benjamini_hochberg
from vcassay.arrays.resample import Estimate, Weights, aggregate, draw_weights, interval, take_weights
from vcassay.core import Threshold
from vcassay.core.registry import Entry, call
from vcassay.effects import Effects
from vcassay.effects.depths import Depths, Part
from vcassay.evidence.metrics.calibration.outcome import goodness
from vcassay.evidence.metrics.calibration.rules import Broken
from vcassay.evidence.metrics.filled import on_truth
from vcassay.evidence.metrics.inputs import Inputs
from vcassay.evidence.metrics.metric import METRICS, MetricFunction, Values
from vcassay.evidence.metrics.panel import Panel
from vcassay.evidence.metrics.score import applies, transformed

Array = NDArray[np.float64]
Codes = NDArray[np.int64]

CALIBRATION_DRAWS = 500
ERRORS = ("error",)
"""Families that punish the noise of a prediction, as they should."""
EVEN = Threshold("bds_even", 0.5, "a metric that prefers the mean effect to a replicate cannot rank models (BDS)")
MIN_SPAN = Threshold("drf_span", 0.01, "share of the range from chance to optimum: nearer to it, the ratio is of noise")


@dataclass(frozen=True, slots=True, eq=False)
class Blocks:
    """A truth of half the depth with a replicate that shares neither rows nor controls with it.

    Attributes
    ----------
    panel
        The truth's half, with halves of its own.
    replicate
        (t, g) effects from the other half of the rows.
    interpolated
        (t, g) the replicate where it is significant, the mean training effect where it is not.
    """

    panel: Panel
    replicate: Array
    interpolated: Array


@dataclass(frozen=True, slots=True)
class Calibration:
    """What a metric is worth here.

    Attributes
    ----------
    metric, n
        Its name, and conditions in which it is defined.
    optimum, interpolated, replicate, mean, no_change
        Values of a perfect copy, of the interpolated replicate, of the replicate as it is, of the mean
        training effect and of no change; NaN where undefined.
    drf
        (interpolated - mean) / (optimum - mean), not clipped; NaN where mean and optimum are too near.
    bds
        Share of conditions in which the interpolated replicate is better than the mean, ties counted half.
    sanity
        The same of the interpolated replicate against no change.
    broken
        Rules of conformance that it breaks on this screen.
    reasons
        Why it cannot carry the verdict here; empty where it can.
    """

    metric: str
    n: int
    optimum: float
    interpolated: float
    replicate: float
    mean: float
    no_change: float
    drf: Estimate
    bds: Estimate
    sanity: Estimate
    broken: tuple[Broken, ...] = ()
    reasons: tuple[str, ...] = ()


def make_blocks(panel: Panel, effects: Effects, rows: Codes, shards: tuple[int, ...]) -> Blocks | None:
    """Measure a truth and a replicate on disjoint rows and controls.

    Parameters
    ----------
    panel, rows
        Test conditions, and their positions among all.
    shards
        Shards of rows that are scored.

    Returns
    -------
    ``None`` where the rows or controls do not allow it.
    """
    half = len(shards) // 2
    truth, other = shards[:half], shards[half:]
    cut = max(1, half // 2)
    depths = Depths(effects.moments, rows)
    first = depths.effects(Part(truth[:cut], (1.0, 0.0, 0.0, 0.0)))
    second = depths.effects(Part(truth[cut:], (0.0, 1.0, 0.0, 0.0)))
    whole = depths.effects(Part(truth, (0.5, 0.5, 0.0, 0.0)))
    replicate = depths.effects(Part(other, (0.0, 0.0, 0.5, 0.5)))
    inside = panel.inputs["mask"]
    if not np.isfinite(np.where(inside, first + second + whole + replicate, 0.0)).all():
        return None
    se = panel.se * np.sqrt(2.0)
    inputs: dict[str, Any] = {
        **panel.inputs,
        "truth": whole,
        "half_a": first,
        "half_b": second,
        "half_mean": (first + second) / 2.0,
        "cross": first * second,
        "se": se,
    }
    line = panel.inputs.get("threshold")
    if line is not None:
        inputs["threshold"] = line * np.sqrt(2.0)
        inputs["called"] = (np.abs(whole) >= inputs["threshold"]) & inside
        inputs["statistic"] = np.divide(whole, se, out=np.full(whole.shape, np.nan), where=se > 0)
    return Blocks(replace(panel, inputs=inputs), replicate, interpolate(replicate, se, panel))


def interpolate(replicate: Array, se: Array, panel: Panel) -> Array:
    """Replicate where it is significant, mean training effect where it is not: alpha d + (1 - alpha) m.

    Alpha is one less the adjusted p-value of the replicate's own effect. Taken from the rows that are
    scored, it would tell where their effects are.
    """
    mean = np.nan_to_num(np.asarray(panel.inputs["reference"]))
    with np.errstate(divide="ignore", invalid="ignore"):
        p = 2.0 * scipy.stats.norm.sf(np.abs(replicate) / np.where(se > 0, se, np.nan))
    p = np.where(panel.inputs["mask"], p, np.nan)
    alpha = 1.0 - np.stack([benjamini_hochberg(row) for row in p])
    alpha = np.where(np.isfinite(alpha), alpha, 0.0)
    return np.asarray(alpha * np.nan_to_num(replicate) + (1.0 - alpha) * mean)


def calibrate(blocks: Blocks, broken: Mapping[str, tuple[Broken, ...]], seed: int) -> list[Calibration]:
    """Calibrate every metric that the readout allows.

    Parameters
    ----------
    blocks
        From `make_blocks`.
    broken
        Metric to the rules that it breaks on this screen.
    """
    panel = blocks.panel
    mean = np.nan_to_num(np.asarray(panel.inputs["reference"]))
    answers = {
        "interpolated": blocks.interpolated,
        "replicate": np.nan_to_num(blocks.replicate),
        "mean": mean,
        "no change": np.zeros(mean.shape),
    }
    values: dict[str, dict[str, Array | Ratio]] = {}
    entries = [e for e in METRICS if applies(e, panel)]
    defined = {e.name: _finite(on_truth(e, panel)) for e in entries}
    for name, pred in answers.items():
        given = Inputs(panel, pred)
        for entry in entries:
            if not given.lacking(entry):
                values.setdefault(entry.name, {})[name] = call(entry, given)
    weights = draw_weights(
        panel.context, panel.family, CALIBRATION_DRAWS, np.random.default_rng([seed, *b"calibration"])
    )
    nearer = _nearer(panel, answers)
    return [
        _calibrate(METRICS[name], found, weights, defined[name], broken.get(name, ()), nearer)
        for name, found in values.items()
    ]


def _nearer(panel: Panel, answers: Mapping[str, Array]) -> dict[str, bool]:
    """Whether the interpolated replicate is nearer to the true effects than a rival, by their noise-free distance."""
    p = panel.inputs
    far = {
        name: float(np.nansum(cross_product_error(pred, p["half_mean"], p["cross"], p["mask"]).numerator))
        for name, pred in answers.items()
    }
    return {name: far["interpolated"] < far[name] for name in ("mean", "no change")}


def _finite(values: Values) -> NDArray[np.bool_]:
    if isinstance(values, Ratio):
        return np.isfinite(values.numerator) & np.isfinite(values.denominator)
    return np.isfinite(values)


def _calibrate(
    entry: Entry[MetricFunction],
    found: Mapping[str, Array | Ratio],
    weights: Weights,
    defined: NDArray[np.bool_],
    broken: tuple[Broken, ...],
    nearer: Mapping[str, bool],
) -> Calibration:
    chance = entry.meta["chance"]
    tops: dict[str, Array] = {}
    belows: dict[str, Array | None] = {}
    for name, value in found.items():  # what a prediction leaves undefined counts at chance
        missing = np.nan if chance is None else float(chance)
        if isinstance(value, Ratio):
            there = np.isfinite(value.numerator) & np.isfinite(value.denominator)
            tops[name] = np.where(there, value.numerator, missing)
            belows[name] = np.where(there, value.denominator, 1.0)
        else:
            there = np.isfinite(value)
            tops[name], belows[name] = np.where(there, value, missing), None
        if chance is None or name == "interpolated":
            defined = defined & (there if name != "no change" else True)
    known = defined
    if not known.any() or weights.method == "none":
        return _none(entry, int(known.sum()), broken)
    masked = _taken(weights, known)
    sums = {
        name: transformed(
            entry.meta["transform"], *aggregate(_zeroed(tops[name], known), masked, _below(belows[name], known))
        )
        for name in tops
    }
    optimum = float(entry.meta["optimum"])
    best, base = sums["interpolated"], sums["mean"]
    if entry.meta["centred"]:  # the optimum is inside the range: distance to it is what counts
        best, base = ((-abs(s[0] - optimum), -np.abs(s[1] - optimum), -np.abs(s[2] - optimum)) for s in (best, base))
    span = (0.0 if entry.meta["centred"] else optimum) - base[0]
    reach = abs(optimum - chance) if chance is not None else max(abs(optimum), abs(base[0]))
    drf = Estimate(np.nan, np.nan, np.nan, np.nan)
    if abs(span) > MIN_SPAN.value * reach and np.isfinite(best[0]):
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = (best[1] - base[1]) / (span + base[0] - base[1])
            by_context = (best[2] - base[2]) / span
        drf = interval((best[0] - base[0]) / span, ratio, by_context, masked.method, families=masked.families)
    bds = _share(entry, tops, belows, known, masked, "mean")
    sanity = _share(entry, tops, belows, known, masked, "no change")
    values = {name: sums[name][0] if np.isfinite(tops[name][known]).all() else np.nan for name in sums}
    return Calibration(
        entry.name,
        int(known.sum()),
        optimum,
        values["interpolated"],
        values["replicate"],
        values["mean"],
        values["no change"],
        drf,
        bds,
        sanity,
        broken,
        _reasons(broken, bds, sanity, nearer if entry.meta["family"] in ERRORS else {}),
    )


def _reasons(broken: Iterable[Broken], bds: Estimate, sanity: Estimate, nearer: Mapping[str, bool]) -> tuple[str, ...]:
    """Why a metric cannot carry the verdict.

    An error is right to prefer a rival where the replicate is so noisy that the rival is nearer to the true effects.
    """
    reasons = [b.sentence for b in broken]
    if bds.high < EVEN.value and nearer.get("mean", True):
        reasons.append(f"it prefers the mean training effect to a replicate in {1 - bds.value:.0%} of the conditions")
    if sanity.high < EVEN.value and nearer.get("no change", True):
        reasons.append(f"it prefers no change to a replicate in {1 - sanity.value:.0%} of the conditions")
    return tuple(reasons)


def _share(
    entry: Entry[MetricFunction],
    tops: Mapping[str, Array],
    belows: Mapping[str, Array | None],
    known: NDArray[np.bool_],
    weights: Weights,
    rival: str,
) -> Estimate:
    """Share of conditions in which the interpolated replicate is better; of ratios, by their numerators."""
    if entry.meta["transform"]:
        return Estimate(np.nan, np.nan, np.nan, np.nan)
    mine, theirs = tops["interpolated"], tops[rival]
    below = belows["interpolated"]
    if below is not None and not np.allclose(below[known], np.asarray(belows[rival])[known], rtol=1e-9, equal_nan=True):
        return Estimate(np.nan, np.nan, np.nan, np.nan)
    gap = goodness(mine, entry) - goodness(theirs, entry)
    won = np.where(np.isfinite(gap), np.where(np.abs(gap) < 1e-12, 0.5, gap > 0), 0.5)
    value, draws, by_context = aggregate(_zeroed(won, known), weights)
    return interval(value, draws, by_context, weights.method, families=weights.families)


def _taken(weights: Weights, known: NDArray[np.bool_]) -> Weights:
    """Weights with those of undefined conditions, whose values are 0, shared out over the rest of their contexts."""
    part = take_weights(weights, known, weights.family)
    share, base = np.zeros(weights.share.shape), np.zeros(len(known))
    share[:, np.unique(weights.context[known])] = part.share
    share[np.isnan(part.share).any(axis=1) | (not known.any())] = np.nan
    base[known] = part.base
    return replace(weights, share=share, base=base)


def _zeroed(values: Array, known: NDArray[np.bool_]) -> Array:
    return np.where(known & np.isfinite(values), values, 0.0)


def _below(values: Array | None, known: NDArray[np.bool_]) -> Array | None:
    return None if values is None else _zeroed(values, known)


def _none(entry: Entry[MetricFunction], n: int, broken: tuple[Broken, ...]) -> Calibration:
    nan, never = np.nan, Estimate(np.nan, np.nan, np.nan, np.nan)
    optimum = float(entry.meta["optimum"])
    reasons = tuple(b.sentence for b in broken)
    return Calibration(entry.name, n, optimum, nan, nan, nan, nan, never, never, never, broken, reasons)
