"""The gallery: every figure by name, as a chart to restyle and as a drawing that needs no network."""

from __future__ import annotations

import altair as alt
import pytest

from vcassay.record import read_assessment
from vcassay.report.gallery import figures
from vcassay.report.html import write_report


@pytest.fixture(scope="module")
def folder(planted, tmp_path_factory):
    return planted.write(tmp_path_factory.mktemp("gallery"))


@pytest.fixture(scope="module")
def gallery(folder):
    return figures(folder)


def test_it_holds_the_figures_of_the_page(gallery, folder):
    write_report(folder)
    assert sorted(gallery) == sorted(f.name.removesuffix(".vl.json") for f in (folder / "figures").iterdir())
    assert all(name in repr(gallery) for name in gallery)


def test_a_figure_becomes_a_chart_that_can_be_restyled(gallery):
    name = next(name for name in gallery if name.startswith("ladder"))
    chart = gallery[name].chart()
    assert isinstance(chart, alt.TopLevelMixin)
    spec = chart.properties(width=300).configure_axis(labelFontSize=20).to_dict()
    assert spec["width"] == 300
    assert spec["config"]["axis"]["labelFontSize"] == 20
    assert spec["datasets"] == gallery[name].tables


def test_a_notebook_shows_a_drawing_without_scripts(gallery):
    svg = gallery[next(iter(gallery))]._repr_svg_()
    assert svg.startswith("<svg")
    assert "<script" not in svg
    assert "href" not in svg.replace("xlink", "")


def test_a_misspelt_name_is_answered_with_the_nearest(gallery):
    name = next(iter(gallery))
    with pytest.raises(KeyError, match=name):
        gallery[name + "s"]


def test_an_assessment_shows_claim_and_verdicts(folder):
    record = read_assessment(folder)
    html = record._repr_html_()
    for model in record.models:
        assert model.verdict.level in html
        assert "<script>" not in model.verdict._repr_html_()
    assert "<script>" not in html
    assert record.claim.regime in record.claim._repr_html_()
    assert record.findings[0].check in record.findings[0]._repr_html_()
