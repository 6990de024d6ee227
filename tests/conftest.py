"""What all tests share: the hypothesis profile, the order of files, and the folder of downloaded data."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("local", deadline=None, max_examples=40)
settings.register_profile("ci", deadline=None, max_examples=40, derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "local")

FIRST = (
    "run/test_demo_verdicts.py",
    "testing/test_leaks.py",
    "run/test_assess.py",
    "cli/test_broken_inputs.py",
    "examples/test_real_screens.py",
    "cli/test_statuses.py",
    "run/test_assess_cells.py",
    "testing/test_biology.py",
    "run/test_scaffold.py",
    "evidence/baselines/test_task.py",
    "run/test_clean.py",
    "run/test_cells.py",
    "run/test_contest.py",
    "run/test_verify.py",
)
"""Files of 20 seconds and more, the longest first: begun at the end, one would leave the other worker idle."""


def pytest_configure(config: pytest.Config) -> None:
    """Keep pytest-xdist to the order of the files; its own, by their number of tests, puts the long ones last."""
    if hasattr(config.option, "loadscopereorder"):
        config.option.loadscopereorder = False


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest files first, whatever the order of all others; within a file it stays as it was shuffled."""
    here = Path(__file__).parent
    place = {here / name: i for i, name in enumerate(FIRST)}
    items.sort(key=lambda item: place.get(item.path, len(FIRST)))


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """Folder of public data sets, named by the environment variable VCASSAY_DATA."""
    folder = os.environ.get("VCASSAY_DATA")
    if not folder:
        pytest.skip("VCASSAY_DATA is not set: no downloaded data to test on")
    path = Path(folder)
    if not path.is_dir():
        pytest.skip(f"VCASSAY_DATA names no directory: {folder}")
    return path
