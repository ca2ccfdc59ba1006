"""Stores that answer like a Prometheus: the real VictoriaMetrics gives the same, and so does a proxy with limits."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest
from click.testing import CliRunner

from harness.history import ALL_FEATURES, Replica, history
from harness.processes import free_port, process
from harness.programs import (
    ROOT,
    Labels,
    Server,
    backfill,
    openmetrics_line,
    prometheus_lines,
    record,
    running_prometheus,
    tool,
)
from vllm_observability.command.cli import main
from vllm_observability.doctor import Diagnosis, examine
from vllm_observability.pages.sources import Access
from vllm_observability.prometheus import Api, Question, read_prometheus
from vllm_observability.report import Report, analyse
from vllm_observability.settings import Settings

AT = 1_750_000_000.0  # where a test chooses the time
LINE = prometheus_lines()[0]
FLEET = (
    Replica("a:8000", features=ALL_FEATURES),
    Replica("b:8000", incident="stalled"),
    Replica("old:8000", "acme/old", "0.9.2"),
)
ACCESS = Access(timeout=60)


@contextmanager
def victoria_metrics(folder: Path, pages: str) -> Iterator[str]:
    """A VictoriaMetrics that was given these samples; its URL."""
    url = f"http://127.0.0.1:{free_port()}"
    folder.mkdir()
    command = [
        tool("victoria-metrics"),
        f"-storageDataPath={folder / 'data'}",
        f"-httpListenAddr={url[7:]}",
        "-retentionPeriod=10y",
        "-search.disableCache",
        "-maxLabelsPerTimeseries=60",  # cache_config_info has more than 30
    ]
    with process(command, folder / "log", f"{url}/health"), httpx.Client(trust_env=False, timeout=60) as client:
        client.post(f"{url}/api/v1/import/prometheus", content=pages).raise_for_status()
        client.get(f"{url}/internal/force_flush").raise_for_status()
        yield url


def in_milliseconds(text: str) -> str:
    """OpenMetrics' seconds as the older format has them."""
    lines = (line.rpartition(" ") for line in text.splitlines() if line and not line.startswith("#"))
    return "".join(f"{start} {float(at) * 1000:.0f}\n" for start, _, at in lines)


class Stores(NamedTuple):
    """A Prometheus and a VictoriaMetrics with the same samples, and a time that these cover."""

    urls: tuple[str, str]
    at: float


def _recorded(server: Server, at: float) -> str:
    """Everything that the rules have recorded, as text."""
    found = Api(server.url, ACCESS, 64_000_000).ask('{__name__=~"(engine|model):.+"}[1h]', at)
    return "".join(
        f"{row.labels['__name__']}{{{','.join(f'{k}={json.dumps(v)}' for k, v in row.labels.items() if k[0] != '_')}}}"
        f" {value!r} {at * 1000:.0f}\n"
        for row in found.rows
        for at, value in row.points
    )


