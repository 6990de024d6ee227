"""L14: the same condition on two plates that have different roles."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vcassay.claim import Claim, Split
from vcassay.claim.batch_sides import BatchSides
from vcassay.core import Finding, Regime, Status
from vcassay.core.wording import plural
from vcassay.evidence.leakage.check import EVIDENCE_ROWS, check, finding
from vcassay.evidence.leakage.refusal import BATCH_QUESTION, not_comparable, too_few
from vcassay.evidence.leakage.roles.held_out import touching
from vcassay.evidence.leakage.wording import assuming

Codes = NDArray[np.int64]


class Replicates(NamedTuple):
    """Conditions with training rows on one plate and test rows on another, once a pair of plates; (p,) each."""

    condition: Codes
    trained: Codes
    tested: Codes


def find_replicates(sides: BatchSides, both: Codes) -> Replicates:
    """Pair the training plates of conditions that have rows on both sides with those of their plates only tested.

    A plate that holds training and test rows of a condition makes no pair of its own with that condition: its rows
    were parted, not the plates.
    """
    width = len(sides.names)
    train, test = (np.unique(side.condition * width + side.batch) for side in (sides.train, sides.test))
    alone = np.setdiff1d(test, train)
    alone = alone[np.isin(alone // width, both)]
    train = train[np.isin(train // width, both)]
    low, high = (np.searchsorted(train // width, alone // width, side=s) for s in ("left", "right"))
    count = high - low
    tested = np.repeat(alone, count)
    at = np.repeat(low - (np.cumsum(count) - count), count) + np.arange(int(count.sum()))
    return Replicates(tested // width, train[at] % width, tested % width)


@check("L14", title="Replicate plates on both sides", source="Tahoe-100M: plate 14 repeats conditions of other plates")
def replicate_plates(split: Split, claim: Claim) -> Finding:
    """No condition (context, perturbation, dose, time) is tested on one plate and trained on another.

    Read from the batches of a table with one row a well, cell or plate. FAIL from the first such condition on, unless
    random cells are declared, which claims no more (PASS with its value). UNKNOWN where no batch is named.
    """
    if (stop := not_comparable("L14", split)) is not None:
        return stop
    sides, t, both = claim.batches, len(split.test), split.both_sides
    if sides is None or not len(sides.test.batch):
        where = f"; {plural(len(both), 'condition')} with rows on both sides may be replicates" if len(both) else ""
        sentence = f"The tables do not say on which plates (batches) either side was measured{where}."
        return finding("L14", Status.UNKNOWN, sentence, question=BATCH_QUESTION)
    found = find_replicates(sides, both)
    touched = np.isin(split.test, found.condition)
    n, known = int(touched.sum()), np.isin(split.test, sides.test.condition)
    lost = f"; {plural(t - int(known.sum()), 'test condition')} without a plate" if not known.all() else ""
    more: dict[str, Any] = {"value": float(n), "null": 0.0, "threshold": 0.0}
    if not n and split.assumed:
        sentence = assuming(split, f"no test condition is trained on another plate{lost}")
        return finding("L14", Status.UNKNOWN, sentence, question=BATCH_QUESTION, **more)
    if not n:
        several = len(_several(sides.test.condition))
        sentence = (
            f"None of {plural(t, 'test condition')} is trained on another plate, {several:,} of them being measured on "
            f"several of {plural(len(sides.names), 'plate')}{lost}."
        )
        if too_few(int(known.sum()), t):
            return finding("L14", Status.UNKNOWN, sentence, question=BATCH_QUESTION, **more)
        return finding("L14", Status.PASS, sentence, **more)
    rows = _rows(found, sides.names, split)
    more["affected"] = touching("that are trained on another plate", touched, known)
    pair = f"{rows[0]['trained on']} and {rows[0]['tested on']}"
    sentence = (
        f"{n:,} of {plural(t, 'test condition')} {'is' if n == 1 else 'are'} trained on one plate, tested on another "
        f"(most between {pair}: {rows[0]['conditions']:,}, such as {rows[0]['such as']}){lost}"
    )
    if claim.declared is Regime.RANDOM_CELLS:
        said = "Random cells are declared, which claims no more"
        return finding("L14", Status.PASS, f"{said}: {sentence}.", evidence=rows, **more)
    remedy = "Give all plates of a condition the same role, train again and score again."
    return finding("L14", Status.FAIL, f"{sentence}.", evidence=rows, remedy=remedy, **more)


def _several(condition: Codes) -> Codes:
    """Conditions that occur more than once."""
    values, count = np.unique(condition, return_counts=True)
    return values[count > 1]


def _rows(found: Replicates, names: tuple[str, ...], split: Split) -> list[Mapping[str, Any]]:
    """Pairs of plates, most conditions first."""
    width = len(names)
    pairs, at, count = np.unique(found.trained * width + found.tested, return_index=True, return_counts=True)
    order = np.lexsort((pairs, -count))[:EVIDENCE_ROWS]
    return [
        {
            "trained on": names[int(pairs[j]) // width],
            "tested on": names[int(pairs[j]) % width],
            "conditions": int(count[j]),
            "such as": split.conditions.take([int(found.condition[at[j]])]).ids[0],
        }
        for j in order.tolist()
    ]
