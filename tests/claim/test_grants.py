from __future__ import annotations

import numpy as np
import pytest

from tests.claim.builders import TEST, Row, grid, split
from vcassay.claim import GRANTS, Novelty, find_novelty, granted, legality, make_split
from vcassay.core import Regime

SPLITS: dict[str, Novelty] = {
    "GEX": find_novelty(split([*grid("KL", "AB"), *grid("KL", "C", role=TEST)])),
    "CEX": find_novelty(split([*grid("KL", "ABC"), *grid("M", "ABC", role=TEST)])),
    "few-shot": find_novelty(split([*grid("KL", "ABC"), Row("M", "A"), *grid("M", "BC", role=TEST)])),
    "DEX": find_novelty(split([*grid("KL", "AB", dose=1.0), *grid("KL", "C", role=TEST, dose=1.0)])),
    "combination, 2 seen": find_novelty(split([*grid("K", "ABC"), Row("K", "A+B", TEST)])),
    "combination, 1 seen": find_novelty(split([*grid("K", "AC"), Row("K", "A+B", TEST)])),
    "combination, 0 seen": find_novelty(split([*grid("K", "CD"), Row("K", "A+B", TEST)])),
    "few-shot, another dose shown": find_novelty(
        split([*grid("KL", "AB", dose=1.0), *grid("L", "AB", dose=2.0), *grid("K", "AB", dose=2.0, role=TEST)])
    ),
    "dose": find_novelty(split([*grid("KL", "AB", dose=1.0), *grid("KL", "AB", dose=2.0, role=TEST)])),
    "AEX": find_novelty(split([*grid("KL", "AB"), *grid("M", "C", role=TEST)])),
    "random cells": find_novelty(make_split(split(grid("KL", "AB")).conditions, "random-cells")),
}

READS: dict[str, tuple[str, ...]] = {
    "control copy": ("target_controls",),
    "mean in the context": ("train_effects:context",),
    "perturbation elsewhere": ("perturbation_elsewhere",),
    "additive parts": ("parts",),
    "ridge": ("train_effects", "target_controls", "features:string"),
    "kNN": ("train_effects", "features"),
    "linear PCA": ("train_effects",),
    "nearest dose": ("other_doses",),
    "oracle": ("test_effects",),
}

# The matrix of legal baselines, with the columns in the order of READS. The oracle column is never granted;
# additive parts are tabled for combinations only, there being no parts elsewhere.
MATRIX = {
    "GEX": "yes yes no  -   yes yes yes no  no",
    "CEX": "yes no  yes -   yes yes yes no  no",
    "few-shot": "yes yes yes -   yes yes yes no  no",
    "DEX": "yes yes no  -   yes yes yes no  no",
    "combination, 2 seen": "yes yes no  yes yes yes yes no  no",
    "combination, 1 seen": "yes yes no  yes yes yes yes no  no",
    "combination, 0 seen": "yes yes no  no  yes yes yes no  no",
    "few-shot, another dose shown": "yes yes yes -   yes yes yes yes no",
    "dose": "yes yes no  -   yes yes yes yes no",
    "AEX": "yes no  no  -   yes yes yes no  no",
    "random cells": "yes yes yes -   yes yes yes no  no",
}
CELLS = [
    (name, reads, word)
    for name, row in MATRIX.items()
    for reads, word in zip(READS, row.split(), strict=True)
    if word != "-"
]


@pytest.mark.parametrize(("name", "reads", "word"), CELLS)
def test_the_legality_matrix(name, reads, word):
    legal, why = legality(READS[reads], SPLITS[name])
    np.testing.assert_array_equal(legal, word == "yes")
    assert bool(why) == (word == "no")


def test_the_reason_names_what_is_not_granted():
    _, why = legality(("perturbation_elsewhere", "train_effects"), SPLITS["GEX"])
    assert "effects of the same treatment in other contexts" in why
    assert "training conditions" not in why
    _, why = legality(("test_effects",), SPLITS["GEX"])
    assert "granted to nobody" in why


def test_legality_is_worked_out_per_condition():
    novelty = find_novelty(split([*grid("KL", "ABC"), *grid("M", "ABZ", role=TEST)]))
    legal, why = legality(("perturbation_elsewhere",), novelty)
    assert legal.tolist() == [True, True, False]
    assert why == ""


def test_two_grants_that_never_meet():
    rows = [*grid("K", "ABC"), *grid("M", "A", role=TEST), *grid("K", "Z", role=TEST)]
    legal, why = legality(("perturbation_elsewhere", "train_effects:context"), find_novelty(split(rows)))
    assert not legal.any()
    assert why == "no test condition grants all that it reads"


def test_what_reads_nothing_is_always_legal():
    for novelty in SPLITS.values():
        legal, why = legality((), novelty)
        assert legal.all()
        assert why == ""


def test_nobody_reads_what_is_scored():
    for novelty in SPLITS.values():
        assert not granted(novelty)["test_effects"].any()


def test_every_grant_of_the_vocabulary_is_answered_for_every_condition():
    for novelty in SPLITS.values():
        table = granted(novelty)
        assert set(table) == set(GRANTS)
        assert all(ok.shape == novelty.test.shape and ok.dtype == bool for ok in table.values())


def test_the_splits_are_what_they_are_called():
    expected = {"GEX": Regime.GEX, "CEX": Regime.CEX, "DEX": Regime.DEX, "AEX": Regime.AEX, "dose": Regime.DOSE}
    expected |= {"few-shot, another dose shown": Regime.FEW_SHOT, "few-shot": Regime.FEW_SHOT}
    expected |= {"random cells": Regime.RANDOM_CELLS}
    for name, novelty in SPLITS.items():
        assert novelty.overall() is expected.get(name, Regime.COMBINATION)
