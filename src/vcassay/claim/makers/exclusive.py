"""Exclusive splits: whole perturbations, contexts or groups are held out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from vcassay.claim.makers.draw import draw, held_out, parts_of
from vcassay.claim.split import Split
from vcassay.core import Conditions, InputError, Regime
from vcassay.core.errors import did_you_mean, first
from vcassay.knowledge import join_pairs

Groups = Mapping[str, str]


def gene_exclusive(conditions: Conditions, *, fraction: float, seed: int, groups: Groups | None = None) -> Split:
    """GEX: hold out genes in every context; combinations with a held-out part go with it.

    Parameters
    ----------
    groups
        Gene to the group (paralogs, complex, network component) that must not be parted.
    """
    return _perturbation_exclusive(conditions, Regime.GEX, fraction, seed, groups, "perturbation")


def drug_exclusive(
    conditions: Conditions, *, fraction: float, seed: int, groups: Groups | None = None, tier: str = "name"
) -> Split:
    """DEX: hold out compounds at every dose in every context.

    Parameters
    ----------
    groups
        Compound to its group; without it the split is exclusive by name alone.
    tier
        What the groups are: ``name``, ``structure`` (parent, InChIKey connectivity, Tanimoto) or
        ``target`` (same primary target or mechanism).
    """
    return _perturbation_exclusive(conditions, Regime.DEX, fraction, seed, groups, f"{tier}-exclusive")


def _perturbation_exclusive(
    conditions: Conditions, regime: Regime, fraction: float, seed: int, groups: Groups | None, group: str
) -> Split:
    family = {part: (groups or {}).get(part, part) for part in parts_of(conditions)}
    held = set(draw(family.values(), fraction, seed))
    test = [any(family[p] in held for p in parts) for parts in conditions.parts]
    return Split(conditions, held_out(test), regime, seed, group)


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
        Groups of sibling contexts that must not be parted; groups that share a context are one.

    Raises
    ------
    InputError
        If a context is not in the table, or none is left to train on.
    """
    held = _held_contexts(conditions, fraction, seed, contexts, together)
    return Split(conditions, held_out(np.isin(conditions.context, held)), Regime.CEX, seed, "context")


def both_exclusive(
    conditions: Conditions,
    *,
    fraction: float,
    seed: int,
    contexts: Sequence[str] = (),
    together: Sequence[Sequence[str]] = (),
    groups: Groups | None = None,
) -> Split:
    """AEX: held-out perturbations in held-out contexts are test; what shares one axis is excluded."""
    held = _held_contexts(conditions, fraction, seed, contexts, together)
    family = {part: (groups or {}).get(part, part) for part in parts_of(conditions)}
    out = set(draw(family.values(), fraction, seed))
    new_context = np.isin(conditions.context, held)
    new_part = np.array([any(family[p] in out for p in parts) for parts in conditions.parts], dtype=bool)
    return Split(conditions, held_out(new_context & new_part, new_context ^ new_part), Regime.AEX, seed, "both")


def group_exclusive(conditions: Conditions, *, column: str, fraction: float, seed: int) -> Split:
    """Hold out whole groups of any annotation column (scaffold, moa, pathway, donor, plate, time).

    Raises
    ------
    InputError
        If the conditions have no such column, or a condition has no value in it.
    """
    table = {"context": conditions.context, "modality": conditions.modality, **conditions.annotation}
    if column == "time":
        table["time"] = conditions.time.astype(str)
    if column not in table:
        mend = did_you_mean(column, table)
        raise InputError(f"the conditions have no column '{column}'", where="[split] column", mend=mend)
    values = np.asarray(table[column], dtype=str)
    blank = np.flatnonzero(values == "")
    if len(blank):
        names = first(conditions.take(blank).ids)
        what = f"{len(blank)} conditions have no '{column}' ({names})"
        raise InputError(what, where="[split] column", mend="fill it in, or leave these conditions out")
    held = draw(values.tolist(), fraction, seed)
    return Split(conditions, held_out(np.isin(values, held)), None, seed, column)


def _held_contexts(
    conditions: Conditions, fraction: float, seed: int, contexts: Sequence[str], together: Sequence[Sequence[str]]
) -> list[str]:
    """Contexts to hold out, with their siblings."""
    names = sorted(set(conditions.context.tolist()))
    group = {name: name for name in names}
    for siblings in join_pairs([(family[0], name) for family in together if family for name in family]):
        present = sorted(set(siblings) & set(names))
        group.update(dict.fromkeys(present, present[0]) if present else {})
    unknown = [c for c in contexts if c not in group]
    if unknown:
        mend = did_you_mean(unknown[0], names)
        raise InputError(f"the contexts {first(unknown)} are not in the data", where="[split] contexts", mend=mend)
    wanted = {group[c] for c in contexts} if contexts else set(draw(group.values(), fraction, seed))
    held = [name for name in names if group[name] in wanted]
    if len(held) == len(names):
        mend = "leave at least one context to train on"
        raise InputError("holds out every context", where="[split] contexts", mend=mend)
    return held
