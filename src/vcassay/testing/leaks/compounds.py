"""Compounds under a second name (L06, L06d), analogues (L07) and siblings by mechanism (L08) in training."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from vcassay.claim import Role, Split, make_split
from vcassay.core import Conditions, Finding, Regime
from vcassay.simulate.chemistry import Compound, make_compounds
from vcassay.simulate.leaks import analogue_in_training, salt_in_training, siblings_in_training
from vcassay.testing.leaks.study import run_tables
from vcassay.testing.power import Case

CONTEXTS, DOSES = ("CL01", "CL02"), (0.5, 5.0)
TARGETS = 12
HELD_OUT = 0.25
Planted = tuple[Split, tuple[str, ...]]


class Listed(NamedTuple):
    """One condition of a list written by hand; the parts of a combination are joined by ``+``."""

    name: str
    role: str
    smiles: str = ""
    moa: str = ""
    target: str = ""
    context: str = "A"
    dose: float = 1.0
    modality: str = "drug"


def listed(rows: Sequence[Listed], declared: Regime | None = Regime.DEX) -> Split:
    """A split from a list written by hand."""
    table = Conditions.make(
        [r.context for r in rows],
        [r.name.split("+") for r in rows],
        [r.dose for r in rows],
        None,
        [r.modality for r in rows],
        {key: [getattr(r, key) for r in rows] for key in ("smiles", "moa", "target", "role")},
    )
    return Split(table, table.annotation["role"].astype("U8"), declared)


def library(seed: int) -> tuple[Compound, ...]:
    """36 drugs, three for each of twelve targets; which target has which scaffold is drawn."""
    order = np.random.default_rng(seed).permutation(TARGETS)
    return make_compounds(tuple(f"GENE{k + 1}" for k in order.tolist() for _ in range(3)))


def screened(compounds: tuple[Compound, ...], contexts: tuple[str, ...] = CONTEXTS) -> Conditions:
    """Every compound at every dose in every context, annotated."""
    rows = [(context, c, dose) for context in contexts for c in compounds for dose in DOSES]
    _, own, _ = zip(*rows, strict=True)
    notes = {"smiles": [c.smiles for c in own], "target": [c.target for c in own], "moa": [c.moa for c in own]}
    return Conditions.make(
        [r[0] for r in rows], [[c.name] for c in own], [r[2] for r in rows], None, ["drug"] * len(rows), notes
    )


@lru_cache(maxsize=64)
def held_out(seed: int, together: str = "scaffold") -> Split:
    """A DEX split that keeps compounds of one scaffold or one mechanism (``moa``) together."""
    compounds = library(seed)
    groups = {c.name: str(getattr(c, together)) for c in compounds}
    return make_split(screened(compounds), "dex", seed=seed, fraction=HELD_OUT, groups=groups)


def _salt(seed: int, by: str, role: Role = Role.TRAIN) -> Planted:
    return salt_in_training(held_out(seed), np.random.default_rng(seed), by=by, role=role)


def _analogue(seed: int) -> Planted:
    return analogue_in_training(held_out(seed), np.random.default_rng(seed))


def _siblings(seed: int) -> Planted:
    return siblings_in_training(held_out(seed, "moa"), np.random.default_rng(seed), amount=1.0)


def _pair(plant: Callable[[int], Planted], side: str = "trained") -> Callable[[Finding, int], bool]:
    """Whether the first row of evidence is the planted pair."""
    return lambda found, seed: {found.evidence[0].get("test"), found.evidence[0].get(side)} == set(plant(seed)[1])


def _case(check: str, leak: str, dose: str, plant: Callable[[int], Planted], together: str = "scaffold") -> Case:
    def named(found: Finding, seed: int) -> bool:
        wanted = {m.casefold() for m in plant(seed)[1]}
        return wanted <= {row.get("mechanism") for row in found.evidence}

    sides = {"L06": _pair(plant), "L06d": _pair(plant, "also"), "L07": _pair(plant), "L08": named}
    return Case(
        check,
        leak,
        dose,
        lambda seed: run_tables(check, plant(seed)[0]),
        lambda seed: run_tables(check, held_out(seed, together)),
        sides[check],
    )


CASES = (
    _case(
        "L06",
        "the salt of a test compound trained under a code name",
        "one compound of about nine, told by its structure",
        lambda seed: _salt(seed, "structure"),
    ),
    _case(
        "L06",
        "the salt of a test compound trained in another spelling",
        "one compound of about nine, told by its name alone",
        lambda seed: _salt(seed, "name"),
    ),
    _case(
        "L06d",
        "a test compound listed again as a salt",
        "one compound of about nine",
        lambda seed: _salt(seed, "structure", Role.TEST),
    ),
    _case(
        "L07",
        "an analogue of a test compound trained",
        "one compound, longer by one carbon (Tanimoto .72 to .83)",
        _analogue,
    ),
    _case(
        "L08",
        "one of three compounds of each held-out mechanism trained",
        "every held-out mechanism",
        _siblings,
        "moa",
    ),
)
