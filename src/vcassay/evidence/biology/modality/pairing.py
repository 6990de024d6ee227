"""Pairing: the tested compounds, the genetic perturbations that they are ranked against, and whose target is whose."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vcassay.evidence.biology.bench import Bench

Array = NDArray[np.float64]
Codes = NDArray[np.int64]
Mask = NDArray[np.bool_]

MOST_TARGETS = 3
"""Compounds with more known targets have no analogue among single genes, and are left out and counted."""


@dataclass(frozen=True, slots=True, eq=False)
class Pairing:
    """Which rows are compounds, which genetic perturbations, and which gene each compound acts on.

    Attributes
    ----------
    contexts
        Names of all contexts of the screen, sorted: the codes of contexts.
    drug_row, drug_context, drug
        Positions among the test conditions of compounds with a partner, the code of their context, and which of the d
        compounds they are.
    compound, act
        (d,) agent of each compound, and -1 where it inhibits its target (or is not known to activate it), 1 else.
    guessed
        How many of them state neither.
    train_row, test_row
        Positions of genetic perturbations among the training conditions, and, of those that are not trained in their
        context, among the test conditions.
    context, agent
        (r,) code of the context and agent of the genetic rows, those of training first.
    genes
        Names of the G genes that are perturbed.
    gene, side
        (p,) by agent: code of its gene (-1 for none), and 1 where it raises it, -1 where it lowers it or does not say.
    own
        (p,) by agent: measured column of its gene, -1 for none.
    targets
        (d, `MOST_TARGETS`) codes of genes; -1 beyond the last.
    left_out
        Reason to how many compounds it concerns.
    """

    contexts: tuple[str, ...]
    drug_row: Codes
    drug_context: Codes
    drug: Codes
    compound: Codes
    act: Codes
    guessed: int
    train_row: Codes
    test_row: Codes
    context: Codes
    agent: Codes
    genes: tuple[str, ...]
    gene: Codes
    side: Codes
    own: Codes
    targets: Codes
    left_out: dict[str, int]

    @property
    def asked(self) -> Codes:
        """Codes of the genes that are the target of a compound."""
        return np.unique(self.targets[self.targets >= 0])

    @property
    def drugs_of(self) -> Codes:
        """(G,) number of compounds that act on each gene."""
        return np.bincount(self.targets[self.targets >= 0], minlength=len(self.genes))


def find_pairs(bench: Bench, keep: Mask | None = None) -> Pairing:
    """Find compounds among the test conditions whose known target is perturbed genetically, tested or trained.

    Conditions without any detectable effect take no part: what has no effect has no analogue.

    Parameters
    ----------
    keep
        (t,) test conditions that are asked; all if ``None``.
    """
    agents, effects, split = bench.agents, bench.effects, bench.split
    contexts = tuple(sorted(set(effects.conditions.context.tolist())))
    place = {c: i for i, c in enumerate(contexts)}
    genes = tuple(sorted({g for g in agents.gene if g}))
    code = {g: i for i, g in enumerate(genes)}
    gene = np.array([code.get(g, -1) for g in agents.gene], dtype=np.int64)
    tested, asked = bench.agent, np.ones(len(bench.table), dtype=bool) if keep is None else keep
    table = effects.conditions.take(split.train)
    trained = agents.of(table)
    loud = ~(effects.assessed & ~effects.detectable)[split.train]
    train_row = np.flatnonzero((trained >= 0) & (gene[trained] >= 0) & loud)
    train_context = _codes(table.context, place)
    test_context = _codes(bench.table.context, place)
    there = set(zip(trained[train_row].tolist(), train_context[train_row].tolist(), strict=True))
    genetic = (tested >= 0) & (gene[tested] >= 0) & ~bench.silent & asked
    test_row = np.array(
        [i for i in np.flatnonzero(genetic).tolist() if (int(tested[i]), int(test_context[i])) not in there],
        dtype=np.int64,
    )
    agent = np.concatenate([trained[train_row], tested[test_row]])
    perturbed = set(gene[agent].tolist())
    compounds, rows, targets, left_out = _compounds(bench, asked, code, perturbed)
    drug = np.full(len(agents.names), -1, dtype=np.int64)
    drug[compounds] = np.arange(len(compounds))
    return Pairing(
        contexts=contexts,
        drug_row=rows,
        drug_context=test_context[rows],
        drug=drug[tested[rows]],
        compound=compounds,
        act=np.where(agents.direction[compounds] > 0, 1, -1),
        guessed=int((agents.direction[compounds] == 0).sum()),
        train_row=train_row,
        test_row=test_row,
        context=np.concatenate([train_context[train_row], test_context[test_row]]),
        agent=agent,
        genes=genes,
        gene=gene,
        side=np.where(agents.direction > 0, 1, -1),
        own=np.array([agents.measured.get(g, -1) for g in agents.gene], dtype=np.int64),
        targets=targets,
        left_out=left_out,
    )


def clear_own(rows: Array, pairing: Pairing) -> None:
    """Set the own gene of (r, g) effects of genetic perturbations to 0: that it is lost is no likeness to anything."""
    own = pairing.own[pairing.agent]
    at = np.flatnonzero(own >= 0)
    rows[at, own[at]] = 0.0


def _compounds(
    bench: Bench, asked: Mask, code: dict[str, int], perturbed: set[int]
) -> tuple[Codes, Codes, Codes, dict[str, int]]:
    """Agents of compounds with a partner, their rows, (d, `MOST_TARGETS`) genes, and why others are left out."""
    agents, tested = bench.agents, bench.agent
    is_drug = (tested >= 0) & agents.drug[tested] & asked
    loud = is_drug & ~bench.silent
    left_out = {"without detectable effect": 0, "without a known target": 0}
    left_out |= {f"with more than {MOST_TARGETS} targets": 0, "whose target is not perturbed genetically": 0}
    kept, lists = [], []
    active = set(np.unique(tested[loud]).tolist())
    for a in np.unique(tested[is_drug]).tolist():
        own = agents.targets[a]
        hit = [c for g in own if (c := code.get(g, -1)) in perturbed]
        if a not in active:
            left_out["without detectable effect"] += 1
        elif not own:
            left_out["without a known target"] += 1
        elif len(own) > MOST_TARGETS:
            left_out[f"with more than {MOST_TARGETS} targets"] += 1
        elif not hit:
            left_out["whose target is not perturbed genetically"] += 1
        else:
            kept.append(a)
            lists.append(hit + [-1] * (MOST_TARGETS - len(hit)))
    rows = np.flatnonzero(loud & np.isin(tested, kept))
    targets = np.array(lists, dtype=np.int64).reshape(len(kept), MOST_TARGETS)
    return np.array(kept, dtype=np.int64), rows, targets, left_out


def _codes(names: NDArray[np.str_], place: dict[str, int]) -> Codes:
    return np.array([place[c] for c in names.tolist()], dtype=np.int64)
