"""The summary on a terminal, and where there is none."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

from tests.report import evidence
from tests.report.conftest import Planted
from vcassay.record import AssessmentRecord
from vcassay.report import print_summary
from vcassay.report.facts import decisive


def printed(record: AssessmentRecord, folder: Path | None = None, *, width: int = 80, terminal: bool = False) -> str:
    stream = io.StringIO()
    print_summary(record, Console(file=stream, width=width, force_terminal=terminal), folder)
    return stream.getvalue()


def test_plain_at_eighty_columns(planted: Planted) -> None:
    text = printed(planted.record)
    assert "\x1b" not in text
    assert max(len(line) for line in text.splitlines()) <= 80
    assert all(line == line.rstrip() for line in text.splitlines())


def test_verdicts_come_first_then_leaks_then_the_ladder(planted: Planted) -> None:
    text = printed(planted.record)
    places = [text.index(f"{m.name}: ") for m in planted.record.models]
    assert places == sorted(places)
    assert places[-1] < text.index("\nLeakage\n") < text.index("\nLadder in ")
    flat = " ".join(text.split())
    for model in planted.record.models:
        assert model.verdict is not None
        assert f"{model.name}: {model.verdict.level.upper()}" in flat
        assert model.verdict.sentence in flat


def test_only_leaks_that_are_not_passed_are_listed(planted: Planted) -> None:
    text = printed(planted.record)
    leaks = text[text.index("\nLeakage\n") : text.index("\nLadder in ")]
    assert "FAIL, blocks: L27 Test cells seen in training (EchoCell)" in leaks
    assert "UNKNOWN: L21 Pretraining corpus (EchoCell and PertFormer-XL)" in " ".join(leaks.split())
    assert "Not measurable here: L05 Dose siblings." in leaks
    assert "L01" not in leaks


def test_ladder_shows_status_n_interval_and_ceiling(planted: Planted) -> None:
    text = printed(planted.record, width=110)
    line = next(x for x in text.splitlines() if x.startswith("T2") and "Additive" in x)
    score = planted.record.score("additive", "pearson_delta", "detectable")
    assert score is not None
    assert score.value is not None
    assert f"{score.value:.2f} [" in line
    assert f" {score.n} " in line
    assert line.endswith("legal")
    assert "0.86 [0.83, 0.89]" in next(x for x in text.splitlines() if x.startswith("ceiling"))


def test_what_must_lose_stands_under_its_heading_and_what_is_barred_is_folded(planted: Planted) -> None:
    lines = printed(planted.record, width=110).splitlines()
    heading = next(i for i, x in enumerate(lines) if "These must lose: probes and sabotaged rungs:" in x)
    assert lines[heading + 1].startswith("probe")
    assert lines[heading + 1].endswith("must lose")
    assert next(i for i, x in enumerate(lines) if x.startswith("ceiling")) == heading - 1
    barred = "Not legal under this claim, or not run (2): Mean effect in the test line and Mean effect of the same"
    assert barred in " ".join(lines)
    assert not any(x.startswith("T") and "test line" in x for x in lines)


def test_page_is_named_where_it_exists(planted: Planted, tmp_path: Path) -> None:
    assert "report.html" not in printed(planted.record, tmp_path)
    (tmp_path / "report.html").write_text("")
    assert printed(planted.record, tmp_path).splitlines()[-1] == f"Report: {tmp_path / 'report.html'}"


def test_labels_are_neither_markup_nor_control_characters(planted: Planted) -> None:
    name = "[bold red]x[/] \x1b[31mred\x07"
    models = (planted.record.models[0].model_copy(update={"name": name}),)
    text = printed(planted.record.model_copy(update={"models": models}))
    assert "[bold red]x[/]" in text
    assert "\x1b" not in text
    assert "\x07" not in text


def test_what_was_not_answered_is_said_and_how_it_counts(planted: Planted) -> None:
    first = planted.record.models[0]
    assert "Answers" not in printed(planted.record.model_copy(update={"models": (first,)}))
    fewer = first.model_copy(update={"n_wanted": 50, "n_predicted": 40, "n_abstained": 10})
    scores = tuple(
        s.model_copy(update={"n_at_chance": 7}) if s.model == first.name else s for s in planted.record.scores
    )
    text = printed(planted.record.model_copy(update={"models": (fewer,), "scores": scores}), width=400)
    line = next(row for row in text.splitlines() if "Answers 40 of 50 conditions" in row)
    facts = decisive(planted.record, first.name)
    assert facts is not None
    assert facts.score is not None
    assert f"7 of the {facts.score.n:,} in this score counted at chance" in line


def test_undefined_is_said_and_never_zero(planted: Planted) -> None:
    scores = tuple(
        s.model_copy(update={"value": None, "low": None, "high": None, "status": "undefined", "reason": "constant"})
        if s.model == "additive"
        else s
        for s in planted.record.scores
    )
    text = printed(planted.record.model_copy(update={"scores": scores}), width=110)
    line = next(x for x in text.splitlines() if "Additive: context + drug" in x)
    assert "undefined" in line
    assert "0.00" not in line
    assert "nan" not in text.lower().split()


def test_colours_on_a_terminal_only(planted: Planted) -> None:
    assert "\x1b[" in printed(planted.record, terminal=True)


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_other_encodings_do_not_break_it(planted: Planted, encoding: str) -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding)
    print_summary(planted.record, Console(file=stream, width=80))
    stream.flush()
    assert b"[-0.015, 0.005]" in raw.getvalue()


def test_the_summary_needs_no_chart_library() -> None:
    code = "import sys, vcassay.report.terminal as t; t.print_summary; print('altair' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_demoted_metrics_and_noise_in_one_line_each(planted: Planted) -> None:
    text = " ".join(printed(evidence.full(planted.record), width=200).split())
    assert f"Demoted on this screen: Retrieval of the perturbation ({evidence.WHY})." in text
    assert "Where there is no effect it predicts 12 % of a typical effect and calls 3.4 % of the genes" in text
    older = " ".join(printed(planted.record, width=200).split())
    assert "Demoted" not in older
