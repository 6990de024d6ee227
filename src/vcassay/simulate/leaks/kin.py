"""Leaks through relatives: kin of test genes in training, and one gene or context under two names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np
from numpy.random import Generator

from vcassay.claim import Role, Split
from vcassay.core import Conditions
from vcassay.knowledge import join_pairs
from vcassay.simulate.leaks.rebuild import ROLE_DTYPE


def relatives_trained(split: Split, pairs: Iterable[tuple[str, str]], rng: Generator, *, amount: float = 0.6) -> Split:
    """Move one gene of a share of the families of test genes to training, in every context (L09).

    Parameters
    ----------
    pairs
        Related genes, joined to families. Those of one test gene alone stay as they are.
    """
    conditions = split.conditions
    tested = {p for i in split.test.tolist() for p in conditions.parts[i]}
    held = [[name for name in family if name in tested] for family in join_pairs(sorted(pairs))]
    families = [own for own in held if len(own) > 1]
    chosen = np.sort(rng.permutation(len(families))[: round(amount * len(families))])
    moved = {families[k][int(rng.integers(len(families[k])))] for k in chosen.tolist()}
    roles = split.roles.astype(ROLE_DTYPE)
    roles[[i for i in split.test.tolist() if moved.intersection(conditions.parts[i])]] = Role.TRAIN.value
    return replace(split, roles=roles)


def gene_renamed(split: Split, gene: str, alias: str, context: str) -> Split:
    """Test a trained gene under another name in one context (L09)."""
    conditions = split.conditions
    at = [i for i, parts in enumerate(conditions.parts) if parts == (gene,) and conditions.context[i] == context]
    return _relabelled(split, parts=dict.fromkeys(at, (alias,)))


def context_renamed(split: Split, context: str, alias: str, *, amount: float = 0.5) -> Split:
    """Test a share of the conditions of a trained context, the last of them, under another name of it (L10)."""
    at = np.flatnonzero(split.conditions.context == context)
    return _relabelled(split, context=dict.fromkeys(at[len(at) - round(amount * len(at)) :].tolist(), alias))


def _relabelled(
    split: Split,
    *,
    context: Mapping[int, str] | None = None,
    parts: Mapping[int, tuple[str, ...]] | None = None,
) -> Split:
    """The split with some conditions under another label, as test."""
    old, context, parts = split.conditions, context or {}, parts or {}
    n = range(len(old))
    columns = (
        [context.get(i, str(old.context[i])) for i in n],
        [parts.get(i, old.parts[i]) for i in n],
        old.dose,
        old.time,
        old.modality,
    )
    new = Conditions.make(*columns, annotation=old.annotation)
    roles = split.roles.astype(ROLE_DTYPE)
    roles[[*context, *parts]] = Role.TEST.value
    place = new.locate(Conditions(np.asarray(columns[0]), tuple(columns[1]), old.dose, old.time, old.modality))
    moved = np.empty_like(roles)
    moved[place] = roles
    return replace(split, conditions=new, roles=moved)
