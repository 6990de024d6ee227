"""L26: whether predicted effects are copies of training effects, of their means, or of one another."""

from __future__ import annotations

from collections import Counter
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.agreement import centred
from vcassay.claim import Split
from vcassay.core import Finding, Status, Threshold
from vcassay.core.affected import Affected
from vcassay.core.wording import plural
from vcassay.effects import Effects
from vcassay.evidence.leakage.answers.ablation import SAME, share_between
from vcassay.evidence.leakage.answers.shortcut import comparable
from vcassay.evidence.leakage.check import EVIDENCE_ROWS, check, finding
from vcassay.evidence.leakage.refusal import not_comparable
from vcassay.prediction import Answer

COPY_R = Threshold("copy_r", 0.99, "above the agreement of noisy replicates: a scaled copy, not a similar effect")
COPY_SHARE = Threshold("copy_share", 0.5, "most of the predictions (proposal)")
JUST_ABOVE = np.nextafter(COPY_R.value, 1.0)
MAX_CONDITIONS = 2000
"""Test conditions compared; a random sample of larger test sets."""
BLOCK = 256

Array = NDArray[np.float64]


class References(NamedTuple):
    """What a prediction may be a copy of.

    Attributes
    ----------
    values
        (m, g) training effects, and their means by treatment, by context and over all.
    names, kinds
        m readable names, and m kinds.
    """

    values: Array
    names: list[str]
    kinds: list[str]


def make_references(effects: Effects, train: NDArray[np.int64]) -> References:
    """Collect the training effects and their means; means of a single effect are left out."""
    at = train[np.isfinite(effects.delta_train[train]).all(axis=1)]
    table, delta = effects.conditions.take(at), effects.delta_train[at]
    values = [delta]
    ids = table.ids
    names, kinds = list(ids), ["training effect"] * len(at)
    by_treatment: dict[object, list[int]] = {}
    by_context: dict[object, list[int]] = {}
    for i, (treatment, context) in enumerate(zip(table.treatments, table.context.tolist(), strict=True)):
        by_treatment.setdefault(treatment, []).append(i)
        by_context.setdefault(context, []).append(i)
    groups = [("treatment mean", rows, f"mean of {_treatment(ids[rows[0]])}") for rows in by_treatment.values()]
    groups += [("context mean", rows, f"mean of {context}") for context, rows in by_context.items()]
    groups += [("overall mean", list(range(len(at))), "mean of all training effects")]
    for kind, rows, name in groups:
        if len(rows) > 1:
            values.append(delta[rows].mean(axis=0, keepdims=True))
            names.append(f"{name} ({len(rows)} effects)" if kind != "overall mean" else name)
            kinds.append(kind)
    return References(np.concatenate(values), names, kinds)


def nearest(pred: Array, references: Array, mask: NDArray[np.bool_]) -> tuple[NDArray[np.int64], Array]:
    """Find the reference that each prediction correlates with most.

    Parameters
    ----------
    pred, references
        (n, g) and (m, g), without NaN on the mask.
    mask
        (g,) genes that count.

    Returns
    -------
    (n,) position of the nearest reference and (n,) its Pearson correlation; NaN where the prediction is
    constant.
    """
    unit_r = _unit(references, mask)
    at, best = np.zeros(len(pred), dtype=np.int64), np.full(len(pred), np.nan)
    for start in range(0, len(pred), BLOCK):
        unit_p = _unit(pred[start : start + BLOCK], mask)
        r = unit_p @ unit_r.T
        rows = np.arange(len(r))
        at[start : start + BLOCK] = place = r.argmax(axis=1)
        best[start : start + BLOCK] = np.where(unit_p.any(axis=1), r[rows, place], np.nan)
    return at, best


def _unit(matrix: Array, mask: NDArray[np.bool_]) -> Array:
    out = centred(matrix[:, mask], np.ones(int(mask.sum()), dtype=bool))
    norm = np.sqrt((out * out).sum(axis=1, keepdims=True))
    flat = norm[:, 0] <= 1e-12 * np.sqrt(np.square(matrix[:, mask]).sum(axis=1))
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(flat[:, None] | (norm == 0), 0.0, out / norm)


def _treatment(condition: str) -> str:
    return condition.split(" | ", 1)[1]


