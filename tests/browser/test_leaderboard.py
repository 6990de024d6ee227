"""The leaderboard opens offline, fits a phone, reads in both lights, works by keyboard, and saves its tables."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.report.conftest import HOSTILE
from tests.report.leaderboard.boards import leaderboard
from vcassay.report.leaderboard.page import write_leaderboard

if TYPE_CHECKING:
    from tests.browser.visit import Visit

pytest.importorskip("tests.browser.visit", reason="what opens pages in a browser is not here")

Open = Callable[..., "Visit"]
LONG = "a model with a name that goes on and on without end, trained on everything_that_there_is_and_more"


@pytest.fixture(scope="module")
def board(tmp_path_factory: pytest.TempPathFactory) -> Path:
    names = (HOSTILE, LONG, '"><img src=x onerror=alert(1)>', "plain")
    return write_leaderboard(tmp_path_factory.mktemp("board") / "board.html", leaderboard(names))


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_sound_and_accessible(open_page: Open, board: Path, width: int, scheme: str) -> None:
    seen = open_page(board, width=width, scheme=scheme, wait=False)
    assert seen.trouble() == {}
    assert seen.overflow() == []
    assert HOSTILE in seen.page.inner_text("main")
    assert seen.axe() == []
    assert seen.trouble() == {}


def test_marks_lie_in_their_order(open_page: Open, board: Path) -> None:
    """The model above the ceiling lies to its right, the one that a baseline equals left of the floor."""
    seen = open_page(board, wait=False)
    places = seen.page.evaluate(
        """() => Object.fromEntries([...document.querySelectorAll('.board-table tbody tr')].map((r) =>
          [r.querySelector('th').innerText.split('\\n')[0], Object.fromEntries(['floor', 'top', 'dot'].map((k) =>
            [k, r.querySelector(`.lane-of .${k}`)?.getBoundingClientRect().x ?? null]))]))"""
    )
    assert places["plain"]["dot"] > places["plain"]["top"] > places[HOSTILE]["dot"] > places["plain"]["floor"]
    assert places['"><img src=x onerror=alert(1)>']["dot"] < places["plain"]["floor"]
    assert places["ridge on prior features"]["dot"] is None


def test_it_works_by_keyboard(open_page: Open, board: Path) -> None:
    seen = open_page(board, wait=False)
    seen.page.keyboard.press("Tab")
    assert seen.page.evaluate("document.activeElement.className") == "skip"
    seen.page.keyboard.press("Enter")
    assert seen.page.evaluate("location.hash") == "#first-board"
    reached = set()
    for _ in range(20):
        seen.page.keyboard.press("Tab")
        reached.add(
            seen.page.evaluate("document.activeElement.getAttribute('download') || document.activeElement.tagName")
        )
    assert {"leaderboard.csv", "leaderboard-pairs.csv"} <= reached


def test_tables_are_saved_without_a_network(open_page: Open, board: Path, tmp_path: Path) -> None:
    seen = open_page(board, wait=False)
    with seen.page.expect_download() as saved:
        seen.page.click("text=Save the tables (CSV)")
    saved.value.save_as(tmp_path / "saved.csv")
    assert saved.value.suggested_filename == "leaderboard.csv"
    with (tmp_path / "saved.csv").open(newline="", encoding="utf-8") as handle:
        rows = list(csv.DictReader(handle))
    assert {r["name"] for r in rows} >= {HOSTILE, LONG, "plain", "ridge", "ceiling"}
    assert seen.trouble() == {}


def test_it_prints_with_its_ranks(open_page: Open, board: Path) -> None:
    seen = open_page(board, wait=False)
    seen.page.emulate_media(media="print")
    assert not seen.page.is_visible(".bar")
    assert not seen.page.is_visible(".save")
    assert seen.page.is_visible(".board-table .lane-of .dot >> nth=0")
    assert seen.page.pdf()[:4] == b"%PDF"
