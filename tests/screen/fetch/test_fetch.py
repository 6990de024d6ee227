"""Fetching, against a server on this machine: nothing leaves it."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.screen.fetch.server import Served
from vcassay.core import InputError
from vcassay.screen.datasets import StoredFile
from vcassay.screen.fetch import ask, fetch, resume
from vcassay.screen.fetch import offer as offers

BODY = bytes(range(256)) * 4000
SHA, MD5 = hashlib.sha256(BODY).hexdigest(), hashlib.md5(BODY, usedforsecurity=False).hexdigest()
HALF = len(BODY) // 2


def stored(server, path="/file", **kw):
    return StoredFile(name="screen.h5ad", url=server.url(path), form="h5ad", what="a file", **kw)


def get(file, folder, **kw):
    waits: list[float] = []
    found = fetch(file, folder, sleep=waits.append, **kw)
    return found, waits


def left(folder: Path) -> set[str]:
    return {p.name for p in folder.iterdir()}


def refused(file, folder, **kw) -> str:
    with pytest.raises(InputError) as error:
        get(file, folder, **kw)
    sentence = str(error.value)
    assert sentence.endswith((".", "?"))
    assert "\n" not in sentence
    return sentence


def test_a_file_is_fetched_and_checked(server, tmp_path):
    server.files["/file"] = f = Served(BODY)
    steps: list[tuple[int, int | None]] = []
    found, waits = get(stored(server, sha256=SHA, bytes=len(BODY)), tmp_path, report=lambda d, t: steps.append((d, t)))
    assert found.path.read_bytes() == BODY
    assert (found.how, found.checked, found.sha256, found.size) == ("fetched", "registry", SHA, len(BODY))
    assert left(tmp_path) == {"screen.h5ad"}
    assert steps[0] == (0, len(BODY))
    assert steps[-1] == (len(BODY), len(BODY))
    assert waits == []
    assert len(f.asked) == 1


def test_what_is_here_is_not_fetched_again(server, tmp_path):
    server.files["/file"] = f = Served(BODY)
    get(stored(server, sha256=SHA), tmp_path)
    found, _ = get(stored(server, sha256=SHA), tmp_path)
    assert (found.how, found.checked) == ("present", "registry")
    assert len(f.asked) == 1


def test_what_is_here_and_wrong_is_left_alone(server, tmp_path):
    server.files["/file"] = f = Served(BODY)
    (tmp_path / "screen.h5ad").write_bytes(b"mine")
    sentence = refused(stored(server, sha256=SHA), tmp_path)
    assert SHA in sentence
    assert hashlib.sha256(b"mine").hexdigest() in sentence
    assert "4 bytes" in refused(stored(server, bytes=len(BODY)), tmp_path)
    assert (tmp_path / "screen.h5ad").read_bytes() == b"mine"
    assert f.asked == []


def test_an_unknown_hash_is_recorded_and_holds_from_then_on(server, tmp_path):
    server.files["/file"] = Served(BODY)
    found, _ = get(stored(server), tmp_path)
    assert (found.checked, found.sha256) == ("nothing", SHA)
    assert (tmp_path / "screen.h5ad.sha256").read_text() == f"{SHA}  screen.h5ad\n"
    found, _ = get(stored(server), tmp_path)
    assert (found.how, found.checked) == ("present", "first fetch")
    (tmp_path / "screen.h5ad").write_bytes(BODY[:-1] + b"x")
    assert "'screen.h5ad.sha256' records" in refused(stored(server), tmp_path)
    (tmp_path / "screen.h5ad").unlink()
    server.files["/file"].body = b"another release"
    assert SHA in refused(stored(server), tmp_path)
    assert left(tmp_path) == {"screen.h5ad.sha256"}


def test_an_md5_is_checked_too(server, tmp_path):
    server.files["/file"] = Served(BODY)
    found, _ = get(stored(server, md5=MD5), tmp_path)
    assert (found.checked, found.sha256) == ("registry", SHA)
    assert "md5" in refused(stored(server, md5="0" * 32), tmp_path)


def test_a_wrong_hash_is_said_with_both_and_leaves_nothing(server, tmp_path):
    server.files["/file"] = Served(BODY)
    sentence = refused(stored(server, sha256="0" * 64), tmp_path)
    assert SHA in sentence
    assert "0" * 64 in sentence
    assert left(tmp_path) == set()


def test_an_answer_that_breaks_off_is_continued(server, tmp_path):
    server.files["/file"] = f = Served(BODY, cut=[HALF])
    found, waits = get(stored(server, sha256=SHA), tmp_path)
    assert found.path.read_bytes() == BODY
    assert f.asked[1] == ("GET", f"bytes={HALF}-", '"one"')
    assert f.sent == [HALF, len(BODY) - HALF]
    assert waits == [1.0]
    assert found.mended == ("the connection broke off",)


def test_a_later_call_goes_on_where_the_first_stopped(server, tmp_path):
    server.files["/file"] = f = Served(BODY, cut=[HALF], statuses=[])
    file = stored(server, sha256=SHA)

    def stop(seconds: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch(file, tmp_path, sleep=stop)
    assert left(tmp_path) == {"screen.h5ad.part", "screen.h5ad.part.json"}
    assert (tmp_path / "screen.h5ad.part").read_bytes() == BODY[:HALF]
    found, _ = get(file, tmp_path)
    assert found.path.read_bytes() == BODY
    assert f.sent == [HALF, len(BODY) - HALF]
    assert left(tmp_path) == {"screen.h5ad"}


def test_an_interruption_in_the_middle_keeps_the_part(server, tmp_path):
    server.files["/file"] = f = Served(BODY)

    def stop(done: int, total: int | None) -> None:
        if done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch(stored(server), tmp_path, report=stop)
    kept = (tmp_path / "screen.h5ad.part").stat().st_size
    assert kept > 0
    assert not (tmp_path / "screen.h5ad").exists()
    found, _ = get(stored(server), tmp_path)
    assert found.path.read_bytes() == BODY
    if kept < len(BODY):
        assert f.asked[-1][1] == f"bytes={kept}-"


def test_a_whole_part_is_not_asked_for_again(server, tmp_path, monkeypatch):
    server.files["/file"] = f = Served(BODY)
    with monkeypatch.context() as patch:
        patch.setattr("pooch.core.hash_matches", lambda *a, **k: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            get(stored(server, sha256=SHA), tmp_path)
    assert (tmp_path / "screen.h5ad.part").read_bytes() == BODY
    found, _ = get(stored(server, sha256=SHA), tmp_path)
    assert found.path.read_bytes() == BODY
    assert len(f.asked) == 1


def test_a_server_without_ranges_sends_the_whole(server, tmp_path):
    server.files["/file"] = f = Served(BODY, cut=[HALF], ranges=False)
    found, _ = get(stored(server, sha256=SHA), tmp_path)
    assert found.path.read_bytes() == BODY
    assert f.sent == [HALF, len(BODY)]


@pytest.mark.parametrize("etag", ['"two"', ""])
def test_a_changed_file_is_fetched_anew(server, tmp_path, etag):
    server.files["/file"] = f = Served(BODY, cut=[HALF])
    new = BODY[::-1]

    def change(seconds: float) -> None:
        f.body, f.etag = new, etag

    found = fetch(stored(server), tmp_path, sleep=change)
    assert found.path.read_bytes() == new
    assert f.sent == [HALF, len(new)]


def test_without_a_validator_a_part_is_continued_only_under_a_hash(server, tmp_path):
    server.files["/file"] = f = Served(BODY, cut=[HALF, HALF], etag='W/"weak"')
    get(stored(server), tmp_path / "a")
    assert f.asked[1][1:] == ("", "")
    f.cut, f.asked = [HALF], []
    get(stored(server, sha256=SHA), tmp_path / "b")
    assert f.asked[1][1:] == (f"bytes={HALF}-", "")


def test_a_date_is_a_validator(server, tmp_path):
    day = "Wed, 21 Oct 2015 07:28:00 GMT"
    server.files["/file"] = f = Served(BODY, cut=[HALF], etag="", modified=day)
    get(stored(server), tmp_path)
    assert f.asked[1][1:] == (f"bytes={HALF}-", day)


def test_another_part_than_asked_for_is_not_believed(server, tmp_path):
    server.files["/file"] = f = Served(BODY, cut=[HALF], wrong_part=True)
    found, _ = get(stored(server), tmp_path)
    assert found.path.read_bytes() == BODY
    assert f.asked[-1][1] == ""


def test_a_shorter_file_than_the_part_is_fetched_anew(server, tmp_path):
    server.files["/file"] = f = Served(BODY, cut=[HALF])

    def shrink(seconds: float) -> None:
        f.body = b"short"

    assert fetch(stored(server), tmp_path, sleep=shrink).path.read_bytes() == b"short"


def test_no_such_file(server, tmp_path):
    sentence = refused(stored(server, "/nothing"), tmp_path)
    assert "404" in sentence
    assert left(tmp_path) == set()


def test_an_error_of_the_server_is_tried_again(server, tmp_path):
    server.files["/file"] = f = Served(BODY, statuses=[500, 503, 429], headers={"Retry-After": "7"})
    found, waits = get(stored(server), tmp_path)
    assert found.path.read_bytes() == BODY
    assert waits == [7.0, 7.0, 7.0]
    f.statuses, f.headers = [502] * 9, {}
    (tmp_path / "screen.h5ad").unlink()
    waits.clear()
    with pytest.raises(InputError, match=r"502.*5 times in a row"):
        fetch(stored(server), tmp_path, sleep=waits.append)
    assert waits == [2.0, 4.0, 8.0, 16.0]


def test_progress_starts_the_count_of_tries_again(server, tmp_path):
    server.files["/file"] = f = Served(BODY, cut=[1000] * 12)
    found, waits = get(stored(server), tmp_path)
    assert found.path.read_bytes() == BODY
    assert len(f.sent) == 13
    assert set(waits) == {1.0}


def test_a_redirect_is_followed_and_names_nothing(server, tmp_path):
    server.files["/file"] = Served(b"", redirect=server.url("/evil/../../name.sh"))
    server.files["/evil/../../name.sh"] = server.files["/name.sh"] = Served(BODY)
    found, _ = get(stored(server, sha256=SHA), tmp_path)
    assert found.path == tmp_path / "screen.h5ad"
    assert left(tmp_path) == {"screen.h5ad"}


def test_a_redirect_out_of_http_or_down_from_https_is_refused(server, tmp_path):
    server.files["/file"] = Served(b"", redirect="ftp://127.0.0.1/file")
    assert "neither http nor https" in refused(stored(server), tmp_path)
    server.files["/file"] = Served(b"", redirect=server.url("/file"))
    assert "circles" in refused(stored(server), tmp_path)
    step = SimpleNamespace(url="https://a.org/x", history=[])
    last = SimpleNamespace(url="http://a.org/x", history=[step])
    with pytest.raises(InputError, match="from https to http"):
        offers.check_redirects(last)
    with pytest.raises(InputError, match="'file'"):
        offers.check_scheme("file:///etc/passwd")


def test_a_slow_server(server, tmp_path, monkeypatch):
    server.files["/file"] = f = Served(BODY, pause=0.4)
    monkeypatch.setattr(resume, "TIMEOUT", (2.0, 0.1))

    def hurry(seconds: float) -> None:
        f.pause = 0.0

    found = fetch(stored(server, sha256=SHA), tmp_path, sleep=hurry)
    assert found.path.read_bytes() == BODY
    assert found.mended[0] == "the server stopped sending"


def test_nobody_answers(server, tmp_path):
    file = StoredFile(name="screen.h5ad", url="http://127.0.0.1:1/file", form="h5ad", what="a file")
    assert "cannot be reached" in refused(file, tmp_path)


def test_another_size_is_refused_before_anything_is_written(server, tmp_path):
    server.files["/file"] = f = Served(BODY)
    assert f"{len(BODY):,}" in refused(stored(server, bytes=99), tmp_path)
    assert left(tmp_path) == set()
    found, _ = get(stored(server, bytes=99, approximate=True), tmp_path)
    assert found.path.read_bytes() == BODY
    assert f.asked


def test_more_than_was_agreed_to_is_refused(server, tmp_path, monkeypatch):
    server.files["/file"] = Served(BODY)
    monkeypatch.setattr("vcassay.screen.fetch.fetched.LARGE_BYTES", 1000)
    assert "--yes" in refused(stored(server), tmp_path)
    found, _ = get(stored(server), tmp_path, agreed=True)
    assert found.size == len(BODY)


def test_no_room(server, tmp_path, monkeypatch):
    server.files["/file"] = Served(BODY)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=resume.SPARE_BYTES))
    assert "are free" in refused(stored(server), tmp_path)
    assert left(tmp_path) == set()


def test_a_disk_that_fills_up_keeps_the_part(server, tmp_path, monkeypatch):
    server.files["/file"] = f = Served(BODY)
    opened = Path.open

    class Full:
        def __init__(self, handle):
            self.handle = handle

        def __getattr__(self, name):
            return getattr(self.handle, name)

        def __enter__(self):
            return self

        def __exit__(self, *args):
            self.handle.close()

        def write(self, chunk):
            self.handle.write(chunk[:1000])
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def full(path, mode="r", *args, **kw):
        handle = opened(path, mode, *args, **kw)
        return Full(handle) if path.name.endswith(".part") and mode != "r" else handle

    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", full)
        assert "the disk is full after 1,000 bytes" in refused(stored(server), tmp_path)
    assert (tmp_path / "screen.h5ad.part").stat().st_size == 1000
    found, _ = get(stored(server), tmp_path)
    assert found.path.read_bytes() == BODY
    assert f.asked[-1][1] == "bytes=1000-"


def test_two_at_once_do_not_mix(server, tmp_path):
    fcntl = pytest.importorskip("fcntl")
    server.files["/file"] = Served(BODY)
    with (tmp_path / ".screen.h5ad.part.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        assert "another process" in refused(stored(server), tmp_path)


def test_without_links_the_part_is_moved(server, tmp_path, monkeypatch):
    server.files["/file"] = Served(BODY)

    def none(*args):
        raise OSError

    monkeypatch.setattr(os, "link", none)
    found, _ = get(stored(server, sha256=SHA), tmp_path)
    assert found.path.read_bytes() == BODY
    assert left(tmp_path) == {"screen.h5ad"}


def test_without_a_length_the_registry_tells_whether_it_is_whole(server, tmp_path):
    server.files["/file"] = f = Served(BODY, length=False, cut=[HALF])
    found, _ = get(stored(server, bytes=len(BODY)), tmp_path)
    assert found.path.read_bytes() == BODY
    assert f.asked[1][1] == f"bytes={HALF}-"


def test_a_stream_without_a_length_does_not_go_on_for_ever(server, tmp_path, monkeypatch):
    server.files["/file"] = Served(BODY, length=False)
    assert "more than the 99 bytes" in refused(stored(server, bytes=99), tmp_path)
    assert left(tmp_path) == set()
    monkeypatch.setattr("vcassay.screen.fetch.fetched.LARGE_BYTES", 1000)
    assert "--yes" in refused(stored(server), tmp_path)
    found, _ = get(stored(server), tmp_path, agreed=True)
    assert found.path.read_bytes() == BODY


def test_pooch_is_asked_for(server, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pooch", None)
    assert "pip install 'vcassay[data]'" in refused(stored(server), tmp_path)


def test_asking_for_the_size(server):
    server.files["/file"] = Served(BODY)
    assert ask(server.url("/file")).size == len(BODY)
    assert ask(server.url("/none")).size is None
    assert ask("http://127.0.0.1:1/x").size is None


def test_a_proxy_is_used(server, tmp_path, monkeypatch):
    server.files["http://nowhere.invalid/file"] = f = Served(BODY)
    monkeypatch.setenv("http_proxy", server.url("").rstrip("/"))
    monkeypatch.delenv("NO_PROXY")
    file = StoredFile(name="screen.h5ad", url="http://nowhere.invalid/file", form="h5ad", what="a file")
    found, _ = get(file, tmp_path)
    assert found.path.read_bytes() == BODY
    assert len(f.asked) == 1


@pytest.mark.parametrize("name", ["../x.h5ad", "/etc/x", "a/b", ".hidden", "x.part", "x.sha256", "", "a\\b"])
def test_a_name_cannot_leave_its_folder(name):
    with pytest.raises(ValueError):
        StoredFile(name=name, url="https://a.org/x", form="h5ad", what="a file")


@pytest.mark.parametrize("url", ["ftp://a.org/x", "file:///x", "https://", "javascript:x"])
def test_only_http_is_an_address(url):
    with pytest.raises(ValueError):
        StoredFile(name="x.h5ad", url=url, form="h5ad", what="a file")


def test_a_file_that_is_here_may_differ_from_a_size_that_is_not_exact(server, tmp_path):
    (tmp_path / "screen.h5ad").write_bytes(BODY)
    found, _ = get(stored(server, bytes=99, approximate=True), tmp_path)
    assert (found.how, found.size) == ("present", len(BODY))
    assert "99" in refused(stored(server, bytes=99), tmp_path)
