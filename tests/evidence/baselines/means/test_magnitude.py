"""The mean direction with its own magnitude."""

from __future__ import annotations

import numpy as np
import pytest

from vcassay.core import Regime

GENES = [f"g{i}" for i in range(60)]


def errors(answer, task, truth):
    return [float(np.sum((answer(n, task) - truth) ** 2)) for n in ("magnitude_only", "perturbed_mean")]


def split(effects, wanted):
    return {k: v for k, v in effects.items() if k not in set(wanted)}


@pytest.mark.parametrize("seed", range(4))
def test_control_expression_of_the_target_tells_the_magnitude_where_it_does(make, answer, seed):
    """And where it does not, little is lost against the mean."""
    for told in (True, False):
        rng = np.random.default_rng(seed)
        control, v = rng.uniform(0.0, 4.0, size=60), rng.normal(size=60)
        size = control / 2.0 if told else rng.permutation(control) / 2.0
        effects = {("A", g): size[i] * v + 0.1 * rng.normal(size=60) for i, g in enumerate(GENES)}
        wanted = [("A", g) for g in GENES[45:]]
        task = make(split(effects, wanted), wanted, genes=GENES, controls={"A": control})
        mine, mean = errors(answer, task, np.array([effects["A", p] for p in task.wanted.perturbation.tolist()]))
        assert mine < 0.2 * mean if told else mine < 1.15 * mean


@pytest.mark.parametrize("seed", range(4))
def test_doses_tell_the_magnitude_of_new_compounds(make, answer, seed):
    rng = np.random.default_rng(seed)
    v = rng.normal(size=40)
    keys = [("A", f"d{i}", d) for i in range(15) for d in (0.1, 1.0, 10.0)]
    effects = {k: (1.0 + np.log10(k[2] * 10.0)) * v + 0.2 * rng.normal(size=40) for k in keys}
    wanted = [k for k in keys if int(k[1][1:]) >= 12]
    task = make(split(effects, wanted), wanted, regime=Regime.DEX)
    mine, mean = errors(answer, task, np.array([effects[c, p[0], d] for c, p, d, _ in task.wanted.keys]))
    assert mine < 0.2 * mean


@pytest.mark.parametrize("seed", range(4))
def test_the_magnitude_elsewhere_carries_over_to_a_new_context(make, answer, seed):
    rng = np.random.default_rng(seed)
    v, size = rng.normal(size=40), rng.uniform(0.2, 3.0, size=20)
    effects = {(c, f"p{i}"): size[i] * v + 0.2 * rng.normal(size=40) for c in "ABCD" for i in range(20)}
    wanted = [k for k in effects if k[0] == "D"]
    task = make(split(effects, wanted), wanted, regime=Regime.CEX)
    mine, mean = errors(answer, task, np.array([effects["D", p] for p in task.wanted.perturbation.tolist()]))
    assert mine < 0.2 * mean


@pytest.mark.parametrize("regime", [Regime.GEX, Regime.CEX, Regime.FEW_SHOT])
def test_every_answer_points_along_the_mean(make, answer, regime):
    rng = np.random.default_rng(5)
    effects = {(c, f"p{i}"): 1.0 + rng.normal(size=30) for c in "ABC" for i in range(8)}
    wanted = {
        Regime.GEX: [(c, "p7") for c in "ABC"],
        Regime.CEX: [("C", f"p{i}") for i in range(8)],
        Regime.FEW_SHOT: [("C", f"p{i}") for i in range(3, 8)],
    }[regime]
    task = make(split(effects, wanted), wanted, regime=regime)
    found, mean = answer("magnitude_only", task), answer("perturbed_mean", task)[0]
    rest = found - np.outer(found @ mean / (mean @ mean), mean)
    np.testing.assert_allclose(rest, 0.0, atol=1e-12)
