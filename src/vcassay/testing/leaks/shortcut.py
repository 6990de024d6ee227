"""Models that do not read an input that they claim to read (L24)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vcassay.claim import Claim
from vcassay.core import Conditions, Finding
from vcassay.knowledge import Features
from vcassay.prediction import Answer, Exchange, Prediction, make_exchanges
from vcassay.prediction.exchange import nearest_by_features, nearest_by_profile
from vcassay.simulate.answers import honest
from vcassay.testing.leaks.study import Study, simulated
from vcassay.testing.power import Case

Array = NDArray[np.float64]

JITTER = 0.15
"""Noise of a model that is asked the same twice, relative to its answer."""
BLIND_TO: Mapping[str, Callable[[Conditions], list[object]]] = {
    "perturbation": lambda table: list(table.context.tolist()),
    "context": lambda table: list(table.treatments),
    "dose": lambda table: [(c, p) for c, p, _, _ in table.keys],
}
"""Input to what is left of a condition without it."""


def answered(study: Study, values: Array, disturbed: Mapping[str, Array], name: str = "model") -> Answer:
    """Answer with ablations, from (t, g) effects of the test conditions."""
    genes, wanted = study.effects.genes, study.wanted
    ablations = {k: Prediction(f"{name}, {k}", wanted, genes, v) for k, v in disturbed.items()}
    return study.answer(Prediction(name, wanted, genes, values, ablations=ablations))


def exchanged(study: Study, values: Array, every: Array | None = None) -> dict[str, Array]:
    """What a model says, by kind, that has these (t, g) answers, and for what is zeroed the mean over the others.

    Parameters
    ----------
    every
        (n, g) its answers for all conditions, where it is given inputs of training conditions, too.
    """
    wanted, known = study.wanted, study.wanted if every is None else study.split.conditions
    answers = values if every is None else every
    out = {}
    for kind, exchange in exchanges(study).items():
        what = kind.split("_")[1]
        disturbed = np.full(values.shape, np.nan)
        if kind.startswith("zeroed"):
            disturbed = group_means(values, BLIND_TO[what](wanted), others=True)
        else:
            place = known.locate(exchange.given)
            disturbed[exchange.at[place >= 0]] = answers[place[place >= 0]]
        out[kind] = disturbed
    return out


def exchanges(study: Study) -> Mapping[str, Exchange]:
    """What is exchanged with what; the nearest perturbations are those whose true effects are most alike."""
    truth = study.simulation.truth
    names, code = np.unique(truth.conditions.perturbation, return_inverse=True)
    means = np.array([truth.delta[code == i].mean(axis=0) for i in range(len(names))])
    controls = dict(zip(study.effects.conditions.context.tolist(), study.effects.control_train, strict=True))
    return make_exchanges(
        study.wanted,
        study.split.conditions.take(study.split.train),
        near_perturbation=nearest_by_features(study.wanted, [Features("true", tuple(names.tolist()), means)]),
        near_context=nearest_by_profile({c: controls[c] for c in set(study.wanted.context.tolist())}, list(controls)),
    )[0]


def group_means(values: Array, groups: list[object], *, others: bool = False) -> Array:
    """(t, g) mean of each row's group; without the row itself, unless it is alone, if ``others``."""
    place: dict[object, int] = {}
    code = np.array([place.setdefault(g, len(place)) for g in groups])
    means: Array = np.array([values[code == i].mean(axis=0) for i in range(len(place))])[code]
    n = np.bincount(code)[code][:, None]
    return np.asarray(np.where(n > 1, (n * means - values) / np.maximum(n - 1, 1), means)) if others else means


def _judged(seed: int, check: str, kind: str, *, blind: bool, settings: Mapping[str, Any]) -> Finding:
    study = simulated(seed, **settings)
    rng = np.random.default_rng(seed)
    values = honest(study.simulation, study.wanted, rng).values
    disturbed = exchanged(study, values)[kind]
    if blind:
        what = kind.split("_")[1]
        mean = group_means(values, BLIND_TO[what](study.wanted))
        size = JITTER * np.sqrt(np.mean(mean**2, axis=1, keepdims=True))
        values = mean if what == "dose" else mean + size * rng.standard_normal(mean.shape)
        again = (
            values if what == "dose" or kind.startswith("swapped") else mean + size * rng.standard_normal(mean.shape)
        )
        disturbed = np.where(np.isnan(disturbed), np.nan, again)
    claim: Claim = replace(study.claim, use="dose-finding") if kind.endswith("dose") else study.claim
    return study.run(check, answer=answered(study, values, {kind: disturbed}), claim=claim)


def _case(check: str, kind: str, leak: str, dose: str, **settings: Any) -> Case:
    made = partial(_judged, check=check, kind=kind, settings=settings)
    return Case(
        check,
        f"{leak} ({kind.replace('_', ' ')})",
        dose,
        partial(made, blind=True),
        partial(made, blind=False),
        lambda found, seed: [row["ablation"] for row in found.evidence] == [kind],
    )


ALIKE = "one answer a context and 15 % noise"
SAME = "one answer a treatment in all contexts and 15 % noise"
CASES = (
    _case("L24", "shuffled_perturbation", "a mean that takes the perturbation and does not use it", ALIKE),
    _case("L24", "zeroed_perturbation", "a mean that takes the perturbation and does not use it", ALIKE),
    _case("L24", "swapped_perturbation", "the prediction handed in as its own ablation", "the same file"),
    _case("L24c", "shuffled_context", "a mean over contexts that takes the context", SAME),
    _case("L24c", "zeroed_context", "a mean over contexts that takes the context", SAME),
    _case("L24c", "swapped_context", "the prediction handed in as its own ablation", "the same file"),
    _case("L24d", "shuffled_dose", "one answer for all doses", "the same to the last digit", n_drugs=8),
    _case("L24d", "zeroed_dose", "one answer for all doses", "the same to the last digit", n_drugs=8),
)
