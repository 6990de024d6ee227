from __future__ import annotations

import numpy as np
import pytest
from tests.evidence.biology.dose.planted import repeated, series_of

from vcassay.core import Status
from vcassay.evidence.biology.dose.across_drugs import across_drugs, comparable
from vcassay.evidence.biology.dose.potency import half_dose, monotone
from vcassay.evidence.biology.dose.series import Strata
from vcassay.testing.biology.doses import CASES
from vcassay.testing.planted import of_model

CASE = next(c for c in CASES if c.diagnostic == "dose_potency")


@pytest.mark.parametrize(
    ("response", "want"),
    [
        ([0.0, 1.0, 2.0], True),
        ([0.0, 2.0, 1.9], True),
        ([0.0, 2.0, 1.0], False),
        ([-3.0, -2.0, -1.0], False),
        ([2.0, 1.0, 0.5], False),
        ([1.0, 1.0, 1.0], False),
        ([np.nan, 1.0, 2.0], False),
        ([0.0, 1.0, np.nan], False),
    ],
)
def test_monotone_series_end_above_zero_and_lose_little(response, want):
    assert monotone(np.array([response]), np.array([3])).tolist() == [want]


def test_shorter_series_are_judged_on_their_own_doses():
    response = np.array([[0.0, 1.0, 2.0, np.nan], [0.0, 1.0, 2.0, 1.0]])
    assert monotone(response, np.array([3, 4])).tolist() == [True, False]


def test_half_maximal_doses_are_found_again():
    direction = np.random.default_rng(0).normal(size=(3, 200))
    heights = np.array([[0.0, 0.5, 1.0], [0.6, 0.9, 1.0], [0.0, 0.0, 1.0]])
    effect = (heights[:, :, None] * direction[:, None]).reshape(9, 200)
    got = repeated([effect] * 4, series_of(3))
    assert 10 ** half_dose(got.truth(), got) == pytest.approx([2.0, 1.0, np.sqrt(6.0)])


def test_drugs_are_compared_within_strata_only():
    """Between strata potencies agree perfectly, within they are unrelated: as with doses of different ranges."""
    rng = np.random.default_rng(1)
    stratum = np.repeat([0, 1], 20)
    a, b = 10.0 * stratum + rng.normal(size=(2, 40))
    got = across_drugs([(a, b)], Strata(np.arange(40), stratum), np.ones(40, dtype=bool), 0)
    assert abs(got.value) < 0.4
    assert got.p > 0.05
    assert across_drugs([(a, a)], Strata(np.arange(40), stratum), np.ones(40, dtype=bool), 0).value == pytest.approx(1)


def test_a_drug_in_many_contexts_counts_as_one():
    """The same chance order of six drugs in thirty contexts is no evidence."""
    drug, stratum = np.tile(np.arange(6), 30), np.repeat(np.arange(30), 6)
    p = []
    for seed in range(60):
        a, b = np.random.default_rng(seed).normal(size=(2, 6))
        p.append(across_drugs([(a[drug], b[drug])], Strata(drug, stratum), np.ones(180, dtype=bool), seed).p)
    assert 0.2 < np.mean(np.array(p) < 0.5) < 0.8
    assert np.mean(np.array(p) < 0.05) < 0.15


def test_strata_need_three_series():
    stratum = np.array([0, 0, 0, 1, 1, 2])
    use = np.array([True, True, True, True, True, False])
    assert comparable(stratum, use).tolist() == [True, True, True, False, False, False]


def test_findings_say_what_could_be_compared():
    found = CASE.present(0)
    assert found[0].status is of_model(found, "has").status is Status.PASS
    assert of_model(found, "lacks").status is Status.FAIL
    assert "are monotone" in found[0].sentence
    assert set(of_model(found, "has").evidence[0]) == {"perturbation", "context", "truth", "model"}
