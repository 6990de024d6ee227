"""Room: accumulators in memory, or in a file where they exceed the memory they may take."""

from __future__ import annotations

import mmap
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vcassay.core import InputError

MEMORY_BYTES = 2**30
"""Memory that accumulators may take unless stated otherwise."""


class Room:
    """Lends arrays of zeros.

    An array in a file is mapped into memory: what is in use stays there, the rest is written to the file by the
    operating system. The file has no name, so nothing is left of it however the process ends.

    Parameters
    ----------
    wanted
        Bytes of all arrays that will be asked for.
    memory
        Bytes that may lie in memory.
    folder
        Where the file goes; the folder for temporary files if ``None``.
    """

    def __init__(self, wanted: int, memory: int, folder: Path | None = None) -> None:
        self.memory, self.folder = memory, folder
        self.spilled = wanted > memory
        self._maps: list[mmap.mmap] = []
        self._touched = 0

    def zeros(self, shape: tuple[int, ...], dtype: Any = np.float64) -> NDArray[Any]:
        """An array of zeros.

        Raises
        ------
        InputError
            If the disk has no room for it.
        """
        size = int(np.prod(shape, dtype=np.int64)) * np.dtype(dtype).itemsize
        if not self.spilled or size == 0:
            return np.zeros(shape, dtype=dtype)
        folder = Path(tempfile.gettempdir()) if self.folder is None else self.folder
        folder.mkdir(parents=True, exist_ok=True)
        try:
            if shutil.disk_usage(folder).free < size:
                raise OSError("no space left")
            with tempfile.TemporaryFile(dir=folder, prefix=".vcassay-sums-") as file:
                if hasattr(os, "posix_fallocate"):
                    os.posix_fallocate(file.fileno(), 0, size)  # or a full disk would end the process later
                else:  # pragma: no cover
                    file.truncate(size)
                pages = mmap.mmap(file.fileno(), size)
        except OSError as error:
            raise InputError(
                f"the sums need {size / 2**30:,.1f} GiB of disk, more than there is",
                where=str(folder),
                mend="free some space, name another folder (TMPDIR), or allow more memory",
            ) from error
        self._maps.append(pages)
        return np.frombuffer(pages, dtype=dtype).reshape(shape)

    def touch(self, nbytes: int) -> None:
        """Say how much of the arrays was used; from time to time the pages in memory are given back."""
        self._touched += nbytes
        if self.spilled and self._touched > self.memory:
            self._touched = 0
            for pages in self._maps:
                if hasattr(mmap, "MADV_DONTNEED"):
                    pages.madvise(mmap.MADV_DONTNEED)
