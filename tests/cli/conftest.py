from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.run.builders import write_small
from vcassay.cli import main
from vcassay.run.assess import assess

PROGRESS = ("reading", "measuring", "running", "scoring", "looking", "asking", "judging", "writing", "rendering")


@dataclass(frozen=True)
class Ended:
    """How a command ended; ``said`` is its last line on standard error that is no progress."""

    status: int
    out: str
    err: str

    @property
    def said(self) -> str:
        lines = [line for line in self.err.splitlines() if not line.removeprefix("vcassay: ").startswith(PROGRESS)]
        return lines[-1] if lines else ""


@pytest.fixture
def vcassay(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Ended]:
    """Run a command in this process."""

    def call(*words: object) -> Ended:
        monkeypatch.setattr(sys, "argv", ["vcassay", *map(str, words)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as end:
            main()
        shown = capsys.readouterr()
        assert "Traceback" not in shown.err + shown.out
        return Ended(int(end.value.code or 0), shown.out, shown.err)

    return call


@pytest.fixture(scope="session")
def assessed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with a small study, assessed into ``a``; for looking at only."""
    folder = tmp_path_factory.mktemp("cli")
    assess(write_small(folder), folder / "a")
    return folder


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


@pytest.fixture
def ahead(assessed: Path, tmp_path: Path) -> Path:
    """Directory to assess into that has the small study's baselines in its cache; other data take none of them."""
    shutil.copytree(assessed / "a" / "cache", tmp_path / "a" / "cache")
    return tmp_path / "a"
