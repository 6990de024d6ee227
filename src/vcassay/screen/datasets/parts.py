"""Parts of a data set's entry: licence, counts, files, columns, traps."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from vcassay.record.card.source import Stated

Kind = Literal["CRISPRi", "CRISPRa", "CRISPRko", "shRNA", "overexpression", "drug", "cytokine"]
"""What was done to the cells."""
COMPOUNDS: tuple[Kind, ...] = ("drug", "cytokine")
"""Kinds that are added to cells, of which the field says DEX; the others are of genes."""
Form = Literal["h5ad", "h5mu", "parquet", "gctx", "gct", "csv", "tsv", "mtx", "xlsx", "archive"]
"""What a file is, once any .gz around it is taken off."""
FileName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._+-]{0,180}$")]
"""A bare name: never a path, never taken from a server."""
Address = Annotated[str, StringConstraints(pattern=r"^https?://[^\s/]+(/\S*)?$")]


class Licence(Stated):
    """Under which terms the data may be used."""

    name: str = ""
    """Empty where no licence is known."""
    commercial: Literal["yes", "no", "unknown"] = "unknown"
    allows: str = Field(min_length=1)
    """What follows for a user, in a sentence."""


class Counts(Stated):
    """How much was measured; ``None`` where it is not known to us."""

    cells: int | None = Field(default=None, gt=0)
    """Cells, wells or profiles, as ``rows`` of the columns says."""
    perturbations: int | None = Field(default=None, gt=0)
    """Genes or compounds, each counted once whatever its doses; combinations are counted apart."""
    combinations: int | None = Field(default=None, ge=0)
    """Combinations whose parts were measured alone as well."""
    contexts: int | None = Field(default=None, gt=0)
    context: str = "cell line"
    """What a context is, in the singular."""
    origins: int | None = Field(default=None, gt=0)
    """Cell lines or donors that the contexts come from; as many as there are contexts when left out."""
    names: tuple[str, ...] = ()
    """Names of the contexts, where they are few."""
    shared: bool = True
    """Whether the contexts were perturbed with the same perturbations, by and large."""
    doses: int | None = Field(default=None, gt=0)
    """Doses of a perturbation, in the usual case."""
    times: int | None = Field(default=None, gt=0)
    approximate: tuple[
        Literal["cells", "perturbations", "combinations", "contexts", "origins", "doses", "times"], ...
    ] = ()
    """Which of the numbers are rough."""

    @property
    def several(self) -> str:
        """What contexts are, in the plural where there are several: ``cell lines``, ``states of one line``."""
        if self.contexts == 1:
            return self.context
        head, *rest = self.context.split(" of ", 1)
        return " of ".join([f"{head}s", *rest])

    def say(self, name: str) -> str:
        """Write a number, as rough as it is: ``about 111,000``, ``not known``."""
        value = getattr(self, name)
        return "not known" if value is None else f"{'about ' if name in self.approximate else ''}{value:,}"


class Columns(Stated):
    """Which obs column is what: keys of ``[data]`` in study.toml, which wins over what a preset guesses."""

    preset: str = ""
    """Family of column names (`vcassay.screen.presets`) that the file is of; empty where it is of none."""
    obs: tuple[str, ...] = ()
    """obs columns that the file is known to have."""
    rows: Literal["cells", "replicates", "effects"]
    readout: Literal["counts", "lognorm", "continuous", "scalar"]
    perturbation: str
    control: tuple[str, ...] = ()
    context: str = ""
    context_name: str = ""
    batch: str = ""
    dose: str = ""
    dose_unit: str = ""
    time: str = ""
    time_unit: str = ""
    modality: str = ""
    delimiter: str = ""
    """What joins a combination; empty where labels are never split."""
    annotation: dict[str, str] = Field(default_factory=dict)
    confirmed: str = ""
    """On which file the columns were looked at; empty where they were not."""


class StoredFile(Stated):
    """A file that can be fetched."""

    name: FileName
    """Under which name it is kept."""
    url: Address
    form: Form
    what: str = Field(min_length=1)
    screen: bool = True
    """Whether it holds what was measured, and not only what rows or columns are."""
    bytes: int | None = Field(default=None, gt=0)
    approximate: bool = False
    """Whether the size is rough."""
    sha256: str = Field(default="", pattern=r"^([0-9a-f]{64})?$")
    md5: str = Field(default="", pattern=r"^([0-9a-f]{32})?$")
    """The hash that some archives publish instead."""
    columns: Columns | None = None
    """``None``: those of the data set."""

    @model_validator(mode="after")
    def _ends_as_nothing_of_ours(self) -> StoredFile:
        if self.name.endswith((".part", ".part.json", ".sha256")):
            raise ValueError(f"'{self.name}' has an ending that fetching uses itself")
        return self

    @property
    def known_hash(self) -> str:
        """``sha256:...`` or ``md5:...``; empty where neither is known."""
        return f"sha256:{self.sha256}" if self.sha256 else f"md5:{self.md5}" if self.md5 else ""


class DatasetTrap(Stated):
    """What is known to be wrong with a data set, or easily done wrong with it."""

    status: Literal["WARN", "FAIL", "UNKNOWN"] = "WARN"
    title: str = Field(min_length=1)
    sentence: str = Field(min_length=1)
    checks: tuple[str, ...] = ()
    """Checks of the catalogue that find it; empty where none does."""
    found_by: str = ""
    """How it comes out where no check of the catalogue finds it, such as on reading."""
