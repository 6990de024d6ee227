"""A comparison on a terminal."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from vcassay.record import BoardRecord, LeaderboardRecord
from vcassay.report.console import fit, heading, say, word
from vcassay.report.leaderboard.facts import (
    Line,
    apart_lines,
    floor_and_ceiling,
    headline,
    how_sure,
    line,
    ranked_lines,
    skill_refused,
    told_apart,
)
from vcassay.report.wording import level_mark, percent, sentence


def print_leaderboard(record: LeaderboardRecord, console: Console) -> None:
    """Print what may be said first, then each metric, then every verdict."""
    say(console, (f"{headline(record)}.", "bold"))
    say(console, record.claim)
    for text in (record.common, *record.warnings, *record.refused):
        if text:
            say(console, ("! ", "yellow"), text)
    for board in record.boards:
        _board(record, board, console)
    heading(console, "Verdicts")
    for entry in record.entries:
        say(console, (entry.label, "bold"), ": ", word(level_mark(entry.level or None)), indent=2)
        for reason in entry.reasons[:1]:
            say(console, sentence(reason), indent=4)


def _board(record: LeaderboardRecord, board: BoardRecord, console: Console) -> None:
    heading(console, f"{board.metric.title} ({board.stratum} conditions)")
    ranked, apart = ranked_lines(record, board), apart_lines(record, board)
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for name in ("rank", "", "verdict", "score [95 %]", "skill", "first"):
        table.add_column(name, no_wrap=name != "")
    for shown in ranked:
        table.add_row(*_cells(console, shown))
    if apart:
        table.add_row("", Text("not ranked:", style="dim"))
        for shown in apart:
            table.add_row(*_cells(console, shown))
    console.print(table)
    texts = [floor_and_ceiling(board), *told_apart(record, board), how_sure(record, board)]
    refused = skill_refused(board)
    if refused:
        texts.append(f"No skill: {refused}.")
    texts += [f"'{r.name}': {note}." for r in board.rows for note in line(record, board, r).notes]
    less = [f"'{s.row.name}' {s.reference}" for s in [*ranked, *apart] if s.reference]
    if less:
        texts.append(f"Less '{record.reference}', paired, above 0 where it is better: {'; '.join(less)}.")
    for text in texts:
        if text:
            say(console, text, indent=2)


def _cells(console: Console, shown: Line) -> list[Text]:
    mark = Text("") if shown.mark is None else Text(*word(shown.mark))
    style = "bold" if shown.row.rank is not None else "" if shown.row.kind == "model" else "cyan"
    title = {"baseline": "best baseline", "ceiling": "ceiling"}.get(shown.row.kind, shown.row.title)
    skill = percent(shown.row.skill) if shown.row.skill is not None else ""
    return [
        Text(shown.rank),
        Text(fit(console, title), style=style),
        mark,
        *(Text(fit(console, part)) for part in (shown.score, skill, shown.first)),
    ]
