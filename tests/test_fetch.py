"""Getting a page over HTTP: what arrives, who sees the credentials, and how much and how long at most."""

from __future__ import annotations

import gzip
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from page_server import PAGE, Answer, Server, failure, fresh, running, token_file
from vllm_observability.pages.fetch import Fetched, fetch


@pytest.fixture(scope="module")
def one() -> Iterator[Server]:
    yield from running(Server())


@pytest.fixture(scope="module")
def another() -> Iterator[Server]:
    yield from running(Server())


@pytest.fixture
def server(one: Server, monkeypatch: pytest.MonkeyPatch) -> Server:
    return fresh(one, monkeypatch)


# ---------------------------------------------------------------------------------------------- pages that arrive


@pytest.mark.parametrize("path", ["", "/", "/metrics"])
def test_metrics_is_the_path_when_none_is_given(server: Server, path: str) -> None:
    """An address of a server means its /metrics; loopback is never asked for through the environment's proxy."""
    before = time.time()
    got = fetch(f"http://{server.host}{path}")
    assert Fetched(PAGE, f"http://{server.host}/metrics", "", got.at) == got
    assert before <= got.at <= time.time()
    assert ["/metrics"] == [seen for seen, _ in server.seen]


def test_another_path_and_query_are_sent(server: Server) -> None:
    """The query reaches the server, but not the address that is shown."""
    server.answers["/llm/metrics"] = Answer(headers={"Content-Type": "text/plain; version=1.0.0"})
    got = fetch(f"http://{server.host}/llm/metrics?token=s3cret#top")
    assert (f"http://{server.host}/llm/metrics", "text/plain; version=1.0.0") == (got.url, got.content_type)
    assert ["/llm/metrics?token=s3cret"] == [path for path, _ in server.seen]


def test_an_empty_page_arrives(server: Server) -> None:
    """What an empty page means is for its reader to say."""
    server.answers["/metrics"] = Answer(b"")
    assert b"" == fetch(f"http://{server.host}").raw


def test_compressed_page(server: Server) -> None:
    """gzip is asked for and undone."""
    server.answers["/metrics"] = Answer(gzip.compress(PAGE), headers={"Content-Encoding": "gzip"})
    assert PAGE == fetch(f"http://{server.host}").raw
    assert "gzip" == server.seen[0][1]["Accept-Encoding"]


def test_plain_text_called_html_arrives(server: Server) -> None:
    """Small servers call everything text/html; only a body that starts like a web page is one."""
    server.answers["/metrics"] = Answer(headers={"Content-Type": "text/html"})
    assert PAGE == fetch(f"http://{server.host}").raw


def test_redirects_are_followed(server: Server) -> None:
    """vLLM sends /metrics to /metrics/; the address given back is the last one."""
    server.answers["/metrics"] = Answer(b"", 307, {"Location": "/metrics/"})
    server.answers["/metrics/"] = Answer()
    assert f"http://{server.host}/metrics/" == fetch(f"http://{server.host}").url


# ---------------------------------------------------------------------------------------------- credentials


def test_headers_and_token_are_sent(server: Server, tmp_path: Path) -> None:
    """The token is read without its line end, and wins over an Authorization header."""
    given = [("X-Scope-OrgID", "team-7"), ("authorization", "Basic eA==")]
    fetch(f"http://{server.host}", headers=given, bearer_token_file=token_file(tmp_path))
    sent = server.seen[0][1]
    assert ("team-7", "Bearer s3cret") == (sent["X-Scope-OrgID"], sent["Authorization"])
    assert "authorization" not in sent


def test_user_and_password_in_the_address(server: Server) -> None:
    """They are sent as HTTP wants them, and shown nowhere."""
    got = fetch(f"http://mia:s3cret@{server.host}/")
    assert "Basic bWlhOnMzY3JldA==" == server.seen[0][1]["Authorization"]
    assert f"http://{server.host}/metrics" == got.url


def test_credentials_stay_on_a_redirect_within_the_server(server: Server, tmp_path: Path) -> None:
    """The same server at another path still gets them."""
    server.answers["/metrics"] = Answer(b"", 308, {"Location": f"http://{server.host}/other"})
    server.answers["/other"] = Answer()
    fetch(f"http://{server.host}", headers=[("X-Key", "k7")], bearer_token_file=token_file(tmp_path))
    assert ("k7", "Bearer s3cret") == (server.seen[1][1]["X-Key"], server.seen[1][1]["Authorization"])


