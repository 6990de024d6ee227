"""Screens, splits and answers with known truth, for the demonstration and the tests.

`simulate_screen` makes a screen; `vcassay.simulate.leaks` plants leaks in it or in its split;
`vcassay.simulate.answers` makes models of known quality; `vcassay.simulate.demo` holds the
demonstration's settings.
"""

from vcassay.simulate.plan import SimulationPlan
from vcassay.simulate.simulation import Simulation, simulate_screen
from vcassay.simulate.truth import Truth

__all__ = ["Simulation", "SimulationPlan", "Truth", "simulate_screen"]
