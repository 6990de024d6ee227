"""Leaks through the roles that a split gives to conditions."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.random import Generator
from numpy.typing import NDArray

from vcassay.claim import Role, Split
from vcassay.simulate.leaks.rebuild import ROLE_DTYPE


def duplicate_conditions(split: Split, rng: Generator, *, amount: float = 0.1) -> tuple[Split, pd.DataFrame]:
    """Name a share of the test conditions in training, too (L01).

    Returns
    -------
    The split with its ``conflicts``, and the table it would be read from: one row a condition and
    role (columns of the conditions, then ``role``), so that the duplicates have two rows.
    """
    twice = np.sort(rng.permutation(split.test)[: round(amount * len(split.test))])
    ids = split.conditions.ids
    conflicts = tuple((ids[i], Role.TRAIN.value, Role.TEST.value) for i in twice)
    table = pd.DataFrame(split.conditions.columns() | {"role": split.roles.astype(str)})
    again = table.iloc[twice].assign(role=Role.TRAIN.value)
    return replace(split, conflicts=split.conflicts + conflicts), pd.concat([table, again], ignore_index=True)


def dose_siblings(split: Split, rng: Generator, *, amount: float = 1.0) -> Split:
    """Move the top dose of a share of the test (drug, context, time) to training (L05)."""
    keys = [(c, parts, t) if d >= 0 else None for c, parts, d, t in split.conditions.keys]
    return _top_moved(split, keys, split.conditions.dose, rng, amount)


def time_siblings(split: Split, rng: Generator, *, amount: float = 1.0) -> Split:
    """Move the last time of a share of the test (treatment, context) to training (L05t)."""
    keys = [(c, parts, d) if t >= 0 else None for c, parts, d, t in split.conditions.keys]
    return _top_moved(split, keys, split.conditions.time, rng, amount)


def _top_moved(
    split: Split, keys: Sequence[Hashable | None], values: NDArray[np.float64], rng: Generator, amount: float
) -> Split:
    """Move the highest value of a share of the groups of test conditions with several to training."""
    groups: dict[Any, list[int]] = {}
    for i in split.test.tolist():
        if keys[i] is not None:
            groups.setdefault(keys[i], []).append(i)
    several = [rows for _, rows in sorted(groups.items()) if len(rows) > 1]
    chosen = rng.permutation(len(several))[: round(amount * len(several))]
    return _moved(split, [max(several[j], key=lambda i: float(values[i])) for j in chosen], Role.TRAIN)


def shown_perturbations(split: Split, rng: Generator, *, k: int = 1) -> Split:
    """Move one condition of each of ``k`` test perturbations to training, in any context (L04)."""
    names = split.conditions.perturbation[split.test]
    shown = rng.permutation(np.unique(names))[:k]
    return _moved(split, [int(rng.choice(split.test[names == name])) for name in shown], Role.TRAIN)


def weakest_left_out(split: Split, magnitude: NDArray[np.float64], *, amount: float = 0.15) -> Split:
    """Leave the test perturbations with the smallest effects out of the test set, in all contexts (L19).

    Parameters
    ----------
    magnitude
        (n,) size of the effect of each condition of the split's table.
    amount
        Share of the test perturbations.
    """
    names, code = np.unique(split.conditions.perturbation[split.test], return_inverse=True)
    mean = np.bincount(code, weights=magnitude[split.test]) / np.bincount(code)
    weak = names[np.argsort(mean, kind="stable")[: round(amount * len(names))]]
    gone = split.test[np.isin(split.conditions.perturbation[split.test], weak)]
    return _moved(split, gone.tolist(), Role.EXCLUDED)


def replicate_plates(split: Split, batches: Sequence[Sequence[str]], rng: Generator, *, amount: float = 0.1) -> Split:
    """Train on the first plate of a share of the test conditions that have several, and test on the others (L14).

    Parameters
    ----------
    batches
        Plates of each condition of the split's table.
    """
    several = [i for i in split.test.tolist() if len(batches[i]) > 1]
    both = np.sort(rng.permutation(several)[: round(amount * len(several))]).astype(np.int64)
    parted = set(both.tolist())
    train = tuple(tuple(own[:1]) if i in parted else tuple(own) for i, own in enumerate(batches))
    test = tuple(tuple(own[1:]) if i in parted else tuple(own) for i, own in enumerate(batches))
    ids = split.conditions.ids
    conflicts = tuple((ids[i], Role.TRAIN.value, Role.TEST.value) for i in both.tolist())
    meta = {**split.meta, "batches": tuple(map(tuple, batches)), "batches_by_side": (train, test)}
    return replace(split, also_train=both, conflicts=split.conflicts + conflicts, meta=meta)


def sibling_contexts(split: Split, relations: tuple[tuple[str, str, str], ...], *, amount: float = 1.0) -> Split:
    """Put one context of a share of the sibling pairs into test and the other into training (L10, L11).

    Of a pair in training the second context moves to test; of a pair in test the first moves to
    training; a pair that is apart already stays as it is.
    """
    roles = split.roles.astype(ROLE_DTYPE)
    pairs = [(a, b) for a, b, _ in relations]
    for a, b in pairs[: round(amount * len(pairs))]:
        of_a, of_b = split.conditions.context == a, split.conditions.context == b
        if np.all(roles[of_a | of_b] == Role.TEST):
            roles[of_a] = Role.TRAIN.value
        elif not np.any(roles[of_a | of_b] == Role.TEST):
            roles[of_b] = Role.TEST.value
    return replace(split, roles=roles)


def shared_controls(split: Split) -> Split:
    """Reserve no controls for scoring: models and truth use the same control cells (L15)."""
    return replace(split, reserved_shards=())


def few_shot_hidden(split: Split, rng: Generator, *, k: int = 3) -> Split:
    """Move ``k`` perturbations of every test context to training, the declared regime as before (L03)."""
    moved: list[int] = []
    for context in np.unique(split.conditions.context[split.test]):
        here = split.test[split.conditions.context[split.test] == context]
        names = np.unique(split.conditions.perturbation[here])
        shown = rng.permutation(names)[:k]
        moved += here[np.isin(split.conditions.perturbation[here], shown)].tolist()
    return _moved(split, moved, Role.TRAIN)


def _moved(split: Split, index: list[int], role: Role) -> Split:
    roles = split.roles.astype(ROLE_DTYPE)
    roles[np.asarray(index, dtype=np.int64)] = role.value
    return replace(split, roles=roles)
