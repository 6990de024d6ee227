"""Covered: the expectations that speak of a screen, their genes, and what each expects where."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.matched_sets import matched_bins
from vcassay.core.memo import once
from vcassay.evidence.biology.bench import Bench
from vcassay.evidence.biology.pathway.expressed import expressed
from vcassay.evidence.biology.pathway.facts import facts_of
from vcassay.evidence.biology.pathway.grid import control_profiles, make_grid
from vcassay.knowledge import expectations
from vcassay.knowledge.expectations import Expectation

Array = NDArray[np.float64]
Codes = NDArray[np.int64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Covered:
    """What is expected of a screen's agents.

    Attributes
    ----------
    rows
        k expectations that cover an agent and whose genes are measured.
    origin
        Where the genes of each come from.
    weights
        (g, k) signed weights: an effect as expected has a positive sum.
    member
        (p, k) whether an expectation covers an agent of the grid.
    state
        (c, k) 1 where a context should show it, 0 where nothing is expected, -1 where the contrary is, NaN where the
        facts of the context do not tell.
    bins
        (g,) of genes alike in control level and variability; -1 for genes that do not count.
    left_out
        Expectations that cover an agent but cannot be asked, and why.
    """

    rows: tuple[Expectation, ...]
    origin: tuple[str, ...]
    weights: Array
    member: Mask
    state: Array
    bins: Codes
    left_out: tuple[str, ...]

    @property
    def untold(self) -> tuple[int, int]:
        """Pairs of agent and context of a covered agent whose context's facts do not tell, and all such pairs."""
        each = self.member.sum(axis=0)
        return int((np.isnan(self.state).sum(axis=0) * each).sum()), int(len(self.state) * each.sum())


@once
def find_covered(bench: Bench) -> Covered:
    """Find the expectations that cover an agent of the test conditions."""
    grid, known, agents = make_grid(bench), bench.knowledge, bench.agents
    names = bench.genes.tolist()
    column = {gene: i for i, gene in enumerate(names)}
    counted = np.asarray(bench.mask.mean(axis=0) >= 0.5) if len(bench.mask) else np.zeros(len(names), dtype=bool)
    usable = [gene for gene, use in zip(names, counted, strict=True) if use]
    table = expectations().after(known.expectations)
    facts = facts_of(grid.contexts, expectations(), known)
    on = expressed(bench)
    rows: list[Expectation] = []
    origin: list[str] = []
    weights: list[Array] = []
    member: list[Mask] = []
    state: list[Array] = []
    left_out: list[str] = []
    for row in table.rows:
        covers = np.asarray(
            [
                row.covers_compound(agents.names[a], int(agents.direction[a]), agents.targets[a], agents.mechanisms[a])
                if agents.drug[a]
                else row.covers_gene(agents.gene[a], int(agents.direction[a]))
                for a in grid.agents
            ],
            dtype=bool,
        )
        if not covers.any():
            continue
        own, words = row.genes(usable, known.gene_sets, known.genes)
        if not own:
            left_out.append(f"{row.name} ({words})")
            continue
        vector = np.zeros(len(names))
        vector[[column[g] for g in own]] = np.asarray(list(own.values())) * row.sign
        rows.append(row)
        origin.append(words)
        weights.append(vector / np.sqrt(len(own)))
        member.append(covers)
        state.append(_states(row, facts, on, column))
    k = len(rows)
    return Covered(
        rows=tuple(rows),
        origin=tuple(origin),
        weights=np.asarray(weights).reshape(k, len(names)).T,
        member=np.asarray(member, dtype=bool).reshape(k, len(grid.agents)).T,
        state=np.asarray(state).reshape(k, len(grid.contexts)).T,
        bins=_bins(bench, counted),
        left_out=tuple(left_out),
    )


def _states(row: Expectation, facts: list[dict[str, str]], on: Array, column: dict[str, int]) -> Array:
    """(c,) what the expectation says of each context."""
    at = [column[g] for g in row.expressed if g in column]
    out = np.full(len(facts), np.nan)
    for c, own in enumerate(facts):
        levels = on[c, at]
        told: bool | None = None
        if (levels == 1).any():
            told = True
        elif len(at) == len(row.expressed) and len(at) and (levels == 0).all():
            told = False
        expected = row.expected(own, on=told)
        if expected is not None:
            out[c] = expected
    return out


def _bins(bench: Bench, counted: Mask) -> Codes:
    """Bins by mean control level, where there are controls, and by root mean square effect over the screen."""
    profiles = control_profiles(bench)
    known = np.isfinite(profiles).all(axis=1)
    spread = np.sqrt((np.nan_to_num(bench.effects.delta) ** 2).mean(axis=0))
    properties = [profiles[known].mean(axis=0)] if known.any() else []
    order = np.argsort(bench.genes)  # equal values are told apart by name, whatever the order of the genes
    return matched_bins(np.asarray([*properties, spread])[:, order], counted[order])[np.argsort(order)]
