"""Design: which obs column is which part of the experiment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Rows(StrEnum):
    """What a row of the file is."""

    CELLS = "cells"
    REPLICATES = "replicates"
    EFFECTS = "effects"


class Readout(StrEnum):
    """What a value of the file is.

    COUNTS: raw counts. LOGNORM: log1p of normalised counts. CONTINUOUS: any feature vector
    (log2 intensities, proteins, morphology, z-scores). SCALAR: one phenotype a row.
    """

    COUNTS = "counts"
    LOGNORM = "lognorm"
    CONTINUOUS = "continuous"
    SCALAR = "scalar"


CONTROL_LABELS = (
    "control",
    "ctrl",
    "non-targeting",
    "NT",
    "DMSO",
    "DMSO_TF",
    "Vehicle",
    "vehicle",
    "[('DMSO_TF', 0.0, 'uM')]",
)
"""Control labels met in published files, in the order in which they are tried."""


@dataclass(frozen=True, slots=True)
class Design:
    """The experiment's columns.

    Attributes
    ----------
    perturbation
        obs column with the perturbation's label.
    control
        Labels of that column that are controls, matched as written, or whatever their case if none
        matches so; the drug's name suffices for Tahoe's tuples. Empty for ready-made effects.
    context, batch, dose, time, modality
        obs columns, or ``None`` where the screen has none. Without a context column there is one
        context, named ``context_name``; without a batch column, one batch.
    dose_unit, time_unit
        Units as stated by the user, or as written in the labels; never guessed.
    delimiter
        What joins the parts of a combination in the label; ``None`` if labels are never split. Inside
        brackets it does not count: ``(+)-JQ1`` is one drug.
    rows, readout
        What a row and a value are.
    layer
        Layer to read instead of X.
    genes
        var column with the names of genes, by which perturbations name them; ``None`` if var_names do.
    annotation
        Our name (``target``, ``moa``, ``smiles``) to obs column.
    """

    perturbation: str
    control: tuple[str, ...] = ("control",)
    context: str | None = None
    batch: str | None = None
    dose: str | None = None
    time: str | None = None
    modality: str | None = None
    dose_unit: str = ""
    time_unit: str = "h"
    delimiter: str | None = "+"
    rows: Rows = Rows.CELLS
    readout: Readout = Readout.COUNTS
    layer: str | None = None
    genes: str | None = None
    context_name: str = "all"
    annotation: Mapping[str, str] = field(default_factory=dict)

    def columns(self) -> dict[str, str]:
        """Our names of the columns in use, to the file's."""
        named = {
            "perturbation": self.perturbation,
            "context": self.context,
            "batch": self.batch,
            "dose": self.dose,
            "time": self.time,
            "modality": self.modality,
        }
        return {ours: theirs for ours, theirs in named.items() if theirs is not None} | dict(self.annotation)
