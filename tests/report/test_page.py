"""The page: offline, escaped, in order, and honest about what it does not know."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.report import evidence
from tests.report.conftest import HOSTILE, Planted
from vcassay.core import InputError
from vcassay.record import AssessmentWriter
from vcassay.report import render_html, write_report
from vcassay.report.facts import STRATUM_ORDER
from vcassay.report.shell import script_json

ORDER = [
    *("verdict", "claim", "leakage", "ladder", "effect", "calibration", "template"),
    *("paired", "utility", "panel", "biology", "extremes", "methods"),
]
VOID = {"meta", "input", "br", "img", "link", "hr"}


class Page(HTMLParser):
    """Elements, their attributes and their text, as a browser without scripts would see them."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.scripts: list[tuple[dict[str, str], str]] = []
        self.text: list[str] = []
        self.section_text: dict[str, list[str]] = {}
        self._section = ""
        self._raw: str | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {k: v or "" for k, v in attrs}
        self.tags.append((tag, found))
        if tag == "section":
            self._section = found["id"]
        if tag == "script":
            self.scripts.append((found, ""))
        self._raw = tag if tag in ("script", "style") else None

    def handle_endtag(self, tag: str) -> None:
        self._raw = None

    def handle_data(self, data: str) -> None:
        if self._raw == "script":
            attrs, text = self.scripts[-1]
            self.scripts[-1] = (attrs, text + data)
        elif self._raw is None and data.strip():
            self.text.append(data.strip())
            self.section_text.setdefault(self._section, []).append(data.strip())

    def section(self, name: str) -> str:
        return " ".join(" ".join(self.section_text[name]).split())


@pytest.fixture(scope="module")
def html(planted: Planted, tmp_path_factory: pytest.TempPathFactory) -> str:
    return render_html(planted.write(tmp_path_factory.mktemp("page")))


@pytest.fixture(scope="module")
def page(html: str) -> Page:
    return Page(html)


def payload(page: Page) -> dict[str, dict[str, dict[str, list[str]]]]:
    found: dict[str, dict[str, dict[str, list[str]]]] = json.loads(
        next(text for attrs, text in page.scripts if attrs.get("id") == "drawings")
    )
    return found


def test_nothing_is_fetched(page: Page) -> None:
    loading = {"src", "srcset", "data", "poster", "action", "formaction", "background", "ping", "xlink:href"}
    for tag, attrs in page.tags:
        assert not loading & set(attrs), (tag, attrs)
        assert attrs.get("href", "#").startswith("#"), (tag, attrs)
        assert tag not in ("iframe", "object", "embed", "link", "base", "img")
        assert not [name for name in attrs if name.startswith("on")], (tag, attrs)


def test_styles_fetch_nothing(html: str) -> None:
    for style in re.findall(r"<style>(.*?)</style>", html, re.S):
        assert "url(" not in style
        assert "@import" not in style


