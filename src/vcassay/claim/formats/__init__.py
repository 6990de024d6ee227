"""Other tools' splits: cell-load TOML, PerturBench CSV, GEARS lists, obs columns, tables with a role column."""

from vcassay.claim.formats.cell_load import cell_load_alone, read_cell_load, write_cell_load
from vcassay.claim.formats.kinds import read_any, write_any
from vcassay.claim.formats.lists import from_files, from_lists, lists_alone, read_lists, write_lists
from vcassay.claim.formats.obs import read_obs_split
from vcassay.claim.formats.perturbench import read_perturbench, write_perturbench
from vcassay.claim.formats.table import read_condition_table, write_table

__all__ = [
    "cell_load_alone",
    "from_files",
    "from_lists",
    "lists_alone",
    "read_any",
    "read_cell_load",
    "read_condition_table",
    "read_lists",
    "read_obs_split",
    "read_perturbench",
    "write_any",
    "write_cell_load",
    "write_lists",
    "write_perturbench",
    "write_table",
]
