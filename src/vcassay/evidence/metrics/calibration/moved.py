"""Moved: a panel with its genes in another order."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vcassay.evidence.metrics.panel import OF_GENES, Panel

Order = NDArray[np.int64]


def moved_genes(panel: Panel, order: Order) -> Panel:
    """Put the genes in another order."""

    def move(name: str, value: Any) -> Any:
        if value is None:
            return None
        if name in OF_GENES:
            return value[order]
        return value[:, order] if np.ndim(value) == 2 else value

    return replace(panel, inputs={name: move(name, value) for name, value in panel.inputs.items()})
