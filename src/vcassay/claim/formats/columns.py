"""Columns of a table of conditions or cells: which one is the perturbation, the context, the dose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from vcassay.claim.formats.matching import control_labels
from vcassay.core import InputError
from vcassay.core.errors import did_you_mean, first
from vcassay.screen import Design, Rows
from vcassay.screen.coding import text_codes
from vcassay.screen.draft import (
    Draft,
    find_annotation,
    find_context,
    find_modality,
    find_number,
    find_perturbation,
)
from vcassay.screen.parse import parse_tuples, split_parts
from vcassay.screen.presets import ANNOTATIONS, find_preset
from vcassay.screen.screen import Note
from vcassay.screen.suggest import control_flag, delimiter, missing_share
from vcassay.screen.treatments import read_treatments

if TYPE_CHECKING:
    import anndata as ad

DONORS = ("donor", "donor_id", "patient", "patient_id", "individual")
"""Columns that may be batches or contexts."""
FIELDS = ("perturbation", "context", "dose", "time", "modality", "batch")
COMPOSITE = ("cov_drug_dose_name", "cov_drug_dose", "condition_name")
"""Columns of CPA and GEARS that write context, perturbation and dose into one label, ``A549_Trametinib_0.1``."""
FURTHER: Mapping[str, tuple[str, ...]] = {
    "dose": ("dosage", "pert_idose", "Dose", "drug_conc", "conc", "concentration", "drug_concentration"),
    "context": ("cell_line_orig_name", "cellline_name", "donor"),
    "time": ("pert_itime",),
    "batch": ("det_plate", "sublibrary", "experiment"),
}
"""Names tried when none of the usual ones is there."""


@dataclass(frozen=True, slots=True, eq=False)
class Matched:
    """The design of a table of conditions, and how it was found.

    Attributes
    ----------
    frame
        The table, with a column more where a label had to be taken apart.
    design
        The design.
    columns
        Our field to the table's column.
    batch
        Column of the batch; ``None`` if there is none.
    notes
        (sentence, reason) of each choice that is not plain from the names.
    """

    frame: pd.DataFrame
    design: Design
    columns: dict[str, str]
    batch: str | None
    notes: tuple[Note, ...]


def match_columns(
    frame: pd.DataFrame,
    columns: Mapping[str, str],
    *,
    role: str,
    where: str,
    control: Sequence[str] | None = None,
    delimiter_: str | None = None,
    context_name: str = "all",
) -> Matched:
    """Find the columns of a table.

    Parameters
    ----------
    columns
        Our field to the table's column, as the user names them; they win. The others are matched by name, in the
        order in which a screen's are, but a context needs no controls of its own here.
    role
        The role column, which is no other field.

    Raises
    ------
    InputError
        If a named column or field does not exist, or no column looks like the perturbation.
    """
    known = [str(c) for c in frame.columns]
    allowed = (*FIELDS, *ANNOTATIONS)
    for name, column in columns.items():
        if name not in allowed:
            raise InputError(f"'{name}' is no field", where=where, mend=did_you_mean(name, allowed))
        if column not in known:
            raise InputError(f"has no column '{column}'", where=where, mend=did_you_mean(column, known))
    stated: dict[str, str | None] = {f: columns.get(f, f if f in known and f != role else None) for f in allowed}
    draft = Draft(_obs(frame), find_preset(known), where, {k: v for k, v in stated.items() if v}, used={role})
    taken: dict[str, str] = {}
    if stated["perturbation"] is None and not draft.columns("perturbation"):
        frame, taken = _take_apart(frame, known, role, where)
        draft.adata = _obs(frame)
        draft.stated = {**draft.stated, **taken}
        stated.update(taken)
    perturbation = find_perturbation(draft)
    codes, labels = text_codes(frame[perturbation], keep=control or ("None", "NA"))
    flag = control_flag(frame)
    controls = control_labels(labels, control, draft.preset.control if draft.preset is not None else ())
    if control is None and flag is not None and flag[0] != role:
        draft.used.add(flag[0])
        marked = set(codes[flag[1] & (codes >= 0)].tolist()) - set(codes[~flag[1]].tolist())
        controls = list(dict.fromkeys((*controls, *(labels[i] for i in sorted(marked)))))
    sign = delimiter_ if delimiter_ is not None else _sign(labels, controls, draft)
    treat = read_treatments(labels, controls, sign)
    label = np.append(treat.code, -2)[codes]
    draft.perturbed, draft.treatment = label >= 0, label
    draft.control = np.zeros(len(frame), dtype=bool)  # so that a context is taken by its name
    found: dict[str, str | None] = {
        "perturbation": perturbation,
        "dose": stated["dose"] or find_number(draft, "dose")[0] or _further(draft, "dose"),
        "time": stated["time"] or find_number(draft, "time")[0] or _further(draft, "time"),
        "modality": stated["modality"] or find_modality(draft),
        "context": stated["context"] or find_context(draft) or _further(draft, "context"),
    }
    if found["modality"] == perturbation:
        mend = "name a column of kinds (CRISPRi, drug ...), or state one kind for all with --kind"
        what = f"column '{perturbation}' holds the perturbations, which are no kinds of perturbation"
        raise InputError(what, where=where, mend=mend)
    annotation = {name: found_in for name in ANNOTATIONS if (found_in := stated[name] or find_annotation(draft, name))}
    batch = stated["batch"] or _batch(draft)
    named = draft.columns("context")
    if found["context"] is None and named:
        reason = "too many rows have no value in it; name it as the context to leave these out"
        draft.notes.append((f"Column '{named[0]}' was not taken as the context.", reason))
    if batch in DONORS and stated["batch"] is None:
        reason = "if the donors are the contexts, name it as the context"
        draft.notes.append((f"Column '{batch}' was taken for the batch.", reason))
    design = Design(
        perturbation=perturbation,
        control=tuple(controls),
        context=found["context"],
        dose=found["dose"],
        time=found["time"],
        modality=found["modality"],
        delimiter=sign or None,
        rows=Rows.EFFECTS,
        context_name=context_name,
        annotation=annotation,
    )
    origin = {f: next((c for c in COMPOSITE if c in known), c) if f in taken else c for f, c in found.items() if c}
    used = {"role": role, **origin, **annotation} | ({"batch": batch} if batch else {})
    if taken:
        sentence = f"Labels of column '{origin['perturbation']}' were taken apart."
        draft.notes.append((sentence, "they join context, perturbation and dose"))
    return Matched(frame, design, used, batch, tuple(draft.notes))


def _obs(frame: pd.DataFrame) -> ad.AnnData:
    """The table as an AnnData without values, which is what a screen's columns are guessed from."""
    import anndata as ad

    obs = frame.copy(deep=False)
    obs.index = pd.RangeIndex(len(frame)).astype(str)
    return ad.AnnData(obs=obs)


