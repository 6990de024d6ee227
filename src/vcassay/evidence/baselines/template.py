"""Template: what the screen tells of test conditions besides their effects; for probes alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Template:
    """Numbers of rows, depth and batches of training and wanted conditions.

    Attributes
    ----------
    rows_train, rows
        (n,) and (t,) numbers of rows.
    depth_train, depth
        (n,) and (t,) mean total count a row; NaN where values are no counts.
    batches
        B names; empty where the screen has no batches.
    share_train, share
        (n, B) and (t, B) share of each condition's rows in each batch.
    """

    rows_train: Array
    rows: Array
    depth_train: Array
    depth: Array
    batches: tuple[str, ...]
    share_train: Array
    share: Array
