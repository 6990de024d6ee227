"""Engagement: whether an agent does less where its target is not expressed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy
from numpy.typing import NDArray

from vcassay.arrays.permutations import permute_within
from vcassay.core import Finding, Threshold
from vcassay.core.memo import once
from vcassay.evidence.biology.axes import stress_axes
from vcassay.evidence.biology.bench import Arm, Bench
from vcassay.evidence.biology.contrast import Contrast, Wording, judge, not_assessable
from vcassay.evidence.biology.diagnostic import diagnostic
from vcassay.evidence.biology.pathway.expressed import OFF, ON, expressed
from vcassay.evidence.biology.pathway.grid import make_grid
from vcassay.evidence.biology.pathway.swapped import differences
from vcassay.evidence.biology.tested import DRAWS, Tested, tested

Array = NDArray[np.float64]
Codes = NDArray[np.int64]
Mask = NDArray[np.bool_]

NAME = "target_engagement"
MOST_TARGETS = Threshold("engagement_most_targets", 3, "an agent of more targets acts through too many (proposal)")
LEAST_AGENTS = Threshold("engagement_least_agents", 5, "agents tested with and without their target (proposal)")
LEAST_IN_CONTEXT = Threshold("engagement_least_in_context", 5, "agents to rank effects among (proposal)")
ROWS = 100

WORDS = Wording(
    quantity="effect rank within the context where the target is expressed, less where it is not,",
    unit="perturbations that were tested in both",
    permuted="targets",
    wanted="it would take more perturbations with at most three measured targets, in more contexts that differ in "
    "expressing them, or more rows",
    remedy="The model gives perturbations an effect where their target is absent: check how it uses the context.",
)


@diagnostic(
    NAME, title="Target engagement", source="our own (docs/biology.md): effect sizes by expression of the target"
)
def target_engagement(bench: Bench, rng: np.random.Generator) -> tuple[Finding, ...]:
    """A perturbation does less where its target is not expressed.

    Of compounds with at most three targets, and of perturbed genes: the size of the effect beyond axes of stress,
    without the targets' own transcripts, as a rank among all perturbations of the kind in the context; then, within
    each perturbation, the mean rank over contexts that express a target less that over contexts that express none. So
    neither the strength of a perturbation nor the sensitivity of a context enters. Expressed is what lies above the
    median of a context's control profile, not expressed below its first quartile. Sizes of the truth are inner products
    of halves with disjoint rows and controls; without halves, noise is part of them. The null gives every group of
    perturbations with one target the targets of another group. Not assessable with fewer than 5 perturbations of both
    kinds, without controls, or where the truth itself shows no difference.
    """
    grid, on = make_grid(bench), _engaged(bench)
    truth = _ranks(bench, bench.truth, bench.truth.known)
    both = _both(truth, on.pattern)
    if both.sum() < LEAST_AGENTS.value or len(np.unique(on.group[both])) < LEAST_AGENTS.value:
        return not_assessable(NAME, _too_few(bench, on, both), bench.submissions)
    groups, code = np.unique(on.group[both], return_inverse=True)
    patterns = np.asarray([on.pattern[np.flatnonzero(on.group == g)[0]] for g in groups])
    kind = bench.agents.drug[grid.agents][[int(np.flatnonzero(on.group == g)[0]) for g in groups]]
    draws = permute_within(kind.astype(np.int64), DRAWS, rng)
    whole, rows = _measure(truth, both, patterns, code, draws)
    models: dict[str, Tested | str] = {}
    truths: dict[str, Tested] = {}
    baselines: dict[str, Tested] = {}
    model_rows: dict[str, Any] = {}
    for arm in (*bench.submissions, *bench.baselines):
        known = bench.truth.known & arm.known
        ranks = _ranks(bench, arm, known)
        left = both & _both(ranks, on.pattern)
        if left.sum() < LEAST_AGENTS.value:
            models[arm.name] = "it answers too few perturbations in contexts with and without their target"
            continue
        mine = code[left[both]]
        found, own = _measure(ranks, left, patterns, mine, draws)
        if arm.role == "baseline":
            baselines[arm.name] = found
            continue
        models[arm.name] = found
        beside = rows[left[both]]
        if (known != bench.truth.known).any():
            truths[arm.name], beside = _measure(_ranks(bench, bench.truth, known), left, patterns, mine, draws)
        model_rows[arm.name] = _rows(bench, left, on, beside, own)
    coverage = (
        f"{int(both.sum())} of {on.told} perturbations with at most {MOST_TARGETS.value:g} measured targets were "
    )
    coverage += (
        f"tested both where a target is expressed (above the {ON.value:.0%} quantile of the controls' genes) and "
    )
    coverage += f"where none is (below {OFF.value:.0%}); the others in contexts of one kind or between."
    if not bench.has_halves:
        coverage += " The truth has no halves: noise is part of its sizes."
    contrast = Contrast(whole, models, truths, baselines, {}, _rows(bench, both, on, rows, None), model_rows, coverage)
    return judge(NAME, bench, contrast, WORDS)


@dataclass(frozen=True, slots=True, eq=False)
class Engaged:
    """Where targets are expressed.

    Attributes
    ----------
    pattern
        (p, c) 1 where a target of the agent is expressed, 0 where all are silent, NaN where that is not known.
    group
        (p,) agents of one set of targets; -1 without.
    told
        Agents with targets that can be asked.
    """

    pattern: Array
    group: Codes
    told: int


@once
def _engaged(bench: Bench) -> Engaged:
    """Where each agent of the grid finds a target."""
    grid, agents, level = make_grid(bench), bench.agents, expressed(bench)
    pattern = np.full(grid.shape, np.nan)
    sets: dict[tuple[bool, tuple[str, ...]], int] = {}
    group = np.full(len(grid.agents), -1, dtype=np.int64)
    for i, a in enumerate(grid.agents.tolist()):
        own = agents.targets[a] if agents.drug[a] else tuple(g for g in (agents.gene[a],) if g)
        at = [agents.measured[g] for g in own if g in agents.measured]
        if not at or len(own) > MOST_TARGETS.value or (not agents.drug[a] and agents.direction[a] > 0):
            continue
        here = level[:, at]
        all_off = (here == 0).all(axis=1) & (len(at) == len(own))
        pattern[i] = np.where((here == 1).any(axis=1), 1.0, np.where(all_off, 0.0, np.nan))
        group[i] = sets.setdefault((bool(agents.drug[a]), tuple(sorted(own))), len(sets))
    return Engaged(pattern, group, int((group >= 0).sum()))


def _ranks(bench: Bench, arm: Arm, known: Mask) -> Array:
    """(p, c) rank of an agent's effect size among those of its kind in the context, from 0 to 1; NaN if not known."""
    grid, agents, axes = make_grid(bench), bench.agents, stress_axes(bench)
    total, count = (np.zeros(grid.shape[0] * grid.shape[1]) for _ in range(2))
    for left, right in bench.measurements(arm):
        # a condition of few rows may have an empty half
        use = known & np.isfinite(left).all(axis=1) & np.isfinite(right).all(axis=1)
        cells = grid.cells(use)
        own = _own_genes(bench, cells // max(grid.shape[1], 1))
        sides = []
        for side in (left,) if right is left else (left, right):
            mean = grid.mean(np.nan_to_num(side), use, cells)
            mean[own[:, 0], own[:, 1]] = 0.0
            sides.append(axes.without(mean))
        total[cells] += (sides[0] * sides[-1]).sum(axis=1)
        count[cells] += 1
    size = np.where(count > 0, total / np.maximum(count, 1), np.nan).reshape(grid.shape)
    out = np.full(size.shape, np.nan)
    drug = agents.drug[grid.agents]
    for own_kind in np.unique(drug):
        for c in range(grid.shape[1]):
            at = np.flatnonzero((drug == own_kind) & np.isfinite(size[:, c]))
            if len(at) >= LEAST_IN_CONTEXT.value:
                own_size = np.round(size[at, c] / max(float(np.abs(size[at, c]).max()), 1e-300), 9)
                out[at, c] = (scipy.stats.rankdata(own_size) - 1) / (len(at) - 1)
    return out


def _own_genes(bench: Bench, place: Codes) -> Codes:
    """(m, 2) rows of agents (positions in the grid), and columns of the genes that they perturb or target."""
    agents, grid = bench.agents, make_grid(bench)
    pairs = [
        (i, agents.measured[g])
        for i, a in enumerate(grid.agents[place].tolist())
        for g in (*agents.targets[a], agents.gene[a])
        if g in agents.measured
    ]
    return np.asarray(pairs, dtype=np.int64).reshape(-1, 2)


def _both(ranks: Array, pattern: Array) -> Mask:
    known = np.isfinite(ranks)
    return np.asarray((known & (pattern == 1)).any(axis=1) & (known & (pattern == 0)).any(axis=1))


def _measure(ranks: Array, both: Mask, patterns: Array, code: Codes, draws: Codes) -> tuple[Tested, Array]:
    """The statistic of one arm and the difference of each agent.

    Parameters
    ----------
    patterns
        (h, c) of the groups of targets.
    code
        (agents asked,) group of each.
    draws
        (draws, h) group whose targets stand for each group's.
    """
    every = differences(ranks[both], patterns)
    rows = np.arange(len(every))
    own = every[rows, code]
    drawn = every[rows[None, :], draws[:, code]]
    known = np.isfinite(drawn).any(axis=1)
    return tested(float(np.nanmean(own)), np.nanmean(drawn[known], axis=1), len(own)), own


def _rows(bench: Bench, both: Mask, on: Engaged, truth: Array, model: Array | None) -> list[dict[str, Any]]:
    """The agents with the most contexts, one a row."""
    grid = make_grid(bench)
    who = np.flatnonzero(both)
    size = np.isfinite(on.pattern[who]).sum(axis=1)
    out: list[dict[str, Any]] = []
    for k in np.lexsort((who, -size))[:ROWS].tolist():
        a = int(grid.agents[who[k]])
        targets = bench.agents.targets[a] if bench.agents.drug[a] else (bench.agents.gene[a],)
        row: dict[str, Any] = {
            "kind": "engagement",
            "perturbation": bench.agents.names[a],
            "target": ", ".join(targets),
        }
        row |= {"with": int((on.pattern[who[k]] == 1).sum()), "without": int((on.pattern[who[k]] == 0).sum())}
        row |= {"truth": float(truth[k])}
        out.append(row if model is None else row | {"model": float(model[k])})
    return out


def _too_few(bench: Bench, on: Engaged, both: Mask) -> str:
    grid = make_grid(bench)
    if not np.isfinite(expressed(bench)).any():
        return "without control profiles nothing tells which targets a context expresses."
    return (
        f"of {len(grid.agents)} perturbations in {grid.shape[1]} contexts, {on.told} have measured targets, at most "
        f"{MOST_TARGETS.value:g}; {int(both.sum())} were tested where a target is expressed and where none is, and "
        f"{LEAST_AGENTS.value:g} of as many targets are needed, among {LEAST_IN_CONTEXT.value:g} in a context."
    )
