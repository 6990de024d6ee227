"""L20: whether numbers that a template hands over, and that are no biology, tell the size of an effect."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.multiple import holm
from vcassay.arrays.rank_correlation import RankCorrelation, within_group_spearman
from vcassay.claim import Split
from vcassay.core import Finding, Status, Threshold
from vcassay.core.memo import once
from vcassay.core.wording import plural
from vcassay.effects import Effects
from vcassay.effects.linear import LinearEffects, linear_sizes
from vcassay.evidence.leakage.cells.tallies import Tally, make_tallies
from vcassay.evidence.leakage.check import EVIDENCE_ROWS, check, finding
from vcassay.evidence.leakage.refusal import not_tested
from vcassay.evidence.leakage.wording import p_text
from vcassay.prediction import Disclosure
from vcassay.screen import Screen

Array = NDArray[np.float64]

NUISANCE_RHO = Threshold("nuisance_rho", 0.2, "weaker correlations are worth little to a model (proposal)")
NUISANCE_FAMILIES = Threshold(
    "nuisance_min_families", 10, "2 of 2^10 sign patterns, times 4 nuisances, are below p = .01"
)
NUISANCE_P = Threshold("nuisance_p", 0.01, "two-sided, sign flips of whole perturbations; Holm over the nuisances")
_THING = r"(cells?|umis?|rows?|replicates?|barcodes?|reads?)"
INPUTS = {
    re.compile(
        rf"(n|num|number|numberof|total|mean|median){_THING}(per)?(cell)?|{_THING}(counts?|numbers?)|totalcounts?"
        r"|librarysize|(sequencing)?depth"
    ): ("rows", "depth"),
    re.compile(r".*mitochondrial.*|.*mito|mito.*|(pct|percent|frac|fraction)(counts)?mt(rna)?"): ("quality",),
    re.compile(r"(row|file|template|list)(order|position|index|rank|number)"): ("order",),
}
"""Input names, letters only, and the tallies that they hand over."""


class Told(NamedTuple):
    """One tally, its correlation with effect size and the p-value adjusted for the others (Holm)."""

    tally: Tally
    found: RankCorrelation
    p_value: float

    @property
    def tells(self) -> bool:
        """Whether the correlation is large and beyond chance."""
        return abs(self.found.rho) > NUISANCE_RHO.value and self.p_value < NUISANCE_P.value

    @property
    def numbers(self) -> str:
        """The correlation in words."""
        return f"{self.tally.name}: rho = {self.found.rho:.2f}, {p_text(self.p_value)}"


@once
def tell(screen: Screen, effects: Effects, split: Split) -> tuple[dict[str, Told], Array]:
    """Rank correlations of every tally with the debiased effect size of the test conditions, and these sizes.

    The checks of this file flip the same signs (a fixed generator), so that they cannot disagree.
    """
    test = split.test
    _, family = np.unique(effects.conditions.take(test).perturbation, return_inverse=True)
    size = linear_sizes(LinearEffects(effects.moments, test, effects.mask[test]), split.scored_shards)
    tallies = make_tallies(screen, effects, split)
    nothing = RankCorrelation(np.nan, np.nan, 0)
    least = int(NUISANCE_FAMILIES.value)
    found = [
        nothing
        if t.why
        else within_group_spearman(t.values, size, t.group, family, np.random.default_rng(20), min_families=least)
        for t in tallies.values()
    ]
    adjusted = holm(np.array([f.p_value for f in found])).tolist()
    return {k: Told(t, f, p) for (k, t), f, p in zip(tallies.items(), found, adjusted, strict=True)}, size


def reads_tallies(inputs: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """Names among a model's inputs that hand over tallies (numbers of cells, depth, ...), and which."""
    letters = {name: re.sub(r"[^a-z]", "", name.lower()) for name in inputs}
    hits = {
        name: tuple(k for p, keys in INPUTS.items() if p.fullmatch(text) for k in keys)
        for name, text in letters.items()
    }
    return {name: keys for name, keys in hits.items() if keys}


