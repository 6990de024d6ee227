from __future__ import annotations

import pytest

from vcassay.core import InputError
from vcassay.simulate import SimulationPlan


@pytest.mark.parametrize(
    "setting",
    [
        {"n_genes": 3},
        {"n_drugs": -1},
        {"null_share": 1.2},
        {"sibling_similarity": -0.1},
        {"dispersion": 0.0},
        {"stress_share": 0.5, "context_share": 0.3, "interaction_share": 0.3},
        {"n_contexts": 3, "n_siblings": 2},
        {"n_crispri": 0, "n_drugs": 0},
        {"n_crispri": 200},
        {"n_salts": 7},
        {"n_crispri": 3, "n_combinations": 4},
        {"doses": ()},
        {"doses": (1.0, 1.0)},
        {"doses": (0.0, 1.0)},
    ],
)
def test_settings_out_of_range_are_refused(setting):
    with pytest.raises(InputError, match="SimulationPlan"):
        SimulationPlan(**setting)
