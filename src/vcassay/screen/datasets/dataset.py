"""Dataset: a published screen, and the registry of them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Literal

from pydantic import Field

from vcassay.core import InputError
from vcassay.core.errors import did_you_mean
from vcassay.record.base import Record
from vcassay.record.card.source import Evidence
from vcassay.record.packaged import packaged_names, read_packaged_file
from vcassay.screen.datasets.parts import COMPOUNDS, Columns, Counts, DatasetTrap, Kind, Licence, StoredFile

PACKAGE = "vcassay.screen.datasets"


class Dataset(Record):
    """A published screen: where it lies, what it holds, under which terms, and its traps.

    A fact that does not say itself how it is known is known as ``evidence`` says.
    """

    schema_: Literal["vcassay.dataset/1"]
    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    title: str = Field(min_length=1)
    aliases: tuple[str, ...] = ()
    """Other names that it goes by."""
    year: int = Field(ge=1990, le=2100)
    citation: str = Field(min_length=1)
    doi: str = ""
    accessions: tuple[str, ...] = ()
    """Under what it is deposited."""
    landing: str = Field(pattern=r"^https://\S+$")
    """The page that describes it."""
    access: Literal["open", "login", "request", "unreleased", "withheld"] = "open"
    """How one comes by it; ``unreleased``: announced, ``withheld``: the truth is kept by the organisers."""
    evidence: Evidence
    source: str = Field(min_length=1)
    note: str = ""
    kinds: tuple[Kind, ...] = Field(min_length=1)
    readout: str = Field(min_length=1)
    """What was measured, in words."""
    licence: Licence
    counts: Counts
    columns: Columns
    files: tuple[StoredFile, ...] = ()
    """The first is the one that is meant when none is named."""
    traps: tuple[DatasetTrap, ...] = ()
    protocols: tuple[str, ...] = ()
    """Published splits on it, by name (`vcassay list protocols`)."""
    examples: tuple[str, ...] = ()
    """Folders of ``examples/`` that use it, or a part of it."""

    @property
    def has_compounds(self) -> bool:
        """Whether any perturbation is added to cells."""
        return any(kind in COMPOUNDS for kind in self.kinds)

    @property
    def has_genes(self) -> bool:
        """Whether any perturbation is of a gene."""
        return any(kind not in COMPOUNDS for kind in self.kinds)

    def file(self, name: str = "") -> StoredFile:
        """A file by its name; the first where none is named.

        Raises
        ------
        InputError
            If the data set has no such file, or no address of any is known for certain.
        """
        if not self.files:
            how = {
                "login": ", with an account",
                "request": ", on request",
                "unreleased": ", once it is released",
                "withheld": ", as far as it is public",
            }
            raise InputError(
                "no download address is known for certain",
                where=f"data set '{self.name}'",
                mend=f"get it from {self.landing}{how.get(self.access, '')}, and read it as `vcassay datasets show "
                f"{self.name}` says",
            )
        if not name:
            return self.files[0]
        found = next((f for f in self.files if f.name == name), None)
        if found is None:
            known = [f.name for f in self.files]
            raise InputError(f"has no file '{name}'", where=f"data set '{self.name}'", mend=did_you_mean(name, known))
        return found

    def columns_of(self, file: StoredFile | None = None) -> Columns:
        """Which column is what in a file."""
        return self.columns if file is None or file.columns is None else file.columns


def datasets() -> Iterator[Dataset]:
    """Every data set of the registry, by name."""
    return (_read(name) for name in _names())


def read_dataset(name: str) -> Dataset:
    """Look a data set up by its name, or by another that it goes by, whatever the case.

    Raises
    ------
    InputError
        If the registry holds none of that name.
    """
    wanted = name.strip().casefold()
    if wanted in _names():
        return _read(wanted)
    aliases = {alias.casefold(): d.name for d in datasets() for alias in d.aliases}
    if wanted in aliases:
        return _read(aliases[wanted])
    where = "vcassay datasets"
    raise InputError(f"no data set is called '{name.strip()}'", where=where, mend=did_you_mean(wanted, _names()))


def _names() -> list[str]:
    return packaged_names(PACKAGE)


@cache
def _read(name: str) -> Dataset:
    return read_packaged_file(PACKAGE, name, Dataset)
