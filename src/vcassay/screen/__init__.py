"""What was measured: an AnnData with a design, checked on reading.

Names are imported when they are first used: much of the package needs a screen's words and not its readers.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vcassay.screen.design import CONTROL_LABELS, Design, Readout, Rows
    from vcassay.screen.detect import Detected, detect_readout, sample_rows
    from vcassay.screen.files import open_file
    from vcassay.screen.guess import Guess, guess_design
    from vcassay.screen.labels import Labelled, make_table
    from vcassay.screen.read import make_screen, read_screen
    from vcassay.screen.screen import CONTROL, LEFT_OUT, Block, RowTable, Screen, walk

_HOME = {
    "Block": "vcassay.screen.screen",
    "CONTROL": "vcassay.screen.screen",
    "CONTROL_LABELS": "vcassay.screen.design",
    "Design": "vcassay.screen.design",
    "Detected": "vcassay.screen.detect",
    "Guess": "vcassay.screen.guess",
    "LEFT_OUT": "vcassay.screen.screen",
    "Labelled": "vcassay.screen.labels",
    "Readout": "vcassay.screen.design",
    "RowTable": "vcassay.screen.screen",
    "Rows": "vcassay.screen.design",
    "Screen": "vcassay.screen.screen",
    "detect_readout": "vcassay.screen.detect",
    "guess_design": "vcassay.screen.guess",
    "make_screen": "vcassay.screen.read",
    "make_table": "vcassay.screen.labels",
    "open_file": "vcassay.screen.files",
    "read_screen": "vcassay.screen.read",
    "sample_rows": "vcassay.screen.detect",
    "walk": "vcassay.screen.screen",
}

__all__ = [
    "CONTROL",
    "CONTROL_LABELS",
    "LEFT_OUT",
    "Block",
    "Design",
    "Detected",
    "Guess",
    "Labelled",
    "Readout",
    "RowTable",
    "Rows",
    "Screen",
    "detect_readout",
    "guess_design",
    "make_screen",
    "make_table",
    "open_file",
    "read_screen",
    "sample_rows",
    "walk",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'vcassay.screen' has no attribute '{name}'")
    return getattr(import_module(_HOME[name]), name)
