"""L30: whether the genes that were knocked down, or switched on, are among those that are scored."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vcassay.claim import Split
from vcassay.core import Finding, Status
from vcassay.core.affected import affected_where
from vcassay.core.wording import plural
from vcassay.effects import Effects
from vcassay.effects.scored import scored_genes
from vcassay.evidence.leakage.check import check, finding
from vcassay.evidence.leakage.refusal import not_detectable
from vcassay.evidence.leakage.wording import bounds
from vcassay.evidence.leakage.yardstick import Yardstick, make_yardstick
from vcassay.prediction import Answer

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

REMEDY = "Leave the panel's targets out ([data] keep_targets = false): a knock-down is made, not predicted."


@check("L30", title="Perturbed genes among the scored", source="GEARS, CPA and STATE evaluations keep the targets")
def targets_scored(effects: Effects, split: Split, answer: Answer, rng: np.random.Generator) -> Finding:
    """The genes that the test perturbations act on are left out of the score.

    A knocked-down gene is the largest effect of most knock-downs, and known without any model. The model's score on one
    yardstick (Pearson delta) with and without the panel's targets, and the change with its 95 % interval, are given
    either way: WARN where the study scores them ([data] keep_targets), PASS where it does not. NA where no test
    perturbation is named for a measured gene, or nothing can be agreed with.
    """
    test = split.test
    common: dict[str, Any] = {"train": split.train}
    table, genes = effects.conditions, effects.genes
    full = scored_genes(effects.moments, table, genes, targets=True, **common)[0] & answer.genes
    without = scored_genes(effects.moments, table, genes, panel=test, **common)[0] & answer.genes
    aimed = full[test] & ~without[test]
    if not aimed.any():
        sentence = f"None of {plural(len(test), 'test condition')} is named for a measured gene."
        return finding("L30", Status.NA, sentence, model=answer.name)
    yard = make_yardstick(replace(effects, mask=without), split, rng)
    kept = replace(yard, mask=full[test[yard.at]])
    if not len(yard.at):
        return not_detectable("L30", split, answer.name)
    each = kept.each(answer.values), yard.each(answer.values)
    with_targets, own, change = kept.estimate(each[0]), yard.estimate(each[1]), yard.estimate(each[0] - each[1])
    count = int(aimed.any(axis=0).sum())
    numbers = (
        f"Pearson delta {with_targets.value:.3f} with the panel's {plural(count, 'target gene')} and {own.value:.3f} "
        f"without them, a change of {change.value:+.3f}, {bounds(change, '+')}, {plural(len(yard.at), 'condition')}"
    )
    more: dict[str, Any] = {
        "value": change.value,
        "null": 0.0,
        "model": answer.name,
        "evidence": _rows(effects, split, yard, each),
    }
    scored = effects.mask[test] & aimed
    if not scored.any():
        return finding("L30", Status.PASS, f"The perturbed genes are not scored ({numbers}).", **more)
    own_target = np.array([bool(own) for own in _targets(effects, split)])
    affected = affected_where("whose own target gene is scored", own_target)
    sentence = f"The perturbed genes are scored, of which no model is needed to know the change: {numbers}."
    return finding("L30", Status.WARN, sentence, remedy=REMEDY, affected=affected, **more)


def _targets(effects: Effects, split: Split) -> list[list[str]]:
    """Measured genes that each test condition is named for."""
    measured = set(effects.genes.tolist())
    return [[part for part in parts if part in measured] for parts in effects.conditions.take(split.test).parts]


def _rows(effects: Effects, split: Split, yard: Yardstick, each: tuple[Array, Array]) -> Iterator[Mapping[str, Any]]:
    """Conditions by how much the targets change their score, those with a target of their own alone."""
    change = each[0] - each[1]
    ids, targets = effects.conditions.take(split.test).ids, _targets(effects, split)
    for i in np.argsort(-np.abs(change), kind="stable").tolist():
        at = int(yard.at[i])
        if targets[at]:
            yield {
                "condition": ids[at],
                "target": " ".join(targets[at]),
                "kept": float(each[0][i]),
                "left out": float(each[1][i]),
                "change": float(change[i]),
            }
