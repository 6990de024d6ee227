"""Fetch a file of a data set: what is here already is checked, what is missing is fetched, and its hash is kept."""

from __future__ import annotations

import importlib
import logging
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Literal

from vcassay.core import InputError
from vcassay.core.provenance import file_sha256
from vcassay.screen.datasets import StoredFile
from vcassay.screen.fetch.resume import Report, ResumingDownloader

LARGE_BYTES = 10**9
"""Above it, and where the size is not known, a download is agreed to first."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file that is here.

    Attributes
    ----------
    path
        Where.
    how
        ``fetched`` now, or ``present`` before.
    sha256
        Its hash.
    checked
        Against what it was checked: ``registry``, ``first fetch``, or ``nothing``, when it is recorded.
    size
        Bytes.
    mended
        What went wrong on the way and was overcome.
    """

    path: Path
    how: Literal["fetched", "present"]
    sha256: str
    checked: Literal["registry", "first fetch", "nothing"]
    size: int
    mended: tuple[str, ...] = ()


def fetch(
    file: StoredFile,
    folder: Path,
    *,
    agreed: bool = False,
    report: Report = lambda done, total: None,
    sleep: Callable[[float], None] = time.sleep,
) -> Fetched:
    """Fetch a file, or check the one that is here.

    The file appears under its name when it is whole and its hash is right; until then its bytes are in
    ``NAME.part``, from where the next call goes on. A hash that the registry does not know is written to
    ``NAME.sha256`` and holds from then on.

    Parameters
    ----------
    agreed
        Whether a download of more than a gigabyte is agreed to.
    report
        Told the bytes that are here and those of the whole.
    sleep
        Waits between tries.

    Raises
    ------
    InputError
        One sentence for whatever goes wrong: no pooch, no network, no such file, no room, a wrong hash.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path, beside = folder / file.name, folder / f"{file.name}.sha256"
    recorded = _read_hash(beside)
    wanted = file.known_hash or (f"sha256:{recorded}" if recorded else "")
    checked: Literal["registry", "first fetch", "nothing"] = (
        "registry" if file.known_hash else "first fetch" if recorded else "nothing"
    )
    mended: tuple[str, ...] = ()
    how: Literal["fetched", "present"] = "present" if path.exists() else "fetched"
    if how == "present":
        _check_present(path, file, wanted, beside if checked == "first fetch" else None)
    else:
        mended = _download(file, path, wanted, agreed=agreed, report=report, sleep=sleep)
    digest = file.sha256 or recorded or file_sha256(path)
    if not file.sha256 and not recorded:
        _write_hash(beside, digest, file.name)
    return Fetched(path, how, digest, checked, path.stat().st_size, mended)


def _download(
    file: StoredFile, path: Path, wanted: str, *, agreed: bool, report: Report, sleep: Callable[[float], None]
) -> tuple[str, ...]:
    """Let pooch fetch the file, by a downloader that resumes."""
    pooch = _pooch()
    part = path.with_name(f"{path.name}.part")
    exact = None if file.approximate else file.bytes
    get = ResumingDownloader(
        part, exact, hashed=bool(wanted), limit=None if agreed else LARGE_BYTES, report=report, sleep=sleep
    )
    store = pooch.create(
        path=path.parent, base_url="", registry={file.name: wanted or None}, urls={file.name: file.url}
    )
    with _quiet(pooch.get_logger()):
        try:
            store.fetch(file.name, downloader=get)
        except ValueError as error:
            got = re.search(r"but got ([0-9a-f]{32,64})", str(error))
            if got is None:
                raise
            get.discard()
            kind, _, digest = wanted.partition(":")
            raise InputError(
                f"the file that came has the {kind} {got[1]}, {digest} was expected; it was removed",
                where=file.url,
                mend="fetch it again; if it stays so, the file has changed: look it up on the page of the data set",
            ) from error
    get.discard()
    return tuple(get.log)


def _check_present(path: Path, file: StoredFile, wanted: str, beside: Path | None) -> None:
    """Hold a file that is here against the hash, or the size where no hash is known."""
    size = path.stat().st_size
    if file.bytes is not None and not file.approximate and size != file.bytes:
        raise InputError(
            f"the file has {size:,} bytes, the registry says {file.bytes:,}",
            where=str(path),
            mend="move it away, and fetch it again",
        )
    if wanted and not _pooch().hashes.hash_matches(str(path), wanted):
        kind, _, digest = wanted.partition(":")
        got = _pooch().file_hash(str(path), alg=kind)
        source = f"'{beside.name}' records" if beside is not None else "the registry says"
        away = f", or remove {beside.name} if the new one is right" if beside is not None else ""
        raise InputError(
            f"the file has the {kind} {got}, {source} {digest}",
            where=str(path),
            mend=f"move it away, and fetch it again{away}",
        )


def _pooch() -> ModuleType:
    try:
        return importlib.import_module("pooch")
    except ImportError as error:
        raise InputError(
            "pooch is not installed", where="vcassay datasets fetch", mend="pip install 'vcassay[data]'"
        ) from error


@contextmanager
def _quiet(logger: logging.Logger) -> Iterator[None]:
    """Keep pooch from printing: the command says what happens."""
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)


def _read_hash(path: Path) -> str:
    """The hash that an earlier fetch recorded; empty where there is none."""
    try:
        found = re.match(r"[0-9a-f]{64}\b", path.read_text(encoding="utf-8"))
    except OSError:
        return ""
    return found[0] if found else ""


def _write_hash(path: Path, digest: str, name: str) -> None:
    """Record a hash as ``sha256sum -c`` reads it."""
    part = path.with_name(f".{path.name}.new")
    part.write_text(f"{digest}  {name}\n", encoding="utf-8")
    part.replace(path)
