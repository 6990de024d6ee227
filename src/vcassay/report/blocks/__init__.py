"""The blocks of the page, one file each, in the order of the argument."""

from vcassay.report.blocks.block import Block
from vcassay.report.blocks.page import all_blocks

__all__ = ["Block", "all_blocks"]
