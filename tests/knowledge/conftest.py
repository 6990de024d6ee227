"""What the tests of knowledge share: a writer of small files and the folder of real ones."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

from vcassay.knowledge import Compounds, Genes, read_compounds, read_genes


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, str], Path]:
    """Write a file by name; one that ends in .gz is compressed."""

    def write_file(name: str, text: str) -> Path:
        path = tmp_path / name
        path.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
        return path

    return write_file


@pytest.fixture(scope="session")
def real(data_dir: Path) -> Path:
    """Folder of real resources."""
    folder = data_dir / "knowledge"
    if not folder.is_dir():
        pytest.skip(f"no knowledge in {data_dir}")
    return folder


@pytest.fixture(scope="session")
def lincs(real: Path) -> Compounds:
    """The 34,419 compounds of LINCS."""
    return read_compounds(real / "compounds" / "lincs_pert_info2.tsv.gz")


@pytest.fixture(scope="session")
def hgnc(real: Path) -> Genes:
    """HGNC's approved, previous and alias symbols."""
    return read_genes(real / "genes" / "all_genes.tsv.gz")
