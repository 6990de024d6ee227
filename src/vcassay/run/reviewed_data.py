"""What the registry of data sets knows of the data of a benchmark."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from vcassay.core import InputError
from vcassay.record.card import Modality
from vcassay.screen.datasets import Dataset, read_dataset
from vcassay.screen.datasets.parts import Kind

MODALITIES: dict[Kind, Modality] = {
    "CRISPRi": "CRISPRi",
    "CRISPRa": "CRISPRa",
    "CRISPRko": "CRISPR",
    "drug": "drug",
    "cytokine": "cytokine",
}
"""Kind of a data set to the modality of a split; other kinds have none of their own."""


@dataclass(frozen=True, slots=True)
class KnownData:
    """What is known of the data sets that a benchmark names.

    Attributes
    ----------
    names
        Under what they go: names, other names, accessions.
    kinds
        Kinds of perturbation; empty where a data set is not in the registry.
    doses
        Whether some have several doses; ``None`` where that is not known.
    checks
        Check to what is known of the data that it asks for.
    """

    names: tuple[str, ...] = ()
    kinds: frozenset[str] = frozenset()
    doses: bool | None = None
    checks: Mapping[str, str] = field(default_factory=dict)

    @property
    def modality(self) -> Modality:
        """The one modality of all; empty where there are several, or one is not known."""
        return next((m for m in MODALITIES.values() if self.kinds == {m}), "")


def known_data(names: Iterable[str]) -> KnownData:
    """Look the data sets of a benchmark up; names that the registry does not know are the publication's own words."""
    wanted = tuple(names)
    found = [d for name in wanted if (d := _find(name)) is not None]
    whole = len(found) == len(wanted) and bool(wanted)
    called = tuple(n for d in found for n in (d.name, *d.aliases, *d.accessions))
    checks: dict[str, str] = {}
    for d in found:
        for trap in d.traps:
            for check in trap.checks:
                checks.setdefault(check, trap.sentence)
    kinds = frozenset(MODALITIES.get(kind, kind) for d in found for kind in d.kinds) if whole else frozenset()
    counts = [d.counts.doses for d in found]
    doses = True if any(n is not None and n > 1 for n in counts) else None if None in counts or not whole else False
    return KnownData(called, kinds, doses, checks)


def _find(name: str) -> Dataset | None:
    try:
        return read_dataset(name)
    except InputError:
        return None
