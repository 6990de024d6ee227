"""Planted dose responses: sizes, potencies, saturation and turns, and screens without them."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vcassay.core import Conditions
from vcassay.testing.biology.case import BiologyCase, Findings
from vcassay.testing.planted import PlantedStudy, plant

Array = NDArray[np.float64]

DOSES = (0.05, 0.5, 5.0)
DRUGS = 24
CONTEXTS = ("A", "B")
GENES = 150

HALVES = np.array([0.06, 0.5, 4.0])
"""Half-maximal doses."""


class Drugs(NamedTuple):
    """A screen of drugs at three doses, before it is measured.

    Attributes
    ----------
    table
        24 drugs x 2 contexts x 3 doses.
    drug, dose
        (n,) number of the drug and of the dose.
    direction
        (n, g) unit effect of the drug: half its own, half shared, and a little of its context.
    strength
        (n,) of the drug.
    """

    table: Conditions
    drug: NDArray[np.int64]
    dose: NDArray[np.int64]
    direction: Array
    strength: Array


def screen(rng: np.random.Generator) -> Drugs:
    """Drugs of different strength."""
    n = DRUGS * len(DOSES)
    table = Conditions.make(
        np.repeat(CONTEXTS, n),
        [f"drug{i:02d}" for _ in CONTEXTS for i in range(DRUGS) for _ in DOSES],
        list(DOSES) * (DRUGS * len(CONTEXTS)),
        modality=["compound"] * (n * len(CONTEXTS)),
    )
    drug = np.asarray([int(name[4:]) for name in table.perturbation], dtype=np.int64)
    where = np.searchsorted(CONTEXTS, table.context)
    own, common = rng.standard_normal((DRUGS, GENES)), rng.standard_normal(GENES)
    local = rng.standard_normal((len(CONTEXTS), DRUGS, GENES))
    direction = own[drug] + 0.7 * common + 0.5 * local[where, drug]
    strength = rng.uniform(0.5, 1.0, size=DRUGS)[drug]
    return Drugs(table, drug, np.searchsorted(DOSES, table.dose), direction, strength)


def measured(
    drugs: Drugs, height: Array, rng: np.random.Generator, other: Array | None = None, *, noise: float = 1.0
) -> PlantedStudy:
    """Measure effects of a given height along the drugs' directions, or along ``other`` ones."""
    direction = drugs.direction if other is None else other
    delta = (drugs.strength * height)[:, None] * direction
    return plant(drugs.table, delta, np.ones(len(drugs.table), dtype=bool), rng, noise=noise)


def hill(drugs: Drugs, half: Array) -> Array:
    """Share of the full response at each condition's dose, for (n,) half-maximal doses."""
    dose = np.asarray(DOSES)[drugs.dose]
    return np.asarray(dose / (dose + half))


def ask(name: str, study: PlantedStudy, has: Array, lacks: Array) -> Findings:
    """Run a diagnostic on a model that has the biology and one that lacks it; conditions as in the study."""
    return study.run(name, study.answer(has[study.test], "has"), study.answer(lacks[study.test], "lacks"))


def _response(name: str, *, rising: bool) -> Callable[[int], Findings]:
    def make(seed: int) -> Findings:
        rng = np.random.default_rng([seed, 1])
        drugs = screen(rng)
        half = HALVES[rng.integers(3, size=DRUGS)][drugs.drug]
        height = hill(drugs, half)
        model = (drugs.strength * height)[:, None] * drugs.direction
        mean = np.asarray([height[drugs.drug == d].mean() for d in range(DRUGS)])[drugs.drug]
        study = measured(drugs, height if rising else mean, rng, noise=3.5)
        return ask(name, study, model, model[_shuffled(drugs, rng)])

    return make


def _shuffled(drugs: Drugs, rng: np.random.Generator) -> NDArray[np.int64]:
    """Positions of the same conditions with the doses of every series exchanged at random."""
    order = np.lexsort((rng.random(len(drugs.drug)), drugs.drug, drugs.table.context))
    place = np.lexsort((drugs.dose, drugs.drug, drugs.table.context))
    out = np.empty(len(order), dtype=np.int64)
    out[place] = order
    return out


