"""Columns packed into text: numbers by their bytes and texts by their levels, deflated, for a page to unpack."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

HALF_LIMIT = 60_000.0
"""Absolute values beyond this do not fit into half precision."""

SPARE_BITS = 7
"""Of the 23 bits behind the point, those set to 0: five digits are left, and the rest deflates to nothing."""

DEFLATE_LEVEL = 6


class Packed:
    """Columns of one table, each of n rows.

    A column's bytes stand plane by plane (the first byte of every value, then the second), little-endian.
    """

    def __init__(self, n: int) -> None:
        self.n = n
        self._parts: list[bytes] = []
        self._columns: dict[str, dict[str, Any]] = {}
        self._at = 0

    def numbers(self, name: str, values: Any, *, half: bool = False) -> None:
        """Add numbers to five digits, or to three where ``half`` is enough; NaN stays NaN."""
        exact = np.asarray(values, dtype=np.float64)
        known = exact[np.isfinite(exact)]
        if half and (not known.size or float(np.abs(known).max()) <= HALF_LIMIT):
            self._add(name, "f2", exact.astype(np.float16))
            return
        bits = exact.astype(np.float32).view(np.uint32)
        bits = np.where(np.isfinite(exact), (bits + (1 << (SPARE_BITS - 1))) & ~np.uint32((1 << SPARE_BITS) - 1), bits)
        self._add(name, "f4", bits.astype(np.uint32).view(np.float32))

    def counts(self, name: str, values: Any) -> None:
        """Add whole numbers from 0."""
        self._add(name, *_unsigned(np.asarray(values, dtype=np.int64)))

    def levels(self, name: str, values: Sequence[Any]) -> None:
        """Add values of which few differ (texts, or numbers and None), as positions in a sorted list of them."""
        found = sorted(set(values), key=lambda v: (v is None, v))
        code = {value: i for i, value in enumerate(found)}
        self._add(name, *_unsigned(np.array([code[v] for v in values], dtype=np.int64)), levels=found)

    def payload(self) -> dict[str, Any]:
        """Return names, types, places and levels, and the bytes in base 64."""
        data = base64.b64encode(zlib.compress(b"".join(self._parts), DEFLATE_LEVEL)).decode()
        return {"n": self.n, "columns": self._columns, "data": data}

    def _add(self, name: str, kind: str, values: NDArray[Any], **more: Any) -> None:
        if len(values) != self.n:
            raise ValueError(f"column '{name}' has {len(values)} rows, not {self.n}")
        small = np.ascontiguousarray(values.astype(values.dtype.newbyteorder("<")))
        data = small.view(np.uint8).reshape(self.n, small.itemsize).T.tobytes()
        self._columns[name] = {"type": kind, "at": self._at, **more}
        self._parts.append(data)
        self._at += len(data)


def _unsigned(values: NDArray[np.int64]) -> tuple[str, NDArray[Any]]:
    """The narrowest unsigned type that holds the values."""
    top = int(values.max(initial=0))
    if values.min(initial=0) < 0:
        raise ValueError("a negative number is no count")
    kind = "u1" if top < 2**8 else "u2" if top < 2**16 else "u4"
    return kind, values.astype(np.dtype(kind))
