"""Panel: the truth side of every metric, prepared once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.agreement import Ratio
from vcassay.arrays.codes import codes_of
from vcassay.claim import Claim
from vcassay.effects import Effects
from vcassay.effects.calls import find_calls
from vcassay.evidence.metrics.biases import bias_model
from vcassay.evidence.metrics.families import resampling_families
from vcassay.evidence.metrics.metric import Values
from vcassay.evidence.metrics.reference import perturbed_reference
from vcassay.evidence.metrics.template import template_of

Array = NDArray[np.float64]


OF_GENES = ("pathways", "signature")
"""Inputs that do not have a row a condition."""


@dataclass(frozen=True, slots=True, eq=False)
class Panel:
    """What test conditions are scored against.

    Attributes
    ----------
    inputs
        Metric argument to array (see `vcassay.evidence.metrics.metric.ARGUMENTS`), without ``pred``.
    context, family
        (t,) codes: of the context, and of what is resampled together (a perturbation at all doses, with its kin).
    strata
        Stratum name to (t,) booleans: ``all``, ``detectable`` and the effect-size strata present.
    decision
        The stratum that decides: ``detectable`` where it could be assessed, else ``all``; of a scalar readout always
        ``all``, since whom a perturbation leaves as it was belongs to the ranking.
    no_signal
        Why nothing can be scored, when no test condition has a detectable effect; else empty.
    missing
        Argument to the reason why it is ``None`` in ``inputs``.
    scalar
        Whether the readout has one feature.
    perfect_cells
        What a perfect model's cells would score, NaN where the truth does not say; ``None`` where no cells are
        compared.
    memo
        What follows from the inputs alone and several answers need, by name; a changed panel starts without.
    resampled
        What a family is, in words.
    """

    inputs: Mapping[str, Any]
    context: NDArray[np.int64]
    family: NDArray[np.int64]
    strata: Mapping[str, NDArray[np.bool_]]
    decision: str
    no_signal: str
    missing: Mapping[str, str] = field(default_factory=dict)
    scalar: bool = False
    perfect_cells: Mapping[str, Values] | None = None
    memo: dict[str, Any] = field(default_factory=dict, init=False, repr=False)
    resampled: str = ""

    def take(self, keep: NDArray[np.bool_] | NDArray[np.int64]) -> Panel:
        """The same panel for some of its conditions, or for all of them in another order."""
        inputs = {n: v if v is None or n in OF_GENES else v[keep] for n, v in self.inputs.items()}
        return replace(
            self,
            inputs=inputs,
            context=self.context[keep],
            family=self.family[keep],
            strata={name: at[keep] for name, at in self.strata.items()},
            perfect_cells=take_cells(self.perfect_cells, keep),
        )

    @property
    def reliability(self) -> Array:
        """(t,) split-half correlations against control."""
        return np.asarray(self.inputs["reliability"])

    @property
    def half_a(self) -> Array:
        """(t, g) effects from one half of the rows and controls."""
        return np.asarray(self.inputs["half_a"])

    @property
    def half_b(self) -> Array:
        """(t, g) effects from the other half."""
        return np.asarray(self.inputs["half_b"])

    @property
    def se(self) -> Array:
        """(t, g) standard errors of the measured effects."""
        return np.asarray(self.inputs["se"])


def take_cells(
    cells: Mapping[str, Values] | None, keep: NDArray[np.bool_] | NDArray[np.int64]
) -> Mapping[str, Values] | None:
    """The comparison of cells for some of the conditions."""
    if cells is None:
        return None
    return {n: Ratio(*(x[keep] for x in v)) if isinstance(v, Ratio) else v[keep] for n, v in cells.items()}


def make_panel(
    effects: Effects,
    claim: Claim,
    full_mask: NDArray[np.bool_],
    further: Mapping[str, NDArray[np.bool_]] | None = None,
) -> Panel:
    """Prepare the test conditions of a claim for scoring.

    Parameters
    ----------
    full_mask
        (n, g) scored genes with the panel's targets kept.
    further
        Further strata of all n conditions, such as reliability classes.
    """
    test = claim.split.test
    table, scalar = effects.conditions.take(test), len(effects.genes) == 1
    context = codes_of(table.context.tolist())
    detectable, assessed = effects.detectable[test], effects.assessed[test]
    strata = {"all": np.ones(len(test), dtype=bool)}
    if detectable.any():
        strata["detectable"] = detectable
    for name in ("null", "weak", "medium", "strong"):
        at = effects.stratum[test] == name
        if at.any():
            strata[name] = at
    for name, at in (further or {}).items():
        if at[test].any():
            strata[name] = at[test]
    found = effects.size[effects.detectable]
    typical = float(np.median(found)) if len(found) else np.nan
    competing = [f"{c}|{d}|{t}" for c, _, d, t in table.keys]
    family = codes_of(["+".join(p) for p in table.parts])
    calls = find_calls(effects, test, claim.split.test_shards)
    template = template_of(effects, claim.split)
    inputs: dict[str, Any] = {
        "truth": effects.delta[test],
        "mask": effects.mask[test],
        "full_mask": full_mask[test],
        "reference": perturbed_reference(effects, claim.split),
        "template": template.values if template.terms is not None else None,
        "half_a": effects.half_a[test],
        "half_b": effects.half_b[test],
        "half_mean": effects.half_mean[test],
        "cross": effects.cross[test],
        "se": effects.se[test],
        "statistic": None if calls.reason else calls.statistic,
        "called": None if calls.reason else calls.called,
        "threshold": None if calls.reason else calls.threshold,
        "control": effects.control[test],
        "context": context,
        "dose_time": codes_of(competing),
        "family": family,
        "perturbation": codes_of(["|".join(map(str, t)) for t in table.treatments]),
        "detectable": detectable,
        "typical": np.where(assessed, typical, np.nan),
        "reliability": effects.reliability[test],
        "bias": bias_model(effects, claim.split) if scalar else None,
        "pathways": None,
        "signature": None,
    }
    missing = {
        "template": "it needs training effects",
        "bias": "no training condition has a value" if scalar else "it is for scalar readouts",
        "pathways": "no gene sets were handed in",
        "pathway_activities": "no gene sets were handed in",
        "pathway_calls": "no gene sets were handed in",
        "signature": "no signature was handed in",
        "cells": "the model predicts no cells",
    } | dict.fromkeys(("statistic", "called", "threshold", "pred_called"), calls.reason)
    resampled, words = resampling_families(table, claim.related)
    return Panel(
        inputs=inputs,
        context=context,
        family=resampled,
        strata=strata,
        decision="detectable" if "detectable" in strata and not scalar else "all",
        no_signal=""
        if scalar or detectable.any() or not assessed.any()
        else f"none of the {int(assessed.sum())} test conditions has a detectable effect",
        missing=missing,
        resampled=words,
        scalar=scalar,
    )
