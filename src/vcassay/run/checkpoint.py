"""Checkpoint: how far a pass came, kept on disk so that it goes on after the process was ended."""

from __future__ import annotations

import time
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vcassay.run.cache import whole

EVERY_SECONDS = 60.0
"""Time between two checkpoints; longer where keeping one takes more than a twentieth of it."""
SHARE = 0.05
BLOCK_BYTES = 2**24


class FileCheckpoint:
    """The state of a pass in one file, written whole or not at all.

    Parameters
    ----------
    path
        The file; its name holds the hash of all that the state depends on. ``None`` keeps nothing.
    every
        Seconds between two checkpoints.

    Attributes
    ----------
    resumed
        Whether a state was read.
    """

    def __init__(self, path: Path | None, *, every: float = EVERY_SECONDS) -> None:
        self.path, self.every, self.resumed = path, every, False
        self._last, self._cost = time.monotonic(), 0.0

    def names(self) -> tuple[str, ...]:
        """Names of the arrays that are kept."""
        if self.path is None or not self.path.is_file():
            return ()
        try:
            with zipfile.ZipFile(self.path) as file:
                return tuple(name.removesuffix(".npy") for name in file.namelist())
        except (OSError, zipfile.BadZipFile):
            return ()

    def load(self, targets: Mapping[str, NDArray[Any]]) -> bool:
        """Fill arrays with what is kept, block by block; a file that is damaged or does not fit is not used."""
        if self.path is None:
            return False
        try:
            with zipfile.ZipFile(self.path) as file:
                for name, target in targets.items():
                    _fill(file, name, target)
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error):
            return False
        self.resumed = True
        return True

    def due(self) -> bool:
        """Whether it is time."""
        return self.path is not None and time.monotonic() - self._last >= max(self.every, self._cost / SHARE)

    def save(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Keep the state; a disk that is full, or a folder that cannot be written, only means that there is none."""
        if self.path is None:
            return
        started = time.monotonic()
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with whole(self.path) as part, part.open("wb") as handle:
                np.savez(handle, **dict[str, Any](arrays))
        except OSError:
            self.path.unlink(missing_ok=True)
            self.path = None
        self._last = time.monotonic()
        self._cost = self._last - started

    def remove(self) -> None:
        """Remove the state of a pass that came to its end."""
        if self.path is not None:
            self.path.unlink(missing_ok=True)


def _fill(file: zipfile.ZipFile, name: str, target: NDArray[Any]) -> None:
    """Read one array into another of the same kind, without a copy of all of it."""
    with file.open(f"{name}.npy") as handle:
        version = np.lib.format.read_magic(handle)
        read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, fortran, dtype = read(handle)
        if shape != target.shape or dtype != target.dtype or fortran:
            raise ValueError("another kind of array")
        flat, done = target.reshape(-1).view(np.uint8), 0
        while done < len(flat):
            block = handle.read(min(BLOCK_BYTES, len(flat) - done))
            if not block:
                raise EOFError
            flat[done : done + len(block)] = np.frombuffer(block, dtype=np.uint8)
            done += len(block)
        if handle.read(1):  # also checks the sum of the whole
            raise ValueError("more than the array")
