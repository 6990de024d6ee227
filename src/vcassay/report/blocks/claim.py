"""Block 2: what a score on this split may claim."""

from __future__ import annotations

from vcassay.report.blocks.block import Block
from vcassay.report.figures.effect_axis import bound_text
from vcassay.report.figures.grid import split_grid
from vcassay.report.figures.histogram import histogram_figure
from vcassay.report.tables import Stored
from vcassay.report.wording import FIT, REGIME, Mark, percent, sentence


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
            "grid": grid,
            "grid_missing": stored.missing.get("conditions", "the table holds no condition"),
            "figure": figure,
            "figure_missing": stored.missing.get("conditions", "no test condition has an effect size"),
            "fit": lambda name: FIT.get(name, Mark("dash", "-", name, "mute")),
            "bounds": bound_text,
            "detectable": _detectable(stored),
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
