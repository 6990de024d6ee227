"""Priors made of held-out responses (L18, L18m), private ones (L31), knowledge younger than the truth (L23, L23m)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import lru_cache
from typing import Any

import numpy as np

from vcassay.claim import Role, Split, make_claim
from vcassay.claim.exposure import Exposure
from vcassay.core import Conditions, Finding, Regime
from vcassay.knowledge import Features, GeneSets, Knowledge, Resource
from vcassay.prediction import Disclosure, Materials, declare
from vcassay.simulate import Simulation, SimulationPlan, simulate_screen
from vcassay.simulate.leaks import response_features
from vcassay.testing.leaks.study import SMALL, Study, assemble, run_check, simulated
from vcassay.testing.power import Case

MANY: dict[str, Any] = {"n_crispri": 50, "n_drugs": 0, "n_contexts": 1}
PRIOR = "embedding"
SINCE = date(2022, 6, 1)


def gene_split(conditions: Conditions, seed: int) -> Split:
    """GEX: half of the perturbations are held out in every context."""
    names = np.unique(conditions.perturbation)
    held = np.random.default_rng(seed).permutation(names)[: len(names) // 2]
    test = np.isin(conditions.perturbation, held)
    roles = np.where(test, Role.TEST.value, Role.TRAIN.value).astype(str)
    return Split(conditions, roles, declared=Regime.GEX, seed=seed, group="perturbation")


def pathways(simulation: Simulation) -> GeneSets:
    """The simulated pathways as a resource."""
    own = {name: tuple(sorted(genes)) for name, genes in simulation.knowledge.gene_sets.items()}
    return GeneSets(Resource("pathways", "", "", None, "", len(own)), own, {})


@lru_cache(maxsize=64)
def held_out_genes(seed: int) -> Study:
    """A clean study of 50 genes in one context, half of them held out."""
    simulation = simulate_screen(SimulationPlan(**{**SMALL, **MANY}), seed=seed)
    return assemble(simulation, seed, gene_split(simulation.screen.conditions, seed))


def _study(seed: int, amount: float) -> tuple[Study, Features, GeneSets]:
    clean = held_out_genes(seed)
    made = response_features(clean.simulation, clean.split, amount=amount) if amount else clean.simulation
    return clean, Features(PRIOR, made.features.names, made.features.matrix), pathways(clean.simulation)


def _read_by_baselines(seed: int, amount: float) -> Finding:
    study, features, sets = _study(seed, amount)
    return study.run("L18", knowledge=Knowledge(features=(features,), gene_sets=(sets,)))


def _read_by_model(seed: int, amount: float) -> Finding:
    study, features, _ = _study(seed, amount)
    disclosure = declare(priors=[{"name": PRIOR, "kind": "embedding"}])
    return study.run("L18m", disclosure=disclosure, materials=Materials(features={PRIOR: features}))


def _declared(check: str, disclosure: Disclosure) -> Finding:
    conditions = Conditions.make(["A", "A", "B", "B"], ["P", "Q", "P", "Q"])
    split = Split(conditions, np.array(["train", "train", "test", "test"]))
    claim = make_claim(split, declared=Regime.CEX, exposure=Exposure(truth="public", since=SINCE))
    return run_check(check, claim=claim, split=split, knowledge=Knowledge(), disclosure=disclosure)


def _private(seed: int, **prior: Any) -> Finding:
    entry = {"name": PRIOR, "kind": "response", "assay": "other", "access": "public", "holds_test": False}
    others = [{"name": f"network {i}", "kind": "network", "access": "public"} for i in range(seed % 3)]
    return _declared("L31", declare(priors=[*others, entry | prior]))


def _younger_prior(seed: int, year: int) -> Finding:
    prior = {"name": PRIOR, "kind": "text", "released": date(year, 1 + seed % 12, 1)}
    return _declared("L23m", declare(priors=[prior], graphs=(), pretraining=()))


def _younger_sets(seed: int, year: int) -> Finding:
    study = simulated(0)
    sets = pathways(study.simulation)
    dated = replace(sets.resource, released=date(year, 1 + seed % 12, 1))
    claim = make_claim(study.split, exposure=Exposure(truth="public", since=SINCE))
    return study.run("L23", claim=claim, knowledge=Knowledge(gene_sets=(replace(sets, resource=dated),)))


def _names(column: str, name: str) -> Any:
    return lambda found, seed: bool(found.evidence) and found.evidence[0][column] == name


CASES = (
    Case(
        "L18",
        "features mixed with components of the held-out responses",
        "60 % of the features, beside gene sets",
        lambda seed: _read_by_baselines(seed, 0.6),
        lambda seed: _read_by_baselines(seed, 0.0),
        _names("prior", PRIOR),
    ),
    Case(
        "L18m",
        "a model's features mixed with components of the held-out responses",
        "70 % of the features, with no reference at hand",
        lambda seed: _read_by_model(seed, 0.7),
        lambda seed: _read_by_model(seed, 0.0),
        _names("prior", PRIOR),
    ),
    Case(
        "L23",
        "gene sets released after the truth was public",
        "by 7 months",
        lambda seed: _younger_sets(seed, 2023),
        lambda seed: _younger_sets(seed, 2021),
        _names("resource", "pathways"),
    ),
    Case(
        "L23m",
        "a text prior released after the truth was public",
        "by 7 months",
        lambda seed: _younger_prior(seed, 2023),
        lambda seed: _younger_prior(seed, 2021),
        _names("resource", PRIOR),
    ),
    Case(
        "L31",
        "a prior made of responses in the benchmark's assay",
        "one among up to three",
        lambda seed: _private(seed, assay="same"),
        _private,
        _names("prior", PRIOR),
    ),
    Case(
        "L31",
        "a prior that holds the test set's responses",
        "one among up to three",
        lambda seed: _private(seed, holds_test=True),
        _private,
        _names("prior", PRIOR),
    ),
)
