"""Universals: what is planted that holds for every cell."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
from numpy.typing import NDArray

from vcassay.core import Conditions, Finding
from vcassay.knowledge import Knowledge, Regulons, Relations, Resource
from vcassay.testing.biology.case import BiologyCase, Findings
from vcassay.testing.planted import plant

Array = NDArray[np.float64]

GENES, PERTURBED = 80, 16
HANDED = Resource("planted", "planted.tsv", "", date(2020, 1, 1), "", 1)


def _ask(seed: int, name: str, known: Array, planted: float, knowledge: Knowledge | None = None) -> Sequence[Finding]:
    """Plant effects on known genes among others; the model that lacks them gives each to another perturbation.

    Parameters
    ----------
    known
        (perturbed, g) what is known of each.
    """
    rng = np.random.default_rng([seed, len(name)])
    names = [f"G{i + 1:03d}" for i in range(PERTURBED)]
    contexts = ("line 0", "line 1")
    table = Conditions.make(np.repeat(contexts, PERTURBED), names * 2, modality=["CRISPRi"] * PERTURBED * 2)
    other = rng.standard_normal((PERTURBED, GENES)) * (known == 0)
    common = 0.5 * rng.standard_normal(GENES)
    true, has, lacks = (
        np.tile(common + other + part, (2, 1)) for part in (planted * known, known, np.roll(known, 1, axis=0))
    )
    study = plant(table, true, np.ones(len(table), dtype=bool), rng, wells=4, knowledge=knowledge)
    return study.run(name, study.answer(0.8 * has, "has"), study.answer(0.8 * lacks, "lacks"))


def _knockdown(seed: int, planted: float) -> Findings:
    return _ask(seed, "self_knockdown", -1.0 * np.eye(PERTURBED, GENES), planted)


def _signs(seed: int, planted: float) -> Findings:
    """Six targets a regulator, raised or lowered, none of which is perturbed itself."""
    rng = np.random.default_rng([seed, 5])
    weight = np.zeros((PERTURBED, GENES))
    for row in weight:
        row[PERTURBED + rng.permutation(GENES - PERTURBED)[:6]] = rng.choice([-1.0, 1.0], 6)
    i, j = np.nonzero(weight)
    source, target = ([f"G{k + 1:03d}" for k in ends.tolist()] for ends in (i, j))
    regulons = Regulons.make(HANDED, source, target, weight[i, j].tolist())
    return _ask(seed, "known_signs", -1.0 * weight, planted, Knowledge(regulons=(regulons,)))


def _paralogs(seed: int, planted: float) -> Findings:
    """One paralog a gene."""
    names = [f"G{k + 1:03d}" for k in range(2 * PERTURBED)]
    pairs = Relations.make(HANDED, "paralog", names[:PERTURBED], names[PERTURBED:])
    known = np.eye(PERTURBED, GENES, PERTURBED)
    return _ask(seed, "paralog_compensation", known, planted, Knowledge(relations=(pairs,)))


CASES = (
    BiologyCase(
        "self_knockdown",
        "silenced genes that fall, by as much as other genes change",
        "one unit, 4 wells of noise 1, 16 genes in two contexts",
        lambda seed: _knockdown(seed, 1.0),
        lambda seed: _knockdown(seed, 0.0),
    ),
    BiologyCase(
        "known_signs",
        "six targets a regulator that move by as much as other genes do",
        "one unit, 4 wells of noise 1, 16 regulators in two contexts",
        lambda seed: _signs(seed, 1.0),
        lambda seed: _signs(seed, 0.0),
    ),
    BiologyCase(
        "paralog_compensation",
        "one paralog a gene that rises by as much as other genes change",
        "one unit, 4 wells of noise 1, 16 genes in two contexts",
        lambda seed: _paralogs(seed, 1.0),
        lambda seed: _paralogs(seed, 0.0),
    ),
)
"""What universal diagnostics must see."""
