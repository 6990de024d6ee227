"""Exclusive splits: whole perturbations, contexts or groups are held out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from vcassay.claim.kind import drug_parts, is_drug
from vcassay.claim.makers.draw import draw, held_out, parts_of
from vcassay.claim.split import Split
from vcassay.core import Conditions, InputError, Regime, Threshold
from vcassay.core.errors import did_you_mean, first
from vcassay.knowledge import join_pairs

Groups = Mapping[str, str]
LARGEST_FAMILY = Threshold("largest_family", 0.5, "a group of more than half of the perturbations cannot be held out")


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
    family = families_of(conditions, groups, compounds=regime is Regime.DEX)
    held = set(draw(family.values(), fraction, seed))
    test = [any(family.get(p) in held for p in parts) for parts in conditions.parts]
    return Split(conditions, held_out(test), regime, seed, group)


def families_of(conditions: Conditions, groups: Groups | None, *, compounds: bool | None = None) -> dict[str, str]:
    """What may be held out: each part to its group.

    Parameters
    ----------
    compounds
        Where a screen has genes and compounds: keep one kind. ``None`` keeps both.

    Raises
    ------
    InputError
        If one group holds most parts, so that nothing can be drawn fairly.
    """
    parts, drugs = parts_of(conditions), drug_parts(conditions)
    if compounds is not None and 0 < len(drugs) < len(parts):
        parts = [p for p in parts if (p in drugs) is compounds]
    family = {part: (groups or {}).get(part, part) for part in parts}
    sizes = Counter(family.values())
    name, most = max(sizes.items(), key=lambda x: (x[1], x[0]), default=("", 0))
    if groups and len(parts) > 1 and most > LARGEST_FAMILY.value * len(parts):
        what = f"{most} of {len(parts)} perturbations are kin of '{name}' and cannot be parted"
        mend = "hand in complexes or pairs of high weight ([knowledge] at_least), or set kin = false for features alone"
        raise InputError(what, where="[split] make", mend=mend)
    return family


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
    family = families_of(conditions, groups)
    out = set(draw(family.values(), fraction, seed))
    new_context = np.isin(conditions.context, held)
    new_part = np.array([any(family[p] in out for p in parts) for parts in conditions.parts], dtype=bool)
    return Split(conditions, held_out(new_context & new_part, new_context ^ new_part), Regime.AEX, seed, "both")


def group_exclusive(
    conditions: Conditions, *, column: str, fraction: float, seed: int, values: Sequence[Sequence[str]] | None = None
) -> Split:
    """Hold out whole groups of any column (scaffold, moa, pathway, family, donor, batch, time).

    A condition of several groups (wells on several plates) is test where all of them are held out, and excluded where
    some are. Conditions of no group are excluded; but where no gene (or no compound) has one, these stay in training.

    Parameters
    ----------
    column
        An annotation of the conditions, ``context``, ``modality``, ``time`` or ``dose``; the name of what ``values``
        holds, where they are given.
    values
        (n,) groups of each condition.

    Raises
    ------
    InputError
        If the conditions have no such column, or most of them have no value in it.
    """
    own = values if values is not None else _column(conditions, column)
    grouped = np.array([any(v) for v in own], dtype=bool)
    drug = is_drug(conditions)
    spoken_of = np.where(drug, (grouped & drug).any(), (grouped & ~drug).any())
    blank = np.flatnonzero(~grouped & spoken_of).tolist()
    if not grouped.any() or len(blank) > grouped.sum():
        names = first(conditions.take(blank or ~grouped).ids)
        what = f"{len(blank) or len(conditions)} of {len(conditions)} conditions have no '{column}' ({names})"
        raise InputError(what, where="[split] column", mend="fill it in, or name another column")
    names_of_groups = {x for v in own for x in v if x}
    if len(names_of_groups) < 2:
        what = f"every '{column}' is '{names_of_groups.pop()}'"
        raise InputError(what, where="[split] column", mend="name a column of several groups")
    held = set(draw(names_of_groups, fraction, seed))
    out = np.array([bool(any(v)) and all(x in held for x in v if x) for v in own], dtype=bool)
    touched = np.array([any(x in held for x in v) for v in own], dtype=bool)
    empty = np.zeros(len(conditions), dtype=bool)
    empty[blank] = True
    meta = {"without a group": len(blank), "of several groups": int((touched & ~out).sum())}
    return Split(conditions, held_out(out, (touched & ~out) | empty), None, seed, column, meta=meta)


def _column(conditions: Conditions, column: str) -> list[tuple[str, ...]]:
    table = {"context": conditions.context, "modality": conditions.modality, **conditions.annotation}
    for name, number in (("time", conditions.time), ("dose", conditions.dose)):
        table[name] = np.where(np.isfinite(number), number.astype(str), "")
    if column not in table:
        mend = did_you_mean(column, table)
        raise InputError(f"the conditions have no column '{column}'", where="[split] column", mend=mend)
    return [(value,) for value in np.asarray(table[column], dtype=str).tolist()]


def context_groups_of(conditions: Conditions, together: Sequence[Sequence[str]]) -> dict[str, str]:
    """Each context to the first of its siblings; groups that share a context are one."""
    names = sorted(set(conditions.context.tolist()))
    group = {name: name for name in names}
    for siblings in join_pairs([(family[0], name) for family in together if family for name in family]):
        present = sorted(set(siblings) & set(names))
        group.update(dict.fromkeys(present, present[0]) if present else {})
    return group


def _held_contexts(
    conditions: Conditions, fraction: float, seed: int, contexts: Sequence[str], together: Sequence[Sequence[str]]
) -> list[str]:
    """Contexts to hold out, with their siblings."""
    group = context_groups_of(conditions, together)
    names = sorted(group)
    unknown = [c for c in contexts if c not in group]
    if unknown:
        mend = did_you_mean(unknown[0], names)
        raise InputError(f"the contexts {first(unknown)} are not in the data", where="[split] contexts", mend=mend)
    wanted = {group[c] for c in contexts} if contexts else set(draw(group.values(), fraction, seed))
    held = [name for name in names if group[name] in wanted]
    if len(held) == len(names):
        alone = len(names) == 1
        what = "there is one context" if alone else "holds out every context"
        mend = "use a split within it, such as gex or dex" if alone else "leave at least one context to train on"
        raise InputError(what, where="[split] contexts", mend=mend)
    return held