@pytest.fixture(scope="module", params=[False, True], ids=["raw", "recorded"])
def stores(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stores]:
    """Samples up to this moment: VictoriaMetrics takes none from the future, and the command asks for now."""
    folder = tmp_path_factory.mktemp("stores")
    end = float(int(time.time()) // 30 * 30)
    text = history(FLEET, end, 75)
    backfill(text, folder / "tsdb", LINE)
    if request.param:
        record(folder / "tsdb", ROOT / "alerts/vllm-recording-rules.yaml", end - 3600, end, line=LINE)
    with running_prometheus(folder / "tsdb", line=LINE) as server:
        more = _recorded(server, end) if request.param else ""
        with victoria_metrics(folder / "vm", in_milliseconds(text) + more) as url:
            yield Stores((server.url, url), end - 91)


def _report(url: str, at: float = AT) -> Report:
    settings = Settings()
    return analyse(*read_prometheus(url, Question(since=1800, at=at), ACCESS, settings), settings)


def _examined(url: str, at: float = AT) -> Diagnosis:
    return examine(Api(url, ACCESS, 64_000_000), Settings(), at)


def _figures(report: Report) -> dict[tuple[str, Labels], float]:
    return {(f.id, tuple(sorted(f.labels.items()))): f.value for f in report.figures}


def test_victoria_metrics_gives_the_report_that_prometheus_gives(stores: Stores) -> None:
    """Every figure and every finding."""
    plain_one, victoria = (_report(url, stores.at) for url in stores.urls)

    assert len(plain_one.figures) > 60
    assert _figures(plain_one) == pytest.approx(_figures(victoria), rel=1e-9)
    of = [sorted((f.id, f.severity, f.labels) for f in each.findings) for each in (plain_one, victoria)]
    assert of[0] == of[1]


def test_victoria_metrics_gives_the_diagnosis_that_prometheus_gives(stores: Stores) -> None:
    """Every problem, panel, alert and count of series."""
    plain_one, victoria = (asdict(_examined(url, stores.at)) | {"source": ""} for url in stores.urls)

    assert len(plain_one["panels"]) > 150
    assert plain_one == victoria


@pytest.mark.parametrize("span", ["week", "incident"])
def test_victoria_metrics_gives_the_review_that_prometheus_gives(stores: Stores, span: str) -> None:
    """Of an hour as a week and as an incident: signs, engines, times and words are the same. A rate is no question of
    the store: Prometheus extends one to the edges of its window and VictoriaMetrics does not, so numbers are near.
    """
    asked = ("--since", "1h") if span == "week" else ("--from", str(int(stores.at - 3600)))
    told = []
    for url in stores.urls:
        words = ["review", "--prometheus", url, *asked, "--to", str(int(stores.at)), "--format", "json"]
        done = CliRunner().invoke(main, words)
        assert 0 == done.exit_code, done.output
        told.append(json.loads(done.stdout.replace(url, "")))

    one, other = (dict(_leaves(each)) for each in told)
    numbers = {at: value for at, value in one.items() if isinstance(value, float) and value < AT}

    assert len(numbers) > 50
    assert {**other, **numbers} == one
    assert {at: other[at] for at in numbers} == pytest.approx(numbers, rel=0.05, abs=0.01)


def _leaves(told: Any, at: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Every word and number of a report, with its place."""
    if isinstance(told, (dict, list)):
        yield (*at, "how many"), len(told)
        for place, held in told.items() if isinstance(told, dict) else enumerate(told):
            yield from _leaves(held, (*at, place))
    else:
        yield at, told


def test_on_the_command_line(stores: Stores) -> None:
    """By each server's own clock, which goes on while the samples end."""
    for url in stores.urls:
        done = CliRunner().invoke(main, ["analyze", "--prometheus", url, "--since", "30m", "--format", "json"])
        assert (0, "") == (done.exit_code, done.stderr)
        assert "acme/old" in done.stdout
        done = CliRunner().invoke(main, ["doctor", "--prometheus", url])
        assert (True, "") == (done.exit_code in (0, 1), done.stderr)
        assert "Fleet panels: " in done.stdout or "recording rules are not loaded" in done.stdout


# ------------------------------------------------------------------------------------- a proxy with default limits

LONGEST = 8192  # nginx' large_client_header_buffers: a longer request line is answered with 414
SERVERS = [f"vllm-{n:04}.vllm.llm.svc.cluster.local:8000" for n in range(1000)]


@contextmanager
def _proxy(of: str, refuses_post: bool) -> Iterator[tuple[str, list[int]]]:
    """A proxy before a server; its URL, and the lengths of the request lines that came."""
    lengths: list[int] = []
    client = httpx.Client(trust_env=False, timeout=60)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            lengths.append(len(self.raw_requestline))
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if self.command == "POST" and refuses_post:
                self._give(405, b"<html>405 Not Allowed</html>", "text/html")
            elif len(self.raw_requestline) > LONGEST:
                self._give(414, b"<html>414 Request-URI Too Large</html>", "text/html")
            else:
                kind = {"Content-Type": self.headers.get("Content-Type", "")}
                url = f"{of}{self.path}"
                given = client.request(self.command, url, content=body, headers=kind)
                self._give(given.status_code, given.content, "application/json")

        do_POST = do_GET

        def _give(self, status: int, body: bytes, kind: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing on the terminal."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", lengths
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        client.close()


@pytest.fixture(scope="module")
def thousand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Prometheus with a thousand servers; its URL."""
    folder = tmp_path_factory.mktemp("thousand")
    families = {
        "vllm:num_requests_running": {"model_name": "acme/chat", "engine": "0"},
        "vllm:generation_tokens_total": {"model_name": "acme/chat", "engine": "0"},
        "process_resident_memory_bytes": {},
        "up": {},
    }
    lines = [
        openmetrics_line(name, {**labels, "job": "vllm", "instance": server}, 1.0 + n, AT - 30 + n % 2 - 1800 * ago)
        for name, labels in families.items()
        for n, server in enumerate(SERVERS)
        for ago in (1, 0)
    ]
    backfill("".join(lines) + "# EOF\n", folder, LINE)
    with running_prometheus(folder, line=LINE) as server:
        yield server.url


@pytest.mark.parametrize("refuses_post", [False, True], ids=["post", "get"])
def test_a_thousand_servers_behind_a_proxy_with_default_limits(thousand: str, refuses_post: bool) -> None:
    """The report and the diagnosis are those without a proxy, also where it lets only GET pass."""
    with _proxy(thousand, refuses_post) as (url, lengths):
        direct, behind = _report(thousand), _report(url)
        assert _figures(direct) == _figures(behind)
        assert [1000.0] == [f.value for f in behind.figures if f.id == "process_resident_memory_bytes"]
        assert asdict(_examined(thousand)) | {"source": ""} == asdict(_examined(url)) | {"source": ""}
    assert max(lengths) <= LONGEST
