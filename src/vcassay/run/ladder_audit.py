"""Audit of the ladder: every legal baseline goes through the checks that read a model's answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.threads import threads
from vcassay.core import Status
from vcassay.core.vocabulary import PER_MODEL
from vcassay.evidence.baselines import Audited, Rung
from vcassay.evidence.leakage import CHECKS
from vcassay.prediction import Answer
from vcassay.run.checks import run_checks

EXEMPT = {
    "L24": "a baseline may ignore the perturbation: a mean does so by design",
    "L24c": "a baseline may ignore the context",
    "L24d": "a baseline may ignore the dose",
    "L25": "a baseline may be a look-up",
    "L30": "which genes are scored is no fault of a baseline",
    **dict.fromkeys(
        ("L17m", "L18m", "L19m", "L21", "L21b", "L22", "L23m", "L29", "L31", "L32"),
        "authors declare it; a baseline has what the study hands in, of which L17, L18, L19 and L23 speak",
    ),
}
"""Checks that ask whether a model is more than a baseline, or what it was given, which is no question to a baseline."""

CONDITIONS, GENES = 128, 2000
"""Test conditions and genes on which a baseline is audited: a random sample of more, the same for all."""

P_VALUES = ("L27",)
"""Checks that accuse by a p-value: it is shared by the baselines of a ladder (Bonferroni)."""


def audit(rungs: Sequence[Rung], provided: Mapping[str, Any], seed: int) -> list[Audited]:
    """Run on every legal baseline the checks that read an answer, on a sample of the test conditions and genes.

    Parameters
    ----------
    provided
        Vocabulary name to object, of what needs no scores.
    """
    legal = [rung for rung in rungs if rung.record.legal and rung.answer is not None]
    entries = [e for e in CHECKS if PER_MODEL & set(e.arguments) and e.name not in EXEMPT]

    def one(rung: Rung) -> Audited:
        name = rung.record.name
        assert rung.answer is not None
        made = run_checks(entries, provided, {name: sample(rung.answer, seed)}, seed, "leakage")
        shared = [
            replace(f, status=Status.PASS)
            if f.check in P_VALUES and f.status == Status.FAIL and _passes(f.value, f.threshold, len(legal))
            else f
            for f in made
        ]
        return Audited(name, tuple(shared))

    with ThreadPoolExecutor(threads()) as pool:
        return list(pool.map(one, legal))


def sample(answer: Answer, seed: int) -> Answer:
    """The answer with all but some of its conditions taken for abstentions, and all but some genes for missing."""
    state, genes = answer.state.copy(), answer.genes.copy()
    rows, columns = np.flatnonzero(state == "ok"), np.flatnonzero(genes)
    state[_spare(rows, CONDITIONS, seed)] = "abstained"
    genes[_spare(columns, GENES, seed)] = False
    return replace(answer, state=state, genes=genes)


def _spare(at: NDArray[np.int64], most: int, seed: int) -> NDArray[np.int64]:
    """What is left out, so that at most so many stay."""
    return np.random.default_rng([seed, len(at)]).permutation(at)[most:]


def without_barred(rungs: Sequence[Rung], audited: Sequence[Audited]) -> list[Rung]:
    """The rungs, of which those that fail a blocking check are legal no more and say why."""
    why = {a.name: a.barred for a in audited if a.barred}
    return [
        replace(r, record=r.record.model_copy(update={"legal": False, "why": why[r.record.name]}))
        if r.record.name in why
        else r
        for r in rungs
    ]


def _passes(p: float | None, level: float | None, n: int) -> bool:
    return p is not None and level is not None and p * n >= level
