"""Pathways: partners that act alike, and drugs that act like the genes of their target's pathway."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from vcassay.core import Conditions, Finding
from vcassay.knowledge import Knowledge, Relations, Resource
from vcassay.testing.biology.case import BiologyCase
from vcassay.testing.planted import PlantedStudy, plant

Array = NDArray[np.float64]

FEATURES = 120
KIN = 4
"""Genes of a planted complex."""


def complexes(pairs: Sequence[tuple[str, str]], *, kind: str = "same complex", sign: Array | None = None) -> Knowledge:
    """Knowledge of some pairs of genes."""
    resource = Resource("complexes", "complexes.tsv", "", None, "", len(pairs))
    a, b = [p[0] for p in pairs], [p[1] for p in pairs]
    return Knowledge(relations=(Relations.make(resource, kind, a, b, sign),))


def paired_up(genes: Sequence[str]) -> list[tuple[str, str]]:
    """All pairs within consecutive groups of `KIN` genes."""
    groups = [genes[i : i + KIN] for i in range(0, len(genes), KIN)]
    return [(a, b) for own in groups for k, a in enumerate(own) for b in own[k + 1 :]]


def partners(seed: int, *, shared: float = 0.7, n: int = 40, contexts: int = 2, wells: int = 8) -> PlantedStudy:
    """Knock-downs of n test genes in complexes, of which partners share a part of their effects.

    Parameters
    ----------
    shared
        Correlation of the effects of partners beyond what all have in common; 0 for none.
    """
    rng = np.random.default_rng(seed)
    genes = [f"P{i + 1:02d}" for i in range(n)]
    extra = [f"T{i + 1:02d}" for i in range(8)]
    names = [*genes, *extra]
    table = Conditions.make(
        [f"c{c}" for c in range(contexts) for _ in names],
        [[name] for _ in range(contexts) for name in names],
        modality=["CRISPRi"] * (contexts * len(names)),
    )
    own = rng.standard_normal((len(names), FEATURES))
    group = rng.standard_normal((n // KIN + 1, FEATURES))
    at = np.minimum(np.arange(len(names)) // KIN, n // KIN)
    common = rng.standard_normal(FEATURES)
    # partners are of one strength whether or not they share a direction
    strength = rng.uniform(0.5, 1.2, n // KIN + 1)[at]
    effect = strength[:, None] * (np.sqrt(shared) * group[at] + np.sqrt(1 - shared) * own + 0.5 * common)
    place = {name: i for i, name in enumerate(names)}
    row = np.array([place[p[0]] for p in table.parts])
    test = row < n
    knowledge = complexes(paired_up(genes))
    return plant(table, 0.6 * effect[row], test, rng, wells=wells, knowledge=knowledge)


def _known_pairs(seed: int, shared: float) -> Sequence[Finding]:
    study = partners(seed, shared=shared)
    rng = np.random.default_rng(seed + 10_000)
    true = study.delta[study.test]
    agent = study.bench().agent
    _, code = np.unique(agent, return_inverse=True)
    wrong = rng.permutation(int(code.max()) + 1)
    context = study.effects.conditions.take(study.test).context
    place = {(c, k): i for i, (c, k) in enumerate(zip(context.tolist(), code.tolist(), strict=True))}
    other = np.array([place[c, int(wrong[k])] for c, k in zip(context.tolist(), code.tolist(), strict=True)])
    noise = 0.15 * rng.standard_normal((2, *true.shape))
    has, lacks = study.answer(true + noise[0], "has"), study.answer(true[other] + noise[1], "lacks")
    return study.run("known_pairs", has, lacks)


def drugs(
    seed: int,
    *,
    shared: float = 0.3,
    pathways: int = 10,
    covered: int = 10,
    each: int = 2,
    contexts: int = 2,
    wells: int = 8,
) -> PlantedStudy:
    """Drugs of test, which act in part along the pathway of their target, and knock-downs of pathways in training.

    Parameters
    ----------
    shared
        Share of a drug's effect, and of a knock-down's, that is its pathway's.
    pathways, covered
        Of `KIN` genes each, all known, and how many of them have genes that are knocked down in training.
    each
        Drugs of a pathway, each with a target that is not knocked down itself.
    """
    rng = np.random.default_rng(seed)
    knocked = [f"P{p + 1:02d}K{k + 1}" for p in range(pathways) for k in range(KIN)]
    aims = [f"P{p + 1:02d}T{d + 1}" for p in range(pathways) for d in range(each)]
    names = [f"drug {i + 1:02d}" for i in range(len(aims))]
    trained = knocked[: covered * KIN]
    items = [*names, *trained]
    table = Conditions.make(
        [f"c{c}" for c in range(contexts) for _ in items],
        [[name] for _ in range(contexts) for name in items],
        modality=(["drug"] * len(names) + ["CRISPRi"] * len(trained)) * contexts,
        annotation={
            "target": (aims + [""] * len(trained)) * contexts,
            "moa": ([f"{aim} inhibitor" for aim in aims] + [""] * len(trained)) * contexts,
        },
    )
    at = np.array([i // each for i in range(len(aims))] + [i // KIN for i in range(len(trained))])
    direction, own = rng.standard_normal((pathways, FEATURES)), rng.standard_normal((len(items), FEATURES))
    common = rng.standard_normal(FEATURES)
    strength = rng.uniform(0.7, 1.2, len(items))
    effect = strength[:, None] * (np.sqrt(shared) * direction[at] + np.sqrt(1 - shared) * own + 0.6 * common)
    place = {name: i for i, name in enumerate(items)}
    row = np.array([place[p[0]] for p in table.parts])
    known = []
    for p in range(pathways):
        genes = [*knocked[p * KIN : (p + 1) * KIN], *aims[p * each : (p + 1) * each]]
        known += [(a, b) for k, a in enumerate(genes) for b in genes[k + 1 :]]
    return plant(table, 0.6 * effect[row], row < len(names), rng, wells=wells, knowledge=complexes(known))


def drug_numbers(study: PlantedStudy) -> tuple[NDArray[np.int64], NDArray[np.str_]]:
    """Number of the drug, and context, of each test condition of `drugs`."""
    table = study.effects.conditions.take(study.test)
    return np.array([int(p[0].split()[1]) - 1 for p in table.parts]), table.context


def _neighbours(seed: int, shared: float) -> Sequence[Finding]:
    study = drugs(seed, shared=shared)
    rng = np.random.default_rng(seed + 10_000)
    true = study.delta[study.test]
    number, context = drug_numbers(study)
    place = {(c, k): i for i, (c, k) in enumerate(zip(context.tolist(), number.tolist(), strict=True))}
    wrong = (np.arange(number.max() + 1) + 2 * int(rng.integers(1, 9))) % (number.max() + 1)
    other = np.array([place[c, int(wrong[k])] for c, k in zip(context.tolist(), number.tolist(), strict=True)])
    noise = 0.15 * rng.standard_normal((2, *true.shape))
    has, lacks = study.answer(true + noise[0], "has"), study.answer(true[other] + noise[1], "lacks")
    return study.run("target_neighbours", has, lacks)


def _generalisation(seed: int, shared: float) -> Sequence[Finding]:
    covered = 12
    study = drugs(seed, shared=shared, pathways=24, covered=covered, each=2, contexts=1)
    rng = np.random.default_rng(seed + 10_000)
    true = study.delta[study.test]
    number, _ = drug_numbers(study)
    near = number < covered * 2
    noise = 0.6 * rng.standard_normal((3, *true.shape))
    common = true.mean(axis=0)
    has = common + 0.5 * np.where(near[:, None], true - common, 0.0) + 0.4 * noise[0]
    lacks = common + 0.25 * (true - common) + 0.4 * noise[1]
    base = common + 0.4 * noise[2]
    answers = [study.answer(has, "has"), study.answer(lacks, "lacks"), study.answer(base, "mean", role="baseline")]
    return study.run("pathway_generalisation", *answers)


CASES: tuple[BiologyCase, ...] = (
    BiologyCase(
        "known_pairs",
        "complexes of four knocked-down genes whose effects are partly shared",
        "a correlation of 0.4 within, beside a common response, 40 genes, 2 contexts, 8 wells",
        lambda seed: _known_pairs(seed, 0.4),
        lambda seed: _known_pairs(seed, 0.0),
    ),
    BiologyCase(
        "target_neighbours",
        "drugs that act in part as the knock-down of their target's partners does",
        "a third of the effects, 20 drugs, 40 knock-downs, 2 contexts, 8 wells",
        lambda seed: _neighbours(seed, 0.3),
        lambda seed: _neighbours(seed, 0.0),
    ),
    BiologyCase(
        "pathway_generalisation",
        "a model that is better on drugs whose pathway was knocked down in training",
        "half of what tells drugs apart, 24 drugs with and 24 without, 1 context, 8 wells",
        lambda seed: _generalisation(seed, 0.3),
        lambda seed: _generalisation(seed, 0.0),
    ),
)
