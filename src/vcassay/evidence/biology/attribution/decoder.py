"""Batch decoder: can the batch of a condition be read from its predicted effect."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.agreement import pearson
from vcassay.arrays.centroids import balanced_accuracy, nearest_centroid
from vcassay.arrays.group_means import group_means
from vcassay.arrays.multiple import benjamini_hochberg
from vcassay.arrays.resample import Estimate, aggregate, draw_weights, interval
from vcassay.core import Finding, Status, Threshold
from vcassay.core.wording import capital
from vcassay.evidence.biology.attribution.batches import against_other_batches, batches_of, own_groups
from vcassay.evidence.biology.attribution.noise import measurable, measured_twice
from vcassay.evidence.biology.bench import Arm, Bench
from vcassay.evidence.biology.contrast import NOT_ASSESSABLE, not_assessable
from vcassay.evidence.biology.diagnostic import diagnostic, finding
from vcassay.evidence.biology.tested import MODEL_Q, SHARE_OF_TRUTH, Tested, tested, truth_passes
from vcassay.screen import Screen

Array = NDArray[np.float64]
Codes = NDArray[np.int64]
Mask = NDArray[np.bool_]
Pair = tuple[Array, Array]

NAME = "batch_decoder"
EXCESS = Threshold("attribution_batch_excess", 0.1, "accuracy beyond the truth's that is worth a word (proposal)")
SPREADS = Threshold("attribution_batch_spreads", 3, "permuted spreads beyond the truth's: 2 of a difference of two")
LEAST = Threshold("attribution_batch_perturbations", 4, "perturbations of a batch, so that a centroid is left of three")
PERMUTED = 299
BOOTSTRAP = 1000
WANTED = (
    "it takes contexts with two batches or more that have controls of their own, and 4 test perturbations or more "
    "in each that lie in no other"
)
REMEDY = "Train on effects against controls of the same batch, and leave the batch out of the model's inputs."


class Units(NamedTuple):
    """Test conditions as context x batch x perturbation.

    Attributes
    ----------
    rows, code
        Test conditions, and (m,) which of the n units each belongs to.
    context, batch, perturbation
        (n,) codes; batches of different contexts have different codes.
    group
        (t,) control group of each test condition; -1 without one.
    """

    rows: Codes
    code: Codes
    context: Codes
    batch: Codes
    perturbation: Codes
    group: Codes


@diagnostic(
    NAME,
    title="Batch in predicted effects",
    source="nearest centroids, cross-validated: Tibshirani et al. 2002, PNAS 99:6567",
)
def batch_decoder(bench: Bench, screen: Screen, rng: np.random.Generator) -> tuple[Finding, ...]:
    """A condition's batch cannot be read from its predicted effect better than from the measured one.

    Where conditions of a context lie in different batches, the batch of each is predicted by the nearest centroid of
    effects of other perturbations; the statistic is balanced accuracy, averaged over contexts. It is asked of the
    truth twice: against controls of the condition's own batch, which take off what the batch does, and against those
    of the other batches, which do not. Centroids are products of two halves of rows and controls, and predictions are
    given the noise of such halves. Batches are permuted within contexts.

    The truth counts where its batch can be read against other batches' controls (p < .01), and by 0.1 better than
    against its own: otherwise there is no batch to be learnt, or it is one with classes of perturbations. PASS: the
    model's accuracy is within its permutations (q > .05), or no more than 0.1, or 3 standard deviations of permuted
    accuracies, above the truth's against its own batch. WARN: it is more. FAIL: it has 70 % of what other batches'
    controls add. WARN also where a model agrees with the truth (Pearson) against its own batch's controls and, by the
    interval over perturbations, no longer against other batches': its skill would be the batch's. What a model gains
    from scoring controls that it saw is L15m's question, and is not asked here.

    Not assessable where no context has two batches with controls and perturbations of their own, or without halves.
    """
    units = _units(bench, screen, measurable(bench))
    other = None if units is None else against_other_batches(screen, bench, units.group)
    if units is None or other is None:
        return not_assessable(NAME, f"{WANTED}.", bench.submissions)
    seed = int(rng.integers(2**63))
    own, across = _truths(bench, units, other, seed)
    said = (
        f"in the truth a condition's batch is read with accuracy {across.value:.0%} against controls of other batches "
        f"({across.null:.0%} permuted, p = {across.p:.2g}), {own.value:.0%} against its own, over {across.n:,} "
        f"perturbations in {len(np.unique(units.batch)):,} batches of {len(np.unique(units.context)):,} contexts"
    )
    if (why := _unfit(own, across)) is not None:
        return not_assessable(NAME, f"{said}: {why}.", bench.submissions)
    judged = {a.name: _judge(bench, screen, a, units, (own, across), other, seed) for a in bench.submissions}
    asked = {n: j for n, j in judged.items() if not isinstance(j, str)}
    q = dict(zip(asked, benjamini_hochberg(np.array([j.model.p for j in asked.values()])), strict=True))
    study = finding(
        NAME,
        Status.PASS,
        f"{capital(said)}.",
        value=across.value,
        null=across.null,
        evidence=_rows(own, across, None),
    )
    return (study, *(_about(arm, judged[arm.name], q.get(arm.name, np.nan)) for arm in bench.submissions))


def _units(bench: Bench, screen: Screen, known: Mask) -> Units | None:
    batches = batches_of(screen, bench)
    group = own_groups(screen, bench, batches)
    keep = known & (group >= 0)
    context = np.unique(bench.table.context, return_inverse=True)[1].astype(np.int64)
    perturbation = np.unique(bench.table.perturbation, return_inverse=True)[1].astype(np.int64)
    width = len(batches.names)
    while keep.any():  # batches of few perturbations go, then contexts of one batch
        cell = context * width + np.maximum(batches.code, 0)
        pairs = np.unique(np.stack([cell[keep], perturbation[keep]]), axis=1)
        few = np.bincount(pairs[0], minlength=int(cell.max()) + 1) < LEAST.value
        left = keep & ~few[cell]
        cells = np.unique(cell[left])
        alone = np.bincount(cells // width, minlength=int(context.max()) + 1) < 2
        left &= ~alone[context]
        if (left == keep).all():
            break
        keep = left
    rows = np.flatnonzero(keep)
    if not len(rows):
        return None
    cell = context[rows] * width + batches.code[rows]
    found, code = np.unique(np.stack([context[rows], cell, perturbation[rows]]), axis=1, return_inverse=True)
    return Units(rows, code.reshape(-1).astype(np.int64), found[0], found[1], found[2], group)


def decode(units: Units, pair: Pair, draws: int, rng: np.random.Generator) -> Tested:
    """Balanced accuracy over the contexts, and with batches permuted within them."""
    n = len(units.context)
    left, right = (group_means(x, units.code, n) for x in pair)
    own, drawn, contexts = 0.0, np.zeros(draws), np.unique(units.context)
    for c in contexts:
        at = np.flatnonzero(units.context == c)
        label, group = (np.unique(x[at], return_inverse=True)[1] for x in (units.batch, units.perturbation))
        middle = left[at].mean(axis=0), right[at].mean(axis=0)
        products = (left[at] - middle[0]) @ (right[at] - middle[1]).T
        labels = np.concatenate([label[None], rng.permuted(np.tile(label, (draws, 1)), axis=1)])
        accuracy = np.nan_to_num(balanced_accuracy(nearest_centroid(products, labels, group), labels))
        own += float(accuracy[0])
        drawn += accuracy[1:]
    return tested(own / len(contexts), drawn / len(contexts), n)


def _truths(bench: Bench, units: Units, other: Pair, seed: int) -> tuple[Tested, Tested]:
    """Of the truth against controls of its own batch, and of the others."""
    rng: Callable[[], np.random.Generator] = lambda: np.random.default_rng(seed)  # noqa: E731
    own = decode(units, measured_twice(bench, bench.truth, rng(), units.rows), PERMUTED, rng())
    return own, decode(units, (other[0][units.rows], other[1][units.rows]), PERMUTED, rng())


def _unfit(own: Tested, across: Tested) -> str | None:
    if not truth_passes(across):
        return "no more than chance, so that there is no batch to be learnt"
    if across.value - _base(own) <= EXCESS.value:
        return "no better, so that batches cannot be told from classes of perturbations"
    return None


def _base(own: Tested) -> float:
    """What can be read where the batch is taken off, chance at least."""
    return max(own.value, own.null)


class Judged(NamedTuple):
    """A model's accuracy, the truth's on the same conditions, and the model's agreement with either truth."""

    model: Tested
    own: Tested
    across: Tested
    agreement: tuple[Estimate, Estimate]


