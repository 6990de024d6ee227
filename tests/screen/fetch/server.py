"""A server on this machine whose every answer a test decides."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Served:
    """One file and how the server behaves; ``asked`` holds method, Range and If-Range of every request."""

    body: bytes
    etag: str = '"one"'
    modified: str = ""
    ranges: bool = True
    cut: list[int] = field(default_factory=list)
    """Bytes after which the next answers break off."""
    statuses: list[int] = field(default_factory=list)
    """Statuses of the next answers, before the file is served."""
    redirect: str = ""
    pause: float = 0.0
    """Seconds in the middle of an answer."""
    length: bool = True
    wrong_part: bool = False
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    sent: list[int] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def log_message(self, *args: object) -> None:
        """Say nothing."""

    def do_HEAD(self) -> None:
        self._serve(head=True)

    def do_GET(self) -> None:
        self._serve(head=False)

    def _serve(self, *, head: bool) -> None:
        f = self.server.files.get(self.path)
        if f is None:
            self.send_error(404)
            return
        f.asked.append((self.command, self.headers.get("Range", ""), self.headers.get("If-Range", "")))
        if f.redirect:
            self.send_response(302)
            self.send_header("Location", f.redirect)
            self.end_headers()
            return
        if f.statuses and not head:
            self.send_response(f.statuses.pop(0))
            for name, value in f.headers.items():
                self.send_header(name, value)
            self.end_headers()
            return
        asked, valid = self.headers.get("Range", ""), self.headers.get("If-Range", "")
        start = int(asked.removeprefix("bytes=").rstrip("-")) if asked and f.ranges else 0
        if valid and valid not in (f.etag, f.modified):
            start = 0
        if start >= len(f.body) > 0:
            self.send_response(416)
            self.send_header("Content-Range", f"bytes */{len(f.body)}")
            self.end_headers()
            return
        part = f.body[start:]
        self.send_response(206 if start else 200)
        if start:
            shown = start + 1 if f.wrong_part else start
            self.send_header("Content-Range", f"bytes {shown}-{len(f.body) - 1}/{len(f.body)}")
        if f.length:
            self.send_header("Content-Length", str(len(part)))
        for name, value in (("ETag", f.etag), ("Last-Modified", f.modified)):
            if value:
                self.send_header(name, value)
        self.end_headers()
        if head:
            return
        cut = f.cut.pop(0) if f.cut else len(part)
        sent = part[:cut]
        f.sent.append(len(sent))
        half = len(sent) // 2
        try:
            self.wfile.write(sent[:half])
            if f.pause:
                self.wfile.flush()
                time.sleep(f.pause)
            self.wfile.write(sent[half:])
        except OSError:
            pass  # whoever asked has gone
        self.close_connection = True


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.files: dict[str, Served] = {}

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}{path}"


@contextmanager
def serving() -> Iterator[_Server]:
    server = _Server()
    thread = threading.Thread(target=lambda: server.serve_forever(poll_interval=0.01), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