def nearest_prediction(
    pred: Array, mask: NDArray[np.bool_], context: NDArray[np.int64], family: NDArray[np.int64]
) -> tuple[NDArray[np.int64], Array]:
    """Find the prediction of another perturbation in the same context that each prediction correlates with most.

    Returns
    -------
    (n,) its position and (n,) the correlation; NaN where there is none, where the prediction is constant, and in
    contexts whose predictions are all alike: these ignore the perturbation, which is another check's question.
    """
    at, best = np.zeros(len(pred), dtype=np.int64), np.full(len(pred), np.nan)
    for c in np.unique(context).tolist():
        rows = np.flatnonzero(context == c)
        unit = _unit(pred[rows], mask)
        able: NDArray[np.bool_] = np.asarray(unit.any(axis=1))
        first = unit[able][:1]
        if not able.any() or bool(np.all(unit[able] @ first.T > COPY_R.value)):
            continue
        for start in range(0, len(rows), BLOCK):
            here = slice(start, start + BLOCK)
            r = unit[here] @ unit.T
            r[(family[rows[here], None] == family[rows]) | ~able] = -np.inf
            place = r.argmax(axis=1)
            found = r[np.arange(len(r)), place]
            at[rows[here]] = rows[place]
            best[rows[here]] = np.where(able[here] & np.isfinite(found), found, np.nan)
    return at, best


@check("L26", title="Copies of training effects", source="mean or copy collapse; look-up baselines")
def copies(effects: Effects, split: Split, answer: Answer, rng: np.random.Generator) -> Finding:
    """Most predicted effects are not copies, up to scale, of training effects or means, or of one another.

    A prediction is a copy if it correlates above 0.99 (over scored genes) with a training effect, with a mean of
    training effects (by treatment, by context, of all), or with the prediction of another perturbation in its context;
    contexts whose predictions are all alike are left to L24. WARN where more than half of the predictions are copies.
    UNKNOWN where no training set is known; NA where there is one feature, or no complete prediction or training effect.
    """
    if (stop := not_comparable("L26", split)) is not None:
        return stop.about(answer.name)
    if len(effects.genes) == 1:
        sentence = "Not measurable: one value a condition has no direction that could be copied."
        return finding("L26", Status.NA, sentence, model=answer.name)
    references = make_references(effects, split.train)
    rows = np.flatnonzero(answer.state == "ok")
    if not len(references.values) or not len(rows):
        sentence = "Not measurable: no training effect or no prediction is complete."
        return finding("L26", Status.NA, sentence, model=answer.name)
    if len(rows) > MAX_CONDITIONS:
        rows = np.sort(rng.choice(rows, MAX_CONDITIONS, replace=False))
    mask = effects.mask.any(axis=0) & answer.genes
    table = effects.conditions.take(split.test[rows])
    ids = table.ids
    context, family = (np.unique(x, return_inverse=True)[1] for x in (table.context, table.perturbation))
    at, r = nearest(answer.values[rows], references.values, mask)
    twin, r_twin = nearest_prediction(answer.values[rows], mask, context, family)
    if share_between(*comparable(effects, split, answer)) <= SAME.value:
        r_twin = np.full(len(rows), np.nan)
    names = [references.names[i] for i in at]
    kinds = [references.kinds[i] for i in at]
    of_training, of_twin = np.nan_to_num(r, nan=-1.0), np.nan_to_num(r_twin, nan=-1.0)
    best = np.maximum(of_training, of_twin)
    for i in np.flatnonzero((of_twin > COPY_R.value) & (of_training <= COPY_R.value)).tolist():
        names[i], kinds[i] = f"prediction of {ids[twin[i]]}", "prediction of another perturbation"
    copied = best > COPY_R.value
    share = float(copied.mean())
    order = np.argsort(-best, kind="stable")
    known = np.isfinite(r) | np.isfinite(r_twin)
    evidence = [
        {"condition": ids[i], "nearest": names[i], "kind": kinds[i], "r": float(best[i])}
        for i in order[:EVIDENCE_ROWS]
        if known[i]
    ]
    n_twins = int(((of_twin > COPY_R.value) & (of_training <= COPY_R.value)).sum())
    others = f", and {n_twins:,} more with the prediction of another perturbation" if n_twins else ""
    of_all = int((of_training > COPY_R.value).sum())
    numbers = (
        f"{of_all:,} of {plural(len(rows), 'prediction')} correlate above {COPY_R.value:g} with a "
        f"training effect or mean (median of the nearest {float(np.median(r[np.isfinite(r)])):.2f}){others}"
        if np.isfinite(r).any()
        else f"all {plural(len(rows), 'prediction')} are constant"
    )
    degree = np.full(len(split.test), np.nan)
    degree[rows] = np.maximum(best, 0.0)
    affected = Affected(
        "whose prediction is a copy of a training effect or mean, or of another prediction", degree, float(JUST_ABOVE)
    )
    more: dict[str, Any] = {"value": share, "null": 0.0, "threshold": COPY_SHARE.value, "model": answer.name}
    more |= {"evidence": evidence, "affected": affected}
    if share <= COPY_SHARE.value:
        return finding("L26", Status.PASS, f"No collapse to training data: {numbers}.", **more)
    (name, times), *_ = Counter(names[i] for i in np.flatnonzero(copied)).most_common(1)
    return finding(
        "L26",
        Status.WARN,
        f"Mean or copy collapse: {numbers}; most often '{name}' ({times:,}).",
        remedy="Compare the model with that mean or look-up: it needs no model.",
        **more,
    )