def test_only_the_page_s_own_scripts_may_run(page: Page, html: str) -> None:
    policies = [a["content"] for t, a in page.tags if t == "meta" and a.get("http-equiv") == "Content-Security-Policy"]
    assert len(policies) == 1
    rules = dict(part.strip().split(" ", 1) for part in policies[0].split(";"))
    assert rules["default-src"] == "'none'"
    assert "unsafe" not in rules["script-src"]
    run = [text for attrs, text in page.scripts if attrs.get("type") == "module"]
    hashes = [f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" for text in run]
    assert rules["script-src"].split() == hashes
    assert html.index("Content-Security-Policy") < html.index("<script")


def test_there_are_three_scripts_and_one_library(page: Page) -> None:
    kinds = ["application/json", "module", "application/json", "module", "module"]
    assert [attrs["type"] for attrs, _ in page.scripts] == kinds
    assert sum("vegaEmbed=" in text for _, text in page.scripts) == 1
    assert "ast: true" in page.scripts[-1][1]


def test_small_enough_to_mail(html: str) -> None:
    assert len(html.encode()) < 3_000_000


def test_blocks_stand_in_the_order_of_the_argument(page: Page) -> None:
    assert [attrs["id"] for tag, attrs in page.tags if tag == "section"] == ORDER
    links = [attrs["href"][1:] for tag, attrs in page.tags if tag == "a" and attrs.get("href", "")[1:] in ORDER]
    assert links[-len(ORDER) :] == ORDER


def test_labels_stay_text(page: Page, html: str) -> None:
    assert HOSTILE not in html
    assert any(HOSTILE in text for text in page.text)
    assert any('"><img src=x onerror=alert(1)>' in text for text in page.text)
    drawn = json.dumps(payload(page), ensure_ascii=False)
    assert HOSTILE in drawn


def test_json_cannot_close_its_element() -> None:
    text = script_json({"a": "</script><!-- \u2028 & é"})
    assert not set("<>&\u2028") & set(text)
    assert json.loads(text) == {"a": "</script><!-- \u2028 & é"}
    with pytest.raises(ValueError, match="not JSON compliant"):
        script_json({"a": float("nan")})


def test_every_model_s_end_is_shown(page: Page, planted: Planted) -> None:
    shown = page.section("verdict")
    for model in planted.record.models:
        assert model.verdict is not None
        assert model.verdict.sentence in shown
        assert model.verdict.level.capitalize() in shown
        for clause in (*model.verdict.provided, *model.verdict.would_change):
            assert clause in shown
    assert "Is anything wrong?" in shown
    assert shown.index("Is anything wrong?") < shown.index("What the evidence supports")


def test_no_value_is_written_as_a_number_where_there_is_none(page: Page) -> None:
    words = re.findall(r"\b\w+\b", " ".join(page.text))
    assert not {"nan", "NaN", "None", "inf", "null_"} & set(words)
    assert "undefined" in page.section("panel")
    assert "nmse is not defined on null effects" in page.section("panel")


def test_tables_are_embedded_once_and_all_are_there(page: Page) -> None:
    data = payload(page)

    def names(spec: object) -> set[str]:
        if isinstance(spec, list):
            return set().union(*map(names, spec)) if spec else set()
        if not isinstance(spec, dict):
            return set()
        own = {spec["data"]["name"]} if isinstance(spec.get("data"), dict) else set()
        return own.union(*map(names, spec.values()))

    assert names(data["figures"]) == set(data["tables"])
    places = [attrs["data-figure"] for tag, attrs in page.tags if "data-figure" in attrs]
    assert sorted(places) == sorted(data["figures"])


def test_rungs_that_are_not_legal_say_why(page: Page, planted: Planted) -> None:
    shown = page.section("ladder")
    barred = [b for b in planted.record.baselines if not b.legal]
    assert len(barred) > 2
    for rung in barred:
        assert rung.why[1:] in shown
    assert sum(attrs.get("class") == "barred" for tag, attrs in page.tags if tag == "tr") == len(barred)


def test_unknown_comes_with_its_question(page: Page) -> None:
    question = "Which data sets was the model pretrained on, and which release?"
    assert question in page.section("leakage")
    assert question in page.section("verdict")


def test_not_measurable_says_why(page: Page) -> None:
    assert "Not measurable: no table of mechanisms." in page.section("biology")
    assert "the test contexts cannot resolve it" in page.section("panel")


def test_provenance_is_complete(page: Page) -> None:
    shown = page.section("methods")
    for part in ("vcassay assess study.toml -o demo", "numpy 2.4.6", "a1" * 32, "verdict.span_se", "log1p"):
        assert part in shown


def test_reads_on_dark_paper_in_print_and_without_scripts(html: str, page: Page) -> None:
    assert "prefers-color-scheme:dark" in html
    assert "@media print" in html
    assert sum(tag == "noscript" for tag, _ in page.tags) == len(payload(page)["figures"]) + 2
    assert html.count('<noscript><svg role="img" aria-label="') == len(payload(page)["figures"])


def test_rendering_is_repeatable(folder: Path) -> None:
    first = {path: path.read_bytes() for path in write_report(folder)}
    assert {path: path.read_bytes() for path in write_report(folder)} == first
    assert [p.name for p in first][:3] == ["report.html", "report.md", "card.yml"]
    assert all(p.name.endswith(".vl.json") for p in list(first)[3:])


def test_one_model_has_a_card_and_no_switch(plant: Callable[..., Planted], tmp_path: Path) -> None:
    page = Page(render_html(plant(models=("Kestrel-2",), n_perturbations=12).write(tmp_path)))
    assert "Kestrel-2: supported." in page.section("verdict")
    assert not [1 for tag, attrs in page.tags if tag == "input" and attrs.get("type") == "radio"]


def test_missing_tables_are_reasons_not_empty_charts(planted: Planted, tmp_path: Path) -> None:
    AssessmentWriter(tmp_path).json("assessment.json", planted.record)
    page = Page(render_html(tmp_path))
    assert "scores.parquet is not in the assessment directory" in page.section("extremes")
    assert "conditions.parquet is not in the assessment directory" in page.section("claim")
    assert "manifest.json is not in the assessment directory" in page.section("methods")
    drawn = {attrs["data-figure"] for _, attrs in page.tags if "data-figure" in attrs}
    assert not [name for name in drawn if name.startswith(("scatter", "effect", "breakdown"))]
    assert "ladder-pearson_delta" in drawn


def test_empty_assessment_still_answers(planted: Planted, tmp_path: Path) -> None:
    empty: dict[str, object] = dict.fromkeys(
        ("findings", "baselines", "metrics", "ceilings", "scores", "comparisons", "skills", "models", "thresholds"), ()
    )
    AssessmentWriter(tmp_path).json("assessment.json", planted.record.model_copy(update=empty))
    page = Page(render_html(tmp_path))
    assert "No model was assessed" in page.section("verdict")
    assert "No check was run." in page.section("leakage")
    assert not payload(page)["figures"]


def test_many_conditions_are_aggregated_and_said_to_be(plant: Callable[..., Planted], tmp_path: Path) -> None:
    many = plant(test=tuple(f"line {i}" for i in range(26)), n_perturbations=40, light=True, models=("Kestrel-2",))
    page = Page(render_html(many.write(tmp_path)))
    rows = payload(page)["tables"]["scatter-0"]["rows"]
    said = f"conditions are more than 3,000: drawn as {len(rows):,} bins, darker is more; the finder still finds each."
    assert said in page.section("effect")
    assert len(rows) < 1500


def test_a_folder_without_an_assessment_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"holds no assessment\.json"):
        render_html(tmp_path)


