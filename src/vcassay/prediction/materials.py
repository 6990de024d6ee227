"""Materials: the files that a disclosure names, read, so that checks can look at them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from vcassay.knowledge import Features, Relations


@dataclass(frozen=True, slots=True, eq=False)
class Losses:
    """A model's loss of single cells: their names, and (cells,) losses, lower where it reconstructs better."""

    cells: NDArray[np.str_]
    values: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Materials:
    """What was handed in beside the words.

    Attributes
    ----------
    features
        Features of priors that come with a file, by the prior's name.
    edges
        Edges of graphs that come with a file, by the graph's name.
    genes
        The chosen genes; ``None`` where no list was handed in.
    barcodes
        Sorted barcode hashes of corpora (the first 8 bytes of the MD5 of a barcode), by the corpus's name.
    losses
        Losses of single cells.
    """

    features: Mapping[str, Features] = field(default_factory=dict)
    edges: Mapping[str, Relations] = field(default_factory=dict)
    genes: tuple[str, ...] | None = None
    barcodes: Mapping[str, NDArray[np.uint64]] = field(default_factory=dict)
    losses: Losses | None = None


def hash_barcodes(names: Iterable[str]) -> NDArray[np.uint64]:
    """First 8 bytes of the MD5 of each name, as big-endian numbers: those of the first 16 hexadecimal digits."""
    digests = b"".join(hashlib.md5(n.encode(), usedforsecurity=False).digest()[:8] for n in names)
    return np.frombuffer(digests, dtype=">u8").astype(np.uint64)