@check("L20", title="Nuisances tell the effect", source="VCC 2025: cell counts of the test perturbations")
def nuisances(screen: Screen, effects: Effects, split: Split) -> Finding:
    """Neither the number of rows of a test condition, nor depth, place in the file or quality tell its effect.

    Spearman correlation within context between the number of rows, counts a row, mean place in the file, or share of
    mitochondrial reads (an obs column, or MT- genes), and the debiased effect size, taken on rates (plain sizes, and
    products of log profiles, fall with the number of cells on any screen). FAIL where one is above .2 with p < .01 by
    sign flips of whole perturbations, Holm over those that could be compared. What a template does not hand over does
    no harm; what a model can make of it is judged by L20m, and what looking it up scores by the probes
    ``cell_count_neighbour`` and ``cell_count_magnitude``. NA where effects have no halves, or perturbations are few.
    """
    if (stop := _not_measurable("L20", effects, split)) is not None:
        return stop
    told, size = tell(screen, effects, split)
    measured = [t for t in told.values() if np.isfinite(t.found.rho)]
    if not measured:
        return _undefined(effects, split, told)
    worst = min(measured, key=lambda t: (not t.tells, -abs(t.found.rho)))
    families = plural(worst.found.families, "perturbation")
    values: dict[str, Any] = {"value": worst.found.rho, "null": 0.0, "threshold": NUISANCE_RHO.value}
    evidence = _table(told)
    guilty = sorted((t for t in measured if t.tells), key=lambda t: -abs(t.found.rho))
    if not guilty:
        listed = "; ".join(t.numbers for t in measured)
        missing = [t.tally.name for t in told.values() if not np.isfinite(t.found.rho)]
        more = f"; not compared: {', '.join(missing)}" if missing else ""
        sentence = f"No nuisance tells the effect ({listed}; {families}{more})."
        return finding("L20", Status.PASS, sentence, evidence=evidence, **values)
    what = " and ".join(f"{t.tally.low if t.found.rho < 0 else t.tally.high} ({t.numbers})" for t in guilty)
    ids, order = effects.conditions.take(split.test).ids, np.argsort(worst.tally.values, kind="stable")
    step = max(1, -(-len(order) // (EVIDENCE_ROWS - len(evidence))))
    evidence += [
        {"condition": ids[i], worst.tally.name: float(worst.tally.values[i]), "effect": _root(size[i])}
        for i in order[::step]
    ]
    return finding(
        "L20",
        Status.FAIL,
        f"Nuisances tell the effect: within context, effects are larger in conditions {what}; {families}.",
        evidence=evidence,
        remedy="Do not hand these numbers of test conditions to a model: make them equal in the template.",
        **values,
    )


@check("L20m", title="Model reads nuisances", blocks=True, source="VCC 2025: cell counts of the test perturbations")
def model_reads_nuisances(screen: Screen, effects: Effects, split: Split, disclosure: Disclosure) -> Finding:
    """A model is not given the number of rows of a test condition, or another nuisance, where that tells its effect.

    FAIL where an input hands over what tells the effect by L20; UNKNOWN where something does, and inputs are not
    declared. PASS where no input does, or nothing tells. NA as L20.
    """
    if (stop := _not_measurable("L20m", effects, split)) is not None:
        return stop
    read = None if disclosure.input_names is None else reads_tallies(disclosure.input_names)
    if read == {}:
        return finding("L20m", Status.PASS, "The model declares inputs, and no number of rows is among them.")
    told, _ = tell(screen, effects, split)
    wanted = list(told) if read is None else sorted({k for keys in read.values() for k in keys})
    asked = [told[k] for k in wanted if np.isfinite(told[k].found.rho)]
    guilty = [t for t in asked if t.tells]
    numbers = "; ".join(t.numbers for t in guilty or asked)
    if not guilty:
        sentence = "Whether the model reads them or not: nuisances do not tell the effect here"
        return finding("L20m", Status.PASS, f"{sentence} ({numbers})." if numbers else f"{sentence}.")
    if read is None:
        sentence = f"Nuisances tell the effect ({numbers}), and the model's inputs are not declared."
        question = "Does the model read the number of cells, UMIs or replicates of a test condition, or its quality?"
        return finding("L20m", Status.UNKNOWN, sentence, question=question)
    names = [n for n, keys in read.items() if any(told[k].tells for k in keys)]
    return finding(
        "L20m",
        Status.FAIL,
        f"The model reads {', '.join(names)}, which tells the effect ({numbers}).",
        value=max(abs(t.found.rho) for t in guilty),
        null=0.0,
        threshold=NUISANCE_RHO.value,
        evidence=[{"input": name} for name in names] + _table(told),
        remedy="Predict again without them, or with equal numbers for every test condition.",
    )


def _root(size: float) -> float:
    return float(np.sign(size) * np.sqrt(abs(size)))


def _table(told: Mapping[str, Told]) -> list[Mapping[str, Any]]:
    """Every tally with its correlation, or why it was not compared."""
    return list(_rows(told))


def _rows(told: Mapping[str, Told]) -> Iterator[Mapping[str, Any]]:
    for t in sorted(told.values(), key=lambda t: (not t.tells, bool(t.tally.why))):
        if t.tally.why:
            yield {"not compared": t.tally.name, "why": t.tally.why}
        elif np.isnan(t.found.rho):
            yield {"not compared": t.tally.name, "why": f"differs in {plural(t.found.families, 'perturbation')}"}
        else:
            yield {"nuisance": t.tally.name, "rho": t.found.rho, "p": t.found.p_value, "p, adjusted": t.p_value}


def _not_measurable(name: str, effects: Effects, split: Split) -> Finding | None:
    if (stop := not_tested(name, split)) is not None:
        return stop
    if effects.n_rows[split.test].max() <= 1:
        return finding(name, Status.NA, "Not measurable: there is one row a condition.")
    if not np.isfinite(effects.size[split.test]).any():
        return finding(name, Status.NA, "Not measurable: too few rows for a debiased effect size (split halves).")
    return None


def _undefined(effects: Effects, split: Split, told: Mapping[str, Told]) -> Finding:
    families = max(t.found.families for t in told.values())
    least = f"{NUISANCE_FAMILIES.value:g} are needed"
    sentence = f"Not measurable: {plural(families, 'perturbation')} with differing numbers, {least}."
    return finding("L20", Status.NA, sentence, evidence=_table(told))
