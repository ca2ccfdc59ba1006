"""URL -> bytes: one answer over HTTP, with a deadline, a size limit, and credentials that only one server gets."""

from __future__ import annotations

import threading
import time
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING

from vllm_observability.pages.scrape import Gunzip, printable

if TYPE_CHECKING:
    import ssl

    import httpx

PAGE, API = "text/plain", "application/json"  # what is asked for: a page of metrics, or the answer of a query API
_MOST_REDIRECTS = 5
_MOST_EXPLAINED = 64_000  # bytes of an API's refusal
_WHERE = "vLLM serves its metrics at /metrics of its own port, 8000 by default"


@dataclass(frozen=True)
class Fetched:
    """An answer: the body uncompressed, the address it came from without user and query, Unix time of its arrival."""

    raw: bytes
    url: str
    content_type: str
    at: float


class FetchError(Exception):
    """What happened and what to check next: a plain sentence that names the address and holds no secret.

    `names` are the addresses, hosts and files that it may name, for whoever has to hide them. `status` is that of an
    answer that refuses, None where there is none; `body` the beginning of it, of an API only.
    """

    def __init__(self, text: str, status: int | None = None, body: bytes = b"", wait: str = "") -> None:
        super().__init__(text)
        self.status = status
        self.body = body
        self.wait = wait  # the header Retry-After
        self.names: tuple[str, ...] = ()


def fetch(
    url: str,
    *,
    headers: Sequence[tuple[str, str]] = (),
    bearer_token_file: Path | None = None,
    ca_file: Path | None = None,
    timeout: float = 10.0,
    max_bytes: int = 64_000_000,
    accept: str = PAGE,
    form: Sequence[tuple[str, str]] | None = None,
) -> Fetched:
    """Get one page, or with `form` post it and get the answer.

    `timeout` covers all of it, from looking up the name to the last byte after some redirects. Raises FetchError.
    """
    try:
        return _fetch(url, headers, bearer_token_file, ca_file, timeout, max_bytes, accept, form)
    except FetchError as error:
        given = [_safe(path) for path in (bearer_token_file, ca_file) if path is not None]
        error.names = (*error.names, *given, *(_safe(name) for name, _ in headers))
        raise


def _fetch(
    url: str,
    headers: Sequence[tuple[str, str]],
    bearer_token_file: Path | None,
    ca_file: Path | None,
    timeout: float,
    max_bytes: int,
    accept: str,
    form: Sequence[tuple[str, str]] | None,
) -> Fetched:
    own = list(headers)
    if bearer_token_file is not None:
        own = [(name, value) for name, value in own if name.lower() != "authorization"]
        own.append(("Authorization", f"Bearer {_token(bearer_token_file)}"))
    _check_headers(own)
    errand = _Errand(_address(url), own, ca_file, timeout, max_bytes, accept, form)
    outcome: list[Fetched | BaseException] = []

    def run() -> None:
        try:
            outcome.append(errand.run())
        except BaseException as error:  # raised below, where someone is waiting for it
            outcome.append(error)

    # In a thread, since the client's own timeouts are each for one read: they would wait without end for a server that
    # sends its headers a byte at a time, and none of them covers a name lookup that hangs.
    thread = threading.Thread(target=run, name="fetch", daemon=True)
    thread.start()
    thread.join(timeout + 0.2)  # a little later than the client's timeouts, which know better what was slow
    found = outcome[0] if outcome else errand.slow()
    if not outcome:
        errand.abandon()
    if isinstance(found, FetchError):
        found.names = tuple(errand.names)
    if isinstance(found, BaseException):
        raise found
    return found


# ---------------------------------------------------------------------------------------------- what was asked for


def _address(text: str) -> httpx.URL:
    import httpx

    try:
        url = httpx.URL(text.strip())
    except (httpx.InvalidURL, UnicodeError):  # their texts may quote a password
        raise FetchError("the address is not a valid URL; it looks like http://localhost:8000/metrics") from None
    if url.scheme not in ("http", "https") or not url.host or not 0 < (url.port or 80) < 65536:
        raise FetchError("the address is not a URL of a server; it looks like http://localhost:8000/metrics")
    return url.copy_with(path="/metrics", fragment=None) if url.path in ("", "/") else url.copy_with(fragment=None)


