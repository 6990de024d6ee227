"""Cache: results of long steps, by the hash of all they depend on, so that a run resumes."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray


class Cache:
    """Arrays on disk under a key.

    Parameters
    ----------
    folder
        Where they are kept; ``None`` keeps nothing.
    """

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder
        self.hits: list[str] = []

    def arrays(
        self, step: str, depends: Mapping[str, Any], compute: Callable[[], Mapping[str, NDArray[Any]]]
    ) -> dict[str, NDArray[Any]]:
        """Return a step's arrays, computed at most once for what they depend on.

        A file that cannot be read is computed again.
        """
        if self.folder is None:
            return dict(compute())
        path = self.folder / f"{step}-{digest(depends)[:24]}.npz"
        if path.is_file():
            try:
                with np.load(path, allow_pickle=False) as data:
                    out = {name: data[name] for name in data.files}
            except (OSError, ValueError, EOFError, KeyError):
                path.unlink(missing_ok=True)
            else:
                self.hits.append(step)
                return out
        out = dict(compute())
        self.folder.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f".{path.name}.{os.getpid()}.part")
        with part.open("wb") as handle:
            np.savez(handle, **out)
        part.replace(path)
        return out


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
