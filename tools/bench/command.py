"""What the command itself costs: whole processes, and lines read a second."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from harness.programs import ROOT
from vllm_observability.pages.scrape import Limits, read_page

LARGE = {"two.txt": 2_000_000, "twenty.txt": 20_000_000}  # bytes


@dataclass(frozen=True)
class Command:
    """Whole processes: what, bytes read, best of five in seconds, memory at its most in bytes."""

    what: str
    size: int
    seconds: float
    memory: int


def commands(folder: Path) -> Iterator[Command]:
    """`analyze` in every format on a usual page and on large ones, and `build`; code is compiled before it counts."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment |= {"PYTHONPATH": str(ROOT / "generator"), "PYTHONPYCACHEPREFIX": str(folder / "compiled")}

    def timed(*arguments: str, page: Path | None = None, times: int = 2) -> Command:
        seconds = min(_seconds(arguments, environment) for _ in range(times))
        size = page.stat().st_size if page else 0
        return Command(" ".join(arguments[:1] + arguments[2:]), size, seconds, _memory(arguments, environment))

    usual = ROOT / "examples/vllm-0.32.0.txt"
    for form in ("text", "markdown", "html", "json"):
        yield timed("analyze", str(usual), "--format", form, page=usual, times=9)
    for name, size in LARGE.items():
        large = folder / name
        large.write_text(_large(usual.read_text(), size))
        yield timed("analyze", str(large), "--format", "json", page=large)
    yield timed("build", f"--out={folder / 'out'}")


def _large(text: str, size: int) -> str:
    """A page of many models: as a proxy in front of hundreds of servers shows it."""
    samples = [line for line in text.splitlines() if line.startswith("vllm:") and 'model_name="' in line]
    head = [line for line in text.splitlines() if line.startswith("# TYPE vllm:")]
    one = "\n".join(samples) + "\n"
    count = size // len(one)
    body = (one.replace('model_name="', f'model_name="m{n}-') for n in range(count))
    return "\n".join(head) + "\n" + "".join(body)


def _seconds(arguments: Sequence[str], environment: Mapping[str, str]) -> float:
    """Of the whole process."""
    begin = time.perf_counter()
    command = [sys.executable, "-m", "vllm_observability", *arguments]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=environment)
    return time.perf_counter() - begin


# What a kernel says of an ended child counts what its parent held when it was started; what a process reads of itself
# does not.
_TELLING = """
import atexit, re, runpy, sys
atexit.register(lambda: sys.stderr.write(re.search(r"VmHWM:\\s*(\\d+)", open("/proc/self/status").read())[1]))
runpy.run_module("vllm_observability", run_name="__main__", alter_sys=True)
"""


def _memory(arguments: Sequence[str], environment: Mapping[str, str]) -> int:
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
