from __future__ import annotations

import numpy as np
import pytest

from vcassay.effects.strata import STRATA, detect, stratify


def test_detection_is_benjamini_hochberg_at_five_percent():
    p = np.array([0.001, 0.02, 0.03, 0.2, np.nan, 0.9])
    # five tests: 0.005, 0.05, 0.05, 0.25, 0.9
    np.testing.assert_array_equal(detect(p), [True, True, True, False, False, False])


def test_nothing_is_detected_where_nothing_was_assessed():
    assert not detect(np.full(4, np.nan)).any()
    np.testing.assert_array_equal(stratify(np.arange(4.0), np.full(4, np.nan)), "unassessed")


def test_thirds_of_the_detectable_by_size():
    size = np.array([9.0, 1.0, 5.0, 3.0, 7.0, 2.0, 100.0, 100.0])
    p = np.array([1e-6] * 6 + [0.8, np.nan])
    expected = ["strong", "weak", "medium", "medium", "strong", "weak", "null", "unassessed"]
    assert stratify(size, p).tolist() == expected
    assert set(expected) == set(STRATA)


@pytest.mark.parametrize("n", [1, 2, 4, 5])
def test_thirds_of_few_are_as_even_as_can_be(n):
    names, counts = np.unique(stratify(np.arange(float(n)), np.full(n, 1e-9)), return_counts=True)
    assert set(names.tolist()) <= {"weak", "medium", "strong"}
    assert counts.max() - counts.min() <= 1


def test_ties_do_not_depend_on_the_machine():
    a = stratify(np.ones(7), np.full(7, 1e-9))
    assert a.tolist() == ["weak"] * 3 + ["medium"] * 2 + ["strong"] * 2
