"""Context identity: do predicted effects cluster by cell line more than measured ones."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.group_means import group_means
from vcassay.arrays.multiple import benjamini_hochberg
from vcassay.arrays.resample import Estimate, aggregate, draw_weights, interval
from vcassay.core import Finding, Status, Threshold
from vcassay.core.wording import capital
from vcassay.evidence.biology.attribution.contrasts import cosine_contrasts
from vcassay.evidence.biology.attribution.noise import measurable, measured_twice
from vcassay.evidence.biology.attribution.shares import sign_flips
from vcassay.evidence.biology.bench import Arm, Bench
from vcassay.evidence.biology.contrast import NOT_ASSESSABLE, not_assessable
from vcassay.evidence.biology.diagnostic import diagnostic, finding
from vcassay.evidence.biology.tested import DRAWS, MODEL_Q, TRUTH_P, Tested, tested

Array = NDArray[np.float64]
Codes = NDArray[np.int64]
Mask = NDArray[np.bool_]

NAME = "context_identity"
EXCESS = Threshold(
    "attribution_context_excess", 0.2, "excess over the truth from which line identity is re-emitted (6.5)"
)
LEAST = Threshold("attribution_identity_perturbations", 8, "an interval over perturbations needs as many")
BOOTSTRAP = 1000
WANTED = "it takes two contexts or more and 8 perturbations or more that were tested in several of them"
REMEDY = "Centre predictions by context and look again; a model given the line's name or profile may hand it back."


class Clustered(NamedTuple):
    """Likeness of one arm's effects.

    Attributes
    ----------
    values
        (n, 2) by how much the mean cosine of a condition to others of its context, and to others of its perturbation,
        exceeds that to unrelated ones.
    context, perturbation
        Tests of the means, signs of whole perturbations flipped.
    """

    values: Array
    context: Tested
    perturbation: Tested


class Frame(NamedTuple):
    """Conditions as perturbation x context, doses and times averaged."""

    rows: Codes
    code: Codes
    """Of each of the rows, which of the n pairs it belongs to."""
    context: Codes
    perturbation: Codes


@diagnostic(
    NAME, title="Context identity", source="our own (docs/biology.md): contrast of cosines in place of clusters"
)
def context_identity(bench: Bench, rng: np.random.Generator) -> tuple[Finding, ...]:
    """Predicted effects of one cell line are no more alike than measured ones are.

    Effects are averaged over doses. The statistic is by how much the mean cosine of effects of different perturbations
    in one context exceeds that of unrelated effects (another context and perturbation): 0 where effects tell nothing
    of the line, 1 where they are the line's and lines have nothing in common. It stands for the mutual information of
    clusters and lines: clusters, as nearest neighbours, go to the larger of two parts wholly, so that a model that has
    both, one of them a little too small, looks as bad as one that has only the line. Cosines of the truth are between
    halves of its cells and controls, and predictions are given the noise of such halves.

    PASS: the model's contrast exceeds the truth's by no more than 0.2, or the 95 % interval of the difference
    (perturbations resampled) holds 0. WARN: it exceeds it by more. FAIL: the same, and its effects of one
    perturbation are not more alike than unrelated ones (signs of whole perturbations flipped, q > .05).

    Not assessable with one context, with fewer than 8 perturbations in several, or where the truth's effects of one
    perturbation are not more alike than unrelated ones (p < .01); nor for a model whose effects go by
    neither, which is no credit to it.
    """
    seed = int(rng.integers(2**63))
    frame = _frame(bench, measurable(bench))
    if frame is None:
        return not_assessable(NAME, f"{WANTED}.", bench.submissions)
    truth = _cluster(bench, frame, bench.truth, seed)
    of = f"{len(frame.context):,} conditions"
    of += f" of {int(frame.perturbation.max()) + 1:,} perturbations"
    said = f"in the truth, {_words(truth)}, over {of}"
    if (why := _unfit(truth)) is not None:
        return not_assessable(NAME, f"{said}: {why}.", bench.submissions)
    judged = {arm.name: _judge(bench, arm, frame, truth, seed) for arm in bench.submissions}
    asked = {n: j for n, j in judged.items() if not isinstance(j, str)}
    q = dict(zip(asked, benjamini_hochberg(np.array([j.model.perturbation.p for j in asked.values()])), strict=True))
    coverage = "" if bench.has_halves else " Without halves the truth's noise is in it, which predictions do not have."
    study = finding(
        NAME,
        Status.PASS,
        f"{capital(said)}.{coverage}",
        value=truth.context.value,
        null=truth.context.null,
        evidence=_rows(truth, None),
    )
    return (study, *(_about(arm, judged[arm.name], q.get(arm.name, np.nan)) for arm in bench.submissions))


def _frame(bench: Bench, known: Mask) -> Frame | None:
    rows = np.flatnonzero(known)
    if not len(rows):
        return None
    c, p = (np.unique(x, return_inverse=True)[1] for x in (bench.table.context, bench.table.perturbation))
    pair = np.unique(np.stack([p[rows], c[rows]]), axis=1)
    several = np.bincount(pair[0], minlength=int(p.max()) + 1) > 1
    rows = rows[several[p[rows]]]
    if several.sum() < LEAST.value or len(np.unique(c[rows])) < 2:
        return None
    p, c = (np.unique(x[rows], return_inverse=True)[1] for x in (p, c))
    pairs, code = np.unique(np.stack([p, c]), axis=1, return_inverse=True)
    return Frame(rows, code.reshape(-1).astype(np.int64), pairs[1].astype(np.int64), pairs[0].astype(np.int64))


def _cluster(bench: Bench, frame: Frame, arm: Arm, seed: int) -> Clustered:
    rng, n = np.random.default_rng(seed), len(frame.context)
    left, right = (group_means(x, frame.code, n) for x in measured_twice(bench, arm, rng, frame.rows))
    values = cosine_contrasts(left, right, frame.context, frame.perturbation)
    tests = []
    for own in values.T:
        ok = np.isfinite(own)
        total, drawn = sign_flips(own[ok], frame.perturbation[ok], DRAWS, np.random.default_rng(seed))
        m = max(int(ok.sum()), 1)
        tests.append(tested(total / m if ok.any() else np.nan, drawn / m, int(ok.sum())))
    return Clustered(values, tests[0], tests[1])


def _unfit(truth: Clustered) -> str | None:
    """Why the truth cannot be compared with; ``None`` where it can."""
    if not (truth.perturbation.p < TRUTH_P.value and truth.perturbation.value > 0):
        p = truth.perturbation.p
        return f"its effects of one perturbation are not alike (p = {p:.2g}); it takes more rows a condition"
    return None


class Judged(NamedTuple):
    """A model and the truth on the same conditions, and by how much more its effects go by context."""

    model: Clustered
    truth: Clustered
    gap: Estimate


def _judge(bench: Bench, arm: Arm, frame: Frame, truth: Clustered, seed: int) -> Judged | str:
    if not arm.known[frame.rows].all():
        own = _frame(bench, measurable(bench) & arm.known)
        if own is None:
            return f"of the conditions that it answers too few can be used: {WANTED}"
        frame, truth = own, _cluster(bench, own, bench.truth, seed)
        if _unfit(truth) is not None:
            return "on the conditions that it answers, the truth itself does not show it"
    model = _cluster(bench, frame, arm, seed)
    ok = np.isfinite(model.values[:, 0]) & np.isfinite(truth.values[:, 0])
    family = np.unique(frame.perturbation[ok], return_inverse=True)[1].astype(np.int64)
    weights = draw_weights(np.zeros_like(family), family, BOOTSTRAP, np.random.default_rng(seed))
    found = aggregate(model.values[ok, 0] - truth.values[ok, 0], weights)
    return Judged(model, truth, interval(*found, weights.method, families=weights.families))


def _about(arm: Arm, judged: Judged | str, q: float) -> Finding:
    if isinstance(judged, str):
        return finding(NAME, Status.NA, f"{NOT_ASSESSABLE}{judged}.", model=arm.name)
    gap, model = judged.gap, judged.model
    alike = q < MODEL_Q.value and model.perturbation.value > 0
    if not alike and not (gap.value > EXCESS.value and gap.low > 0):
        why = f"its effects go by neither context nor perturbation (q = {q:.2g})"
        return finding(NAME, Status.NA, f"{NOT_ASSESSABLE}{why}: {_words(model)}.", model=arm.name)
    if not (gap.value > EXCESS.value and gap.low > 0):
        status, why = Status.PASS, "Goes by context about as much as the truth does, or less"
    elif alike:
        status, why = Status.WARN, "Goes by context more than the truth does"
    else:
        status, why = Status.FAIL, f"Goes by context, and not by perturbation (q = {q:.2g})"
    return finding(
        NAME,
        status,
        f"{why}: {_words(model)}; truth {judged.truth.context.value:.2f}, difference {gap.value:+.2f} "
        f"[{gap.low:+.2f}, {gap.high:+.2f}] over {len(model.values):,} conditions.",
        value=model.context.value,
        null=model.context.null,
        threshold=judged.truth.context.value + EXCESS.value,
        model=arm.name,
        evidence=_rows(judged.truth, model),
        remedy="" if status is Status.PASS else REMEDY,
    )


def _words(c: Clustered) -> str:
    return (
        f"effects of one context are more alike than unrelated ones by a cosine of {c.context.value:.2f}, "
        f"of one perturbation by {c.perturbation.value:.2f} (p = {c.perturbation.p:.2g})"
    )


def _rows(truth: Clustered, model: Clustered | None) -> list[dict[str, Any]]:
    out: list[dict[str, Any]] = []
    for source in ("context", "perturbation"):
        row = {"kind": "likeness", "source": source, "truth": float(getattr(truth, source).value)}
        out.append(row if model is None else row | {"model": float(getattr(model, source).value)})
    return out
