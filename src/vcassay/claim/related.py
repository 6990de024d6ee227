"""Related: which perturbations and contexts of a screen are kin, from names and from what a user hands in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from vcassay.claim.kind import drug_parts
from vcassay.core import Conditions
from vcassay.knowledge import (
    Compounds,
    Groups,
    Knowledge,
    Matched,
    Resource,
    annotate,
    compound_groups,
    context_groups,
    gene_groups,
    group,
    match,
    match_contexts,
    structures,
)

TIERS = ("name", "structure", "target")
"""How far kin of compounds reaches: the same name, the same or a similar structure, the same primary target."""

MARKS = "|;"
"""What parts the targets or mechanisms of a cell."""
_OWN = Resource("annotation of the conditions", "", "", None, "", 0)


@dataclass(frozen=True, slots=True, eq=False)
class Related:
    """Kin among the parts of perturbations and among contexts.

    Attributes
    ----------
    perturbations, contexts
        Groups, or ``None`` where nothing is known that could relate any two.
    compared
        What perturbations were compared by, in words; empty where they were not.
    targets
        Targets of compounds, where they are known.
    share
        Share of the parts of perturbations of which more than the name was compared.
    coverage
        What each resource knows of the names.
    notes
        (sentence, reason) on what could not be compared.
    resources
        The files behind it, with hashes and days of release.
    """

    perturbations: Groups | None
    contexts: Groups | None
    compared: str
    coverage: tuple[Matched, ...] = ()
    notes: tuple[tuple[str, str], ...] = ()
    resources: tuple[Resource, ...] = ()
    share: float = 0.0
    targets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def analogues(self, trained: frozenset[str]) -> dict[str, tuple[str, ...]]:
        """Each part that was not trained, to its kin that were."""
        return _kin(self.perturbations, trained)

    def siblings(self, trained: frozenset[str]) -> dict[str, tuple[str, ...]]:
        """Each context that was not trained, to its kin that were; kin of kin counts."""
        found: dict[str, tuple[str, ...]] = {}
        for family in self.together():
            known = tuple(name for name in family if name in trained)
            found |= {name: known for name in family if known and name not in trained}
        return found

    def relatives(self) -> dict[str, tuple[str, ...]]:
        """Each part of a perturbation that has kin, to that kin."""
        names = frozenset() if self.perturbations is None else frozenset(self.perturbations.names)
        return _kin(self.perturbations, names, among_all=True)

    def related_contexts(self) -> dict[str, tuple[str, ...]]:
        """Each context that has kin, to that kin; kin of kin counts."""
        return {name: tuple(c for c in family if c != name) for family in self.together() for name in family}

    def together(self) -> tuple[tuple[str, ...], ...]:
        """Groups of two contexts or more that a split must not part."""
        return () if self.contexts is None else tuple(m for m in self.contexts.members if len(m) > 1)

    def families(self) -> Mapping[str, str]:
        """Each part to the first member of its group."""
        if self.perturbations is None:
            return {}
        return {name: members[0] for members in self.perturbations.members for name in members}


def _kin(groups: Groups | None, trained: frozenset[str], *, among_all: bool = False) -> dict[str, tuple[str, ...]]:
    """Each name to its trained kin: of names that were not trained themselves, or of all."""
    if groups is None or not groups.links:
        return {}
    known = np.array([name in trained for name in groups.names], dtype=bool)
    partners = groups.partners().tocoo()
    found: dict[str, list[str]] = {}
    for i, j in zip(*(x.tolist() for x in partners.coords), strict=True):
        if known[j] and (among_all or not known[i]) and i != j:
            found.setdefault(groups.names[i], []).append(groups.names[j])
    return {name: tuple(sorted(kin)) for name, kin in found.items()}


def find_related(conditions: Conditions, knowledge: Knowledge | None = None, *, tier: str = "structure") -> Related:
    """Compare the perturbations and contexts of a table with each other.

    Compounds of one name but for salt or solvate are kin even where nothing is handed in. Structures come from an
    annotation ``smiles`` of the conditions or from tables of compounds, targets and mechanisms likewise.

    Parameters
    ----------
    tier
        One of `TIERS`: how far kin of compounds reaches.
    """
    known = knowledge or Knowledge()
    names = sorted({part for parts in conditions.parts for part in parts})
    drug = drug_parts(conditions)
    compounds, genes = [n for n in names if n in drug], [n for n in names if n not in drug]
    words: list[str] = []
    coverage: list[Matched] = []
    notes: list[tuple[str, str]] = []
    links = []
    known_of = 0
    targets: dict[str, tuple[str, ...]] = {}
    if compounds:
        found, matched = annotated(conditions, compounds, known)
        coverage += matched
        targets = {name: own for name, own in zip(compounds, found.targets, strict=True) if own}
        smiles, keys = (found.smiles, found.inchikey) if tier != "name" else ([""] * len(compounds),) * 2
        shape = structures(compounds, list(smiles), list(keys))
        made = compound_groups(shape, found if tier == "target" else None)
        links.append(made)
        words.append("names of compounds without salts")
        if any(smiles):
            words.append(f"structures of {sum(map(bool, smiles))} of {len(compounds)} compounds ({shape.method})")
            if shape.reason:
                notes.append(("Compounds were not compared by similarity.", shape.reason))
        told = [any(x) for x in zip(smiles, keys, strict=True)]
        if tier == "target":
            acts = [bool(t or m) for t, m in zip(found.targets, found.moa, strict=True)]
            told = [a and b for a, b in zip(told, acts, strict=True)] if any(smiles) else acts
            words.append(f"targets or mechanisms of {sum(acts)} of {len(compounds)} compounds")
        known_of += sum(told)
    pairs = [r for r in known.relations if r.resource.kin]
    sets = [s for s in known.gene_sets if s.resource.kin]
    if genes and (pairs or sets):
        made, matched = gene_groups(genes, pairs, sets, known.genes)
        links.append(made)
        coverage += matched
        known_of += len(genes) - len(made.unknown)
        by = ", ".join([f"{r.kind} ({r.resource.name})" for r in pairs] + [f"sets ({g.resource.name})" for g in sets])
        words.append(f"{by} of {len(genes) - len(made.unknown)} of {len(genes)} genes")
    others = [(r.resource, r.names) for r in known.relations] + [(s.resource, s.genes) for s in known.gene_sets]
    coverage += [match(genes, have, resource=r.name, genes=known.genes) for r, have in others if not r.kin]
    coverage += [match(names, f.ids, resource=f.name, genes=known.genes) for f in known.features]
    contexts = None
    if known.cell_lines is not None or known.siblings:
        contexts, covered = context_groups(sorted(set(conditions.context.tolist())), known.cell_lines, known.siblings)
        coverage += [covered] if covered is not None else []
    own = sorted(set(conditions.context.tolist()))
    coverage += [match_contexts(own, f.ids, known.cell_lines, resource=f.name) for f in known.context_features]
    compared = "; ".join(words)
    share = known_of / len(names) if names else 0.0
    return Related(
        _joined(names, links), contexts, compared, tuple(coverage), tuple(notes), known.resources, share, targets
    )


def _joined(names: list[str], groups: list[Groups]) -> Groups | None:
    """One set of groups over all parts of perturbations."""
    if not groups:
        return None
    place = {name: i for i, name in enumerate(names)}
    links = []
    for made in groups:
        at = np.array([place[name] for name in made.names], dtype=np.int64)
        links += [type(x)(x.reason, at[x.left], at[x.right], x.detail, x.shared) for x in made.links]
    have = {name for made in groups for name in made.names}
    unknown = [name for made in groups for name in made.unknown] + [n for n in names if n not in have]
    return group(names, links, unknown)


def annotated(
    conditions: Conditions, compounds: list[str], knowledge: Knowledge
) -> tuple[Compounds, tuple[Matched, ...]]:
    """Structure, targets and mechanisms of compounds: those of the conditions' own annotation go first."""
    own: dict[str, dict[str, str]] = {key: {} for key in ("smiles", "inchikey", "target", "moa")}
    for key, values in own.items():
        column = conditions.annotation.get(key)
        if column is not None:
            for parts, value in zip(conditions.parts, column.tolist(), strict=True):
                if len(parts) == 1 and value:
                    values.setdefault(parts[0], value)
    found, matched = annotate(compounds, knowledge.compounds)

    def first(key: str, i: int, name: str, theirs: tuple[str, ...]) -> str:
        return own[key].get(name) or (theirs[i] if theirs else "")

    def several(key: str, i: int, name: str, theirs: tuple[tuple[str, ...], ...]) -> tuple[str, ...]:
        marks = MARKS if key == "moa" else MARKS + ","  # mechanisms hold commas of their own
        mine = tuple(x.strip() for x in re.split(f"[{marks}]", own[key].get(name, "")))
        return tuple(x for x in mine if x) or (theirs[i] if theirs else ())

    rows = list(enumerate(compounds))
    return (
        Compounds(
            found.resource if found is not None else _OWN,
            tuple(compounds),
            tuple(compounds),
            tuple(first("smiles", i, n, found.smiles if found else ()) for i, n in rows),
            tuple(first("inchikey", i, n, found.inchikey if found else ()) for i, n in rows),
            tuple(several("target", i, n, found.targets if found else ()) for i, n in rows),
            tuple(several("moa", i, n, found.moa if found else ()) for i, n in rows),
        ),
        matched,
    )
