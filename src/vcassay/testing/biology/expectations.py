"""Planted expectations: known targets that move, genotypes that forbid it, and targets that are not there."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vcassay.core import Conditions
from vcassay.knowledge.expectations import expectations
from vcassay.testing.biology.case import BiologyCase, Findings
from vcassay.testing.planted import LEVEL, PlantedStudy, plant

Array = NDArray[np.float64]
Codes = NDArray[np.int64]

WILD, MUTANT = ("A375", "A549", "HCT116", "LNCAP", "MCF7", "RKO"), ("HT29", "K562", "PC3", "SKBR3", "SW480", "T47D")
CLASSES = {"MDM2 inhibitor": 4, "proteasome inhibitor": 3, "HMG-CoA reductase inhibitor": 3, "AHR agonist": 1}
OTHERS, FILLERS = 16, 150
SHIFT = 0.3
"""Standard deviations of a well by which the genes of an expected set move: one well does not show it."""
NOISE = 0.6
"""Of a model, as a share of the truth's root mean square effect."""


class World(NamedTuple):
    """True effects with what they are of."""

    conditions: Conditions
    genes: tuple[str, ...]
    delta: Array
    agent: Codes
    context: Codes


def world(seed: int, *, expected: bool, genotype: bool) -> World:
    """Compounds in twelve lines: a programme of each, a common response, and with ``expected`` their known sets.

    With ``genotype`` an inhibitor of MDM2 moves targets of p53 only where TP53 is wild type, else in all lines alike.
    """
    rng = np.random.default_rng([1703, seed])
    table = {row.name: row for row in expectations().rows}
    mechanism = {"MDM2 inhibitor": "MDM inhibitor", "HMG-CoA reductase inhibitor": "HMGCR inhibitor"}
    sets = {name: tuple(g.split("/")[0] for g in table[name].up) for name in CLASSES}
    names = [(f"{name} {i}", mechanism.get(name, name), name) for name, n in CLASSES.items() for i in range(n)]
    names += [(f"other {i}", "unheard-of modulator", "") for i in range(OTHERS)]
    genes = tuple(dict.fromkeys(g for own in sets.values() for g in own)) + tuple(f"F{i}" for i in range(FILLERS))
    contexts = sorted(WILD + MUTANT)
    rows = [(c, *own) for c in contexts for own in names]
    conditions = Conditions.make(
        [r[0] for r in rows],
        [r[1] for r in rows],
        dose=[1.0] * len(rows),
        modality=["drug"] * len(rows),
        annotation={"moa": [r[2] for r in rows]},
    )
    own = {name: i for i, (name, _, _) in enumerate(names)}
    agent = np.asarray([own[p[0]] for p in conditions.parts], dtype=np.int64)
    context = np.searchsorted(contexts, conditions.context).astype(np.int64)
    programme = 0.35 * rng.standard_normal((len(names), len(genes)))
    common = 0.35 * rng.standard_normal(len(genes))
    delta = programme[agent] + common + 0.25 * rng.standard_normal((len(rows), len(genes)))
    column = {g: i for i, g in enumerate(genes)}
    for i in range(len(rows)):
        name = names[agent[i]][2]
        if name and expected and not (name == "MDM2 inhibitor" and genotype and contexts[context[i]] in MUTANT):
            delta[i, [column[g] for g in sets[name]]] += SHIFT * table[name].sign
    return World(conditions, genes, delta, agent, context)


def measured(seed: int, own: World, *, trained: int = 1) -> PlantedStudy:
    """Measure a world on wells, every line a test context but the first ones."""
    rng = np.random.default_rng([1709, seed])
    return plant(own.conditions, own.delta, own.context >= trained, rng, genes=own.genes, wells=4, control_wells=24)


def like(truth: Array, rng: np.random.Generator) -> Array:
    """A prediction with noise of its own."""
    return np.asarray(truth + NOISE * np.sqrt((truth**2).mean()) * rng.standard_normal(truth.shape))


