"""What terminal, Markdown and page say of a comparison, worked out from its record alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from vcassay.record import BoardRecord, DifferenceRecord, LeaderboardRecord, RowRecord
from vcassay.report.sheet import Value
from vcassay.report.wording import (
    NO_WIDTH,
    Mark,
    bracket,
    count,
    decimals,
    estimate,
    finite,
    level_mark,
    listing,
    number,
    percent,
    percents,
    sentence,
)

WIDER = "Intervals and probabilities hold for other contexts and perturbations like these"
INTERVALS = {
    "contexts": WIDER,
    "t on contexts": f"{WIDER}, of which 5 to 9 contexts were tested",
    "these contexts": "Intervals and probabilities hold for other perturbations in these very contexts, and say "
    "nothing of other contexts",
}
SELDOM = 0.005
"""A probability below it is not written."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a board as written."""

    row: RowRecord
    mark: Mark | None
    """How its claim ends; none for the baseline and the ceiling."""
    rank: str
    score: str
    skill: str
    first: str
    reference: str
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """A pair of models as written: the model of the row less that of the column."""

    text: str
    span: str
    word: str
    tone: str


def ranked_lines(record: LeaderboardRecord, board: BoardRecord) -> list[Line]:
    """Models that are ranked, with the best legal baseline and the ceiling at their places."""
    ranked = {e.label for e in record.entries if e.ranked}
    return [line(record, board, r) for r in board.rows if r.kind != "model" or r.name in ranked]


def apart_lines(record: LeaderboardRecord, board: BoardRecord) -> list[Line]:
    """Models that are not ranked, by falling score."""
    ranked = {e.label for e in record.entries if e.ranked}
    return [line(record, board, r) for r in board.rows if r.kind == "model" and r.name not in ranked]


def line(record: LeaderboardRecord, board: BoardRecord, row: RowRecord) -> Line:
    """Write a line out."""
    entry = next((e for e in record.entries if e.label == row.name), None) if row.kind == "model" else None
    rank = "" if row.rank is None else f"{row.rank:g}"
    if rank and row.rank_low is not None and row.rank_high is not None and row.rank_low != row.rank_high:
        rank += f" [{row.rank_low}, {row.rank_high}]"
    notes = []
    if row.n_at_chance:
        notes.append(f"{count(row.n_at_chance, 'condition')} of {board.n:,} without an answer count at chance")
    if row.score is None:
        notes.append(f"no score: {row.reason}")
    return Line(
        row=row,
        mark=None if entry is None else level_mark(entry.level or None),
        rank=rank,
        score=interval_of(row) if row.score is not None else "–",
        skill="" if row.skill is None else percents(row.skill, row.skill_low, row.skill_high),
        first="" if row.first is None else percent(row.first),
        reference=""
        if row.from_reference is None
        else estimate(row.from_reference, row.reference_low, row.reference_high, sign=True),
        notes=tuple(notes),
    )


def headline(record: LeaderboardRecord) -> str:
    """What the comparison says first."""
    n, ranked = len(record.entries), [e for e in record.entries if e.ranked]
    if not ranked:
        return f"None of {n:,} models is better than every legal baseline, so none is ranked"
    rest = n - len(ranked)
    tail = f"; {count(rest, 'is', 'are')} not ranked, whatever the score" if rest else ""
    if len(ranked) == 1:
        return f"One of {n:,} models can be ranked: {quoted([ranked[0].label])}{tail}"
    board = record.boards[0]
    best = max((r for r in board.rows if r.rank is not None), key=lambda r: r.first or 0.0, default=None)
    who = "" if best is None else quoted([best.name])
    sure = "" if best is None or best.first is None else f", with a probability of {percent(best.first)}"
    return f"{who} is first of {len(ranked):,} ranked models in {board.metric.title}{sure}{tail}"


def told_apart(record: LeaderboardRecord, board: BoardRecord) -> list[str]:
    """Which models cannot be told apart in a metric, a sentence each."""
    if board.reason:
        return [f"Whether models differ cannot be told: {board.reason}."]
    pairs = {frozenset((d.model, d.other)): d for d in board.differences}
    out = []
    for group in board.groups:
        if len(group) < 2:
            continue
        inside = [pairs[frozenset((a, b))] for i, a in enumerate(group) for b in group[i + 1 :]]
        text = f"{quoted(group)} cannot be told apart in {board.metric.title}"
        if all(d.equivalent for d in inside):
            text += f": they are equivalent within ± {number(inside[0].margin)}"
        elif worst := max(
            (d.detectable_difference for d in inside if d.detectable_difference is not None), default=None
        ):
            text += f": a difference of {number(worst, 3)} would be found with 80 % power"
        out.append(f"{text}.")
    if not out:
        out.append(f"Every two models are told apart in {board.metric.title}.")
    return out


