"""Study compounds: the compounds of a split by role, and what is known of them; for the checks on kin of compounds."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vcassay.claim import Claim, Role, Split
from vcassay.claim.kind import drug_parts
from vcassay.claim.related import annotated
from vcassay.core import Conditions, Finding, Regime, Status, Threshold
from vcassay.core.memo import once
from vcassay.core.wording import plural
from vcassay.evidence.leakage.check import finding
from vcassay.evidence.leakage.refusal import not_comparable
from vcassay.knowledge import Compounds, Knowledge, Structures, structures
from vcassay.knowledge.structure import rdkit

COMPARABLE = Threshold(
    "compounds_comparable", 0.5, "proposal: with fewer of the compounds compared, finding nothing says nothing"
)
UNSEEN = (Regime.DEX, Regime.AEX)
"""Regimes that claim unseen compounds."""
NAMED_MISSING = 6
"""Compounds that could not be compared, of which the evidence keeps the first."""
VEHICLE = re.compile(
    r"dmso(?:[-_ ]tf)?|dimethyl[- ]sul(?:f|ph)oxide|vehicle(?:[-_ ]treated)?|pbs|saline|untreated|mock|"
    r"(?:neg(?:ative)?[-_ ]?)?(?:control|ctrl)|no[-_ ]?(?:treatment|drug)",
    re.IGNORECASE,
)
"""Names of what a compound is dissolved in: where they are listed among the compounds, L02 says so."""

Flags = NDArray[np.bool_]
Codes = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class StudyCompounds:
    """The compounds of a split.

    Attributes
    ----------
    names
        d compounds, sorted; parts of combinations on their own, vehicles left out.
    taught, tuned, tested
        (d,) whether each is in a training, a validation, a test condition.
    mixes
        u distinct perturbations (tuples of parts) that hold a compound, in the table's order.
    members
        u tuples: positions of the compounds of each.
    mix
        (n,) perturbation of each condition; -1 where there is no compound.
    """

    names: tuple[str, ...]
    taught: Flags
    tuned: Flags
    tested: Flags
    mixes: tuple[tuple[str, ...], ...]
    members: tuple[tuple[int, ...], ...]
    mix: Codes

    @property
    def trained(self) -> Flags:
        """(d,) compounds of training or validation: models are chosen on the latter."""
        return np.asarray(self.taught | self.tuned)

    @property
    def fresh(self) -> Flags:
        """(d,) compounds that are tested and under this name not trained."""
        return np.asarray(self.tested & ~self.trained)

    def role(self, at: int) -> str:
        """Role of a compound that is trained."""
        return Role.TRAIN.value if self.taught[at] else Role.VAL.value

    def spread(self, degree: Floats, test: Codes, *, seen: float, other: float) -> Floats:
        """(t,) degree of each test condition: the least among its compounds that are new by name.

        Parameters
        ----------
        degree
            (d,) of the compounds; NaN where unknown.
        seen, other
            Degree of conditions all of whose compounds are trained themselves, and of those without a compound.
        """
        own = np.full(len(self.mixes) + 1, other)  # the last entry is for -1
        fresh = self.fresh
        for u, members in enumerate(self.members):
            new = [d for d in members if fresh[d]]
            own[u] = degree[new].min() if new else seen
        return np.asarray(own[self.mix[test]])


@once
def study_compounds(split: Split) -> StudyCompounds:
    """List the compounds of a split, once for all checks on it."""
    table = split.conditions
    names = tuple(sorted(p for p in drug_parts(table) if not VEHICLE.fullmatch(p.strip())))
    place = {name: i for i, name in enumerate(names)}
    seen: dict[tuple[str, ...], int] = {}
    mix = np.array(
        [seen.setdefault(p, len(seen)) if any(x in place for x in p) else -1 for p in table.parts], dtype=np.int64
    )
    members = tuple(tuple(place[p] for p in parts if p in place) for parts in seen)
    taught = np.asarray(split.roles == Role.TRAIN.value)
    taught[split.both_sides] = True

    def of(conditions: Flags) -> Flags:
        found = np.zeros(len(names), dtype=bool)
        codes = np.unique(mix[conditions])
        found[[d for u in codes[codes >= 0].tolist() for d in members[u]]] = True
        return found

    tuned, tested = (np.asarray(split.roles == role.value) for role in (Role.VAL, Role.TEST))
    return StudyCompounds(names, of(taught), of(tuned), of(tested), tuple(seen), members, mix)


def known_of(split: Split, drugs: StudyCompounds, knowledge: Knowledge) -> tuple[Compounds, Structures]:
    """What the conditions and the tables handed in know of the compounds, and their structures."""
    found = annotation_of(split, drugs, knowledge)
    return found, _structures(found.ids, found.smiles, found.inchikey, chemistry=rdkit() is not None)


def annotation_of(split: Split, drugs: StudyCompounds, knowledge: Knowledge) -> Compounds:
    """What the conditions and the tables handed in know of the compounds."""
    return _annotation(split.conditions, drugs.names, knowledge.compounds)


@lru_cache(maxsize=1)
def _annotation(conditions: Conditions, names: tuple[str, ...], tables: tuple[Compounds, ...]) -> Compounds:
    """Look the compounds up once for all checks on one split."""
    return annotated(conditions, list(names), Knowledge(compounds=tables))[0]


@lru_cache(maxsize=1)
def _structures(
    names: tuple[str, ...], smiles: tuple[str, ...], inchikey: tuple[str, ...], *, chemistry: bool
) -> Structures:
    """Read the structures once for all checks on one split."""
    return structures(names, smiles, inchikey, chemistry=chemistry)


def no_compounds(name: str, split: Split, drugs: StudyCompounds) -> Finding | None:
    """Say that there are no compounds to compare, or no roles."""
    if (stop := not_comparable(name, split)) is not None:
        return stop
    if not drugs.tested.any():
        return finding(name, Status.NA, f"None of the {plural(len(split.test), 'test condition')} is of a compound.")
    if not drugs.trained.any():
        tested = plural(int(drugs.tested.sum()), "test compound")
        return finding(name, Status.NA, f"No compound was trained that the {tested} could be kin of.")
    return None


def claims_unseen(claim: Claim) -> int:
    """How far unseen compounds are claimed: 2 by the regime declared or found, 1 for some of the conditions, 0 not."""
    if claim.declared in UNSEEN or claim.regime in UNSEEN:
        return 2
    return int(any(s.regime in UNSEEN for s in claim.spoken))


def claimed_words(claim: Claim) -> str:
    """Say whose claim it is, as the end of a sentence."""
    if claim.declared in UNSEEN:
        return f"although {claim.declared} is declared"
    return f"although the regime found is {claim.regime}" if claim.regime in UNSEEN else "although some count as unseen"


def enough(known: Flags, drugs: StudyCompounds, asked: Flags) -> bool:
    """Whether enough of the compounds that are asked about, and of those trained, could be compared."""
    shares = [known[some].mean() for some in (asked, drugs.trained) if some.any()]
    return min(shares, default=1.0) >= COMPARABLE.value


def coverage(known: Flags, drugs: StudyCompounds, what: str, asked: Flags | None = None) -> str:
    """Say of how many compounds something is known: ``structures of 12 of 14 test and 38 of 40 trained compounds``."""
    tested, trained = drugs.tested if asked is None else asked, drugs.trained
    return (
        f"{what} of {int((known & tested).sum())} of {int(tested.sum())} test and "
        f"{int((known & trained).sum())} of {int(trained.sum())} trained compounds"
    )


def not_compared(names: Sequence[str], unknown: Iterable[int], why: Mapping[str, str]) -> list[dict[str, Any]]:
    """Rows of evidence on what could not be compared, the first of them and the number of the others."""
    at = list(unknown)
    rows: list[dict[str, Any]] = [
        {"not compared": names[i], "reason": why.get(names[i], "nothing is known of it")} for i in at[:NAMED_MISSING]
    ]
    return rows + ([{"not compared": f"{len(at) - NAMED_MISSING} more"}] if len(at) > NAMED_MISSING else [])


def why_unread(shapes: Structures) -> dict[str, str]:
    """Each compound without a structure that was understood, to the reason."""
    return dict.fromkeys(shapes.missing, "no structure") | dict.fromkeys(shapes.unparsed, "its SMILES does not parse")
