"""Ablation: what a score loses when an input is disturbed, as an equivalence test."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.agreement import pearson
from vcassay.arrays.resample import Estimate, aggregate, draw_weights, interval
from vcassay.core import Threshold

MARGIN = Threshold(
    "ablation_margin", 0.1, "share of the score, or of the ceiling if lower, below which a loss is none (proposal)"
)
SPECIFIC = Threshold(
    "ablation_specific", 0.2, "twice the margin: share of the truth's agreement that is the perturbation's own"
)
SAME = Threshold("ablation_same", 1e-10, "share of a prediction's energy: far below any effect, above float32 rounding")
DRAWS = 2000

Array = NDArray[np.float64]
Codes = NDArray[np.int64]
Mask = NDArray[np.bool_]


def share_between(values: Array, group: Codes) -> float:
    """Share of the energy of predictions that differs between the rows of a group.

    Parameters
    ----------
    values
        (n, g) predictions without NaN.
    group
        (n,) rows of one group differ in the perturbation alone (same context, dose and time).

    Returns
    -------
    Sum of squares around the group means over the sum of squares, in groups of two rows or more; 0
    if all of these are zero, NaN if there is no such group.
    """
    _, code, count = np.unique(group, return_inverse=True, return_counts=True)
    use = count[code] > 1
    if not use.any():
        return np.nan
    within = 0.0
    for c in np.flatnonzero(count > 1):
        rows = values[code == c]
        within += float(((rows - rows.mean(axis=0)) ** 2).sum())
    energy = float((values[use] ** 2).sum())
    return within / energy if energy > 0 else 0.0


def share_specific(half_a: Array, half_b: Array, mask: Mask, context: Codes, family: Codes) -> float:
    """Share of the truth's agreement with itself that is lost when the perturbation is exchanged.

    One half of each condition is predicted by the mean of the other half of all other perturbations in its context,
    freed of its noise (divided by the root of the correlation of its own two halves: the mean of a few is noisy, and
    would make a near copy look like another perturbation), and by a noise-free truth (the root of the split-half
    correlation).

    Returns
    -------
    1 minus the ratio of the two mean correlations, at most 1; NaN where halves or contrasts are missing.
    """
    finite = np.isfinite(np.where(mask, half_a, 0.0)).all(axis=1) & np.isfinite(np.where(mask, half_b, 0.0)).all(axis=1)
    other_a, other_b = np.full(half_b.shape, np.nan), np.full(half_b.shape, np.nan)
    for c in np.unique(context):
        at = np.flatnonzero((context == c) & finite)
        _, fam = np.unique(family[at], return_inverse=True)
        for f in range(int(fam.max(initial=-1)) + 1):
            if (fam != f).any():
                other_a[at[fam == f]] = half_a[at[fam != f]].mean(axis=0)
                other_b[at[fam == f]] = half_b[at[fam != f]].mean(axis=0)
    swapped, own = pearson(half_a, other_b, mask), pearson(half_a, half_b, mask)
    others = pearson(other_a, other_b, mask)
    ok = np.isfinite(swapped) & np.isfinite(own) & np.isfinite(others)
    if not ok.any() or own[ok].mean() <= 0:
        return np.nan
    known = float(others[ok].mean())
    left = float(swapped[ok].mean()) / np.sqrt(known) if known > 0 else 0.0  # others that are noise alone tell nothing
    return float(1.0 - left / np.sqrt(own[ok].mean()))


def concordance(truth: Array, pred: Array, mask: Mask) -> Array:
    """Lin's concordance correlation over the genes that count (Lin 1989, Biometrics 45:255): it sees the size, too.

    Returns
    -------
    (n,) values; NaN where Pearson's correlation is.
    """
    n = mask.sum(axis=1)
    t, p = (np.where(mask, x, 0.0) for x in (truth, pred))
    with np.errstate(invalid="ignore", divide="ignore"):
        mean_t, mean_p = t.sum(axis=1) / n, p.sum(axis=1) / n
        var_t, var_p = (
            (np.where(mask, x - m[:, None], 0.0) ** 2).sum(axis=1) / n for x, m in ((t, mean_t), (p, mean_p))
        )
        scale = 2.0 * np.sqrt(var_t * var_p) / (var_t + var_p + (mean_t - mean_p) ** 2)
    return np.asarray(pearson(truth, pred, mask) * scale)


class Change(NamedTuple):
    """What the model's score loses when an input is disturbed.

    Attributes
    ----------
    loss
        Mean agreement with the truth, original minus disturbed, with its 95 % interval.
    own, disturbed
        Mean agreement of the original and of the disturbed answers.
    margin
        Loss below which the input is called unused; NaN where the score is not above 0.
    n
        Conditions.
    identical
        Whether the disturbed answers are the original ones, up to rounding.
    """

    loss: Estimate
    own: float
    disturbed: float
    margin: float
    n: int
    identical: bool

    @property
    def verdict(self) -> str:
        """Return ``unused``, ``used`` or ``open``: an equivalence test, not the absence of a difference."""
        if self.identical:
            return "unused"
        if not np.isfinite([self.margin, self.loss.low, self.loss.high]).all():
            return "open"
        if -self.margin < self.loss.low and self.loss.high < self.margin:
            return "unused"
        return "used" if self.loss.low > self.margin else "open"


def measure_change(
    truth: Array,
    original: Array,
    disturbed: Array,
    mask: Mask,
    context: Codes,
    family: Codes,
    ceiling: float,
    rng: np.random.Generator,
    *,
    sized: bool = False,
) -> Change:
    """Measure the loss of agreement (Pearson over genes) when an input is disturbed.

    Conditions weigh alike within a context and contexts alike; an undefined agreement of a prediction
    counts 0, chance; conditions whose truth is undefined are left out.

    Parameters
    ----------
    truth, original, disturbed
        (n, g) effects.
    mask
        (n, g) genes that count.
    context, family
        (n,) codes; families (perturbations) are resampled together.
    ceiling
        Score of a noise-free model; NaN where it is not measurable.
    sized
        Whether agreement is Lin's concordance, of answers that are brought to the measured size as a whole: for an
        input that scales effects, which Pearson's correlation does not see.
    """
    defined = np.isfinite(pearson(truth, truth, mask))
    truth, original, disturbed = (x[defined] for x in (truth, original, disturbed))
    mask = mask[defined]
    agree, factor = pearson, 1.0
    if sized:
        known = mask & np.isfinite(original)
        energy = float((np.where(known, original, 0.0) ** 2).sum())
        factor = float((np.where(known, original * truth, 0.0)).sum()) / energy if energy > 0 else 1.0
        agree, factor = concordance, factor if factor > 0 else 1.0
    before, after = (np.nan_to_num(agree(truth, factor * x, mask)) for x in (original, disturbed))
    inside = np.where(mask, original, 0.0), np.where(mask, disturbed, 0.0)
    gap, energy = float(((inside[0] - inside[1]) ** 2).sum()), float((inside[0] ** 2).sum())
    weights = draw_weights(context[defined], family[defined], DRAWS, rng)
    loss = interval(*aggregate(before - after, weights), weights.method, families=weights.families)
    own, left = float(weights.base @ before), float(weights.base @ after)
    reference = own if np.isnan(ceiling) else min(own, ceiling)
    margin = MARGIN.value * reference if reference > 0 else np.nan
    return Change(loss, own, left, margin, int(defined.sum()), gap <= SAME.value * energy)
