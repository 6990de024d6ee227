"""Specifics: what is planted beyond the means of perturbation and context."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from vcassay.core import Conditions, Finding
from vcassay.testing.biology.case import BiologyCase, Findings
from vcassay.testing.planted import PlantedStudy, plant

Array = NDArray[np.float64]

GENES = 80
PERTURBATIONS = 24


def _grid(contexts: int, perturbations: int = PERTURBATIONS) -> Conditions:
    names = [f"PERT{p:02d}" for p in range(perturbations)]
    rows = [(f"line {c}", name) for c in range(contexts) for name in names]
    return Conditions.make([c for c, _ in rows], [p for _, p in rows], modality=["CRISPRi"] * len(rows))


def _ask(study: PlantedStudy, name: str, has: Array, lacks: Array) -> Sequence[Finding]:
    test = study.test
    return study.run(name, study.answer(has[test], "has"), study.answer(lacks[test], "lacks"))


def _crossed(seed: int, contexts: int, tested: int, planted: float) -> Findings:
    """Effects of context, perturbation and both; the model that lacks it has the interactions of another."""
    rng = np.random.default_rng([seed, contexts])
    table = _grid(contexts)
    c = rng.standard_normal((contexts, 1, GENES)) * 0.5
    p = rng.standard_normal((1, PERTURBATIONS, GENES))
    both = 0.4 * rng.standard_normal((contexts, PERTURBATIONS, GENES))
    true, other = (c + p + planted * both).reshape(-1, GENES), np.roll(both, 1, axis=1)
    test = np.arange(len(table)) >= (contexts - tested) * PERTURBATIONS
    study = plant(table, true, test, rng, wells=8)
    has, lacks = ((c + p + 0.8 * i).reshape(-1, GENES) for i in (both, other))
    return _ask(study, "interaction", has, lacks)


def _selective(seed: int, planted: float) -> Findings:
    """Strengths of an effect over contexts; the model that lacks it has those of another perturbation."""
    contexts = 6
    rng = np.random.default_rng([seed, 7])
    table = _grid(contexts)
    direction = rng.standard_normal((PERTURBATIONS, GENES))
    sensitive, strong = rng.uniform(0.5, 1.5, (contexts, 1)), rng.uniform(0.5, 1.5, PERTURBATIONS)
    acts = rng.uniform(-0.5, 0.5, (contexts, PERTURBATIONS))
    size = [(sensitive * strong * (1.0 + k * a))[..., None] for k, a in ((planted, acts), (1.0, acts))]
    size.append((sensitive * strong * (1.0 + np.roll(acts, 1, axis=1)))[..., None])
    true, has, lacks = ((s * direction).reshape(-1, GENES) for s in size)
    study = plant(table, true, np.ones(len(table), dtype=bool), rng, wells=8)
    return _ask(study, "selectivity", has, lacks)


def _combined(seed: int, planted: float) -> Findings:
    """Pairs of genes that together do 0.8 of the sum and something of their own."""
    rng = np.random.default_rng([seed, 11])
    singles, pairs = 16, 24
    names = [f"GENE{i:02d}" for i in range(singles)]
    ends = np.array([(i, j) for i in range(singles) for j in range(i)])
    ends = ends[rng.permutation(len(ends))[:pairs]]
    alone = rng.standard_normal((singles, GENES))
    own = 0.5 * rng.standard_normal((pairs, GENES))
    both = 0.8 * alone[ends].sum(axis=1)
    labels = [(n,) for n in names] + [(names[i], names[j]) for i, j in ends.tolist()]
    table = Conditions.make(["line"] * len(labels), labels, modality=["CRISPRa"] * len(labels))
    place = Conditions.make(["line"] * len(labels), labels).keys
    order = [place.index(("line", tuple(sorted(label)), -1.0, -1.0)) for label in labels]
    true, has, lacks = (np.zeros((len(labels), GENES)) for _ in range(3))
    for out, extra in ((true, planted * own), (has, 0.8 * own), (lacks, np.roll(own, 1, axis=0))):
        out[order] = np.concatenate([alone, both + extra])
    test = np.array([len(parts) == 2 for parts in table.parts])
    study = plant(table, true, test, rng, wells=8)
    return _ask(study, "genetic_interaction", has, lacks)


CASES = (
    BiologyCase(
        "interaction",
        "effects beyond perturbation and context, in three test contexts",
        "interactions of 0.4 of a perturbation's effect a gene, 8 wells of noise 1",
        lambda seed: _crossed(seed, 6, 3, 1.0),
        lambda seed: _crossed(seed, 6, 3, 0.0),
    ),
    BiologyCase(
        "interaction",
        "effects beyond perturbation and context, in a single test context",
        "interactions of 0.4 of a perturbation's effect a gene, 8 wells of noise 1",
        lambda seed: _crossed(seed, 5, 1, 1.0),
        lambda seed: _crossed(seed, 5, 1, 0.0),
    ),
    BiologyCase(
        "selectivity",
        "perturbations stronger in some of six contexts, beyond how sensitive these are",
        "strengths from half to one and a half of the usual",
        lambda seed: _selective(seed, 1.0),
        lambda seed: _selective(seed, 0.0),
    ),
    BiologyCase(
        "genetic_interaction",
        "combinations of two that do something of their own",
        "half of a single effect a gene",
        lambda seed: _combined(seed, 1.0),
        lambda seed: _combined(seed, 0.0),
    ),
)
"""What specificity diagnostics must see."""
