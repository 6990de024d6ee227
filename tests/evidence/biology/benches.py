"""A small planted study of drugs and genes in two contexts."""

from __future__ import annotations

from functools import cache

import numpy as np

from vcassay.core import Conditions
from vcassay.testing.planted import PlantedStudy, plant

DRUGS = 6
GENES = ("TP53", "EGFR", "HDAC1", "ACTB", "CDKN1A", "MDM2", "GDF15", "HSPA5", "DDIT3", "ATF4")


def table() -> Conditions:
    names = [f"drug{i}" for i in range(DRUGS)] + ["EGFR", "HDAC1"]
    rows = [(c, n) for c in ("A549", "K562") for n in names]
    drug = [n.startswith("drug") for _, n in rows]
    return Conditions.make(
        [c for c, _ in rows],
        [[n] for _, n in rows],
        dose=[1.0 if d else np.nan for d in drug],
        modality=["drug" if d else "CRISPRi" for d in drug],
        annotation={
            "target": [
                "EGFR" if d and int(n[-1]) % 2 else "HDAC1|CDK9" if d else ""
                for (_, n), d in zip(rows, drug, strict=True)
            ],
            "moa": [
                "EGFR inhibitor" if d and int(n[-1]) % 2 else "HDAC inhibitor" if d else ""
                for (_, n), d in zip(rows, drug, strict=True)
            ],
        },
    )


@cache
def small_study(noise: float = 0.2, **more) -> PlantedStudy:
    rng = np.random.default_rng(1)
    conditions = table()
    genes = [*GENES, *(f"X{i}" for i in range(30))]
    code = {name: rng.standard_normal(len(genes)) for name in sorted(set(conditions.perturbation.tolist()))}
    delta = np.array([code[p] for p in conditions.perturbation.tolist()])
    return plant(conditions, delta, conditions.context == "K562", rng, genes=genes, noise=noise, **more)
