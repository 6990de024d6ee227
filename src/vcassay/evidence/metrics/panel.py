"""Panel: the truth side of every metric, prepared once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vcassay.claim import Claim
from vcassay.effects import Effects
from vcassay.evidence.metrics.reference import perturbed_reference

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Panel:
    """What test conditions are scored against.

    Attributes
    ----------
    inputs
        Metric argument to array (see `vcassay.evidence.metrics.metric.ARGUMENTS`), without ``pred``.
    context, family
        (t,) codes: of the context, and of what is resampled together (a perturbation at all doses).
    strata
        Stratum name to (t,) booleans: ``all``, ``detectable`` and the effect-size strata present.
    reliability
        (t,) split-half correlations against control.
    half_a, half_b, se
        (t, g) for ceilings.
    decision
        The stratum that decides: ``detectable`` where it could be assessed, else ``all``.
    no_signal
        Why nothing can be scored, when no test condition has a detectable effect; else empty.
    """

    inputs: Mapping[str, Any]
    context: NDArray[np.int64]
    family: NDArray[np.int64]
    strata: Mapping[str, NDArray[np.bool_]]
    reliability: Array
    half_a: Array
    half_b: Array
    se: Array
    decision: str
    no_signal: str

    def take(self, keep: NDArray[np.bool_]) -> Panel:
        """The same panel for some of its conditions."""
        inputs = {name: value[keep] for name, value in self.inputs.items()}
        return replace(
            self,
            inputs=inputs,
            context=self.context[keep],
            family=self.family[keep],
            strata={name: at[keep] for name, at in self.strata.items()},
            reliability=self.reliability[keep],
            half_a=self.half_a[keep],
            half_b=self.half_b[keep],
            se=self.se[keep],
        )


def make_panel(effects: Effects, claim: Claim, full_mask: NDArray[np.bool_]) -> Panel:
    """Prepare the test conditions of a claim for scoring.

    Parameters
    ----------
    full_mask
        (n, g) scored genes with the panel's targets kept.
    """
    test = claim.split.test
    table = effects.conditions.take(test)
    context = _codes(table.context.tolist())
    detectable, assessed = effects.detectable[test], effects.assessed[test]
    strata = {"all": np.ones(len(test), dtype=bool)}
    if detectable.any():
        strata["detectable"] = detectable
    for name in ("null", "weak", "medium", "strong"):
        at = effects.stratum[test] == name
        if at.any():
            strata[name] = at
    found = effects.size[effects.detectable]
    typical = float(np.median(found)) if len(found) else np.nan
    competing = [f"{c}|{d}|{t}" for c, _, d, t in table.keys]
    inputs = {
        "truth": effects.delta[test],
        "mask": effects.mask[test],
        "full_mask": full_mask[test],
        "reference": perturbed_reference(effects, claim.split),
        "half_mean": effects.half_mean[test],
        "cross": effects.cross[test],
        "control": effects.control[test],
        "context": context,
        "dose_time": _codes(competing),
        "detectable": detectable,
        "typical": np.where(assessed, typical, np.nan),
    }
    return Panel(
        inputs=inputs,
        context=context,
        family=_codes(["+".join(p) for p in table.parts]),
        strata=strata,
        reliability=effects.reliability[test],
        half_a=effects.half_a[test],
        half_b=effects.half_b[test],
        se=effects.se[test],
        decision="detectable" if "detectable" in strata else "all",
        no_signal=""
        if detectable.any() or not assessed.any()
        else f"none of the {int(assessed.sum())} test conditions has a detectable effect",
    )


def _codes(names: list[str]) -> NDArray[np.int64]:
    return np.unique(np.asarray(names, dtype=str), return_inverse=True)[1].astype(np.int64)
