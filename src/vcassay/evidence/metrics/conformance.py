"""Conformance: what every metric must do on effects whose truth is known without noise."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from vcassay.arrays.agreement import Ratio
from vcassay.core.registry import Entry
from vcassay.evidence.metrics.filled import evaluate
from vcassay.evidence.metrics.metric import METRICS, Array, MetricFunction
from vcassay.evidence.metrics.panel import OF_GENES, Panel

CONDITIONS, GENES = 60, 200
TOLERANCE = 1e-8
SHUFFLED = 0.2
"""How near to chance the mean over 60 shuffled conditions must come, as a share of chance to optimum."""


def conforms(name: str) -> Callable[[], None]:
    """Make a test of a registered metric, for a plug-in's own test suite.

    ``test_it = conforms("my_metric")`` raises an AssertionError that names what does not hold.
    """

    def test() -> None:
        problems = nonconformity(name)
        if problems:
            raise AssertionError(f"metric '{name}': " + "; ".join(problems))

    return test


def nonconformity(name: str, seed: int = 0) -> list[str]:
    """List what a metric gets wrong on noise-free truth.

    A perfect copy must score the optimum, shuffled labels must score near chance (where there is a
    chance level), and the order of genes and of conditions must not matter.
    """
    entry = METRICS[name]
    rng = np.random.default_rng(seed)
    inputs = _inputs(rng)
    truth = inputs["truth"]
    problems: list[str] = []
    if any(name in ("cells", "bias") for name in entry.arguments):
        return problems
    perfect = _mean(entry, inputs, truth)
    if not abs(perfect - entry.meta["optimum"]) < TOLERANCE and entry.meta["family"] != "null":
        problems.append(f"a perfect copy scores {perfect:.6g}, not its optimum {entry.meta['optimum']:g}")
    chance = entry.meta["chance"]
    if chance is not None and entry.meta["family"] in ("correlation", "retrieval"):
        shuffled = _mean(entry, inputs, truth[rng.permutation(len(truth))])
        if abs(shuffled - chance) > SHUFFLED * abs(entry.meta["optimum"] - chance):
            problems.append(f"shuffled labels score {shuffled:.3f}, far from chance {chance:g}")
    pred = truth + rng.normal(size=truth.shape) * truth.std()
    value = _mean(entry, inputs, pred)
    genes, rows = rng.permutation(GENES), rng.permutation(CONDITIONS)
    moved = {k: _genes_moved(k, v, genes) for k, v in inputs.items()}
    if not np.isclose(_mean(entry, moved, pred[:, genes]), value, rtol=1e-10, atol=1e-12):
        problems.append("the order of genes changes the score")
    moved = {k: v if v is None or k in OF_GENES else v[rows] for k, v in inputs.items()}
    if not np.isclose(_mean(entry, moved, pred[rows]), value, rtol=1e-10, atol=1e-12):
        problems.append("the order of conditions changes the score")
    return problems


def _inputs(rng: np.random.Generator) -> dict[str, Any]:
    """A panel of noise-free effects: halves agree exactly."""
    truth = rng.normal(size=(CONDITIONS, GENES)) * rng.lognormal(size=(CONDITIONS, 1))
    mask = np.ones(truth.shape, dtype=bool)
    mask[:, :5] = False
    detectable = np.arange(CONDITIONS) % 4 > 0
    called = (np.abs(truth) > np.quantile(np.abs(truth), 0.7, axis=1, keepdims=True)) & mask
    return {
        "truth": truth,
        "mask": mask,
        "full_mask": np.ones(truth.shape, dtype=bool),
        "reference": np.tile(truth.mean(axis=0), (CONDITIONS, 1)),
        "half_mean": truth,
        "cross": truth * truth,
        "control": np.tile(rng.normal(size=GENES), (CONDITIONS, 1)),
        "context": np.zeros(CONDITIONS, dtype=np.int64),
        "dose_time": np.zeros(CONDITIONS, dtype=np.int64),
        "detectable": detectable,
        "typical": np.ones(CONDITIONS),
        "template": np.tile(truth.mean(axis=0), (CONDITIONS, 1)),
        "half_a": truth,
        "half_b": truth,
        "se": np.full(truth.shape, 0.1),
        "statistic": truth / 0.1,
        "called": called,
        "threshold": np.tile(np.where(called, np.abs(truth), np.inf).min(axis=1, keepdims=True), (1, GENES)),
        "family": np.arange(CONDITIONS),
        "perturbation": np.arange(CONDITIONS) // 4,
        "reliability": np.ones(CONDITIONS),
        "bias": None,
        "pathways": np.eye(GENES, 12) + np.eye(GENES, 12, -20),
        "signature": rng.normal(size=GENES),
    }


def _genes_moved(name: str, value: Any, genes: Any) -> Any:
    if value is None or (name not in OF_GENES and value.ndim < 2):
        return value
    return value[genes] if name in OF_GENES else value[:, genes]


def _mean(entry: Entry[MetricFunction], inputs: dict[str, Any], pred: Array) -> float:
    panel = Panel(inputs, inputs["context"], inputs["family"], {}, "all", "")
    values = evaluate(entry, panel, pred)
    if isinstance(values, Ratio):
        ratio = float(values.numerator.sum() / values.denominator.sum())
        return 0.5 * float(np.log2(ratio)) if entry.meta["transform"] == "log2_root" else ratio
    return float(np.nanmean(values))
