"""Matrices as files hold them, read piece by piece."""

from vcassay.screen.storage.several import Several
from vcassay.screen.storage.sparse import ByColumns, Compressed, Dense
from vcassay.screen.storage.stored import PIECE_BYTES, Block, Held, Stored, is_sparse
from vcassay.screen.storage.stream import default_threads, stream

__all__ = [
    "PIECE_BYTES",
    "Block",
    "ByColumns",
    "Compressed",
    "Dense",
    "Held",
    "Several",
    "Stored",
    "default_threads",
    "is_sparse",
    "stream",
]
