"""Folds: k-fold splits, and a validation set drawn by the rule of the outer split."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from vcassay.claim.makers.dose import dose_exclusive
from vcassay.claim.makers.draw import draw, held_out, shuffled
from vcassay.claim.makers.exclusive import Groups, context_groups_of, families_of
from vcassay.claim.split import Role, Split
from vcassay.core import Conditions, InputError, Regime

REGIME = {"gex": Regime.GEX, "dex": Regime.DEX, "cex": Regime.CEX}
"""Splits that can be folded."""


def k_fold(
    conditions: Conditions,
    make: str,
    *,
    k: int,
    seed: int,
    groups: Groups | None = None,
    together: Sequence[Sequence[str]] = (),
) -> Iterator[Split]:
    """Yield k splits whose test sets part the perturbations (gex, dex) or contexts (cex) among them.

    A combination is test wherever one of its parts is.

    Parameters
    ----------
    groups, together
        Kin of perturbations and of contexts, which stay in one fold.

    Raises
    ------
    InputError
        If there are fewer groups than folds, or no such axis.
    """
    if make not in REGIME:
        raise InputError(f"no folds of '{make}'", where="[split] make", mend=f"use {', '.join(REGIME)}")
    if make == "cex":
        family = context_groups_of(conditions, together)
    else:
        family = families_of(conditions, groups, compounds=make == "dex")
    names = sorted(set(family.values()))
    if not 2 <= k <= len(names):
        what = f"{len(names)} groups cannot be parted into {k} folds"
        raise InputError(what, where="[split] folds", mend=f"use 2 to {len(names)} folds")
    fold = {name: i % k for i, name in enumerate(shuffled(names, seed))}
    for i in range(k):
        if make == "cex":
            test = np.array([fold[family[c]] == i for c in conditions.context.tolist()])
        else:
            test = np.array([any(p in family and fold[family[p]] == i for p in parts) for parts in conditions.parts])
        yield Split(conditions, held_out(test), REGIME[make], seed, make, meta={"fold": i, "folds": k})


def with_validation(
    split: Split,
    *,
    fraction: float,
    seed: int,
    groups: Groups | None = None,
    together: Sequence[Sequence[str]] = (),
) -> Split:
    """Turn a share of the training conditions into validation, drawn by the rule of the test set.

    Whole contexts where the test holds out contexts, whole perturbations where it holds out perturbations, some
    perturbations of the test contexts (at all doses) where these are shown with others, doses of some perturbations
    where doses are held out, and combinations where combinations are; kin goes together.
    """
    table, train = split.conditions, np.flatnonzero(split.roles == Role.TRAIN)
    inner = table.take(train)
    names = inner.perturbation
    match split.declared:
        case Regime.CEX | Regime.AEX:
            family = context_groups_of(inner, together)
            held = set(draw(family.values(), fraction, seed))
            val = np.array([family[c] in held for c in inner.context.tolist()])
        case Regime.GEX | Regime.DEX:
            family = families_of(inner, groups, compounds=split.declared is Regime.DEX)
            held = set(draw(family.values(), fraction, seed))
            val = np.array([any(family.get(p) in held for p in parts) for parts in inner.parts])
        case Regime.FEW_SHOT:
            shown = np.isin(inner.context, sorted(set(table.context[split.test].tolist())))
            pairs = np.array([f"{c}\x1f{p}" for c, p in zip(inner.context.tolist(), names.tolist(), strict=True)])
            val = shown & np.isin(pairs, draw(pairs[shown].tolist(), fraction, seed)) if shown.any() else shown
        case Regime.COMBINATION:
            double = np.array([len(p) > 1 for p in inner.parts], dtype=bool)
            val = double & np.isin(names, draw(names[double].tolist(), fraction, seed)) if double.any() else double
        case Regime.DOSE | Regime.TIME:
            axis = "dose" if split.declared is Regime.DOSE else "time"
            kind = str(split.meta.get("kind", "extrapolation"))
            val = dose_exclusive(inner, kind=kind, fraction=fraction, seed=seed, axis=axis).roles == Role.TEST
        case _:
            val = np.isin(np.array(inner.ids), draw(inner.ids, fraction, seed))
    roles = split.roles.copy()
    roles[train[val]] = Role.VAL.value
    return replace(split, roles=roles, meta={**split.meta, "validation": fraction})