def _judge(
    bench: Bench, screen: Screen, arm: Arm, units: Units, truths: tuple[Tested, Tested], other: Pair, seed: int
) -> Judged | str:
    if not arm.known[units.rows].all():
        fewer = _units(bench, screen, measurable(bench) & arm.known)
        if fewer is None:
            return f"of the conditions that it answers too few can be used: {WANTED}"
        units, truths = fewer, _truths(bench, fewer, other, seed)
        if _unfit(*truths) is not None:
            return "on the conditions that it answers, the truth itself does not show it"
    pair = measured_twice(bench, arm, np.random.default_rng(seed), units.rows)
    model = decode(units, pair, PERMUTED, np.random.default_rng(seed))
    mask, context = bench.mask[units.rows], np.unique(bench.table.context[units.rows], return_inverse=True)[1]
    family = np.unique(bench.table.perturbation[units.rows], return_inverse=True)[1]
    weights = draw_weights(context, family, BOOTSTRAP, np.random.default_rng(seed))
    truth_other = (other[0][units.rows] + other[1][units.rows]) / 2
    agreement = [
        interval(
            *aggregate(np.nan_to_num(pearson(t, arm.values[units.rows], mask)), weights),
            weights.method,
            families=weights.families,
        )
        for t in (bench.truth.values[units.rows], truth_other)
    ]
    return Judged(model, *truths, (agreement[0], agreement[1]))


