from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from vcassay.simulate import SimulationPlan
from vcassay.simulate.contexts import make_contexts
from vcassay.simulate.panel import make_panel


@pytest.fixture
def contexts(plan: SimulationPlan):
    rng = np.random.default_rng(1)
    return make_contexts(plan, make_panel(plan, rng), rng)


def test_latent_is_centred_and_of_unit_size(contexts):
    np.testing.assert_allclose(contexts.latent.mean(axis=0), 0, atol=1e-12)
    assert np.mean(np.sum(contexts.latent**2, axis=1)) == pytest.approx(1)
    assert contexts.names == tuple(sorted(contexts.names))


def test_siblings_are_nearest_in_state_and_expression(contexts):
    for values in (contexts.latent, contexts.log_rate):
        for pair in contexts.siblings:
            a, b = (contexts.names.index(name) for name in pair)
            distance = np.linalg.norm(values - values[a], axis=1)
            distance[a] = np.inf
            assert distance.argmin() == b


def test_one_context_alone_has_a_state(plan):
    rng = np.random.default_rng(1)
    alone = replace(plan, n_contexts=1, n_siblings=0)
    found = make_contexts(alone, make_panel(alone, rng), rng)
    assert np.isfinite(found.log_rate).all()
    assert np.linalg.norm(found.latent) == pytest.approx(1)