def floor_and_ceiling(board: BoardRecord) -> str:
    """What a rank has to be read beside."""
    base = next((r for r in board.rows if r.kind == "baseline"), None)
    best = next((r for r in board.rows if r.kind == "ceiling"), None)
    parts = []
    if base is not None and base.score is not None:
        parts.append(f"the best legal baseline, {base.title}, scores {interval_of(base)}")
    if best is not None:
        parts.append(f"the ceiling ({kind_of(best)}) is {interval_of(best)}")
    over = [
        r.name
        for r in board.rows
        if best is not None and r.kind == "model" and r.skill_low is not None and r.skill_low > 1
    ]
    text = sentence(" and ".join(parts)) if parts else ""
    if over:
        verb = "is" if len(over) == 1 else "are"
        text += f" {quoted(over)} {verb} better than the ceiling, as only a model that has seen these cells can be."
    return text


def quoted(names: Iterable[str]) -> str:
    """Names in a sentence."""
    return listing((f"'{name}'" for name in names), 12)


def kind_of(row: RowRecord) -> str:
    """What reaches the ceiling."""
    return row.title.removeprefix("ceiling: ")


def interval_of(row: RowRecord) -> str:
    """A score with its interval; without one where that has no width."""
    if row.low is not None and row.high is not None and row.high - row.low <= NO_WIDTH:
        return number(row.score, 2)
    return estimate(row.score, row.low, row.high)


def skill_refused(board: BoardRecord) -> str:
    """Why no skill is shown; empty where it is."""
    return next((r.no_skill for r in board.rows if r.no_skill), "")


def how_sure(record: LeaderboardRecord, board: BoardRecord) -> str:
    """What intervals are conditional on, and how many conditions stand behind them."""
    n = f"{count(board.n, 'test condition')} in {count(board.n_contexts, 'context')}"
    if board.n_truth_undefined:
        n += f" ({board.n_truth_undefined:,} more are undefined by the truth)"
    if board.reason:
        return f"On {n}. No intervals and no probabilities: {board.reason}."
    drawn = f" The bootstrap draws together {record.resampled}." if record.resampled else ""
    return f"On {n}. {INTERVALS.get(board.interval, 'Intervals are by bootstrap')}.{drawn}"


def chances(board: BoardRecord) -> list[tuple[str, tuple[str, ...]]]:
    """Probability of every rank of the ranked models, the best first."""
    rows = sorted((r for r in board.rows if r.distribution), key=lambda r: (r.rank or 0.0, r.name))
    return [(r.name, tuple(percent(p) if p >= SELDOM else "–" for p in r.distribution)) for r in rows]


def pair_cells(board: BoardRecord) -> list[tuple[str, list[Cell | None]]]:
    """The matrix of paired differences, models by falling score."""
    names = [r.name for r in board.rows if r.kind == "model" and r.score is not None]
    known = {(d.model, d.other): d for d in board.differences}
    out = []
    for a in names:
        cells: list[Cell | None] = []
        for b in names:
            if (a, b) in known:
                cells.append(cell(known[a, b], 1))
            else:
                cells.append(cell(known[b, a], -1) if (b, a) in known else None)
        out.append((a, cells))
    return out


def cell(d: DifferenceRecord, sign: int) -> Cell:
    """Write a difference, turned round where the models are."""
    if d.difference is None:
        return Cell("–", "", "", "")
    ends = sorted(sign * x for x in (d.low, d.high) if x is not None)
    low, high = ends if len(ends) == 2 else (None, None)
    value = sign * d.difference
    tone, word = "", "not told apart"
    if d.apart:
        tone, word = ("better", "better") if value > 0 else ("worse", "worse")
    elif d.equivalent:
        word = f"equivalent (± {number(d.margin)})"
    elif not finite(low):
        word = ""
    return Cell(number(value, decimals(low, high), sign=True), bracket(low, high), word, tone)


def csv_rows(record: LeaderboardRecord) -> list[list[Value]]:
    """The boards as rows of a table, with a head."""
    head = [
        "metric",
        "stratum",
        "name",
        "title",
        "kind",
        "folder",
        "verdict",
        "ranked",
        "score",
        "low",
        "high",
        "skill",
    ]
    head += ["skill_low", "skill_high", "no_skill", "rank", "rank_low", "rank_high", "first", "n", "n_at_chance"]
    entries = {e.label: e for e in record.entries}
    rows: list[list[Value]] = [[*head]]
    for board in record.boards:
        for r in board.rows:
            e = entries.get(r.name) if r.kind == "model" else None
            own = [e.folder, e.level, "yes" if e.ranked else "no"] if e is not None else ["", "", ""]
            numbers = [r.score, r.low, r.high, r.skill, r.skill_low, r.skill_high]
            ranks = [r.rank, r.rank_low, r.rank_high, r.first, board.n, r.n_at_chance]
            named = [board.metric.name, board.stratum, r.name, r.title, r.kind]
            rows.append([*named, *own, *numbers, r.no_skill, *ranks])
    return rows


def pair_rows(record: LeaderboardRecord) -> list[list[Value]]:
    """Paired differences of all boards as rows of a table, with a head."""
    head = ["metric", "model", "other", "difference", "low", "high", "p_value", "n", "apart", "equivalent", "margin"]
    rows: list[list[Value]] = [[*head]]
    for board in record.boards:
        for d in board.differences:
            numbers = [d.difference, d.low, d.high, d.p_value, d.n]
            told = ["yes" if d.apart else "no", "yes" if d.equivalent else "no"]
            rows.append([board.metric.name, d.model, d.other, *numbers, *told, d.margin])
    return rows
