from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.screen.fetch.server import _Server, serving


@pytest.fixture(scope="package")
def _one_server() -> Iterator[_Server]:
    with serving() as server:
        yield server


@pytest.fixture
def server(_one_server: _Server, monkeypatch: pytest.MonkeyPatch) -> _Server:
    """A server of this machine, empty; no proxy stands before it."""
    _one_server.files.clear()
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    return _one_server
