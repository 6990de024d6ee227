"""Variance shares: do predicted effects differ between perturbations as much as the measured ones do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.multiple import benjamini_hochberg
from vcassay.arrays.resample import Estimate, Weights, draw_weights
from vcassay.core import Finding, Status, Threshold
from vcassay.core.wording import capital
from vcassay.evidence.biology.attribution.batches import batches_of
from vcassay.evidence.biology.attribution.noise import halved, measurable
from vcassay.evidence.biology.attribution.shares import (
    Shares,
    components,
    crossed_rows,
    difference,
    shares_of,
    sign_flips,
    two_way,
)
from vcassay.evidence.biology.bench import TRUTH, Arm, Bench
from vcassay.evidence.biology.contrast import NOT_ASSESSABLE, not_assessable
from vcassay.evidence.biology.diagnostic import diagnostic, finding
from vcassay.evidence.biology.tested import DRAWS, MODEL_Q, SHARE_OF_TRUTH, TRUTH_P, Tested, tested
from vcassay.screen import Screen

Array = NDArray[np.float64]
Codes = NDArray[np.int64]
Mask = NDArray[np.bool_]

NAME = "variance_shares"
FAR_BELOW = Threshold(
    "attribution_far_below", 0.3, "share of the truth's share below which a source is lost (proposal)"
)
FAMILIES = Threshold("attribution_families", 8, "2 of 2^8 sign patterns are below p = .01; intervals need as many")
NOISY = Threshold("variance_noisy", 2.0, "shares beyond twice the whole are of a variance that is mostly noise")
BOOTSTRAP = 1000
WANTED = "it takes 8 perturbations or more, each tested in two contexts or more"
REMEDY = "Look at what the model predicts for one context and many perturbations: it may ignore which one is applied."


class Measured(NamedTuple):
    """One arm on some conditions: its shares, the test of its perturbation part, and the share of batches."""

    shares: Shares
    tested: Tested
    batch: float
    weights: Weights


class Frame(NamedTuple):
    """The conditions on which context and perturbation can be told apart."""

    rows: Codes
    context: Codes
    treatment: Codes
    family: Codes
    cell: Codes | None
    """Context and batch together; ``None`` where batches cannot be told apart from the rest."""


@diagnostic(
    NAME,
    title="Variance by source",
    source="two-way analysis of variance: Fisher 1925, Statistical Methods for Research Workers",
)
def variance_shares(bench: Bench, screen: Screen, rng: np.random.Generator) -> tuple[Finding, ...]:
    """Predicted effects differ between perturbations as much as measured ones do, and not by their context alone.

    The variance of effects around their mean is split into a part of the context, one of the perturbation (at its
    dose and time), and the rest, their interaction (eta squared). Parts are products of a condition's effect with terms
    that were fitted to the other conditions: in the truth to the other half of the cells and controls, so that noise is
    in none of them. Where conditions of a context lie in different batches, and these can be told apart from
    perturbations, the batch has a part, too.

    The truth counts where its perturbation part is above 0 (p < .01, signs of whole perturbations flipped). PASS:
    the model's perturbation share is 70 % of the truth's or more, or not distinguishable from it. WARN: less, and the
    95 % interval of the difference (perturbations resampled) is below 0. FAIL: below 30 %, or not above 0 (flipped
    signs, q < .05). Without halves the truth's noise counts as rest, which spares the model.

    Not assessable with fewer than 8 perturbations that were tested in two contexts, or a truth without such a part.
    """
    frame = _frame(bench, screen, measurable(bench))
    if frame is None:
        return not_assessable(NAME, f"{WANTED}.", bench.submissions)
    seed = int(rng.integers(2**63))  # all arms see the same draws
    truth = _measure(bench, frame, bench.truth, seed)
    coverage = _coverage(bench, frame)
    wanted = "it takes more rows a condition, or stronger perturbations"
    if max(abs(truth.shares.perturbation[0]), abs(truth.shares.context[0])) > NOISY.value:
        why = f"the variance of the measured effects is not above their noise; {wanted}"
        return not_assessable(NAME, f"{why}. {coverage}", bench.submissions)
    if not (truth.tested.p < TRUTH_P.value and truth.shares.perturbation[0] > 0):
        why = f"in the truth, {_words(truth)}: no part of the perturbation beyond chance (p = {truth.tested.p:.2g})"
        return not_assessable(NAME, f"{why}; {wanted}. {coverage}", bench.submissions)
    judged = {arm.name: _judge(bench, screen, arm, frame, truth, seed) for arm in bench.submissions}
    asked = {name: j for name, j in judged.items() if not isinstance(j, str)}
    q = dict(zip(asked, benjamini_hochberg(np.array([j.model.tested.p for j in asked.values()])), strict=True))
    study = finding(
        NAME,
        Status.PASS,
        f"In the truth, {_words(truth)} (p = {truth.tested.p:.2g}). {coverage}",
        value=truth.shares.perturbation[0],
        null=0.0,
        evidence=_rows(truth, None),
    )
    return (study, *(_about(arm, judged[arm.name], q.get(arm.name, np.nan)) for arm in bench.submissions))


def _frame(bench: Bench, screen: Screen, known: Mask) -> Frame | None:
    """Codes of the usable conditions; ``None`` where too few are left."""
    context = np.unique(bench.table.context, return_inverse=True)[1].astype(np.int64)
    family = np.unique(bench.table.perturbation, return_inverse=True)[1].astype(np.int64)
    place: dict[object, int] = {}
    treatment = np.array([place.setdefault(t, len(place)) for t in bench.table.treatments], dtype=np.int64)
    if not len(treatment):
        return None
    keep = crossed_rows(context, treatment, known)
    if len(np.unique(family[keep])) < FAMILIES.value:
        return None
    rows = np.flatnonzero(keep)
    c, t, f = (np.unique(x[rows], return_inverse=True)[1].astype(np.int64) for x in (context, treatment, family))
    batch = batches_of(screen, bench).code[rows]
    cell = np.unique(c * (int(batch.max(initial=0)) + 2) + batch, return_inverse=True)[1].astype(np.int64)
    apart = bool((batch >= 0).all()) and len(np.unique(cell)) > len(np.unique(c))
    apart = apart and bool((np.bincount(cell) > 1).all()) and components(cell, t) == components(c, t)
    return Frame(rows, c, t, f, cell if apart else None)


def _pairs(bench: Bench, frame: Frame, arm: Arm) -> Iterator[tuple[Array, Array]]:
    """Measurements of an arm on the frame's conditions, one at a time."""
    if arm.role == TRUTH and bench.has_halves:
        for a, b in halved(bench):
            yield a[frame.rows], b[frame.rows]
    else:
        one = arm.values[frame.rows]
        yield one, one


