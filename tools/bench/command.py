"""What the command itself costs: whole processes, and lines read a second."""

from __future__ import annotations

import math
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from toolbox import ROOT
from vllm_observability.scrape import Limits, read_page

LARGE = {"two.txt": 2_000_000, "twenty.txt": 20_000_000}  # bytes


@dataclass(frozen=True)
class Command:
    """Whole processes: what, bytes read, best of five in seconds, memory at its most in bytes."""

    what: str
    size: int
    seconds: float
    memory: int


def commands(folder: Path) -> Iterator[Command]:
    """`analyze` in every format on a usual page and on a large one, and `build`."""
    page = ROOT / "examples/vllm-0.32.0.txt"
    for name, size in LARGE.items():
        (folder / name).write_text(_large(page.read_text(), size))
    for form in ("text", "markdown", "html", "json"):
        yield _timed(f"analyze --format {form}", ["analyze", str(page), "--format", form], page.stat().st_size)
    for name in LARGE:
        large = folder / name
        yield _timed("analyze --format json", ["analyze", str(large), "--format", "json"], large.stat().st_size, 2)
    yield _timed("build", ["build", "--out", str(folder / "out")], 0, 2)


def _large(text: str, size: int) -> str:
    """A page of many models: as a proxy in front of hundreds of servers shows it."""
    samples = [line for line in text.splitlines() if line.startswith("vllm:") and 'model_name="' in line]
    head = [line for line in text.splitlines() if line.startswith("# TYPE vllm:")]
    one = "\n".join(samples) + "\n"
    count = size // len(one)
    body = (one.replace('model_name="', f'model_name="m{n}-') for n in range(count))
    return "\n".join(head) + "\n" + "".join(body)


def _timed(what: str, arguments: list[str], size: int, times: int = 5) -> Command:
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "generator")}
    best = math.inf
    for _ in range(times):
        begin = time.perf_counter()
        command = [sys.executable, "-m", "vllm_observability", *arguments]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=environment)
        best = min(best, time.perf_counter() - begin)
    return Command(what, size, best, _memory(arguments, environment))


# What a kernel says of an ended child counts what its parent held when it was started; what a process reads of itself
# does not.
_TELLING = """
import atexit, re, runpy, sys
atexit.register(lambda: sys.stderr.write(re.search(r"VmHWM:\\s*(\\d+)", open("/proc/self/status").read())[1]))
runpy.run_module("vllm_observability", run_name="__main__", alter_sys=True)
"""


def _memory(arguments: list[str], environment: dict[str, str]) -> int:
    """Bytes at its most."""
    command = [sys.executable, "-c", _TELLING, *arguments]
    told = subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment)
    return int(told.stderr.split()[-1]) * 1024


def parsing(folder: Path) -> tuple[float, float]:
    """Lines per second on a 20 MB page: ours, and prometheus_client's own parser."""
    text = (folder / max(LARGE, key=LARGE.__getitem__)).read_text()
    lines = text.count("\n")
    begin = time.perf_counter()
    read_page(text.encode(), Limits(series=10**7, bytes=10**8))
    ours = time.perf_counter() - begin
    begin = time.perf_counter()
    for family in text_string_to_metric_families(text):
        del family
    return lines / ours, lines / (time.perf_counter() - begin)
