"""Whatever a query API answers is read, or named in one sentence: shapes, stores, refusals, cuts; never a traceback."""

from __future__ import annotations

import gzip
import json
import re
import time
import zlib
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qs, urlsplit

import pytest
from click.testing import CliRunner, Result

from page_server import Answer, Server, fresh, running
from vllm_observability.command.cli import main
from vllm_observability.pages.sources import Access, SourceError
from vllm_observability.prometheus import Api, Histogram, QueryRefused, Unanswered
from vllm_observability.prometheus.answers import Answer as Read
from vllm_observability.prometheus.answers import NoAnswer, Row, read_answer

LIMIT = 1_000_000


@pytest.fixture(scope="module")
def one() -> Iterator[Server]:
    yield from running(Server())


@pytest.fixture
def server(one: Server, monkeypatch: pytest.MonkeyPatch) -> Server:
    return fresh(one, monkeypatch)


def _api(server: Server, **access: object) -> Api:
    return Api(f"http://{server.host}", Access(**{"timeout": 5.0, **access}), LIMIT)  # type: ignore[arg-type]


def _said(server: Server, answer: Answer | Callable[[BaseHTTPRequestHandler], None], **access: object) -> str:
    """The sentence that an answer to a query gets; harmless, and one line."""
    server.answers["/api/v1/query"] = answer
    with pytest.raises(SourceError) as caught:
        _api(server, **access).now()
    text = str(caught.value)
    assert text.isprintable()
    assert len(text) < 1000
    return text


def _success(result: object, kind: str = "vector", **more: object) -> bytes:
    return json.dumps({"status": "success", "data": {"resultType": kind, "result": result}, **more}).encode()


# ------------------------------------------------------------------------------------------- what is read


@pytest.mark.parametrize(
    ("result", "kind", "expected"),
    [
        ([1.5, "2"], "scalar", Read("scalar", (Row({}, ((1.5, 2.0),)),))),
        ([1.5, "words"], "string", Read("string", text="words")),
        ([{"metric": {"a": "b"}, "value": [1, "3"]}], "vector", Read("vector", (Row({"a": "b"}, ((1.0, 3.0),)),))),
        ([{"metric": {}, "value": [1, 3]}], "vector", Read("vector", (Row({}, ((1.0, 3.0),)),))),
        ([{"value": [1, "+Inf"]}], "vector", Read("vector", (Row({}, ((1.0, float("inf")),)),))),
        ([{"metric": {}, "value": ["1", "1e3"]}], "vector", Read("vector", (Row({}, ((1.0, 1000.0),)),))),
        ([], "vector", Read("vector")),
        (None, "vector", Read("vector")),
        (
            [{"metric": {}, "values": [[1, "2"], [2, "3"]]}],
            "matrix",
            Read("matrix", (Row({}, ((1.0, 2.0), (2.0, 3.0))),)),
        ),
        (
            [{"metric": {}, "histogram": [1, {"count": "3", "sum": "4.5", "buckets": [[0, "1", "2", "3"]]}]}],
            "vector",
            Read("vector", (Row({}, ((1.0, Histogram(3.0, 4.5, ((1.0, 2.0, 3.0),))),)),)),
        ),
        (
            [{"metric": {}, "histograms": [[1, {"count": "0", "sum": "0"}]]}],
            "matrix",
            Read("matrix", (Row({}, ((1.0, Histogram(0.0, 0.0)),)),)),
        ),
    ],
)
def test_every_kind_is_read(result: object, kind: str, expected: Read) -> None:
    """Scalars, strings, vectors, matrices, native histograms; numbers as text or plain."""
    assert expected == read_answer(_success(result, kind))


def test_half_characters_are_made_whole() -> None:
    """They could neither be printed nor asked for."""
    raw = b'{"status":"success","data":{"resultType":"vector","result":[{"metric":{"a":"x\\ud800"},"value":[1,"1"]}]}}'
    assert "x\ufffd" == read_answer(raw).rows[0].labels["a"]


def test_remarks_are_kept() -> None:
    """Warnings, infos, and an answer that is only a part, as VictoriaMetrics' cluster says it."""
    raw = _success([], warnings=["store is away"], infos=["not a counter", "not a counter"], isPartial=True)
    assert ("store is away", "not a counter", "the answer is partial: some of its storage did not answer") == (
        read_answer(raw).notes
    )


