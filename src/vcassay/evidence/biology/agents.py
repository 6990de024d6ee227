"""Agents: what is known of each single perturbation: compound or gene, targets, mechanisms, structure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import compress

import numpy as np
from numpy.typing import NDArray

from vcassay.claim.kind import are_genes, drug_parts, gene_of, modality_of
from vcassay.claim.related import annotated
from vcassay.core import Conditions
from vcassay.knowledge import Knowledge, Structures, match, structures

LOWERS = ("crispri", "ko", "knock", "shrna", "sirna", "rnai", "cas9", "crispr ko", "degron", "trt_sh", "trt_xpr", "cgs")
RAISES = ("crispra", "activation", "overexpress", "over-express", "orf", "trt_oe", "cdna")
"""Parts of a modality by which a gene is silenced or activated; see `turn_of`."""
NEITHER = ("knock-in", "knockin", "knock in")
INHIBITS = re.compile(r"inhibit|antagonist|block|degrader|suppress|inverse agonist|inactivat", re.IGNORECASE)
ACTIVATES = re.compile(r"(?<!ant)(?<!inverse )agonist|(?<!in)activat|opener|stimul", re.IGNORECASE)


@dataclass(frozen=True, slots=True, eq=False)
class Agents:
    """The parts of perturbations of a screen.

    Attributes
    ----------
    names
        p names, sorted.
    row
        Name to its position.
    drug
        (p,) whether it is a compound (or another agent that is added to cells).
    gene
        p genes that are perturbed themselves, under the screen's names where measured; empty for compounds and where
        parts are no genes.
    direction
        (p,) -1 for an agent that lowers its gene or inhibits its target, 1 for one that raises or activates it, 0
        where that is not known.
    targets
        Targets of each compound, under the screen's names where measured; none where unknown.
    mechanisms
        Mechanisms of each compound as they are annotated; none where unknown.
    structures
        Of all agents; those of genes, and unknown ones, are empty.
    measured
        Gene name to its column among the measured genes, for every gene and target that is measured.
    """

    names: tuple[str, ...]
    row: Mapping[str, int]
    drug: NDArray[np.bool_]
    gene: tuple[str, ...]
    direction: NDArray[np.int64]
    targets: tuple[tuple[str, ...], ...]
    mechanisms: tuple[tuple[str, ...], ...]
    structures: Structures
    measured: Mapping[str, int]

    def of(self, conditions: Conditions) -> NDArray[np.int64]:
        """(n,) agent of each condition; -1 for combinations."""
        return np.asarray([self.row[p[0]] if len(p) == 1 else -1 for p in conditions.parts], dtype=np.int64)


def find_agents(conditions: Conditions, genes: NDArray[np.str_], knowledge: Knowledge) -> Agents:
    """Look up every part of the screen's perturbations.

    Annotations of the conditions go before tables of compounds. Targets, and genes that are perturbed, are brought to
    the screen's names of genes, by aliases where a table of genes is handed in.
    """
    names = tuple(sorted({part for parts in conditions.parts for part in parts}))
    drugs = drug_parts(conditions)
    compounds = [n for n in names if n in drugs]
    found, _ = annotated(conditions, compounds, knowledge)
    known = dict(zip(compounds, zip(found.targets, found.moa, found.smiles, found.inchikey, strict=True), strict=True))
    none: tuple[tuple[str, ...], tuple[str, ...], str, str] = ((), (), "", "")
    facts = [known.get(n, none) for n in names]
    by_gene = are_genes(conditions)
    own = [gene_of(n) if by_gene and n not in drugs else "" for n in names]
    wanted = sorted({g for g in own if g} | {t for f in facts for t in f[0]})
    spelled = match(wanted, genes.tolist(), genes=knowledge.genes).found
    column = {gene: i for i, gene in enumerate(genes.tolist())}
    return Agents(
        names=names,
        row={name: i for i, name in enumerate(names)},
        drug=np.asarray([n in drugs for n in names], dtype=bool),
        gene=tuple(spelled.get(g, g) for g in own),
        direction=_directions(names, conditions, [f[1] for f in facts]),
        targets=tuple(tuple(dict.fromkeys(spelled.get(t, t) for t in f[0])) for f in facts),
        mechanisms=tuple(f[1] for f in facts),
        structures=structures(names, [f[2] for f in facts], [f[3] for f in facts]),
        measured={g: column[g] for g in dict.fromkeys(spelled.values())},
    )


def turn_of(kind: str) -> int:
    """1 where a modality in lower case raises its gene, -1 where it lowers it, 0 where that is not known."""
    if any(word in kind for word in NEITHER):
        return 0
    if any(word in kind for word in RAISES) and "inactivat" not in kind:
        return 1
    return -1 if "inactivat" in kind or any(word in kind for word in LOWERS) else 0


def _directions(names: tuple[str, ...], conditions: Conditions, mechanisms: list[tuple[str, ...]]) -> NDArray[np.int64]:
    """-1, 1 or 0 for each agent, by the modality of genes and the mechanism of compounds."""
    single = [len(parts) == 1 for parts in conditions.parts]
    kinds: dict[str, str] = {}
    for parts, kind in zip(
        compress(conditions.parts, single), compress(modality_of(conditions).tolist(), single), strict=True
    ):
        kinds.setdefault(parts[0], kind)
    out = np.zeros(len(names), dtype=np.int64)
    for i, (name, own) in enumerate(zip(names, mechanisms, strict=True)):
        kind, words = kinds.get(name, ""), " ".join(own)
        turn = turn_of(kind)
        if turn > 0 or (not turn and words and ACTIVATES.search(words) and not INHIBITS.search(words)):
            out[i] = 1
        elif turn < 0 or (words and INHIBITS.search(words) and not ACTIVATES.search(words)):
            out[i] = -1
    return out
