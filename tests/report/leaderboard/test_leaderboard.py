"""What terminal, Markdown and page say of a comparison: ranks beside floor, ceiling and verdict, all escaped."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from urllib.parse import unquote

import pytest
from rich.console import Console

from tests.report.conftest import HOSTILE
from tests.report.leaderboard.boards import board, gap, leaderboard, metric, row
from tests.report.test_claim_page import Page
from vcassay.core import InputError
from vcassay.record import LeaderboardRecord
from vcassay.record.codec import load_json
from vcassay.report.leaderboard.facts import (
    apart_lines,
    chances,
    floor_and_ceiling,
    headline,
    how_sure,
    pair_cells,
    ranked_lines,
    told_apart,
)
from vcassay.report.leaderboard.markdown import leaderboard_markdown
from vcassay.report.leaderboard.page import render_leaderboard, write_leaderboard
from vcassay.report.leaderboard.terminal import print_leaderboard
from vcassay.report.leaderboard.track import scale_of, track_of


def printed(record: LeaderboardRecord, width: int = 100) -> str:
    console = Console(file=io.StringIO(), width=width, highlight=False)
    print_leaderboard(record, console)
    text: str = console.file.getvalue()  # type: ignore[attr-defined]
    return text


def test_a_model_that_is_not_supported_stands_apart_whatever_its_score() -> None:
    record = leaderboard()
    (one,) = record.boards
    assert [x.row.name for x in ranked_lines(record, one)] == ["ceiling", "Alpha", "Beta", "ridge"]
    assert [x.row.name for x in apart_lines(record, one)] == ["Seen it", "Tabula"]
    assert all(x.rank == "" for x in apart_lines(record, one))
    assert [x.rank for x in ranked_lines(record, one)] == ["", "1 [1, 2]", "2 [1, 2]", ""]


def test_the_headline_says_how_many_are_ranked_and_how_sure_the_first_is() -> None:
    record = leaderboard()
    said = "'Alpha' is first of 2 ranked models in Pearson delta, with a probability of 80 %"
    said += "; 2 are not ranked, whatever the score"
    assert headline(record) == said
    lone = record.model_copy(update={"entries": tuple(e.model_copy(update={"ranked": False}) for e in record.entries)})
    assert headline(lone) == "None of 4 models is better than every legal baseline, so none is ranked"


def test_who_cannot_be_told_apart_is_one_sentence() -> None:
    record = leaderboard()
    (text,) = told_apart(record, record.boards[0])
    said = "'Alpha' and 'Beta' cannot be told apart in Pearson delta"
    assert text == f"{said}: a difference of 0.028 would be found with 80 % power."
    alike = board(differences=(gap("Alpha", "Beta", 0.0, apart=False, equivalent=True),), groups=(("Alpha", "Beta"),))
    assert told_apart(record, alike) == [
        "'Alpha' and 'Beta' cannot be told apart in Pearson delta: they are equivalent within ± 0.02."
    ]
    assert told_apart(record, board(groups=(("Alpha",),))) == ["Every two models are told apart in Pearson delta."]
    (text,) = told_apart(record, board(reason="too few perturbations to resample"))
    assert text == "Whether models differ cannot be told: too few perturbations to resample."


def test_floor_ceiling_and_conditions_are_named() -> None:
    record = leaderboard()
    text = floor_and_ceiling(record.boards[0])
    assert "the best legal baseline, ridge on prior features, scores 0.42 [0.39, 0.45]" in text.replace("The", "the")
    assert "the ceiling (perfect model) is 0.76" in text
    assert "'Seen it' is better than the ceiling, as only a model that has seen these cells can be." in text
    sure = how_sure(record, record.boards[0])
    assert sure.startswith("On 340 test conditions in 10 contexts (2 more are undefined by the truth). ")
    assert "The bootstrap draws together perturbations with all their doses." in sure


def test_probabilities_and_pairs_are_tables() -> None:
    (one,) = leaderboard().boards
    assert chances(one) == [("Alpha", ("80 %", "20 %")), ("Beta", ("20 %", "80 %"))]
    names = [name for name, _ in pair_cells(one)]
    assert names == ["Seen it", "Alpha", "Beta", "Tabula"]
    cells = {(a, b): c for a, found in pair_cells(one) for b, c in zip(names, found, strict=True)}
    assert all(cells[n, n] is None for n in names)
    there, back = cells["Seen it", "Alpha"], cells["Alpha", "Seen it"]
    assert there is not None
    assert back is not None
    assert (there.text, there.span, there.word) == ("+0.35", "[0.33, 0.37]", "better")
    assert (back.text, back.span, back.word) == ("−0.35", "[−0.37, −0.33]", "worse")
    assert cells["Alpha", "Beta"].word == "not told apart"  # type: ignore[union-attr]


def test_tracks_lie_between_floor_and_ceiling() -> None:
    one = board()
    scale = scale_of(one)
    assert scale is not None
    assert scale.of == "skill"
    assert scale.floor is not None
    assert scale.ceiling is not None
    for r in one.rows:
        if r.kind == "model":
            track = track_of(scale, r)
            assert track.at is not None
            assert 0 <= track.at <= 100
            assert not track.cut
            assert (track.at > scale.ceiling) == (r.skill is not None and r.skill > 1)
            assert (track.at < scale.floor) == (r.skill is not None and r.skill < 0)
    far = board(rows=(row("a", 0.5, skill=40.0, skill_low=-1.0, skill_high=90.0), row("b", 0.1, skill=0.1)))
    wide = scale_of(far)
    assert wide is not None
    assert track_of(wide, far.rows[0]).cut
    errors = board(
        metric=metric(higher_is_better=False), rows=(row("a", 0.2), row("b", 0.8), row("x", 0.5, "baseline"))
    )
    flipped = scale_of(errors)
    assert flipped is not None
    assert (flipped.of, flipped.ceiling) == ("score", None)
    assert track_of(flipped, errors.rows[0]).at > track_of(flipped, errors.rows[1]).at  # type: ignore[operator]
    assert scale_of(board(rows=(row("a", None, reason="none"),))) is None


def test_the_terminal_keeps_its_width_and_says_the_same() -> None:
    text = printed(leaderboard(), 80)
    assert all(len(line) <= 80 for line in text.splitlines())
    flat = " ".join(text.split())
    for part in (
        headline(leaderboard()),
        "best baseline",
        "ceiling",
        "not ranked:",
        "NOT SUPPORTED",
        "! The assessments",
    ):
        assert part in flat
    assert "Less 'Alpha', paired, above 0 where it is better: 'Beta' −0.01; 'Seen it' +0.35" in flat.replace("-0", "−0")
    assert "'Beta': 7 conditions of 340 without an answer count at chance." in flat


def test_markdown_escapes_and_holds_every_table() -> None:
    text = leaderboard_markdown(leaderboard((HOSTILE, "a|b", "c_d", "*e*")))
    assert "<" not in text.replace("\\<", "")
    assert "a\\|b" in text
    assert "| probability of | rank 1 | rank 2 |" in text
    assert "sha256 of assessment.json" in text


def test_the_page_needs_nothing_and_lets_nothing_run() -> None:
    html = render_leaderboard(leaderboard((HOSTILE, '"><img src=x onerror=alert(1)>', "c & d", "e")))
    page = Page(html)
    names = [tag for tag, _ in page.tags]
    assert "script" not in names
    assert "img" not in names
    assert "link" not in names
    policy = next(a["content"] for t, a in page.tags if t == "meta" and "http-equiv" in a)
    assert policy.startswith("default-src 'none'; script-src ;") or "script-src" in policy
    for _, attributes in page.tags:
        assert not any(name.startswith("on") for name in attributes)
        for name in ("href", "src"):
            assert re.match(r"#|data:text/csv|$", attributes.get(name, ""))
    assert HOSTILE in page.text
    for heading in ("How sure the ranks are", "Each against each", "How each claim ends", "What was compared"):
        assert heading in page.text
    assert "Not ranked, whatever the score" in page.text
    assert "To be known first The assessments were made by different versions" in page.text
    assert len(html) < 120_000


def test_tables_are_saved_as_csv() -> None:
    record = leaderboard((HOSTILE, 'a "b", c', "d\ne", "=f()"))
    page = Page(render_leaderboard(record))
    links = {a["download"]: a["href"] for t, a in page.tags if t == "a" and "download" in a}
    assert set(links) == {"leaderboard.csv", "leaderboard-pairs.csv"}
    head, *rows = csv.reader(io.StringIO(unquote(links["leaderboard.csv"].split(",", 1)[1]), newline=""))
    assert len(rows) == len(record.boards[0].rows)
    found = {r[head.index("name")]: r for r in rows}
    assert set(found) == {HOSTILE, 'a "b", c', "d\ne", "'=f()", "ridge", "ceiling"}
    assert float(found[HOSTILE][head.index("score")]) == 0.6
    assert found["'=f()"][head.index("ranked")] == "no"
    pairs = list(csv.reader(io.StringIO(unquote(links["leaderboard-pairs.csv"].split(",", 1)[1]), newline="")))
    assert len(pairs) == 1 + len(record.boards[0].differences)


def test_files_are_written_by_their_ending(tmp_path: Path) -> None:
    record = leaderboard()
    for name in ("a.html", "a.md", "a.json"):
        assert write_leaderboard(tmp_path / name, record).is_file()
    assert load_json(tmp_path / "a.json", LeaderboardRecord) == record
    with pytest.raises(InputError, match=r"use a name that ends in \.html, \.md or \.json"):
        write_leaderboard(tmp_path / "a.txt", record)


def test_it_shows_itself_in_a_notebook() -> None:
    text = leaderboard((HOSTILE, "b", "c", "d"))._repr_html_()
    assert "<script" not in text
    assert "Pearson delta" in text
