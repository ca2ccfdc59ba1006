#!/usr/bin/env python3
"""What it costs to watch: boards, rules, series, scrapes and the command itself, over simulated fleets.

Counts of samples and series are Prometheus' own and the same on every machine; seconds are this machine's.
"""

from __future__ import annotations

import pickle
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import click

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(Path(__file__).resolve().parent), str(ROOT / "tests"), str(ROOT / "generator")]

from command import Command, commands, parsing  # noqa: E402
from cost_page import Figures, Long, Measured, page  # noqa: E402
from opening import MOST_SAMPLES, evaluated, opened, recorded  # noqa: E402
from scraped import Live, live  # noqa: E402
from simulated import RULES, History, database, fleet  # noqa: E402

from toolbox import Line, prometheus_lines, running_prometheus  # noqa: E402

HOUR, DAY = 3600, 24 * 3600
SIZES = (1, 10, 100, 1000)  # engines
LONG = {"vllm-": History(10, DAY), "vllm-slo": History(1, 7 * DAY, step=60)}  # boards by what their name holds
KEPT = ROOT / ".local/bench"
PAGE = ROOT / "docs/cost.md"


@click.command()
@click.option("--only", "wanted", multiple=True, type=click.Choice(["command", "live", "hour", "long"]))
@click.option("--engines", "sizes", multiple=True, type=int, default=SIZES, show_default=True)
@click.option("--write", "target", type=click.Path(path_type=Path), default=PAGE, show_default=True)
def main(wanted: tuple[str, ...], sizes: tuple[int, ...], target: Path) -> None:
    """Measure, and write the page; with --only the rest is what an earlier run has left in .local/bench."""
    lines = prometheus_lines()
    parts: dict[str, Callable[[], Any]] = {
        "command": _command,
        "live": lambda: tuple(_live(sizes, lines)),
        "hour": lambda: tuple(_hour(size, lines) for size in sizes),
        "long": lambda: tuple(_long(lines[-1])),
    }
    KEPT.mkdir(parents=True, exist_ok=True)
    for name in wanted or parts:
        with _told(name):
            (KEPT / name).write_bytes(pickle.dumps(parts[name]()))
    if missing := [name for name in parts if not (KEPT / name).exists()]:
        click.echo(f"No page yet: {', '.join(missing)} not measured.")
        return
    (ran, speed), live, hour, long = (pickle.loads((KEPT / name).read_bytes()) for name in parts)
    oldest = min((KEPT / name).stat().st_mtime for name in parts)
    on, versions = date.fromtimestamp(oldest), tuple(map(str, lines))
    target.write_text(page(Figures(on, versions, hour, long, live, ran, speed)))


def _command() -> tuple[tuple[Command, ...], tuple[float, float]]:
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        return tuple(commands(Path(folder))), parsing(Path(folder))


def _live(sizes: Sequence[int], lines: Sequence[Line]) -> Iterator[Live]:
    """The two largest fleets by the newest Prometheus, the largest by the oldest as well."""
    for size, line in [*((size, lines[-1]) for size in sorted(sizes)[-2:]), (max(sizes), lines[0])]:
        with tempfile.TemporaryDirectory(prefix="bench-") as folder, _told(f"{size} engines scraped by {line}"):
            yield live(fleet(size, time.time() - 60), RULES, Path(folder), line)


@contextmanager
def _told(what: str) -> Iterator[None]:
    begin = time.monotonic()
    yield
    click.echo(f"{what}: {time.monotonic() - begin:.0f} s", err=True)


def _hour(engines: int, lines: Sequence[Line]) -> Measured:
    """Boards and rules over an hour, by every Prometheus over one database."""
    history = History(engines, HOUR)
    with _told(f"{engines} engines, an hour"), database(history, KEPT, lines[0]) as made:
        boards, rules = {}, {}
        for line in lines:
            with running_prometheus(made.folder, line=line, arguments=(MOST_SAMPLES,)) as server:
                boards[str(line)], rules[str(line)] = tuple(opened(server, history)), tuple(evaluated(server))
                series = recorded(server)
        return Measured(engines, made.series, series, boards, rules)


def _long(line: Line) -> Iterator[Long]:
    """Boards and rules over more than an hour."""
    for only, history in LONG.items():
        with (
            _told(f"{history.engines} engines, {history.shown // DAY} d"),
            database(history, KEPT, line) as made,
            running_prometheus(made.folder, line=line, arguments=(MOST_SAMPLES,)) as server,
        ):
            boards = tuple(opened(server, history, only))
            yield Long(history, made.sample_bytes, boards, tuple(evaluated(server)))


if __name__ == "__main__":
    main()
