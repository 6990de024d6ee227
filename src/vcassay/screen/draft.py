"""Draft: a file whose design is being guessed, and the choice of each of its fields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from vcassay.core import InputError, Threshold
from vcassay.core.errors import first
from vcassay.screen import suggest
from vcassay.screen.coding import text_codes
from vcassay.screen.design import Readout, Rows
from vcassay.screen.detect import Detected, detect_readout, sample_rows
from vcassay.screen.gene_names import symbol_column
from vcassay.screen.numbers import read_numbers
from vcassay.screen.presets import COUNT_LAYERS, UNIT_COLUMNS, Preset, candidates
from vcassay.screen.screen import CONTROL, Note
from vcassay.screen.storage.stream import guarded
from vcassay.screen.treatments import read_treatments
from vcassay.screen.validate import MISSING_SHARE

if TYPE_CHECKING:
    import anndata as ad

DONORS = frozenset({"donor_id", "donor", "patient_id", "patient", "tissue_type", "tissue"})
"""Columns that are a context only where no other column is."""
MIN_BATCH_CONTROLS = {
    Rows.CELLS: Threshold("guess_batch_cells", 8, "one control cell a shard, so that every split half has some"),
    Rows.REPLICATES: Threshold("guess_batch_wells", 4, "two control wells for scoring, two for training"),
}
MIN_COVERED = Threshold("guess_covered_share", 0.5, "share of perturbed rows that find controls in their group")
MIN_CELLS = Threshold("guess_cells", 10, "rows a condition, in the median; bulk screens rarely have as many wells")
MIN_ZEROS = Threshold("guess_cell_zeros", 0.5, "share of zeros; single cells have more, pseudobulk profiles fewer")


@dataclass(slots=True)
class Draft:
    """What is known so far of a file; ``stated`` holds the fields of its design that need no guess."""

    adata: ad.AnnData
    preset: Preset | None
    where: str
    stated: Mapping[str, Any] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    used: set[str] = field(default_factory=set)
    perturbed: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, dtype=bool))
    control: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, dtype=bool))
    treatment: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))

    def columns(self, name: str) -> list[str]:
        """Unused columns that may be one of our fields; the stated one where it is stated."""
        if name in self.stated:
            return [self.stated[name]] if self.stated[name] else []
        known = [str(c) for c in self.adata.obs.columns if str(c) not in self.used]
        return candidates(name, known, self.preset)

    def sample(self, matrix: Any) -> Any:
        """A few rows of a matrix."""
        return guarded(sample_rows, matrix, where=self.where)

    def codes(self, column: str) -> tuple[NDArray[np.int64], list[str]]:
        """A column's codes and texts."""
        return text_codes(self.adata.obs[column])


def find_perturbation(draft: Draft) -> str:
    """The first column with several labels, few of them missing."""
    found = draft.columns("perturbation")
    if not found:
        raise InputError(
            "no obs column looks like the perturbation",
            where=draft.where,
            mend=(
                "name it, as in `vcassay init --perturbation COLUMN` "
                f"(obs columns: {first(draft.adata.obs.columns, 12) or 'none'})"
            ),
        )
    coded = {name: draft.codes(name) for name in found}
    whole = [name for name in found if suggest.missing_share(coded[name][0]) <= MISSING_SHARE.value]
    several = [name for name in whole if len(coded[name][1]) > 1]
    chosen = (several or whole or found)[0]
    draft.used.add(chosen)
    return chosen


def find_labels(draft: Draft, column: str) -> tuple[tuple[str, ...], str | None]:
    """Control labels and delimiter; fills in which rows are what."""
    codes, labels = text_codes(draft.adata.obs[column], keep=draft.stated.get("control") or ("None", "NA"))
    flag = suggest.control_flag(draft.adata.obs)
    if flag is not None:
        draft.used.add(flag[0])
    if "control" in draft.stated:
        control, certain = tuple(draft.stated["control"]), True
    else:
        control, certain = suggest.control_labels(codes, labels, None if flag is None else flag[1], draft.preset)
    if control and not certain:
        draft.asked.append(f"Do the labels {first(control)} of obs column '{column}' mark the controls?")
    if "delimiter" in draft.stated:
        delimiter, doubtful = draft.stated["delimiter"], None
    else:
        delimiter, doubtful = suggest.delimiter(labels, control, draft.preset)
    if doubtful is not None:
        draft.asked.append(f"Does '+' join two perturbations in labels such as '{doubtful}'? They were left whole.")
    treat = read_treatments(labels, control, delimiter)
    label = np.append(treat.code, -2)[codes]
    draft.control, draft.perturbed, draft.treatment = label == CONTROL, label >= 0, label
    return control, delimiter


