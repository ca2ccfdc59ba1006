"""Servers as processes of this machine: started, waited for, ended with their block; the one start of Prometheus."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx

POLL = 0.02  # seconds between two questions whether a server is ready
ATTEMPTS = 3  # between finding a free port and using it, somebody else can take it


class NotStarted(AssertionError):
    """A server ended, or was not ready in time; its last words."""


@contextmanager
def process(
    command: Sequence[str | Path],
    log: Path,
    ready: str,
    seconds: float = 60,
    environment: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    *,
    killed: bool = False,
) -> Iterator[subprocess.Popen[bytes]]:
    """A server that answers at `ready` before the block begins, and is stopped after it; `killed`: at once."""
    with log.open("ab") as out:
        running = subprocess.Popen(
            command, stdout=out, stderr=subprocess.STDOUT, env=environment, cwd=cwd, start_new_session=True
        )
    try:
        deadline = time.monotonic() + seconds
        with httpx.Client(trust_env=False, verify=False) as client:  # no certificates are read, which takes long
            while not _answers(client, ready):
                if running.poll() is not None or time.monotonic() > deadline:
                    raise NotStarted(f"{command[0]} did not start:\n{log.read_text(errors='replace')[-2000:]}")
                time.sleep(POLL)
        yield running
    finally:
        if not killed:
            running.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                running.wait(20)
        running.kill()
        running.wait()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(running.pid, signal.SIGKILL)  # children that it left behind


@contextmanager
def prometheus_process(
    binary: Path,
    config: Path,
    data: Path,
    *,
    port: int = 0,
    arguments: Sequence[str] = (),
    killed: bool = False,
) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """A Prometheus with a configuration file over a database folder: its URL and process; `port` 0: a free one.

    Its log is beside the configuration, `prometheus.log`. `killed`: it need not write down what it holds in memory.
    """
    log = config.with_name("prometheus.log")
    for attempt in range(1, ATTEMPTS + 1):
        url = f"http://127.0.0.1:{port or free_port()}"
        command: list[str | Path] = [
            binary, f"--config.file={config}", f"--storage.tsdb.path={data}",
            f"--web.listen-address={url.removeprefix('http://')}", *arguments,
        ]  # fmt: skip
        with contextlib.ExitStack() as stack:
            try:
                running = stack.enter_context(process(command, log, f"{url}/-/ready", killed=killed))
            except NotStarted as error:
                if port or attempt == ATTEMPTS or "address already in use" not in str(error):
                    raise
                continue
            yield url, running
            return


def _answers(client: httpx.Client, url: str) -> bool:
    try:
        return client.get(url).status_code == 200
    except httpx.TransportError:
        return False


def free_port() -> int:
    """A port of this machine that nobody uses at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
