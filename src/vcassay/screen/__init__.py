"""What was measured: an AnnData with a design, checked on reading."""

from vcassay.screen.design import CONTROL_LABELS, Design, Readout, Rows
from vcassay.screen.detect import Detected, detect_readout, sample_rows
from vcassay.screen.files import open_file
from vcassay.screen.guess import Guess, guess_design
from vcassay.screen.labels import Labelled, make_table
from vcassay.screen.read import make_screen, read_screen
from vcassay.screen.screen import CONTROL, LEFT_OUT, Block, RowTable, Screen, walk

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
