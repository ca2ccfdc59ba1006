"""A server of pages on this machine, for the tests of fetching."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from vllm_observability.pages.fetch import FetchError, fetch

CERTIFICATE = Path(__file__).parent / "data" / "tls" / "self-signed.pem"
PAGE = b"vllm:num_requests_running 3.0\n"


class Handler(BaseHTTPRequestHandler):
    """Answers as the test said, by path."""

    server: Server
    body = b""

    def do_POST(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        self.server.seen.append((self.path, dict(self.headers)))
        if size := int(self.headers.get("Content-Length", 0)):
            self.body = self.rfile.read(size)
            self.server.bodies.append(self.body)
        answer = self.server.answers[self.path.split("?")[0]]
        if not isinstance(answer, Answer):
            answer(self)
            return
        self.send_response(answer.status, answer.reason)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    def log_message(self, *_: object) -> None:
        """Nothing on the terminal."""


@dataclass(frozen=True)
class Answer:
    body: bytes = PAGE
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    reason: str | None = None


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.seen: list[tuple[str, dict[str, str]]] = []
        self.bodies: list[bytes] = []
        self.answers: dict[str, Answer | Callable[[BaseHTTPRequestHandler], None]] = {}

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.server_address[1]}"

    def handle_error(self, *_: object) -> None:
        """Clients that go away are part of the tests."""


def running(server: Server) -> Iterator[Server]:
    """The server while it runs, for a fixture."""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def encrypted(server: Server) -> Server:
    """The same over TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    # The handshake belongs to the connection's own thread: a client that breaks it off must not end the server.
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    return server


def fresh(server: Server, monkeypatch: pytest.MonkeyPatch) -> Server:
    """The server with nothing seen yet, in an environment that names a proxy where none listens."""
    server.seen.clear()
    server.bodies.clear()
    server.answers = {"/metrics": Answer()}
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
        monkeypatch.delenv(name.lower(), raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    return server


def failure(url: str, timeout: float = 10.0, **more: object) -> str:
    """The sentence of a fetch that fails, fit for a terminal."""
    with pytest.raises(FetchError) as caught:
        fetch(url, timeout=timeout, **more)  # type: ignore[arg-type]
    message = str(caught.value)
    assert message.isprintable()
    return message


def token_file(folder: Path, text: str = "s3cret\n") -> Path:
    """A file with a token."""
    path = folder / "token"
    path.write_text(text, encoding="utf-8")
    return path
