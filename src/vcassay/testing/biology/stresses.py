"""Stresses: drugs that harm cells more or less, with or without an effect of their own beside it."""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import NDArray

from vcassay.core import Conditions
from vcassay.knowledge.programmes import STRESS, programmes
from vcassay.testing.biology.case import BiologyCase, Findings
from vcassay.testing.planted import PlantedStudy, plant

Array = NDArray[np.float64]

DRUGS, CONTEXTS, OTHERS = 24, 3, 60
STRESSED, OWN = 0.6, 0.45
"""Root mean square of a gene: of stress, over the genes of the programmes, and of an effect of its own, over others."""
UNEVEN = 0.4
"""Spread of the weights of a programme's genes: its mean is not all of it."""


def conditions() -> Conditions:
    """Every drug in every context."""
    drugs, contexts = [f"drug{i:02d}" for i in range(DRUGS)], [f"line{c}" for c in range(CONTEXTS)]
    return Conditions.make(
        [c for c in contexts for _ in drugs],
        [d for _ in contexts for d in drugs],
        modality=["drug"] * (DRUGS * CONTEXTS),
    )


def stress_screen(
    seed: int, *, own: float = OWN, harm: float = STRESSED, spread: float = 0.6
) -> tuple[PlantedStudy, Array, Array]:
    """Drugs that stress cells, the last context being test.

    Parameters
    ----------
    own, harm
        Root mean square of a gene's effect, of each drug's own and of stress.
    spread
        Standard deviation of the logarithm of how much a drug harms.

    Returns
    -------
    The study, and (t, g) of the test conditions: stress, and what is each drug's own.
    """
    rng = np.random.default_rng([seed, 66])
    genes, sign = _genes()
    table = conditions()
    common = sign * (1.0 + UNEVEN * rng.standard_normal(len(genes)))
    amount = np.exp(spread * rng.standard_normal(DRUGS))
    amount *= harm / np.sqrt((amount**2).mean())
    drug = np.asarray([int(p[0][4:]) for p in table.parts])
    stress = amount[drug, None] * common
    private = np.where(sign == 0, rng.standard_normal((DRUGS, len(genes))), 0.0) * own
    test = table.context == f"line{CONTEXTS - 1}"
    study = plant(table, stress + private[drug], test, rng, genes=genes)
    at = table.locate(study.effects.conditions.take(study.test))
    return study, stress[at], private[drug][at]


def _genes() -> tuple[list[str], Array]:
    """Genes, and where those of a programme go when cells are harmed: up or down; 0 of others."""
    sign = {gene: float(p.harm) for p in programmes(STRESS) for gene in p.genes}
    names = [*sorted(sign), *(f"G{i:03d}" for i in range(OTHERS))]
    return names, np.asarray([sign.get(g, 0.0) for g in names])


def _run(diagnostic: str, seed: int, **settings: float) -> Findings:
    """A model with both, and one with the right stress of every drug and nothing else."""
    study, stress, private = stress_screen(seed, **settings)
    return study.run(diagnostic, study.answer(stress + private, "has"), study.answer(stress, "lacks"))


def _ordered(seed: int, **settings: float) -> Findings:
    """A model that knows which drug harms, and one that knows each drug's own effect and mistakes its harm."""
    study, stress, private = stress_screen(seed, **settings)
    rng = np.random.default_rng([seed, 67])
    wrong = stress[rng.permutation(len(stress))]
    return study.run("toxicity_order", study.answer(stress + private, "has"), study.answer(wrong + private, "lacks"))


CASES = (
    BiologyCase(
        diagnostic="skill_beyond_stress",
        planted="24 drugs with an effect of their own beside a stress response that they share to different degrees",
        size="own effects with a root mean square of .45 standard deviations of a well, stress of .6, 8 wells",
        present=partial(_run, "skill_beyond_stress"),
        absent=partial(_run, "skill_beyond_stress", own=0.0),
    ),
    BiologyCase(
        diagnostic="stress_share",
        planted="the same drugs: half of the size of their effects is stress",
        size="own effects with a root mean square of .45 standard deviations of a well, stress of .6, 8 wells",
        present=partial(_run, "stress_share"),
        absent=partial(_run, "stress_share", own=0.0, harm=0.0),
    ),
    BiologyCase(
        diagnostic="toxicity_order",
        planted="drugs that harm cells to different degrees, beside an effect of their own",
        size="stress with a root mean square of .6 standard deviations of a well, whose logarithm varies by .6",
        present=_ordered,
        absent=partial(_ordered, spread=0.0),
    ),
)