def _measure(bench: Bench, frame: Frame, arm: Arm, seed: int) -> Measured:
    mask, rng = bench.mask[frame.rows], np.random.default_rng(seed)
    products = two_way(_pairs(bench, frame, arm), frame.context, frame.treatment, mask)
    by_cell = None if frame.cell is None else two_way(_pairs(bench, frame, arm), frame.cell, frame.treatment, mask)
    ok = np.isfinite(products).all(axis=1)
    if by_cell is not None:
        ok &= np.isfinite(by_cell).all(axis=1)
    family, context = (np.unique(x[ok], return_inverse=True)[1].astype(np.int64) for x in (frame.family, frame.context))
    weights = draw_weights(context, family, BOOTSTRAP, rng)
    shares = shares_of(products[ok], weights)
    own = tested(*sign_flips(products[ok, 2], family, DRAWS, rng), len(np.unique(family)))
    batch = np.nan if by_cell is None else shares_of(by_cell[ok], weights).context[0] - shares.context[0]
    return Measured(shares, own, batch, weights)


class Judged(NamedTuple):
    """A model and the truth on the same conditions."""

    model: Measured
    truth: Measured
    gap: Estimate
    n: int


def _judge(bench: Bench, screen: Screen, arm: Arm, frame: Frame, truth: Measured, seed: int) -> Judged | str:
    if not arm.known[frame.rows].all():
        own = _frame(bench, screen, measurable(bench) & arm.known)
        if own is None:
            return f"of the conditions that it answers too few can be used: {WANTED}"
        frame, truth = own, _measure(bench, own, bench.truth, seed)
        if not (truth.tested.p < TRUTH_P.value and truth.shares.perturbation[0] > 0):
            return "on the conditions that it answers, the truth itself does not show it"
    model = _measure(bench, frame, arm, seed)
    if not np.isfinite(model.shares.perturbation[0]):
        return "its effects are the same for all conditions"
    gap = difference(model.shares.perturbation, truth.shares.perturbation, truth.weights)
    return Judged(model, truth, gap, len(frame.rows))


