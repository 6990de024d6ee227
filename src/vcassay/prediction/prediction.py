"""Prediction: what a model answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vcassay.core import Conditions, Panel, Shown
from vcassay.core.wording import plural
from vcassay.prediction.cells import SampledCells
from vcassay.prediction.materials import NO_MATERIALS, Materials
from vcassay.prediction.sheet import Sheet
from vcassay.record.disclosure import Disclosure


class Space(StrEnum):
    """What a predicted row is.

    DELTA: an effect, the change from control. EXPRESSION: a profile in log1p space (the measured
    control is subtracted). COUNTS: cells or profiles in counts.
    """

    DELTA = "delta"
    EXPRESSION = "expression"
    COUNTS = "counts"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Prediction(Shown):
    """Predicted conditions.

    Attributes
    ----------
    name
        The model's name.
    conditions
        What it answers for.
    genes
        (g,) feature names.
    values
        (n, g) in ``space``; a row of NaN is an abstention.
    space
        What a row is.
    disclosure, materials
        What the authors declare, and the files they hand in beside it.
    ablations
        The same model with an input disturbed: ``shuffled_perturbation``, ``zeroed_perturbation``, ...
    seeds
        The same model trained with other seeds.
    path
        The file it was read from.
    notes
        What was mapped on reading, in sentences.
    aliases
        Further names of the genes, (g,) each, by the column that holds them.
    noise
        (n, g) sampling variance of ``values`` where they are means of several rows, 0 for a single row; ``None`` where
        every condition has one row.
    n_rows
        (n,) rows that were handed in for each condition; ``None`` where that is not known.
    sampled
        The rows themselves, in their file, where they are cells; else ``None``.
    embeddings, attributions
        Where the model places perturbations or conditions, and which genes its answers rest on; ``None`` where not
        handed in.
    """

    name: str
    conditions: Conditions
    genes: NDArray[np.str_]
    values: NDArray[np.float64]
    space: Space = Space.DELTA
    disclosure: Disclosure = field(default_factory=Disclosure)
    materials: Materials = NO_MATERIALS
    ablations: Mapping[str, Prediction] = field(default_factory=dict)
    seeds: tuple[Prediction, ...] = ()
    path: Path | None = None
    notes: tuple[str, ...] = ()
    aliases: Mapping[str, NDArray[np.str_]] = field(default_factory=dict)
    noise: NDArray[np.float64] | None = None
    n_rows: NDArray[np.int64] | None = None
    sampled: SampledCells | None = None
    embeddings: Sheet | None = None
    attributions: Sheet | None = None

    def panel(self) -> Panel:
        """What it answers, and what its authors declare."""
        abstained = int(np.isnan(self.values).all(axis=1).sum())
        declared = [name for name, value in self.disclosure if value not in (None, {}, "")]
        return Panel(
            f"Prediction of {self.name}",
            facts=(
                (
                    "answers",
                    f"{plural(len(self.conditions), 'condition')} x {len(self.genes):,} features, {self.space.value}",
                ),
                ("abstains", plural(abstained, "condition") if abstained else ""),
                ("declared", ", ".join(declared) or "nothing"),
                ("ablations", ", ".join(self.ablations)),
                ("seeds", str(1 + len(self.seeds)) if self.seeds else ""),
                ("file", self.path.name if self.path is not None else ""),
            ),
            notes=self.notes,
        )
