"""Evidence: whether genetic perturbations in training make predictions of compounds better."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.resample import Weights, draw_weights
from vcassay.core import Finding, Status, Threshold
from vcassay.evidence.biology.bench import BASELINE, Bench
from vcassay.evidence.biology.contrast import NOT_ASSESSABLE, not_assessable
from vcassay.evidence.biology.diagnostic import diagnostic, finding
from vcassay.evidence.biology.modality.gain import Gain, gain_of
from vcassay.prediction import Answer

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

NAME = "genetic_evidence"
LEVEL = Threshold(
    "genetic_level", 0.95, "coverage of the interval of the gain; Bonferroni over baselines, and over models (proposal)"
)
DRAWS = 2000
ALL, HIT, MISSED = "all", "target perturbed", "target not perturbed"
"""Strata of compounds: by whether a known target is perturbed genetically in training."""
WANTED = (
    "it takes compounds among the test conditions, and genetic perturbations of their targets beside other compounds "
    "in training"
)
REMEDY = (
    "Train the model once more without the genetic perturbations and name its predictions under [[model]] ablations, "
    "without_genetic."
)

Answers = Mapping[str, Answer]


@diagnostic(
    NAME,
    title="Gain from genetic evidence",
    source="an experiment: training with and without the genetic arm under one split (Csendes 2026, Turbine)",
)
def genetic_evidence(
    bench: Bench, answers: Answers, without_genetic: Answers, permuted_genetic: Answers, rng: np.random.Generator
) -> tuple[Finding, ...]:
    """What learned from genetic perturbations as well predicts compounds better than what did not.

    Statistic: the paired difference of mean Pearson delta on test compounds between an answer and the same family's
    answer learned without the genetic training conditions, under the same split, features and search of settings;
    perturbations are resampled with all their conditions (contexts too where there are enough). It is judged on
    compounds with a known target that training perturbs genetically, where a gain must be if it is real; the others
    stand beside it. PASS: the interval is above 0. WARN: it includes 0, or the others gain as much. FAIL: it is below.

    The screen supports a gain if a baseline that reads features of targets gains (interval above 0, Bonferroni over
    baselines): the data then show that there is something to gain. Otherwise no model is asked for it, unless its own
    gain or loss is shown. A control with as many conditions: the same baselines learned with genetic effects under
    other genes' names. A model takes part with predictions of a version trained without the genetic arm. Not
    assessable without compounds in the test set or either arm in training, or with fewer than eight compounds.
    """
    where = _where(bench)
    if isinstance(where, str):
        return not_assessable(NAME, f"{where}; {WANTED}.", bench.submissions)
    study = _Study(bench, where, rng)
    families = [n for n in sorted(without_genetic) if n in answers and answers[n].role == BASELINE]
    asked = [a.name for a in bench.submissions if a.name in without_genetic]
    level, own_level = (1.0 - (1.0 - LEVEL.value) / max(len(names), 1) for names in (families, asked))
    found = {n: study.gains(answers[n], without_genetic[n], level) for n in families}
    control = {n: study.gains(answers[n], permuted_genetic[n], LEVEL.value) for n in families if n in permuted_genetic}
    rows = [row for n, gains in found.items() for row in _rows(n, gains, control.get(n))]
    gained = [n for n, g in found.items() if g[study.judged].low > 0]
    own = _of_study(study, found, control, gained, rows)
    models = (
        _of_model(
            a.name, study.gains(a.answer, without_genetic[a.name], own_level), study.judged, supported=bool(gained)
        )
        if a.name in without_genetic and a.answer is not None
        else finding(
            NAME,
            Status.NA,
            f"{NOT_ASSESSABLE}no predictions of the model trained without genetic perturbations were handed in.",
            model=a.name,
            remedy=REMEDY,
        )
        for a in bench.submissions
    )
    return (own, *models)


@dataclass(frozen=True, slots=True, eq=False)
class _Where:
    """Positions of test compounds, and which of them have a target that training perturbs genetically."""

    rows: NDArray[np.int64]
    hit: Mask
    trained: int


def _where(bench: Bench) -> _Where | str:
    """Find the compounds, or say why there is nothing to ask."""
    agents, tested, trained = bench.agents, bench.agent, bench.agents.of(bench.trained[0])
    rows = np.flatnonzero((tested >= 0) & agents.drug[tested] & bench.truth.known & ~bench.silent)
    if not len(rows):
        return "there are no compounds with an effect among the test conditions"
    genes = {agents.gene[a] for a in np.unique(trained[trained >= 0]).tolist()} - {""}
    if not genes:
        return "training has no genetic perturbations"
    if not (agents.drug[trained] & (trained >= 0)).any():
        return "training has nothing but genetic perturbations"
    hit = np.array([not genes.isdisjoint(agents.targets[a]) for a in tested[rows].tolist()], dtype=bool)
    return _Where(rows, hit, len(genes))


class _Study:
    """The compounds, their strata, and resampling weights that all answers share."""

    def __init__(self, bench: Bench, where: _Where, rng: np.random.Generator) -> None:
        self.bench, self.where = bench, where
        context = np.unique(bench.table.context[where.rows], return_inverse=True)[1]
        self.weights: Weights = draw_weights(context, bench.agent[where.rows], DRAWS, rng)
        self.strata = {ALL: np.ones(len(where.rows), dtype=bool), HIT: where.hit, MISSED: ~where.hit}
        self.truth, self.mask = bench.truth.values[where.rows], bench.mask[where.rows]
        self.judged = HIT if np.isfinite(self.gain(self.truth, self.truth, HIT, LEVEL.value).low) else ALL

    def gain(self, a: Array, b: Array, stratum: str, level: float, keep: Mask | None = None) -> Gain:
        """Gain of one answer over another in a stratum."""
        use = self.strata[stratum] if keep is None else self.strata[stratum] & keep
        return gain_of(self.truth, a, b, self.mask, self.weights, use, level=level)

    def gains(self, a: Answer, b: Answer, level: float) -> dict[str, Gain]:
        """Gains by stratum, on compounds that both answer."""
        at = self.where.rows
        both = ((a.state == "ok") & (b.state == "ok"))[at]
        genes = self.mask & a.genes & b.genes
        left, right = (np.where(genes, np.nan_to_num(x.values[at]), 0.0) for x in (a, b))
        return {name: self.gain(left, right, name, level, both) for name in self.strata}


def _of_study(
    study: _Study,
    found: Mapping[str, dict[str, Gain]],
    control: Mapping[str, dict[str, Gain]],
    gained: list[str],
    rows: list[Mapping[str, Any]],
) -> Finding:
    """Whether baselines gain."""
    at = study.judged
    who = (
        f"{int(study.where.hit.sum())} of {len(study.where.rows)} test conditions are of a compound with a target among"
    )
    coverage = f"{who} the {study.where.trained} genes perturbed in training."
    if not found:
        sentence = f"{NOT_ASSESSABLE}no baseline was learned without genetic perturbations. {coverage}"
        return finding(NAME, Status.NA, sentence)
    best = max(sorted(found), key=lambda n: np.nan_to_num(found[n][at].value, nan=-np.inf))
    told = f"the largest gain is that of '{best}', {_words(found[best][at], at)}"
    if best in control:
        beside = control[best][at]
        told += f", and {beside.value:+.3f} over genetic effects under other genes' names"
        told += f" (95 % {beside.low:+.3f} to {beside.high:+.3f})" if np.isfinite(beside.low) else ""
    numbers = {"value": found[best][at].value, "threshold": 0.0, "evidence": rows}
    if not gained:
        few = " (too few compounds for an interval)" if not np.isfinite(found[best][at].low) else ""
        sentence = f"{NOT_ASSESSABLE}of {len(found)} baselines none predicts compounds better for it{few}; {told}."
        return finding(NAME, Status.NA, f"{sentence} {coverage}", **numbers)
    sentence = f"{len(gained)} of {len(found)} baselines predict compounds better for genetic evidence; {told}."
    return finding(NAME, Status.PASS, f"{sentence} {coverage}", **numbers)


def _of_model(name: str, gains: dict[str, Gain], at: str, *, supported: bool) -> Finding:
    """Grade a model's gain."""
    gain, others = gains[at], gains[MISSED]
    told = _words(gain, at)
    if at == HIT and others.n:
        told += f"; {_words(others, MISSED)}"
    numbers = {"value": gain.value, "threshold": 0.0, "model": name, "evidence": _rows(name, gains, None)}
    if not np.isfinite(gain.low):
        sentence = f"{NOT_ASSESSABLE}too few compounds for an interval; {told}."
        return finding(NAME, Status.NA, sentence, **numbers)
    remedy = "Say of the model that genetic evidence does not help it with compounds, or find out why it does not."
    if gain.high < 0:
        sentence = f"Predicts compounds worse for the genetic perturbations in its training: {told}."
        return finding(NAME, Status.FAIL, sentence, remedy=remedy, **numbers)
    if gain.low > 0 and at == HIT and others.low > 0 and others.value >= gain.value:
        sentence = f"Gains as much where no target was perturbed, so that it need not be genetic evidence: {told}."
        return finding(NAME, Status.WARN, sentence, remedy=remedy, **numbers)
    if gain.low > 0:
        sentence = f"Predicts compounds better for the genetic perturbations in its training: {told}."
        return finding(NAME, Status.PASS, sentence, **numbers)
    if not supported:
        sentence = f"{NOT_ASSESSABLE}no baseline gains either, so that nothing may be there to gain: {told}."
        return finding(NAME, Status.NA, sentence, **numbers)
    sentence = f"No measurable gain from genetic perturbations, where baselines do gain: {told}."
    return finding(NAME, Status.WARN, sentence, remedy=remedy, **numbers)


def _words(gain: Gain, stratum: str) -> str:
    """A gain with what it is made of."""
    which = {ALL: "compounds", HIT: "compounds whose target was perturbed", MISSED: "other compounds"}[stratum]
    bounds = f" ({gain.low:+.3f} to {gain.high:+.3f})" if np.isfinite(gain.low) else ""
    of = f"Pearson delta {gain.with_:.3f} with and {gain.without:.3f} without"
    return f"{of} over {gain.n} {which}, a difference of {gain.value:+.3f}{bounds}"


def _rows(family: str, gains: dict[str, Gain], control: dict[str, Gain] | None) -> list[Mapping[str, Any]]:
    """Evidence, one row a stratum that has compounds."""
    out: list[Mapping[str, Any]] = []
    for stratum, gain in gains.items():
        if not gain.n:
            continue
        row: dict[str, Any] = {"kind": "arm", "family": family, "with": gain.with_, "without": gain.without}
        row |= {"gain": gain.value, "compounds": float(gain.n), "stratum": stratum}
        row |= {"low": gain.low, "high": gain.high} if np.isfinite(gain.low) else {}
        row |= {"permuted": control[stratum].without} if control is not None else {}
        out.append(row)
    return out
