"""T1 and T2 of combinations: what is known of their parts."""

from __future__ import annotations

import numpy as np

from vcassay.core import Conditions
from vcassay.evidence.baselines.averages import overall_mean_of_cells
from vcassay.evidence.baselines.baseline import Array, Baseline, baseline
from vcassay.evidence.baselines.combinations.part_effects import part_effects
from vcassay.evidence.baselines.task import Task


@baseline(
    "matching_mean",
    title="mean of the partners",
    tier="T1",
    reads=("parts",),
    source="Systema (Viñas Torné et al. 2025): matching mean",
    needs="combinations",
)
class MatchingMean(Baseline):
    """The mean of the partners' perturbed centroids: of their effects, about the same control.

    Partners are looked up in the test context, else over contexts. One that was not trained on its own counts as the
    perturbed mean over cells (counted), as in Systema.
    """

    def fit(self, task: Task) -> MatchingMean:
        """Collect effects of parts."""
        self.parts, self.mean = part_effects(task), overall_mean_of_cells(task)
        return self

    def predict(self, wanted: Conditions) -> Array:
        """(n, g) means of the parts' effects."""
        found = self.parts.all_of(wanted)
        rows = [np.mean([e if how == "alone" else self.mean for e, how in each], axis=0) for each in found]
        short = sum(any(how != "alone" for _, how in each) for each in found)
        self.fell_back(short, "the perturbed mean in place of partners not trained on their own")
        return np.array(rows).reshape(len(wanted), len(self.mean))


@baseline(
    "additive_combination",
    title="sum of the parts",
    tier="T2",
    reads=("parts",),
    source="Ahlmann-Eltze et al. 2025: additive; missing partners as in scPerturBench",
    needs="combinations",
)
class AdditiveCombination(Baseline):
    """The sum of the effects of the parts of a combination, each measured on its own in the test context.

    A part not measured there is taken over contexts, one not measured at the combination's dose and time over doses.
    A part trained in combinations alone is what these are beyond the effects of their other parts, on average (ours);
    one not trained at all is the mean effect of single perturbations (scPerturBench). Both are counted as fallbacks.
    """

    def fit(self, task: Task) -> AdditiveCombination:
        """Collect effects of parts."""
        self.parts = part_effects(task)
        return self

    def predict(self, wanted: Conditions) -> Array:
        """(n, g) sums of the parts' effects."""
        out, alone = self.parts.sums(wanted)
        to = "what combinations tell, or the mean single shift, in place of parts not trained on their own"
        self.fell_back(int((~alone).sum()), to)
        return out
