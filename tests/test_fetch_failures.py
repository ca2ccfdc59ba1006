"""A page that can't be got: the sentence for each reason, with what to check next."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from page_server import CERTIFICATE, PAGE, Answer, Server, encrypted, failure, fresh, running, token_file
from vllm_observability.pages.fetch import fetch


@pytest.fixture(scope="module")
def one() -> Iterator[Server]:
    yield from running(Server())


@pytest.fixture(scope="module")
def secure() -> Iterator[Server]:
    yield from running(encrypted(Server()))


@pytest.fixture
def server(one: Server, monkeypatch: pytest.MonkeyPatch) -> Server:
    return fresh(one, monkeypatch)


# ---------------------------------------------------------------------------------------------- answers, not pages


@pytest.mark.parametrize(
    ("status", "phrase", "words"),
    [
        (401, "Unauthorized", "it wants credentials; give them with --bearer-token-file or --header"),
        (403, "Forbidden", "it wants credentials; give them with --bearer-token-file or --header"),
        (404, "Not Found", "no such page; vLLM serves its metrics at /metrics of its own port, 8000 by default, and"),
        (
            500,
            "Internal Server Error",
            "the server fails to put its metrics together; with several API server processes",
        ),
        (503, "Service Unavailable", "what stands in front of vLLM can't reach it, or it is still loading its model;"),
        (501, "Not Implemented", "the server failed; look into its log"),
    ],
)
def test_refusals(server: Server, status: int, phrase: str, words: str) -> None:
    """Each status has its sentence with what to check next; the server's own words are not repeated."""
    server.answers["/metrics"] = Answer(b"<h1>\x1b[31m</h1>", status, reason="\x1b[31mNo")
    message = failure(f"http://{server.host}?key=s3cret")
    assert message.startswith(f"http://{server.host}/metrics answered {status} ({phrase}): {words}")


def test_hint_at_the_multiprocess_directory(server: Server) -> None:
    """A 500 from /metrics nearly always comes from there."""
    server.answers["/metrics"] = Answer(b"", 500)
    assert "PROMETHEUS_MULTIPROC_DIR" in failure(f"http://{server.host}")


def test_hint_at_the_root_path(server: Server) -> None:
    """A 404 can come from a prefix."""
    server.answers["/metrics"] = Answer(b"", 404)
    assert "/PREFIX/metrics with --root-path /PREFIX" in failure(f"http://{server.host}")


def test_wrong_token(server: Server, tmp_path: Path) -> None:
    """Whoever gave a token isn't told to give one."""
    server.answers["/metrics"] = Answer(b"", 401)
    message = failure(f"http://{server.host}", bearer_token_file=token_file(tmp_path))
    assert message.endswith(": it does not accept the credentials given; check that they are right and still valid")
    assert "s3cret" not in message


def test_another_status(server: Server) -> None:
    """A status nobody knows, and a redirect to nowhere, are told as they are."""
    server.answers["/metrics"] = Answer(b"", 299 + 199)
    assert "answered 498, not a page of metrics;" in failure(f"http://{server.host}")
    server.answers["/metrics"] = Answer(b"", 304)
    assert "answered 304 (Not Modified), not a page of metrics;" in failure(f"http://{server.host}")


def test_web_page(server: Server) -> None:
    """A web page with status 200 is not taken for metrics."""
    server.answers["/metrics"] = Answer(b"\n<!doctype html>", headers={"Content-Type": "Text/HTML; charset=utf-8"})
    assert failure(f"http://{server.host}").startswith(
        f"http://{server.host}/metrics is a web page (HTML), not metrics;"
    )


def test_too_many_redirects(server: Server) -> None:
    """Five redirects are followed, not six."""
    server.answers |= {f"/{i}": Answer(b"", 302, {"Location": f"/{i + 1}"}) for i in range(1, 7)}
    server.answers["/6"] = Answer()
    assert PAGE == fetch(f"http://{server.host}/1").raw
    server.answers["/0"] = Answer(b"", 302, {"Location": "/1"})
    assert failure(f"http://{server.host}/0") == (
        f"http://{server.host}/6 is the end of more than 5 redirects; give the final address"
    )


