"""Crossed: a second pass over the screen, in which whole batches and guides are dealt into halves."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vcassay.effects import Effects, accumulate
from vcassay.effects.crossed import HANDS, LEFT_OUT, Crossed, CrossedSums, crossed_halves, crossed_slots, crossed_sums
from vcassay.run.cache import Cache
from vcassay.run.moments import MAX_BYTES, pack_sparse, unpack_sparse
from vcassay.screen import Screen


def cross(
    screen: Screen,
    effects: Effects,
    cache: Cache,
    depends: Mapping[str, Any],
    *,
    seed: int,
    quick: bool = False,
    scheduler: str | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[dict[str, Crossed], dict[str, str]]:
    """Correlate halves that share no batch, and halves that share no guide.

    One more pass over the rows, kept like the first; none where nothing can be crossed.

    Parameters
    ----------
    depends
        What the sums depend on beside the seed: the file's hash and how it is read.
    quick
        Leave the pass out.
    scheduler
        Set where the first pass was made on a cluster: there is no second one then.

    Returns
    -------
    What was measured, by kind, and why the others were not.
    """
    if quick or scheduler is not None:
        why = "it takes a second pass over the rows, which "
        why += "a quick run leaves out" if quick else "is not made on a cluster"
        return {}, dict.fromkeys(HANDS, why)
    slots, why_not = crossed_slots(screen, effects.moments.slots)
    if slots is None:
        return {}, why_not
    target = effects.moments.target_sum

    def compute() -> dict[str, NDArray[Any]]:
        given: dict[str, Any] = {} if target is None else {"target_sum": target}
        return _pack(crossed_sums(accumulate(screen, seed=seed, slots=slots, progress=progress, **given)))

    stored = cache.arrays("crossed", {**depends, "seed": seed, "target_sum": target}, compute, max_bytes=MAX_BYTES)
    sums = _unpack(stored)
    found = {kind: crossed_halves(kind, sums, effects.moments, effects.mask) for kind in HANDS if kind not in why_not}
    return found, why_not


def _pack(sums: CrossedSums) -> dict[str, NDArray[Any]]:
    out: dict[str, NDArray[Any]] = {"sums": sums.sums, "sizes": sums.sizes, "rows": sums.rows}
    for k, matrix in enumerate(sums.links):
        pack_sparse(out, f"links.{k}", matrix)
    return out


def _unpack(stored: Mapping[str, NDArray[Any]]) -> CrossedSums:
    links = tuple(unpack_sparse(stored, f"links.{k}") for k in range(LEFT_OUT))
    return CrossedSums(stored["sums"], stored["sizes"], np.asarray(stored["rows"]), links)