def _token(path: Path) -> str:
    try:
        with path.open(encoding="utf-8") as file:
            token = file.read(100_000).strip()
    except UnicodeDecodeError:
        raise FetchError(f"the token file {_safe(path)} holds binary data, not a token") from None
    except (OSError, ValueError) as error:
        raise FetchError(f"the token file {_safe(path)} can't be read: {_reason(error)}") from None
    if not token:
        raise FetchError(f"the token file {_safe(path)} is empty")
    if len(token.split()) > 1 or not token.isascii():
        raise FetchError(f"the token file {_safe(path)} has to hold one token and nothing else")
    return token


def _check_headers(headers: Sequence[tuple[str, str]]) -> None:
    for name, value in headers:
        if not name.isascii() or not name.replace("-", "").replace("_", "").isalnum():
            raise FetchError(f"{_safe(name)!r} is not the name of a header")
        if not value.isprintable() or not value.isascii():  # a line end would start another header
            raise FetchError(f"the value of header {name} holds characters that a header can't have")


@lru_cache(maxsize=8)
def _trust(scheme: str, ca_file: Path | None, trust_env: bool) -> ssl.SSLContext:
    """Which certificates are believed; kept, because reading all authorities takes 30 ms."""
    import ssl

    import httpx

    if scheme == "http":
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # not used
    if ca_file is None:
        return httpx.create_ssl_context(trust_env=trust_env)
    try:
        return ssl.create_default_context(cafile=ca_file)
    except ssl.SSLError:
        raise FetchError(f"the CA file {_safe(ca_file)} holds no certificate in PEM form") from None
    except (OSError, ValueError) as error:
        raise FetchError(f"the CA file {_safe(ca_file)} can't be read: {_reason(error)}") from None


# ---------------------------------------------------------------------------------------------- getting it


