"""Given: a split and what is known of its names, as options that several verbs share."""

from __future__ import annotations

import datetime
import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

import numpy as np
import typer

from vcassay.core import InputError, Regime
from vcassay.core.errors import did_you_mean

if TYPE_CHECKING:
    from vcassay.claim import Claim, Essential, Exposure, Split
    from vcassay.knowledge import Knowledge

COLUMN, FILE = "COLUMN", "FILE"
"""What stands for a value in the help."""


def _column(what: str) -> Any:
    return typer.Option(metavar=COLUMN, help=f"of --table: {what}")


def _word(role: str) -> Any:
    return typer.Option(metavar="WORD", help=f"in the role column, a word for {role}; may be repeated")


def _files(what: str) -> Any:
    return typer.Option(metavar=FILE, help=f"{what}; may be repeated")


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A split by a table or a file of its own, what is known of its names, and what is declared of it."""

    table: Annotated[
        Path | None,
        typer.Option("--table", metavar=FILE, help="conditions or cells with a role column: .csv, .parquet, .h5ad ..."),
    ] = None
    split: Annotated[
        Path | None,
        typer.Option("--split", metavar=FILE, help="a split that stands alone: manifest, GEARS lists, cell-load TOML"),
    ] = None
    role_column: Annotated[
        str | None,
        typer.Option("--role-column", metavar=COLUMN, help="of --table: roles; found by its values if not named"),
    ] = None
    perturbation: Annotated[str | None, _column("what was done")] = None
    context: Annotated[str | None, _column("cell line, cell type, donor ...")] = None
    dose: Annotated[str | None, _column("dose")] = None
    time: Annotated[str | None, _column("time")] = None
    modality: Annotated[str | None, _column("kind of perturbation")] = None
    batch: Annotated[str | None, _column("batch or plate")] = None
    smiles: Annotated[str | None, _column("structure of the compound")] = None
    target: Annotated[str | None, _column("target of the compound")] = None
    moa: Annotated[str | None, _column("mechanism of the compound")] = None
    control: Annotated[list[str] | None, typer.Option(metavar="LABEL", help="control label; may be repeated")] = None
    train: Annotated[list[str] | None, _word("training")] = None
    val: Annotated[list[str] | None, _word("validation")] = None
    test: Annotated[list[str] | None, _word("test")] = None
    compounds: Annotated[list[Path] | None, _files("names, structures, targets and mechanisms of compounds")] = None
    relations: Annotated[list[Path] | None, _files("pairs of related genes: paralogs, partners")] = None
    gene_sets: Annotated[list[Path] | None, _files("gene sets (.gmt ...)")] = None
    genes: Annotated[Path | None, typer.Option(metavar=FILE, help="a gene table: symbols and aliases")] = None
    cell_lines: Annotated[Path | None, typer.Option(metavar=FILE, help="cell lines with Cellosaurus's columns")] = None
    siblings: Annotated[Path | None, typer.Option(metavar=FILE, help="pairs of related contexts")] = None
    essential: Annotated[Path | None, typer.Option(metavar=FILE, help="a list of essential genes")] = None
    tier: Annotated[str, typer.Option(metavar="TIER", help="compounds are kin by name, structure or target")] = (
        "structure"
    )
    kind: Annotated[
        str | None,
        typer.Option(
            metavar="KIND", help="what the perturbations are, where no column says: CRISPRi, drug, cytokine ..."
        ),
    ] = None
    use: Annotated[
        str,
        typer.Option(
            metavar="USE",
            help="what the result is wanted for: target-id, selectivity, screening, unseen-compound, moa, combination, "
            "dose-finding",
        ),
    ] = ""
    expect: Annotated[
        str | None,
        typer.Option(
            "--expect",
            metavar="REGIME",
            help="what the authors say is unseen: CEX (contexts), GEX (genes), DEX (compounds), AEX (both) ...",
        ),
    ] = None
    cover: Annotated[
        float | None,
        typer.Option(metavar="SHARE", help="share of the test conditions that the claim must cover (0.95)", max=1.0),
    ] = None
    pretraining: Annotated[
        str, typer.Option(metavar="WORD", help="did pretraining hold this screen? yes, no or unknown")
    ] = "unknown"
    truth: Annotated[str, typer.Option(metavar="WORD", help="the held-out truth is public, private or unknown")] = (
        "unknown"
    )
    public_since: Annotated[
        str | None, typer.Option(metavar="DAY", help="day since which it is public: 2025-02-14")
    ] = None

    def source(self) -> Path:
        """The file that the split is in."""
        found = self.table or self.split
        if found is None:
            raise InputError("names no file", where="the command line", mend="give --table or --split")
        return found

    def claim(self) -> tuple[Claim, Knowledge]:
        """Work out the claim of the split, and return what it was compared by.

        Raises
        ------
        InputError
            If a file cannot be read, or an option is not understood.
        """
        from vcassay.run.published import claim_of_split

        if self.cover is not None and self.cover <= 0:
            raise InputError(f"{self.cover} is not a share", where="--cover", mend="use a number above 0, at most 1")
        split = self._split()
        knowledge, essential = self._knowledge()
        found = claim_of_split(
            split,
            knowledge=knowledge,
            essential=essential,
            declared=self._regime(),
            use=self.use,
            cover=self.cover,
            exposure=self._exposure(),
            tier=self._tier(),
        )
        return found, knowledge

    def _split(self) -> Split:
        split = self._read()
        if not self.kind:
            return split
        own = split.conditions
        return replace(split, conditions=replace(own, modality=np.where(own.modality == "", self.kind, own.modality)))

    def _read(self) -> Split:
        from vcassay.claim import read_split
        from vcassay.claim.formats import cell_load_alone, lists_alone, read_condition_table

        source = self.source()
        if self.table is not None:
            columns = ("perturbation", "context", "dose", "time", "modality", "batch", "smiles", "target", "moa")
            named = {field: column for field in columns if (column := getattr(self, field))}
            words = {"train_values": self.train, "val_values": self.val, "test_values": self.test}
            given: dict[str, Any] = {k: tuple(v) for k, v in words.items() if v}
            control = tuple(self.control) if self.control else None
            return read_condition_table(source, self.role_column, named, control=control, **given)
        if source.suffix == ".toml":
            return cell_load_alone(source)
        if source.suffix == ".json" and _is_manifest(source):
            return read_split(source)
        return lists_alone(source)

    def _knowledge(self) -> tuple[Knowledge, Essential | None]:
        from vcassay.claim import read_essential
        from vcassay.knowledge import (
            Knowledge,
            read_cell_lines,
            read_compounds,
            read_gene_sets,
            read_genes,
            read_relations,
            read_siblings,
        )

        known = Knowledge(
            siblings=read_siblings(self.siblings) if self.siblings else (),
            gene_sets=tuple(read_gene_sets(p) for p in self.gene_sets or ()),
            relations=tuple(read_relations(p) for p in self.relations or ()),
            compounds=tuple(read_compounds(p) for p in self.compounds or ()),
            genes=read_genes(self.genes) if self.genes else None,
            cell_lines=read_cell_lines(self.cell_lines) if self.cell_lines else None,
        )
        return known, read_essential(self.essential) if self.essential else None

    def _tier(self) -> str:
        from vcassay.claim import TIERS

        if self.tier not in TIERS:
            raise InputError(f"no tier is called '{self.tier}'", where="--tier", mend=f"use {', '.join(TIERS)}")
        return self.tier

    def _exposure(self) -> Exposure:
        from vcassay.claim import Exposure

        for option, word, known in (
            ("--pretraining", self.pretraining, ("yes", "no", "unknown")),
            ("--truth", self.truth, ("public", "private", "unknown")),
        ):
            if word not in known:
                raise InputError(f"is '{word}'", where=option, mend=did_you_mean(word, known))
        try:
            day = datetime.date.fromisoformat(self.public_since) if self.public_since else None
        except ValueError as error:
            raise InputError(
                f"is '{self.public_since}'", where="--public-since", mend="write the day as 2025-02-14"
            ) from error
        return Exposure(self.pretraining, self.truth, day)

    def _regime(self) -> Regime | None:
        if self.expect is None:
            return None
        named = {r.value.casefold(): r for r in Regime}
        if self.expect.casefold() not in named:
            mend = f"use one of {', '.join(Regime)}"
            raise InputError(f"no regime is called '{self.expect}'", where="--expect", mend=mend)
        return named[self.expect.casefold()]


def one_source(verb: str, sources: dict[str, object]) -> None:
    """Refuse a command line that names no source, or several."""
    if sum(x is not None for x in sources.values()) != 1:
        *others, last = [f"{name} {what}".strip() for name, what in SOURCES.items() if name in sources]
        mend = f"give {', or '.join([*others, last])}"
        raise InputError("wants one thing to work on", where=f"vcassay {verb}", mend=mend)


SOURCES = {"a study.toml": "", "--protocol": "NAME", "--table": "FILE", "--split": "FILE"}
"""Where a split may come from."""


def takes_given(command: Callable[..., Any]) -> Callable[..., Any]:
    """Spread the fields of `Given` over the options of a command that takes one as ``given``."""
    hints = get_type_hints(Given, include_extras=True)
    own = inspect.signature(command, eval_str=True).parameters.values()
    options = [
        inspect.Parameter(f.name, inspect.Parameter.KEYWORD_ONLY, default=f.default, annotation=hints[f.name])
        for f in fields(Given)
    ]
    spread: list[inspect.Parameter] = []
    for parameter in own:
        spread += options if parameter.name == "given" else [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY)]

    @functools.wraps(command)
    def run(**kwargs: Any) -> Any:
        given = Given(**{f.name: kwargs.pop(f.name) for f in fields(Given)})
        return command(**kwargs, given=given)

    run.__signature__ = inspect.Signature(spread)  # type: ignore[attr-defined]
    run.__annotations__ = {p.name: p.annotation for p in spread}
    return run


def _is_manifest(path: Path) -> bool:
    try:
        with path.open(encoding="utf-8") as file:
            return '"vcassay.split/' in file.read(200)
    except (OSError, UnicodeDecodeError):
        return False
