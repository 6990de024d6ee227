"""Beside many baselines the blocks stay short: the strongest are shown, the others folded and counted."""

from __future__ import annotations

import pytest

from tests.report import evidence
from tests.report.conftest import Planted
from vcassay.record import AssessmentRecord
from vcassay.record.attained import MatchedRecord, ScaledRecord
from vcassay.report.blocks.attained import matched_rows, scaled_rows
from vcassay.report.blocks.paired import paired_block
from vcassay.report.blocks.panel import panel_block
from vcassay.report.blocks.ranks import leading_rows, rank_rows
from vcassay.report.figures.paired import MAX_BASELINES, closest_rows
from vcassay.report.palette import LIGHT
from vcassay.report.tables import Stored


def rows(*tones: str) -> list[dict[str, object]]:
    return [{"label": f"b{i}", "tone": LIGHT[tone]} for i, tone in enumerate(tones)]


@pytest.mark.parametrize("n", [0, 1, MAX_BASELINES, MAX_BASELINES + 1])
def test_few_comparisons_are_all_drawn(n: int) -> None:
    assert closest_rows(rows(*["model"] * n)) == (rows(*["model"] * n), "")


def test_of_many_the_strongest_are_drawn_and_the_others_counted() -> None:
    shown, note = closest_rows(rows(*["bad"] * (MAX_BASELINES + 1), "ink-3", "model", "model"))
    assert [r["label"] for r in shown] == [f"b{i}" for i in range(MAX_BASELINES)]
    assert note == (
        f"The {MAX_BASELINES} strongest of {MAX_BASELINES + 4}; "
        "of the other 4 it is better than 2, not told apart from 1 and worse than 1."
    )
    alike = closest_rows(rows(*["model"] * 27))[1]
    assert alike == f"The {MAX_BASELINES} strongest of 27; it is better than the other {27 - MAX_BASELINES}."


def test_baselines_that_are_equalled_are_told_of_together(planted: Planted) -> None:
    record = planted.record
    model = record.models[0].name
    more: dict[str, object] = {
        "better": False,
        "worse": False,
        "equivalent": True,
        "margin": 0.02,
        "equivalence_low": -0.01,
    }
    more["equivalence_high"] = 0.01
    found = tuple(c.model_copy(update=more) if c.model == model else c for c in record.comparisons)
    stored = Stored(record.model_copy(update={"comparisons": found}), planted.conditions, planted.scores, None, {})
    said = next(lines for name, _, lines in paired_block(stored).data["standing"] if name == model)
    together = [s for s in said if "within the margin from" in s]
    assert together
    assert "more in" in together[0]


def test_ranks_leave_the_models_and_the_best_of_each_tier(planted: Planted) -> None:
    record = evidence.full(planted.record)
    every = rank_rows(record)
    shown = leading_rows(record, every)
    assert {r.name for r in shown if r.kind == "model"} == {r.name for r in every if r.kind == "model"}
    assert set(shown) <= set(every)


def scaled(model: str, metric: str, **more: object) -> ScaledRecord:
    given: dict[str, object] = {
        "model": model, "metric": metric, "stratum": "detectable", "score": 0.6, "baseline": "additive",
        "baseline_score": 0.4, "replicate": 0.8, "replicate_kind": "replicate at full depth", "scaled": 0.5,
        "low": 0.4, "high": 0.6, "refused": "", "ceiling": 0.9, "attainable": 0.41, "attainable_low": 0.3,
        "attainable_high": 0.5, "attainable_refused": "",
    }  # fmt: skip
    return ScaledRecord.model_validate(given | more)


def matched(model: str, metric: str, **more: object) -> MatchedRecord:
    given: dict[str, object] = {
        "model": model, "metric": metric, "stratum": "detectable", "n": 60, "rows": (22, 80), "matched_rows": (22, 36),
        "score": 0.6, "matched": 0.55, "low": 0.5, "high": 0.6, "rank": 2.0, "matched_rank": 3.0, "ceiling": 0.8,
        "matched_ceiling": 0.7,
    }  # fmt: skip
    return MatchedRecord.model_validate(given | more)


@pytest.fixture
def attained(planted: Planted) -> AssessmentRecord:
    a, b = (m.name for m in planted.record.models[:2])
    gone = {"replicate": None, "scaled": None, "low": None, "high": None, "refused": "it reaches 0"}
    bare = {"attainable": None, "attainable_refused": "no ceiling"}
    return planted.record.model_copy(
        update={
            "scaled": (scaled(a, "nmse"), scaled(a, "pearson_delta"), scaled(b, "pearson_delta", **gone),
                       scaled(b, "nmse", **gone, **bare), scaled(a, "magnitude_log2")),
            "matched": (matched(a, "pearson_delta"), matched("additive", "pearson_delta")),
        }
    )  # fmt: skip


def test_scores_beside_what_can_be_reached(attained: AssessmentRecord) -> None:
    a, b = (m.name for m in attained.models[:2])
    found = scaled_rows(attained)
    assert [r[:2] for r in found.rows] == [
        (a, "Pearson of the effect"),
        (b, "Pearson of the effect"),
        (a, "Noise-corrected error"),
    ]
    assert found.rows[0][2:] == (
        "0.60",
        "0.40 (Additive: context + drug)",
        "0.80 (replicate at full depth)",
        "0.50 [0.40, 0.60]",
        "0.41 [0.30, 0.50]",
    )
    assert found.rows[1][4:] == ("–", "–", "0.41 [0.30, 0.50]")
    assert f"Not scaled to a replicate, Pearson of the effect of {b}: it reaches 0." in found.notes
    assert f"No share of a perfect model, Noise-corrected error of {b}: no ceiling." in found.notes


def test_scores_at_equal_numbers_of_rows(attained: AssessmentRecord) -> None:
    found = matched_rows(attained)
    (row,) = found.rows
    assert row[2:] == ("0.60", "0.55 [0.50, 0.60], n = 60", "2 → 3", "0.80 → 0.70")
    assert found.notes == ("Conditions have 22 to 80 rows, and 22 to 36 after thinning.",)
    data = panel_block(attained).data
    assert (data["scaled"], data["matched"]) == (scaled_rows(attained), found)


def test_an_older_record_has_neither(planted: Planted) -> None:
    assert scaled_rows(planted.record) == matched_rows(planted.record)
    assert scaled_rows(planted.record).rows == ()
    why = planted.record.model_copy(update={"unmatched": "one row a condition"})
    assert matched_rows(why).notes == ("Not matched: one row a condition.",)
