"""L27: whether a prediction carries the sampling noise of the very cells it is scored on."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import scipy
from numpy.typing import NDArray

from vcassay.arrays.shards import RESERVED
from vcassay.claim import Split
from vcassay.core import Finding, Status, Threshold
from vcassay.core.wording import plural
from vcassay.effects import Effects
from vcassay.effects.linear import LinearEffects
from vcassay.evidence.leakage.check import check, finding
from vcassay.evidence.leakage.wording import p_text
from vcassay.prediction import Answer

SEEN_P = Threshold("seen_cells_p", 0.001, "an accusation; shared by the two tests of L27 (Bonferroni)")
SEEN_CONDITIONS = Threshold("seen_cells_min_conditions", 10, "chi-squared approximation of Friedman's statistic")
SEEN_BIN = Threshold("seen_cells_bin", 1 / 3, "smallest predictions: there noise outweighs effect in a copy of cells")
CONSTANT = 1e-6
"""A prediction that differs from its pool's mean by less than this share of its length has no direction."""

Array = NDArray[np.float64]
Codes = NDArray[np.int64]
Mask = NDArray[np.bool_]


def deviations(values: Array, group: Codes, mask: Mask) -> Array:
    """Subtract the mean of each group's rows; 0 outside the mask, NaN in groups of one row.

    What all conditions of a control pool have in common (control noise, the curvature of log1p) drops
    out of every product with such rows.
    """
    out = np.full(values.shape, np.nan)
    for g in np.unique(group):
        at = np.flatnonzero(group == g)
        if len(at) > 1:
            rows = np.where(mask[at], values[at], 0.0)
            out[at] = rows - rows.mean(axis=0)
    return out


class ShardPreference(NamedTuple):
    """Friedman's test over shards.

    Attributes
    ----------
    p_value
        Probability of such unequal ranks if no shard is preferred; NaN without conditions.
    ranks
        (k,) mean rank of each shard's agreement, k / 2 + .5 for all if none is preferred.
    n
        Conditions.
    """

    p_value: float
    ranks: Array
    n: int


def shard_preference(agreement: Array) -> ShardPreference:
    """Test whether predictions agree more with some shards of the test cells than with others.

    Friedman (1937): ranks within each condition, so that conditions of any size and noise count alike;
    one test for all shards.

    Parameters
    ----------
    agreement
        (n, k) agreement of each condition's prediction with each shard; rows with NaN take no part.
    """
    rows = agreement[np.isfinite(agreement).all(axis=1)]
    n, k = rows.shape
    if not n or k < 2:
        return ShardPreference(np.nan, np.full(k, np.nan), n)
    ranks = scipy.stats.rankdata(rows, axis=1)
    mean = ranks.mean(axis=0)
    spread = float(((ranks - (k + 1) / 2) ** 2).sum()) / (n * (k - 1))
    if spread == 0:
        return ShardPreference(1.0, mean, n)
    statistic = n * float(((mean - (k + 1) / 2) ** 2).sum()) / spread
    return ShardPreference(float(scipy.stats.chi2.sf(statistic, k - 1)), mean, n)


class NoiseAgreement(NamedTuple):
    """Agreement of small predictions with the truth beyond what any noise-free model can reach.

    Attributes
    ----------
    ratio
        <p, T> / sqrt(<p, p> <tA, tB>), sums over conditions: at most 1 in expectation for a model that
        knows nothing of these cells; infinite where no true effect is measurable.
    p_value
        One-sided, that the ratio exceeds 1; NaN with too few conditions.
    n
        Conditions.
    """

    ratio: float
    p_value: float
    n: int


def noise_agreement(product: Array, energy: Array, cross: Array) -> NoiseAgreement:
    """Test Cauchy's inequality <p, t>^2 <= <p, p> <t, t>, which a prediction without the cells' noise obeys.

    With l = <p, T> / <p, p>, the noise-corrected squared error of l p is negative in sum where the
    inequality fails: a t test over conditions.

    Parameters
    ----------
    product, energy, cross
        (n,) <p, T>, <p, p> and an unbiased estimate of <t, t> for each condition; the conditions must
        have been chosen without looking at the truth.
    """
    n = len(product)
    if n < SEEN_CONDITIONS.value or not energy.any():
        return NoiseAgreement(np.nan, np.nan, n)
    scale = float(product.sum() / energy.sum())
    excess = 2 * scale * product - scale**2 * energy - cross
    spread = float(excess.std(ddof=1))
    p = float(scipy.stats.t.sf(np.sqrt(n) * excess.mean() / spread, n - 1)) if spread > 0 and scale > 0 else 1.0
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = float(product.sum() / np.sqrt(energy.sum() * max(float(cross.sum()), 0.0)))
    return NoiseAgreement(ratio, p, n)