def find_layer(draft: Draft) -> tuple[str | None, Detected]:
    """X, unless it is missing or was scaled and a layer holds what it was before."""
    adata = draft.adata
    if draft.stated.get("layer"):
        return draft.stated["layer"], detect_readout(draft.sample(adata.layers[draft.stated["layer"]]))
    found = None if adata.X is None else detect_readout(draft.sample(adata.X))
    counts = next((name for name in COUNT_LAYERS if name in adata.layers), None)
    if found is not None and (counts is None or found.readout is not Readout.CONTINUOUS):
        if counts is not None and found.readout is Readout.LOGNORM:
            draft.notes.append((f"X was taken, though layer '{counts}' holds counts.", "X is log-normalised"))
        return None, found
    layer = counts if counts is not None else next(iter(adata.layers), None)
    if layer is None:
        raise InputError("there is no X and no layer", where=draft.where, mend="write the matrix into X")
    draft.notes.append((f"Layer '{layer}' was taken.", "X is missing" if found is None else f"in X, {found.why}"))
    return layer, detect_readout(draft.sample(adata.layers[layer]))


def find_genes(draft: Draft, perturbation: str, delimiter: str | None) -> str | None:
    """The var column with symbols, where perturbed genes are named by them and var_names are Ensembl ids."""
    if "genes" in draft.stated:
        return cast("str | None", draft.stated["genes"])
    labels = draft.codes(perturbation)[1]
    parts = {part for label in labels for part in (label.split(delimiter) if delimiter else [label])}
    column = symbol_column(draft.adata, parts)
    if column is not None:
        draft.notes.append(
            (f"Genes are named by var column '{column}'.", "as the perturbations are; var_names are Ensembl ids")
        )
    return column


def find_number(draft: Draft, what: str) -> tuple[str | None, str]:
    """The column of doses or times that tells conditions apart, and its unit where stated."""
    for name in draft.columns(what):
        unit = draft.stated.get(f"{what}_unit") or suggest.unit_in_name(name, what) or _stated_unit(draft, what)
        try:
            values, read, notes = read_numbers(
                draft.adata.obs[name], unit, draft.perturbed, where=draft.where, what=what
            )
        except InputError as error:
            draft.notes.append((f"obs column '{name}' was not read as {what}.", error.what))
            continue
        distinct = np.unique(values[draft.perturbed])
        if np.isnan(distinct).all():
            draft.notes += notes or [(f"obs column '{name}' was not used.", f"no perturbed row has a {what}")]
            continue
        if len(distinct) == 1:
            value = f"it is {distinct[0]:g} {read}".rstrip()
            draft.notes.append((f"obs column '{name}' was not used.", f"{value} in every perturbed row"))
            draft.used.add(name)
            return None, ""
        if not read:
            usual = "'uM'" if what == "dose" else "'h'"
            draft.asked.append(f"In which unit is obs column '{name}' ({what}_unit, such as {usual})?")
        draft.used.add(name)
        return name, read
    return None, ""


def _stated_unit(draft: Draft, what: str) -> str:
    for name in UNIT_COLUMNS[what]:
        if name in draft.adata.obs.columns:
            codes, texts = draft.codes(name)
            met = np.unique(codes[draft.perturbed & (codes >= 0)])
            if len(met) == 1:
                draft.used.add(name)
                return suggest.unit_in_name(texts[met[0]], what) or texts[met[0]]
    return ""


