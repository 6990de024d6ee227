from __future__ import annotations

import numpy as np
import pytest

from vcassay.arrays.agreement import pearson
from vcassay.evidence.leakage.answers.ablation import (
    MARGIN,
    SAME,
    SPECIFIC,
    concordance,
    measure_change,
    share_between,
    share_specific,
)

G = 60
MASK = np.ones(G, dtype=bool)
SINGLE = np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])


def panel(seed: int, contexts: int = 6, perturbations: int = 15, shared: float = 0.3):
    """Truths with a part common to all perturbations; codes of context and perturbation."""
    rng = np.random.default_rng(seed)
    context, family = np.repeat(np.arange(contexts), perturbations), np.tile(np.arange(perturbations), contexts)
    truth = np.sqrt(shared) * rng.normal(size=G) + np.sqrt(1 - shared) * rng.normal(size=(len(context), G))
    return rng, truth, context, family


def change(truth, original, disturbed, context, family, ceiling=np.nan):
    mask = np.broadcast_to(MASK, truth.shape)
    return measure_change(truth, original, disturbed, mask, context, family, ceiling, np.random.default_rng(0))


def test_share_between_counts_only_groups_of_two():
    values = np.array([[1.0, 0.0], [-1.0, 0.0], [5.0, 5.0]])
    assert share_between(values, np.array([0, 0, 1])) == pytest.approx(1.0)
    assert np.isnan(share_between(values, np.arange(3)))
    assert share_between(np.ones((4, 3)), np.zeros(4, dtype=int)) == 0.0
    assert share_between(np.zeros((4, 3)), np.zeros(4, dtype=int)) == 0.0


def test_rounding_to_single_precision_stays_below_the_threshold():
    rng = np.random.default_rng(0)
    row = rng.normal(size=500)
    rows = np.stack([row, row.astype(np.float32), row * (1 + 1e-7)])
    assert 0 < share_between(rows, np.zeros(3, dtype=int)) < SAME.value
    assert share_between(rows + 1e-3 * rng.normal(size=rows.shape), np.zeros(3, dtype=int)) > SAME.value


@pytest.mark.parametrize("shared", [0.0, 0.5, 0.9])
def test_share_specific_is_what_exchanging_perturbations_costs(shared):
    rng, truth, context, family = panel(1, shared=shared)
    a, b = (truth + 0.5 * rng.normal(size=truth.shape) for _ in range(2))
    got = share_specific(a, b, np.broadcast_to(MASK, a.shape), context, family)
    other = np.stack([truth[(context == c) & (family != f)].mean(axis=0) for c, f in zip(context, family, strict=True)])
    expected = 1 - pearson(truth, other, MASK).mean()
    assert got == pytest.approx(expected, abs=0.06)


def test_share_specific_needs_another_perturbation_and_a_signal():
    _, truth, context, family = panel(2)
    full = np.broadcast_to(MASK, truth.shape)
    assert np.isnan(share_specific(truth, truth, full, np.arange(len(truth)), family))
    assert np.isnan(share_specific(truth, -truth, full, context, family))


@pytest.mark.parametrize("alike", [1.0, 0.9, 0.0])
def test_share_specific_is_free_of_the_noise_of_a_single_other(alike):
    rng = np.random.default_rng(5)
    n = 400
    one = rng.normal(size=(n, G))
    other = alike * one + np.sqrt(1 - alike**2) * rng.normal(size=(n, G))
    truth = np.concatenate([one, other])
    a, b = (truth + 0.7 * rng.normal(size=truth.shape) for _ in range(2))
    group, which = np.tile(np.arange(n), 2), np.repeat([0, 1], n)
    got = share_specific(a, b, np.broadcast_to(MASK, a.shape), group, which)
    assert got == pytest.approx(1 - alike, abs=0.04)
    assert (got < SPECIFIC.value) == (alike >= 0.9)


