"""The model card: what Hugging Face asks for is there, nothing undefined is, and no number stands without its claim."""

from __future__ import annotations

from typing import Any

import pytest

from tests.report import ends
from tests.report.conftest import HOSTILE, Planted
from vcassay.core import InputError
from vcassay.report.card import card_yaml, model_card
from vcassay.report.facts import primary_metrics

yaml = pytest.importorskip("yaml")


def read(planted: Planted, **more: Any) -> dict[str, Any]:
    return yaml.safe_load(card_yaml(planted.record, ends.manifest(), **more))


def test_every_result_has_what_is_required(planted: Planted) -> None:
    data = read(planted)
    assert [m["name"] for m in data["model-index"]] == [m.name for m in planted.record.models]
    for model in data["model-index"]:
        for result in model["results"]:
            assert result["task"]["type"]
            assert result["dataset"]["type"]
            assert result["dataset"]["name"]
            assert result["dataset"]["split"] == "test"
            assert result["dataset"]["revision"] == planted.record.claim.sha256
            assert "source" not in result  # which needs an address
            assert result["metrics"]
            kinds = [m["type"] for m in result["metrics"]]
            assert len(set(kinds)) == len(kinds)
            for metric in result["metrics"]:
                assert isinstance(metric["value"], float)
                assert metric["verified"] is False


def test_no_number_stands_without_regime_floor_ceiling_and_verdict(planted: Planted) -> None:
    record = planted.record
    for model, entry in zip(record.models, read(planted)["model-index"], strict=True):
        assert model.verdict is not None
        for result in entry["results"]:
            assert record.claim.regime in result["dataset"]["name"]
            for metric in result["metrics"]:
                assert f"verdict: {model.verdict.level}" in metric["name"]
                assert record.claim.regime in metric["name"]
                assert "best legal baseline" in metric["name"]
                assert "ceiling" in metric["name"]


def test_values_are_those_of_the_record(planted: Planted) -> None:
    record = planted.record
    for model, entry in zip(record.models, read(planted)["model-index"], strict=True):
        values = {m["type"]: m["value"] for r in entry["results"] for m in r["metrics"]}
        skills = {s.metric: s for s in record.skills if s.model == model.name}
        for metric in primary_metrics(record):
            assert values[metric.name] == skills[metric.name].score
            assert values.get(f"{metric.name}_skill") == skills[metric.name].skill


def test_what_is_undefined_is_left_out_and_said(planted: Planted) -> None:
    told = {m["name"]: m for m in read(planted)["vcassay"]["models"]}
    refused = [s for s in planted.record.skills if s.skill is None]
    assert refused
    for row in refused:
        assert f"{row.metric}_skill: {row.refused}" in told[row.model]["skipped"]
    for model in planted.record.models:
        assert model.verdict is not None
        assert told[model.name]["sentence"] == model.verdict.sentence
        assert told[model.name]["provided"] == list(model.verdict.provided)


def test_a_source_has_an_address(planted: Planted) -> None:
    data = read(planted, source="https://example.org/report.html")
    sources = [r["source"] for m in data["model-index"] for r in m["results"]]
    assert sources
    assert all(s == {"name": "vcassay", "url": "https://example.org/report.html"} for s in sources)


def test_labels_from_data_stay_text(planted: Planted) -> None:
    model = planted.record.models[0].model_copy(update={"name": f"{HOSTILE}\n---\nlicense: mit"})
    screen = planted.record.screen.model_copy(update={"name": "a: b # c\n- d"})
    record = planted.record.model_copy(update={"models": (model,), "screen": screen})
    text = model_card(record, None)
    front, body = text.removeprefix("---\n").split("\n---\n", 1)
    data = yaml.safe_load(front)
    assert set(data) == {"model-index", "vcassay"}
    assert data["model-index"][0]["name"] == model.name
    assert "<script" not in body


def test_a_card_is_of_one_model(planted: Planted) -> None:
    name = planted.record.models[1].name
    text = model_card(planted.record, ends.manifest(), name)
    assert [m["name"] for m in yaml.safe_load(text.split("---\n")[1])["model-index"]] == [name]
    assert "## What the evidence supports" in text
    with pytest.raises(InputError, match="models are assessed, and a card is of one; name one: "):
        model_card(planted.record, None)
    with pytest.raises(InputError, match=f"no model is called '{name}s'; did you mean '{name}'"):
        model_card(planted.record, None, f"{name}s")
