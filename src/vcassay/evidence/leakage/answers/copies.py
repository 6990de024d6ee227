"""L26: whether predicted effects are copies of training effects or of their means."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.agreement import centred
from vcassay.claim import Split
from vcassay.core import Finding, Status, Threshold
from vcassay.effects import Effects
from vcassay.evidence.leakage.check import check, finding, not_comparable, plural
from vcassay.prediction import Answer

COPY_R = Threshold("copy_r", 0.99, "above the agreement of noisy replicates: a scaled copy, not a similar effect")
COPY_SHARE = Threshold("copy_share", 0.5, "most of the predictions (proposal)")
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


@check("L26", title="Copies of training effects", source="mean or copy collapse; look-up baselines")
def copies(effects: Effects, split: Split, answer: Answer, rng: np.random.Generator) -> Finding:
    """Most predicted effects are not copies, up to scale, of a training effect or of a training mean."""
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
    at, r = nearest(answer.values[rows], references.values, mask)
    copied = np.where(np.isfinite(r), r, 0.0) > COPY_R.value
    share = float(copied.mean())
    ids = effects.conditions.take(split.test[rows]).ids
    order = np.argsort(np.where(np.isfinite(r), -r, np.inf), kind="stable")
    evidence = [
        {"condition": ids[i], "nearest": references.names[at[i]], "kind": references.kinds[at[i]], "r": float(r[i])}
        for i in order[:20]
        if np.isfinite(r[i])
    ]
    middle = float(np.median(r[np.isfinite(r)])) if np.isfinite(r).any() else np.nan
    numbers = (
        f"{share:.0%} of {plural(len(rows), 'prediction')} correlate above {COPY_R.value:g} with a training effect or "
        f"mean (median of the nearest {middle:.2f})"
        if np.isfinite(middle)
        else f"all {plural(len(rows), 'prediction')} are constant"
    )
    more = {"value": share, "null": 0.0, "threshold": COPY_SHARE.value, "model": answer.name, "evidence": evidence}
    if share <= COPY_SHARE.value:
        return finding("L26", Status.PASS, f"No collapse to training data: {numbers}.", **more)
    kinds = Counter(references.kinds[i] for i in at[copied])
    names = Counter(references.names[i] for i in at[copied])
    (kind, n), (name, times) = kinds.most_common(1)[0], names.most_common(1)[0]
    return finding(
        "L26",
        Status.WARN,
        f"Mean or copy collapse: {numbers}; {n} are nearest to a {kind}, {times} to one, '{name}'.",
        remedy="Compare the model with that mean or look-up: it needs no model.",
        **more,
    )
