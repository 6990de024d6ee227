"""T3: kernel ridge with Gaussian kernels of prior features."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from vcassay.core import Conditions
from vcassay.evidence.baselines.baseline import Array, baseline
from vcassay.evidence.baselines.learners.design import Design, make_design
from vcassay.evidence.baselines.learners.dual import KernelRegression
from vcassay.evidence.baselines.learners.kernels import squared_distances
from vcassay.evidence.baselines.task import Task


@baseline(
    "kernel_ridge",
    title="kernel ridge on prior features",
    tier="T3",
    reads=("train_effects", "target_controls", "controls_elsewhere", "features"),
    source="Saunders et al. 1998",
    needs="features of the perturbations ([knowledge] features)",
)
class KernelRidge(KernelRegression):
    """Ridge on Gaussian kernels of the features, which learns smooth responses of any shape.

    Either one Gaussian of all columns, or the mean over blocks of features of a Gaussian each, times one of context,
    dose and time, to which it is added; a perturbation that a block does not know is like nothing in it. Widths are
    once or twice the mean squared distance between training conditions. Kernel, width and penalty come from inner
    validation drawn by the rule of the outer split. Conditions weigh by their number of rows; the mean training effect
    is taken off first.
    """

    forms = tuple({"kernel": k, "width": w} for k in ("blocks", "whole") for w in (2.0, 1.0))

    def kernel(self, task: Task, a: Conditions, b: Conditions, form: Mapping[str, Any]) -> Array:
        """Likeness of conditions, at most 1."""
        design = make_design(task)
        pair = [self._columns(task, design, table) for table in (a, b)]
        squares = [squared_distances(x, y) for x, y in zip(*pair, strict=True)]
        size = [2.0 * float(block.train.var(axis=0).sum()) for block in design.blocks]
        if form["kernel"] == "whole":
            return _gaussian(sum(squares, np.zeros((len(a), len(b)))), form["width"] * sum(size))
        own, rest, width = [], np.zeros((len(a), len(b))), 0.0
        for block, x, y, d2, s in zip(design.blocks, *pair, squares, size, strict=True):
            if block.axis == "perturbation":
                known = np.asarray(x.any(axis=1))[:, None] & y.any(axis=1)
                own.append(np.where(known, _gaussian(d2, form["width"] * s), 0.0))
            else:
                rest, width = rest + d2, width + form["width"] * s
        setting = _gaussian(rest, width)
        return np.asarray(setting * (1.0 + np.mean(own, axis=0)) / 2.0) if own else setting

    def predict(self, wanted: Conditions) -> Array:
        """(n, g) predicted effects."""
        known = make_design(self.task).knows(wanted)
        out = super().predict(wanted)
        self.fell_back(int((~known).sum()), "what context and dose say, no prior feature knowing their perturbation,")
        return out

    @staticmethod
    def _columns(task: Task, design: Design, table: Conditions) -> list[Array]:
        """Columns of each block; those of training and of held-out conditions are at hand."""
        if table is task.train:
            return [block.train for block in design.blocks]

        def make() -> list[Array]:
            return [block.of(table) for block in design.blocks]

        return task.memo.once("wanted blocks", make) if table is task.wanted else make()


def _gaussian(d2: Array, width: float) -> Array:
    return np.exp(d2 / -width) if width > 0.0 else np.ones_like(d2)
