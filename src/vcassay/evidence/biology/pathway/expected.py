"""Expected sets: whether perturbations move the genes that their class is known to move."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.bands import bands_by_kind
from vcassay.arrays.permutations import permute_within
from vcassay.core import Finding, Threshold
from vcassay.evidence.biology.bench import Bench
from vcassay.evidence.biology.contrast import Contrast, Wording, judge, not_assessable
from vcassay.evidence.biology.diagnostic import diagnostic
from vcassay.evidence.biology.pathway.activity import activities
from vcassay.evidence.biology.pathway.asked import Scores, ask, draw_ranks, in_use, random_sets
from vcassay.evidence.biology.pathway.covered import Covered, find_covered
from vcassay.evidence.biology.pathway.grid import Grid, make_grid
from vcassay.evidence.biology.pathway.relabelled import stand_ins
from vcassay.evidence.biology.tested import DRAWS, Tested, tested
from vcassay.knowledge import expectations

Array = NDArray[np.float64]
Codes = NDArray[np.int64]
Mask = NDArray[np.bool_]

NAME = "target_pathway"
LEAST_CELLS = Threshold("expected_least_cells", 3, "perturbation x context pairs with an expectation (proposal)")
LEAST_OTHERS = Threshold("expected_least_others", 5, "other perturbations of the kind, for permuted classes (proposal)")
BANDS = Threshold("strength_bands", 3, "agents are permuted within thirds of effect size (proposal)")
BAND_LEAST = Threshold("strength_least_agents", 10, "agents of a kind that a band has at least (proposal)")
SET_DRAWS = 499
"""Matched random sets of each expectation."""

WORDS = Wording(
    quantity="mean AUROC of expected gene sets among matched random sets, in the expected direction,",
    unit="perturbations with an expectation",
    permuted="perturbations",
    wanted="it would take more perturbations of well-known classes in contexts whose genotype is known, or more rows",
    remedy="Look at which classes of perturbations miss their known targets in the table of expectations.",
)
ALONE = Wording(
    quantity=WORDS.quantity,
    unit=WORDS.unit,
    permuted="genes among those of like level and variability",
    wanted=WORDS.wanted,
    remedy=WORDS.remedy,
)


@dataclass(frozen=True, slots=True)
class Draws:
    """Permutations, the same for all arms: of agents (``None`` without others to permute with), and of genes."""

    agents: Codes | None
    genes: list[Array]


@diagnostic(
    NAME,
    title="Expected gene sets",
    source="curated expectations of classes; ULM: Badia-i-Mompel et al. 2022 (decoupler)",
)
def target_pathway(bench: Bench, rng: np.random.Generator) -> tuple[Finding, ...]:
    """Perturbations move the genes that their class is known to move, in the known direction.

    A table that comes with the package (and may be the user's own) says what classes of compounds and of perturbed
    genes do to which genes in which contexts: an inhibitor of MDM2 raises targets of p53 where TP53 is wild type.
    Contexts whose facts do not tell are left out and counted. Each expected set is ranked among random sets of the same
    size, matched in control level and variability of every gene; the rank is an AUROC, .5 by chance. Ranks are averaged
    over the contexts of a perturbation, then over perturbations. Doses of a perturbation in a context are averaged
    first; of a perturbation without a detectable effect there nothing is expected.

    A value must exceed what it is with perturbations permuted within kind and strength (genes that rise whatever is
    done are no sign of a mechanism), and what it is for matched random sets; p is the larger. Where a screen has too
    few other perturbations, random sets alone are asked, and the sentence says so: genes of one pathway vary together,
    so that chance is then understated. Not assessable where no perturbation has an expectation, or the truth itself
    does not show them.
    """
    covered, grid = find_covered(bench), make_grid(bench)
    base, live = in_use(bench)
    truth = ask(bench, covered, bench.truth.values, base)
    asked = cells_asked(covered, truth, live)
    if asked.sum() < LEAST_CELLS.value:
        return not_assessable(NAME, _too_few(bench, covered, int(asked.sum())), bench.submissions)
    draws = _draw(bench, grid, covered, truth, asked, rng)
    words = ALONE if draws.agents is None else WORDS
    whole, rows = _measure(grid, covered, truth, asked, draws)
    models: dict[str, Tested | str] = {}
    truths: dict[str, Tested] = {}
    baselines: dict[str, Tested] = {}
    model_rows: dict[str, Any] = {}
    for arm in (*bench.submissions, *bench.baselines):
        use = base & arm.known
        less = bool((use != base).any())
        own_truth = ask(bench, covered, bench.truth.values, use) if less else truth
        scores = ask(bench, covered, arm.values, use)
        own_asked = cells_asked(covered, own_truth, live)
        if own_asked.sum() < LEAST_CELLS.value:
            models[arm.name] = "it answers too few conditions that have an expectation"
            continue
        found, by_class = _measure(grid, covered, scores, own_asked, draws)
        if arm.role == "baseline":
            baselines[arm.name] = found
            continue
        models[arm.name] = found
        beside = rows
        if less:
            truths[arm.name], beside = _measure(grid, covered, own_truth, own_asked, draws)
        model_rows[arm.name] = _rows(covered, _counts(grid, own_asked, use), beside, by_class)
    evidence = _rows(covered, _counts(grid, asked, base), rows, None)
    how = _activities(covered, truth, asked, grid, evidence)
    coverage = _coverage(bench, covered, asked, how, alone=draws.agents is None)
    contrast = Contrast(whole, models, truths, baselines, {}, evidence, model_rows, coverage)
    return judge(NAME, bench, contrast, words)


def cells_asked(covered: Covered, scores: Scores, live: Mask) -> Mask:
    """(p, c, k) cells in which an expectation says that a set moves, and that have a detectable effect."""
    moves = np.nan_to_num(covered.state) != 0
    return np.asarray(covered.member[:, None, :] & moves[None] & np.isfinite(scores.z) & live[..., None])


def _draw(bench: Bench, grid: Grid, covered: Covered, truth: Scores, asked: Mask, rng: np.random.Generator) -> Draws:
    """Permute agents within kind and strength, and genes within bins."""
    kind = bench.agents.drug[grid.agents]
    size = grid.table(np.sqrt((truth.values**2).mean(axis=1)), truth.cells)
    measured = np.isfinite(size)
    strength = np.where(measured, size, 0.0).sum(axis=1) / np.maximum(measured.sum(axis=1), 1)
    used = np.asarray(asked.any(axis=1))
    # an agent that is not measured at all stands for nobody
    others = [
        int((~covered.member[:, j] & measured.any(axis=1) & (kind == own)).sum())
        for j in range(len(covered.rows))
        for own in np.unique(kind[used[:, j]])
    ]
    enough = min(others, default=0) >= LEAST_OTHERS.value
    bands = bands_by_kind(strength, kind.astype(np.int64), int(BAND_LEAST.value), int(BANDS.value))
    agents = permute_within(bands, DRAWS, rng) if enough else None
    return Draws(agents, random_sets(bench, covered, SET_DRAWS, rng))


def _measure(
    grid: Grid, covered: Covered, scores: Scores, asked: Mask, draws: Draws
) -> tuple[Tested, Mapping[int, tuple[float, float]]]:
    """The statistic of one arm, and of each expectation the mean z with its standard deviation under the null."""
    rank, sign = scores.rank, np.where(np.nan_to_num(covered.state) < 0, -1.0, 1.0)
    value, labels, sets, n = 0.0, np.zeros(DRAWS), np.zeros(SET_DRAWS), 0
    missing = np.zeros(DRAWS)
    rows: dict[int, tuple[float, float]] = {}
    for j in range(len(covered.rows)):
        who = np.flatnonzero(asked[:, :, j].any(axis=1))
        if not len(who):
            continue
        plus, minus = asked[who, :, j] & (sign[:, j] > 0), asked[who, :, j] & (sign[:, j] < 0)
        ranks = stand_ins(rank[:, :, j], plus, minus)
        own = np.arange(len(who))
        value += float(np.nansum(ranks[own, who]))
        n += len(who)
        shown = stand_ins(scores.z[:, :, j] * sign[:, j], plus | minus, np.zeros_like(plus))
        cell = (asked[:, :, j], np.broadcast_to(sign[:, j], asked.shape[:2]))
        of_sets, z_of_sets = draw_ranks(grid, covered, scores, cell, j, draws.genes[j])
        sets += of_sets.sum(axis=0)
        spread = float(z_of_sets.mean(axis=0).std())
        if draws.agents is not None:
            drawn = ranks[own, draws.agents[:, who]]
            labels += np.nansum(drawn, axis=1)
            missing += np.isnan(drawn).sum(axis=1)
            means = np.nanmean(np.where(np.isnan(drawn), 0.0, shown[own, draws.agents[:, who]]), axis=1)
            spread = float(means.std())
        rows[j] = (float(np.nanmean(shown[own, who])), spread)
    of_sets_tested = tested(value / n, sets / n, n)
    if draws.agents is None:
        return of_sets_tested, rows
    with np.errstate(invalid="ignore", divide="ignore"):
        found = tested(value / n, labels / (n - missing), n)
    return found._replace(p=max(found.p, of_sets_tested.p)), rows


def _counts(grid: Grid, asked: Mask, use: Mask) -> Codes:
    """(k,) test conditions in the cells that are asked of each expectation."""
    held = np.bincount(grid.cell[use & (grid.cell >= 0)], minlength=grid.shape[0] * grid.shape[1])
    return np.asarray((held.reshape(*grid.shape, 1) * asked).sum(axis=(0, 1)))


def _rows(
    covered: Covered,
    counts: Codes,
    truth: Mapping[int, tuple[float, float]],
    model: Mapping[int, tuple[float, float]] | None,
) -> list[dict[str, Any]]:
    out: list[dict[str, Any]] = []
    for j, (z, spread) in truth.items():
        own = covered.rows[j]
        row: dict[str, Any] = {"kind": "expectation", "class": own.name, "set": own.set, "sign": own.sign}
        row |= {"where": own.words, "conditions": int(counts[j]), "truth": z}
        row |= {} if model is None else {"model": model[j][0] if j in model else float("nan")}
        out.append(row | {"null_sd": spread, "source": f"{own.source} ({own.confidence}); {covered.origin[j]}"})
    return out


def _activities(covered: Covered, scores: Scores, asked: Mask, grid: Grid, rows: list[dict[str, Any]]) -> str:
    """Add the mean activity of each set to its row, in the set's own direction; say how it was measured."""
    any_asked = np.flatnonzero(asked.any(axis=2).ravel()[scores.cells])
    values, how = activities(scores.values[any_asked], covered.weights, covered.bins >= 0)
    p, c = np.divmod(scores.cells[any_asked], grid.shape[1])
    shown = iter(rows)
    for j in range(len(covered.rows)):
        here = asked[p, c, j]
        if here.any():
            next(shown)["activity"] = float(np.nanmean(values[here, j])) * covered.rows[j].sign
    return how


def _too_few(bench: Bench, covered: Covered, n: int) -> str:
    annotated = sum(bool(m or t) for m, t in zip(bench.agents.mechanisms, bench.agents.targets, strict=True))
    known = f"{annotated} of {int(bench.agents.drug.sum())} compounds have a mechanism or target"
    none, every = covered.untold
    return (
        f"of {len(expectations().after(bench.knowledge.expectations).rows)} expectations, {len(covered.rows)} cover a "
        f"test perturbation and have measured genes ({known}), in {n} perturbation x context pairs that can be asked; "
        f"{LEAST_CELLS.value:g} are needed{_untold(none, every)}{_left_out(covered)}."
    )


def _coverage(bench: Bench, covered: Covered, asked: Mask, how: str, *, alone: bool) -> str:
    none, every = covered.untold
    classes = int(asked.any(axis=(0, 1)).sum())
    contexts = int(asked.any(axis=(0, 2)).sum())
    silent = int((bench.silent & (bench.agent >= 0)).sum())
    text = f"Expectations asked: {classes}, in {contexts} context{'s' * (contexts != 1)}{_untold(none, every)}"
    if silent:
        text += f"; nothing is asked of {silent} condition{'s' * (silent != 1)} without a detectable effect"
    text += f"{_left_out(covered)}. Activities in the table: {how}."
    if alone:
        text += " There are too few other perturbations to permute; against random sets alone chance is understated."
    return text


def _untold(none: int, every: int) -> str:
    if not none:
        return ""
    return (
        f"; in {none} of {every} pairs of perturbation and context the facts of the context do not tell what to expect"
    )


def _left_out(covered: Covered) -> str:
    return f"; not measured: {', '.join(covered.left_out)}" if covered.left_out else ""