def find_modality(draft: Draft) -> str | None:
    """The first column with a kind of perturbation in it."""
    for name in draft.columns("modality"):
        codes, texts = draft.codes(name)
        if not (codes[draft.perturbed] >= 0).any():
            continue
        draft.used.add(name)
        return name if len(texts) <= max(20, len(codes) // 100) else None
    return None


def find_context(draft: Draft) -> str | None:
    """The first column with several contexts that mostly have controls; else the first at all."""
    found = draft.columns("context")
    found = [name for name in found if name not in DONORS] or found
    single, several = [], []
    n = len(draft.perturbed)
    for name in found:
        codes, texts = draft.codes(name)
        if suggest.missing_share(codes) > MISSING_SHARE.value or (name == "cell_id" and len(texts) > n / 2):
            continue
        covered = suggest.share_with_controls(codes, draft.perturbed, draft.control)
        if len(texts) == 1:
            single.append(name)
        elif not draft.control.any() or not draft.perturbed.any() or covered >= MIN_COVERED.value:
            several.append(name)
        else:
            draft.notes.append(
                (
                    f"obs column '{name}' was not taken as context.",
                    f"{covered:.0%} of perturbed rows would have controls",
                )
            )
    chosen = next(iter(several or single), None)
    if chosen is not None:
        draft.used.add(chosen)
    for other in several[1:]:
        draft.notes.append((f"obs column '{chosen}' was taken as context, not '{other}'.", "it is the more usual name"))
    return chosen


def find_annotation(draft: Draft, name: str) -> str | None:
    """The first column with any text on perturbed rows."""
    for column in draft.columns(name):
        codes, texts = draft.codes(column)
        if texts and (codes[draft.perturbed] >= 0).any():
            draft.used.add(column)
            return column
    return None


def find_rows(draft: Draft, found: Detected, condition_columns: tuple[str | None, ...]) -> Rows:
    """Effects if nothing is a control and values are continuous; else by the number of rows a condition has."""
    if "rows" in draft.stated:
        return Rows(draft.stated["rows"])
    if not draft.control.any() and found.readout is Readout.CONTINUOUS:
        return Rows.EFFECTS
    if not draft.perturbed.any():
        draft.notes.append(("Rows were taken for replicates.", "every row is a control"))
        return Rows.REPLICATES
    key = draft.treatment[draft.perturbed]
    for name in condition_columns:
        if name is not None:
            codes, texts = draft.codes(name)
            key = np.unique(key * (len(texts) + 1) + codes[draft.perturbed], return_inverse=True)[1]
    per_condition = float(np.median(np.unique(key, return_counts=True)[1]))
    few = per_condition < MIN_CELLS.value and not (
        found.readout is not Readout.CONTINUOUS and found.zeros > MIN_ZEROS.value
    )
    rows = Rows.REPLICATES if few else Rows.CELLS
    draft.notes.append((f"Rows were taken for {rows.value}.", f"{per_condition:g} rows a condition in the median"))
    return rows


def find_batch(draft: Draft, rows: Rows, context: str | None) -> str | None:
    """The first column in whose groups most perturbed rows meet enough controls."""
    at, n_contexts = np.zeros(len(draft.perturbed), dtype=np.int64), 1
    if context is not None:
        at, contexts = draft.codes(context)
        n_contexts = len(contexts)
    least = int(MIN_BATCH_CONTROLS[rows].value)
    for name in draft.columns("batch"):
        codes, texts = draft.codes(name)
        if len(texts) < 2 or suggest.missing_share(codes) > MISSING_SHARE.value:
            continue
        group = np.where((codes >= 0) & (at >= 0), codes * n_contexts + at, -1)
        covered = suggest.share_with_controls(group, draft.perturbed, draft.control, least)
        if covered >= MIN_COVERED.value:
            draft.used.add(name)
            return name
        draft.notes.append(
            (
                f"obs column '{name}' ({len(texts)} values) was not taken as batch.",
                f"{covered:.0%} of perturbed rows share it with {least} controls or more",
            )
        )
    return None


def find_readout(draft: Draft, found: Detected, rows: Rows) -> Readout:
    """What was detected, asked for where something else looks the same."""
    if "readout" in draft.stated:
        return Readout(draft.stated["readout"])
    if draft.adata.n_vars == 1:
        return Readout.SCALAR
    if rows is Rows.EFFECTS:
        return Readout.CONTINUOUS
    if not found.certain:
        draft.asked.append(f"Are the values {found.readout.value}? They were taken so because {found.why}.")
    return found.readout
