"""Drugs whose mechanism is known, and what pairs of them have in common: mechanism, structure, plates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from vcassay.core import Threshold
from vcassay.core.memo import once
from vcassay.evidence.biology.bench import Bench
from vcassay.knowledge import Structures

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Codes = NDArray[np.int64]

DISSIMILAR = Threshold("moa_tanimoto", 0.3, "proposal: Tanimoto below which two structures are called dissimilar")
WIDEST = Threshold("moa_widest", 1 / 3, "a label that more drugs share is no mechanism (proposal)")
STRUCTURES = Threshold("moa_structures", 0.5, "share of drugs whose structure must be known to judge by it (proposal)")
STRATUM = Threshold("moa_stratum", 5, "drugs of a stratum of like structures, on average (proposal)")
PLATE = Threshold("moa_plate", 5, "drugs that the same plates must hold to be a stratum of their own (proposal)")
LEAST = Threshold("moa_min_drugs", 8, "drugs with a partner: fewer say nothing of a mean (proposal)")
NO_MECHANISM = ("", "unknown", "control vehicle", "vehicle", "control", "other", "none", "nan")


@dataclass(frozen=True, slots=True, eq=False)
class Drugs:
    """The n drugs that are compared.

    Attributes
    ----------
    agent
        (n,) their codes among the bench's agents.
    names
        n names, sorted.
    mechanisms
        Of each, in lower case.
    same
        (n, n) whether two drugs share a mechanism.
    pairs
        (n, n) pairs that are compared: all but a drug with itself and two forms of one parent compound.
    tanimoto
        (n, n) similarity of structures; NaN where one is not known.
    plate
        (n, n) share of the plates (control groups) of either drug that both are on.
    stratum
        (n,) drugs of the same plates and of like structures: mechanisms are permuted within.
    by_structure
        Whether structures are known well enough for pairs to be judged by them.
    size
        (n,) bits of each fingerprint; 0 where unknown.
    scaffold
        (n, n) whether two drugs have one Murcko scaffold.
    left_out
        (drugs, reason) of what is not compared.
    """

    agent: Codes
    names: tuple[str, ...]
    mechanisms: tuple[tuple[str, ...], ...]
    same: Mask
    pairs: Mask
    tanimoto: Array
    plate: Array
    stratum: Codes
    by_structure: bool
    size: Array
    scaffold: Mask
    left_out: tuple[tuple[int, str], ...]

    def __len__(self) -> int:
        return len(self.names)

    @property
    def dissimilar(self) -> Mask:
        """(n, n) pairs that count as mechanism and not as chemistry: all where structures are not known."""
        if not self.by_structure:
            return self.pairs
        with np.errstate(invalid="ignore"):
            return np.asarray(self.pairs & (self.tanimoto < DISSIMILAR.value))

    @property
    def classes(self) -> list[tuple[str, Codes]]:
        """Mechanisms of two drugs or more with their drugs, the largest first."""
        count = Counter(m for own in self.mechanisms for m in own)
        wanted = sorted((m for m, k in count.items() if k > 1), key=lambda m: (-count[m], m))
        at = {m: np.flatnonzero([m in own for own in self.mechanisms]) for m in wanted}
        return list(at.items())

    @property
    def coverage(self) -> str:
        """What is compared and what is not, as sentences."""
        return f"{self.missing}{self.chemistry} {self.strata}"

    @property
    def missing(self) -> str:
        """What is not compared and why, as a sentence before others; empty where nothing is."""
        out = "; ".join(f"{k:,} {why}" for k, why in self.left_out if k)
        return f"Drugs left out: {out}. " if out else ""

    @property
    def strata(self) -> str:
        """What mechanisms are permuted within, as a sentence."""
        size = np.bincount(self.stratum) if len(self) else np.zeros(1, dtype=np.int64)
        alike = "like structures" if self.by_structure else "the same plates"
        alone = int((size == 1).sum())
        more = f", {alone} alone in theirs" if alone else ""
        return f"Mechanisms are permuted within {len(size)} strata of {alike} (median {np.median(size):g} drugs{more})."

    @property
    def chemistry(self) -> str:
        """What is known of structures, as a sentence."""
        if self.by_structure:
            return f"Positives are pairs of one mechanism with a Tanimoto coefficient below {DISSIMILAR.value:g}."
        return "Structures are not known well enough (fingerprints need SMILES and RDKit): positives are all pairs."


NO_COMPOUND = "no compound is among the test conditions."


def has_compounds(bench: Bench) -> bool:
    """Whether any test condition is a single compound."""
    agent = bench.agent
    return bool(bench.agents.drug[agent[agent >= 0]].any())


@once
def find_drugs(bench: Bench) -> Drugs:
    """Find the drugs among the test conditions whose mechanism is known and of which a condition has an effect."""
    agents, agent = bench.agents, bench.agent
    tested = np.unique(agent[(agent >= 0) & bench.truth.known])
    tested = tested[agents.drug[tested]]
    loud = np.unique(agent[(agent >= 0) & ~bench.silent & bench.truth.known])
    heard = tested[np.isin(tested, loud)]
    own = [mechanisms(agents.mechanisms[a]) for a in heard]
    wide = widest([o for o in own if o])
    kept = [tuple(m for m in o if m not in wide) for o in own]
    left_out = [
        (len(tested) - len(heard), "without a detectable effect in any condition"),
        (sum(not o for o in own), "without a known mechanism"),
        (
            sum(bool(o) and not k for o, k in zip(own, kept, strict=True)),
            f"of which {_words(wide)} is all that is said",
        ),
    ]
    bits = agents.structures.bits
    chosen = np.asarray([i for i, k in enumerate(kept) if k], dtype=np.int64)
    known: Mask = np.zeros(len(chosen), dtype=bool)
    if bits is not None:
        known = np.asarray(bits[heard[chosen]].any(axis=1))
    by_structure = bool(len(known) and known.mean() >= STRUCTURES.value)
    if by_structure:
        left_out.append((int((~known).sum()), "without a known structure"))
        chosen = chosen[known]
    at, labels = heard[chosen], tuple(kept[i] for i in chosen)
    tanimoto = agents.structures.similarity(at, at)
    share, groups = plates(bench, at)
    return Drugs(
        at,
        tuple(agents.names[a] for a in at),
        labels,
        shared(labels),
        ~kin(agents.structures, at),
        tanimoto,
        share,
        stratify(groups, tanimoto if by_structure else None),
        by_structure,
        np.zeros(len(at)) if bits is None else bits[at].sum(axis=1).astype(np.float64),
        equal([agents.structures.scaffold[a] for a in at]),
        tuple(left_out),
    )


def mechanisms(labels: Sequence[str]) -> tuple[str, ...]:
    """Mechanisms in lower case, without labels that say nothing."""
    words = dict.fromkeys(label.strip().lower() for label in labels)
    return tuple(w for w in words if w not in NO_MECHANISM)


def widest(labels: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """Labels that more than a third of the drugs share, sorted."""
    count = Counter(m for own in labels for m in own)
    return tuple(sorted(m for m, k in count.items() if k > WIDEST.value * len(labels)))


def shared(labels: Sequence[Sequence[str]]) -> Mask:
    """(n, n) whether two items share any label; False on the diagonal."""
    column = {m: i for i, m in enumerate(sorted({m for own in labels for m in own}))}
    holds = np.zeros((len(labels), len(column)), dtype=np.float32)
    for i, own in enumerate(labels):
        holds[i, [column[m] for m in own]] = 1.0
    out = holds @ holds.T > 0
    np.fill_diagonal(out, val=False)
    return np.asarray(out)


def kin(structures: Structures, at: Codes) -> Mask:
    """(n, n) whether two compounds are forms of one parent: by connectivity, parent structure or name without salt."""
    out = np.eye(len(at), dtype=bool)
    for column in (structures.connectivity, structures.parent, structures.parent_names):
        out |= equal([column[a] for a in at])
    return out


def equal(words: Sequence[str]) -> Mask:
    """(n, n) whether two items have the same word, and one at all."""
    _, code = np.unique(np.asarray(words, dtype=str), return_inverse=True)
    known = np.asarray([word != "" for word in words], dtype=bool)
    return np.asarray((code[:, None] == code[None]) & known[:, None])


def plates(bench: Bench, at: Codes) -> tuple[Array, Codes]:
    """What plates drugs are on: control groups (a context's batches) that their test conditions are matched to.

    Returns
    -------
    (n, n) shared control groups over those of either drug, and (n,) codes of the drugs that are on the same ones.
    """
    agent, test = bench.agent, bench.split.test
    links = sum((abs(link) for link in bench.effects.moments.links[1:]), abs(bench.effects.moments.links[0]))
    here = np.asarray((links[test] > 0).toarray(), dtype=np.float32)
    place = np.full(len(bench.agents.names), -1, dtype=np.int64)
    place[at] = np.arange(len(at))
    row = np.where(agent >= 0, place[agent], -1)
    on = np.zeros((len(at), here.shape[1]), dtype=np.float32)
    np.maximum.at(on, row[row >= 0], here[row >= 0])
    both = on @ on.T
    number = on.sum(axis=1)
    either = number[:, None] + number[None] - both
    share = np.where(either > 0, both / np.where(either > 0, either, 1.0), 0.0)
    _, code = np.unique(on, axis=0, return_inverse=True)
    return np.asarray(share, dtype=np.float64), np.asarray(code.reshape(-1), dtype=np.int64)


def stratify(plate: Codes, tanimoto: Array | None) -> Codes:
    """(n,) strata: drugs on the same plates, parted into groups of like structures of about `STRATUM` each.

    Plates with fewer than `PLATE` drugs are put together. Structures are grouped by Ward's criterion on the distance
    sqrt(2 - 2 T), which is Euclidean.
    """
    size = np.bincount(plate)[plate] if len(plate) else np.zeros(0)
    group = np.where(size >= PLATE.value, plate + 1, 0)
    out = np.zeros(len(plate), dtype=np.int64)
    nth = 0
    for code in np.unique(group):
        at = np.flatnonzero(group == code)
        k = max(1, int(len(at) // STRATUM.value))
        label = np.ones(len(at), dtype=np.int64)
        if tanimoto is not None and k > 1:
            distance = np.sqrt(np.maximum(2.0 - 2.0 * tanimoto[np.ix_(at, at)], 0.0))
            np.fill_diagonal(distance, 0.0)
            tree = scipy.cluster.hierarchy.linkage(scipy.spatial.distance.squareform(distance, checks=False), "ward")
            label = scipy.cluster.hierarchy.fcluster(tree, k, criterion="maxclust").astype(np.int64)
        out[at] = nth + label
        nth += int(label.max(initial=0))
    return np.unique(out, return_inverse=True)[1].astype(np.int64)


def _words(labels: Sequence[str]) -> str:
    return " or ".join(f"'{label}'" for label in labels) or "nothing"
