"""Other tools' splits: cell-load TOML, GEARS lists, tables with a role column."""

from vcassay.claim.formats.cell_load import read_cell_load, write_cell_load
from vcassay.claim.formats.lists import from_lists, read_lists, write_lists
from vcassay.claim.formats.table import read_condition_table

__all__ = ["from_lists", "read_cell_load", "read_condition_table", "read_lists", "write_cell_load", "write_lists"]
