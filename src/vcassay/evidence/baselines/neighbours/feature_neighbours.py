"""T3: nearest perturbations by prior features, and nearest compounds by structure."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from vcassay.core import Conditions
from vcassay.evidence.baselines.baseline import Baseline, baseline
from vcassay.evidence.baselines.inner import inner_tasks, least, rotated
from vcassay.evidence.baselines.learners.design import prior_block
from vcassay.evidence.baselines.learners.kernels import squared_distances
from vcassay.evidence.baselines.neighbours.neighbourhood import SCOPES, Likeness, Neighbourhood, Parts
from vcassay.evidence.baselines.parts import sum_parts
from vcassay.evidence.baselines.task import Task
from vcassay.knowledge.similarity import tanimoto

Array = NDArray[np.float64]

WIDTH = 100
"""Components that a wide block is reduced to (GenBio 2026)."""


class BlockNeighbours(Baseline):
    """Neighbours in one block of features, chosen with their number by inner validation."""

    settings: ClassVar[list[tuple[int, float]]]
    """Numbers of neighbours, and powers of the likeness that weigh them; ties go to the first."""
    to: ClassVar[str]
    """What is said of conditions without neighbour."""

    def blocks(self, task: Task) -> list[int]:
        """Positions of the blocks of features to try."""
        raise NotImplementedError

    def likeness(self, task: Task, block: int) -> Likeness | None:
        """How alike perturbations are in a block; ``None`` where it tells nothing."""
        raise NotImplementedError

    def fit(self, task: Task) -> BlockNeighbours:
        """Rank the blocks, each with its best setting, by the error in inner folds."""
        self.rotated, whole = rotated(task)
        self.known = Neighbourhood(whole)
        self.chosen = self._choose(whole)
        self.alike = {block: self.likeness(whole, block) for block, _, _ in self.chosen}
        return self

    def predict(self, wanted: Conditions) -> Array:
        """(n, g) means over neighbours; what the best block does not know is looked up in the next."""
        out = self.known.standing(wanted)
        left = np.ones(len(wanted), dtype=bool)
        for block, scope, setting in self.chosen:
            alike = self.alike[block]
            if alike is None or not left.any():
                continue
            at = np.flatnonzero(left)
            (values,), found = self.known.answers(wanted.take(at), scope, alike, [setting])
            out[at[found]] = values[found]
            left[at[found]] = False
        self.fell_back(int(left.sum()), self.to)
        return self.rotated.back(out)

    def _choose(self, task: Task) -> list[tuple[int, str, tuple[int, float]]]:
        blocks = self.blocks(task)
        scopes = SCOPES if len(set(task.train.context.tolist())) > 1 else SCOPES[:1]
        error = np.zeros((len(blocks), len(scopes), len(self.settings)))
        inner = inner_tasks(task)
        for part, held_out in inner:
            known = part.memo.once("neighbourhood", lambda part=part: Neighbourhood(part))  # type: ignore[misc]
            for b, block in enumerate(blocks):
                alike = self.likeness(part, block)
                for s, scope in enumerate(scopes):
                    if alike is None:
                        error[b, s] += float(((held_out - known.standing(part.wanted)) ** 2).sum())
                        continue
                    found, _ = known.answers(part.wanted, scope, alike, self.settings)
                    error[b, s] += [float(((values - held_out) ** 2).sum()) for values in found]
        best = [least(e.ravel()) if inner else len(self.settings) - 1 for e in error]
        lowest = [float(e.ravel()[i]) for e, i in zip(error, best, strict=True)]
        order = sorted(range(len(blocks)), key=lambda b: (lowest[b], b))
        where = [np.unravel_index(i, (len(scopes), len(self.settings))) for i in best]
        return [(blocks[b], scopes[where[b][0]], self.settings[where[b][1]]) for b in order]


@baseline(
    "feature_knn",
    title="nearest perturbations by prior features",
    tier="T3",
    reads=("train_effects", "features"),
    source="GenBio 2026: nearest neighbours on PCA-100 of embeddings",
    needs="features of the perturbations ([knowledge] features)",
    lookup="features",
)
class FeatureNeighbours(BlockNeighbours):
    """The mean training effect of the perturbations whose prior features are nearest.

    One block of features at a time: standardised on the training perturbations (blocks of components keep their
    variances), reduced to 100 components, Euclidean distance. Neighbours come from the test context where it is
    trained, or from all training contexts, as deviations from their contexts' means; the nearest dose and time of each
    counts; the perturbation itself, trained elsewhere, is its own neighbour. Block, 1 to 40 neighbours and contexts
    come from inner validation by the rule of the outer split. What the chosen block does not know is looked up in the
    next best, and what none knows gets the mean effect of its context. Equally near ones share the last place.

    Deviation from the source, which tries 20 to 100 neighbours: fewer are tried, as screens may have few perturbations.
    Conditions count alike, whatever their numbers of rows.
    """

    settings = [(k, 0.0) for k in (1, 2, 5, 10, 20, 40)]  # noqa: RUF012
    to = "the mean effect, no prior feature knowing their perturbation,"

    def blocks(self, task: Task) -> list[int]:
        """Every block."""
        return list(range(len(task.features)))

    def likeness(self, task: Task, block: int) -> Likeness | None:
        """Less their squared distance, in units of the mean squared length."""
        made = prior_block(task, block, WIDTH)
        if made is None:
            return None

        def alike(a: list[Parts], b: list[Parts]) -> Array:
            x, y = (made.of(_table(names)) for names in (a, b))
            known = np.asarray(x.any(axis=1))[:, None] & y.any(axis=1)
            return np.where(known, -squared_distances(x, y), np.nan)

        return alike


@baseline(
    "nearest_compound",
    title="nearest compounds by structure",
    tier="T3",
    reads=("train_effects", "features"),
    source="Tanimoto-weighted retrieval (arXiv:2606.12639)",
    needs="fingerprints of the compounds ([knowledge] compounds with structures, or features)",
    lookup="structure",
)
class NearestCompound(BlockNeighbours):
    """The mean training effect of the compounds of most similar structure, weighted by similarity.

    Similarity is the Tanimoto coefficient of fingerprints, of a combination that of the bits of all its compounds; of
    several kinds of fingerprints inner validation chooses one, and the number of neighbours (1, 5, 10 or 20) and the
    power (1 or 3) of the similarity that weighs them. Neighbours come from the test context where it is trained, or
    from all training contexts, as deviations from their contexts' means, at the nearest dose and time. A compound
    without a known structure is nobody's neighbour, however unlike; it gets the mean effect of its context, as does
    one that shares no bit with any neighbour. Conditions count alike, whatever their numbers of rows.
    """

    settings = [(k, power) for k in (20, 10, 5, 1) for power in (1.0, 3.0)]  # noqa: RUF012
    to = "the mean effect, no structure being known of them or alike,"

    def blocks(self, task: Task) -> list[int]:
        """Blocks of fingerprints."""
        return [i for i, block in enumerate(task.features) if block.kind == "fingerprint"]

    def likeness(self, task: Task, block: int) -> Likeness | None:
        """Tanimoto coefficient."""
        features = task.features[block]

        def alike(a: list[Parts], b: list[Parts]) -> Array:
            x, y = (sum_parts(features, _table(names)) > 0 for names in (a, b))
            return tanimoto(x, y)

        return alike


def _table(names: list[Parts]) -> Conditions:
    """Perturbations as a table in the order given, repeated ones included."""
    n = len(names)
    none = np.full(n, np.nan)
    return Conditions(np.full(n, ""), tuple(names), none, none, np.full(n, ""))
