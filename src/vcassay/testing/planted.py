"""Planted: a small study whose true effects are handed in, measured on wells with Gaussian noise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import anndata as ad
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vcassay.claim import Claim, Role, Split, find_related, make_claim
from vcassay.core import Conditions, Finding, Status
from vcassay.core.registry import call
from vcassay.effects import Effects, measure
from vcassay.evidence.biology import DIAGNOSTICS, Bench, make_bench
from vcassay.knowledge import Knowledge
from vcassay.prediction import Answer
from vcassay.screen import Design, Readout, Rows, Screen, make_screen

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

CONTROL = "control"
LEVEL = 8.0
"""Mean of a control profile: readouts are positive."""


@dataclass(frozen=True, slots=True, eq=False)
class PlantedStudy:
    """A measured study with its split, and what is handed in beside it."""

    screen: Screen
    effects: Effects
    claim: Claim
    delta: Array
    """(n, g) true effects, in the order of the conditions."""
    knowledge: Knowledge = field(default_factory=Knowledge)

    @property
    def test(self) -> NDArray[np.int64]:
        """Positions of the test conditions."""
        return self.claim.split.test

    def answer(self, values: Array, name: str = "model", role: str = "submission", **more: Any) -> Answer:
        """A model that answers (t, g) for the test conditions; rows of NaN are abstentions."""
        state = np.where(np.isnan(values).any(axis=1), "abstained", "ok").astype("<U9")
        return Answer(name, role, values, state, np.ones(values.shape[1], dtype=bool), **more)

    def bench(self, *answers: Answer) -> Bench:
        """The bench of some models and baselines."""
        return make_bench(self.effects, self.claim, self.knowledge, {a.name: a for a in answers})

    def provided(self, *answers: Answer) -> dict[str, Any]:
        """What an assessment hands to diagnostics, without a generator."""
        return {
            "screen": self.screen,
            "design": self.screen.design,
            "conditions": self.effects.conditions,
            "split": self.claim.split,
            "claim": self.claim,
            "effects": self.effects,
            "knowledge": self.knowledge,
            "answers": {a.name: a for a in answers},
            "bench": self.bench(*answers),
            "without_genetic": {},
            "permuted_genetic": {},
        }

    def run(self, diagnostic: str, *answers: Answer, seed: int = 3, **given: Any) -> tuple[Finding, ...]:
        """Call a diagnostic as an assessment does: the study's finding and one a submission."""
        provided = self.provided(*answers) | {"rng": np.random.default_rng(seed)}
        found = call(DIAGNOSTICS[diagnostic], provided | given)
        return (found,) if isinstance(found, Finding) else tuple(found)


def plant(
    conditions: Conditions,
    delta: Array,
    test: Mask,
    rng: np.random.Generator,
    *,
    genes: Sequence[str] | None = None,
    wells: int = 8,
    control_wells: int = 32,
    noise: float = 1.0,
    batches: int = 2,
    control: Array | None = None,
    knowledge: Knowledge | None = None,
) -> PlantedStudy:
    """Measure true effects on wells.

    Parameters
    ----------
    conditions
        n conditions, whose modality and annotations are kept.
    delta
        (n, g) true effects, in the order of ``conditions``.
    test
        (n,) which conditions are test; all others are training.
    genes
        g names; ``G001`` and so on if ``None``.
    wells, control_wells
        Of each condition, and of each context's controls, dealt over the batches.
    noise
        Standard deviation of a gene in a well.
    control
        (contexts, g) control profiles, contexts in sorted order; drawn if ``None``.
    """
    n, g = delta.shape
    names = [f"G{i + 1:03d}" for i in range(g)] if genes is None else list(genes)
    contexts = np.unique(conditions.context)
    base = LEVEL + rng.standard_normal((len(contexts), g)) if control is None else control
    of = np.searchsorted(contexts, conditions.context)
    who = np.concatenate([np.repeat(np.arange(n), wells), np.repeat(-1 - np.arange(len(contexts)), control_wells)])
    own, at, pool = who >= 0, np.maximum(who, 0), np.maximum(-1 - who, 0)
    mean = np.where(own[:, None], base[of[at]] + delta[at], base[pool])
    values = mean + noise * rng.standard_normal(mean.shape)
    frame = pd.DataFrame(
        {"batch": [f"b{k % batches}" for k in range(len(who))]}, index=[f"w{k}" for k in range(len(who))]
    )
    frame["perturbation"] = np.where(own, conditions.perturbation[at], CONTROL)
    frame["context"] = np.where(own, conditions.context[at], contexts[pool])
    frame["modality"] = np.where(own, conditions.modality[at], CONTROL)
    frame["dose"] = np.where(own, conditions.dose[at], np.nan)
    for key, column in conditions.annotation.items():
        frame[key] = np.where(own, column[at], "")
    dosed = bool(np.isfinite(conditions.dose).any())
    design = Design(
        perturbation="perturbation",
        control=(CONTROL,),
        context="context",
        batch="batch",
        dose="dose" if dosed else None,
        dose_unit="uM" if dosed else "",
        modality="modality",
        rows=Rows.REPLICATES,
        readout=Readout.CONTINUOUS,
        annotation={key: key for key in conditions.annotation},
    )
    adata = ad.AnnData(X=values, obs=frame, var=pd.DataFrame(index=pd.Index(names)))
    screen = make_screen(adata, design, name="planted")
    order = conditions.locate(screen.conditions)
    role = np.where(test[order], Role.TEST.value, Role.TRAIN.value).astype(str)
    split = Split(screen.conditions, role)
    known = knowledge or Knowledge()
    effects = measure(screen, train=split.train, panel=split.test, seed=0)
    claim = make_claim(split, related=find_related(screen.conditions, known))
    return PlantedStudy(screen, effects, claim, delta[order], known)


def of_model(findings: Sequence[Finding], model: str = "model") -> Finding:
    """The finding of one model."""
    return next(f for f in findings if f.model == model)


def assessable(findings: Sequence[Finding]) -> bool:
    """Whether the truth passed."""
    return any(f.model is None and f.status is Status.PASS for f in findings)