def _sign(labels: Sequence[str], controls: Sequence[str], draft: Draft) -> str:
    """What joins combinations; empty if labels stay whole."""
    if draft.preset is not None and draft.preset.delimiter != "":
        return draft.preset.delimiter or ""
    partner = {c.casefold() for c in controls} | {"ctrl", "control"}
    joined = [parts for label in labels if len(parts := split_parts(label, "+")) > 1 and not parse_tuples(label)]
    if any(p.casefold() in partner for parts in joined for p in parts):
        return "+"
    sign, doubtful = delimiter(labels, controls, draft.preset)
    if doubtful is not None:
        draft.notes.append((f"Labels such as '{doubtful}' were read as combinations.", "'+' joins the parts of one"))
        return "+"
    return sign or ""


def _further(draft: Draft, name: str) -> str | None:
    """A less usual name of a field, where it tells rows apart."""
    for column in FURTHER[name]:
        if column in draft.adata.obs.columns and column not in draft.used and len(draft.codes(column)[1]) > 1:
            if name == "dose" and find_number(Draft(draft.adata, None, draft.where, {"dose": column},
                                                    perturbed=draft.perturbed), "dose")[0] is None:  # fmt: skip
                continue
            draft.used.add(column)
            return column
    return None


def _batch(draft: Draft) -> str | None:
    """The first column of batches: several, but not one a row."""
    for column in (*draft.columns("batch"), *FURTHER["batch"]):
        if column in draft.adata.obs.columns and column not in draft.used:
            codes, texts = draft.codes(column)
            if 1 < len(texts) <= max(2, len(codes) // 2) and missing_share(codes) < 0.5:
                draft.used.add(column)
                return column
    return None


def _take_apart(
    frame: pd.DataFrame, known: Sequence[str], role: str, where: str
) -> tuple[pd.DataFrame, dict[str, str]]:
    """Context, perturbation and dose of labels that hold all three, as columns of their own."""
    column = next((c for c in COMPOSITE if c in known and c != role), None)
    if column is None:
        mend = f"name it: its columns are {first(known, 12)}"
        raise InputError("no column looks like the perturbation", where=where, mend=mend)
    codes, texts = text_codes(frame[column])
    parts = [[*text.split("_", 1), ""][:2] for text in texts]
    names = [rest.rsplit("_", 1) if "_" in rest else [rest, ""] for _, rest in parts]
    new = frame.copy(deep=False)
    taken = {"context": "context of label", "perturbation": "perturbation of label", "dose": "dose of label"}
    values = ([p[0] for p in parts], [n[0] for n in names], [n[1] for n in names])
    for name, distinct in zip(taken.values(), values, strict=True):
        new[name] = np.asarray([*distinct, ""], dtype=object)[codes]
    has_context = next((c for c in ("cell_type", "cell_line", "celltype", "context") if c in known), None)
    if has_context is not None:
        del taken["context"]
    if all("+" in d or not d for d in values[2]):  # GEARS counts the partners here
        del taken["dose"]
    return new, taken
