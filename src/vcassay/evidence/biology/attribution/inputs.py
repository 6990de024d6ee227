"""Input use: which input carries a model's predictions, by what changes when it is exchanged."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.agreement import pearson
from vcassay.arrays.group_means import group_means
from vcassay.arrays.resample import Estimate, aggregate, draw_weights, interval
from vcassay.core import Finding, Status, Threshold
from vcassay.evidence.biology.attribution.noise import halved, measurable
from vcassay.evidence.biology.attribution.shares import difference, sign_flips
from vcassay.evidence.biology.bench import Arm, Bench
from vcassay.evidence.biology.contrast import NOT_ASSESSABLE, not_assessable
from vcassay.evidence.biology.diagnostic import diagnostic, finding
from vcassay.evidence.biology.tested import DRAWS, SHARE_OF_TRUTH, TRUTH_P, tested
from vcassay.prediction import Answer

Array = NDArray[np.float64]
Codes = NDArray[np.int64]

NAME = "input_use"
KINDS = ("shuffled", "swapped", "zeroed")
"""What was done to an input, the one that decides first."""
CHECK = {"perturbation": "L24", "context": "L24c", "dose": "L24d"}
"""Where the leakage room judges whether an input is used at all."""
MATTERS = Threshold(
    "attribution_input_matters", 0.05, "share of the truth's variance below which an input is not asked"
)
LEAST = Threshold("attribution_input_perturbations", 8, "an interval over perturbations needs as many")
BOOTSTRAP = 1000
QUESTION = (
    "What does the model predict when the perturbation, the context or the dose is shuffled among the test conditions? "
    "(`vcassay task` writes the exchange files; name the answers under [model.ablations].)"
)
REMEDY = "See whether the input reaches the model's decoder, and whether training rewards its use."


class Carried(NamedTuple):
    """What of the truth's variance goes by one input: conditions that can be asked, and its share.

    Attributes
    ----------
    input
        Its name.
    group
        (t,) conditions of one code differ in this input alone; -1 for one without another.
    share
        Variance within groups over that around the mean effect.
    p
        Signs of whole perturbations flipped.
    at, within, around
        Conditions that have another, and their products within groups and around the mean of all.
    """

    input: str
    group: Codes
    share: float
    p: float
    at: Codes
    within: Array
    around: Array


def within_groups(left: Array, right: Array, group: Codes) -> Array:
    """(n,) products of deviations from the group's mean, scaled so that their mean is the variance within groups.

    Of two measurements on disjoint cells and controls no noise is in them.
    """
    codes, size = np.unique(group, return_inverse=True, return_counts=True)[1:]
    a, b = (x - group_means(x, codes, len(size))[codes] for x in (left, right))
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = np.where(size > 1, size / (size - 1.0), np.nan)[codes]
    return np.asarray(np.einsum("ij,ij->i", a, b) * scale)


@diagnostic(NAME, title="Use of inputs", source="total effect index: Jansen 1999, Comput Phys Commun 117:35")
def input_use(bench: Bench, rng: np.random.Generator) -> tuple[Finding, ...]:
    """An input carries as much of the predictions' variance as of the measured effects'.

    Asked of models that were called again with an input exchanged. The share of an input is the mean squared change of
    the prediction, halved where the input was exchanged with another condition's (Jansen's estimator of the total
    effect), over the variance of the predictions around their mean; the truth's is the variance between conditions
    that differ in this input alone, over that around the mean effect, in products of halves, so that noise is in
    neither. Beside it stands what the agreement with the truth (Pearson) loses.

    An input is asked where it carries 5 % of the truth's variance or more and beyond chance (signs of whole
    perturbations flipped, p < .01 over the number of inputs; of the context, beyond what the noise of controls that its
    conditions share could make, too). PASS: every such input carries 70 % of the truth's share or more, or is not
    distinguishable from it. WARN: one carries less, and the 95 % interval of the difference (perturbations resampled)
    is below 0. Never FAIL: whether an input is used at all is judged by L24, L24c and L24d.

    Not assessable without predictions of exchanged inputs, without halves, with fewer than 8 perturbations, or where
    no input carries anything in the truth.
    """
    seed = int(rng.integers(2**63))
    carried = _of_truth(bench, seed)
    if isinstance(carried, str):
        return not_assessable(NAME, f"{carried}.", bench.submissions)
    listed = ", ".join(f"{c.input} {c.share:.0%} (p = {c.p:.2g})" for c in carried.values())
    study = finding(
        NAME,
        Status.PASS,
        f"In the truth, of the variance of effects are carried by {listed}.",
        evidence=[{"kind": "input", "input": c.input, "truth": c.share} for c in carried.values()],
    )
    return (study, *(_about(bench, arm, carried, seed) for arm in bench.submissions))


def _groups(bench: Bench) -> dict[str, Codes]:
    """Conditions that differ in one input alone, by input; -1 for those without another."""
    table = bench.table
    dose, time = np.nan_to_num(table.dose, nan=-1.0), np.nan_to_num(table.time, nan=-1.0)
    c, p = (np.unique(x, return_inverse=True)[1] for x in (table.context, table.perturbation))
    keys = {"perturbation": (c, dose, time), "context": (p, dose, time), "dose": (c, p, time)}
    varied = {"perturbation": p, "context": c, "dose": np.unique(dose, return_inverse=True)[1]}
    out = {}
    for name, own in keys.items():
        code = np.unique(np.stack(own), axis=1, return_inverse=True)[1].reshape(-1)
        several = np.bincount(np.unique(np.stack([code, varied[name]]), axis=1)[0], minlength=int(code.max()) + 1) > 1
        out[name] = np.where(several[code], code, -1).astype(np.int64)
    return out


def _of_truth(bench: Bench, seed: int) -> dict[str, Carried] | str:
    if not bench.has_halves:
        return "without halves noise cannot be told from what an input carries"
    known = measurable(bench)
    family = np.unique(bench.table.perturbation, return_inverse=True)[1].astype(np.int64)
    out, said, groups = {}, [], _groups(bench) if len(known) else {}
    for name, whole in groups.items():
        group = np.where(known, whole, -1)
        size = np.bincount(group[group >= 0], minlength=1)
        group = np.where((group >= 0) & (size[np.maximum(group, 0)] > 1), group, -1)
        at = np.flatnonzero(group >= 0)
        if len(np.unique(family[at])) < LEAST.value:
            continue
        within, around = _variances(bench, at, group[at])
        total, drawn = sign_flips(within, family[at], DRAWS, np.random.default_rng(seed))
        p = tested(total, drawn, len(at)).p
        share = float(within.sum() / around.sum()) if around.sum() > 0 else np.nan
        said.append(f"{name} {share:.0%} (p = {p:.2g})" if np.isfinite(share) else f"{name} no more than noise")
        beyond = name != "context" or within.mean() > 2.0 * _control_noise(bench, at)
        if p < TRUTH_P.value / len(groups) and share >= MATTERS.value and beyond:
            out[name] = Carried(name, group, share, p, at, within, around)
    if not said:
        return f"it takes {LEAST.value:g} perturbations or more, of which conditions differ in one input alone"
    return out or f"in the truth no input carries more than chance: {', '.join(said)}; it takes more rows a condition"


def _variances(bench: Bench, at: Codes, group: Codes) -> tuple[Array, Array]:
    """(n,) products within groups, and around the mean of all, averaged over pairs of halves."""
    within, around, n = np.zeros(len(at)), np.zeros(len(at)), 0
    for a, b in halved(bench):
        within += within_groups(a[at], b[at], group)
        around += within_groups(a[at], b[at], np.zeros(len(at), dtype=np.int64))
        n += 1
    return within / n, around / n


def _control_noise(bench: Bench, at: Codes) -> float:
    """Largest standard deviation of what halves of shared controls add to the variance between contexts."""
    context = np.unique(bench.table.context[at], return_inverse=True)[1]
    variance = np.where(bench.mask[at], np.nan_to_num(bench.effects.se[bench.split.test[at]]) ** 2, 0.0)
    k = int(context.max()) + 1
    spread = [2.0 * float(np.linalg.norm(variance[context == c].mean(axis=0))) for c in range(k)]
    return float(np.sqrt(np.mean(np.square(spread)) / k))


class Used(NamedTuple):
    """One input of one model.

    Attributes
    ----------
    kind
        What was handed in.
    change, truth
        Share of the variance that it carries in the predictions, and in the truth on the same conditions.
    gap
        Their difference.
    lost
        What the agreement with the truth loses.
    n
        Conditions.
    """

    kind: str
    change: float
    truth: float
    gap: Estimate
    lost: Estimate
    n: int


def _about(bench: Bench, arm: Arm, carried: Mapping[str, Carried], seed: int) -> Finding:
    ablations = {} if arm.answer is None else arm.answer.ablations
    if not ablations:
        sentence = f"{NOT_ASSESSABLE}no predictions with an exchanged input were handed in."
        return finding(NAME, Status.NA, sentence, model=arm.name, question=QUESTION)
    used: dict[str, Used] = {}
    for name, own in carried.items():
        kind = next((f"{k}_{name}" for k in KINDS if f"{k}_{name}" in ablations), None)
        found = None if kind is None else _use(bench, arm, ablations[kind], kind, own, seed)
        if found is not None:
            used[name] = found
    if not used:
        asked = " or ".join(carried)
        sentence = f"{NOT_ASSESSABLE}of {asked}, which carry the truth, too few exchanged inputs were handed in."
        return finding(NAME, Status.NA, sentence, model=arm.name, question=QUESTION)
    low = [
        name
        for name, u in used.items()
        if u.change < SHARE_OF_TRUTH.value * u.truth and (u.gap.high < 0 or u.change == 0)
    ]
    status = Status.WARN if low else Status.PASS
    head = f"Too little goes by {' and '.join(low)}" if low else "As much goes by each input as in the truth"
    words = "; ".join(
        f"{name} carries {u.change:.0%} (truth {u.truth:.0%}, difference [{u.gap.low:+.0%}, {u.gap.high:+.0%}]), and "
        f"the correlation with the truth loses {u.lost.value:.2f} [{u.lost.low:.2f}, {u.lost.high:.2f}] when "
        f"{u.kind.split('_')[0]} over {u.n:,} conditions"
        for name, u in used.items()
    )
    left = [name for name in carried if name not in used]
    more = f"; not handed in: {', '.join(left)}" if left else ""
    rooms = f" Whether an input is used at all is judged by {', '.join(CHECK[name] for name in low)}." if low else ""
    return finding(
        NAME,
        status,
        f"{head}: {words}{more}.{rooms}",
        value=min(u.change / u.truth for u in used.values()),
        null=0.0,
        threshold=SHARE_OF_TRUTH.value,
        model=arm.name,
        evidence=_rows(used),
        remedy=REMEDY if low else "",
    )


def _use(bench: Bench, arm: Arm, answer: Answer, kind: str, carried: Carried, seed: int) -> Used | None:
    """What an exchange changes; ``None`` where too few perturbations were answered."""
    at = np.flatnonzero((carried.group >= 0) & arm.known & (answer.state == "ok"))
    group = carried.group[at]
    alone = np.bincount(group, minlength=1)[group] < 2 if len(at) else np.zeros(0, dtype=bool)
    at, group = at[~alone], group[~alone]
    family = np.unique(bench.table.perturbation[at], return_inverse=True)[1].astype(np.int64)
    context = np.unique(bench.table.context[at], return_inverse=True)[1].astype(np.int64)
    if len(at) == 0 or family.max() + 1 < LEAST.value:
        return None
    mask = bench.mask[at] & answer.genes
    before = np.where(mask, arm.values[at], 0.0)
    after = np.where(mask, np.nan_to_num(answer.values[at]), 0.0)
    halved = 1.0 if kind.startswith("zeroed") else 2.0
    change = ((before - after) ** 2).sum(axis=1) / halved
    around = within_groups(before, before, np.zeros(len(at), dtype=np.int64))
    if not around.sum() > 0:
        return None
    if np.array_equal(at, carried.at):
        within, whole = carried.within, carried.around
    else:
        within, whole = _variances(bench, at, group)
    weights = draw_weights(context, family, BOOTSTRAP, np.random.default_rng(seed))
    model, truth = aggregate(change, weights, around), aggregate(within, weights, whole)
    true = bench.truth.values[at]
    loss = np.nan_to_num(pearson(true, before, mask)) - np.nan_to_num(pearson(true, after, mask))
    lost = interval(*aggregate(loss, weights), weights.method, families=weights.families)
    return Used(kind, model[0], truth[0], difference(model, truth, weights), lost, len(at))


def _rows(used: Mapping[str, Used]) -> list[dict[str, Any]]:
    return [
        {"kind": "input", "input": name, "change": u.change, "truth": u.truth, "skill_lost": u.lost.value}
        for name, u in used.items()
    ]