@pytest.mark.parametrize("user", ["", "mia:s3cret@"])
def test_credentials_do_not_follow_to_another_server(
    server: Server, another: Server, tmp_path: Path, user: str
) -> None:
    """A redirect to another port gets neither token nor header nor user; if that answers 401, the sentence says why."""
    another.seen.clear()
    another.answers = {"/there": Answer(b"", 401)}
    server.answers["/metrics"] = Answer(b"", 302, {"Location": f"http://eve:x@{another.host}/there"})
    token = None if user else token_file(tmp_path)
    message = failure(
        f"http://{user}{server.host}", headers=[("X-Key", "k7")] if token else [], bearer_token_file=token
    )
    assert not {"X-Key", "Authorization"} & another.seen[0][1].keys()
    assert message == (
        f"http://{another.host}/there answered 401 (Unauthorized); it was reached by a redirect, which gets no "
        "credentials: give this address itself"
    )


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "can't be read: No such file or directory"),
        (b" \n", "is empty"),
        (b"one two\n", "has to hold one token and nothing else"),
        (b"\xff\xfe", "holds binary data, not a token"),
    ],
)
def test_token_files_that_hold_no_token(tmp_path: Path, content: bytes | None, words: str) -> None:
    """The sentence names the file, never what is in it."""
    path = tmp_path / "token"
    if content is not None:
        path.write_bytes(content)
    assert f"the token file {path} {words}" == failure("http://127.0.0.1:1", bearer_token_file=path)


@pytest.mark.parametrize(
    ("header", "words"),
    [
        (("X Key", "k7"), "'X Key' is not the name of a header"),
        (("", "k7"), "'' is not the name of a header"),
        (("X-Key", "k7\r\nX-Evil: 1"), "the value of header X-Key holds characters that a header can't have"),
    ],
)
def test_headers_that_are_none(header: tuple[str, str], words: str) -> None:
    """A line end in a header would be another header."""
    assert words == failure("http://127.0.0.1:1", headers=[header])


# ---------------------------------------------------------------------------------------------- limits


def test_size_limit(server: Server) -> None:
    """30 bytes pass a limit of 30; a limit of 29 is named with its setting."""
    assert PAGE == fetch(f"http://{server.host}", max_bytes=30).raw
    assert failure(f"http://{server.host}", max_bytes=29).startswith(
        f"http://{server.host}/metrics is larger than 29 bytes, the limit set by limits.bytes;"
    )


def test_size_limit_after_decompression(server: Server) -> None:
    """A small answer that unpacks to 50 MB is refused."""
    bomb = gzip.compress(b"\n" * 50_000_000, 1)
    server.answers["/metrics"] = Answer(bomb, headers={"Content-Encoding": "gzip"})
    assert "is larger than 1000000 bytes" in failure(f"http://{server.host}", max_bytes=1_000_000)


def test_compression_that_cannot_be_undone(server: Server) -> None:
    """Damaged gzip, and a compression that nobody asked for, have their sentences."""
    server.answers["/metrics"] = Answer(b"garbage", headers={"Content-Encoding": "gzip"})
    assert failure(f"http://{server.host}").endswith("/metrics sent damaged compressed data; try again")
    server.answers["/metrics"] = Answer(b"garbage", headers={"Content-Encoding": "br"})
    assert failure(f"http://{server.host}").endswith("/metrics answers in a compression that was not asked for (br)")


def drip(handler: BaseHTTPRequestHandler, start: bytes) -> None:
    handler.wfile.write(start)
    for _ in range(100):
        handler.wfile.write(b"a")
        time.sleep(0.05)


def drip_headers(handler: BaseHTTPRequestHandler) -> None:
    drip(handler, b"HTTP/1.1 200 OK\r\nX-Slow: ")


def drip_body(handler: BaseHTTPRequestHandler) -> None:
    drip(handler, b"HTTP/1.1 200 OK\r\n\r\n")


def silence(_: BaseHTTPRequestHandler) -> None:
    time.sleep(1)


@pytest.mark.parametrize("answer", [drip_headers, drip_body, silence])
def test_the_deadline_is_for_the_whole(server: Server, answer: Callable[[BaseHTTPRequestHandler], None]) -> None:
    """Neither silence nor a byte now and then keeps anybody waiting longer, and no thread is left behind."""
    server.answers["/metrics"] = answer
    started = time.monotonic()
    message = failure(f"http://{server.host}", timeout=0.3)
    assert message.startswith(f"http://{server.host}/metrics gave no whole answer within 0.3 s;")
    assert time.monotonic() - started < 2
    while any(thread.name == "fetch" for thread in threading.enumerate()):
        assert time.monotonic() - started < 4
        time.sleep(0.02)
