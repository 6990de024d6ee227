"""Registered: AnnData takes a stored matrix for one of its own sparse matrices on disk."""

from __future__ import annotations

from anndata.abc import CSRDataset

from vcassay.screen.storage.stored import Stored


def register() -> None:
    """Make AnnData take a stored matrix as X or as a layer; what reads screens calls this when it is imported."""
    CSRDataset.register(Stored)
