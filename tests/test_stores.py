"""Stores that answer like a Prometheus: the real VictoriaMetrics over the same fleet gives the same."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner

from harness.history import ALL_FEATURES, Replica, history
from harness.programs import (
    ROOT,
    Labels,
    Server,
    backfill,
    free_port,
    prometheus_lines,
    record,
    running_prometheus,
    tool,
)
from harness.stack import process
from vllm_observability.command.cli import main
from vllm_observability.doctor import Diagnosis, examine
from vllm_observability.pages.sources import Access
from vllm_observability.prometheus import Api, Question, read_prometheus
from vllm_observability.report import Report, analyse
from vllm_observability.settings import Settings

# Just now, for VictoriaMetrics takes nothing from the future and `now` is asked of each server.
END = float(int(time.time()) // 30 * 30)
AT = END - 91
LINE = prometheus_lines()[0]
FLEET = (
    Replica("a:8000", features=ALL_FEATURES),
    Replica("b:8000", incident="stalled"),
    Replica("old:8000", "acme/old", "0.9.2"),
)
ACCESS = Access(timeout=60)


@contextmanager
def _victoria_metrics(folder: Path, pages: str) -> Iterator[str]:
    """A VictoriaMetrics that was given these samples; its URL."""
    url = f"http://127.0.0.1:{free_port()}"
    folder.mkdir()
    command = [
        tool("victoria-metrics"), f"-storageDataPath={folder / 'data'}", f"-httpListenAddr={url[7:]}",
        "-retentionPeriod=10y", "-search.disableCache",
    ]  # fmt: skip
    with process(command, folder / "log", f"{url}/health"), httpx.Client(trust_env=False, timeout=60) as client:
        client.post(f"{url}/api/v1/import/prometheus", content=pages).raise_for_status()
        client.get(f"{url}/internal/force_flush").raise_for_status()
        yield url


def _in_milliseconds(text: str) -> str:
    """OpenMetrics' seconds as the older format has them."""
    lines = (line.rpartition(" ") for line in text.splitlines() if line and not line.startswith("#"))
    return "".join(f"{start} {float(at) * 1000:.0f}\n" for start, _, at in lines)


def _recorded(server: Server) -> str:
    """Everything that the rules have recorded, as text."""
    found = Api(server.url, ACCESS, 64_000_000).ask('{__name__=~"(engine|model):.+"}[1h]', END)
    return "".join(
        f"{row.labels['__name__']}{{{','.join(f'{k}={json.dumps(v)}' for k, v in row.labels.items() if k[0] != '_')}}}"
        f" {value!r} {at * 1000:.0f}\n"
        for row in found.rows
        for at, value in row.points
    )


@pytest.fixture(scope="module", params=[False, True], ids=["raw", "recorded"])
def stores(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """The URLs of a Prometheus and of a VictoriaMetrics with the same samples."""
    folder = tmp_path_factory.mktemp("stores")
    text = history(FLEET, END, 75)
    backfill(text, folder / "tsdb", LINE)
    if request.param:
        record(folder / "tsdb", ROOT / "alerts/vllm-recording-rules.yaml", END - 3600, END, line=LINE)
    with running_prometheus(folder / "tsdb", line=LINE) as server:
        more = _recorded(server) if request.param else ""
        with _victoria_metrics(folder / "vm", _in_milliseconds(text) + more) as url:
            yield server.url, url


def _report(url: str) -> Report:
    settings = Settings()
    return analyse(*read_prometheus(url, Question(since=1800, at=AT), ACCESS, settings), settings)


def _examined(url: str) -> Diagnosis:
    return examine(Api(url, ACCESS, 64_000_000), Settings(), AT)


def _figures(report: Report) -> dict[tuple[str, Labels], float]:
    return {(f.id, tuple(sorted(f.labels.items()))): f.value for f in report.figures}


def test_victoria_metrics_gives_the_report_that_prometheus_gives(stores: tuple[str, str]) -> None:
    """Every figure and every finding."""
    prometheus, victoria = map(_report, stores)

    assert len(prometheus.figures) > 60
    assert _figures(prometheus) == pytest.approx(_figures(victoria), rel=1e-9)
    of = [sorted((f.id, f.severity, f.labels) for f in each.findings) for each in (prometheus, victoria)]
    assert of[0] == of[1]


def test_victoria_metrics_gives_the_diagnosis_that_prometheus_gives(stores: tuple[str, str]) -> None:
    """Every problem, panel, alert and count of series."""
    prometheus, victoria = (asdict(_examined(url)) | {"source": ""} for url in stores)

    assert len(prometheus["panels"]) > 150
    assert prometheus == victoria


def test_on_the_command_line(stores: tuple[str, str]) -> None:
    """By each server's own clock, which goes on while the samples end."""
    for url in stores:
        done = CliRunner().invoke(main, ["analyze", "--prometheus", url, "--since", "30m", "--format", "json"])
        assert (0, "") == (done.exit_code, done.stderr)
        assert "acme/old" in done.stdout
        done = CliRunner().invoke(main, ["doctor", "--prometheus", url])
        assert (True, "") == (done.exit_code in (0, 1), done.stderr)
        assert "Fleet panels: " in done.stdout or "recording rules are not loaded" in done.stdout
