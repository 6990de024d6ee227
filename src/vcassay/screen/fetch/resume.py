"""A downloader for pooch that goes on where it stopped: a ``.part`` beside the file, ``Range`` and ``If-Range``."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from vcassay.core import InputError
from vcassay.screen.fetch.offer import HEADERS, TIMEOUT, Offer, check_redirects, check_scheme, read_note, write_note

if TYPE_CHECKING:
    import requests

CHUNK = 1 << 20
ATTEMPTS = 5
"""Tries in a row that bring nothing new, after which fetching gives up."""
LONGEST_WAIT = 60.0
SPARE_BYTES = 64 * 2**20
"""Space that is left free on the disk."""
TRY_LATER = frozenset({408, 425, 429, 500, 502, 503, 504})

Report = Callable[[int, int | None], None]
"""Told the bytes that are here and those of the whole, where known."""


class _AgainError(Exception):
    """The connection broke, or the server asked to come back later."""

    def __init__(self, why: str, wait: float | None = None) -> None:
        super().__init__(why)
        self.wait = wait


@dataclass(slots=True)
class ResumingDownloader:
    """Fetch into ``part``, whatever it takes, and hand the whole over.

    Parameters
    ----------
    part
        Where bytes are collected; it stays when fetching stops, and the next call goes on from there.
    expected
        Bytes that the registry says the file has; ``None`` where it does not know.
    hashed
        Whether the whole will be checked by a hash: without one, a part is only continued if the server
        vouches that the file is the same.
    limit
        Most bytes that were agreed to.
    report
        Told of progress.
    sleep
        Waits; replaced in tests.
    """

    part: Path
    expected: int | None = None
    hashed: bool = False
    limit: int | None = None
    report: Report = lambda done, total: None
    sleep: Callable[[float], None] = time.sleep
    log: list[str] = field(default_factory=list)
    """What went wrong on the way and was mended."""

    @property
    def note(self) -> Path:
        """Which version of the file the part is of."""
        return self.part.with_name(f"{self.part.name}.json")

    def __call__(self, url: str, output_file: str | IO[bytes], pooch: Any) -> None:
        """Fetch ``url`` to ``output_file``, as pooch asks its downloaders to."""
        check_scheme(url)
        with self._alone():
            self._collect(url)
            self._hand_over(Path(str(output_file)))

    def discard(self) -> None:
        """Remove the part and its note."""
        self.part.unlink(missing_ok=True)
        self.note.unlink(missing_ok=True)

    def _collect(self, url: str) -> None:
        """Try until the part is whole; give up when several tries in a row bring nothing."""
        import requests
        import urllib3

        idle = 0
        while True:
            before = self._size()
            try:
                if self._step(url):
                    return
                why, wait = "the server closed the connection early", None
            except _AgainError as error:
                why, wait = str(error), error.wait
            except (requests.ConnectionError, requests.Timeout, urllib3.exceptions.HTTPError) as error:
                why, wait = _gist(error), None
            except requests.RequestException as error:
                raise InputError(_gist(error), where=url, mend="check the address and the network") from error
            idle = 0 if self._size() > before else idle + 1
            if idle >= ATTEMPTS:
                raise InputError(
                    f"{why}, {ATTEMPTS} times in a row",
                    where=url,
                    mend=f"run the same command later: {self._size():,} bytes are kept and it goes on from there",
                )
            self.log.append(why)
            self.sleep(min(LONGEST_WAIT, 2.0**idle if wait is None else wait))

    def _step(self, url: str) -> bool:
        """One request. Tells whether the part is whole now."""
        import requests

        have, known = self._size(), read_note(self.note)
        resumable = have > 0 and known is not None and known.url == url and bool(known.validator or self.hashed)
        headers = dict(HEADERS)
        if resumable and known is not None:
            if known.size is not None and known.size == have:
                return True
            headers["Range"] = f"bytes={have}-"
            if known.validator:
                headers["If-Range"] = known.validator
        with requests.get(url, headers=headers, timeout=TIMEOUT, stream=True) as answer:
            check_redirects(answer)
            offset = self._offset(answer, have if resumable else 0)
            offer = Offer.read(url, answer.headers)
            if offset and known is not None and offer.size != known.size is not None:
                self.discard()
                raise _AgainError("the file changed on the server", 0.0)
            self._check_size(offer, offset, url)
            if not offset:
                write_note(self.note, offer)
            self._receive(answer, offset, offer.size)
        whole = self.expected if offer.size is None else offer.size
        return whole is None or self._size() == whole

    def _offset(self, answer: requests.Response, have: int) -> int:
        """From which byte the answer's body goes on."""
        if answer.status_code == 206:
            start = answer.headers.get("Content-Range", "").removeprefix("bytes ").partition("-")[0]
            if start.isdecimal() and int(start) == have:
                return have
            self.discard()
            raise _AgainError("the server sent another part than was asked for", 0.0)
        if answer.status_code == 200:
            return 0  # it knows no ranges, or the file has changed: the whole is sent
        if answer.status_code == 416:
            self.discard()
            raise _AgainError("the server has fewer bytes than were fetched", 0.0)
        if answer.status_code in TRY_LATER:
            later = answer.headers.get("Retry-After", "")
            raise _AgainError(f"the server answers {_status(answer)}", float(later) if later.isdecimal() else None)
        raise InputError(
            f"the server answers {_status(answer)}",
            where=answer.url,
            mend="the file may have moved: look it up on the page of the data set (`vcassay datasets show NAME`)",
        )

    def _check_size(self, offer: Offer, offset: int, url: str) -> None:
        """Refuse, before anything is written, what is not the file that was asked for or finds no room."""
        if offer.size is None:
            return
        if self.expected is not None and offer.size != self.expected:
            raise InputError(
                f"the server offers {offer.size:,} bytes, the registry says {self.expected:,}",
                where=url,
                mend="the file has changed: look it up on the page of the data set, and fetch it by hand",
            )
        if self.limit is not None and offer.size > self.limit:
            raise InputError(
                f"the file has {offer.size:,} bytes, more than was known",
                where=url,
                mend="say --yes to fetch it all the same",
            )
        free = shutil.disk_usage(self.part.parent).free
        if offer.size - offset + SPARE_BYTES > free:
            raise InputError(
                f"{offer.size - offset:,} bytes are to come and {free:,} are free",
                where=str(self.part.parent),
                mend="make room, or name another folder with -o",
            )

    def _receive(self, answer: requests.Response, offset: int, total: int | None) -> None:
        """Append the body to the part, or begin it anew."""
        done = offset
        self.report(done, total)
        try:
            with self.part.open("r+b" if offset else "wb") as out:
                out.truncate(offset)
                out.seek(offset)
                # not decoded: the bytes as they lie on the server, so that offsets and hashes hold
                for chunk in answer.raw.stream(CHUNK, decode_content=False):
                    out.write(chunk)
                    done += len(chunk)
                    self._bound(done, answer.url)
                    self.report(done, total)
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
                raise
            raise InputError(
                f"the disk is full after {self._size():,} bytes",
                where=str(self.part),
                mend="make room and run the same command again: it goes on from there",
            ) from error

    def _bound(self, done: int, url: str) -> None:
        """Stop a stream that says no length and goes on beyond what was known or agreed to."""
        if self.expected is not None and done > self.expected:
            self.discard()
            raise InputError(
                f"the server sends more than the {self.expected:,} bytes that the registry says",
                where=url,
                mend="the file has changed: look it up on the page of the data set, and fetch it by hand",
            )
        if self.limit is not None and done > self.limit:
            raise InputError(
                f"more than {self.limit:,} bytes have come", where=url, mend="say --yes to go on from here"
            )

    def _hand_over(self, target: Path) -> None:
        """Put the whole under the name that pooch gave; the part stays, if it can, until the hash is known."""
        target.unlink(missing_ok=True)
        try:
            os.link(self.part, target)
        except OSError:  # the file system knows no links
            self.part.replace(target)

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep a second process from writing the same part."""
        try:
            import fcntl
        except ImportError:  # pragma: no cover
            yield
            return
        lock = self.part.with_name(f".{self.part.name}.lock")
        with lock.open("w") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise InputError(
                    "another process is fetching it", where=str(self.part), mend="wait for it, or name another folder"
                ) from error
            try:
                yield
            finally:
                lock.unlink(missing_ok=True)

    def _size(self) -> int:
        return self.part.stat().st_size if self.part.exists() else 0


def _status(answer: requests.Response) -> str:
    return f"{answer.status_code} ({answer.reason or 'no reason given'})"


def _gist(error: Exception) -> str:
    """What went wrong on the network, without the chain of wrapped errors."""
    import requests

    if isinstance(error, requests.TooManyRedirects):
        return "the server leads in circles"
    if isinstance(error, requests.exceptions.InvalidSchema):
        return "the server leads to an address that is neither http nor https"
    if isinstance(error, requests.exceptions.ProxyError):
        return "the proxy cannot be reached"
    if isinstance(error, requests.exceptions.SSLError):
        return "the server's certificate is not accepted"
    if isinstance(error, requests.ConnectTimeout):
        return "the server does not answer"
    if isinstance(error, requests.Timeout) or "timed out" in str(error):
        return "the server stopped sending"
    if isinstance(error, requests.ConnectionError) and "NewConnectionError" in str(error):
        return "the server cannot be reached"
    if "NameResolution" in str(error):
        return "the server's name is not known"
    return "the connection broke off"
