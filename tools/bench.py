#!/usr/bin/env python3
"""What it costs to watch: queries, rules, series, scrapes and the command itself, over simulated fleets.

usage: bench.py [--engines N]… [--write docs/cost.md]
Counts of samples and series are Prometheus' own and the same on every machine; seconds are this machine's.
"""

from __future__ import annotations

import json
import math
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import click
import yaml

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "generator")]

from prometheus_client.parser import text_string_to_metric_families  # noqa: E402

from cost import Span, costs  # noqa: E402
from toolbox import Line, Server, backfill, prometheus_lines, record, running_prometheus  # noqa: E402
from vllm_observability.scrape import Limits, read_page  # noqa: E402
from vllm_observability.simulate.fleet import Fleet  # noqa: E402
from vllm_observability.simulate.story import Group, Story  # noqa: E402

END = 1_800_000_000
STEP, MINUTES, SHOWN = 30, 75, 60
PER_MODEL = 10  # engines of one model, at most
FEATURES = ["speculative", "--enable-lora", "NixlConnector", "--kv-cache-metrics"]
FORMS = {"raw": "dashboards", "fleet": "dashboards/fleet"}
CHUNK = 40  # scrapes that are written at once
RULES = [ROOT / "alerts/vllm-recording-rules.yaml", ROOT / "alerts/vllm-alerts.yaml"]
MOST_SAMPLES = "--query.max-samples=500000000"


# ------------------------------------------------------------------------------------------------ a fleet


