"""Split makers: random cells, GEX, DEX, CEX, and the split that a predictions file implies."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.shards import N_SHARDS
from vcassay.claim.split import Role, Split
from vcassay.core import Conditions, InputError, Regime
from vcassay.core.errors import did_you_mean, first

Roles = NDArray[np.str_]


def random_cells(conditions: Conditions, *, fraction: float, seed: int) -> Split:
    """Hold out a share of every condition's cells: offered only to show why not.

    Whole shards are held out, so the share is rounded to eighths; at least two, at most six.
    """
    held = int(np.clip(round(fraction * N_SHARDS), 2, N_SHARDS - 2))
    roles = np.full(len(conditions), Role.TEST.value)
    shards = tuple(range(N_SHARDS - held, N_SHARDS))
    return Split(conditions, roles, Regime.RANDOM_CELLS, seed, "cells", test_shards=shards)


def gene_exclusive(conditions: Conditions, *, fraction: float, seed: int) -> Split:
    """GEX: hold out perturbations in every context; combinations with a held-out part go with it."""
    return _perturbation_exclusive(conditions, Regime.GEX, fraction, seed)


def drug_exclusive(conditions: Conditions, *, fraction: float, seed: int) -> Split:
    """DEX, name-exclusive: hold out compounds at every dose in every context."""
    return _perturbation_exclusive(conditions, Regime.DEX, fraction, seed)


def _perturbation_exclusive(conditions: Conditions, regime: Regime, fraction: float, seed: int) -> Split:
    singles = sorted({part for parts in conditions.parts for part in parts})
    held = set(_draw(singles, fraction, seed))
    roles = np.array([Role.TEST.value if held.intersection(parts) else Role.TRAIN.value for parts in conditions.parts])
    return Split(conditions, roles, regime, seed, "perturbation")


def context_exclusive(
    conditions: Conditions,
    *,
    fraction: float,
    seed: int,
    contexts: Sequence[str] = (),
    together: Sequence[Sequence[str]] = (),
) -> Split:
    """CEX: hold out every perturbed condition of some contexts.

    Parameters
    ----------
    contexts
        Contexts to hold out; drawn by ``fraction`` when empty.
    together
        Groups of sibling contexts that must not be parted.

    Raises
    ------
    InputError
        If a context is not in the table, or none is left to train on.
    """
    names = sorted(set(conditions.context.tolist()))
    group = {name: name for name in names}
    for siblings in together:
        present = sorted(set(siblings) & set(names))
        group.update(dict.fromkeys(present, present[0]) if present else {})
    if contexts:
        unknown = [c for c in contexts if c not in group]
        if unknown:
            mend = did_you_mean(unknown[0], names)
            raise InputError(f"the contexts {first(unknown)} are not in the data", where="[split] contexts", mend=mend)
        wanted = {group[c] for c in contexts}
    else:
        wanted = set(_draw(sorted(set(group.values())), fraction, seed))
    held = np.array([group[c] in wanted for c in conditions.context.tolist()])
    if held.all():
        mend = "leave at least one context to train on"
        raise InputError("holds out every context", where="[split] contexts", mend=mend)
    return Split(conditions, np.where(held, Role.TEST.value, Role.TRAIN.value), Regime.CEX, seed, "context")


def from_predicted(conditions: Conditions, asked: NDArray[np.bool_]) -> Split:
    """Take what the predictions answer for as the test set and assume the rest was training.

    The training set is then an assumption, which the verdict says; with nothing left to train on
    there is none.

    Parameters
    ----------
    asked
        (n,) whether some prediction answers for the condition.
    """
    roles = np.where(asked, Role.TEST.value, Role.TRAIN.value)
    if asked.all():
        assumed = "no training set is known: the predictions cover every condition"
    else:
        assumed = f"the {int((~asked).sum())} conditions that no model predicts are assumed to be the training set"
    return Split(conditions, roles, None, None, "predictions", assumed=assumed)


MAKERS: dict[str, Callable[..., Split]] = {
    "random-cells": random_cells,
    "gex": gene_exclusive,
    "dex": drug_exclusive,
    "cex": context_exclusive,
}
"""Makers by the name that ``[split] make`` asks for."""

DEFAULT_FRACTION = 0.25


def make_split(
    conditions: Conditions,
    make: str,
    *,
    fraction: float = DEFAULT_FRACTION,
    seed: int = 0,
    contexts: Sequence[str] = (),
    together: Sequence[Sequence[str]] = (),
) -> Split:
    """Make a split by name.

    Parameters
    ----------
    conditions
        The table to split.
    make
        ``random-cells``, ``gex``, ``dex`` or ``cex``.
    fraction
        Share of the groups held out.
    seed
        Draws the groups.
    contexts, together
        For ``cex``: contexts to hold out, and siblings to keep together.

    Raises
    ------
    InputError
        If nobody makes that split, or nothing is left to test or to train on.
    """
    if make not in MAKERS:
        raise InputError(f"no split is called '{make}'", where="[split] make", mend=did_you_mean(make, MAKERS))
    if not 0 < fraction < 1:
        raise InputError(f"{fraction} is not a share", where="[split] fraction", mend="use a number between 0 and 1")
    if make == "cex":
        split = context_exclusive(conditions, fraction=fraction, seed=seed, contexts=contexts, together=together)
    else:
        split = MAKERS[make](conditions, fraction=fraction, seed=seed)
    if not len(split.test) or not len(split.train):
        what = "test" if not len(split.test) else "train"
        mend = "the table has too few groups for this split: change [split] make or fraction"
        raise InputError(f"leaves no condition to {what} on", where=f"[split] make = '{make}'", mend=mend)
    return split


def _draw(names: Sequence[str], fraction: float, seed: int) -> list[str]:
    """Draw a share of the names, at least one, the same for the same seed and set of names."""
    count = int(np.clip(round(fraction * len(names)), 1, max(1, len(names) - 1)))
    order = np.random.default_rng([seed, len(names)]).permutation(len(names))
    return [names[i] for i in order[:count]]
