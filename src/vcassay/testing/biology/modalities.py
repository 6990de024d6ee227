"""Two modalities: compounds that act as the knock-down of their target does, in part, and compounds that do not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from vcassay.core import Conditions, Finding
from vcassay.evidence.baselines import make_task
from vcassay.evidence.baselines.learners.ridge import Ridge
from vcassay.evidence.baselines.neighbours.target_effect import TargetEffect
from vcassay.testing.biology.case import BiologyCase
from vcassay.testing.planted import PlantedStudy, plant

Array = NDArray[np.float64]

KNOCK_DOWNS, TARGETS, DRUGS_OF, FEATURES = 30, 12, 2, 120
SHARE = 0.2
"""Of a target's knock-down in the effect of its compounds."""
OWN = 1.0
"""Standard deviation of what a compound does besides, a knock-down's being 1."""
COMMON = 0.7
"""Of what all perturbations have in common."""
SIZE = 0.5
"""Standard deviation of a knock-down's effect on a gene, the noise of a well being 1."""

TRANSFERRED = 40
"""Knock-downs, and compounds of one each, half of them tested, where what is learned from genes is carried over."""
GAINED = 0.3
"""Of a target's knock-down in the effect of its compound, there."""

BOTH_WAYS = 20
"""Genes that are repressed and activated."""
OPPOSED = 0.3
"""Of the opposite of a gene's repression in its activation."""


def screen(seed: int, share: float = SHARE, contexts: Sequence[str] = ("A",)) -> tuple[PlantedStudy, Array]:
    """Compounds, all tested, beside knock-downs, all trained; and the compounds' effects with permuted targets."""
    rng = np.random.default_rng(seed)
    names = [f"K{i:02d}" for i in range(KNOCK_DOWNS)]
    drugs = [f"drug {i:02d}" for i in range(TARGETS * DRUGS_OF)]
    target = np.repeat(np.arange(TARGETS), DRUGS_OF)
    n = len(names) + len(drugs)
    common = COMMON * rng.standard_normal(FEATURES)
    strength = rng.uniform(0.7, 1.3, KNOCK_DOWNS)[:, None]
    loss = strength * rng.standard_normal((KNOCK_DOWNS, FEATURES))
    own = OWN * rng.standard_normal((len(drugs), FEATURES))
    other = _derangement(TARGETS, rng)[target]
    delta = SIZE * np.concatenate([loss + common, share * loss[target] + own + common])
    lacks = SIZE * (SHARE * loss[other] + own + common)
    tiled = len(contexts)
    table = Conditions(
        np.repeat(np.array(contexts), n),
        tuple((p,) for p in [*names, *drugs]) * tiled,
        np.full(n * tiled, np.nan),
        np.full(n * tiled, np.nan),
        np.array((["CRISPRi"] * len(names) + ["compound"] * len(drugs)) * tiled),
        {
            "target": np.array(([""] * len(names) + [names[t] for t in target]) * tiled),
            "moa": np.array(([""] * len(names) + [f"{names[t]} inhibitor" for t in target]) * tiled),
        },
    )
    test = np.array(([False] * len(names) + [True] * len(drugs)) * tiled)
    study = plant(table, np.tile(delta, (tiled, 1)), test, rng)
    return study, lacks


def _analogue(seed: int, share: float) -> Sequence[Finding]:
    study, lacks = screen(seed, share)
    truth = study.delta[study.test]
    order = [int(p.split()[1]) for p in study.effects.conditions.perturbation[study.test].tolist()]
    return study.run("inhibitor_analogue", study.answer(truth, "has"), study.answer(lacks[order], "lacks"))


def transfer(seed: int, share: float) -> tuple[PlantedStudy, dict[str, Array]]:
    """Compounds of other targets in training and test beside all knock-downs; and what models predict for the tested.

    ``with`` has each tested compound's own target, ``wrong`` another's, ``without`` none.
    """
    rng = np.random.default_rng(seed)
    names = [f"K{i:02d}" for i in range(TRANSFERRED)]
    drugs = [f"drug {i:02d}" for i in range(TRANSFERRED)]
    n = len(names)
    common, of_drugs = COMMON * rng.standard_normal((2, FEATURES))
    loss = rng.standard_normal((n, FEATURES))
    own = OWN * rng.standard_normal((n, FEATURES))
    delta = SIZE * np.concatenate([loss + common, share * loss + own + of_drugs])
    nothing = np.full(2 * n, np.nan)
    table = Conditions(
        np.full(2 * n, "A"),
        tuple((p,) for p in [*names, *drugs]),
        nothing,
        nothing,
        np.array(["CRISPRi"] * n + ["compound"] * n),
        {"target": np.array([""] * n + names)},
    )
    study = plant(table, delta, np.array([False] * n + [i % 2 == 1 for i in range(n)]), rng)
    at = [int(p.split()[1]) for p in study.effects.conditions.perturbation[study.test].tolist()]
    other = np.array(at)[_derangement(len(at), rng)]
    base = np.tile(of_drugs, (len(at), 1))
    models = {"with": base + GAINED * loss[at], "wrong": base + GAINED * loss[other], "without": base}
    return study, {name: SIZE * values for name, values in models.items()}


