from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from vcassay.arrays.alignment import linear_kernel
from vcassay.evidence.leakage.given.responses import (
    align,
    jackknife_error,
    mean_responses,
    prior_kernel,
    rows_of,
)
from vcassay.knowledge import Features


@pytest.fixture(scope="module")
def study(make_study):
    return make_study(1, n_drugs=2)


def test_a_response_is_the_mean_over_conditions_without_what_its_group_shares(study):
    effects, test = study.effects, study.split.test
    found = mean_responses(effects, test)
    table, delta = effects.conditions.take(test), np.where(effects.mask, effects.delta, 0.0)[test]
    keys = np.array([f"{c} {d} {t}" for c, _, d, t in table.keys])
    own = delta - np.array([delta[keys == key].mean(axis=0) for key in keys])
    for i, parts in enumerate(found.parts):
        rows = [j for j, other in enumerate(table.parts) if other == parts]
        assert found.whole[i] == pytest.approx(own[rows].mean(axis=0), abs=1e-10)
    assert found.parts == tuple(sorted(set(table.parts)))
    assert found.halves
    assert found.agreement > 0.5


def test_order_of_what_is_asked_for_does_not_matter(study):
    one, other = (mean_responses(study.effects, index) for index in (study.split.test, study.split.test[::-1]))
    assert np.array_equal(one.whole, other.whole)


def test_without_halves_the_whole_stands_for_both(study):
    bare = replace(study.effects, half_a=np.full_like(study.effects.half_a, np.nan))
    found = mean_responses(bare, study.split.test)
    assert not found.halves
    assert np.array_equal(found.half_a, found.whole)


def test_conditions_alone_in_their_group_are_left_out(study):
    one = study.split.test[:1]
    assert len(mean_responses(study.effects, one)) == 0
    assert len(mean_responses(study.effects, one[:0])) == 0


def test_features_of_a_combination_are_the_sum_of_its_parts_and_modalities_are_looked_through():
    prior = Features("p", ("A", "B"), np.array([[1.0, 2], [3, 4]]))
    rows, known = rows_of(prior, [("A",), ("A", "B"), ("A", "C"), ("B [CRISPRa]",)])
    assert known.tolist() == [True, True, False, True]
    assert rows.tolist() == [[1, 2], [4, 6], [0, 0], [3, 4]]


def test_a_prior_of_the_responses_aligns_fully_and_its_neighbours_tell(study):
    found = mean_responses(study.effects, study.split.test)
    own = align(prior_kernel(found.half_a), found, np.random.default_rng(0))
    rng = np.random.default_rng(1)
    other = align(linear_kernel(rng.normal(size=(len(found), 3))), found, np.random.default_rng(0))
    assert own.value > 0.9
    assert own.value - other.value > 4 * other.spread
    assert own.neighbours > own.neighbours_null
    assert own.neighbours_p < 0.05
    assert own.n == len(found)


def test_jackknife_of_a_mean_is_its_standard_error():
    values = np.random.default_rng(2).normal(size=30)
    assert jackknife_error(lambda keep: float(values[keep].mean()), 30) == pytest.approx(values.std(ddof=1) / 30**0.5)
    assert np.isnan(jackknife_error(lambda keep: float("nan"), 30))
