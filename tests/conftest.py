"""What all tests share: the hypothesis profile and the folder of downloaded data."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("local", deadline=None, max_examples=40)
settings.register_profile("ci", deadline=None, max_examples=40, derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "local")


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