def _expected(seed: int, *, present: bool) -> Findings:
    own = world(seed, expected=present, genotype=True)
    study = measured(seed, own)
    rng = np.random.default_rng([1721, seed])
    # right sizes and common response, but a perturbation of another class in every context
    n = int(own.agent.max()) + 1
    shift = (own.agent + n // 2) % n
    place = {(int(a), int(c)): i for i, (a, c) in enumerate(zip(own.agent, own.context, strict=True))}
    wrong = own.delta[[place[int(a), int(c)] for a, c in zip(shift, own.context, strict=True)]]
    test = study.test
    has, lacks = like(own.delta[test], rng), like(wrong[test], rng)
    return study.run("target_pathway", study.answer(has, "has"), study.answer(lacks, "lacks"), seed=seed)


def _context(seed: int, *, present: bool) -> Findings:
    own = world(seed, expected=True, genotype=present)
    study = measured(seed, own, trained=0)
    rng = np.random.default_rng([1723, seed])
    alike = world(seed, expected=True, genotype=False).delta
    test = study.test
    has, lacks = like(own.delta[test], rng), like(alike[test], rng)
    return study.run("target_context", study.answer(has, "has"), study.answer(lacks, "lacks"), seed=seed)


DRUGS, LINES, GENES = 30, 8, 160
LEFT = 0.5
"""Share of an effect that is left where the target is silent."""


def _engagement(seed: int, *, present: bool) -> Findings:
    rng = np.random.default_rng([1733, seed])
    genes = tuple(f"T{i}" for i in range(DRUGS)) + tuple(f"F{i}" for i in range(GENES - DRUGS))
    contexts, drugs = [f"line {i}" for i in range(LINES)], [f"drug {i:02d}" for i in range(DRUGS)]
    rows = [(c, d) for c in contexts for d in drugs]
    target = {d: f"T{i // 2}" for i, d in enumerate(drugs)}
    conditions = Conditions.make(
        [c for c, _ in rows],
        [d for _, d in rows],
        dose=[1.0] * len(rows),
        modality=["drug"] * len(rows),
        annotation={"target": [target[d] for _, d in rows]},
    )
    control = LEVEL + rng.standard_normal((LINES, GENES))
    silent = rng.random((LINES, DRUGS // 2)) < 0.4
    control[:, : DRUGS // 2] = np.where(silent, LEVEL - 3.0, LEVEL + 2.0)
    drug = np.asarray([drugs.index(p[0]) for p in conditions.parts])
    line = np.searchsorted(contexts, conditions.context)
    size = rng.lognormal(0.0, 0.3, DRUGS)[drug] * rng.lognormal(0.0, 0.3, LINES)[line]
    programme = rng.standard_normal((DRUGS, GENES))
    full = size[:, None] * 0.4 * (programme[drug] + rng.standard_normal(GENES)[None])
    left = np.where(silent[line, drug // 2], LEFT, 1.0)[:, None]
    delta = full * left if present else full
    study = plant(conditions, delta, line > 0, rng, genes=genes, wells=4, control_wells=24, control=control)
    test = study.test
    answers = (study.answer(like(delta[test], rng), "has"), study.answer(like(full[test], rng), "lacks"))
    return study.run("target_engagement", *answers, seed=seed)


CASES = (
    BiologyCase(
        "target_pathway",
        "11 of 27 compounds move the genes that their class is known to move, in 9 test lines of known genotype",
        "genes of a set move by .3 standard deviations of a well, 4 wells a condition",
        lambda seed: _expected(seed, present=True),
        lambda seed: _expected(seed, present=False),
    ),
    BiologyCase(
        "target_context",
        "4 inhibitors of MDM2 move targets of p53 in the lines with wild type TP53 alone (6 of 12 test lines)",
        "genes of the set move by .3 standard deviations of a well, 4 wells a condition",
        lambda seed: _context(seed, present=True),
        lambda seed: _context(seed, present=False),
    ),
    BiologyCase(
        "target_engagement",
        "30 compounds of 15 targets do half as much in the lines (40 % of 7) whose controls do not express them",
        "half of the effect is left without the target; 4 wells a condition",
        lambda seed: _engagement(seed, present=True),
        lambda seed: _engagement(seed, present=False),
    ),
)
