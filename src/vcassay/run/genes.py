"""Table: genes.parquet, the genes that each model gets most wrong in each test condition."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from vcassay.arrays.most_wrong import most_wrong
from vcassay.claim import Claim
from vcassay.effects import Effects
from vcassay.prediction import Answer

MOST_WRONG = 5
"""Genes kept of a model and condition."""

COLUMNS = ["model", "context", "perturbation", "dose", "time", "place", "gene", "predicted", "measured", "se"]


def genes_table(effects: Effects, claim: Claim, submissions: Mapping[str, Answer]) -> pd.DataFrame:
    """One row a gene, of the scored ones, where a model's effect is furthest from the measured one.

    ``predicted`` and ``measured`` are effects in the unit of the readout, ``se`` is the standard error of the measured
    one (NaN where halves are not measurable). A condition that a model abstains on has no row.
    """
    test = claim.split.test
    own = effects.conditions.take(test)
    measured, mask, se = effects.delta[test], effects.mask[test], effects.se[test]
    parts = []
    for name, answer in submissions.items():
        answered = np.flatnonzero(answer.state == "ok")
        columns = most_wrong(answer.values[answered], measured[answered], mask[answered], MOST_WRONG)
        row, place = np.nonzero(columns >= 0)
        at, gene = answered[row], columns[row, place]
        part = pd.DataFrame(
            {
                "context": own.context[at],
                "perturbation": own.perturbation[at],
                "dose": own.dose[at],
                "time": own.time[at],
                "place": place + 1,
                "gene": effects.genes[gene],
                "predicted": answer.values[at, gene],
                "measured": measured[at, gene],
                "se": se[at, gene],
            }
        )
        parts.append(part.assign(model=name))
    if not parts:
        return pd.DataFrame(columns=COLUMNS)
    return pd.concat(parts, ignore_index=True)[COLUMNS]