ROW = {"metric": {}, "value": [1, "1"]}
MALFORMED: dict[str, bytes] = {
    "nothing": b"",
    "blanks": b" \n ",
    "HTML": b"<!doctype html><title>Sign in</title>",
    "text": b"ok",
    "noise": bytes(range(256)),
    "not UTF-8": b'{"status":"success","data":{"a":"\xff"}}',
    "cut": _success([ROW])[:-9],
    "null": b"null",
    "a list": b"[]",
    "a number": b"1",
    "another API": b'{"object":"list","data":[]}',
    "a bottomless list": b"[" * 200_000,
    "a bottomless object": b'{"status":' * 100_000,
    "a number of 9,999 digits": b'{"status":"success","data":{"resultType":"scalar","result":[1,%b]}}' % (b"9" * 9_999),
    "no data": b'{"status":"success"}',
    "data that is a list": b'{"status":"success","data":[]}',
    "data that is null": b'{"status":"success","data":null}',
    "no kind": b'{"status":"success","data":{"result":[]}}',
    "an unknown kind": _success([], "graph"),
    "a kind that is a list": b'{"status":"success","data":{"resultType":["vector"],"result":[]}}',
    "a result that is text": _success("x"),
    "a result that is an object": _success({}),
    "a row that is null": _success([None]),
    "a row that is text": _success(["up"]),
    "a row without value": _success([{"metric": {}}]),
    "labels that are a list": _success([{"metric": [], "value": [1, "1"]}]),
    "a label that is a number": _success([{"metric": {"a": 1}, "value": [1, "1"]}]),
    "a label that is null": _success([{"metric": {"a": None}, "value": [1, "1"]}]),
    "a value that is text": _success([{"metric": {}, "value": "1"}]),
    "a value of one part": _success([{"metric": {}, "value": [1]}]),
    "a value of three parts": _success([{"metric": {}, "value": [1, "1", "1"]}]),
    "a value that is no number": _success([{"metric": {}, "value": [1, "one"]}]),
    "a value in another script": _success([{"metric": {}, "value": [1, "\u0661"]}]),
    "a value with underscores": _success([{"metric": {}, "value": [1, "1_000"]}]),
    "a value that is true": _success([{"metric": {}, "value": [1, True]}]),
    "a value that is null": _success([{"metric": {}, "value": [1, None]}]),
    "a time that is null": _success([{"metric": {}, "value": [None, "1"]}]),
    "a time that is NaN": _success([{"metric": {}, "value": ["NaN", "1"]}]),
    "a histogram that is text": _success([{"metric": {}, "histogram": [1, "1"]}]),
    "a histogram without count": _success([{"metric": {}, "histogram": [1, {"sum": "1"}]}]),
    "a histogram with bad buckets": _success(
        [{"metric": {}, "histogram": [1, {"count": "1", "sum": "1", "buckets": [1]}]}]
    ),
    "a histogram that is a list": _success([{"metric": {}, "histogram": [1, []]}]),
    "a scalar of nothing": _success([], "scalar"),
    "a scalar that is null": _success(None, "scalar"),
    "a string that is a number": _success([1, 2], "string"),
    "values that are text": _success([{"metric": {}, "values": "1"}], "matrix"),
    "values of nothing": _success([{"metric": {}}], "matrix"),
}


@pytest.mark.parametrize("raw", MALFORMED.values(), ids=MALFORMED.keys())
def test_what_is_no_answer_is_named(raw: bytes) -> None:
    """In words of ours."""
    with pytest.raises(NoAnswer) as caught:
        read_answer(raw)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("command", ["analyze", "doctor"])
@pytest.mark.parametrize("raw", MALFORMED.values(), ids=MALFORMED.keys())
def test_commands_end_with_a_sentence(server: Server, raw: bytes, command: str) -> None:
    """Exit 2, one line, no traceback, and not by the last guard."""
    server.answers["/api/v1/query"] = Answer(raw)
    _refused(CliRunner().invoke(main, [command, "--prometheus", f"http://{server.host}"]))


def _refused(done: Result) -> str:
    assert isinstance(done.exception, SystemExit), repr(done.exception)
    assert (2, "") == (done.exit_code, done.stdout)
    assert 1 == len(done.stderr.splitlines())
    assert "itself failed" not in done.stderr
    assert done.stderr.strip().isprintable()
    return done.stderr


@pytest.mark.parametrize("value", ["NaN", "+Inf", "-Inf", "-5", "0", "1e300", "9007199254740993"])
def test_a_clock_that_can_not_be(server: Server, value: str) -> None:
    """`time()` says when to ask: after the year 9999 there is nothing to ask for."""
    assert "its answer to time() is no time" in _said(server, Answer(_success([1, value], "scalar")))


# ------------------------------------------------------------------------------------------- refusals

