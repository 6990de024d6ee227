"""What must lose and does not is a finding; what cannot be told is no accusation."""

from __future__ import annotations

import pytest

from vcassay.core import Status
from vcassay.evidence.baselines.contest import model_findings, probe_findings, sabotage_findings
from vcassay.record.evidence import BaselineRecord, ComparisonRecord

TITLES = {"nmse": "Error", "pearson_delta": "Pearson delta"}


def rung(name, kind="baseline", tier="T1", *, ran=True, reads=("train_effects",), **more):
    given = {"title": f"the {name}", "summary": "x", "source": "x", "legal": kind == "baseline", "why": ""}
    return BaselineRecord(name=name, kind=kind, tier=tier, reads=reads, ran=ran, n_predicted=9, **(given | more))


RIDGE = rung("ridge", tier="T3")
SHUFFLED = rung("shuffled_features", "sabotage", "T3", twin="ridge")
MEANS = (rung("no_change", tier="T0"), rung("perturbed_mean"))
PROBE = rung("cells", "probe", reads=("train_effects", "cell_numbers"))


def compared(model, baseline, metric, difference, low, high):
    better, worse = low is not None and low > 0, high is not None and high < 0
    return ComparisonRecord(
        model=model,
        baseline=baseline,
        metric=metric,
        family="x",
        difference=difference,
        low=low,
        high=high,
        se=None,
        interval="x",
        n=50,
        better=better,
        worse=worse,
        p_value=0.001 if better else 0.5,
        margin=0.02,
    )


def sabotaged(*spans, no_signal="", ran=True, why=""):
    rows = [compared("ridge", "shuffled_features", m, *s) for m, s in zip(TITLES, spans, strict=False)]
    record = SHUFFLED.model_copy(update={"ran": ran, "why": why})
    (found,) = sabotage_findings([RIDGE, record], rows, TITLES, no_signal)
    assert (found.check, found.family, found.model) == ("shuffled_features", "baselines", None)
    return found


@pytest.mark.parametrize(
    ("spans", "status"),
    [
        (((0.1, 0.05, 0.15), (0.0, -0.1, 0.1)), Status.PASS),
        (((-0.1, -0.2, -0.05), (0.06, 0.01, 0.1)), Status.PASS),
        (((0.01, -0.005, 0.015), (-0.01, -0.05, 0.03)), Status.WARN),
        (((-0.1, -0.2, -0.05), (-0.06, -0.1, -0.01)), Status.WARN),
        (((0.05, -0.05, 0.15), (0.01, -0.1, 0.1)), Status.NA),
        (((0.05, None, None), (0.06, None, None)), Status.NA),
    ],
)
def test_a_sabotage_must_lose(spans, status):
    found = sabotaged(*spans)
    assert found.status == status
    assert "features exchanged among perturbations" in found.sentence
    assert len(found.evidence) == 2


def test_the_figure_is_the_clearest_difference():
    found = sabotaged((0.1, 0.05, 0.15), (0.3, 0.2, 0.4))
    assert found.value == 0.3
    assert "0.300 [0.200, 0.400] in Pearson delta" in found.sentence
    warned = sabotaged((0.01, -0.005, 0.015), (-0.01, -0.05, 0.03))
    assert "is not domain knowledge" in warned.sentence
    assert (warned.value, warned.threshold) == (0.01, 0.02)


def test_a_sabotage_that_says_nothing():
    assert sabotaged((0.1, 0.05, 0.15), no_signal="no effects").status == Status.NA
    idle = sabotaged(ran=False, why="nothing to destroy: all trained")
    assert (idle.status, idle.sentence) == (Status.NA, "Not measurable: nothing to destroy: all trained.")
    assert sabotaged().status == Status.NA


def probed(*rows, **more):
    rows = [compared("cells", *row) for row in rows]
    values = {(n, m): 0.5 for n in ("cells", "no_change", "perturbed_mean", "ridge") for m in TITLES}
    (found,) = probe_findings([*MEANS, RIDGE, PROBE], rows, values, TITLES, **more)
    return found


def test_a_probe_that_beats_every_mean_in_a_metric_warns():
    rows = [("no_change", "nmse", 0.3, 0.2, 0.4), ("perturbed_mean", "nmse", 0.1, 0.05, 0.2)]
    other = [("no_change", "pearson_delta", 0.0, -0.1, 0.1), ("perturbed_mean", "pearson_delta", 0.0, -0.1, 0.1)]
    found = probed(*rows, *other, ("ridge", "nmse", -0.3, -0.4, -0.2))
    assert found.status == Status.WARN
    assert found.value == 0.1  # over the nearest of them
    assert "numbers of cells and their depth" in found.sentence
    assert "every legal baseline" not in found.sentence
    assert "every legal baseline" in probed(*rows, *other, ("ridge", "nmse", 0.2, 0.1, 0.3)).sentence


def test_one_mean_that_holds_is_enough():
    found = probed(("no_change", "nmse", 0.3, 0.2, 0.4), ("perturbed_mean", "nmse", 0.01, -0.05, 0.2))
    assert found.status == Status.PASS


def test_a_probe_that_cannot_be_compared():
    assert probed().status == Status.NA
    assert probed(("no_change", "nmse", 0.3, 0.2, 0.4), no_signal="no effects").status == Status.NA


def judged(*spans, **more):
    rows = [compared("m", "cells", metric, *s) for metric, s in zip(TITLES, spans, strict=False)]
    (found,) = model_findings([PROBE], rows, ["m"], TITLES, **more)
    assert found.model == "m"
    return found


@pytest.mark.parametrize(
    ("spans", "status"),
    [
        (((0.1, 0.05, 0.15), (0.0, -0.1, 0.1)), Status.PASS),
        (((0.1, 0.05, 0.15), (-0.2, -0.3, -0.1)), Status.WARN),
        (((0.0, -0.1, 0.1), (0.0, -0.1, 0.1)), Status.WARN),
        (((0.1, None, None), (0.1, None, None)), Status.NA),
    ],
)
def test_a_model_must_beat_every_probe(spans, status):
    assert judged(*spans).status == status


def test_the_unbeaten_probe_is_named():
    batch = rung("batch", "probe", reads=("train_effects", "batches"))
    rows = [compared("m", "cells", "nmse", 0.2, 0.1, 0.3), compared("m", "batch", "nmse", 0.0, -0.1, 0.1)]
    (found,) = model_findings([PROBE, batch], rows, ["m"], TITLES)
    assert found.status == Status.WARN
    assert "what batches alone tell" in found.sentence
