"""Cache: results of long steps, by the hash of all they depend on, so that a run resumes."""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vcassay.core.provenance import versions

_DAMAGED = (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile, zlib.error)
"""What numpy raises on an npz that was cut short or overwritten."""


class Cache:
    """Arrays on disk under a key.

    Parameters
    ----------
    folder
        Where they are kept; ``None`` keeps nothing.
    """

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder
        self.versions = versions()
        self.hits: list[str] = []

    def arrays(
        self,
        step: str,
        depends: Mapping[str, Any],
        compute: Callable[[], Mapping[str, NDArray[Any]]],
        *,
        max_bytes: int | None = None,
    ) -> dict[str, NDArray[Any]]:
        """Return a step's arrays, computed at most once for what they depend on.

        The versions of this package and of those that can change a number are part of the key. A file
        that cannot be read is computed again; one that would be larger than ``max_bytes`` is not kept.
        """
        path = self.path(step, depends)
        if path is None:
            return dict(compute())
        if path.is_file():
            try:
                with path.open("rb") as handle, np.load(handle, allow_pickle=False) as data:
                    out = {name: data[name] for name in data.files}
            except _DAMAGED:
                path.unlink(missing_ok=True)
            else:
                self.hits.append(step)
                return out
        out = dict(compute())
        if out and (max_bytes is None or sum(value.nbytes for value in out.values()) <= max_bytes):
            self._keep(path, out)
        return out

    def path(self, step: str, depends: Mapping[str, Any]) -> Path | None:
        """Where a step's arrays are kept."""
        if self.folder is None:
            return None
        return self.folder / f"{step}-{digest({**depends, 'versions': self.versions})[:24]}.npz"

    def forget(self, step: str) -> None:
        """Remove what is kept of a step."""
        if self.folder is not None:
            for path in self.folder.glob(f"{step}-*.npz"):
                path.unlink(missing_ok=True)

    def _keep(self, path: Path, out: Mapping[str, NDArray[Any]]) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        with whole(path) as part, part.open("wb") as handle:
            np.savez(handle, **dict[str, Any](out))


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Lend a temporary name; rename it when what was written is whole, remove it when the writing fails."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        yield part
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def sweep(folder: Path) -> None:
    """Remove what runs that were killed left half-written in a directory and its cache."""
    for part in (*folder.glob(".*.part"), *folder.glob("cache/.*.part")):
        writer = part.name.split(".")[-2]
        if writer.isdigit() and int(writer) != os.getpid() and not _alive(int(writer)):
            part.unlink(missing_ok=True)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def digest(depends: Mapping[str, Any]) -> str:
    """sha256 of names, numbers and arrays."""
    h = hashlib.sha256()
    for name in sorted(depends):
        value = depends[name]
        h.update(name.encode())
        if isinstance(value, np.ndarray):
            h.update(str(value.dtype).encode() + str(value.shape).encode())
            text = value.astype(str).tolist() if value.dtype.kind in "OU" else None
            h.update(json.dumps(text).encode() if text is not None else np.ascontiguousarray(value).tobytes())
        else:
            h.update(json.dumps(value, sort_keys=True, default=str).encode())
    return h.hexdigest()