# As these answer: status, headers, body; and what the sentence says.
STORES = {
    "Mimir, no tenant": (401, {}, b"no org id", "name the tenant with --header 'X-Scope-OrgID: NAME'"),
    "Cortex, no tenant": (401, {}, b"no org id\n", "X-Scope-OrgID"),
    "Mimir, a limit": (
        422,
        {},
        b'{"status":"error","errorType":"execution","error":"the query exceeded the maximum number of chunks'
        b' (limit: 2000000 chunks) (err-mimir-max-chunks-per-query)"}',
        "err-mimir-max-chunks-per-query",
    ),
    "Mimir, too many questions": (
        429,
        {"Retry-After": "60"},
        b'{"status":"error","errorType":"too_many_requests","error":"too many outstanding requests"}',
        "it limits how much is asked (too many outstanding requests)",
    ),
    "Thanos, no store": (
        503,
        {},
        b'{"status":"error","errorType":"unavailable","error":"no StoreAPIs matched for this query"}',
        "no StoreAPIs matched",
    ),
    "Grafana Cloud, a wrong token": (
        401,
        {},
        b'{"status":"error","error":"authentication error: invalid token"}',
        "invalid token",
    ),
    "Amazon, unsigned": (
        403,
        {"x-amzn-ErrorType": "MissingAuthenticationTokenException"},
        b'{"message":"Missing Authentication Token"}',
        "ask through a signing proxy",
    ),
    "Google, no token": (
        401,
        {},
        b'{"error":{"code":401,"message":"Request had invalid authentication credentials.",'
        b'"status":"UNAUTHENTICATED"}}',
        "Request had invalid authentication credentials.",
    ),
    "Azure, no role": (
        403,
        {},
        b'{"error":{"code":"Forbidden","message":"Caller does not have access to query data"}}',
        "Caller does not have access",
    ),
    "a proxy's page": (502, {"Content-Type": "text/html"}, b"<html>502</html>", "answered 502 (Bad Gateway)"),
    "no such path": (404, {}, b"404 page not found", "there is no Prometheus API"),
    "a query that is too slow": (
        503,
        {},
        b'{"status":"error","errorType":"timeout","error":"query timed out in expression evaluation"}',
        "query timed out",
    ),
}


@pytest.mark.parametrize(("status", "headers", "body", "words"), STORES.values(), ids=STORES.keys())
def test_refusals_of_stores(server: Server, status: int, headers: dict[str, str], body: bytes, words: str) -> None:
    """Each store's own reason, and what to do."""
    assert words in _said(server, Answer(body, status, headers))


def test_a_refused_query_can_be_asked_otherwise(server: Server) -> None:
    """Callers go on name by name."""
    server.answers["/api/v1/query"] = Answer(b'{"status":"error","error":"bad"}', 400)
    with pytest.raises(QueryRefused, match=r"look at --model and --selector \(bad\)"):
        _api(server).vector("x", 1.0)


def test_asked_too_much_is_asked_again(server: Server) -> None:
    """Where the server says that a moment helps."""
    left = [429, 429]

    def answer(handler: BaseHTTPRequestHandler) -> None:
        code = left.pop() if left else 200
        body = _success([1, "7"], "scalar")
        handler.wfile.write(b"HTTP/1.1 %d x\r\nRetry-After: 0\r\nContent-Length: %d\r\n\r\n" % (code, len(body)) + body)

    server.answers["/api/v1/query"] = answer
    assert 7.0 == _api(server).now()


def test_escapes_in_an_error_are_shown(server: Server) -> None:
    """Nothing from outside reaches a terminal raw, nor text that no one sees."""
    evil = "\x1b[2J\x1b]0;owned\x07 \u202e \U000e0041\U000e0042 \u200b"
    for status in (200, 400, 500):
        text = _said(server, Answer(json.dumps({"status": "error", "error": evil}).encode(), status))
        assert not re.search("[\x00-\x1f\u200b\u202e\U000e0000-\U000e007f]", text)
        assert "\\x1b[2J" in text or "\\u001b[2J" in text


def test_a_tenant_is_sent(server: Server) -> None:
    """By --header, with every question."""
    server.answers["/api/v1/query"] = Answer(_success([1, "7"], "scalar"))
    _api(server, headers=(("X-Scope-OrgID", "team"),)).now()
    assert "team" == server.seen[0][1]["X-Scope-OrgID"]


# ------------------------------------------------------------------------------------------- HTTP


def test_questions_are_posted(server: Server) -> None:
    """A long one too, which no proxy takes in an address."""
    server.answers["/api/v1/query"] = Answer(_success([]))
    assert [] == _api(server).vector("x" * 100_000, 5.0)
    assert ["/api/v1/query"] == [path for path, _ in server.seen]
    assert "query=" + "x" * 100_000 + "&time=5.000" == server.bodies[0].decode()


