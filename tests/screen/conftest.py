from __future__ import annotations

from collections.abc import Iterator

import anndata as ad
import h5py
import pytest

from tests.screen.builders import build, frame


@pytest.fixture
def two_contexts() -> ad.AnnData:
    """Two lines, three perturbations and controls in each, two batches, four cells of each."""
    rows = [
        (line, label, batch)
        for line in ("A549", "K562")
        for label in ("control", "TP53", "MYC", "KLF1")
        for batch in ("b1", "b2")
        for _ in range(4)
    ]
    line, label, batch = zip(*rows, strict=True)
    return build(frame(cell_line=line, perturbation=label, batch=batch))


@pytest.fixture(autouse=True)
def no_file_left_open() -> Iterator[None]:
    """No test may leave an HDF5 file open."""
    yield
    assert h5py.h5f.get_obj_count(h5py.h5f.OBJ_ALL, h5py.h5f.OBJ_FILE) == 0
