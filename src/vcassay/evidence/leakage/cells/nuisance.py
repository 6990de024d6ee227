"""L20: whether the number of rows of a test condition tells the size of its effect."""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.within import RankCorrelation, within_group_spearman
from vcassay.claim import Split
from vcassay.core import Finding, Status, Threshold
from vcassay.effects import Effects
from vcassay.evidence.leakage.cells.linear import LinearEffects, linear_sizes
from vcassay.evidence.leakage.check import check, finding, p_text, plural
from vcassay.prediction import Disclosure

Array = NDArray[np.float64]

NUISANCE_RHO = Threshold("nuisance_rho", 0.2, "weaker correlations are worth little to a model (proposal)")
NUISANCE_P = Threshold("nuisance_p", 0.01, "two-sided, sign flips of whole perturbations")
NUISANCE_FAMILIES = Threshold("nuisance_min_families", 9, "2 of 2^9 sign patterns are below p = .01")
_THING = r"(cells?|umis?|rows?|replicates?|barcodes?|reads?)"
NUMBER_INPUT = re.compile(rf"(n|num|number|numberof|total){_THING}|{_THING}(counts?|numbers?)|totalcounts?|librarysize")
"""Input names, letters only, that mean a number of rows or their depth."""


def number_tells_effect(effects: Effects, split: Split) -> RankCorrelation:
    """Rank correlation, within context, of a test condition's rows and its debiased effect size.

    Both checks of this file flip the same signs (a fixed generator), so that they cannot disagree.
    """
    test = split.test
    table = effects.conditions.take(test)
    _, context = np.unique(table.context, return_inverse=True)
    _, family = np.unique(table.perturbation, return_inverse=True)
    rows = effects.n_rows[test].astype(np.float64)
    size = linear_sizes(LinearEffects(effects.moments, test, effects.mask[test]), split.scored_shards)
    rng, least = np.random.default_rng(20), int(NUISANCE_FAMILIES.value)
    return within_group_spearman(rows, size, context, family, rng, min_families=least)


def tells(found: RankCorrelation) -> bool:
    """Whether the correlation is large and beyond chance."""
    return abs(found.rho) > NUISANCE_RHO.value and found.p_value < NUISANCE_P.value


def reads_numbers(inputs: tuple[str, ...]) -> list[str]:
    """Names among a model's inputs that mean a number of cells, UMIs or replicates."""
    return [name for name in inputs if NUMBER_INPUT.fullmatch(re.sub(r"[^a-z]", "", name.lower()))]


@check("L20", title="Cell number tells the effect", source="VCC 2025: cell counts of the test perturbations")
def cell_number(effects: Effects, split: Split) -> Finding:
    """The number of rows of a test condition does not tell the size of its effect.

    Spearman correlation within context between the number of rows and the debiased effect size, taken
    on rates (plain sizes, and products of log profiles, fall with the number of cells on any screen).
    What a model can make of it is judged by L20m.
    """
    if (stop := _not_measurable("L20", effects, split)) is not None:
        return stop
    rows = effects.n_rows[split.test]
    found = number_tells_effect(effects, split)
    if np.isnan(found.rho):
        return _undefined(effects, split, found)
    numbers = f"Spearman rho = {found.rho:.2f}, {p_text(found.p_value)}, {plural(found.families, 'perturbation')}"
    values = {"value": found.rho, "null": 0.0, "threshold": NUISANCE_RHO.value}
    if not tells(found):
        return finding("L20", Status.PASS, f"The number of rows does not tell the effect ({numbers}).", **values)
    order = np.argsort(rows, kind="stable")
    ids = effects.conditions.take(split.test).ids
    evidence = [
        {"condition": ids[i], "rows": int(rows[i]), "effect": float(effects.effect[split.test][i])}
        for i in order[:: max(1, -(-len(order) // 20))]
    ]
    return finding(
        "L20",
        Status.FAIL,
        f"The number of cells tells the effect: within context, conditions with "
        f"{'fewer' if found.rho < 0 else 'more'} rows have larger effects ({numbers}).",
        evidence=evidence,
        remedy="Do not hand the numbers of test rows to a model: make them equal in the template.",
        **values,
    )


@check("L20m", title="Model reads cell numbers", blocks=True, source="VCC 2025: cell counts of the test perturbations")
def model_reads_numbers(effects: Effects, split: Split, disclosure: Disclosure) -> Finding:
    """A model is not given the number of rows of a test condition where that tells its effect."""
    if (stop := _not_measurable("L20m", effects, split)) is not None:
        return stop
    read = None if disclosure.input_names is None else reads_numbers(disclosure.input_names)
    if read == []:
        return finding("L20m", Status.PASS, "The model declares inputs, and no number of rows is among them.")
    found = number_tells_effect(effects, split)
    numbers = f"rho = {found.rho:.2f}, {p_text(found.p_value)}"
    if not tells(found):
        sentence = "Whether the model reads them or not: numbers of rows do not tell the effect here"
        sentence += "." if np.isnan(found.rho) else f" ({numbers})."
        return finding("L20m", Status.PASS, sentence)
    if read is None:
        sentence = f"The number of rows tells the effect ({numbers}), and the model's inputs are not declared."
        question = "Does the model read the number of cells, UMIs or replicates of a test condition?"
        return finding("L20m", Status.UNKNOWN, sentence, question=question)
    return finding(
        "L20m",
        Status.FAIL,
        f"The model reads {', '.join(read)}, and the number of rows tells the effect ({numbers}).",
        value=abs(found.rho),
        null=0.0,
        threshold=NUISANCE_RHO.value,
        remedy="Predict again without them, or with equal numbers for every test condition.",
    )


def _not_measurable(name: str, effects: Effects, split: Split) -> Finding | None:
    if not len(split.test):
        return finding(name, Status.NA, "There are no test conditions.")
    if effects.n_rows[split.test].max() <= 1:
        return finding(name, Status.NA, "Not measurable: there is one row a condition.")
    if not np.isfinite(effects.size[split.test]).any():
        return finding(name, Status.NA, "Not measurable: too few rows for a debiased effect size (split halves).")
    return None


def _undefined(effects: Effects, split: Split, found: RankCorrelation) -> Finding:
    rows, context = effects.n_rows[split.test], effects.conditions.context[split.test]
    if all(np.ptp(rows[context == c]) == 0 for c in np.unique(context)):
        return finding("L20", Status.PASS, "Within each context, all test conditions have equally many rows.")
    sentence = (
        f"Not measurable: {plural(found.families, 'perturbation')} with differing numbers of rows, "
        f"{NUISANCE_FAMILIES.value:g} are needed."
    )
    return finding("L20", Status.NA, sentence)
