"""All blocks, in the order of the argument."""

from __future__ import annotations

from vcassay.report.blocks.biology import biology_block
from vcassay.report.blocks.block import Block
from vcassay.report.blocks.calibration import calibration_block
from vcassay.report.blocks.claim import claim_block
from vcassay.report.blocks.effect import effect_block
from vcassay.report.blocks.extremes import extremes_block
from vcassay.report.blocks.ladder import ladder_block
from vcassay.report.blocks.leakage import leakage_block
from vcassay.report.blocks.methods import methods_block
from vcassay.report.blocks.paired import paired_block
from vcassay.report.blocks.panel import panel_block
from vcassay.report.blocks.template import template_block
from vcassay.report.blocks.utility import utility_block
from vcassay.report.blocks.verdict import verdict_block
from vcassay.report.tables import Stored


def all_blocks(stored: Stored) -> list[Block]:
    """Reviewers read the first three, scientists those of stage 2b to 2d, engineers the last."""
    record = stored.record
    return [
        verdict_block(record),
        claim_block(stored),
        leakage_block(record),
        ladder_block(record),
        effect_block(stored),
        calibration_block(record),
        template_block(record),
        paired_block(stored),
        utility_block(record),
        panel_block(record),
        biology_block(record),
        extremes_block(stored),
        methods_block(stored),
    ]
