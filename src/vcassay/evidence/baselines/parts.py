"""Parts of perturbations: which condition has which, and what features add up to over them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from vcassay.core import Conditions
from vcassay.knowledge import Features

Array = NDArray[np.float64]


def sum_parts(features: Features, table: Conditions) -> Array:
    """(n, d) features of each condition: those of its parts, added up; zero where none is known."""
    return np.asarray(incidence(table, {name: i for i, name in enumerate(features.ids)}) @ features.matrix)


def incidence(table: Conditions, position: Mapping[str, int]) -> csr_array:
    """(n, p) how often each condition has each part; parts without position are left out."""
    rows = [(i, position[part]) for i, parts in enumerate(table.parts) for part in parts if part in position]
    at = np.array(rows, dtype=np.int64).reshape(-1, 2)
    return csr_array((np.ones(len(at)), (at[:, 0], at[:, 1])), shape=(len(table), len(position)))
