"""Agents: what is known of each single perturbation: compound or gene, targets, mechanisms, structure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

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
    """The parts of perturbations of a screen, and what is done with them.

    A gene that is silenced in some conditions and activated in others is two agents of one name.

    Attributes
    ----------
    names
        p names, sorted.
    row
        Name and direction of a modality (-1, 0 where it states none, 1) to the position of the agent.
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
    row: Mapping[tuple[str, int], int]
    drug: NDArray[np.bool_]
    gene: tuple[str, ...]
    direction: NDArray[np.int64]
    targets: tuple[tuple[str, ...], ...]
    mechanisms: tuple[tuple[str, ...], ...]
    structures: Structures
    measured: Mapping[str, int]

    def of(self, conditions: Conditions) -> NDArray[np.int64]:
        """(n,) agent of each condition; -1 for combinations."""
        ways = zip(conditions.parts, turns(conditions).tolist(), strict=True)
        return np.asarray([self.row[parts[0], way] if len(parts) == 1 else -1 for parts, way in ways], dtype=np.int64)


def find_agents(conditions: Conditions, genes: NDArray[np.str_], knowledge: Knowledge) -> Agents:
    """Look up every part of the screen's perturbations.

    Annotations of the conditions go before tables of compounds. Targets, and genes that are perturbed, are brought to
    the screen's names of genes, by aliases where a table of genes is handed in.
    """
    found_ways = _ways(conditions)
    agents = [(name, way) for name in sorted(found_ways) for way in found_ways[name]]
    names = tuple(name for name, _ in agents)
    drugs = drug_parts(conditions)
    compounds = [n for n in found_ways if n in drugs]
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
        row=_rows(agents),
        drug=np.asarray([n in drugs for n in names], dtype=bool),
        gene=tuple(spelled.get(g, g) for g in own),
        direction=_directions([way for _, way in agents], [f[1] for f in facts]),
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


def turns(conditions: Conditions) -> NDArray[np.int64]:
    """(n,) -1 where the modality of a condition lowers genes, 1 where it raises them, 0 where it states neither."""
    kinds, which = np.unique(modality_of(conditions), return_inverse=True)
    way = [turn_of(k) for k in kinds.tolist()]
    return np.asarray(way, dtype=np.int64)[which.reshape(-1)]


def _ways(conditions: Conditions) -> dict[str, list[int]]:
    """Directions in which each part is used by itself, as modalities state them: both, or the one that is known."""
    out: dict[str, set[int]] = {part: set() for parts in conditions.parts for part in parts}
    for parts, way in zip(conditions.parts, turns(conditions).tolist(), strict=True):
        if len(parts) == 1:
            out[parts[0]].add(way)
    # a condition that does not state its direction is as the others of its name, where these agree
    return {name: sorted(own) if own >= {-1, 1} else [sum(own)] for name, own in out.items()}


def _rows(agents: list[tuple[str, int]]) -> dict[tuple[str, int], int]:
    """Position of each agent by name and direction; by any direction where a name has one agent."""
    number = Counter(name for name, _ in agents)
    rows = dict(zip(agents, range(len(agents)), strict=True))
    alone = [(name, way) for name, way in agents if number[name] == 1]
    usual = {(name, other): rows[name, way] for name, way in alone for other in (-1, 0, 1)}
    return usual | rows


def _directions(ways: Sequence[int], mechanisms: list[tuple[str, ...]]) -> NDArray[np.int64]:
    """-1, 1 or 0 for each agent, by its modality, else by the mechanism of the compound."""
    out = np.asarray(ways, dtype=np.int64)
    for i in np.flatnonzero(out == 0).tolist():
        words = " ".join(mechanisms[i])
        out[i] = int(bool(ACTIVATES.search(words))) - int(bool(INHIBITS.search(words)))
    return out
