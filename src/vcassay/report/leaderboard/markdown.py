"""A comparison as Markdown."""

from __future__ import annotations

from vcassay.record import BoardRecord, LeaderboardRecord
from vcassay.report.leaderboard.facts import (
    Line,
    apart_lines,
    chances,
    floor_and_ceiling,
    headline,
    how_sure,
    pair_cells,
    ranked_lines,
    skill_refused,
    told_apart,
)
from vcassay.report.pipe import bullets, escape, table
from vcassay.report.wording import level_mark, sentence


def leaderboard_markdown(record: LeaderboardRecord) -> str:
    """Render a comparison as Markdown in the order of the page."""
    parts = [f"# {escape(headline(record))}.", escape(record.claim)]
    told = [t for t in (record.common, *record.warnings, *record.refused) if t]
    if told:
        parts += ["## To be known first", bullets([escape(t) for t in told])]
    parts += ["## Verdicts", bullets([_verdict(record, i) for i in range(len(record.entries))])]
    for board in record.boards:
        parts += _board(record, board)
    rows = [
        [escape(s.folder), escape(s.study), escape(s.version), escape(s.created), f"`{s.assessment}`"]
        for s in record.sources
    ]
    parts += ["## Compared", table(("directory", "study", "vcassay", "made", "sha256 of assessment.json"), rows)]
    return "\n\n".join(p for p in parts if p) + "\n"


def _verdict(record: LeaderboardRecord, i: int) -> str:
    e = record.entries[i]
    mark = level_mark(e.level or None)
    provided = f" Provided that {e.provided} clauses hold." if e.provided else ""
    return f"**{escape(e.label)}**: {mark.glyph} {mark.word}. {escape(sentence(e.sentence))}{provided}"


def _board(record: LeaderboardRecord, board: BoardRecord) -> list[str]:
    head = ["rank", "answer", "verdict", "score", "skill", "first"]
    if record.reference:
        head.append(f"less {escape(record.reference)}")
    rows = [_row(shown, record) for shown in ranked_lines(record, board)]
    apart = apart_lines(record, board)
    if apart:
        rows += [["not ranked", *[""] * (len(head) - 1)], *(_row(shown, record) for shown in apart)]
    refused = skill_refused(board)
    texts = [floor_and_ceiling(board), *told_apart(record, board), f"No skill: {refused}." if refused else ""]
    texts.append(how_sure(record, board))
    notes = [f"'{s.row.name}': {n}." for s in [*ranked_lines(record, board), *apart] for n in s.notes]
    parts = [f"## {escape(board.metric.title)}, {escape(board.stratum)} conditions", table(head, rows)]
    parts.append(bullets([escape(t) for t in [*texts, *notes] if t]))
    spread = chances(board)
    if len(spread) > 1:
        ranks = [f"rank {i + 1}" for i in range(len(spread[0][1]))]
        parts.append(table(["probability of", *ranks], [[escape(n), *cells] for n, cells in spread]))
    pairs = pair_cells(board)
    if pairs:
        lines = [
            [escape(a), *("" if c is None else f"{c.text} {c.span} {c.word}".strip() for c in cells)]
            for a, cells in pairs
        ]
        parts.append(table(["row less column", *(escape(a) for a, _ in pairs)], lines))
    return parts


def _row(shown: Line, record: LeaderboardRecord) -> list[str]:
    mark = "" if shown.mark is None else f"{shown.mark.glyph} {shown.mark.word}"
    title = f"best baseline: {shown.row.title}" if shown.row.kind == "baseline" else shown.row.title
    cells = [shown.rank, escape(title), mark, shown.score, shown.skill, shown.first]
    return [*cells, shown.reference] if record.reference else cells