class _Errand:
    """One page to get, redirects included."""

    def __init__(
        self,
        url: httpx.URL,
        headers: Sequence[tuple[str, str]],
        ca_file: Path | None,
        timeout: float,
        max_bytes: int,
        accept: str,
        form: Sequence[tuple[str, str]] | None,
    ) -> None:
        self.url = url.copy_with(username=None, password=None)
        self.home = _origin(url)
        self.user = (url.username, url.password) if url.userinfo else None
        self.headers = headers
        self.ca_file = ca_file
        self.timeout = timeout
        self.deadline = time.monotonic() + timeout
        self.max_bytes = max_bytes
        self.accept = accept
        self.form = form
        self.names = [self.shown, _safe(self.url.host)]
        self._client: httpx.Client | None = None

    @property
    def shown(self) -> str:
        """The present address, fit for a message."""
        return _safe(str(self.url.copy_with(query=None)))

    @property
    def at_home(self) -> bool:
        """Whether the present address is on the server that was asked for: only that one gets its credentials."""
        return _origin(self.url) == self.home

    def run(self) -> Fetched:
        import httpx

        try:
            for _ in range(_MOST_REDIRECTS + 1):
                page = self._visit()
                if page is not None:
                    return page
        except httpx.TimeoutException:
            raise self.slow() from None
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError, ValueError, ImportError) as error:
            raise self._broken(error) from None
        raise FetchError(f"{self.shown} is the end of more than {_MOST_REDIRECTS} redirects; give the final address")

    def abandon(self) -> None:
        """Close the connection under the thread that still reads from it, so that it ends."""
        if self._client is not None:
            self._client.close()

    def slow(self) -> FetchError:
        return FetchError(
            f"{self.shown} gave no whole answer within {self.timeout:g} s; check host and port, and that no firewall "
            "swallows the connection, or allow more with --timeout"
        )

    def _visit(self) -> Fetched | None:
        """The page at the present address; None if it is elsewhere, which then is the present address."""
        import httpx

        left = self.deadline - time.monotonic()
        if left <= 0:
            raise self.slow()
        # No proxy for this machine's own addresses, whatever the environment says: it could only reach its own.
        env = not _loopback(self.url.host)
        trust = _trust(self.url.scheme, self.ca_file, env)
        with httpx.Client(verify=trust, timeout=left, trust_env=env) as self._client:
            sent = {"Accept": self.accept, "Accept-Encoding": "gzip", "User-Agent": "vllm-observability"}
            method, data = ("GET", None) if self.form is None else ("POST", dict(self.form))
            request = self._client.build_request(method, self.url, headers=sent, data=data)
            if self.at_home:
                request.headers.update(self.headers)
            auth = self.user if self.at_home and "authorization" not in request.headers else None
            response = self._client.send(request, auth=auth, stream=True)
            at = time.time()
            try:
                if response.has_redirect_location:
                    self.url = self._next(response.headers["location"])
                    self.names += [self.shown, _safe(self.url.host)]
                    # A form is posted again, whatever the code says: a query without its form is none.
                    return None
                if not response.is_success:
                    body, wait = self._explanation(response), response.headers.get("retry-after", "")
                    raise FetchError(self._refused(response.status_code), response.status_code, body, wait)
                raw = b"".join(self._body(response))
                kind = _safe(response.headers.get("content-type", ""))
            finally:
                response.close()
        if self.accept == PAGE and kind.lower().startswith("text/html") and raw.lstrip()[:1] == b"<":
            raise FetchError(f"{self.shown} is a web page (HTML), not metrics; {_WHERE}")
        return Fetched(raw=raw, url=self.shown, content_type=kind, at=at)

    def _next(self, location: str) -> httpx.URL:
        import httpx

        try:
            url = self.url.join(location)
        except (httpx.InvalidURL, UnicodeError):
            url = httpx.URL("")
        if url.scheme not in ("http", "https") or not url.host or not 0 < (url.port or 80) < 65536:
            raise FetchError(f"{self.shown} redirects to something that is not an address of a server")
        return url.copy_with(username=None, password=None, fragment=None)

    def _explanation(self, response: httpx.Response) -> bytes:
        """The beginning of what an API says about its refusal; nothing where that can't be read."""
        import httpx

        if self.accept == PAGE:
            return b""
        text, limit = b"", self.max_bytes
        self.max_bytes = _MOST_EXPLAINED
        try:
            for part in self._body(response):
                text += part
        except (FetchError, httpx.HTTPError, httpx.StreamError):
            pass
        finally:
            self.max_bytes = limit
        return text

    def _body(self, response: httpx.Response) -> Iterator[bytes]:
        """Parts of the body; uncompressed here, since the client would unpack a bomb before its size is counted."""
        encoding = response.headers.get("content-encoding", "").strip().lower()
        if encoding not in ("", "identity", "gzip", "x-gzip"):
            raise FetchError(f"{self.shown} answers in a compression that was not asked for ({_safe(encoding)})")
        unpack = Gunzip() if "gzip" in encoding else None
        size = 0
        try:
            for part in response.iter_raw():
                if time.monotonic() > self.deadline:
                    raise self.slow()
                data = unpack.take(part, self.max_bytes + 1 - size) if unpack else part
                size += len(data)
                if size > self.max_bytes:
                    raise FetchError(
                        f"{self.shown} is larger than {self.max_bytes} bytes, the limit set by limits.bytes; raise it, "
                        "or look for what exports so much: often it is one very long label"
                    )
                yield data
        except zlib.error:
            raise FetchError(f"{self.shown} sent damaged compressed data; try again") from None
        if unpack and not unpack.whole:
            raise FetchError(f"{self.shown} sent compressed data that breaks off before its end; try again")

    # ------------------------------------------------------------------------------------------ what went wrong

    def _refused(self, status: int) -> str:
        """The sentence for an answer that refuses; what an API says itself is for its reader to add."""
        said = f"{self.shown} answered {status}{_phrase(status)}"
        if status in (401, 403):
            given = self.user or self.headers
            if given and not self.at_home:
                return f"{said}; it was reached by a redirect, which gets no credentials: give this address itself"
            if given:
                return f"{said}: it does not accept the credentials given; check that they are right and still valid"
            return f"{said}: it wants credentials; give them with --bearer-token-file or --header"
        if self.accept != PAGE:
            return f"{said}{self._around_proxy() if status in (502, 503, 504) else ''}"
        if status == 404:
            return f"{said}: no such page; {_WHERE}, and under /PREFIX/metrics with --root-path /PREFIX behind a proxy"
        if status == 500:
            return (
                f"{said}: the server fails to put its metrics together; with several API server processes check that "
                "PROMETHEUS_MULTIPROC_DIR is a directory on a local disk, writable, and emptied before each start"
            )
        if status in (502, 503, 504):
            return (
                f"{said}: what stands in front of vLLM can't reach it, or it is still loading its model; try again, or "
                f"ask vLLM's own port{self._around_proxy()}"
            )
        if status >= 500:
            return f"{said}: the server failed; look into its log"
        return f"{said}, not a page of metrics; {_WHERE}{self._around_proxy()}"

    def _around_proxy(self) -> str:
        """A hint for whoever forgot that there is a proxy."""
        import urllib.request

        host = self.url.host
        if _loopback(host) or not urllib.request.getproxies() or urllib.request.proxy_bypass(host):
            return ""
        return f"; the environment names a proxy (HTTP_PROXY): name {_safe(host)} in NO_PROXY to go around it"

    def _broken(self, error: BaseException) -> FetchError:
        """The sentence for a connection that failed; the reason lies deep in the chain of exceptions."""
        import socket
        import ssl

        for cause in _chain(error):
            if isinstance(cause, ssl.SSLCertVerificationError):
                return FetchError(
                    f"{self.shown} has a certificate that is not trusted ({_safe(cause.verify_message)}); give the "
                    "authority that signed it with --ca-file, and use the host name that the certificate is for"
                )
            if isinstance(cause, ssl.SSLError):
                return FetchError(f"{self.shown} does not speak TLS as expected; is it http:// rather than https://?")
            if isinstance(cause, socket.gaierror | UnicodeError):
                return FetchError(
                    f"the host name {_safe(self.url.host)} is not known here; check its spelling, VPN and DNS"
                )
            if isinstance(cause, ConnectionRefusedError):
                return FetchError(
                    f"{self.shown} refused the connection: nothing listens there; check that the server runs, the "
                    f"port, and in a container or cluster that the port is published or forwarded{self._around_proxy()}"
                )
        import httpx

        if isinstance(error, httpx.ConnectError):
            reason = next((_reason(c) for c in _chain(error) if isinstance(c, OSError) and c.errno), "no route")
            return FetchError(
                f"{self.shown} can't be connected to ({reason}); check host, port and network{self._around_proxy()}"
            )
        if isinstance(error, httpx.RemoteProtocolError | httpx.ReadError):
            return FetchError(
                f"{self.shown} broke off, or does not answer in HTTP; try again, and check the port and whether it "
                "is https:// rather than http://"
            )
        # Left are proxies: one that refuses, one of a kind that is not supported (SOCKS), or no valid address of one.
        return FetchError(
            f"{self.shown} can't be fetched ({type(error).__name__}); check the address{self._around_proxy()}"
        )


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _origin(url: httpx.URL) -> tuple[str, str, int]:
    return url.scheme, url.host, url.port or {"http": 80, "https": 443}[url.scheme]


def _loopback(host: str) -> bool:
    import ipaddress

    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _phrase(status: int) -> str:
    """The standard's name of a status: the server's own words could be anything."""
    try:
        return f" ({HTTPStatus(status).phrase})"
    except ValueError:
        return ""


def _reason(error: BaseException) -> str:
    return (error.strerror or type(error).__name__) if isinstance(error, OSError) else type(error).__name__


def _safe(text: object) -> str:
    return printable(str(text), 200)
