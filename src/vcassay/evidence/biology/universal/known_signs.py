"""Known signs: targets of a perturbed regulator move as its regulon says."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from vcassay.core import Finding, Threshold
from vcassay.evidence.biology.bench import TRUTH, Bench
from vcassay.evidence.biology.contrast import Wording, judge, not_assessable
from vcassay.evidence.biology.diagnostic import diagnostic
from vcassay.evidence.biology.universal.expected import CHANGED, Expected, Moved, changed, contrast_of, entries
from vcassay.knowledge import match

NAME = "known_signs"
REGULATORS = Threshold("known_signs_regulators", 5, "permutations of fewer cannot be told from the true order")
TARGETS = Threshold("known_signs_targets", 20, "fewer targets say nothing of a share (proposal)")
ROWS = 200
WORDS = Wording(
    quantity="share of targets that move as their regulator has it, and beyond what they do under others,",
    unit="targets",
    permuted="perturbations",
    wanted="it would take more perturbed regulators, or regulons that hold in these cells",
    remedy="It does not follow what is known of the regulators.",
    digits=".0%",
)


@diagnostic(NAME, title="Known signs", source="CollecTRI: Müller-Dott et al. 2023; DoRothEA: Garcia-Alonso et al. 2019")
def known_signs(bench: Bench, rng: np.random.Generator) -> tuple[Finding, ...]:
    """Targets of a perturbed regulator move as its regulon says.

    Of the regulators in `regulons` that are silenced or activated, targets are asked that changed beyond their noise
    (two standard errors, either way; their direction is not looked at). A target is right if it moves as the sign of
    the edge and the direction of the perturbation say, and further so than the median of all test perturbations in
    that context. Perturbations are permuted among the regulators, whose regulons stay as they are; of a regulon that
    is held against another perturbation, too, those targets count that changed under it. Not assessable
    without regulons, with fewer than five regulators or twenty such targets, or where the truth does not follow them.
    """
    known = bench.knowledge.regulons
    if not known:
        why = "no regulons were handed in: name a table of source, target and weight as [knowledge] regulons."
        return not_assessable(NAME, why, bench.submissions)
    wanted, chosen = _wanted(bench), changed(bench)
    found = entries(bench, wanted, chosen)
    regulators = len(set(found.agent.tolist()))
    if regulators < REGULATORS.value or len(found) < TARGETS.value:
        why = (
            f"{regulators} regulators of known direction are perturbed, with {len(found)} targets that changed beyond "
            f"{CHANGED:g} standard errors; {REGULATORS.value:g} and {TARGETS.value:g} are needed."
        )
        return not_assessable(NAME, why, bench.submissions)
    every = entries(bench, wanted, bench.mask)
    contrast, arms = contrast_of(bench, every, rng, binomial=False, chosen=chosen)
    own_changed = every.among(found)
    arms = {n: a._replace(values=a.values[own_changed], right=a.right[own_changed]) for n, a in arms.items()}
    rows = {name: _tell(bench, found, arms[TRUTH], None if name == TRUTH else own) for name, own in arms.items()}
    coverage = f"{regulators} regulators are perturbed; targets that changed beyond {CHANGED:g} standard errors."
    contrast = replace(contrast, coverage=coverage, rows=rows.pop(TRUTH), model_rows=rows)
    return judge(NAME, bench, contrast, WORDS)


def _wanted(bench: Bench) -> dict[int, dict[int, float]]:
    """Columns and signs of each perturbed gene's targets, itself apart; where two resources differ none is asked."""
    agents, genes = bench.agents, bench.genes.tolist()
    column = {gene: i for i, gene in enumerate(genes)}
    regulated = [i for i, gene in enumerate(agents.gene) if gene]
    wanted: dict[int, dict[int, float]] = defaultdict(dict)
    for regulons in bench.knowledge.regulons:
        names, own = sorted({*regulons.source, *regulons.target}), sorted({agents.gene[i] for i in regulated})
        spelled = match(names, genes, genes=bench.knowledge.genes).found
        source = match(names, own, genes=bench.knowledge.genes).found
        of: dict[str, list[tuple[int, float]]] = defaultdict(list)
        for s, t, w in zip(regulons.source, regulons.target, regulons.weight.tolist(), strict=True):
            if t in spelled and s in source and spelled[t] != source[s]:
                of[source[s]].append((column[spelled[t]], float(np.sign(w))))
        for i in regulated:
            for j, sign in of.get(agents.gene[i], ()):
                wanted[i][j] = sign if wanted[i].get(j, sign) == sign else 0.0
    return {i: {j: s for j, s in own.items() if s} for i, own in wanted.items()}


def _tell(bench: Bench, found: Expected, truth: Moved, model: Moved | None) -> list[Mapping[str, Any]]:
    """Evidence: shares of right targets, regulator by regulator."""
    contexts = sorted(set(bench.table.context.tolist()))
    rows: list[Mapping[str, Any]] = []
    pairs = sorted(set(zip(found.agent.tolist(), found.context.tolist(), strict=True)))
    for a, c in pairs[:ROWS]:
        at = (found.agent == a) & (found.context == c)
        row = {"kind": "regulator", "perturbation": bench.agents.names[a], "context": contexts[c]}
        row |= {"targets": float(at.sum()), "truth": float(truth.right[at].mean())}
        rows.append(row if model is None else row | {"model": float(model.right[at].mean())})
    return rows
