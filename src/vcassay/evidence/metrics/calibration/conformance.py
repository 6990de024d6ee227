"""Conformance: what every metric must do, on effects known without noise and on the screen at hand."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.agreement import Ratio
from vcassay.core.errors import PluginError
from vcassay.core.registry import Entry
from vcassay.evidence.metrics.calibration.fixtures import Fixture, given, make_fixtures
from vcassay.evidence.metrics.calibration.gaming import make_hacks
from vcassay.evidence.metrics.calibration.moved import moved_genes
from vcassay.evidence.metrics.calibration.outcome import Outcome, nothing, outcome, summed
from vcassay.evidence.metrics.calibration.planted import planted_panel
from vcassay.evidence.metrics.calibration.rules import Broken, broken_rules
from vcassay.evidence.metrics.filled import on_truth, settle, usable
from vcassay.evidence.metrics.inputs import Inputs
from vcassay.evidence.metrics.metric import METRICS, MetricFunction, Values
from vcassay.evidence.metrics.panel import Panel
from vcassay.evidence.metrics.score import applies

SAME = 1e-10
"""Relative change that another order of genes or conditions may make."""


def conforms(metric: str | MetricFunction) -> Callable[[], None]:
    """Make a test of a registered metric, for a plug-in's own test suite.

    ``test_it = conforms("my_metric")`` (or the function itself) raises an AssertionError that names what does not hold.
    """

    def test() -> None:
        problems = nonconformity(metric)
        if problems:
            raise AssertionError(f"metric '{_entry(metric).name}': " + "; ".join(problems))

    return test


def _entry(metric: str | MetricFunction) -> Entry[MetricFunction]:
    if isinstance(metric, str):
        return METRICS[metric]
    found = next((entry for entry in METRICS if entry.obj is metric), None)
    if found is None:
        raise PluginError(f"the function '{metric.__name__}' is not registered: put @va.metric(...) above it")
    return found


def nonconformity(metric: str | MetricFunction, seed: int = 0) -> list[str]:
    """List what a metric gets wrong on planted effects without noise.

    The whole table: perfect copy, no change, one answer, shuffled labels, scaling, noise, measured
    noise, target genes, flooding, context copy, gaming submissions; and the order of genes and
    conditions must not matter. Faults that the metric declares are not listed.
    """
    entry = _entry(metric)
    panel = planted_panel(seed, scalar=entry.meta["readout"] == "scalar")
    if entry.meta["family"] != "null":
        panel = panel.take(panel.strata["detectable"])
    rng = np.random.default_rng(seed)
    outcomes = find_outcomes([entry], panel, rng)[entry.name]
    broken = broken_rules(entry, outcomes, noise_free=True)
    problems = [f"{b.rule}: {b.sentence}" for b in broken if b.rule not in entry.meta["faults"]]
    return problems + _order_matters(entry, panel, rng)


def find_outcomes(
    entries: Iterable[Entry[MetricFunction]], panel: Panel, rng: np.random.Generator
) -> dict[str, dict[str, Outcome]]:
    """Metric to fixture to outcome; gaming submissions are named ``hack: ...``."""
    known = [e for e in entries if applies(e, panel)]
    out: dict[str, dict[str, Outcome]] = {e.name: {} for e in known}
    for fixture in make_fixtures(panel, rng).values():
        inputs = given(panel, fixture)
        for entry in known:
            out[entry.name][fixture.name] = outcome(entry, inputs)
    perfect = {e.name: on_truth(e, panel) for e in known}
    for hack in make_hacks(panel, rng).values():
        pred, present = usable(panel, hack.pred)
        inputs = Inputs(panel, pred, hack.noise, present=present)
        for entry in known:
            out[entry.name][f"hack: {hack.name}"] = answered(entry, perfect[entry.name], inputs, present)
    silent = noise_panel(panel)
    if silent is not None:
        inputs = given(silent, Fixture("noise as truth", "", np.nan_to_num(np.asarray(panel.inputs["reference"]))))
        for entry in known:
            out[entry.name]["noise as truth"] = outcome(entry, inputs)
    return out


def answered(entry: Entry[MetricFunction], perfect: Values, inputs: Inputs, present: NDArray[np.bool_]) -> Outcome:
    """An outcome in which what is left out counts at chance."""
    filled = settle(entry, perfect, inputs, present)
    if filled.impossible:
        return nothing(inputs["family"])
    values = np.where(filled.defined, filled.values, np.nan)
    ratio = None if filled.denominator is None else Ratio(values, filled.denominator)
    return summed(values if ratio is None else ratio, inputs["family"], entry.meta["transform"])


def noise_panel(panel: Panel) -> Panel | None:
    """The same panel with measured noise for effects: half the difference of the split halves."""
    a, b = panel.inputs.get("half_a"), panel.inputs.get("half_b")
    if a is None or b is None or not np.isfinite(a + b).all():
        return None
    noise = (a - b) / 2.0
    if not noise.any():
        return None
    called = panel.inputs.get("threshold")
    changed = {"truth": noise, "half_mean": np.zeros_like(noise), "cross": -noise * noise}
    if called is not None:
        changed["called"] = (np.abs(noise) >= called) & panel.inputs["mask"]
    return replace(panel, inputs={**panel.inputs, **changed})


def _order_matters(entry: Entry[MetricFunction], panel: Panel, rng: np.random.Generator) -> list[str]:
    truth = np.asarray(panel.inputs["truth"])
    pred = truth + rng.normal(size=truth.shape) * truth.std()
    value = outcome(entry, Inputs(panel, pred)).value
    genes, rows = rng.permutation(truth.shape[1]), rng.permutation(len(truth))
    problems = []
    for what, moved, changed in (
        ("genes", moved_genes(panel, genes), pred[:, genes]),
        ("conditions", panel.take(rows), pred[rows]),
    ):
        again = outcome(entry, Inputs(moved, changed)).value
        if not np.isclose(again, value, rtol=SAME, atol=1e-12, equal_nan=True):
            problems.append(f"the order of {what} changes the score")
    return problems


def dataset_conformance(panel: Panel, seed: int) -> dict[str, tuple[Broken, ...]]:
    """Rules that each metric breaks on the screen at hand.

    Parameters
    ----------
    panel
        Its test conditions, or a stratified part of them.
    """
    entries = list(METRICS)
    outcomes = find_outcomes(entries, panel, np.random.default_rng([seed, *b"conformance"]))
    return {name: broken_rules(METRICS[name], found, noise_free=False) for name, found in outcomes.items()}
