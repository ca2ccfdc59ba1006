"""A small monitoring stack on this machine: Alertmanager, a receiver of its messages, a Prometheus that scrapes.

Each is a context manager: it listens on a free port of 127.0.0.1 and ends with its block.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import yaml

from harness.processes import free_port, process, prometheus_process
from harness.programs import Line, tool, tree_of
from vllm_observability.simulate.serve import Stage, keep_moving
from vllm_observability.simulate.serve import server as fleet_server

Alert = Mapping[str, Any]  # as Alertmanager sends it: status, labels, annotations, startsAt, endsAt


@dataclass
class Inbox:
    """What came: (arrival in Unix seconds, alert)."""

    url: str
    got: list[tuple[float, Alert]] = field(default_factory=list)

    def wait(self, wanted: Callable[[Alert], bool], seconds: float) -> tuple[float, Alert]:
        """The first alert that is wanted; AssertionError where none comes in time."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            for at, alert in list(self.got):
                if wanted(alert):
                    return at, alert
            time.sleep(0.1)
        came = sorted({f"{alert['labels']['alertname']} {alert['status']}" for _, alert in self.got})
        raise AssertionError(f"not in {seconds:.0f} s; what came: {came}")


@contextmanager
def webhook(told: Callable[[Alert], None] = lambda _: None) -> Iterator[Inbox]:
    """A receiver of Alertmanager's webhook; `told` hears of each alert."""
    inbox = Inbox("")

    class Handler(BaseHTTPRequestHandler):
        """Takes messages."""

        def do_POST(self) -> None:
            """One message, of one or more alerts."""
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            for alert in body["alerts"]:
                inbox.got.append((time.time(), alert))
                told(alert)
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    with _serving(ThreadingHTTPServer(("127.0.0.1", 0), Handler)) as address:
        inbox.url = f"http://{address}/"
        yield inbox


@contextmanager
def fleet(stage: Stage, port: int = 0) -> Iterator[str]:
    """A simulated fleet that moves with the clock; its address."""
    stopped = threading.Event()
    mover = threading.Thread(target=keep_moving, args=(stage, stopped, lambda _: None), daemon=True)
    with _serving(fleet_server(stage, "127.0.0.1", port)) as address:
        mover.start()
        try:
            yield address
        finally:
            stopped.set()
            mover.join()


@contextmanager
def _serving(http: ThreadingHTTPServer) -> Iterator[str]:
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True)
    thread.start()
    try:
        yield f"127.0.0.1:{http.server_address[1]}"
    finally:
        http.shutdown()
        http.server_close()
        thread.join()


@contextmanager
def alertmanager(config: Mapping[str, Any], folder: Path, port: int = 0) -> Iterator[str]:
    """An Alertmanager with that configuration; its URL. It keeps its state in `folder`."""
    port, folder = port or free_port(), folder.absolute()  # it does not run where this does
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "alertmanager.yml"
    path.write_text(yaml.safe_dump(dict(config)))
    with alertmanager_of(path, port) as url:
        yield url


@contextmanager
def alertmanager_of(config: Path, port: int) -> Iterator[str]:
    """An Alertmanager with a configuration file (its whole path); its URL. It keeps its state beside the file."""
    program = tool("prometheus-alertmanager")
    command: list[str | Path] = [
        program, f"--config.file={config}", f"--storage.path={config.parent / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}", "--cluster.listen-address=",
    ]  # fmt: skip
    url = f"http://127.0.0.1:{port}"
    with process(command, config.with_suffix(".log"), f"{url}/-/ready", cwd=tree_of(program)):
        yield url


@contextmanager
def prometheus(
    config: Mapping[str, Any], folder: Path, port: int = 0, line: Line | None = None, arguments: Sequence[str] = ()
) -> Iterator[str]:
    """A Prometheus with that configuration; its URL. Its database stays in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "prometheus.yml"
    path.write_text(yaml.safe_dump(dict(config)))
    binary = line.prometheus if line else tool("prometheus")
    with prometheus_process(binary, path, folder / "data", port=port, arguments=arguments) as (url, _):
        yield url


def scraping(job: Mapping[str, Any], alerts_to: str, rules: Sequence[Path], interval: str = "15s") -> dict[str, Any]:
    """A Prometheus configuration: one scrape job, these rules, that Alertmanager."""
    return {
        "global": {"scrape_interval": interval, "evaluation_interval": interval},
        "rule_files": [str(path) for path in rules],
        "alerting": {"alertmanagers": [{"static_configs": [{"targets": [alerts_to.removeprefix("http://")]}]}]},
        "scrape_configs": [job],
    }


def routing(receiver: str, wait: str = "1s") -> dict[str, Any]:
    """An Alertmanager configuration that sends everything to one webhook."""
    return {
        "route": {
            "receiver": "all", "group_by": ["alertname", "model_name"], "group_wait": wait, "group_interval": "5s",
            "repeat_interval": "1h",
        },
        "receivers": [{"name": "all", "webhook_configs": [{"url": receiver, "send_resolved": True}]}],
    }  # fmt: skip
