"""A simulated fleet on HTTP, moving in step with the clock: pages, a list of them, and discovery for Prometheus."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from vllm_observability.simulate.fleet import Fleet, Replica

TICK = 0.5  # seconds between two moves of the fleet
_TEXT = "text/plain; version=0.0.4; charset=utf-8"


class Stage:
    """A fleet and its clock. `speed`: seconds of the fleet in one of ours; `begin`: seconds into its story."""

    def __init__(self, fleet: Fleet, speed: float = 1.0, begin: float = 0.0) -> None:
        self.fleet, self.speed = fleet, speed
        self._lock = threading.Lock()
        self.fleet.run(fleet.start + begin)
        self._since, self._from = time.monotonic(), self.fleet.now

    def move(self) -> None:
        """Bring the fleet to the present."""
        with self._lock:
            self.fleet.run(self._from + (time.monotonic() - self._since) * self.speed)

    def page(self, number: int) -> str | None:
        """A server's page; None where it doesn't answer."""
        with self._lock:
            replica = self.replica(number)
            return replica.server.page().text() if replica and replica.up(self.fleet.now) else None

    def replica(self, number: int) -> Replica | None:
        """The target of that number, unless it is gone."""
        if not 0 <= number < len(self.fleet.replicas):
            return None
        replica = self.fleet.replicas[number]
        return None if replica.reach == "gone" else replica

    def targets(self, address: str) -> list[dict[str, object]]:
        """Targets as Prometheus' HTTP service discovery wants them: one address, a path for each."""
        return [
            {
                "targets": [address],
                "labels": {**replica.labels, "__metrics_path__": path(number)},
            }
            for number, replica in enumerate(self.fleet.replicas)
            if replica.reach != "gone"
        ]


def path(number: int) -> str:
    """Where a server's page is."""
    return f"/engines/{number}/metrics"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    stage: Stage

    def do_GET(self) -> None:
        """Pages, discovery, and what there is."""
        place = self.path.partition("?")[0].rstrip("/") or "/"
        if place == "/sd":
            self._send(200, "application/json", json.dumps(self.stage.targets(self.headers.get("Host", ""))))
        elif place == "/":
            lines = [f"{path(n)}  {r.setup.model}  {r.reach}" for n, r in enumerate(self.stage.fleet.replicas)]
            self._send(
                200, "text/plain; charset=utf-8", "\n".join(["/sd  for Prometheus' http_sd_configs", *lines, ""])
            )
        else:
            number = _number(place)
            if number is None or self.stage.replica(number) is None:
                self._send(404, "text/plain; charset=utf-8", "Not found\n")
                return
            self._page(number)

    def _page(self, number: int) -> None:
        replica = self.stage.replica(number)
        if replica and replica.scrape_seconds:
            time.sleep(replica.scrape_seconds)
        text = self.stage.page(number)
        if text is None:
            self._send(503, "text/plain; charset=utf-8", "Not serving\n")
        else:
            self._send(200, _TEXT, text)

    def _send(self, status: int, kind: str, text: str) -> None:
        data = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        """Scrapes are no news."""


def _number(place: str) -> int | None:
    if place == "/metrics":
        return 0
    parts = place.split("/")
    return int(parts[2]) if len(parts) == 4 and parts[1::2] == ["engines", "metrics"] and parts[2].isdecimal() else None


class _Server(ThreadingHTTPServer):
    request_queue_size = 128  # a Prometheus opens a connection to every target within seconds

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that no longer waits, as after a scrape's time-out, is no error of the server."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


def server(stage: Stage, host: str, port: int) -> ThreadingHTTPServer:
    """An HTTP server over a stage; `serve_forever` runs it. OSError where the address can't be had."""
    return _Server((host, port), type("Handler", (_Handler,), {"stage": stage}))


def keep_moving(stage: Stage, stopped: threading.Event, failed: Callable[[BaseException], None]) -> None:
    """Move the stage until told to stop; runs in a thread of its own."""
    try:
        while not stopped.wait(TICK):
            stage.move()
    except BaseException as error:  # a thread's death is silent
        failed(error)
        raise