def test_share_specific_is_whole_where_the_others_are_noise():
    rng = np.random.default_rng(8)
    own, noise = rng.normal(size=(2, G)), rng.normal(size=G)
    a, b = np.stack([own[0], noise]), np.stack([own[0], -noise])  # the second one's halves disagree
    strong = np.broadcast_to(MASK, a.shape)
    got = share_specific(np.vstack([a, 5 * own]), np.vstack([b, 5 * own]), np.vstack([strong] * 2), *SINGLE)
    assert got <= 1.0
    assert got > 0.5


def test_concordance_is_that_of_lin():
    rng = np.random.default_rng(6)
    truth = rng.normal(size=(5, G)) + 1.0
    pred = 0.5 * truth + rng.normal(size=truth.shape)
    mask = rng.random(truth.shape) < 0.8
    for i, got in enumerate(concordance(truth, pred, mask)):
        x, y = truth[i, mask[i]], pred[i, mask[i]]
        cov = np.cov(x, y, bias=True)
        assert got == pytest.approx(2 * cov[0, 1] / (cov[0, 0] + cov[1, 1] + (x.mean() - y.mean()) ** 2))
    assert np.isnan(concordance(truth, np.ones_like(truth), mask)).all()


def test_an_input_that_scales_effects_is_seen_by_concordance_alone():
    rng = np.random.default_rng(7)
    pattern = rng.normal(size=(30, G))
    size = np.tile([0.5, 2.0], 30)[:, None]
    truth = size * np.repeat(pattern, 2, axis=0)
    family, context = np.repeat(np.arange(30), 2), np.zeros(60, dtype=int)
    model = 0.1 * truth  # of another scale as a whole, which costs nothing
    swapped = 0.1 * size.reshape(-1, 2)[:, ::-1].reshape(-1, 1) * np.repeat(pattern, 2, axis=0)
    mask = np.broadcast_to(MASK, truth.shape)
    plain, sized = (
        measure_change(truth, model, swapped, mask, context, family, np.nan, np.random.default_rng(0), sized=s)
        for s in (False, True)
    )
    assert plain.loss.value == pytest.approx(0.0)
    assert sized.own == pytest.approx(1.0)
    assert sized.verdict == "used"


def test_a_model_that_uses_its_input_loses_its_score():
    rng, truth, context, family = panel(3)
    original = truth + rng.normal(size=truth.shape)
    found = change(truth, original, np.roll(original, 1, axis=0), context, family)
    assert found.verdict == "used"
    assert found.own == pytest.approx(pearson(truth, original, MASK).mean())
    assert found.margin == pytest.approx(MARGIN.value * found.own)
    assert found.loss.low > found.margin


def test_a_stochastic_model_that_ignores_its_input_is_shown_to():
    rng, truth, context, family = panel(4, shared=0.5)
    base = truth.mean(axis=0)
    noisy = [base + 0.2 * rng.normal(size=truth.shape) for _ in range(2)]
    assert change(truth, *noisy, context, family).verdict == "unused"


def test_without_skill_nothing_can_be_shown_but_identity():
    rng, truth, context, family = panel(5, shared=0.0)
    useless = rng.normal(size=truth.shape)
    assert change(truth, useless, np.roll(useless, 1, axis=0), context, family).verdict == "open"
    assert change(truth, useless, useless.astype(np.float32), context, family).verdict == "unused"


def test_the_ceiling_bounds_the_margin():
    rng, truth, context, family = panel(6)
    original = truth + 0.2 * rng.normal(size=truth.shape)
    found = change(truth, original, original + 0.1 * rng.normal(size=truth.shape), context, family, ceiling=0.4)
    assert found.margin == pytest.approx(MARGIN.value * 0.4)


def test_undefined_predictions_count_at_chance_and_undefined_truths_not_at_all():
    rng, truth, context, family = panel(7)
    truth[0] = 0.0
    original = truth + 0.5 * rng.normal(size=truth.shape)
    found = change(truth, original, np.zeros_like(original), context, family)
    assert (found.n, found.disturbed, found.verdict) == (len(truth) - 1, 0.0, "used")
