"""Provenance: versions, hashes and the seed that an assessment was made with."""

from __future__ import annotations

import hashlib
import platform
from importlib import metadata
from pathlib import Path

PACKAGES = ("vcassay", "numpy", "scipy", "pandas", "anndata", "h5py", "numba", "scikit-learn", "pyarrow", "pydantic")
"""Packages whose versions can change a number."""


PLUGINS: dict[str, str] = {}
"""Plug-ins that are loaded: ``plug-in NAME`` to the hash of its file, or the version of its package."""


def versions() -> dict[str, str]:
    """Version of Python, of every package in `PACKAGES` that is installed, and of the plug-ins that are loaded."""
    found = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found | PLUGINS


def file_sha256(path: Path) -> str:
    """Hash of a file, or of the names and contents below a directory (a zarr store)."""
    digest = hashlib.sha256()
    files = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
    for file in files:
        if path.is_dir():
            digest.update(f"{file.relative_to(path).as_posix()}\0{file.stat().st_size}\0".encode())
        with file.open("rb") as handle:
            while block := handle.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()
