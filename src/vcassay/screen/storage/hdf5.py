"""HDF5 datasets read beside the library: raw chunks from the file, decompressed without a lock.

The HDF5 library decompresses one chunk at a time under one lock. Its index of chunks says where each
lies in the file, so any number of threads can read and decompress (zlib and the kernels of
`vcassay.arrays.packed` let Python run on). Datasets with another filter, a user block or a driver other
than the usual one are read by the library.
"""

from __future__ import annotations

import os
import threading
import weakref
import zlib
from collections import OrderedDict
from functools import partial
from itertools import pairwise
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from vcassay.arrays.packed import unpack_lzf, unshuffle
from vcassay.screen.storage.stored import TASK_BYTES, Run, in_turn

DEFLATE, SHUFFLE, LZF = h5py.h5z.FILTER_DEFLATE, h5py.h5z.FILTER_SHUFFLE, h5py.h5z.FILTER_LZF
KEPT = 2
"""Chunks kept decompressed because a piece ended within them."""


def cuts(start: int, stop: int, width: int, chunk: int) -> list[int]:
    """Bounds of parts of about `TASK_BYTES`, cut between storage chunks.

    Parameters
    ----------
    width
        Bytes of an entry, or row.
    chunk
        Entries, or rows, of a storage chunk.
    """
    each = max(1, TASK_BYTES // max(1, width * chunk)) * chunk
    return [start, *range((start // each + 1) * each, stop, each), stop]


class Raw:
    """A one- or two-dimensional dataset, read by ranges of its first axis.

    Parameters
    ----------
    dataset
        Stays open while this is read.

    Attributes
    ----------
    direct
        Whether chunks are read beside the library.
    chunk
        Rows of a chunk; 1 where the dataset has none.
    """

    def __init__(self, dataset: h5py.Dataset) -> None:
        self.dataset = dataset
        self.shape, self.dtype = dataset.shape, dataset.dtype
        self.width = int(np.prod(dataset.shape[1:], dtype=np.int64))
        self.chunk = 1 if dataset.chunks is None else int(dataset.chunks[0])
        self._filters: list[int] = []
        self._place: dict[tuple[int, ...], tuple[int, int, int]] = {}
        self._offset: int | None = None
        self._kept: OrderedDict[tuple[int, ...], NDArray[np.uint8]] = OrderedDict()
        self._lock = threading.Lock()
        self.direct = self._find()

    def read(self, start: int, stop: int, run: Run = in_turn) -> NDArray[Any]:
        """Entries, or rows, from ``start`` to ``stop``."""
        if not self.dataset:
            raise ValueError("the file was closed")
        if not self.direct:
            return np.asarray(self.dataset[start:stop])
        out = np.empty((max(0, stop - start), *self.shape[1:]), dtype=self.dtype)
        bounds = cuts(start, stop, self.width * self.dtype.itemsize, self.chunk)
        run(partial(self._part, out[a - start : b - start], a, b) for a, b in pairwise(bounds) if out.size)
        return out

    def _part(self, out: NDArray[Any], start: int, stop: int) -> None:
        if self._offset is None:
            return self._read_chunks(out, start, stop)
        each = self.width * self.dtype.itemsize
        return self._fill(out.reshape(-1).view(np.uint8), self._offset + start * each)

    def _find(self) -> bool:
        """Learn where the values lie; tell whether they can be read from there."""
        file, dataset = self.dataset.file, self.dataset
        plain = file.driver == "sec2" and file.userblock_size == 0 and dataset.dtype.kind in "iuf"
        if not (plain and dataset.dtype.isnative and os.path.isfile(file.filename)):  # noqa: PTH113
            return False
        self._fd = os.open(file.filename, os.O_RDONLY)
        weakref.finalize(self, os.close, self._fd)
        if dataset.chunks is None:
            self._offset = dataset.id.get_offset()
            return self._offset is not None and not dataset.external
        plist = dataset.id.get_create_plist()
        self._filters = [plist.get_filter(i)[0] for i in range(plist.get_nfilters())]
        if not set(self._filters) <= {DEFLATE, SHUFFLE, LZF}:
            return False
        found = self._place
        if hasattr(dataset.id, "chunk_iter"):
            dataset.id.chunk_iter(lambda c: found.update({c.chunk_offset: (c.byte_offset, c.size, c.filter_mask)}))
        else:  # pragma: no cover
            for i in range(dataset.id.get_num_chunks()):
                c = dataset.id.get_chunk_info(i)
                found[c.chunk_offset] = (c.byte_offset, c.size, c.filter_mask)
        return len(found) == int(np.prod([-(-n // c) for n, c in zip(self.shape, dataset.chunks, strict=True)]))

    def _fill(self, out: NDArray[np.uint8], offset: int) -> None:
        """Read bytes of the file into an array."""
        view, done = memoryview(out.data), 0
        while done < len(view):
            n = os.preadv(self._fd, [view[done:]], offset + done)
            if n <= 0:
                raise OSError("the file ends within the data (truncated)")
            done += n

    def _read_chunks(self, out: NDArray[Any], start: int, stop: int) -> None:
        chunks = self.dataset.chunks
        if len(self.shape) == 1 and not self._filters:
            return self._read_plain(out, start, stop)
        first, last = start // self.chunk, (stop - 1) // self.chunk
        for i in range(first, last + 1):
            low, high = max(start, i * self.chunk), min(stop, (i + 1) * self.chunk)
            whole = low == i * self.chunk and high == min((i + 1) * self.chunk, self.shape[0])
            rows = slice(low - i * self.chunk, high - i * self.chunk)
            if len(self.shape) == 1:
                key = (i * self.chunk,)
                target = out[low - start : high - start]
                if whole and len(target) == self.chunk:
                    self._unpack(key, target.view(np.uint8))
                else:
                    target[:] = self._chunk(key, keep=not whole).view(self.dtype)[rows]
                continue
            for column in range(0, self.shape[1], chunks[1]):
                values = self._chunk((i * self.chunk, column), keep=not whole).view(self.dtype).reshape(chunks)
                to = out[low - start : high - start, column : column + chunks[1]]
                to[:] = values[rows, : to.shape[1]]
        return None

    def _read_plain(self, out: NDArray[Any], start: int, stop: int) -> None:
        """Chunks without a filter, runs of neighbours in the file at once."""
        size, at = self.dtype.itemsize, start
        view = out.view(np.uint8)
        while at < stop:
            chunk = at // self.chunk
            begin = self._place[(chunk * self.chunk,)][0] + (at - chunk * self.chunk) * size
            end = (chunk + 1) * self.chunk
            while end < stop and self._place[(end,)][0] == begin + (end - at) * size:
                end += self.chunk
            to = min(end, stop)
            self._fill(view[(at - start) * size : (to - start) * size], begin)
            at = to

    def _chunk(self, key: tuple[int, ...], *, keep: bool) -> NDArray[np.uint8]:
        """The bytes of a chunk; those at the end of a piece are kept for the piece that follows."""
        with self._lock:
            if key in self._kept:
                return self._kept[key]
        out = np.empty(int(np.prod(self.dataset.chunks)) * self.dtype.itemsize, dtype=np.uint8)
        self._unpack(key, out)
        if keep:
            with self._lock:
                self._kept[key] = out
                while len(self._kept) > KEPT * max(1, len(self._place) // max(1, -(-self.shape[0] // self.chunk))):
                    self._kept.popitem(last=False)
        return out

    def _unpack(self, key: tuple[int, ...], out: NDArray[np.uint8]) -> None:
        """Read a chunk and undo its filters, last applied first."""
        offset, size, skipped = self._place[key]
        active = [code for i, code in enumerate(self._filters) if not skipped >> i & 1]
        if not active:
            if size != len(out):
                raise OSError("a chunk has not the size that it should have")
            return self._fill(out, offset)
        packed: Any = os.pread(self._fd, size, offset)
        if len(packed) != size:
            raise OSError("the file ends within the data (truncated)")
        for code in reversed(active):
            last = code == active[0]
            if code == DEFLATE:
                packed = np.frombuffer(zlib.decompress(packed, bufsize=len(out)), dtype=np.uint8)
                if len(packed) != len(out):
                    raise OSError("a chunk has not the size that it should have")
                if last:
                    out[:] = packed
                continue
            target = out if last else np.empty_like(out)
            source = np.frombuffer(packed, dtype=np.uint8)
            if code == SHUFFLE:
                unshuffle(source, self.dtype.itemsize, target)
            elif unpack_lzf(source, target) != len(out):
                raise OSError("a chunk could not be decompressed")
            packed = target
        return None
