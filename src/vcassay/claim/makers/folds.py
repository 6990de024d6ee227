"""Folds: k-fold and repeated splits, and a validation set drawn by the rule of the outer split."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from vcassay.claim.makers.draw import draw, held_out, parts_of, shuffled
from vcassay.claim.split import Role, Split
from vcassay.core import Conditions, InputError, Regime

AXES: dict[str, Callable[[Conditions], list[str]]] = {
    "gex": lambda table: ["+".join(p) for p in table.parts],
    "dex": lambda table: ["+".join(p) for p in table.parts],
    "cex": lambda table: table.context.tolist(),
}
"""What a fold holds out, by split name."""
REGIME = {"gex": Regime.GEX, "dex": Regime.DEX, "cex": Regime.CEX}


def k_fold(conditions: Conditions, make: str, *, k: int, seed: int) -> Iterator[Split]:
    """Yield k splits whose test sets part the perturbations (gex, dex) or contexts (cex) among them.

    Combinations are in the fold of their first part's group; singles and combinations of one part
    are held out together.

    Raises
    ------
    InputError
        If there are fewer groups than folds, or no such axis.
    """
    if make not in AXES:
        raise InputError(f"no folds of '{make}'", where="[split] make", mend=f"use {', '.join(AXES)}")
    names = sorted(set(conditions.context.tolist())) if make == "cex" else parts_of(conditions)
    if not 2 <= k <= len(names):
        what = f"{len(names)} groups cannot be parted into {k} folds"
        raise InputError(what, where="[split] folds", mend=f"use 2 to {len(names)} folds")
    fold = {name: i % k for i, name in enumerate(shuffled(names, seed))}
    for i in range(k):
        if make == "cex":
            test = np.array([fold[c] == i for c in conditions.context.tolist()])
        else:
            test = np.array([any(fold[p] == i for p in parts) for parts in conditions.parts])
        yield Split(conditions, held_out(test), REGIME[make], seed, make, meta={"fold": i, "folds": k})


def with_validation(split: Split, *, fraction: float, seed: int) -> Split:
    """Turn a share of the training conditions into validation, drawn by the rule of the test set.

    Whole contexts where the test holds out contexts, whole perturbations where it holds out
    perturbations, single conditions otherwise; combinations with a validation part go with it.
    """
    table, train = split.conditions, np.flatnonzero(split.roles == Role.TRAIN)
    roles = split.roles.copy()
    inner = table.take(train)
    if split.declared in (Regime.CEX, Regime.AEX):
        held = draw(inner.context.tolist(), fraction, seed)
        val = np.isin(inner.context, held)
    elif split.declared in (Regime.GEX, Regime.DEX):
        out = set(draw(parts_of(inner), fraction, seed))
        val = np.array([bool(out.intersection(parts)) for parts in inner.parts])
    else:
        val = np.isin(np.array(inner.ids), draw(inner.ids, fraction, seed))
    roles[train[val]] = Role.VAL.value
    return Split(
        table,
        roles,
        split.declared,
        split.seed,
        split.group,
        split.test_shards,
        split.reserved_shards,
        split.assumed,
        split.conflicts,
        {**split.meta, "validation": fraction},
    )
