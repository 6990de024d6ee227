"""What is given on the command line, turned into what the claim takes."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from vcassay.claim import TIERS, Essential, Exposure, Split, read_essential, read_split
from vcassay.claim.formats import cell_load_alone, lists_alone, read_condition_table
from vcassay.core import InputError, Regime
from vcassay.core.errors import did_you_mean
from vcassay.knowledge import (
    Knowledge,
    read_cell_lines,
    read_compounds,
    read_gene_sets,
    read_genes,
    read_relations,
    read_siblings,
)

Paths = Sequence[Path] | None


def given_split(
    table: Path | None,
    split: Path | None,
    role: str | None,
    fields: Mapping[str, str | None],
    control: Sequence[str] | None,
    words: Mapping[str, Sequence[str] | None],
    kind: str | None = None,
) -> Split:
    """Read the split that a table, or a file that stands alone, holds; ``kind`` is the modality of what has none.

    Raises
    ------
    InputError
        If it cannot be read.
    """
    split_ = _read(table, split, role, fields, control, words)
    if not kind:
        return split_
    own = split_.conditions
    modality = np.where(own.modality == "", kind, own.modality)
    return replace(split_, conditions=replace(own, modality=modality))


def given_tier(text: str) -> str:
    """Read how far kin of compounds reaches.

    Raises
    ------
    InputError
        If there is no such tier.
    """
    if text not in TIERS:
        raise InputError(f"no tier is called '{text}'", where="--tier", mend=f"use {', '.join(TIERS)}")
    return text


def _read(
    table: Path | None,
    split: Path | None,
    role: str | None,
    fields: Mapping[str, str | None],
    control: Sequence[str] | None,
    words: Mapping[str, Sequence[str] | None],
) -> Split:
    if table is not None:
        named = {field: column for field, column in fields.items() if column}
        given: dict[str, Any] = {k: tuple(v) for k, v in words.items() if v}
        return read_condition_table(table, role, named, control=tuple(control) if control else None, **given)
    if split is None:
        raise InputError("names no file", where="vcassay claim", mend="give --table or --split")
    if split.suffix == ".toml":
        return cell_load_alone(split)
    if split.suffix == ".json" and _is_manifest(split):
        return read_split(split)
    return lists_alone(split)


def _is_manifest(path: Path) -> bool:
    try:
        with path.open(encoding="utf-8") as file:
            return '"vcassay.split/' in file.read(200)
    except (OSError, UnicodeDecodeError):
        return False


def given_knowledge(
    compounds: Paths,
    relations: Paths,
    gene_sets: Paths,
    genes: Path | None,
    cell_lines: Path | None,
    siblings: Path | None,
    essential: Path | None,
) -> tuple[Knowledge, Essential | None]:
    """Read the files of prior knowledge."""
    known = Knowledge(
        siblings=read_siblings(siblings) if siblings else (),
        gene_sets=tuple(read_gene_sets(p) for p in gene_sets or ()),
        relations=tuple(read_relations(p) for p in relations or ()),
        compounds=tuple(read_compounds(p) for p in compounds or ()),
        genes=read_genes(genes) if genes else None,
        cell_lines=read_cell_lines(cell_lines) if cell_lines else None,
    )
    return known, read_essential(essential) if essential else None


def given_exposure(pretraining: str, truth: str, since: str | None) -> Exposure:
    """Read what is declared of pretraining and of the truth.

    Raises
    ------
    InputError
        If a word or the day is not understood.
    """
    for option, word, known in (
        ("--pretraining", pretraining, ("yes", "no", "unknown")),
        ("--truth", truth, ("public", "private", "unknown")),
    ):
        if word not in known:
            raise InputError(f"is '{word}'", where=option, mend=did_you_mean(word, known))
    try:
        day = datetime.date.fromisoformat(since) if since else None
    except ValueError as error:
        raise InputError(f"is '{since}'", where="--public-since", mend="write the day as 2025-02-14") from error
    return Exposure(pretraining, truth, day)


def given_regime(text: str | None) -> Regime | None:
    """Read a regime.

    Raises
    ------
    InputError
        If there is no such regime.
    """
    if text is None:
        return None
    named = {r.value.casefold(): r for r in Regime}
    if text.casefold() not in named:
        raise InputError(f"no regime is called '{text}'", where="--expect", mend=f"use one of {', '.join(Regime)}")
    return named[text.casefold()]
