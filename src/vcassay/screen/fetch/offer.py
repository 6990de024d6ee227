"""Offer: what a server says of a file before it is fetched, and the part of it that is already here."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from vcassay.core import InputError

if TYPE_CHECKING:
    import requests

TIMEOUT = (15.0, 60.0)
"""Seconds to connect, and to wait for the next bytes."""
HEADERS = {"Accept-Encoding": "identity", "User-Agent": "vcassay"}
"""The bytes as they are stored, so that an offset means the same on both sides."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What identifies one version of a file on a server.

    Attributes
    ----------
    url
        The address that was asked.
    size
        Bytes of the whole; ``None`` where the server does not say.
    etag
        Its strong entity tag; empty where there is none or it is weak.
    modified
        Its date of change; empty where there is none.
    """

    url: str
    size: int | None = None
    etag: str = ""
    modified: str = ""

    @property
    def validator(self) -> str:
        """What ``If-Range`` is sent with; empty where the server gives nothing to hold it by."""
        return self.etag or self.modified

    @classmethod
    def read(cls, url: str, headers: Mapping[str, str]) -> Offer:
        """Take the headers of an answer that is whole or a part."""
        etag = headers.get("ETag", "")
        return cls(
            url,
            size=total_size(headers),
            etag="" if etag.startswith("W/") else etag,
            modified=headers.get("Last-Modified", ""),
        )


def total_size(headers: Mapping[str, str]) -> int | None:
    """Bytes of the whole file, by ``Content-Range`` of a part or ``Content-Length`` of the whole."""
    spans = headers.get("Content-Range", "").rpartition("/")[2]
    text = spans if "Content-Range" in headers else headers.get("Content-Length", "")
    return int(text) if text.isdecimal() else None


def ask(url: str) -> Offer:
    """Ask a server for size and version of a file; an offer without size where it does not answer that."""
    import requests

    check_scheme(url)
    try:
        answer = requests.head(url, headers=HEADERS, timeout=TIMEOUT, allow_redirects=True)
    except requests.RequestException:
        return Offer(url)
    check_redirects(answer)
    return Offer.read(url, answer.headers) if answer.ok else Offer(url)


def check_scheme(url: str) -> None:
    """Refuse what is not fetched over http or https."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise InputError(f"addresses of kind '{parts.scheme}' are not fetched", where=url, mend="name one of https")


def check_redirects(answer: requests.Response) -> None:
    """Refuse an answer that was led elsewhere than to http, or from https to http."""
    steps = [r.url for r in (*answer.history, answer)]
    for here, there in pairwise(steps):
        check_scheme(there)
        if urlsplit(here).scheme == "https" and urlsplit(there).scheme == "http":
            raise InputError(
                "the server leads from https to http, where anybody on the way could change the file",
                where=here,
                mend="fetch the file by hand, and check it against the publication",
            )


def read_note(path: Path) -> Offer | None:
    """The offer that a part was begun on; ``None`` where there is no such note, or it is no longer one."""
    try:
        return Offer(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def write_note(path: Path, offer: Offer) -> None:
    """Note which version of a file a part is of."""
    path.write_text(json.dumps(asdict(offer)), encoding="utf-8")
