"""Describe: the screen and its effects as the record stores them."""

from __future__ import annotations

import hashlib
import json

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.ceiling import perfect_ceiling, spearman_brown
from vcassay.claim import Claim
from vcassay.effects import Effects
from vcassay.effects.strata import FDR
from vcassay.record.base import Reasoned
from vcassay.record.screen import CrossedRecord, ScreenRecord, StratumRecord
from vcassay.screen import CONTROL, Readout, Rows, Screen

PROFILE = {
    Readout.COUNTS: "pseudobulk: log1p(target sum x summed counts / total counts)",
    Readout.LOGNORM: "mean of log1p over rows",
    Readout.CONTINUOUS: "mean over rows",
    Readout.SCALAR: "mean over rows",
}


def describe_screen(
    screen: Screen, effects: Effects, claim: Claim, depth_from: str, crossed: tuple[CrossedRecord, ...] = ()
) -> ScreenRecord:
    """Describe what was measured and how."""
    table, slots, test = screen.table, effects.moments.slots, claim.split.test
    assessed = effects.assessed
    found = int(effects.detectable.sum())
    half = effects.reliability[np.isfinite(effects.reliability)]
    mean = float(half.mean()) if len(half) else np.nan
    matched = effects.matched[np.isfinite(effects.matched)]
    notes = [Reasoned(sentence=s, reason=r) for s, r in (*screen.notes, *effects.moments.notes)]
    if effects.moments.target_sum is not None:
        notes.append(
            Reasoned(sentence=f"Count profiles are scaled to {effects.moments.target_sum:g}.", reason=depth_from)
        )
    return ScreenRecord(
        name=screen.name,
        path=screen.path.name if screen.path else "",
        rows=screen.design.rows,
        readout=screen.design.readout,
        n_rows=screen.n_rows,
        n_genes=len(screen.genes),
        n_scored_genes=int(effects.mask.any(axis=0).sum()),
        scored_genes_rule=effects.mask_rule,
        n_conditions=len(table.conditions),
        n_contexts=len(set(table.conditions.context.tolist())),
        n_perturbations=len(set(table.conditions.parts)),
        n_batches=len(table.batches),
        n_control_rows=int((table.condition == CONTROL).sum()),
        contexts=tuple(sorted(set(table.conditions.context.tolist()))),
        profile=PROFILE[screen.design.readout]
        if screen.design.rows is not Rows.EFFECTS
        else "ready-made effects, averaged",
        target_sum=effects.moments.target_sum,
        controls=_controls_in_words(screen, effects),
        control_match_share=float(np.average(matched, weights=slots.rows)) if len(matched) == len(slots.rows) else None,
        n_detectable=found if assessed.any() else None,
        n_assessed=int(assessed.sum()) if assessed.any() else None,
        expected_false=FDR.value * found if assessed.any() else None,
        reliability=mean,
        reliability_full=float(spearman_brown(mean)) if np.isfinite(mean) else None,
        strata=_strata(effects, test),
        matched_columns=screen.design.columns(),
        dose_unit=screen.design.dose_unit,
        time_unit=screen.design.time_unit,
        notes=tuple(notes),
        crossed=crossed,
        scored_genes_sha256=hash_scored(effects, test),
    )


def hash_scored(effects: Effects, test: NDArray[np.int64]) -> str:
    """Hash of the scored genes by name, and of which of them each test condition is scored on."""
    mask = effects.mask[test] if len(test) else effects.mask
    order = np.argsort(effects.genes, kind="stable")
    used = np.asarray(mask.any(axis=0), dtype=bool)
    order = order[used[order]]
    digest = hashlib.sha256(json.dumps(effects.genes[order].tolist()).encode())
    digest.update(np.packbits(mask[:, order]).tobytes())
    return digest.hexdigest()


def _controls_in_words(screen: Screen, effects: Effects) -> str:
    if screen.design.rows is Rows.EFFECTS:
        return "none: the rows are effects that someone already computed"
    if bool(effects.shared_control.all()):
        return "shared by scoring and training: fewer than four control rows in each context"
    return (
        "matched within context, and within batch where the batch has enough; half of them (even shards) reserved "
        "for scoring, half left to training"
    )


def _strata(effects: Effects, test: np.ndarray) -> tuple[StratumRecord, ...]:
    rows = []
    stratum, size = effects.stratum[test], effects.effect[test]
    half = effects.reliability[test]
    for name in ("null", "weak", "medium", "strong", "unassessed"):
        at = stratum == name
        if not at.any():
            continue
        finite = size[at][np.isfinite(size[at])]
        defined = half[at][np.isfinite(half[at])]
        rows.append(
            StratumRecord(
                name=name,
                n=int(at.sum()),
                effect_low=float(finite.min()) if len(finite) else None,
                effect_high=float(finite.max()) if len(finite) else None,
                reliability=float(defined.mean()) if len(defined) else None,
                ceiling=perfect_ceiling(half[at]),
            )
        )
    return tuple(rows)