def test_a_newer_record_shows_what_its_metrics_are_worth(planted: Planted, tmp_path: Path) -> None:
    newer = Planted(evidence.full(planted.record), planted.conditions, planted.scores)
    html = render_html(newer.write(tmp_path))
    page = Page(html)
    assert "does not measure perturbation biology" in page.section("calibration")
    assert "A trick scores 0.3 (0.1 without it)." in page.section("calibration")
    assert evidence.BEYOND in page.section("template")
    assert "Probability that the model of the row is better" in page.section("paired")
    assert "0.61 [0.50, 0.70]" in page.section("utility")
    assert "Noise: conditions without an effect" in page.section("effect")
    assert "part of the signal is of the batches" in page.section("methods")
    assert "calibration" in payload(page)["figures"]
    words = re.findall(r"\b\w+\b", " ".join(page.text))
    assert not {"nan", "NaN", "None", "inf"} & set(words)
    assert HOSTILE not in html


def test_a_large_study_stays_small_enough_to_mail(planted: Planted, tmp_path: Path) -> None:
    """Ten models, ninety metrics and thirteen strata on two thousand conditions."""
    record = evidence.full(planted.record)
    kinds = ("correlation", "error", "retrieval", "calls", "distribution")
    more = [
        record.metrics[0].model_copy(
            update={"name": f"m{i}", "title": f"Metric {i}", "family": kinds[i % 5], "primary": False}
        )
        for i in range(80)
    ]
    first = record.models[0]
    models = [*record.models, *(first.model_copy(update={"name": f"model {i}"}) for i in range(6))]
    strata = [s for s in STRATUM_ORDER if s not in ("shared", "unassessed")]
    rows = [evidence.score(m.name, k.name, s, 0.123) for m in models for k in more for s in strata]
    update = {"metrics": (*record.metrics, *more), "models": tuple(models), "scores": (*record.scores, *rows)}
    html = render_html(Planted(record.model_copy(update=update), planted.conditions, planted.scores).write(tmp_path))
    assert len(html.encode()) < 3_000_000


def test_repeated_text_is_embedded_once(page: Page, planted: Planted) -> None:
    table = payload(page)["tables"]["scatter-0"]
    at = table["columns"].index("context")
    levels = table["levels"]["context"]
    read = [levels[row[at]] for row in table["rows"]]
    wanted = planted.conditions[planted.conditions["role"] == "test"]
    assert set(read) == set(wanted["context"])
    assert len(levels) == len(set(read))


def test_what_must_lose_and_what_is_barred_stand_apart(page: Page) -> None:
    shown = page.section("ladder")
    assert shown.index("Additive: context + drug") < shown.index("These must lose: probes and sabotaged rungs")
    assert "Not legal under this claim, or not run (2)" in shown
    assert "T3 computational biologist" in shown
