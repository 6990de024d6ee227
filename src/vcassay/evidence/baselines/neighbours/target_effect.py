"""T3: a compound as the genetic perturbation of its target, scaled."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vcassay.claim.kind import are_genes, gene_of, is_drug, modality_of
from vcassay.core import Conditions
from vcassay.evidence.baselines.baseline import Baseline, baseline
from vcassay.evidence.baselines.means.targets import direction
from vcassay.evidence.baselines.task import Task

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

FEWEST = 3
"""Compounds with a perturbed target from which their share in its effect is learned."""


class _Means:
    """Mean effect of each context over the perturbations of one kind; the mean over contexts where there are none."""

    def __init__(self, context: NDArray[np.str_], effects: Array) -> None:
        names = np.unique(context)
        self.of_context = {str(c): effects[context == c].mean(axis=0) for c in names}
        rows = list(self.of_context.values())
        self.overall = np.mean(rows, axis=0) if rows else np.zeros(effects.shape[1])

    def of(self, context: NDArray[np.str_]) -> Array:
        return np.array([self.of_context.get(c, self.overall) for c in context.tolist()]).reshape(-1, len(self.overall))


@baseline(
    "target_effect",
    title="the target's genetic effect, scaled",
    tier="T3",
    reads=("train_effects", "features"),
    source="CMap: compounds resemble the knock-down of their target (Smith et al. 2017); the scale is ours",
    needs="annotated targets of compounds, trained genetically",
)
class TargetEffect(Baseline):
    """The mean effect of compounds, and a share of what the perturbation of the target's gene does besides.

    What a gene's perturbation does besides is its effect less the mean of genetic ones in its context; it comes from
    the test context where the gene is trained there, else it is the mean over contexts; of several targets the mean.
    One share for genes that are silenced and one for those that are activated, by least squares on training compounds
    with such a target, at least three of them; it is used where, each compound left out in turn, it comes nearer than
    the mean of compounds does. A compound whose targets are not trained genetically gets that mean, as do all where no
    share can be learned, counted.
    """

    def fit(self, task: Task) -> TargetEffect:
        """Place genetic effects by gene, and learn the shares."""
        drug = is_drug(task.train)
        genetic = ~drug if are_genes(task.train) else np.zeros_like(drug)
        rest = task.train.context[drug] if drug.any() else task.train.context
        self.compounds = _Means(rest, task.effects[drug] if drug.any() else task.effects)
        self.targets = {
            name: [block.columns[j] for j in np.flatnonzero(row)]
            for block in task.features
            if block.kind == "label" and block.name == "targets"
            for name, row in zip(block.ids, block.matrix, strict=True)
        }
        own = _Means(task.train.context[genetic], task.effects[genetic])
        rows = np.flatnonzero(genetic)
        left = task.effects[rows] - own.of(task.train.context[rows])
        self.left = {way: self._placed(task.train.take(rows), left, way) for way in ("loss", "gain")}
        self.share = {way: self._share(task, np.flatnonzero(drug), way) for way in self.left}
        return self

    def predict(self, wanted: Conditions) -> Array:
        """(n, g) predicted effects."""
        out, told = self.compounds.of(wanted.context), np.zeros(len(wanted), dtype=bool)
        for way, share in self.share.items():
            if share:
                besides, known = self._besides(wanted, way)
                out[known] += share * besides[known]
                told |= known
        self.fell_back(int((~told).sum()), "the mean of compounds, no share of a trained target being known,")
        return out

    @staticmethod
    def _placed(table: Conditions, left: Array, way: str) -> dict[tuple[str, str], Array]:
        """Gene and context to its mean deviation; the context is empty for the mean over contexts."""
        rows: dict[tuple[str, str], list[int]] = {}
        kinds = [direction(kind) or "loss" for kind in modality_of(table).tolist()]
        for i, (context, parts, kind) in enumerate(zip(table.context.tolist(), table.parts, kinds, strict=True)):
            if len(parts) == 1 and kind == way:
                rows.setdefault((gene_of(parts[0]), context), []).append(i)
        found = {key: left[own].mean(axis=0) for key, own in rows.items()}
        every: dict[str, list[Array]] = {}
        for (gene, _), values in found.items():
            every.setdefault(gene, []).append(values)
        return found | {(gene, ""): np.mean(values, axis=0) for gene, values in every.items()}

    def _besides(self, table: Conditions, way: str) -> tuple[Array, Mask]:
        """(n, g) mean deviation of the targets of each single compound, and (n,) whether any is trained."""
        left, drug = self.left[way], is_drug(table).tolist()
        out, known = np.zeros((len(table), len(self.compounds.overall))), np.zeros(len(table), dtype=bool)
        for i, (context, parts) in enumerate(zip(table.context.tolist(), table.parts, strict=True)):
            names = self.targets.get(parts[0], []) if len(parts) == 1 and drug[i] else []
            found = [left.get((t, context), left[t, ""]) for t in names if (t, "") in left]
            if found:
                out[i], known[i] = np.mean(found, axis=0), True
        return out, known

    def _share(self, task: Task, rows: NDArray[np.int64], way: str) -> float:
        """Share of the targets' deviation that compounds keep; 0 where none is shown to be better than none."""
        table = task.train.take(rows)
        x, known = self._besides(table, way)
        y = task.effects[rows] - self.compounds.of(table.context)
        names, of = np.unique(table.perturbation[known], return_inverse=True)
        if len(names) < FEWEST:
            return 0.0
        xx, xy = (np.bincount(of, weights=(x[known] * other[known]).sum(axis=1)) for other in (x, y))
        rest = xx.sum() - xx
        if not (rest > 0).all():
            return 0.0
        others = (xy.sum() - xy) / rest
        gain = float((2.0 * others * xy - others**2 * xx).sum())  # squared error saved on what was left out
        return float(xy.sum() / xx.sum()) if gain > 0 else 0.0
