"""The drawings: valid, coloured from the palette, true to the tables they were made from."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import altair as alt
import numpy as np
import pytest
import vl_convert as vlc

from tests.report.conftest import Planted
from vcassay.report.blocks import all_blocks
from vcassay.report.facts import main_metric
from vcassay.report.figures import Figure
from vcassay.report.figures import effect_axis as ax
from vcassay.report.figures.biology.dose import dose_figures
from vcassay.report.figures.figure import VL_VERSION, clean, renamed
from vcassay.report.figures.histogram import histogram_figure
from vcassay.report.figures.ladder import ladder_rows
from vcassay.report.figures.paired import breakdown_rows, comparison_rows, span
from vcassay.report.figures.points import cell_rows
from vcassay.report.figures.scatter import scatter_figures
from vcassay.report.palette import LIGHT, SERIES
from vcassay.report.tables import Stored, oriented, read_stored


@pytest.fixture(scope="module")
def stored(planted: Planted, tmp_path_factory: pytest.TempPathFactory) -> Stored:
    return read_stored(planted.write(tmp_path_factory.mktemp("figures")))


@pytest.fixture(scope="module")
def figures(stored: Stored) -> list[Figure]:
    return [figure for block in all_blocks(stored) for figure in block.figures]


BIOLOGY = {
    "analogues",
    "beyond",
    "classes",
    "expected",
    "gains",
    "inputs",
    "nuisance",
    "own",
    "shares",
    "stress",
    "targets",
}


def test_every_figure_holds_to_the_schema(figures: list[Figure]) -> None:
    names = [f.name for f in figures]
    assert len(set(names)) == len(names)
    kinds = {re.sub(r"-.*", "", f.name): f for f in figures}
    assert set(kinds) == {*("effect", "ladder", "scatter", "skill", "paired", "breakdown", "dose"), *BIOLOGY}
    for figure in kinds.values():
        kind = alt.LayerChart if "layer" in figure.spec else alt.Chart
        kind.from_dict(figure.standalone(), validate=True)
        json.dumps(figure.standalone(), allow_nan=False)


def test_every_colour_has_a_twin_on_dark_paper(figures: list[Figure]) -> None:
    known = set(LIGHT.values()) | set(SERIES) | {"none", "transparent"}
    for figure in {re.sub(r"-.*", "", f.name): f for f in figures}.values():
        svg = vlc.vegalite_to_svg(figure.standalone(), vl_version=VL_VERSION)
        used = set(re.findall(r'(?:fill|stroke)="([^"]+)"', svg.split('role="graphics-object"', 1)[1]))
        assert used - {"#000", "black"} <= known, figure.name


def test_hostile_labels_are_text_in_a_static_drawing(figures: list[Figure]) -> None:
    still = [f.drawing() for f in figures]
    assert len(still) > 3
    assert all(svg.startswith("<svg") for svg in still)
    assert not any("<script" in svg or "onerror=alert(1)>" in svg for svg in still)


def test_ladder_goes_from_doing_nothing_to_models_to_the_replicate(planted: Planted) -> None:
    metric = main_metric(planted.record)
    assert metric is not None
    rows = ladder_rows(planted.record, metric)
    assert rows[0]["name"] == "no_change"
    assert rows[-1]["name"] == "replicate"
    tiers = [row["tier"] for row in rows if row["tier"].startswith("T")]
    assert tiers == sorted(tiers)
    by_name = {row["name"]: row for row in rows}
    assert by_name["perturbed_mean_oracle"]["legal"] == "no"
    assert by_name["perturbed_mean_oracle"]["tone"] == LIGHT["barred"]
    assert "moa_mean" not in by_name
    models = [row["value"] for row in rows if row["tier"] == "model"]
    assert models == sorted(models)


def test_error_ladder_runs_the_other_way(planted: Planted) -> None:
    metric = next(m for m in planted.record.metrics if m.name == "nmse")
    models = [row["value"] for row in ladder_rows(planted.record, metric) if row["tier"] == "model"]
    assert models == sorted(models, reverse=True)


def test_histogram_counts_every_condition_with_an_effect_size(stored: Stored) -> None:
    assert stored.tested is not None
    figure = histogram_figure(stored.tested, stored.record.screen.strata)
    assert figure is not None
    known = int(np.isfinite(stored.tested["effect"]).sum())
    assert sum(row["count"] for row in figure.tables["histogram"]) == known
    assert f"{len(stored.tested) - known:,} of" in figure.note
    assert all(row["top"] - row["base"] == row["count"] for row in figure.tables["histogram"])


def test_histogram_without_effect_sizes_is_not_drawn(stored: Stored) -> None:
    assert stored.tested is not None
    blind = stored.tested.assign(effect=np.nan)
    assert histogram_figure(blind, stored.record.screen.strata) is None


def test_scatter_draws_each_condition_or_says_why_not(stored: Stored) -> None:
    metric = main_metric(stored.record)
    assert metric is not None
    (first, *_) = scatter_figures(stored, metric, 1)
    rows = stored.values("Kestrel-2", metric.name)
    assert rows is not None
    placed = rows[np.isfinite(rows["effect"])]
    assert len(first.tables["scatter-0"]) == int(placed["value"].notna().sum())
    undefined = first.tables["scatter-0-undefined"]
    assert len(undefined) == int(placed["value"].isna().sum()) > 0
    assert {row["reason"] for row in undefined} == {"prediction is constant"}
    assert f"{len(rows) - len(placed)} more without an effect size are not drawn." in first.note


def test_all_panels_share_their_axes(stored: Stored) -> None:
    metric = main_metric(stored.record)
    assert metric is not None
    panels = scatter_figures(stored, metric, 8)
    assert len(panels) == len(stored.record.models)
    assert len({json.dumps(f.spec["layer"][1]["encoding"]) for f in panels}) == 1


def test_cells_keep_every_condition(stored: Stored) -> None:
    rows = stored.values("Kestrel-2", "pearson_delta")
    assert rows is not None
    rows = rows[np.isfinite(rows["effect"]) & rows["value"].notna()]
    low, high = ax.domain(rows["effect"].to_numpy(), 0.012)
    cells = cell_rows(rows, (low, high, 0.012, -0.5, 1.0), stored.record)
    assert sum(cell["count"] for cell in cells) == len(rows)
    for cell in cells:
        if cell["stratum"] == "strong":
            assert cell["left"] >= 0.12 - 1e-6


def test_breakdown_is_the_mean_of_paired_gains(stored: Stored, planted: Planted) -> None:
    metric = main_metric(planted.record)
    assert metric is not None
    rows, note = breakdown_rows(stored, "Kestrel-2", metric)
    wide = planted.scores[planted.scores["metric"] == metric.name].pivot_table(
        index=["context", "perturbation", "dose"], columns="model", values="value", dropna=False
    )
    gain = (wide["Kestrel-2"] - wide["context_regression"]).dropna()
    expected = gain[gain.index.get_level_values("context") == "PC9"]
    found = next(row for row in rows if row["label"] == "PC9")
    assert found["value"] == pytest.approx(float(expected.mean()))
    assert found["n"] == len(expected)
    assert note == ""


def test_gains_are_oriented_so_that_more_is_better(stored: Stored) -> None:
    metrics = {m.name: m for m in stored.record.metrics}
    for name in ("nmse", "pearson_delta"):
        gains = stored.gains("EchoCell", "no_change", metrics[name])
        assert gains is not None
        assert gains["gain"].mean() > 0.3
    values = stored.values("EchoCell", "magnitude_log2")
    assert values is not None
    assert (oriented(values["value"], metrics["magnitude_log2"]) <= 0).all()


def test_many_contexts_are_cut_and_said_to_be(plant: Callable[..., Planted], tmp_path: Path) -> None:
    wide = plant(test=tuple(f"line {i}" for i in range(30)), n_perturbations=6, light=True, models=("Kestrel-2",))
    stored = read_stored(wide.write(tmp_path))
    metric = main_metric(stored.record)
    assert metric is not None
    rows, note = breakdown_rows(stored, "Kestrel-2", metric)
    assert sum(row["label"].startswith("line") for row in rows) == 24
    assert note.startswith("30 contexts: the 12 lowest")


def test_comparisons_start_with_the_strongest_baseline(planted: Planted) -> None:
    metric = main_metric(planted.record)
    assert metric is not None
    values = [row["value"] for row in comparison_rows(planted.record, "Kestrel-2", metric)]
    assert values == sorted(values)
    low, high = span([comparison_rows(planted.record, "Kestrel-2", metric)])
    assert low < 0 < max(values) < high


def test_dose_panels_hold_truth_and_every_model(planted: Planted) -> None:
    panels, note = dose_figures(planted.record)
    assert len(panels) == 8
    assert note == ""
    first = panels[0]
    assert {row["model"] for row in first.tables["dose-0-models"]} == {m.name for m in planted.record.models}
    truth = first.tables["dose-0-truth"]
    assert [row["dose"] for row in truth] == [0.05, 0.5, 5.0]
    assert all(row["low"] < row["value"] < row["high"] for row in truth)


def test_dose_panels_need_curves(planted: Planted) -> None:
    bare = tuple(
        f.model_copy(update={"evidence": ({"perturbation": "x", "dose": None},)}) for f in planted.record.findings
    )
    assert dose_figures(planted.record.model_copy(update={"findings": bare})) == ([], "")


def test_effect_axis_goes_there_and_back() -> None:
    for x in (-3.0, -0.01, 0.0, 0.004, 2.5):
        assert ax.unwarp(ax.warp(x, 0.012), 0.012) == pytest.approx(x)
    cuts = ax.edges(-0.05, 1.0, 0.012, [0.012, 0.05, 0.12])
    assert cuts == sorted(cuts)
    for bound in (0.012, 0.05, 0.12):
        assert min(abs(c - bound) for c in cuts) < 1e-12
    marks = ax.ticks(-0.05, 1.0, 0.012)
    assert 0.0 in marks
    assert len(marks) < 14


def test_tables_hold_no_number_that_is_none() -> None:
    assert clean([{"a": float("nan"), "b": np.float64(0.12345678), "c": "x", "d": True}]) == [
        {"a": None, "b": 0.123457, "c": "x", "d": True}
    ]


def test_renamed_leaves_the_original_alone() -> None:
    spec = {"layer": [{"data": {"name": "rows"}}, {"data": {"name": "zero"}}]}
    assert renamed(spec, {"rows": "a"}) == {"layer": [{"data": {"name": "a"}}, {"data": {"name": "zero"}}]}
    assert spec["layer"][0]["data"]["name"] == "rows"
