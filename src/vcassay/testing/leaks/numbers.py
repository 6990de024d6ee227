"""Nuisances that follow the effect (L20), models that read them (L20m), and rows that are copied (L12)."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from vcassay.core import Finding
from vcassay.prediction import declare
from vcassay.screen import make_screen
from vcassay.simulate import Simulation
from vcassay.simulate.leaks import (
    cell_counts_follow_effect,
    copied_cells,
    depth_follows_effect,
    quality_follows_effect,
    repeated_cells,
    rows_follow_effect,
)
from vcassay.simulate.leaks.rebuild import plain, rows_of
from vcassay.simulate.simulation import make_adata
from vcassay.testing.leaks.study import Study, assemble, simulated
from vcassay.testing.power import Case

MANY: dict[str, Any] = {"n_crispri": 40, "cells_per_condition": 60}
DEEP: dict[str, Any] = {"depth": 4000.0}
Plant = Callable[[Simulation, np.random.Generator], Simulation]


def planted(seed: int, plant: Plant, **settings: Any) -> Study:
    """A study whose cells were changed."""
    study = simulated(seed, **settings)
    return assemble(plant(study.simulation, np.random.default_rng(seed)), seed, study.split)


def nuisance(name: str, leak: str, dose: str, plant: Plant, clean: Plant = lambda made, rng: made) -> Case:
    """L20 on a nuisance that follows the effect."""
    return Case(
        "L20",
        leak,
        dose,
        lambda seed: planted(seed, plant, **MANY).run("L20"),
        lambda seed: planted(seed, clean, **MANY).run("L20"),
        lambda found, _: found.evidence[0].get("nuisance") == name,
    )


def _fewer(made: Simulation, rng: np.random.Generator) -> Simulation:
    return cell_counts_follow_effect(made, rng, amount=0.6)


def _reads(seed: int, *inputs: str, plant: Plant = _fewer) -> Finding:
    return planted(seed, plant, **MANY).run("L20m", disclosure=declare(inputs=inputs))


def _copies(seed: int, amount: float, factor: float = 1.0) -> Finding:
    study = simulated(seed, **DEEP)
    if amount:
        made = copied_cells(study.simulation, study.split, np.random.default_rng(seed), amount=amount, factor=factor)
        study = assemble(made, seed, study.split)
    return study.run("L12")


def _twice(seed: int) -> Finding:
    study = simulated(seed, **DEEP)
    made = repeated_cells(study.simulation, study.split, np.random.default_rng(seed), amount=0.02)
    return assemble(made, seed, study.split).run("L12")


def _names(seed: int, *, same_library: bool) -> Finding:
    """Training rows with the names of test rows, of the same batch or of another."""
    study = simulated(seed, **DEEP)
    screen, rng = study.simulation.screen, np.random.default_rng(seed)
    names = np.asarray(screen.adata.obs_names, dtype=object).copy()
    test, train = (rows_of(study.simulation, study.split, at) for at in (study.split.test, study.split.train))
    a, b = rng.choice(test, 20, replace=False), rng.permutation(train)
    batch = screen.table.batch
    for row in a:
        pick = b[(batch[b] == batch[row]) == same_library][0]
        names[pick], b = names[row], b[b != pick]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # that names are not unique
        obs = plain(screen.adata.obs).set_axis(names, axis=0)
        made = make_screen(make_adata(screen.adata.X, obs, screen.genes), screen.design, name=screen.name)
    return study.run("L12", screen=made)


def _names_differ(found: Finding, _: int) -> bool:
    return bool(found.evidence) and all(row["row"] != row["equals row"] for row in found.evidence)


CASES = (
    nuisance(
        "number of rows",
        "the strongest perturbations lose cells, as toxic ones do",
        "the strongest keeps 40 % of its cells",
        _fewer,
    ),
    nuisance(
        "depth",
        "the strongest perturbations lose counts",
        "the strongest keeps 90 % of its counts",
        lambda made, rng: depth_follows_effect(made, rng, amount=0.1),
    ),
    nuisance(
        "place in the file",
        "rows sorted by effect",
        "two fifths effect, three fifths chance",
        lambda made, rng: rows_follow_effect(made, rng, amount=0.4),
        lambda made, rng: rows_follow_effect(made, rng, amount=0.0),
    ),
    nuisance(
        "share of mitochondrial reads",
        "cells of the strongest perturbations are stressed",
        "half a standard deviation of single cells",
        lambda made, rng: quality_follows_effect(made, rng, amount=0.5),
        lambda made, rng: quality_follows_effect(made, rng, amount=0.0),
    ),
    Case(
        "L20m",
        "a model reads numbers of cells that follow the effect",
        "the strongest keeps 40 % of its cells",
        lambda seed: _reads(seed, "smiles", "n_cells"),
        lambda seed: _reads(seed, "smiles", "n_cells", plant=lambda made, _: made),
        lambda found, _: found.evidence[0] == {"input": "n_cells"},
    ),
    Case(
        "L12",
        "test cells copied into training under new barcodes",
        "0.2 % of the test cells",
        lambda seed: _copies(seed, 0.002),
        lambda seed: _copies(seed, 0.0),
        _names_differ,
    ),
    Case(
        "L12",
        "test cells copied into training at another depth",
        "0.2 % of the test cells, three times their counts",
        lambda seed: _copies(seed, 0.002, 3.0),
        lambda seed: _copies(seed, 0.0),
        lambda found, seed: _names_differ(found, seed) and found.evidence[0]["in"] == "values up to a factor",
    ),
    Case(
        "L12",
        "test cells scored twice",
        "2 % of the test cells",
        _twice,
        lambda seed: _copies(seed, 0.0),
        _names_differ,
    ),
    Case(
        "L12",
        "barcodes of test cells in training",
        "20 cells of the same library; clean: of another",
        lambda seed: _names(seed, same_library=True),
        lambda seed: _names(seed, same_library=False),
        lambda found, _: all(row["row"] == row["equals row"] and row["in"] == "name" for row in found.evidence),
    ),
)