def fleet(engines: int) -> Fleet:
    """So many servers of the newest version, features on, under a light load."""
    models = math.ceil(engines / PER_MODEL)
    shares = [engines // models + (n < engines % models) for n in range(models)]
    groups = tuple(
        Group(f"acme/model-{n}", share, setup={"features": FEATURES}, traffic={"rate": 0.1}, conditions={"drafts": 3})
        for n, share in enumerate(shares)
    )
    return Fleet(Story("bench", "", "2h", groups), END - 60 * MINUTES)


def fill(engines: int, data: Path) -> int:
    """Scrape it into a database; series of one engine."""
    made, lines, names = fleet(engines), dict[str, list[str]](), set[str]()
    steps = MINUTES * 60 // STEP
    for step in range(steps + 1):
        at = int(made.start) + step * STEP
        made.run(at)
        for series, value in made.scrape():
            lines.setdefault(series.partition("{")[0], []).append(f"{series} {value!r} {at}\n")
            names.add(series) if step == steps else None
        if step == steps or (step + 1) % CHUNK == 0:
            backfill("".join(text for group in lines.values() for text in group) + "# EOF\n", data)
            lines.clear()
    return len(names)


# --------------------------------------------------------------------------------------------- measuring


@dataclass(frozen=True)
class Boards:
    """Of one form of one board: queries and samples when it is opened, the dearest panel."""

    slug: str
    form: str
    queries: int
    samples: int
    dearest: str


@dataclass(frozen=True)
class Rules:
    """Of one group: rules, samples and seconds of one evaluation."""

    group: str
    rules: int
    samples: int
    seconds: float


@dataclass(frozen=True)
class Measured:
    """One fleet."""

    engines: int
    raw_series: int
    recorded_series: int
    boards: tuple[Boards, ...]
    rules: tuple[Rules, ...]


def measure(engines: int, line: Line) -> Measured:
    """Simulate, load, record, ask."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        data = Path(folder, "data")
        raw = fill(engines, data)
        record(data, RULES[0], END - 60 * (SHOWN + 10), END, f"{STEP}s", line)
        with running_prometheus(data, line=line, arguments=(MOST_SAMPLES,)) as server:
            found = server.query('count({__name__=~"(engine|model):vllm_.+"})', END)
            return Measured(engines, raw, int(sum(found.values())), tuple(_boards(server)), tuple(_rules(server)))


def _boards(server: Server) -> Iterator[Boards]:
    span = Span(END - 60 * SHOWN, END, STEP, rate_interval=120.0)
    for form, folder in FORMS.items():
        for path in sorted((ROOT / folder).glob("*.json")):
            found = list(costs(server, json.loads(path.read_text()), span))
            dearest = max(found, key=lambda cost: cost.samples)
            samples, queries = sum(c.samples for c in found), sum(c.queries for c in found)
            yield Boards(path.stem, form, queries, samples, dearest.panel)


def _rules(server: Server) -> Iterator[Rules]:
    for path in RULES:
        for group in yaml.safe_load(path.read_text())["groups"]:
            begin, samples = time.perf_counter(), 0
            for rule in group["rules"]:
                samples += server.samples(rule["expr"], END)[0]
            yield Rules(group["name"], len(group["rules"]), samples, time.perf_counter() - begin)


# ------------------------------------------------------------------------------------------- the command


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
    many = folder / "many.txt"
    many.write_text(_large(page.read_text(), 20_000_000))
    python = [sys.executable, "-m", "vllm_observability"]
    for form in ("text", "markdown", "html", "json"):
        yield _timed(f"analyze --format {form}", [*python, "analyze", str(page), "--format", form], page.stat().st_size)
    yield _timed("analyze, 20 MB page", [*python, "analyze", str(many), "--format", "json"], many.stat().st_size, 1)
    yield _timed("build", [*python, "build", "--out", str(folder / "out")], 0, 2)


def _large(text: str, size: int) -> str:
    """A page of many models: as a proxy in front of hundreds of servers shows it."""
    samples = [line for line in text.splitlines() if line.startswith("vllm:") and 'model_name="' in line]
    head = [line for line in text.splitlines() if line.startswith("# TYPE vllm:")]
    one = "\n".join(samples) + "\n"
    count = size // len(one)
    body = (one.replace('model_name="', f'model_name="m{n}-') for n in range(count))
    return "\n".join(head) + "\n" + "".join(body)


def _timed(what: str, command: Sequence[str], size: int, times: int = 5) -> Command:
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "generator")}
    best = math.inf
    for _ in range(times):
        begin = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=environment)
        best = min(best, time.perf_counter() - begin)
    # The largest child so far: commands come in the order of what they need.
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
    return Command(what, size, best, memory)


def parsing(folder: Path) -> tuple[float, float]:
    """Lines per second on a 20 MB page: ours, and prometheus_client's own parser."""
    text = (folder / "many.txt").read_text()
    lines = text.count("\n")
    begin = time.perf_counter()
    read_page(text.encode(), Limits(series=10**7, bytes=10**8))
    ours = time.perf_counter() - begin
    begin = time.perf_counter()
    for family in text_string_to_metric_families(text):
        del family
    return lines / ours, lines / (time.perf_counter() - begin)


# -------------------------------------------------------------------------------------------------- page


def exponent(found: Sequence[tuple[float, float]]) -> float:
    """Slope in logarithms from the first to the last point: 1 is linear."""
    (x, y), (far, high) = found[0], found[-1]
    return math.log(max(high, 1) / max(y, 1)) / math.log(far / x) if far > x else 0.0


def page(measured: Sequence[Measured], line: Line, ran: Sequence[Command], speed: tuple[float, float]) -> str:
    """docs/cost.md."""
    sizes = [one.engines for one in measured]
    heads = " | ".join(f"{n:,}" for n in sizes)
    rule = "|".join(["---:"] * len(sizes))
    lines = [
        "# What it costs to watch",
        "",
        "<!-- Written by `make bench`: don't edit. -->",
        f"Measured on {date.today().isoformat()} with Prometheus {line}: simulated fleets of vLLM 0.33.0 with",
        "speculative decoding, LoRA, NIXL and KV-cache metrics on, at most ten engines a model, scraped every 30 s.",
        "Samples and series are Prometheus' own count, the same on every machine; seconds are those of two cores.",
        "",
        "## Opening a board: samples read, one hour at 30 s",
        "",
        f"| board | form | queries | {heads} engines | growth | dearest panel |",
        f"|---|---|---:|{rule}|---:|---|",
    ]
    for index, board in enumerate(measured[-1].boards):
        row = [one.boards[index].samples for one in measured]
        numbers = " | ".join(f"{n:,}" for n in row)
        power = exponent(list(zip(map(float, sizes), map(float, row), strict=True)))
        lines.append(f"| {board.slug} | {board.form} | {board.queries} | {numbers} | {power:.2f} | {board.dearest} |")
    lines += [
        "",
        "Growth is the exponent from the smallest fleet to the largest: 1 is linear in engines. Boards of fleet form",
        "read models, not engines, wherever the panel is about models.",
        "",
        "## Rules: one evaluation of every group",
        "",
        f"| | {heads} engines |",
        f"|---|{rule}|",
        _row("series exposed", [one.raw_series for one in measured]),
        _row("series recorded", [one.recorded_series for one in measured]),
        "| recorded for each exposed | "
        + " | ".join(f"{one.recorded_series / one.raw_series:.1%}" for one in measured) + " |",
        _row("samples read", [sum(r.samples for r in one.rules) for one in measured]),
        "| seconds, one after the other | "
        + " | ".join(f"{sum(r.seconds for r in one.rules):.2f}" for one in measured) + " |",
        "| seconds of the slowest group | "
        + " | ".join(_slowest(one) for one in measured) + " |",
        "",
        "## The command",
        "",
        "| what | page | seconds | memory |",
        "|---|---:|---:|---:|",
        *(f"| {c.what} | {c.size / 1e6:.2f} MB | {c.seconds:.2f} | {c.memory / 1e6:.0f} MB |" for c in ran),
        "",
        f"Reading a page of 20 MB: {speed[0]:,.0f} lines a second, prometheus_client's own parser {speed[1]:,.0f}.",
        "",
    ]  # fmt: skip
    return "\n".join(lines)


def _row(name: str, numbers: Sequence[int]) -> str:
    return f"| {name} | " + " | ".join(f"{n:,}" for n in numbers) + " |"


def _slowest(one: Measured) -> str:
    group = max(one.rules, key=lambda rules: rules.seconds)
    return f"{group.seconds:.2f} ({group.group})"


@click.command()
@click.option("--engines", "sizes", multiple=True, type=int, default=(1, 10, 100, 1000), show_default=True)
@click.option("--write", "target", type=click.Path(path_type=Path), help="Where the page goes; else it is printed.")
def main(sizes: tuple[int, ...], target: Path | None) -> None:
    """Measure, and write the page."""
    line, measured = prometheus_lines()[0], []
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        ran = list(commands(Path(folder)))
        speed = parsing(Path(folder))
    for engines in sizes:
        begin = time.monotonic()
        measured.append(measure(engines, line))
        click.echo(f"{engines} engines: {time.monotonic() - begin:.0f} s", err=True)
    text = page(measured, line, ran, speed)
    if target:
        target.write_text(text)
    else:
        click.echo(text)


if __name__ == "__main__":
    main()
