"""A comparison as one HTML page without scripts or external references."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote

from markupsafe import Markup

from vcassay.core import InputError
from vcassay.record import AssessmentWriter, BoardRecord, LeaderboardRecord
from vcassay.record.codec import dump_json
from vcassay.report.leaderboard.facts import (
    Line,
    apart_lines,
    chances,
    csv_rows,
    floor_and_ceiling,
    headline,
    how_sure,
    pair_cells,
    pair_rows,
    ranked_lines,
    skill_refused,
    told_apart,
)
from vcassay.report.leaderboard.markdown import leaderboard_markdown
from vcassay.report.leaderboard.track import Track, scale_of, track_of
from vcassay.report.palette import stylesheet
from vcassay.report.sheet import Value, csv_text
from vcassay.report.shell import policy, source, templates
from vcassay.report.wording import level_mark


def render_leaderboard(record: LeaderboardRecord) -> str:
    """Render a comparison as one HTML page."""
    template = templates().get_template("leaderboard.j2")
    return template.render(
        record=record,
        title=headline(record),
        policy=policy(()),
        style=Markup(stylesheet() + source("page.css") + source("leaderboard.css")),
        boards=[_board(record, board) for board in record.boards],
        entries=[(e, level_mark(e.level or None)) for e in record.entries],
        ranks_csv=as_link(csv_rows(record)),
        pairs_csv=as_link(pair_rows(record)),
    )


def _board(record: LeaderboardRecord, board: BoardRecord) -> dict[str, Any]:
    scale = scale_of(board)

    def drawn(lines: list[Line]) -> list[tuple[Line, Track | None]]:
        return [(line, None if scale is None else track_of(scale, line.row)) for line in lines]

    refused = skill_refused(board)
    ranked, apart = ranked_lines(record, board), apart_lines(record, board)
    return {
        "board": board,
        "scale": scale,
        "bare": Track(None, None),
        "ranked": drawn(ranked),
        "apart": drawn(apart),
        "texts": [t for t in (floor_and_ceiling(board), *told_apart(record, board)) if t],
        "no_skill": f"No skill: {refused}." if refused else "",
        "sure": how_sure(record, board),
        "chances": chances(board),
        "pairs": pair_cells(board),
        "referred": bool(record.reference) and any(line.reference for line in [*ranked, *apart]),
    }


def as_link(rows: list[list[Value]]) -> str:
    """A table as a link that saves it, with no network and no script."""
    return f"data:text/csv;charset=utf-8,{quote(csv_text(rows))}"


def write_leaderboard(path: Path, record: LeaderboardRecord) -> Path:
    """Write a comparison by the ending of the file's name: ``.html``, ``.md`` or ``.json``.

    Raises
    ------
    InputError
        If the name ends in none of them.
    """
    kinds = {".html": render_leaderboard, ".md": leaderboard_markdown, ".json": dump_json}
    make = kinds.get(path.suffix.lower())
    if make is None:
        what = "has no ending that says what to write"
        raise InputError(what, where=str(path), mend="use a name that ends in .html, .md or .json")
    return AssessmentWriter(path.parent).text(path.name, make(record))
