"""Leaks through the roles that a split gives to conditions."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.random import Generator

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
    """Move the top dose of a share of the test (drug, context) pairs to training (L05)."""
    conditions, test = split.conditions, split.test
    doses: dict[tuple[str, tuple[str, ...], float], list[int]] = {}
    for i in test.tolist():
        context, parts, dose, time = conditions.keys[i]
        if dose >= 0:
            doses.setdefault((context, parts, time), []).append(i)
    several = [rows for _, rows in sorted(doses.items()) if len(rows) > 1]
    chosen = rng.permutation(len(several))[: round(amount * len(several))]
    moved = [max(several[j], key=lambda i: float(conditions.dose[i])) for j in chosen]
    return _moved(split, moved, Role.TRAIN)


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
