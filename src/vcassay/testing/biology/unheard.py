"""Unheard-of biology: real names, classes, pairs and regulons, and effects that have nothing to do with any of them."""

from __future__ import annotations

from datetime import date

import numpy as np
from numpy.typing import NDArray

from vcassay.core import Conditions
from vcassay.knowledge import Knowledge, Regulons, Relations, Resource
from vcassay.knowledge.expectations import expectations
from vcassay.knowledge.programmes import NUISANCE, STRESS, programmes
from vcassay.prediction import Answer
from vcassay.simulate.chemistry import make_compounds
from vcassay.testing.biology.expectations import CLASSES, MUTANT, WILD
from vcassay.testing.planted import LEVEL, PlantedStudy, plant

Array = NDArray[np.float64]

GUIDES, DRUGS, FILLERS, PAIRS, TARGETED = 24, 30, 60, 60, 8
LINES = (*WILD[:4], *MUTANT[:4])
DOSES = (0.1, 1.0, 10.0)
COMMON, OWN, THERE = 0.3, 0.4, 0.25
"""Standard deviation of a gene's part that all perturbations share, that one has anywhere, and in one line alone."""
PLACED = 8


def table() -> tuple[Conditions, list[str]]:
    """Guides and activators of some genes, and drugs of known classes; the genes that are measured."""
    rows = {row.name: row for row in expectations().rows}
    expected = [g.split("/")[0] for name in CLASSES for g in rows[name].up]
    named = [g for p in (*programmes(STRESS), *programmes(NUISANCE)) for g in p.genes[:6]]
    genes = list(dict.fromkeys([*(f"T{i:02d}" for i in range(GUIDES)), *expected, *named]))
    genes += [f"F{i}" for i in range(FILLERS)]
    mechanism = {"MDM2 inhibitor": "MDM inhibitor", "HMG-CoA reductase inhibitor": "HMGCR inhibitor"}
    classes = [mechanism.get(name, name) for name in CLASSES] + [f"class {i} modulator" for i in range(6)]
    targets = [f"T{i % 12:02d}" for i in range(DRUGS)]
    compounds = make_compounds(tuple(targets), 0)
    one = [(f"T{i:02d}", "CRISPRi", np.nan, "", "", "") for i in range(GUIDES)]
    one += [(f"T{i:02d} [CRISPRa]", "CRISPRa", np.nan, "", "", "") for i in range(GUIDES // 2)]
    one += [
        (f"drug {i:02d}", "drug", dose, targets[i], classes[i % len(classes)], compounds[i].smiles)
        for i in range(DRUGS)
        for dose in DOSES
    ]
    every = [(line, *own) for line in LINES for own in one]
    columns = list(zip(*every, strict=True))
    conditions = Conditions.make(
        columns[0],
        columns[1],
        modality=columns[2],
        dose=columns[3],
        annotation={"target": columns[4], "moa": columns[5], "smiles": columns[6]},
    )
    return conditions, genes


def unheard(seed: int, *, effects: bool = True) -> tuple[PlantedStudy, list[Answer]]:
    """A screen whose effects owe nothing to what is known, three lines being test, and two honest models.

    Parameters
    ----------
    effects
        Whether there are any: each perturbation's own, the same at all doses, and its own in each line.
    """
    rng = np.random.default_rng([seed, 71])
    conditions, genes = table()
    agents = list(zip(conditions.perturbation.tolist(), conditions.modality.tolist(), strict=True))
    _, agent = np.unique([" ".join(a) for a in agents], return_inverse=True)
    lines, line = np.unique(conditions.context, return_inverse=True)
    n, g = int(agent.max()) + 1, len(genes)
    there = THERE * rng.standard_normal((n, len(lines), g))
    delta = COMMON * rng.standard_normal(g) + OWN * rng.standard_normal((n, g))[agent] + there[agent, line]
    delta = delta if effects else np.zeros_like(delta)
    control = LEVEL + rng.standard_normal((len(lines), g))
    control[rng.random(control.shape) < 0.2] = LEVEL - 4.0
    guided = conditions.modality != "drug"
    test = (line >= len(lines) - 6) & (~guided | (line >= len(lines) - 5))
    study = plant(
        conditions,
        delta,
        test,
        rng,
        genes=genes,
        wells=4,
        control_wells=24,
        control=control,
        knowledge=hearsay(genes, rng),
    )
    truth = study.delta
    near = truth + 0.45 * np.sqrt((truth**2).mean()) * rng.standard_normal((n, g))[_agents(study)]
    return study, [_answer(study, truth, "perfect"), _answer(study, near, "skilled")]


def _agents(study: PlantedStudy) -> NDArray[np.int64]:
    own = study.effects.conditions
    agents = [" ".join(a) for a in zip(own.perturbation.tolist(), own.modality.tolist(), strict=True)]
    return np.unique(agents, return_inverse=True)[1].astype(np.int64)


def hearsay(genes: list[str], rng: np.random.Generator) -> Knowledge:
    """Pairs, paralogs and regulons of the targeted genes, drawn at random."""
    facts = Resource("hearsay", "hearsay.tsv", "", date(2020, 1, 1), "", PAIRS)
    targeted = np.asarray(genes[:GUIDES])
    ends = np.stack([rng.permutation(GUIDES) for _ in range(PAIRS // GUIDES + 1)])
    pairs = [(a, b) for k in range(len(ends) - 1) for a, b in zip(ends[k], ends[k + 1], strict=True) if a != b]
    left, right = (targeted[[p[k] for p in pairs]].tolist() for k in (0, 1))
    others = np.asarray(genes[GUIDES:])
    paralogs = rng.permutation(others)[:GUIDES].tolist()
    source = np.repeat(targeted, TARGETED).tolist()
    target = np.concatenate([rng.permutation(others)[:TARGETED] for _ in targeted]).tolist()
    sign = rng.choice([-1.0, 1.0], len(source)).tolist()
    return Knowledge(
        relations=(
            Relations.make(facts, "same complex", left, right),
            Relations.make(facts, "paralog", targeted.tolist(), paralogs),
        ),
        regulons=(Regulons.make(facts, source, target, sign),),
    )


def _answer(study: PlantedStudy, every: Array, name: str) -> Answer:
    left, size, _ = np.linalg.svd(every - every.mean(axis=0), full_matrices=False)
    own = every[study.test]
    placed = left[:, :PLACED] * size[:PLACED]
    return study.answer(own, name, embedding=placed, attribution=np.abs(own) + 1e-6)
