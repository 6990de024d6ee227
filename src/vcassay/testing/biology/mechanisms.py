"""Mechanisms: drugs of one mechanism and several chemistries, or labels of mechanism without effect."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vcassay.core import Conditions, Finding
from vcassay.knowledge.programmes import STRESS, programmes
from vcassay.testing.biology.case import BiologyCase, Findings
from vcassay.testing.planted import PlantedStudy, plant

Array = NDArray[np.float64]
Codes = NDArray[np.int64]

SCAFFOLDS = (
    "c1ccc2[nH]ccc2c1",
    "c1ccc2ncccc2c1",
    "c1ccc(cc1)c1ccncc1",
    "c1cnc2ccccc2n1",
    "c1csc(n1)c1ccccc1",
    "c1ccc2OCOc2c1",
    "C1CCC2CCCCC2C1",
    "c1nc(N)c2ncn(C)c2n1",
    "c1cc(no1)c1ccccc1",
    "C1CCN(CC1)Cc1ccccc1",
)
TAILS = ("CC(C)", "O1CCN(CC1)", "FC(F)(F)", "C1CC1", "N#C", "CS(=O)(=O)", "OCC", "CN(C)C")
LINKERS = ("C(=O)N", "CC", "S(=O)(=O)N", "NC(=O)C", "CCO")
MECHANISMS = 10
SHARING = (3, 2, 1)
"""Drugs of a mechanism that have a first, a second and a third scaffold: structure tells part of the mechanism."""
MEMBERS = sum(SHARING)
TRAINED, TESTED = "A", "B"
GENES = 160
NOISE, WELLS = 1.0, 8

FROM_MECHANISM, FROM_STRUCTURE, FROM_STRESS, OWN = 0.2, 0.4, 0.5, 0.3
"""Root mean square, over genes, of what a drug's mechanism, its structure, stress and the drug itself do."""


@dataclass(frozen=True, slots=True, eq=False)
class Library:
    """Drugs of a screen: mechanism and structure of each, and what their effects are made of."""

    names: tuple[str, ...]
    mechanism: Codes
    smiles: tuple[str, ...]
    by_mechanism: Array
    by_structure: Array
    stress: Array
    own: Array


def make_library(rng: np.random.Generator, genes: tuple[str, ...]) -> Library:
    """Ten mechanisms of six drugs; in each, scaffolds are shared as `SHARING` says."""
    n = MECHANISMS * MEMBERS
    mechanism = np.repeat(np.arange(MECHANISMS), MEMBERS)
    chosen = np.asarray([rng.choice(len(SCAFFOLDS), len(SHARING), replace=False) for _ in range(MECHANISMS)])
    scaffold = np.repeat(chosen, SHARING, axis=1).reshape(-1)
    taken: set[tuple[int, int, int]] = set()
    parts = []
    for s in scaffold.tolist():
        part = (s, int(rng.integers(len(TAILS))), int(rng.integers(len(LINKERS))))
        while part in taken:
            part = (s, int(rng.integers(len(TAILS))), int(rng.integers(len(LINKERS))))
        taken.add(part)
        parts.append(part)
    smiles = tuple(TAILS[t] + LINKERS[k] + SCAFFOLDS[s] for s, t, k in parts)
    of_scaffold, of_tail, of_linker = (
        rng.standard_normal((k, len(genes))) for k in (len(SCAFFOLDS), len(TAILS), len(LINKERS))
    )
    structure = np.asarray([1.6 * of_scaffold[s] + of_tail[t] + 0.7 * of_linker[k] for s, t, k in parts])
    harm = np.zeros(len(genes))
    for programme in programmes(STRESS):
        held = np.isin(genes, programme.genes)
        harm[held] += 1.0
    return Library(
        tuple(f"drug {i + 1:02d}" for i in rng.permutation(n)),
        mechanism,
        smiles,
        unit(rng.standard_normal((MECHANISMS, len(genes))))[mechanism],
        unit(structure),
        rng.gamma(2.0, 0.5, size=n)[:, None] * unit(harm[None]),
        unit(rng.standard_normal((n, len(genes)))),
    )


def unit(values: Array) -> Array:
    """Rows of root mean square 1."""
    return np.asarray(values / np.sqrt((values**2).mean(axis=1, keepdims=True)))


