"""Block 2: what a score on this split may claim."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from vcassay.report.blocks.block import Block, cell, finding_groups
from vcassay.report.facts import family
from vcassay.report.figures.effect_axis import bound_text
from vcassay.report.figures.grid import split_grid
from vcassay.report.figures.histogram import histogram_figure
from vcassay.report.grid_svg import draw_grid
from vcassay.report.tables import Stored
from vcassay.report.wording import FIT, REGIME, Mark, listing, number, percent, sentence


@dataclass(frozen=True, slots=True)
class Column:
    """One thing that is known of every stratum."""

    head: str
    keys: tuple[str, ...]
    """Its names, in the record and in a published protocol."""
    num: bool = False
    share: bool = False


COLUMNS = (
    Column("n", ("n",), num=True),
    Column("Share", ("share",), num=True, share=True),
    Column("Perturbations", ("n_perturbations", "perturbations"), num=True),
    Column("Contexts", ("n_contexts", "contexts_test"), num=True),
    Column("Perturbation", ("perturbation",)),
    Column("Context", ("context",)),
    Column("Pairing", ("pairing",)),
    Column("Trained elsewhere", ("paired",), num=True, share=True),
    Column("Shown", ("shots",), num=True),
    Column("Kind of perturbation", ("modality",)),
    Column("Batch", ("batch",)),
    Column("Pretraining", ("pretraining",)),
)
SILENT = (None, "", "not stated", "not compared", "unknown")
"""What says nothing; a column of nothing else is left out."""


@dataclass(frozen=True, slots=True)
class Stratum:
    """A row of the table of what is new."""

    name: str
    said: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Strata:
    """Test conditions by what is new about them."""

    columns: tuple[Column, ...]
    rows: tuple[Stratum, ...]


def strata_table(novelty: Iterable[Mapping[str, Any]], claim: str) -> Strata:
    """Lay out the strata of a claim, as stored or as a protocol states them.

    Parameters
    ----------
    novelty
        The keys of `NoveltyRecord`, or those of a protocol's stratum; each may be missing.
    claim
        The sentence of the whole claim, which is not repeated.
    """
    strata = list(novelty)
    columns = tuple(c for c in COLUMNS if any(_value(s, c) not in SILENT for s in strata))
    rows = []
    for stratum in strata:
        told = [str(stratum.get(key) or "") for key in ("what", "sentence")]
        told += [f"In training: {listing(stratum['kin'])}"] if stratum.get("kin") else []
        parts = [str(stratum.get(key) or "") for key in ("regime", "kind", "word")]
        said = " ".join(sentence(x) for x in dict.fromkeys(told) if x and x != claim)
        rows.append(Stratum(", ".join(x for x in parts if x), said, tuple(_written(stratum, c) for c in columns)))
    return Strata(columns, tuple(rows))


def _value(stratum: Mapping[str, Any], column: Column) -> Any:
    return next((stratum[key] for key in column.keys if stratum.get(key) not in (None, "")), None)


def _written(stratum: Mapping[str, Any], column: Column) -> str:
    value = _value(stratum, column)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return percent(value) if column.share else number(value)
    return cell(value)


def marked_uses(applications: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Put the mark of how far it fits beside every use."""
    rows = []
    for row in applications:
        fit = str(row.get("fit", ""))
        rows.append({**row, "mark": FIT.get(fit, Mark("dash", "-", fit, "mute"))})
    return rows


def claim_block(stored: Stored) -> Block:
    """Build stage 1."""
    record = stored.record
    claim = record.claim
    grid = split_grid(stored.conditions) if stored.conditions is not None else None
    figure = histogram_figure(stored.tested, record.screen.strata) if stored.tested is not None else None
    return Block(
        name="claim",
        stage="Stage 1",
        title="What may a score on this split claim?",
        nav="1 Claim",
        answer=_answer(stored),
        data={
            "claim": claim,
            "screen": record.screen,
            "grid": Markup(draw_grid(grid)) if grid else None,
            "grid_missing": stored.missing.get("conditions", "the table holds no condition"),
            "strata": strata_table([n.model_dump() for n in claim.novelty], claim.sentence),
            "uses": marked_uses([a.model_dump() for a in claim.applications]),
            "figure": figure,
            "figure_missing": stored.missing.get("conditions", "no test condition has an effect size"),
            "bounds": bound_text,
            "detectable": _detectable(stored),
            **finding_groups(family(record, "claim")),
        },
        figures=(figure,) if figure else (),
    )


def _answer(stored: Stored) -> str:
    claim = stored.record.claim
    what = REGIME.get(claim.regime, "")
    text = f"The test holds {what} ({claim.regime})." if what else f"The regime found is {claim.regime}."
    if claim.declared and claim.declared != claim.regime:
        text += f" The authors state {claim.declared}; the tables show {claim.regime}."
    return f"{sentence(claim.sentence)} {text}"


def _detectable(stored: Stored) -> str:
    screen = stored.record.screen
    if screen.n_detectable is None or not screen.n_assessed:
        return "Which conditions have a detectable effect is not measurable here."
    share = percent(screen.n_detectable / screen.n_assessed)
    text = f"{screen.n_detectable:,} of {screen.n_assessed:,} conditions ({share}) have an effect that can be detected"
    if screen.expected_false is not None:
        text += f"; {screen.expected_false:.0f} of them by chance"
    return f"{text}."
