"""The field on a terminal: where it is in sentences, then one line a review."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from vcassay.report.console import TONES, fit, say
from vcassay.report.field.headline import certainty, complete, headlines, lead
from vcassay.report.field.row import NO_REGIME, Row, tier_codes

WIDE = 110
"""From this width on the table says more."""
SHORTEST = 12
"""Characters that a name keeps on the narrowest terminal."""
KEY = (
    "Tiers: a digit is reported, ! flawed, . not reported. T0 no change, T1 a mean, T2 additive or linear, "
    "T3 computational biologist, T4 replicate reference. Leaks: found/open. Biology: measured/askable."
)


def print_field(rows: Sequence[Row], console: Console, *, whole: bool = True) -> None:
    """Print reviews as a table for people.

    Parameters
    ----------
    whole
        Whether these are all reviews, so that counts over them speak of the field.
    """
    if whole:
        say(console, (lead(rows), "bold"))
        for line in headlines(rows):
            say(console, f"- {line.sentence}", indent=2)
        say(console, f"- {complete(rows)}", indent=2)
        say(console, certainty(rows), indent=2)
        console.print()
    console.print(_table(rows, console))
    console.print()
    say(console, KEY)
    say(console, "All as reported, not recomputed. `vcassay field NAME` shows one review in full.")


def _table(rows: Sequence[Row], console: Console) -> Table:
    wide = console.width >= WIDE
    gap = 2 if wide else 1
    heads = ["Tests", "The claim", "T0-4", "Leaks", "Bio", "Confidence" if wide else "Sure"]
    cells = [_cells(row, wide=wide) for row in rows]
    if wide:
        heads.append("Weights")
    taken = sum(
        max(map(len, column)) + gap for column in zip(heads, *([t.plain for t in own] for own in cells), strict=True)
    )
    table = Table(box=None, pad_edge=False, padding=(0, gap, 0, 0), header_style="bold", show_edge=False)
    table.add_column("Model", no_wrap=True)
    for head in heads:
        table.add_column(head, no_wrap=True, justify="right" if head in ("Leaks", "Bio") else "left")
    for row, own in zip(rows, cells, strict=True):
        name = Text(fit(console, row.name))
        name.truncate(max(SHORTEST, console.width - taken), overflow="ellipsis")
        table.add_row(Text(fit(console, name.plain)), *own)
    return table


def _cells(row: Row, *, wide: bool) -> list[Text]:
    """What stands beside the name; names of models alone are cut to fit."""
    cells = [
        Text(row.regime or NO_REGIME),
        Text(row.mark.word, style=TONES.get(row.mark.tone, "default")),
        Text(tier_codes(row)),
        Text(f"{row.leaks_found}/{row.leaks_open}"),
        Text(f"{row.shown}/{row.askable}"),
        Text(row.record.card.confidence),
    ]
    return [*cells, Text(row.weights)] if wide else cells
