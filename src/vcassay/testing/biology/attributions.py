"""Attributions: effects that go by context, perturbation and their interaction, and models that re-emit the context."""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vcassay.core import Conditions, Finding
from vcassay.prediction import Answer
from vcassay.simulate.ablations import disturbances
from vcassay.testing.biology.case import BiologyCase
from vcassay.testing.planted import PlantedStudy, plant

Array = NDArray[np.float64]

GENES, CONTEXTS, PERTURBATIONS = 60, 3, 16


class World(NamedTuple):
    """True effects as sums of parts, each (n, g)."""

    conditions: Conditions
    common: Array
    context: Array
    perturbation: Array
    interaction: Array

    @property
    def delta(self) -> Array:
        """(n, g) true effects."""
        return self.common + self.context + self.perturbation + self.interaction


def make_world(rng: np.random.Generator, *, perturbation: float = 0.5, context: float = 0.4) -> World:
    """Sixteen knockdowns in three contexts; sizes are standard deviations of a gene's part."""
    where = np.repeat(np.arange(CONTEXTS), PERTURBATIONS)
    what = np.tile(np.arange(PERTURBATIONS), CONTEXTS)
    conditions = Conditions.make(
        [f"line{c}" for c in where], [f"TGT{p:02d}" for p in what], modality=["CRISPRi"] * len(what)
    )
    size = {"common": 0.4, "context": context, "perturbation": perturbation, "interaction": 0.3}
    drawn = {
        "common": rng.standard_normal((1, GENES)),
        "context": rng.standard_normal((CONTEXTS, GENES))[where],
        "perturbation": rng.standard_normal((PERTURBATIONS, GENES))[what],
        "interaction": rng.standard_normal((len(what), GENES)) * (perturbation > 0),
    }
    parts = {k: np.broadcast_to(size[k] * v, (len(what), GENES)) for k, v in drawn.items()}
    return World(conditions, **parts)


def _study(world: World, rng: np.random.Generator, **more: Any) -> PlantedStudy:
    return plant(world.conditions, world.delta, np.ones(len(world.conditions), dtype=bool), rng, **more)


def _models(study: PlantedStudy, world: World, rng: np.random.Generator) -> tuple[Answer, Answer]:
    """One that has most of every part, and one with the right sizes whose effects go by the context."""
    error = 0.2 * rng.standard_normal(study.delta.shape)
    has = world.common + world.context + 0.9 * world.perturbation + 0.5 * world.interaction + error
    own = np.linalg.norm(study.delta, axis=1, keepdims=True)
    lacks = world.common + 2.5 * world.context + 0.15 * world.perturbation
    lacks = lacks / np.linalg.norm(lacks, axis=1, keepdims=True) * own
    return study.answer(has, "has"), study.answer(lacks, "lacks")


def _sources(diagnostic: str, seed: int, *, perturbation: float) -> tuple[Finding, ...]:
    rng = np.random.default_rng(seed)
    world = make_world(rng, perturbation=perturbation)
    study = _study(world, rng)
    return study.run(diagnostic, *_models(study, world, rng))


def _called_again(seed: int, *, perturbation: float) -> tuple[Finding, ...]:
    """Models that were called again with perturbations, and contexts, exchanged among the test conditions."""
    rng = np.random.default_rng(seed)
    world = make_world(rng, perturbation=perturbation, context=0.4 * (perturbation > 0))
    study = _study(world, rng)
    changes = disturbances(study.effects.conditions, rng)
    again = [
        study.answer(a.values, a.name, ablations={k: study.answer(f(a.values), k) for k, f in changes.items()})
        for a in _models(study, world, rng)
    ]
    return study.run("input_use", *again)


NAMES = (*(f"RPL{i}" for i in range(1, 9)), *(f"MT-{i}" for i in range(1, 6)), *(f"G{i:02d}" for i in range(1, 48)))
"""Of the genes eight are ribosomal and five mitochondrial."""


def _on_ribosomes(seed: int, *, size: float) -> tuple[Finding, ...]:
    """A model that also moves ribosomal genes, alike in all conditions, as its cells' quality would."""
    rng = np.random.default_rng(seed)
    world = make_world(rng)
    study = plant(world.conditions, size * world.delta, np.ones(len(world.conditions), dtype=bool), rng, genes=NAMES)
    has = 0.8 * world.delta + 0.2 * rng.standard_normal(world.delta.shape)
    lacks = has + 1.2 * np.isin(np.arange(GENES), np.arange(8)) * rng.choice([-1.0, 1.0])
    return study.run("nuisance_genes", study.answer(has, "has"), study.answer(lacks, "lacks"))