def _evidence(seed: int, share: float) -> Sequence[Finding]:
    study, models = transfer(seed, share)
    answers = [study.answer(models["with"], "has"), study.answer(models["wrong"], "lacks")]
    without = {name: study.answer(models["without"], name) for name in ("has", "lacks")}
    task = make_task(study.effects, study.claim, study.knowledge)
    genes = np.array([p.startswith("K") for p in task.train.perturbation.tolist()])
    less = replace(task.part(np.flatnonzero(~genes), np.empty(0, dtype=np.int64)), wanted=task.wanted)
    for name, rung in (("target_effect", TargetEffect), ("ridge", Ridge)):
        for part, into in ((task, answers), (less, without)):
            learned = rung().fit(replace(part, tune=False)).predict(task.wanted)
            answer = study.answer(learned, name, role="baseline")
            if isinstance(into, dict):
                into[name] = answer
            else:
                into.append(answer)
    return study.run("genetic_evidence", *answers, without_genetic=without)


def both_ways(seed: int, share: float, *, spared: Sequence[str] = ()) -> tuple[PlantedStudy, dict[str, Array]]:
    """Genes repressed in training and activated in the test, in another context; and what models predict.

    ``opposed`` does a part of the opposite of each gene's repression, ``wrong`` of another's.
    """
    rng = np.random.default_rng(seed)
    names = [f"K{i:02d}" for i in range(BOTH_WAYS)]
    n = len(names)
    common = COMMON * rng.standard_normal((2, 1, FEATURES))
    loss, own = rng.standard_normal((2, n, FEATURES))
    other = _derangement(n, rng)
    lost = SIZE * (loss + common[0])
    raised = {
        key: SIZE * (-s * what + own + common[1])
        for key, s, what in (("truth", share, loss), ("opposed", OPPOSED, loss), ("wrong", OPPOSED, loss[other]))
    }
    nothing = np.full(2 * n, np.nan)
    table = Conditions(
        np.array(["A"] * n + ["B"] * n),
        tuple((f"{name} [{kind}]",) for kind in ("CRISPRi", "CRISPRa") for name in names),
        nothing,
        nothing,
        np.array(["CRISPRi"] * n + ["CRISPRa"] * n),
    )
    test = np.array([False] * n + [name not in spared for name in names])
    study = plant(table, np.concatenate([lost, raised["truth"]]), test, rng)
    at = [int(p[1:3]) for p in study.effects.conditions.perturbation[study.test].tolist()]
    return study, {name: values[at] for name, values in raised.items()}


def _opposite(seed: int, share: float) -> Sequence[Finding]:
    study, models = both_ways(seed, share)
    answers = (study.answer(models["opposed"], "has"), study.answer(models["wrong"], "lacks"))
    return study.run("direction_agreement", *answers)


def _derangement(n: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """A permutation that leaves nothing in place: a ring in random order."""
    order = rng.permutation(n)
    out = np.empty(n, dtype=np.int64)
    out[order] = np.roll(order, 1)
    return out


CASES = (
    BiologyCase(
        diagnostic="inhibitor_analogue",
        planted="compounds that act as the knock-down of their target does, beside what is their own",
        size=f"{SHARE:.0%} of the knock-down's effect, {TARGETS} targets of {DRUGS_OF} compounds",
        present=lambda seed: _analogue(seed, SHARE),
        absent=lambda seed: _analogue(seed, 0.0),
    ),
    BiologyCase(
        diagnostic="genetic_evidence",
        planted="compounds whose effects hold a part of their target's knock-down, which training has",
        size=f"{GAINED:.0%} of the knock-down's effect, {TRANSFERRED // 2} tested compounds",
        present=lambda seed: _evidence(seed, GAINED),
        absent=lambda seed: _evidence(seed, 0.0),
    ),
    BiologyCase(
        diagnostic="direction_agreement",
        planted="genes whose activation does a part of the opposite of their repression",
        size=f"{OPPOSED:.0%} of the repression's effect, {BOTH_WAYS} genes",
        present=lambda seed: _opposite(seed, OPPOSED),
        absent=lambda seed: _opposite(seed, 0.0),
    ),
)
