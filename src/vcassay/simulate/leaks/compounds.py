"""Leaks through the compounds that a split holds out."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
from numpy.random import Generator

from vcassay.claim import Role, Split
from vcassay.claim.kind import drug_parts
from vcassay.core import Conditions, InputError
from vcassay.simulate.chemistry import SALT, SALT_NAME
from vcassay.simulate.leaks.rebuild import ROLE_DTYPE, join

CODE = "VC-0001"
"""Name of a compound of which no name tells what it is."""
CHAIN = re.compile(r"\((OC|CC|N\(C\)C|C\(C\)C)\)")
"""Substituents of the simulated drugs that can grow by a carbon."""
Pair = tuple[str, str]


def salt_in_training(
    split: Split, rng: Generator, *, by: str = "structure", role: Role = Role.TRAIN
) -> tuple[Split, Pair]:
    """Train a salt of one test compound, in every training context (L06).

    Parameters
    ----------
    by
        What tells it: ``structure`` (under a code name), or ``name`` (without a structure, and in another spelling).
    role
        The role of the added conditions; ``test`` lists the compound twice (L06d).

    Returns
    -------
    The split, and the names of the test compound and of what was added.
    """
    name, smiles = _tested(split, rng)
    if by == "structure":
        return _with(split, name, CODE, smiles + SALT, role), (name, CODE)
    added = f"{name.capitalize()}  {SALT_NAME.capitalize()}"
    return _with(split, name, added, "", role), (name, added)


def analogue_in_training(split: Split, rng: Generator) -> tuple[Split, Pair]:
    """Train a homologue of one test compound, longer by one carbon, in every training context (L07).

    Of simulated drugs the Tanimoto coefficient (ECFP4) of the two is .72 to .83.
    """
    name, smiles = _tested(split, rng, has=CHAIN)
    return _with(split, name, CODE, CHAIN.sub(r"(\1C)", smiles, count=1), Role.TRAIN), (name, CODE)


def siblings_in_training(split: Split, rng: Generator, *, amount: float = 1.0) -> tuple[Split, tuple[str, ...]]:
    """Move one compound of a share of the mechanisms that are held out to training (L08).

    Returns
    -------
    The split, and the mechanisms.
    """
    table = split.conditions
    moa, names = table.annotation["moa"][split.test], table.perturbation[split.test]
    held = {str(m): np.unique(names[moa == m]) for m in np.unique(moa[moa != ""])}
    several = [m for m, own in held.items() if len(own) > 1]
    chosen = [several[i] for i in np.sort(rng.permutation(len(several))[: round(amount * len(several))])]
    moved = [rng.choice(held[m]) for m in chosen]
    roles = split.roles.astype(ROLE_DTYPE)
    roles[split.test[np.isin(names, moved)]] = Role.TRAIN.value
    return replace(split, roles=roles), tuple(chosen)


def _tested(split: Split, rng: Generator, *, has: re.Pattern[str] | None = None) -> Pair:
    """Name and SMILES of a compound that is tested, and whose SMILES holds a pattern."""
    table = split.conditions
    drugs = drug_parts(table)
    smiles = {
        parts[0]: str(table.annotation["smiles"][i])
        for i, parts in ((i, table.parts[i]) for i in split.test.tolist())
        if len(parts) == 1 and parts[0] in drugs
    }
    fit = sorted(n for n, text in smiles.items() if text and (has is None or has.search(text)))
    if not fit:
        what = "the split tests no compound with a structure"
        raise InputError(what, where="leaks of compounds", mend="simulate drugs and hold some out")
    name = fit[int(rng.integers(len(fit)))]
    return name, smiles[name]


def _with(split: Split, like: str, name: str, smiles: str, role: Role) -> Split:
    """The split with a further compound at the doses of another, in the contexts of a role."""
    table = split.conditions
    contexts = set(table.context[split.test if role is Role.TEST else split.train].tolist())
    treatments = table.treatments
    model = np.flatnonzero(table.perturbation == like)
    drawn = {treatments[i]: i for i in model.tolist()}
    rows = [(context, i) for context in sorted(contexts) for i in drawn.values()]
    at = np.array([i for _, i in rows], dtype=np.int64)
    extra = {key: values[at] for key, values in table.annotation.items()} | {"smiles": np.full(len(at), smiles)}
    if "inchikey" in extra:
        extra["inchikey"] = np.full(len(at), "")
    made = Conditions.make(
        [context for context, _ in rows],
        [[name]] * len(rows),
        table.dose[at],
        table.time[at],
        table.modality[at],
        extra,
    )
    conditions, old, _ = join(table, made)
    roles = np.full(len(conditions), role.value, dtype=ROLE_DTYPE)
    roles[old] = split.roles
    return replace(split, conditions=conditions, roles=roles)