def _attributed(seed: int, *, perturbation: float) -> tuple[Finding, ...]:
    """Attributions that go with the true response, and those that rest on mitochondrial genes whatever is applied."""
    rng = np.random.default_rng(seed)
    world = make_world(rng, perturbation=perturbation)
    study = plant(world.conditions, world.delta, np.ones(len(world.conditions), dtype=bool), rng, genes=NAMES)
    values = 0.8 * world.delta + 0.2 * rng.standard_normal(world.delta.shape)
    has = np.abs(world.delta + 0.5 * rng.standard_normal(world.delta.shape))
    common = np.where(np.char.startswith(NAMES, "MT-"), 4.0, 1.0) * rng.gamma(4.0, 0.25, GENES)
    lacks = common * rng.gamma(20.0, 0.05, world.delta.shape)
    return study.run(
        "attributed_genes",
        study.answer(values, "has", attribution=has),
        study.answer(values, "lacks", attribution=lacks),
    )


PLATES, ON_A_PLATE = 4, 10


def _plated(seed: int, *, batch: float) -> tuple[Finding, ...]:
    """Forty knockdowns in two contexts, ten a plate, and a model whose effects hold what the plate does."""
    rng = np.random.default_rng(seed)
    n = PLATES * ON_A_PLATE
    what, where = np.tile(np.arange(n), 2), np.repeat(np.arange(2), n)
    conditions = Conditions.make(
        [f"line{c}" for c in where], [f"TGT{p:02d}" for p in what], modality=["CRISPRi"] * len(what)
    )
    delta = 0.5 * rng.standard_normal((n, GENES))[what] + 0.3 * rng.standard_normal((2 * n, GENES))
    plate, shift = rng.permutation(n)[what] % PLATES, rng.standard_normal((PLATES, GENES))
    study = plant(
        conditions,
        delta,
        np.ones(2 * n, dtype=bool),
        rng,
        wells=6,
        control_wells=PLATES * 8,
        plates=(plate.astype(np.int64), batch * shift),
    )
    has = 0.7 * study.delta + 0.3 * rng.standard_normal(delta.shape)
    at = conditions.locate(study.effects.conditions)
    lacks = has + 0.35 * shift[plate[at]]
    return study.run("batch_decoder", study.answer(has, "has"), study.answer(lacks, "lacks"))


CASES = (
    *(
        BiologyCase(
            name,
            "effects that differ between perturbations, in three contexts",
            "a gene's standard deviation over perturbations of 0.5 standard deviations of a well, 8 wells",
            partial(_sources, name, perturbation=0.5),
            partial(_sources, name, perturbation=0.0),
        )
        for name in ("variance_shares", "context_identity")
    ),
    BiologyCase(
        "batch_decoder",
        "plates that shift all their wells",
        "a gene's shift with a standard deviation of 0.5 of a well's, 6 wells a condition and 10 perturbations a plate",
        partial(_plated, batch=0.5),
        partial(_plated, batch=0.0),
    ),
    BiologyCase(
        "input_use",
        "effects that differ between perturbations and contexts, models called with either exchanged",
        "a gene's standard deviation over perturbations of 0.5 standard deviations of a well, 8 wells",
        partial(_called_again, perturbation=0.5),
        partial(_called_again, perturbation=0.0),
    ),
    BiologyCase(
        "nuisance_genes",
        "effects on any genes, and a model that moves ribosomal genes in all conditions",
        "1.2 on each of 8 of 60 genes, whose own effects have a standard deviation of 0.8",
        partial(_on_ribosomes, size=1.0),
        partial(_on_ribosomes, size=0.0),
    ),
    BiologyCase(
        "attributed_genes",
        "responses that differ between perturbations, attributions that go with them or with mitochondrial genes",
        "attributions with noise of 0.5, where a gene's effects have a standard deviation of 0.8",
        partial(_attributed, perturbation=0.5),
        partial(_attributed, perturbation=0.0),
    ),
)
