"""L13: whether batch tells training from test, and what batch alone tells of an effect."""

from __future__ import annotations

from collections.abc import Mapping
from math import lgamma, log
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.association import cramers_v, permuted_v
from vcassay.arrays.codes import join
from vcassay.claim import Claim, Split
from vcassay.claim.batch_sides import BatchSides
from vcassay.claim.condition_codes import ConditionCodes, code_conditions
from vcassay.core import Finding, Status, Threshold
from vcassay.core.wording import plural
from vcassay.effects import Effects
from vcassay.evidence.leakage.check import check, finding, finite
from vcassay.evidence.leakage.refusal import (
    BATCH_QUESTION,
    TRAINING_QUESTION,
    not_comparable,
    not_detectable,
    too_few,
)
from vcassay.evidence.leakage.roles.held_out import find_held_out, touching
from vcassay.evidence.leakage.wording import assuming, p_text
from vcassay.evidence.leakage.yardstick import Yardstick, make_yardstick
from vcassay.prediction import Answer

Array = NDArray[np.float64]
Codes = NDArray[np.int64]

BATCH_V = Threshold("batch_v", 0.5, "a large association of a label of two values (Cohen 1988, w = .5)")
BATCH_V_FEW = Threshold("batch_v_few", 0.9, "batch tells the fold outright; where units are too few for a p-value")
BATCH_P = Threshold("batch_p", 0.01, "one-sided, whole contexts, perturbations or conditions changing sides")
BATCH_GAIN = Threshold(
    "batch_gain",
    0.1,
    "share of the model's score by which batch must beat the mean; without it 5 of 250 clean means were accused of .00 "
    "to .02",
)
BATCH_SHARE = Threshold("batch_share", 0.5, "batch alone reaches half of the model's score (proposal)")
DRAWS, DRAWS_OF_MANY, MANY = 999, 299, 5000
"""Permutations, and how many of more than so many units."""
FEWEST_WAYS = 500
"""Ways to choose the test units from which p-values well below `BATCH_P` exist (each has a mirror image)."""
PROBE, MEAN = "batch_only", "perturbed_mean"


class Confounding(NamedTuple):
    """Fold against batch.

    Attributes
    ----------
    table
        (2, b) conditions with training, and with test rows in each batch.
    v, null, p_value
        Cramér's V over batches that hold several units, its 95th percentile over permutations, and p-value; NaN where
        undefined.
    unit
        What changes sides as a whole.
    units, batches
        How many there are, and batches with several.
    """

    table: Codes
    v: float
    null: float
    p_value: float
    unit: str
    units: int
    batches: int


def fold_by_batch(sides: BatchSides, split: Split, coded: ConditionCodes, rng: np.random.Generator) -> Confounding:
    """Associate fold and batch, conditions counting once in each of their batches.

    What the split holds out whole (contexts, perturbations, else conditions) changes sides whole. Batches that hold a
    single one tell nothing beyond it and are set aside: a context that was run on its own comes with its own batches,
    wherever it goes. Where nothing is held out whole, conditions that share their batches because they are of one
    perturbation, or context, change sides together, those of either side on their own.
    """
    unit, code = _unit(sides, split, coded, rng)
    width = len(sides.names)
    owner = np.concatenate([code[sides.train.condition], code[sides.test.condition]])
    side = np.repeat([0, 1], [len(sides.train.batch), len(sides.test.batch)])
    batch = np.concatenate([sides.train.batch, sides.test.batch])
    table = np.bincount(side * width + batch, minlength=2 * width).reshape(2, width)
    _, item = np.unique(join(owner.astype(np.int64), side.astype(np.int64)), return_inverse=True)
    n = int(item.max(initial=-1)) + 1
    pair = np.unique(item * width + batch)
    several = np.flatnonzero(np.bincount(pair % width, minlength=width) > 1)
    v, null, p = float(cramers_v(table[:, several], n)), np.nan, np.nan
    test = np.zeros(n, dtype=bool)
    test[item[side == 1]] = True
    if np.isfinite(v) and _ways(n, int(test.sum())) >= FEWEST_WAYS:
        place = np.full(width, -1)
        place[several] = np.arange(len(several))
        keep = place[batch] >= 0
        draws = DRAWS if n <= MANY else DRAWS_OF_MANY
        drawn = permuted_v(item[keep], place[batch[keep]], test, draws, rng)
        drawn = np.nan_to_num(drawn)
        null = float(np.quantile(drawn, 0.95))
        p = (1 + int((drawn >= v - 1e-12).sum())) / (draws + 1)
    return Confounding(table, v, null, p, unit, n, len(several))


