#!/usr/bin/env python3
"""What it costs to watch: boards, rules, series, scrapes and the command itself, over simulated fleets.

Counts of samples and series are Prometheus' own and the same on every machine; seconds are this machine's.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import click

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(Path(__file__).resolve().parent), str(ROOT / "tests"), str(ROOT / "generator")]

from command import commands, parsing  # noqa: E402
from cost_page import Figures, Long, Measured, page  # noqa: E402
from opening import MOST_SAMPLES, evaluated, opened, recorded  # noqa: E402
from scraped import Live, live  # noqa: E402
from simulated import RULES, History, database, fleet  # noqa: E402

from toolbox import Line, prometheus_lines, running_prometheus  # noqa: E402

HOUR, DAY = 3600, 24 * 3600
LONG = {"vllm-": History(10, DAY), "vllm-slo": History(1, 7 * DAY, step=60)}  # boards by what their name holds


@click.command()
@click.option("--engines", "sizes", multiple=True, type=int, default=(1, 10, 100, 1000), show_default=True)
@click.option("--write", "target", type=click.Path(path_type=Path), help="Where the page goes; else it is printed.")
def main(sizes: tuple[int, ...], target: Path | None) -> None:
    """Measure, and write the page."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        ran, speed = tuple(commands(Path(folder))), parsing(Path(folder))
    lines = prometheus_lines()
    watched = tuple(_live(sizes, lines))
    measured = tuple(_measured(size, lines) for size in sizes)
    long = tuple(_long(lines[-1]))
    figures = Figures(date.today(), tuple(map(str, lines)), measured, long, watched, ran, speed)
    if target:
        target.write_text(page(figures))
    else:
        click.echo(page(figures))


@contextmanager
def _told(what: str) -> Iterator[None]:
    begin = time.monotonic()
    yield
    click.echo(f"{what}: {time.monotonic() - begin:.0f} s", err=True)


def _measured(engines: int, lines: Sequence[Line]) -> Measured:
    """Boards and rules over an hour, by every Prometheus over one database."""
    history = History(engines, HOUR)
    with _told(f"{engines} engines, an hour"), database(history, lines[0]) as made:
        boards, rules = {}, {}
        for line in lines:
            with running_prometheus(made.folder, line=line, arguments=(MOST_SAMPLES,)) as server:
                boards[str(line)], rules[str(line)] = tuple(opened(server, history)), tuple(evaluated(server))
                series = recorded(server)
        return Measured(engines, made.series, series, boards, rules)


def _long(line: Line) -> Iterator[Long]:
    """Boards over more than an hour."""
    for only, history in LONG.items():
        with (
            _told(f"{history.engines} engines, {history.shown // DAY} d"),
            database(history, line) as made,
            running_prometheus(made.folder, line=line, arguments=(MOST_SAMPLES,)) as server,
        ):
            yield Long(history, made.sample_bytes, tuple(opened(server, history, only)))


def _live(sizes: Sequence[int], lines: Sequence[Line]) -> Iterator[Live]:
    """The two largest fleets by the newest Prometheus, the largest by the oldest as well."""
    for size, line in [*((size, lines[-1]) for size in sorted(sizes)[-2:]), (max(sizes), lines[0])]:
        with tempfile.TemporaryDirectory(prefix="bench-") as folder, _told(f"{size} engines scraped by {line}"):
            yield live(fleet(size, time.time() - 60), RULES, Path(folder), line)


if __name__ == "__main__":
    main()
