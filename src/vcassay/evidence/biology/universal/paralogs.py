"""Paralogs: where a silenced gene's paralogs go up, they are predicted to."""

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
from vcassay.evidence.biology.universal.expected import (
    CHANGED,
    Expected,
    Moved,
    changed,
    contrast_of,
    entries,
)
from vcassay.knowledge import match

NAME = "paralog_compensation"
LEAST = Threshold("paralog_least", 5, "permutations of fewer genes cannot be told from the true order")
ROWS = 200
WORDS = Wording(
    quantity="share of paralogs that go up, and beyond what they do under others,",
    unit="paralogs",
    permuted="perturbations",
    wanted="it would take more silenced genes with measured paralogs; most do not compensate",
    remedy="Where a paralog compensates, it is not told.",
    digits=".0%",
)


@diagnostic(
    NAME, title="Paralog compensation", source="transcriptional adaptation: El-Brolosy et al. 2019, Nature 568:193"
)
def paralog_compensation(bench: Bench, rng: np.random.Generator) -> tuple[Finding, ...]:
    """Paralogs of a silenced gene are predicted to go up, where they do.

    Paralogs, from relations whose kind says so, are asked if they changed beyond their noise, either way; one is right
    if it goes up, and further so than the median of all test perturbations in that context. Perturbations are
    permuted. Most genes have no paralog that compensates: not assessable is the usual answer.
    """
    known = [r for r in bench.knowledge.relations if "paralog" in r.kind.lower()]
    if not known:
        why = "no relations of the kind paralog were handed in."
        return not_assessable(NAME, why, bench.submissions)
    agents, genes = bench.agents, bench.genes.tolist()
    column = {gene: i for i, gene in enumerate(genes)}
    wanted: dict[int, dict[int, float]] = defaultdict(dict)
    lowered = bench.direction < 0
    silenced = [i for i in sorted(set(bench.agent[lowered].tolist())) if i >= 0 and agents.gene[i]]
    for relations in known:
        spelled = match(list(relations.names), genes, genes=bench.knowledge.genes).found
        own = match(
            list(relations.names), sorted({agents.gene[i] for i in silenced}), genes=bench.knowledge.genes
        ).found
        partners: dict[str, set[str]] = defaultdict(set)
        for a, b in zip(relations.left.tolist(), relations.right.tolist(), strict=True):
            for x, y in ((relations.names[a], relations.names[b]), (relations.names[b], relations.names[a])):
                if x in own and y in spelled:
                    partners[own[x]].add(spelled[y])
        for i in silenced:
            wanted[i] |= {column[gene]: -1.0 for gene in sorted(partners.get(agents.gene[i], ()))}
    found = entries(bench, wanted, changed(bench) & lowered[:, None])
    count = len(set(found.agent.tolist()))
    if count < LEAST.value:
        why = f"{count} silenced genes have a measured paralog that changed beyond {CHANGED:g} standard errors"
        return not_assessable(NAME, f"{why}; {LEAST.value:g} are needed.", bench.submissions)
    contrast, arms = contrast_of(bench, found, rng, binomial=False)
    rows = {name: _tell(bench, found, arms[TRUTH], None if name == TRUTH else own) for name, own in arms.items()}
    coverage = f"Paralogs of {count} silenced genes changed beyond {CHANGED:g} standard errors."
    return judge(NAME, bench, replace(contrast, coverage=coverage, rows=rows.pop(TRUTH), model_rows=rows), WORDS)


def _tell(bench: Bench, found: Expected, truth: Moved, model: Moved | None) -> list[Mapping[str, Any]]:
    contexts = sorted(set(bench.table.context.tolist()))
    rows: list[Mapping[str, Any]] = []
    for k in range(min(len(found), ROWS)):
        row = {"kind": "paralog", "perturbation": bench.agents.names[found.agent[k]]}
        row |= {"context": contexts[found.context[k]], "gene": str(bench.genes[found.column[k]])}
        row |= {"truth": float(np.float64(truth.values[k]))}
        rows.append(row if model is None else row | {"model": float(model.values[k])})
    return rows