def _about(arm: Arm, judged: Judged | str, q: float) -> Finding:
    if isinstance(judged, str):
        return finding(NAME, Status.NA, f"{NOT_ASSESSABLE}{judged}.", model=arm.name)
    model, own, across = judged.model, judged.own, judged.across
    excess, span = model.value - _base(own), across.value - _base(own)
    before, after = judged.agreement
    lost = before.low > 0 and not after.low > 0
    if not (q < MODEL_Q.value and excess > max(EXCESS.value, SPREADS.value * model.spread)):
        status, why = Status.PASS, "The batch can hardly be read from its effects better than from measured ones"
    elif excess < SHARE_OF_TRUTH.value * span:
        status, why = Status.WARN, "The batch can be read from its effects more than from measured ones"
    else:
        status, why = Status.FAIL, f"Its effects carry {excess / span:.0%} of what the batch does to uncorrected ones"
    if lost and status is Status.PASS:
        status, why = Status.WARN, "It agrees with the truth only where controls are of the condition's own batch"
    sentence = (
        f"{why}: accuracy {model.value:.0%} over {model.n:,} perturbations, {model.null:.0%} with permuted batches "
        f"(q = {q:.2g}); truth {own.value:.0%} against its own batch's controls, {across.value:.0%} against others'. "
        f"Pearson correlation with the truth {before.value:.2f} [{before.low:.2f}, {before.high:.2f}] against its "
        f"own batch's controls, {after.value:.2f} [{after.low:.2f}, {after.high:.2f}] against others'."
    )
    return finding(
        NAME,
        status,
        sentence,
        value=model.value,
        null=model.null,
        threshold=_base(own) + EXCESS.value,
        model=arm.name,
        evidence=_rows(own, across, model),
        remedy="" if status is Status.PASS else REMEDY,
    )


def _rows(own: Tested, across: Tested, model: Tested | None) -> list[dict[str, Any]]:
    row = {"kind": "decoder", "source": "batch", "truth": own.value, "other": across.value, "null": own.null}
    return [row if model is None else row | {"model": model.value}]
