from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import h5py
import pytest

from tests.run.builders import write_small
from tests.run.sealing import sealed
from vcassay.record import AssessmentRecord
from vcassay.run.assess import assess


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of the small study's files, written once."""
    folder = tmp_path_factory.mktemp("small")
    write_small(folder)
    return folder


@pytest.fixture
def study(tmp_path: Path, small: Path) -> Path:
    """study.toml of a small study of one's own."""
    shutil.copytree(small, tmp_path, dirs_exist_ok=True)
    return tmp_path / "study.toml"


@pytest.fixture(scope="session")
def origin(tmp_path_factory: pytest.TempPathFactory, small: Path) -> Path:
    """The small study with its sealed task, written once."""
    folder = tmp_path_factory.mktemp("sealed")
    shutil.copytree(small, folder, dirs_exist_ok=True)
    sealed(folder / "study.toml")
    return folder


@pytest.fixture
def folder(origin: Path, tmp_path: Path) -> Path:
    """A copy that may be tampered with."""
    return shutil.copytree(origin, tmp_path / "own")


@pytest.fixture(scope="session")
def watched(tmp_path_factory: pytest.TempPathFactory) -> tuple[AssessmentRecord, Path, list[str]]:
    """The small study's record and directory, for looking at only, and the steps that were announced."""
    folder = tmp_path_factory.mktemp("assessed")
    steps: list[str] = []
    record = assess(write_small(folder), folder / "a", progress=lambda step, done, total: steps.append(step))
    return record, folder / "a", steps


@pytest.fixture(scope="session")
def assessed(watched: tuple[AssessmentRecord, Path, list[str]]) -> tuple[AssessmentRecord, Path]:
    """The small study's record and directory, for looking at only."""
    return watched[:2]


@pytest.fixture
def ahead(assessed: tuple[AssessmentRecord, Path], tmp_path: Path) -> Path:
    """Directory to assess into that has the small study's baselines in its cache; other data take none of them."""
    shutil.copytree(assessed[1] / "cache", tmp_path / "a" / "cache")
    return tmp_path / "a"


@pytest.fixture(autouse=True)
def no_file_left_open() -> Iterator[None]:
    """No run may leave an HDF5 file open, whether it ended well or not."""
    yield
    assert h5py.h5f.get_obj_count(h5py.h5f.OBJ_ALL, h5py.h5f.OBJ_FILE) == 0
