"""Simulations that several tests read; none of them changes one."""

from __future__ import annotations

import pytest

from vcassay.claim import Split
from vcassay.simulate import Simulation, SimulationPlan, simulate_screen
from vcassay.simulate.demo import hold_out


@pytest.fixture(scope="session")
def plan() -> SimulationPlan:
    return SimulationPlan(
        n_genes=120,
        n_pathways=6,
        n_contexts=6,
        n_siblings=2,
        n_crispri=12,
        n_drugs=6,
        n_salts=1,
        n_combinations=4,
        cells_per_condition=16,
        controls_per_batch=20,
        cells_spread=0.2,
    )


@pytest.fixture(scope="session")
def simulation(plan: SimulationPlan) -> Simulation:
    return simulate_screen(plan, seed=3)


@pytest.fixture(scope="session")
def split(simulation: Simulation) -> Split:
    return hold_out(simulation.screen.conditions, ("CL03", "CL04"))
