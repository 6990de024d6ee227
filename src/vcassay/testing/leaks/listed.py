"""What a split lists: conditions named twice, controls, contexts, perturbations, doses and times shown in training."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from vcassay.claim import Split, make_split
from vcassay.core import Finding, Regime
from vcassay.prediction import declare
from vcassay.simulate.leaks import (
    control_as_test,
    dose_siblings,
    duplicate_conditions,
    few_shot_hidden,
    shown_perturbations,
    time_siblings,
    weakest_left_out,
)
from vcassay.testing.leaks.study import Study, run_tables, simulated
from vcassay.testing.power import Case

TIMES: dict[str, Any] = {"times": (6.0, 24.0), "n_contexts": 2, "doses": (0.5, 5.0), "n_crispri": 1}
MANY: dict[str, Any] = {"n_crispri": 30, "n_drugs": 0, "n_contexts": 2}

Plant = Callable[[Study, Split, np.random.Generator], Split]


def _listed(check: str, plant: Plant | None, make: str = "cex", **settings: Any) -> Callable[[int], Finding]:
    """Seed to the finding of a check of tables, with or without a leak of roles."""

    def run(seed: int) -> Finding:
        study = simulated(seed, **settings)
        split = study.split if make == "cex" else make_split(study.split.conditions, make, seed=seed)
        if plant is not None:
            split = plant(study, split, np.random.default_rng(seed))
        return run_tables(check, split, declared=split.declared or Regime.CEX)

    return run


def _filtered(seed: int, *, by_effect: bool) -> Finding:
    study = simulated(seed, **MANY)
    magnitude = study.simulation.truth.magnitude
    if not by_effect:
        magnitude = np.random.default_rng(seed).random(len(magnitude))
    split = weakest_left_out(study.split, magnitude, amount=0.15)
    return replace(study, split=split).run("L19")


def _declared(seed: int, by: str) -> Finding:
    filters = [{"by": by, "dropped": 1}]
    return run_tables("L19m", simulated(seed).split, disclosure=declare(filters=filters))


def _names(key: str, *known: str) -> Callable[[Finding, int], bool]:
    """Whether evidence names test contexts or perturbations of the simulation, and nothing else."""

    def named(found: Finding, seed: int) -> bool:
        table = simulated(seed).split.conditions
        have = {*table.context.tolist(), *table.perturbation.tolist(), *known}
        return bool(found.evidence) and all(row[key] in have for row in found.evidence)

    return named


def _twice(found: Finding, seed: int) -> bool:
    study = simulated(seed)
    leaked, _ = duplicate_conditions(study.split, np.random.default_rng(seed), amount=0.025)
    return {row["condition"] for row in found.evidence} == {name for name, *_ in leaked.conflicts}


def _dosed(found: Finding, seed: int) -> bool:
    return all(row["trained doses"] == "5" and row["tested doses"] == "0.05, 0.5" for row in found.evidence)


def _weakest(found: Finding, seed: int) -> bool:
    study = simulated(seed, **MANY)
    split = weakest_left_out(study.split, study.simulation.truth.magnitude, amount=0.15)
    gone = {study.split.conditions.ids[i] for i in np.flatnonzero(split.roles == "excluded")}
    named = [row["left out"] for row in found.evidence if "left out" in row]
    return bool(named) and gone.issuperset(named)


CASES = (
    Case(
        "L01",
        "test conditions named in training, too",
        "1 of 44 conditions",
        _listed("L01", lambda _, split, rng: duplicate_conditions(split, rng, amount=0.025)[0]),
        _listed("L01", None),
        _twice,
    ),
    Case(
        "L02",
        "vehicle wells scored as a drug",
        "one drug",
        _listed("L02", lambda study, split, rng: control_as_test(study.simulation, split, rng)[1]),
        _listed("L02", None),
        lambda found, _: all("vehicle-treated" in row["control"] for row in found.evidence),
    ),
    Case(
        "L03",
        "held-out contexts shown in training",
        "1 of 14 perturbations of each",
        _listed("L03", lambda _, split, rng: few_shot_hidden(split, rng, k=1)),
        _listed("L03", None),
        _names("context"),
    ),
    Case(
        "L04",
        "held-out perturbations trained elsewhere",
        "one, in one context",
        _listed("L04", lambda _, split, rng: shown_perturbations(split, rng), "gex"),
        _listed("L04", None, "gex"),
        _names("perturbation"),
    ),
    Case(
        "L05",
        "the top dose of held-out drugs trained in the same context",
        "one drug in one context",
        _listed("L05", lambda _, split, rng: dose_siblings(split, rng, amount=0.25), "dex"),
        _listed("L05", None, "dex"),
        _dosed,
    ),
    Case(
        "L05",
        "the top dose of drugs trained in a few-shot context",
        "1 of 4 drugs",
        _listed("L05", lambda _, split, rng: dose_siblings(split, rng, amount=0.25)),
        _listed("L05", None),
        _dosed,
    ),
    Case(
        "L05t",
        "the last time of held-out drugs trained in the same context",
        "one dose of one drug in one context",
        _listed("L05t", lambda _, split, rng: time_siblings(split, rng, amount=0.25), "dex", **TIMES),
        _listed("L05t", None, "dex", **TIMES),
        lambda found, _: all(row["tested times"] == "6" and row["trained times"] == "24" for row in found.evidence),
    ),
    Case(
        "L19",
        "the weakest perturbations left out of the test set, or as many others",
        "15 % of the perturbations",
        lambda seed: _filtered(seed, by_effect=True),
        lambda seed: _filtered(seed, by_effect=False),
        _weakest,
    ),
    Case(
        "L19m",
        "test conditions left out by the number of their DE genes, as declared; or by their number of cells",
        "one condition",
        lambda seed: _declared(seed, "number of DE genes"),
        lambda seed: _declared(seed, "number of cells"),
        lambda found, _: [row["filter"] for row in found.evidence] == ["number of DE genes"],
    ),
)
