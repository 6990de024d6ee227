"""Opening .h5ad and .zarr: whole, or with the matrices left on disk."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import anndata as ad
import h5py
from anndata.io import read_elem, sparse_dataset

from vcassay.core import InputError
from vcassay.screen.storage import ByColumns, Compressed, Dense, Stored

try:  # the error has no public name; it does not derive from OSError
    from anndata._io.specs.registry import IORegistryError
except ImportError:  # pragma: no cover
    IORegistryError = OSError

_UNREADABLE = (
    OSError,
    KeyError,
    ValueError,
    TypeError,
    AttributeError,
    RuntimeError,
    IndexError,
    NotImplementedError,
    UnicodeDecodeError,
    IORegistryError,
)
"""What h5py, zarr and anndata raise on a file that is damaged or of another kind."""


def open_file(path: Path, *, backed: bool) -> tuple[ad.AnnData, h5py.File | None]:
    """Read an AnnData.

    Parameters
    ----------
    path
        An .h5ad file or a .zarr directory, told apart by content.
    backed
        Leave X and the layers on disk, and read obs and var alone.

    Returns
    -------
    The AnnData, and the open file that stands behind it if it is backed and HDF5.

    Raises
    ------
    InputError
        If there is no such file, or it is empty, truncated, or no AnnData. No file is left open.
    """
    where = str(path)
    if not path.exists():
        raise InputError("there is no such file", where=where, mend="check the path")
    is_zarr = path.is_dir()
    if is_zarr:
        _check_zarr(path, where)
    else:
        _check_hdf5(path, where)
    try:
        with _quiet(), ExitStack() as stack:
            if not backed:
                return (ad.read_zarr(path) if is_zarr else ad.read_h5ad(path)), None
            root: Any = _zarr_group(path, where) if is_zarr else stack.enter_context(h5py.File(path, "r"))
            adata = _on_disk(root, where)
            stack.pop_all()
            return adata, None if is_zarr else root
    except _UNREADABLE as error:
        raise InputError(
            f"the file could not be read as AnnData ({_gist(error)})",
            where=where,
            mend="check that it is whole and opens with anndata, or write it again",
        ) from error


def _check_hdf5(path: Path, where: str) -> None:
    if path.stat().st_size == 0:
        raise InputError("the file is empty", where=where, mend="copy or write it again")
    if not h5py.is_hdf5(path):
        raise InputError(
            "this is no HDF5 file, whatever its name", where=where, mend="write it with anndata's write_h5ad"
        )
    try:
        with h5py.File(path, "r") as root:
            _check_members(root, where)
    except _UNREADABLE as error:
        what = "is truncated" if "truncated" in str(error) else f"could not be opened ({_gist(error)})"
        raise InputError(f"the file {what}", where=where, mend="copy or write it again") from error


def _check_zarr(path: Path, where: str) -> None:
    try:
        with _quiet():
            _check_members(_zarr_group(path, where), where)
    except _UNREADABLE as error:
        raise InputError(
            "the directory is no zarr group", where=where, mend="name an .h5ad file or a directory of write_zarr"
        ) from error


def _zarr_group(path: Path, where: str) -> Any:
    try:
        import zarr  # older anndata does without it
    except ImportError as error:
        raise InputError("reading zarr needs the package zarr", where=where, mend="pip install zarr") from error
    return zarr.open_group(path, mode="r")


def _check_members(root: Any, where: str) -> None:
    lacking = [name for name in ("obs", "var") if name not in root]
    if lacking:
        raise InputError(
            f"the file holds no AnnData: there is no {' and no '.join(lacking)}",
            where=where,
            mend="write it with anndata's write_h5ad or write_zarr",
        )


def _on_disk(root: Any, where: str) -> ad.AnnData:
    """An AnnData of obs and var whose matrices stay on disk."""
    layers = {name: _lazy(root["layers"][name], where) for name in root.get("layers", {})}
    X = _lazy(root["X"], where) if "X" in root else None
    return ad.AnnData(X=X, obs=read_elem(root["obs"]), var=read_elem(root["var"]), layers=layers)


def _lazy(element: Any, where: str) -> Stored:
    if not isinstance(element, Mapping) and not hasattr(element, "keys"):
        return Dense(element)
    matrix = sparse_dataset(element)
    shape = (int(matrix.shape[0]), int(matrix.shape[1]))
    return Compressed(element, shape, where) if matrix.format == "csr" else ByColumns(element, shape, where)


def _gist(error: BaseException) -> str:
    """The library's message on one line, short."""
    text = " ".join(str(error).split()).rstrip(".") or type(error).__name__
    return text if len(text) <= 120 else f"{text[:117]}..."


@contextmanager
def _quiet() -> Iterator[None]:
    """Silence warnings on formats and on names, which are checked here anyway."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        warnings.simplefilter("ignore", DeprecationWarning)
        warnings.simplefilter("ignore", ad.OldFormatWarning)
        warnings.filterwarnings("ignore", message=r".*names are not unique.*", category=UserWarning)
        warnings.filterwarnings("ignore", category=UserWarning, module=r"zarr(\..*)?")
        yield
