"""One board: what makes skill unknown, and when a verdict's comparisons hold on what is compared."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from vcassay.evidence.metrics.filled import Filled
from vcassay.evidence.metrics.inference.stored import restore
from vcassay.record import CeilingRecord, EntryRecord
from vcassay.record.evidence import MetricRecord
from vcassay.run.board import Lines, make_board

NAME = "pearson_delta"
METRIC = MetricRecord(
    name=NAME,
    title="Pearson delta",
    family="correlation",
    optimum=1.0,
    chance=0.0,
    higher_is_better=True,
    primary=True,
    summary="",
    source="",
)


@pytest.fixture(scope="module")
def scores():
    """Two models at .6 and .5, a baseline at .2, with the spread of 12 contexts by 10 perturbations."""
    rng = np.random.default_rng(0)
    context, family = np.repeat(np.arange(12), 10), np.tile(np.arange(10), 12)
    everywhere, nowhere = np.ones(120, dtype=bool), np.zeros(120, dtype=bool)
    filled = {
        (name, NAME): Filled(level + rng.normal(0, 0.02, 120), None, everywhere, nowhere)
        for name, level in (("a", 0.6), ("b", 0.5), ("base", 0.2))
    }
    strata = {"detectable": everywhere}
    return restore(filled, context=context, family=family, strata=strata, decision="detectable", seed=0, draws=100)


def ceiling(value=1.0, kind="perfect model"):
    reason = "" if value is not None else "no split halves"
    return CeilingRecord(metric=NAME, stratum="detectable", kind=kind, value=value, low=None, high=None, reason=reason)


def record(found, *, demoted=(), span_se=0.01, better=True):
    return SimpleNamespace(
        ceilings=[found],
        metrics=[METRIC.model_copy(update={"demoted": demoted})],
        skills=[SimpleNamespace(metric=NAME, baseline="base", span_se=span_se)],
        comparisons=[SimpleNamespace(model="a", metric=NAME, better=better)],
    )


def entry(label):
    told = {"sentence": "", "reasons": (), "provided": 0, "ranked": True, "why": ""}
    return EntryRecord(label=label, model=label, folder="one", level="supported", **told)


def rows(scores, *records, partial=False):
    lines = Lines(
        entries=(entry("a"), entry("b")),
        records={"a": (records[0], "a"), "b": (records[-1], "b")},
        baselines={"base": "the mean"},
        ceilings=records,
        reference="",
        partial=partial,
        seed=0,
    )
    return {r.name: r for r in make_board(scores, METRIC, lines).rows}


def test_skill_is_the_share_of_the_span_from_baseline_to_ceiling(scores):
    found = rows(scores, record(ceiling()))
    assert found["a"].skill == pytest.approx((0.6 - 0.2) / (1.0 - 0.2), abs=0.02)
    assert found["a"].skill_low < found["a"].skill < found["a"].skill_high
    assert list(found) == ["ceiling", "a", "b", "base"]
    assert found["base"].skill is None


@pytest.mark.parametrize(
    ("records", "why"),
    [
        ([record(ceiling(None))], "no ceiling: no split halves"),
        ([record(ceiling()), record(ceiling(None))], "no ceiling: no split halves"),
        ([record(ceiling(0.9)), record(ceiling(0.8))], "no ceiling: the assessments measured different ones"),
        ([record(ceiling()), record(ceiling(kind="replicate"))], "no ceiling: the assessments measured different ones"),
        (
            [record(ceiling(), demoted=("it cannot tell a replicate from the mean",))],
            "demoted on this screen: it cannot",
        ),
        ([record(ceiling(), span_se=None)], "the error of the span from baseline to ceiling is not stored"),
        ([record(ceiling()), record(ceiling(), span_se=0.5)], "the span from baseline to ceiling (0.8"),
        ([record(ceiling(0.1))], "the span from baseline to ceiling (-0."),
    ],
)
def test_no_skill_where_a_part_of_it_is_not_known(scores, records, why):
    """Of several assessments the one that knows least decides."""
    found = rows(scores, *records)
    assert found["a"].no_skill.startswith(why)
    assert (found["a"].skill, found["a"].skill_low, found["a"].skill_high) == (None, None, None)


def test_verdicts_hold_for_all_conditions_and_not_for_a_part(scores):
    assert rows(scores, record(ceiling()))["a"].beats is True
    assert rows(scores, record(ceiling(), better=False))["a"].beats is False
    found = rows(scores, record(ceiling()), partial=True)
    assert found["a"].beats is None
    assert found["a"].no_skill == "ceilings were measured on all test conditions"
    assert "ceiling" not in found
    assert found["b"].beats is None
