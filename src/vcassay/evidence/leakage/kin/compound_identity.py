"""Compound identity: which compounds are one under two names, and what is equal about them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

import numpy as np
from numpy.typing import NDArray

from vcassay.claim.kind import gene_of
from vcassay.core.errors import first
from vcassay.evidence.leakage.kin.study_compounds import StudyCompounds
from vcassay.knowledge import Structures, link_labels
from vcassay.knowledge.groups import connected
from vcassay.knowledge.identifiers import ROTATION
from vcassay.knowledge.salts import is_ester_word

DIFFERENT, PERHAPS, SAME = 0, 1, 2
"""Levels of identity; perhaps: stereochemistry or isotopes differ, a mixture, a name that may tell an ester."""
CONNECTIVITY, WITHOUT_CHARGE = 14, 25
"""Letters of an InChIKey that tell the bonds, and all but the protonation."""
WORDS = re.compile(r"[^\W_]+")


def spelled(name: str) -> str:
    """Form of a name without case, blanks and punctuation; between two digits a mark stays.

    ``AZD 8055`` is ``AZD-8055``, but ``1,2-diol`` is not ``12-diol``.
    """
    for sign, word in ROTATION:
        name = name.replace(sign, word)
    words = WORDS.findall(gene_of(name).casefold())
    form = words[0] if words else name
    for before, word in pairwise(words):
        form += f"-{word}" if before[-1].isdigit() and word[0].isdigit() else word
    return form


@dataclass(frozen=True, slots=True, eq=False)
class Identity:
    """Which compounds are one.

    Attributes
    ----------
    shapes
        Structures of d compounds.
    marks
        Stereo marks of each SMILES as written; they stand for stereochemistry where RDKit is missing.
    group
        (d,) compounds that have anything in common; only within a group are two compared.
    """

    shapes: Structures
    marks: tuple[str, ...]
    group: NDArray[np.int64]

    @property
    def known(self) -> NDArray[np.bool_]:
        """(d,) compounds of which the structure is known."""
        rows = zip(self.shapes.parent, self.shapes.connectivity, strict=True)
        return np.array([bool(a or b) for a, b in rows], dtype=bool)

    def compare(self, i: int, j: int) -> tuple[int, str]:
        """Level of identity of two compounds, and what is equal."""
        s = self.shapes
        mixture = s.names[i] in s.mixtures or s.names[j] in s.mixtures
        best = DIFFERENT, ""
        if s.connectivity[i] and s.connectivity[i] == s.connectivity[j]:
            key, other = s.inchikey[i], s.inchikey[j]
            whole = key[:WITHOUT_CHARGE] == other[:WITHOUT_CHARGE]
            named = self._plain(i) == self._plain(j)
            words = f"InChIKey {key}" if whole else f"bonds ({s.connectivity[i]}), not stereochemistry or isotopes"
            best = (SAME if whole or named else PERHAPS), words
        elif s.parent[i] and s.parent[i] == s.parent[j]:
            exact = self.marks[i] == self.marks[j]
            best = (SAME if exact else PERHAPS), f"SMILES {s.parent[i]}" + ("" if exact else ", not stereochemistry")
        if best[0] and mixture:
            return PERHAPS, f"{best[1]} of the largest part of a mixture"
        return max(best, self._by_name(i, j), key=lambda x: x[0])

    def key(self, i: int) -> str:
        """InChIKey of the parent, or as stated; empty where there is none."""
        return self.shapes.inchikey[i]

    def _by_name(self, i: int, j: int) -> tuple[int, str]:
        """Names count where the structures cannot say; where these differ, one name twice is a doubt."""
        s = self.shapes
        differ = bool(s.parent[i] and s.parent[j] and s.method != "text")  # a stated key is that of the salt
        if spelled(s.names[i]) == spelled(s.names[j]):
            return (PERHAPS, "name, not the structures stated") if differ else (SAME, "name")
        if differ or self._plain(i) != self._plain(j):
            return DIFFERENT, ""
        esters = sorted({w for k in (i, j) for w in s.removed[k] if is_ester_word(w)})
        if esters:
            return PERHAPS, f"name but for '{first(esters)}', which may tell an ester"
        return SAME, "name without salt or solvate"

    def _plain(self, i: int) -> str:
        return spelled(self.shapes.parent_names[i])


def find_identity(shapes: Structures, smiles: Sequence[str]) -> Identity:
    """Group compounds that share a parent, bonds or a name, to be compared with `Identity.compare`."""
    parents = [spelled(name) for name in shapes.parent_names]
    names = [spelled(name) for name in shapes.names]
    links = [link_labels("", labels) for labels in (shapes.parent, shapes.connectivity, parents, names)]
    left, right = (np.concatenate([getattr(link, side) for link in links]) for side in ("left", "right"))
    marks = tuple("".join(c for c in text if c in "@/\\") for text in smiles)
    return Identity(shapes, marks, connected(len(shapes.names), left, right))


@dataclass(frozen=True, slots=True)
class Twins:
    """Two perturbations of one compound, or of one combination, under two names."""

    left: int
    right: int
    level: int
    equal: str


def twins_among(drugs: StudyCompounds, identity: Identity, some: Iterable[int]) -> Iterator[Twins]:
    """Pairs of perturbations that are one, each once; ``some`` are positions in ``drugs.mixes``."""
    place = {name: i for i, name in enumerate(drugs.names)}
    families: dict[tuple[str, ...], list[int]] = {}
    for u in sorted(some):
        kinds = [f"compound {identity.group[place[p]]}" if p in place else f"other {p}" for p in drugs.mixes[u]]
        families.setdefault(tuple(sorted(kinds)), []).append(u)
    for family in families.values():
        for u, v in combinations(family, 2):
            if (found := _compare(drugs, identity, u, v)) is not None:
                yield found


def _compare(drugs: StudyCompounds, identity: Identity, u: int, v: int) -> Twins | None:
    """Compare the compounds of two perturbations one by one."""
    one, other = (sorted(drugs.members[x], key=lambda d: int(identity.group[d])) for x in (u, v))
    levels = [identity.compare(i, j) for i, j in zip(one, other, strict=True) if i != j]
    level = min((x for x, _ in levels), default=DIFFERENT)
    return Twins(u, v, level, "; ".join(x for _, x in levels)) if level else None