@pytest.mark.parametrize("status", [403, 404, 405, 411, 415, 501])
def test_where_post_is_refused_it_is_asked_by_get(server: Server, status: int) -> None:
    """And from then on at once."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        code = status if handler.command == "POST" else 200
        body = _success([1, "7"], "scalar")
        handler.wfile.write(b"HTTP/1.1 %d x\r\nContent-Length: %d\r\n\r\n" % (code, len(body)) + body)

    server.answers["/api/v1/query"] = answer
    api = _api(server)
    assert [7.0, 7.0] == [api.now(), api.now()]
    assert [{}, {"query": ["time()"]}, {"query": ["time()"]}] == [
        parse_qs(urlsplit(path).query) for path, _ in server.seen
    ]


def test_a_form_follows_a_redirect(server: Server) -> None:
    """A question without its form would be none."""
    server.answers["/api/v1/query"] = Answer(b"", 301, {"Location": "/there"})
    server.answers["/there"] = Answer(_success([1, "7"], "scalar"))
    assert 7.0 == _api(server).now()
    assert b"query=time%28%29" == server.bodies[-1]


def _raw(data: bytes) -> Callable[[BaseHTTPRequestHandler], None]:
    return lambda handler: handler.wfile.write(data) and None


WHOLE = _success([1, "7"], "scalar")
PACKED = gzip.compress(WHOLE)


def test_gzip_in_members_is_read_whole(server: Server) -> None:
    """Two members, zero bytes after them, one byte at a time."""
    for packed in (gzip.compress(WHOLE[:9]) + gzip.compress(WHOLE[9:]), PACKED + b"\0" * 512):
        server.answers["/api/v1/query"] = Answer(packed, headers={"Content-Encoding": "gzip"})
        assert 7.0 == _api(server).now()


def test_gzip_that_breaks_off_is_said(server: Server) -> None:
    """At a flush too, where what came can be unpacked without an error."""
    packer = zlib.compressobj(wbits=31)
    flushed = packer.compress(WHOLE) + packer.flush(zlib.Z_SYNC_FLUSH)
    for cut in (flushed, PACKED[:-4], PACKED + PACKED[:5]):
        said = _said(server, Answer(cut, headers={"Content-Encoding": "gzip"}))
        assert "compressed data that breaks off before its end" in said


@pytest.mark.parametrize(
    "data",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n" + WHOLE,
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\nContent-Length: 8\r\n\r\n" + WHOLE,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%b\r\n" % (len(WHOLE), WHOLE),
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n" + WHOLE,
        b"",
        b"HTTP/1.1 200 OK\r\n",
        b"\x16\x03\x01\x02\x00",
    ],
    ids=["too short", "two lengths", "chunks cut", "bad chunk", "nothing", "headers cut", "TLS"],
)
def test_what_breaks_off_is_said(server: Server, data: bytes) -> None:
    """No half of an answer is taken for a whole one."""
    assert "broke off, or does not answer in HTTP" in _said(server, _raw(data))


def test_a_login_page_is_said(server: Server) -> None:
    """A proxy that wants a login redirects to a page that answers 200."""
    server.answers["/login"] = Answer(b"<html>Sign in", headers={"Content-Type": "text/html"})
    said = _said(server, Answer(b"", 302, {"Location": "/login"}))
    assert "web page (HTML): a login" in said


def test_an_answer_over_the_limit_is_said(server: Server) -> None:
    """Packed too."""
    big = b" " * (LIMIT + 1)
    assert "is larger than 1000000 bytes" in _said(server, Answer(big))
    packed = Answer(gzip.compress(big), headers={"Content-Encoding": "gzip"})
    assert "is larger than 1000000 bytes" in _said(server, packed)


def test_all_questions_together_have_a_limit(server: Server) -> None:
    """Twelve times that of one: a server that is slow each time does not keep anybody for an hour."""

    def slow(handler: BaseHTTPRequestHandler) -> None:
        time.sleep(0.05)
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(WHOLE) + WHOLE)

    server.answers["/api/v1/query"] = slow
    api, begun = _api(server, timeout=0.1), time.monotonic()
    with pytest.raises(Unanswered, match=r"not all questions were answered within 1\.2 s|no whole answer"):
        _ask_without_end(api)
    assert time.monotonic() - begun < 5


def _ask_without_end(api: Api) -> None:
    for _ in range(1000):
        api.now()


def test_native_histograms_are_named(server: Server) -> None:
    """Numbers beside them are still read."""
    rows = [
        {"metric": {"__name__": "vllm:e2e_request_latency_seconds"}, "histogram": [1, {"count": "3", "sum": "4"}]},
        {"metric": {"__name__": "vllm:num_requests_running"}, "value": [1, "2"]},
    ]
    server.answers["/api/v1/query"] = Answer(_success(rows))
    api = _api(server)
    assert [2.0] == [value for _, value in api.vector("x", 1.0)]
    assert [Histogram(3.0, 4.0), 2.0] == [value for _, value in api.values("x", 1.0)]
    assert "1 metrics are native histograms" in api.notes[0]
    assert "vllm:e2e_request_latency_seconds" in api.notes[0]