@pytest.mark.parametrize("location", ["file:///etc/passwd", "ftp://h/", "http://h:99999/"])
def test_redirect_to_no_server(server: Server, location: str) -> None:
    """Only addresses of servers are followed."""
    server.answers["/metrics"] = Answer(b"", 302, {"Location": location})
    assert failure(f"http://{server.host}").endswith(
        "/metrics redirects to something that is not an address of a server"
    )


# ---------------------------------------------------------------------------------------------- connections that fail


def test_refused() -> None:
    """Nothing listens on a port that was free a moment ago."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        host = f"127.0.0.1:{free.getsockname()[1]}"
    assert failure(f"http://u:s3cret@{host}/?key=s3cret") == (
        f"http://{host}/metrics refused the connection: nothing listens there; check that the server runs, the port, "
        "and in a container or cluster that the port is published or forwarded"
    )


@pytest.mark.parametrize("host", ["nowhere.invalid", "a..b", "a" * 70])
def test_unknown_host(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that can't be looked up is named."""
    monkeypatch.setenv("NO_PROXY", "*")

    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    if host == "nowhere.invalid":  # without asking a real resolver; the others don't even get to one
        monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert failure(f"http://{host}") == f"the host name {host} is not known here; check its spelling, VPN and DNS"


def test_a_proxy_of_the_environment_is_named(server: Server) -> None:
    """Whoever forgot that there is a proxy learns how to go around it; the name here is not even looked up."""
    assert server.seen == []
    assert failure("http://vllm.invalid:8000").endswith(
        "; the environment names a proxy (HTTP_PROXY): name vllm.invalid in NO_PROXY to go around it"
    )


@pytest.mark.parametrize(
    "answer", [b"", b"SSH-2.0-OpenSSH_9.2\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"]
)
def test_no_http_or_broken_off(server: Server, answer: bytes) -> None:
    """Another protocol, a lost connection and half a body are no page."""

    def say(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(answer)

    server.answers["/metrics"] = say
    assert failure(f"http://{server.host}").startswith(
        f"http://{server.host}/metrics broke off, or does not answer in HTTP;"
    )


@pytest.mark.parametrize(
    "url",
    [
        "",
        "localhost:8000",
        "ftp://h/",
        "http://",
        "http:///metrics",
        "http://u:s3cret@h:ab/",
        "http://h:99999",
        "http://\x1b/",
    ],
)
def test_no_address(url: str) -> None:
    """What is no address of a server is not repeated, since it may hold a password."""
    message = failure(url)
    assert message.endswith("; it looks like http://localhost:8000/metrics")
    assert "s3cret" not in message


# ---------------------------------------------------------------------------------------------- TLS


def test_certificate_that_is_trusted(secure: Server) -> None:
    """A certificate of one's own authority is believed when that is given."""
    secure.answers = {"/metrics": Answer()}
    assert PAGE == fetch(f"https://{secure.host}", ca_file=CERTIFICATE).raw


def test_certificate_that_is_not_trusted(secure: Server) -> None:
    """The sentence names --ca-file."""
    message = failure(f"https://{secure.host}")
    assert message.startswith(f"https://{secure.host}/metrics has a certificate that is not trusted (")
    assert "--ca-file" in message


def test_https_of_a_server_that_speaks_http(server: Server) -> None:
    """The scheme is the likely mistake, in both directions."""
    assert failure(f"https://{server.host}") == (
        f"https://{server.host}/metrics does not speak TLS as expected; is it http:// rather than https://?"
    )


def test_http_of_a_server_that_speaks_https(secure: Server) -> None:
    """The other direction: the server hangs up."""
    assert "whether it is https:// rather than http://" in failure(f"http://{secure.host}")


@pytest.mark.parametrize(
    ("content", "words"),
    [(None, "can't be read: No such file or directory"), ("no certificate", "holds no certificate in PEM form")],
)
def test_ca_files_that_are_none(tmp_path: Path, content: str | None, words: str) -> None:
    """The sentence names the file."""
    path = tmp_path / "ca.pem"
    if content:
        path.write_text(content)
    assert f"the CA file {path} {words}" == failure("https://127.0.0.1:1", ca_file=path)
