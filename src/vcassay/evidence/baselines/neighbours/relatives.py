"""T3: look-ups by kinship: relatives of a perturbation, and related contexts."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vcassay.core import Conditions
from vcassay.evidence.baselines.averages import ContextMeans, overall_mean
from vcassay.evidence.baselines.baseline import Baseline, baseline
from vcassay.evidence.baselines.coding import Coding
from vcassay.evidence.baselines.task import Task

Array = NDArray[np.float64]


@baseline(
    "trained_relatives",
    title="relatives that were trained",
    tier="T3",
    reads=("train_effects", "features"),
    source="Csendes 2026 (Turbine): near-duplicates across training and test; PDBBind CleanSplit",
    needs="relations, gene sets or compounds whose members are kin ([knowledge] relations, gene_sets, compounds)",
    lookup="kinship",
)
class TrainedRelatives(Baseline):
    """The mean training effect of a perturbation's kin: paralogs, partners in a complex, salts, similar structures.

    Kin is what the study hands in under [knowledge] and a split is to keep together, so that this rung has nothing to
    copy where the split did so. Relatives come from the test context where any was trained there, else from all
    contexts; of each the nearest dose and time counts, and each counts once. Perturbations without trained kin, and
    combinations, get the mean effect of their context.
    """

    def fit(self, task: Task) -> TrainedRelatives:
        """Place every single perturbation that was trained."""
        self.effects, self.relatives, self.means = task.effects, task.relatives, ContextMeans(task)
        keys = task.train.keys
        self.dose, self.time = (np.array([k[at] for k in keys], dtype=np.float64) for at in (2, 3))
        self.here: dict[tuple[str, str], list[int]] = {}
        self.rows: dict[str, list[int]] = {}
        for i, (context, parts, _, _) in enumerate(keys):
            if len(parts) == 1:
                self.rows.setdefault(parts[0], []).append(i)
                self.here.setdefault((parts[0], context), []).append(i)
        return self

    def predict(self, wanted: Conditions) -> Array:
        """(m, g) means over relatives."""
        out, lost = self.means.of(wanted), 0
        for i, (context, parts, dose, time) in enumerate(wanted.keys):
            kin = [k for k in self.relatives.get(parts[0], ()) if k in self.rows] if len(parts) == 1 else []
            lost += not kin
            near = [self.here[k, context] for k in kin if (k, context) in self.here] or [self.rows[k] for k in kin]
            means = [self.effects[self._nearest(rows, dose, time)].mean(axis=0) for rows in near]
            if means:
                out[i] = np.mean(means, axis=0)
        self.fell_back(lost, "the mean effect of the context, no relative being trained,")
        return out

    def _nearest(self, rows: list[int], dose: float, time: float) -> list[int]:
        """Rows at the nearest time, of these at the nearest dose."""
        for known, value in ((self.time, time), (self.dose, dose)):
            gap = [_apart(float(known[r]), value) for r in rows]
            rows = [r for r, g in zip(rows, gap, strict=True) if g == min(gap)]
        return rows


@baseline(
    "related_contexts",
    title="same treatment in related contexts",
    tier="T3",
    reads=("perturbation_elsewhere", "features"),
    source="leakage L10: derived lines and donors shared by training and test",
    needs="descent or donors of contexts ([knowledge] cell_lines, siblings)",
    lookup="descent",
)
class RelatedContexts(Baseline):
    """The same treatment's mean effect in training contexts of the same descent or donor.

    What the study hands in of cell lines and siblings tells who is related. Treatments that no related context was
    trained with fall back to the perturbation mean over contexts, then to the mean effect.
    """

    def fit(self, task: Task) -> RelatedContexts:
        """Place every trained pair of context and treatment."""
        self.effects, self.siblings, self.mean = task.effects, task.siblings, overall_mean(task)
        self.coding = Coding(task.train)
        self.rows = self.coding.rows
        return self

    def predict(self, wanted: Conditions) -> Array:
        """(m, g) means over related contexts."""
        out, lost = self.coding.means(self.effects, wanted, self.mean)[0], 0
        treatment = self.coding.of(wanted)[1].tolist()
        for i, (context, code) in enumerate(zip(wanted.context.tolist(), treatment, strict=True)):
            kin = [self.coding.contexts[c] for c in self.siblings.get(context, ()) if c in self.coding.contexts]
            rows = self.rows[kin, code] if kin and code >= 0 else np.empty(0, dtype=np.int64)
            rows = rows[rows >= 0]
            lost += not len(rows)
            if len(rows):
                out[i] = self.effects[rows].mean(axis=0)
        self.fell_back(lost, "the perturbation mean, no related context being trained with it,")
        return out


def _apart(a: float, b: float) -> float:
    """Distance of two doses or times; in logarithms where both are positive, 0 where both are missing (-1)."""
    if a > 0 and b > 0:
        return abs(float(np.log(a / b)))
    return abs(a - b)
