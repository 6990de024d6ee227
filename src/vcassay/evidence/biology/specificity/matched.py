"""Matched: arms whose rows should agree with the truth's own rows more than with those of others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.matching import add_agreements, block_orders, dependence, match_own, to_whole
from vcassay.claim.kind import modality_of
from vcassay.core import Conditions
from vcassay.evidence.biology.bench import Arm, Bench
from vcassay.evidence.biology.contrast import Contrast, Rows
from vcassay.evidence.biology.tested import DRAWS, Tested, tested, truth_passes

Array = NDArray[np.float64]
Codes = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """Which rows are compared.

    Attributes
    ----------
    rows
        (n,) positions among the test conditions, or of whatever the rows are.
    item, group
        (n,) codes: what is permuted, and within what it is compared.
    block
        (items,) items that are permuted together.
    dependent
        Whether rows share noise with each other, on either side alike.
    """

    rows: Codes
    item: Codes
    group: Codes
    block: Codes
    dependent: bool = False


def treatments_of(conditions: Conditions) -> list[tuple[Any, ...]]:
    """What was applied: parts, dose and time, and the modality, for a gene may be silenced here and activated there."""
    return [(*t, kind) for t, kind in zip(conditions.treatments, modality_of(conditions).tolist(), strict=True)]


class Own(NamedTuple):
    """A statistic with the agreement of each row of the layout."""

    tested: Tested
    rows: Array


def weigh(layout: Layout, pairs: Sequence[tuple[Array, Array]], orders: Codes, *, halves: bool) -> Own:
    """Mean agreement of rows of unit length with their counterparts, beside that with permuted items.

    Parameters
    ----------
    halves
        The rows are halves of the truth: the mean becomes that of a perfect prediction with the whole; the agreement
        of single rows stays that of halves.
    """
    p = len(layout.block)
    total, weight = np.zeros((p, p)), np.zeros((p, p))
    own = np.mean([add_agreements(a, b, layout.item, layout.group, (total, weight)) for a, b in pairs], axis=0)
    value, draws = match_own(total, weight, orders)
    if layout.dependent:
        wider = max(dependence(a, b, layout.group) for a, b in pairs)
        draws = draws.mean() + wider * (draws - draws.mean())
    if halves:
        value, draws = float(to_whole(value)), to_whole(draws)
    return Own(tested(value, draws, len(layout.rows)), own)


def orders_of(layout: Layout, rng: np.random.Generator) -> Codes:
    """Permutations of the items; the same for every arm."""
    return block_orders(layout.block, DRAWS, rng)


Lay = Callable[[NDArray[np.bool_]], Layout | None]
Measure = Callable[[Arm, Layout], Sequence[tuple[Array, Array]]]
Tell = Callable[[Layout, Array, Array | None], Rows]


def compare(bench: Bench, rng: np.random.Generator, lay: Lay, measure: Measure, tell: Tell) -> Contrast | None:
    """Weigh truth, models and baselines, these where the truth passes; `None` where the truth has no layout.

    Parameters
    ----------
    lay
        Layout of the test conditions that are known; ``None`` where there are too few.
    measure
        Left and right rows of unit length of an arm on a layout: halves of the truth, or a model and the truth. Asked
        only where the truth has halves.
    tell
        Evidence: layout, the agreement of halves of each row of the truth, and of a model with the truth.
    """
    whole = lay(bench.truth.known)
    if whole is None:
        return None
    seed = int(rng.integers(2**63))
    orders = orders_of(whole, np.random.default_rng(seed))
    truth = weigh(whole, measure(bench.truth, whole), orders, halves=True)
    models: dict[str, Tested | str] = {}
    truths: dict[str, Tested] = {}
    baselines: dict[str, Tested] = {}
    rows: dict[str, Rows] = {}
    for arm in (*bench.submissions, *bench.baselines) if truth_passes(truth.tested) else ():
        layout, beside, own_orders = whole, truth, orders
        if not arm.known[bench.truth.known].all():
            found = lay(bench.truth.known & arm.known)
            if found is None:
                models[arm.name] = "it answers too few of the conditions that can be compared"
                continue
            layout, own_orders = found, orders_of(found, np.random.default_rng(seed))
            if arm.role == "submission":
                beside = weigh(layout, measure(bench.truth, layout), own_orders, halves=True)
        own = weigh(layout, measure(arm, layout), own_orders, halves=False)
        if arm.role == "submission":
            models[arm.name], rows[arm.name] = own.tested, tell(layout, beside.rows, own.rows)
            if layout is not whole:
                truths[arm.name] = beside.tested
        else:
            baselines[arm.name] = own.tested
    return Contrast(truth.tested, models, truths, baselines, rows=tell(whole, truth.rows, None), model_rows=rows)
