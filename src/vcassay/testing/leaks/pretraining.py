"""A pretraining corpus that holds the screen (L21), its test contexts perturbed (L21), or its cells (L21b)."""

from __future__ import annotations

from typing import Any

import numpy as np

from vcassay.claim import Exposure, make_claim
from vcassay.core import Finding
from vcassay.evidence.leakage.given.barcodes import WHITELIST, chance_share
from vcassay.prediction import Materials, declare, hash_barcodes
from vcassay.simulate.leaks.rebuild import rows_of
from vcassay.testing.leaks.study import simulated
from vcassay.testing.power import Case

SCREEN = "GSE999999"
CORPUS, OTHER = "the corpus with the screen", "another corpus"
BARCODES = 50_000
"""Barcodes of a corpus that has nothing of the screen."""


def _declared(seed: int, **entries: Any) -> Finding:
    """Judge two corpora of a hundred series each, of which one has what is given beside."""
    study, rng = simulated(seed), np.random.default_rng(seed)
    series = [f"GSE{n}" for n in rng.choice(200_000, size=200, replace=False).tolist()]
    held = entries.pop("accessions", [])
    corpora = [
        {"name": CORPUS, "accessions": [*series[:100], *held], **entries},
        {"name": OTHER, "accessions": series[100:]},
    ]
    exposure = Exposure("yes", accessions=(SCREEN, "a simulated screen"))
    claim = make_claim(study.split, exposure=exposure)
    return study.run("L21", claim=claim, disclosure=declare(pretraining=corpora))


def _contexts(seed: int, *, tested: bool) -> Finding:
    split = simulated(seed).split
    own = split.conditions.context[split.test if tested else split.train]
    return _declared(seed, contexts=[str(own[0]).lower()], perturbed=True)


def _barcodes(seed: int, amount: float) -> Finding:
    """Judge a corpus that has a share of one library's test cells beside those that agree by chance."""
    study, rng = simulated(seed), np.random.default_rng(seed)
    screen = study.simulation.screen
    names = np.asarray(screen.adata.obs_names, dtype=str)
    held = rng.random(len(names)) < chance_share(BARCODES, WHITELIST.value)
    test = rows_of(study.simulation, study.split, study.split.test)
    library = test[screen.table.batch[test] == 0]
    held[rng.permutation(library)[: round(amount * len(library))]] = True
    others = rng.integers(2**63, size=BARCODES, dtype=np.uint64)
    corpus = np.unique(np.concatenate([others, hash_barcodes(names[held].tolist())]))
    disclosure = declare(pretraining=[{"name": CORPUS, "barcodes": "barcodes.md5"}])
    return study.run("L21b", disclosure=disclosure, materials=Materials(barcodes={CORPUS: corpus}))


def _names_library(found: Finding, seed: int) -> bool:
    top = found.evidence[0]
    return bool(top["corpus"] == CORPUS and top["library"] == simulated(seed).simulation.screen.table.batches[0])


CASES = (
    Case(
        "L21",
        "the screen's accession among those of a corpus",
        "one of 101 accessions",
        lambda seed: _declared(seed, accessions=[f"https://www.ncbi.nlm.nih.gov/geo/query/acc.cgi?acc={SCREEN}"]),
        _declared,
        lambda found, seed: found.evidence[0]["corpus"] == CORPUS,
    ),
    Case(
        "L21",
        "a test context, perturbed, among those of a corpus",
        "one of the test contexts",
        lambda seed: _contexts(seed, tested=True),
        lambda seed: _contexts(seed, tested=False),
        lambda found, seed: found.evidence[0]["corpus"] == CORPUS,
    ),
    Case(
        "L21b",
        "test cells in a corpus, by hashes of their barcodes",
        "a quarter of one library's, in a corpus of 50,000",
        lambda seed: _barcodes(seed, 0.25),
        lambda seed: _barcodes(seed, 0.0),
        _names_library,
    ),
)
