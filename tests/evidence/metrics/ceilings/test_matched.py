"""Scores at equal numbers of rows: thinning lowers score and ceiling together, and keeps the order of good models."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from vcassay.evidence.metrics import find_ceilings, score_answers
from vcassay.evidence.metrics.ceilings.matched import SHOWN, matched_scores, thin
from vcassay.simulate import answers as models

EIGHT = tuple(range(8))


@pytest.fixture(scope="module")
def uneven(measured):
    return measured(3, cells_spread=0.8, cells_per_condition=60, controls_per_batch=120)


def test_rows_are_about_equal_after_thinning(uneven):
    test = uneven.claim.split.test
    rows = uneven.effects.moments.rows[test].sum(axis=1)
    found = thin(uneven.panel, uneven.effects.moments, test, EIGHT)
    np.testing.assert_array_equal(found.keep, rows >= 8)
    assert found.before == (rows[found.keep].min(), rows.max())
    common = np.quantile(rows[found.keep], 0.1)
    assert found.after[1] < 1.6 * common < rows.max()
    small = rows[found.keep] < 1.05 * common  # what is small already keeps its rows, and its value
    assert small.any()
    np.testing.assert_array_equal(found.panel.inputs["truth"][small], uneven.panel.inputs["truth"][found.keep][small])
    assert (found.panel.se >= uneven.panel.se[found.keep] - 1e-12).all()
    assert (found.panel.reliability <= np.maximum(uneven.panel.reliability[found.keep], 0.0) + 1e-12).all()


def test_a_perfect_model_stays_at_the_ceiling_of_the_lesser_depth(uneven, answer):
    test, moments = uneven.claim.split.test, uneven.effects.moments
    values = uneven.answer(models.perfect(uneven.simulation, uneven.wanted), "perfect").values
    rng = np.random.default_rng(0)
    answers = {
        "good": answer("good", values),
        "poor": answer("poor", values + 3.0 * np.nanstd(values) * rng.normal(size=values.shape)),
    }
    scores = score_answers(uneven.panel, answers, 0, 200)
    records, why = matched_scores(scores, answers, moments, test, EIGHT, 0, 200)
    assert why == ""
    assert {r.metric for r in records} == set(SHOWN)
    found = {(r.model, r.metric): r for r in records}
    row = found["good", "pearson_delta"]
    assert row.matched < row.score
    assert row.matched_ceiling < row.ceiling
    assert row.matched == pytest.approx(row.matched_ceiling, abs=0.08)
    assert row.low < row.matched < row.high
    for metric in ("pearson_delta", "pds_cosine"):
        assert found["good", metric].matched_rank == 1.0
        assert found["poor", metric].matched_rank == 2.0


def test_equal_rows_have_nothing_to_match(measured, answer):
    made = measured(4, cells_spread=0.0)
    answers = {"zero": answer("zero", np.zeros_like(made.panel.inputs["truth"]))}
    scores = score_answers(made.panel, answers, 0, 20, metrics=["pearson_delta"])
    records, why = matched_scores(scores, answers, made.effects.moments, made.claim.split.test, EIGHT, 0, 20)
    assert records == []
    assert "as many rows" in why


def test_the_lesser_depth_has_the_ceiling_of_spearman_and_brown(noisy, answer):
    """Half the depth: R at half depth is the split-half correlation itself."""
    world = noisy(0, each=80, sizes=(1.0,))
    half = world.panel.reliability
    less = replace(world.panel, inputs={**world.panel.inputs, "reliability": 0.5 * half / (1.0 - 0.5 * half)})
    scores = score_answers(less, {"m": answer("m", world.effect)}, 0, 50, metrics=["pearson_delta"])
    ceiling = find_ceilings(scores)["pearson_delta", "detectable"].value
    assert ceiling == pytest.approx(np.sqrt(half.mean()), abs=0.02)