def _potency(*, different: bool) -> Callable[[int], Findings]:
    def make(seed: int) -> Findings:
        rng = np.random.default_rng([seed, 2])
        drugs = screen(rng)
        number = rng.permutation(np.arange(DRUGS) % 3)
        height = hill(drugs, HALVES[number][drugs.drug] if different else np.full(len(drugs.drug), HALVES[1]))
        model = (drugs.strength * hill(drugs, HALVES[number][drugs.drug]))[:, None] * drugs.direction
        wrong = hill(drugs, HALVES[rng.permutation(number)][drugs.drug])
        study = measured(drugs, height, rng, noise=2.0)
        return ask("dose_potency", study, model, (drugs.strength * wrong)[:, None] * drugs.direction)

    return make


def _saturation(*, rising: bool) -> Callable[[int], Findings]:
    def make(seed: int) -> Findings:
        rng = np.random.default_rng([seed, 3])
        drugs = screen(rng)
        levels = rng.permutation(np.arange(DRUGS) % 3 > 0)[drugs.drug]
        height = np.where(levels, np.array([0.3, 0.92, 1.0])[drugs.dose], np.array([0.2, 0.5, 1.0])[drugs.dose])
        has = (drugs.strength * height)[:, None] * drugs.direction
        lacks = (drugs.strength * np.array([0.33, 0.67, 1.0])[drugs.dose])[:, None] * drugs.direction
        study = measured(drugs, height if rising else np.full(len(height), 0.7), rng, noise=1.2)
        return ask("dose_saturation", study, has, lacks)

    return make


def _direction(*, turning: bool) -> Callable[[int], Findings]:
    def make(seed: int) -> Findings:
        rng = np.random.default_rng([seed, 4])
        drugs = screen(rng)
        number = rng.permutation(np.arange(DRUGS) % 3)
        toxic = rng.standard_normal(GENES)
        height = np.array([0.5, 0.7, 1.0])[drugs.dose]

        def turned(who: NDArray[np.int64]) -> Array:
            top = (drugs.dose == 2) & (who[drugs.drug] == 0)
            return np.where(top[:, None], 0.3 * drugs.direction + toxic, drugs.direction)

        truth, wrong = turned(number), turned(rng.permutation(number))
        scale = (drugs.strength * height)[:, None]
        study = measured(drugs, height, rng, truth if turning else drugs.direction, noise=0.9)
        return ask("dose_direction", study, scale * truth, scale * wrong)

    return make


WIDE = f"{DRUGS} drugs x {len(CONTEXTS)} contexts x {len(DOSES)} doses"
CASES: tuple[BiologyCase, ...] = (
    BiologyCase(
        "dose_agreement",
        "responses that grow with dose, from half-maximal doses over two orders of magnitude",
        f"{WIDE}; the model that lacks it has the doses of each drug exchanged",
        _response("dose_agreement", rising=True),
        _response("dose_agreement", rising=False),
    ),
    BiologyCase(
        "dose_direction",
        "a toxic programme that replaces the effect of a third of the drugs at the top dose",
        f"{WIDE}; the model that lacks it turns as many other drugs",
        _direction(turning=True),
        _direction(turning=False),
    ),
    BiologyCase(
        "dose_potency",
        "half-maximal doses at 0.06, 0.5 and 4 of doses 0.05, 0.5 and 5",
        f"{WIDE}; the model that lacks it has as many drugs of each potency, other ones",
        _potency(different=True),
        _potency(different=False),
    ),
    BiologyCase(
        "dose_response",
        "responses that grow with dose, from half-maximal doses over two orders of magnitude",
        f"{WIDE}; the model that lacks it has the doses of each drug exchanged",
        _response("dose_response", rising=True),
        _response("dose_response", rising=False),
    ),
    BiologyCase(
        "dose_saturation",
        "responses of two thirds of the drugs that gain 8 % in the last step",
        f"{WIDE}; the model that lacks it rises by a third at every dose",
        _saturation(rising=True),
        _saturation(rising=False),
    ),
)
"""A case of every diagnostic of dose."""
