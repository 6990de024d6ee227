"""Registered: AnnData takes a stored matrix for one of its own sparse matrices on disk, once this is imported."""

from __future__ import annotations

from anndata.abc import CSRDataset

from vcassay.screen.storage.stored import Stored

CSRDataset.register(Stored)
