"""Write an assessment directory: each file appears whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from vcassay.core.provenance import file_sha256
from vcassay.record.base import Record
from vcassay.record.codec import dump_json
from vcassay.record.reader import TABLES

if TYPE_CHECKING:
    import pandas as pd

RENDERED = ("report.html", "report.md", "card.yml", "manifest.json", "figures")
"""Files and folders whose hashes the manifest does not hold: they can be rendered again."""


class AssessmentWriter:
    """Writes the files of one assessment directory.

    Parameters
    ----------
    folder
        The directory; made if it is missing.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    @contextmanager
    def _whole(self, name: str) -> Iterator[Path]:
        """Lend a temporary name; rename it when whole, remove it when the writing fails."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
        try:
            yield temporary
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)

    def text(self, name: str, text: str) -> Path:
        """Write a text file."""
        with self._whole(name) as temporary:
            temporary.write_text(text, encoding="utf-8")
        return self.folder / name

    def json(self, name: str, record: Record) -> Path:
        """Write a record."""
        return self.text(name, dump_json(record))

    def table(self, name: str, frame: pd.DataFrame) -> Path:
        """Write a parquet table; one of an assessment names its schema in its metadata."""
        schema = TABLES.get(name.removesuffix(".parquet"))
        if schema is not None:
            frame = frame.copy(deep=False)
            frame.attrs = {"schema": schema}
        with self._whole(name) as temporary:
            frame.to_parquet(temporary, index=False)
        return self.folder / name

    def hashes(self) -> Mapping[str, str]:
        """sha256 of every stored file but the rendered pages and the manifest."""
        files = sorted(p for p in self.folder.rglob("*") if p.is_file() and not p.name.startswith("."))
        named = {
            p.relative_to(self.folder).as_posix(): p for p in files if "cache" not in p.relative_to(self.folder).parts
        }
        return {name: file_sha256(path) for name, path in named.items() if name.split("/")[0] not in RENDERED}