def _about(arm: Arm, judged: Judged | str, q: float) -> Finding:
    if isinstance(judged, str):
        same = judged.startswith("its effects are the same")
        status, words = (Status.FAIL, "Failed: ") if same else (Status.NA, NOT_ASSESSABLE)
        return finding(NAME, status, f"{words}{judged}.", model=arm.name, remedy=REMEDY if same else "")
    own, truth = judged.model.shares.perturbation[0], judged.truth.shares.perturbation[0]
    ratio, below = own / truth, judged.gap.high < 0
    if not (q < MODEL_Q.value and own > 0):
        status, why = Status.FAIL, f"nothing of it goes by the perturbation (q = {q:.2g})"
    elif below and ratio < FAR_BELOW.value:
        status, why = Status.FAIL, f"{ratio:.0%} of the truth's share goes by the perturbation"
    elif below and ratio < SHARE_OF_TRUTH.value:
        status, why = Status.WARN, f"{ratio:.0%} of the truth's share goes by the perturbation"
    elif ratio < SHARE_OF_TRUTH.value:
        status, why = Status.PASS, f"{ratio:.0%} of the truth's share, not distinguishable from it"
    else:
        status, why = Status.PASS, f"{ratio:.0%} of the truth's share goes by the perturbation"
    gap = judged.gap
    sentence = (
        f"{capital(why)}: {_words(judged.model)}; truth {truth:.0%}, difference {gap.value:+.0%} "
        f"[{gap.low:+.0%}, {gap.high:+.0%}] over {judged.n:,} conditions."
    )
    return finding(
        NAME,
        status,
        sentence,
        value=own,
        null=0.0,
        threshold=SHARE_OF_TRUTH.value * truth,
        model=arm.name,
        evidence=_rows(judged.truth, judged.model),
        remedy="" if status is Status.PASS else REMEDY,
    )


def _words(m: Measured) -> str:
    if not np.isfinite(m.shares.perturbation[0]):
        return "effects vary around their mean by no more than noise"
    batch = "" if np.isnan(m.batch) else f", {m.batch:.0%} by batch"
    return (
        f"of the variance of effects {m.shares.perturbation[0]:.0%} goes by perturbation, "
        f"{m.shares.context[0]:.0%} by context{batch}, {m.shares.rest - np.nan_to_num(m.batch):.0%} by neither"
    )


def _coverage(bench: Bench, frame: Frame) -> str:
    lost = len(bench.table) - len(frame.rows)
    words = f"Over {len(frame.rows):,} conditions of {int(frame.family.max()) + 1:,} perturbations"
    words += f"; {lost:,} left out, whose perturbation or context stands alone." if lost else "."
    return words if bench.has_halves else f"{words} Noise could not be told from effects and counts as neither."


def _rows(truth: Measured, model: Measured | None) -> list[dict[str, Any]]:
    def of(m: Measured) -> dict[str, float]:
        batch = np.nan_to_num(m.batch)
        parts = {
            "perturbation": m.shares.perturbation[0],
            "context": m.shares.context[0],
            "rest": m.shares.rest - batch,
        }
        return parts if np.isnan(m.batch) else parts | {"batch": m.batch}

    own = {} if model is None else of(model)
    return [
        {"kind": "share", "source": source, "truth": float(value)}
        | ({"model": float(own[source])} if source in own else {})
        for source, value in of(truth).items()
    ]