def gene_names() -> tuple[str, ...]:
    """Sentinel genes of stress, and others."""
    harm = tuple(dict.fromkeys(g for p in programmes(STRESS) for g in p.genes))
    return (harm + tuple(f"G{i + 1:03d}" for i in range(GENES)))[:GENES]


def screen(
    seed: int, *, of_mechanism: float = FROM_MECHANISM, wells: int = WELLS
) -> tuple[PlantedStudy, Library, np.random.Generator]:
    """Measure sixty drugs in a training context and a test context."""
    rng = np.random.default_rng([seed, 62])
    genes = gene_names()
    library = make_library(rng, genes)
    n = len(library.names)
    effects = (
        of_mechanism * library.by_mechanism
        + FROM_STRUCTURE * library.by_structure
        + FROM_STRESS * library.stress
        + OWN * library.own
    )
    table = Conditions.make(
        [TRAINED] * n + [TESTED] * n,
        [(name,) for name in library.names] * 2,
        modality=["drug"] * (2 * n),
        annotation={
            "moa": [f"mechanism {m + 1}" for m in library.mechanism] * 2,
            "smiles": list(library.smiles) * 2,
        },
    )
    row = {name: i for i, name in enumerate(library.names)}
    order = np.asarray([row[parts[0]] for parts in table.parts])
    test = np.asarray(table.context == TESTED)
    study = plant(table, effects[order], test, rng, genes=genes, wells=wells, noise=NOISE)
    return study, library, rng


def answers(study: PlantedStudy, library: Library, rng: np.random.Generator, values: Array) -> Array:
    """Effects of the test conditions of drugs in the order of the library, with a little noise."""
    row = {name: i for i, name in enumerate(library.names)}
    table = study.effects.conditions.take(study.test)
    order = np.asarray([row[parts[0]] for parts in table.parts])
    return np.asarray((values + 0.1 * rng.standard_normal(values.shape))[order])


def right(library: Library) -> Array:
    """Effects of a model that knows the mechanism and what it does."""
    return np.asarray(
        FROM_MECHANISM * library.by_mechanism + FROM_STRUCTURE * library.by_structure + FROM_STRESS * library.stress
    )


def structure_only(library: Library) -> Array:
    """Effects that are a function of the structure alone, of the right size and with the right stress."""
    size = np.hypot(FROM_MECHANISM, FROM_STRUCTURE)
    return np.asarray(size * library.by_structure + FROM_STRESS * library.stress)


def stress_only(library: Library) -> Array:
    """Effects that are alike by the strength of stress alone: the rest is each drug's own."""
    return np.asarray(FROM_STRESS * library.stress + np.hypot(FROM_MECHANISM, FROM_STRUCTURE) * library.own)


def run(diagnostic: str, lacks: Callable[[Library], Array], of_mechanism: float, seed: int) -> Findings:
    """Ask a diagnostic about a right model and a wrong one."""
    study, library, rng = screen(seed, of_mechanism=of_mechanism)
    has = study.answer(answers(study, library, rng, right(library)), "has")
    wrong = study.answer(answers(study, library, rng, lacks(library)), "lacks")
    found: tuple[Finding, ...] = study.run(diagnostic, has, wrong, seed=seed)
    return found


def case(diagnostic: str, lacks: Callable[[Library], Array], what: str) -> BiologyCase:
    """Make a case of one diagnostic and one wrong model."""
    return BiologyCase(
        diagnostic,
        f"mechanism beyond structure; the wrong model knows {what}",
        f"60 drugs of 10 mechanisms; {FROM_MECHANISM:g} a gene by mechanism and {FROM_STRUCTURE:g} by structure",
        lambda seed: run(diagnostic, lacks, FROM_MECHANISM, seed),
        lambda seed: run(diagnostic, lacks, 0.0, seed),
    )


CASES: tuple[BiologyCase, ...] = (
    case("moa_similarity", structure_only, "structure alone"),
    case("moa_similarity", stress_only, "stress alone"),
    case("moa_beyond_chemistry", structure_only, "structure alone"),
    case("moa_beyond_chemistry", stress_only, "stress alone"),
    case("chemistry_sensitivity", structure_only, "structure alone"),
)
