"""The report as Markdown."""

from __future__ import annotations

import re

from tests.report import evidence
from tests.report.conftest import HOSTILE, Planted
from vcassay.report import render_markdown
from vcassay.report.markdown import escape


def test_sections_stand_in_order(planted: Planted) -> None:
    heads = re.findall(r"^## (.*)$", render_markdown(planted.record), re.M)
    assert heads[0] == "Verdict"
    stages = [h.split(":")[0] for h in heads if h.startswith("Stage")]
    assert stages == ["Stage 1", "Stage 2a", "Stage 2b", "Stage 2c", "Stage 2d"]


def test_every_model_ends_in_words(planted: Planted) -> None:
    text = render_markdown(planted.record)
    for model in planted.record.models:
        assert model.verdict is not None
        assert f"### {model.name}: {model.verdict.level}" in text
        assert f"> {model.verdict.sentence}" in text


def test_tables_are_rectangular(planted: Planted) -> None:
    for block in render_markdown(planted.record).split("\n\n"):
        lines = [line for line in block.splitlines() if line.startswith("|")]
        assert len({len(re.findall(r"(?<!\\)\|", line)) for line in lines}) <= 1


def test_labels_act_neither_as_html_nor_as_markdown(planted: Planted) -> None:
    text = render_markdown(planted.record)
    assert HOSTILE not in text
    assert "<script" not in text.replace("\\<", "")
    assert escape("a|b *c* <i> `d` [e](f) & g\nh") == r"a\|b \*c\* \<i\> \`d\` \[e\](f) &amp; g h"


def test_undefined_is_never_a_number(planted: Planted) -> None:
    text = render_markdown(planted.record)
    assert not re.search(r"\b(nan|NaN|None|inf)\b", text)
    assert "not measurable" in text.lower()


def test_illegal_rungs_say_why(planted: Planted) -> None:
    text = render_markdown(planted.record)
    for rung in planted.record.baselines:
        if not rung.legal:
            assert f"no: {escape(rung.why)}" in text


def test_metrics_signal_and_standing_in_brief(planted: Planted) -> None:
    text = render_markdown(evidence.full(planted.record))
    assert "| ~~Retrieval of the perturbation~~ | demoted |" in text
    assert "| **Kestrel-2** |" in text
    assert "3.4 % [0.4, 6.4]" in text
    assert evidence.BEYOND in text
    assert "Kestrel-2 has rank 1 of 2" in text
    older = render_markdown(planted.record)
    assert "calibrated" not in older
    assert "rank 1" not in older