def _unit(sides: BatchSides, split: Split, coded: ConditionCodes, rng: np.random.Generator) -> tuple[str, Codes]:
    """What changes sides as a whole, and (n,) its code."""
    every = np.arange(len(split.conditions))
    known = {
        "perturbation": coded.parts,
        "context": coded.context,
        "perturbation of a context": join(coded.parts, coded.context),
        "condition": every,
    }
    held = find_held_out(split, coded).unit
    if held != "condition":
        return held, known[held]
    mark = rng.integers(1 << 63, size=len(sides.names), dtype=np.uint64)
    width = len(sides.names)
    pairs = np.unique(np.concatenate([side.condition * width + side.batch for side in (sides.train, sides.test)]))
    batches = np.zeros(len(every), dtype=np.uint64)
    np.add.at(batches, pairs // width, mark[pairs % width])  # equal for conditions of equal batches
    at = np.unique(pairs // width)
    own = np.unique(batches, return_inverse=True)[1].astype(np.int64)
    for name, code in known.items():
        if len(np.unique(join(code, own)[at])) == len(np.unique(code[at])):
            return name, code
    return "condition", every


def _ways(n: int, k: int) -> float:
    """Ways to choose k of n; infinite from a million."""
    logarithm = lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)
    return np.inf if logarithm > log(1e6) else float(np.exp(logarithm))


@check("L13", title="Batches follow the split", source="batch confounding; Cramér's V: Bergsma 2013")
def batches_tell_fold(split: Split, claim: Claim, rng: np.random.Generator) -> Finding:
    """Batch does not tell test from training conditions.

    Bias-corrected Cramér's V between fold and batch, over batches that hold several of what is held out whole
    (contexts, perturbations, else conditions), each of which is one observation. WARN from V = 0.5 up, beyond
    permutations of whole units (p < .01); from 0.9 up where they are too few for a p-value. UNKNOWN without
    batches, or where less than half of the test conditions have one; NA where there is one, or each batch holds one
    unit. The share of test conditions whose batches hold training rows is printed, and what batch alone can make of it
    is judged by L13m.
    """
    if (stop := not_comparable("L13", split)) is not None:
        return stop
    sides = claim.batches
    if sides is None or not len(sides.test.batch) or not len(sides.train.batch):
        return finding("L13", Status.UNKNOWN, "The tables name no batch of either side.", question=BATCH_QUESTION)
    if len(sides.names) < 2:
        return finding("L13", Status.NA, f"All rows are of one batch, {sides.names[0]}.")
    found = fold_by_batch(sides, split, code_conditions(split.conditions), rng)
    t = len(split.test)
    known = np.isin(split.test, sides.test.condition)
    shared = np.isin(split.test, sides.test.condition[np.isin(sides.test.batch, sides.train.batch)])
    share = float(shared[known].mean())
    seen = f"{share:.0%} of the test conditions have rows in batches that hold training conditions"
    seen += f" ({t - int(known.sum()):,} of {t:,} without a batch)" if not known.all() else ""
    some = None if shared[known].all() else touching("with rows in batches that hold training rows", shared, known)
    more: dict[str, Any] = {"affected": some}
    if np.isnan(found.v):
        sentence = f"Not measurable: each batch holds one {found.unit}, so that batch tells nothing beyond it; {seen}."
        return finding("L13", Status.NA, sentence, **more)
    units = found.unit.replace("perturbation", "perturbations") if "pert" in found.unit else f"{found.unit}s"
    if np.isnan(found.p_value):
        beside = f"{found.units} {units} are too few for a null"
    else:
        beside = f"{found.null:.2f} at the 95th percentile when whole {units} change sides, {p_text(found.p_value)}"
    numbers = (
        f"Cramér's V = {found.v:.2f} between fold and batch ({beside}) over "
        f"{found.batches} of {plural(len(sides.names), 'batch', 'batches')}; {seen}"
    )
    bar = BATCH_V_FEW if np.isnan(found.p_value) else BATCH_V
    more |= {"value": found.v, "null": finite(found.null), "threshold": bar.value}
    if split.assumed:
        sentence = assuming(split, f"there is a {numbers}")
        return finding("L13", Status.UNKNOWN, sentence, question=TRAINING_QUESTION, **more)
    if found.v < bar.value or found.p_value >= BATCH_P.value:
        if too_few(int(known.sum()), t):
            sentence = f"Too few test conditions have a batch: {numbers}."
            return finding("L13", Status.UNKNOWN, sentence, question=BATCH_QUESTION, **more)
        why = "beyond chance" if found.v >= bar.value else "outright" if bar is BATCH_V_FEW else "much"
        return finding("L13", Status.PASS, f"Batch does not tell the fold {why}: {numbers}.", **more)
    return finding(
        "L13",
        Status.WARN,
        f"Batch tells the fold: {numbers}.",
        evidence=_rows(found.table, sides.names),
        remedy=f"Hold out {units} of every batch, or match controls within batch and say that both sides were "
        "measured apart.",
        **more,
    )


def _rows(table: Codes, names: tuple[str, ...]) -> list[Mapping[str, Any]]:
    """Batches, those farthest from the overall mixture first."""
    expected = table.sum(axis=1, keepdims=True) * table.sum(axis=0) / table.sum()
    away = ((table - expected) ** 2 / np.maximum(expected, 1e-300)).sum(axis=0)
    order = sorted(range(len(names)), key=lambda j: (-round(float(away[j]), 9), names[j]))
    columns = table.T.tolist()
    return [{"batch": names[j], "training conditions": columns[j][0], "test conditions": columns[j][1]} for j in order]


@check("L13m", title="Batch alone scores", source="batch or plate as the only input")
def batch_suffices(
    effects: Effects, split: Split, claim: Claim, answers: Mapping[str, Answer], rng: np.random.Generator
) -> tuple[Finding, ...]:
    """The mean effect of a condition's batches does not come near a model's score.

    Pearson delta of the probe ``batch_only`` beside each model's. WARN where by the paired 95 % interval it reaches
    half of the model's score, and is better than the plain mean, which needs no batch, by an interval and by a tenth of
    the model's score: batches differ a little in any screen, and a model that is a mean would be accused of it. NA
    where there are no two batches with training rows, or the probe was not run; UNKNOWN where no interval can be
    computed.
    """
    models = [a for a in answers.values() if a.role == "submission"]
    sides = claim.batches
    if sides is None or len(np.unique(sides.train.batch)) < 2 or PROBE not in answers:
        sentence = "Not measurable: no two batches with training rows, or no batch probe."
        return tuple(finding("L13m", Status.NA, sentence, model=a.name) for a in models)
    stick = make_yardstick(effects, split, rng)
    if not len(stick.at):
        return tuple(not_detectable("L13m", split, a.name) for a in models)
    plain = answers[MEAN].values if MEAN in answers else _mean(effects, split)
    batch, mean = stick.each(answers[PROBE].values), stick.each(plain)
    return tuple(_beside(stick, a.name, stick.each(a.values), batch, mean) for a in models)


def _beside(stick: Yardstick, model: str, own: Array, batch: Array, mean: Array) -> Finding:
    """Judge one model by the agreement of its answers, the batch probe's and the mean's."""
    score, alone, least = (stick.estimate(x) for x in (own, batch, mean))
    above, gain = stick.estimate(batch - BATCH_SHARE.value * own), stick.estimate(batch - mean)
    numbers = (
        f"batch alone scores {alone.value:.2f}, the plain mean {least.value:.2f}, the model {score.value:.2f} "
        f"(Pearson delta, {plural(len(stick.at), 'condition')})"
    )
    more: dict[str, Any] = {
        "value": alone.value / score.value if score.value > 0 else None,
        "null": least.value / score.value if score.value > 0 else None,
        "threshold": BATCH_SHARE.value,
        "model": model,
        "evidence": [
            {"answer": name, "score": s.value, "low": finite(s.low), "high": finite(s.high)}
            for name, s in ((model, score), (PROBE, alone), (MEAN, least))
        ],
    }
    half = f"{BATCH_SHARE.value:.0%}"
    beyond = gain.low > 0 and gain.value > BATCH_GAIN.value * score.value
    if above.low > 0 and beyond:
        sentence = f"Batch alone reaches {half} of the model's score, and more than a mean does: {numbers}."
        remedy = "Score within batches, or hold out whole batches: what the model adds to batch is not shown."
        return finding("L13m", Status.WARN, sentence, remedy=remedy, **more)
    if not np.isfinite([above.low, gain.low]).all() and not np.allclose(batch, mean):
        sentence = f"Too few perturbations for an interval: {numbers}."
        return finding("L13m", Status.UNKNOWN, sentence, question="Can more perturbations be scored?", **more)
    why = f"at {half} of the model's score or above" if beyond else "clearly better than the mean"
    return finding("L13m", Status.PASS, f"Batch alone is not shown to be {why}: {numbers}.", **more)


def _mean(effects: Effects, split: Split) -> Array:
    """(t, g) mean training effect, for every test condition."""
    mean = effects.delta_train[split.train].mean(axis=0)
    return np.asarray(np.broadcast_to(mean, (len(split.test), len(mean))))
