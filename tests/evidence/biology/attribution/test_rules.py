"""What makes a model's attributions specific, and a programme of nuisance genes amiss."""

from __future__ import annotations

import numpy as np
import pytest

from vcassay.arrays.resample import Estimate
from vcassay.evidence.biology.attribution.genes import Judged
from vcassay.evidence.biology.attribution.nuisance import Programme
from vcassay.evidence.biology.tested import Tested

MORE = Tested(0.6, 0.5, 0.1, 0.001, 1.0, 20)
LESS = MORE._replace(value=0.4)


@pytest.mark.parametrize(
    ("response", "target", "q", "same", "specific"),
    [
        (MORE, LESS, (0.01, 0.9), False, True),
        (LESS, MORE, (0.9, 0.01), False, True),
        (MORE, MORE, (0.2, 0.2), False, False),
        (LESS, LESS, (0.01, 0.01), False, False),
        (MORE, MORE, (np.nan, np.nan), False, False),
        (MORE, MORE, (0.01, 0.01), True, False),
    ],
)
def test_attributions_are_specific_beyond_chance_alone(response, target, q, same, specific):
    assert Judged(response, target, (), 0.1, same, q, 20).specific is specific


@pytest.mark.parametrize(
    ("mass", "truth", "low", "q", "amiss"),
    [
        (0.5, 0.1, 0.2, 0.01, True),
        (0.5, 0.1, -0.1, 0.01, False),
        (0.5, 0.1, 0.2, 0.2, False),
        (0.5, 0.3, 0.1, 0.01, False),
        (0.15, 0.01, 0.1, 0.01, False),
    ],
)
def test_a_programme_is_amiss_with_twice_the_mass_of_truth_and_random_genes_beyond_chance(mass, truth, low, q, amiss):
    model = Tested(mass, 0.1, 0.01, 0.001, 1.0, 12)
    gap = Estimate(mass - truth, low, 1.0, 0.1)
    assert Programme("mitochondrial", model, truth, gap, q).amiss is amiss
