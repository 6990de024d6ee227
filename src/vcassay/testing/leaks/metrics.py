"""Metrics that can be earned without knowing anything (L28)."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache, partial

import numpy as np
from numpy.typing import NDArray

from vcassay.core import Finding
from vcassay.effects.scored import scored_genes
from vcassay.evidence.metrics import METRICS, make_panel
from vcassay.evidence.metrics.calibration.hackable import MetricEntry, Sabotages, hackable, prepare_sabotages
from vcassay.simulate.answers import honest
from vcassay.testing.leaks.study import simulated
from vcassay.testing.power import Case

Array = NDArray[np.float64]


def scalar_product(truth: Array, pred: Array, mask: NDArray[np.bool_]) -> Array:
    """Scalar product of prediction and truth over that of the truth with itself: it doubles with the prediction."""
    t, p = np.where(mask, truth, 0.0), np.where(mask, pred, 0.0)
    return np.asarray((t * p).sum(axis=1) / (t * t).sum(axis=1))


def spread(truth: Array, pred: Array, mask: NDArray[np.bool_]) -> Array:
    """Share of genes whose predicted change is at least as large as a tenth of the largest measured one."""
    high = 0.1 * np.abs(np.where(mask, truth, 0.0)).max()
    return np.asarray((mask & (np.abs(pred) >= high)).sum(axis=1) / mask.sum(axis=1))


LIKE = METRICS["pearson_delta"]
PLANTED: dict[str, MetricEntry] = {
    f.__name__: replace(LIKE, name=f.__name__, obj=f, arguments=("truth", "pred", "mask"))
    for f in (scalar_product, spread)
}
"""Metrics outside of the registry, taken for primary ones."""


@lru_cache(maxsize=64)
def _sabotages(seed: int, planted: str) -> Sabotages | str:
    study = simulated(seed)
    effects, split = study.effects, study.split
    full, _ = scored_genes(effects.moments, effects.conditions, effects.genes, train=split.train, targets=True)
    return prepare_sabotages(make_panel(effects, study.claim, full), seed, [PLANTED[planted]] if planted else None)


def _judged(seed: int, planted: str) -> Finding:
    study = simulated(seed)
    answer = study.answer(honest(study.simulation, study.wanted, np.random.default_rng(seed)))
    metrics = [PLANTED[planted]] if planted else None
    return hackable(_sabotages(seed, planted), answer.name, answer.values, metrics, seed)


def _named(found: Finding, seed: int, *, metric: str, tricks: tuple[str, ...]) -> bool:
    first = found.evidence[0]
    return bool(first["metric"] == metric) and any(trick in str(first["hack"]) for trick in tricks)


CASES = (
    Case(
        "L28",
        "a primary metric that pays for scale",
        "the scalar product with the truth",
        partial(_judged, planted="scalar_product"),
        partial(_judged, planted=""),
        partial(_named, metric="scalar_product", tricks=("scaling",)),
    ),
    Case(
        "L28",
        "a primary metric that pays for noise",
        "the number of large predicted changes",
        partial(_judged, planted="spread"),
        partial(_judged, planted=""),
        partial(_named, metric="spread", tricks=("noise", "scaling")),
    ),
)