@check("L27", title="Saw the scored cells", blocks=True, source="truth in the input: shards of the test cells")
def seen_cells(effects: Effects, split: Split, answer: Answer) -> Finding:
    """A prediction knows nothing of the sampling noise of the cells it is scored on.

    Two tests share the level. Shards: an honest prediction is equally far from all shards of the test
    cells; one that was made from some of them is not. Noise: among the smallest predictions, those of
    an honest model cannot agree with the truth more than a noise-free effect of the measured size
    would; copies of test cells do. The mean of a share f of the cells breaks that bound for f from 1/2 up, below only
    where noise exceeds effect, in squares, by 1/f - 2. Found in simulated studies of 44 conditions with 32 cells: a
    random half of the cells in 20 of 20; a random 30 % in 2 (11 where nothing happens), in 17 as 30 % of an otherwise
    honest answer (19 with 104 conditions); 10 % in none.
    """
    shards = split.scored_shards
    if effects.moments.slots.n_groups == 0 or effects.n_rows[split.test].max(initial=0) < len(shards):
        sentence = f"Not measurable: no test condition has {len(shards)} rows, one a shard, and controls."
        return finding("L27", Status.NA, sentence, model=answer.name)
    rows = np.flatnonzero(answer.state == "ok")
    at = split.test[rows]
    mask = effects.mask[at] & answer.genes
    pool = _pools(effects, at)
    deviation = deviations(answer.values[rows], pool, mask)
    length = np.sqrt((deviation**2).sum(axis=1))
    plain = np.sqrt(np.square(np.where(mask, answer.values[rows], 0.0)).sum(axis=1))
    use = np.flatnonzero(length > CONSTANT * plain)  # NaN compares false: pools of one condition
    if len(use) < SEEN_CONDITIONS.value:
        sentence = (
            f"Not measurable: {plural(len(use), 'prediction')} differ from their context's mean, "
            f"{SEEN_CONDITIONS.value:g} are needed."
        )
        return finding("L27", Status.NA, sentence, model=answer.name)
    linear = LinearEffects(effects.moments, at[use], mask[use])
    direction = deviation[use] / length[use, None]
    agreement = np.column_stack([(direction * linear((s,), RESERVED)).sum(axis=1) for s in shards])
    preference = shard_preference(agreement)
    small = np.flatnonzero(plain <= np.quantile(plain, SEEN_BIN.value))
    linear = LinearEffects(effects.moments, at[small], mask[small])
    noise = _noise(linear, answer.values[rows[small]], pool[small], shards)
    p = np.array([preference.p_value if preference.n >= SEEN_CONDITIONS.value else np.nan, noise.p_value])
    if not np.isfinite(p).any():
        return finding("L27", Status.NA, "Not measurable: too few rows in each shard.", model=answer.name)
    joined = float(min(1.0, np.nanmin(p) * np.isfinite(p).sum()))
    words = _words(preference, noise)
    evidence = [
        {"shard": int(s), "mean rank": float(r), "expected": (len(shards) + 1) / 2, "conditions": preference.n}
        for r, s in sorted(zip(preference.ranks, shards, strict=True), reverse=True)
        if np.isfinite(r)
    ]
    more = {"value": joined, "threshold": SEEN_P.value, "model": answer.name, "evidence": evidence}
    if joined >= SEEN_P.value:
        return finding("L27", Status.PASS, f"No sign that the model saw the scored cells: {words}.", **more)
    remedy = "Ask which cells the model was trained or tuned on, and score it on cells that it cannot have seen."
    return finding("L27", Status.FAIL, f"The model saw these cells: {words}.", remedy=remedy, **more)


def _words(preference: ShardPreference, noise: NoiseAgreement) -> str:
    parts = []
    if np.isfinite(preference.p_value):
        spread = f"mean ranks {preference.ranks.min():.2f} to {preference.ranks.max():.2f}"
        parts.append(
            f"agreement with {len(preference.ranks)} shards of the test cells over "
            f"{plural(preference.n, 'condition')}, {p_text(preference.p_value)} ({spread})"
        )
    if np.isfinite(noise.p_value):
        measurable = np.isfinite(noise.ratio)
        much = (
            f"{noise.ratio:.2f} of what a noise-free model could reach" if measurable else "no true effect measurable"
        )
        parts.append(
            f"agreement of the {noise.n} smallest predictions with their cells, {p_text(noise.p_value)} ({much})"
        )
    return "; ".join(parts)


def _pools(effects: Effects, at: Codes) -> Codes:
    """Conditions that share controls: those of one context at one time."""
    keys = effects.conditions.keys
    return np.unique([f"{keys[i][0]}\n{keys[i][3]!r}" for i in at], return_inverse=True)[1].astype(np.int64)


def _noise(linear: LinearEffects, values: Array, pool: Codes, shards: tuple[int, ...]) -> NoiseAgreement:
    """Products of predictions with the truth, all relative to the pool's mean."""
    predicted = deviations(values, pool, linear.mask)
    truth = deviations(linear(shards, RESERVED), pool, linear.mask)
    halves = ((deviations(x, pool, linear.mask) for x in pair) for pair in linear.halves(shards))
    cross = np.mean([(a * b).sum(axis=1) for a, b in halves], axis=0)
    product, energy = (predicted * truth).sum(axis=1), (predicted**2).sum(axis=1)
    ok = np.isfinite(product + energy + cross)
    return noise_agreement(product[ok], energy[ok], cross[ok])
