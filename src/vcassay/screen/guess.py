"""Guess: the design that a file's column names and values suggest, for the user to confirm."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vcassay.screen.design import Design, Rows
from vcassay.screen.draft import (
    Draft,
    find_annotation,
    find_batch,
    find_context,
    find_genes,
    find_labels,
    find_layer,
    find_modality,
    find_number,
    find_perturbation,
    find_readout,
    find_rows,
)
from vcassay.screen.presets import ANNOTATIONS, find_preset
from vcassay.screen.screen import Note
from vcassay.screen.validate import check_stated

if TYPE_CHECKING:
    import anndata as ad


@dataclass(frozen=True, slots=True, eq=False)
class Guess:
    """A proposed design.

    Attributes
    ----------
    design
        The proposal.
    matched
        Our names to the obs columns they are read from.
    asked
        Questions that only the user can answer, such as the unit of the dose.
    unmatched
        obs columns that the design does not use.
    notes
        (sentence, reason) of each choice that is not plain from the names.
    preset
        The family of files whose column names these are; empty if none.
    """

    design: Design
    matched: dict[str, str]
    asked: tuple[str, ...]
    unmatched: tuple[str, ...]
    notes: tuple[Note, ...]
    preset: str = ""


def guess_design(adata: ad.AnnData, path: str | Path | None = None, stated: Mapping[str, Any] | None = None) -> Guess:
    """Propose a design from column names, labels and a sample of the values.

    Families of published files are tried first (`vcassay.screen.presets`), then common names. Units
    are taken from column names (``dose_uM``), unit columns and labels; otherwise they are asked for.

    Parameters
    ----------
    adata
        The file, in memory or on disk; never changed.
    path
        Where it came from, for the error sentence.
    stated
        Fields of `Design` that are known: they are taken as they are, and the others are guessed in
        their light. ``None`` states that there is no such column.

    Raises
    ------
    InputError
        If no column looks like the perturbation, or a stated column or layer is not there.
    """
    names = [str(c) for c in adata.obs.columns]
    stated = dict(stated or {})
    where = "screen" if path is None else str(path)
    check_stated(adata, stated, where)
    draft = Draft(adata, find_preset(names), where, stated)
    perturbation = find_perturbation(draft)
    control, delimiter = find_labels(draft, perturbation)
    layer, found = find_layer(draft)

    dose, dose_unit = find_number(draft, "dose")
    time, time_unit = find_number(draft, "time")
    modality = find_modality(draft)
    context = find_context(draft)
    annotation = {name: column for name in ANNOTATIONS if (column := find_annotation(draft, name)) is not None}
    rows = find_rows(draft, found, (context, dose, time))
    batch = None if rows is Rows.EFFECTS else find_batch(draft, rows, context)
    if rows is not Rows.EFFECTS and not draft.control.any():
        draft.asked.append(f"Which label of obs column '{perturbation}' marks the controls?")
    design = Design(
        perturbation=perturbation,
        control=control if control or rows is Rows.EFFECTS else ("control",),
        context=context,
        batch=batch,
        dose=dose,
        time=time,
        modality=modality,
        dose_unit=dose_unit,
        time_unit=time_unit or "h",
        delimiter=delimiter,
        rows=rows,
        readout=find_readout(draft, found, rows),
        layer=layer,
        genes=find_genes(draft, perturbation, delimiter),
        annotation=annotation,
    )
    design = replace(design, **stated)
    matched = design.columns()
    unmatched = tuple(name for name in names if name not in set(matched.values()))
    preset = draft.preset.name if draft.preset is not None else ""
    return Guess(design, matched, tuple(draft.asked), unmatched, tuple(draft.notes), preset)
