#!/usr/bin/env python3
"""What it costs to watch: boards, rules, series, scrapes and the command itself, over simulated fleets.

Counts of samples and series are Prometheus' own and the same on every machine; seconds are this machine's.
"""

from __future__ import annotations

import pickle
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import click
from command import Command, commands, parsing
from cost_page import Figures, Long, Measured, page
from opening import MOST_SAMPLES, evaluated, opened
from scraped import Live, live
from simulated import END, History, database, fleet

from harness.cost import recorded
from harness.programs import RULE_FILES, Line, prometheus_lines, running_prometheus

ROOT = Path(__file__).resolve().parent.parent.parent
HOUR, DAY = 3600, 24 * 3600
SIZES = (1, 10, 100, 1000)  # engines
LIVE = ((100, "newest"), (1000, "newest"), (1000, "oldest"))  # engines, and which Prometheus
LONG = {"vllm-": History(10, DAY), "vllm-slo": History(1, 7 * DAY, step=60)}  # boards by what their name holds
KEPT = ROOT / ".local/bench"
PAGE = ROOT / "docs/cost.md"


@click.command()
@click.option(
    "--only",
    "wanted",
    multiple=True,
    type=click.Choice(["command", "live", "hour", "long"]),
    help="Measure this; the rest is what earlier runs have left in .local/bench.",
)
@click.option(
    "--engines",
    "sizes",
    multiple=True,
    type=click.Choice([str(size) for size in SIZES]),
    help="Measure fleets of this size (hour, live) and leave the others as they are.",
)
@click.option("--write", "target", type=click.Path(path_type=Path), default=PAGE, show_default=True, help="The page.")
def main(wanted: tuple[str, ...], sizes: tuple[str, ...], target: Path) -> None:
    """Measure, and write the page."""
    parts = _parts()
    KEPT.mkdir(parents=True, exist_ok=True)
    for name, measure in parts.items():
        kind, _, rest = name.partition("-")
        if (not wanted or kind in wanted) and (not sizes or not rest or rest.partition("-")[0] in sizes):
            with _told(name):
                (KEPT / name).write_bytes(pickle.dumps(measure()))
    if missing := [name for name in parts if not (KEPT / name).exists()]:
        raise click.ClickException(f"no page yet, as these were not measured: {', '.join(missing)}")
    found = {name: pickle.loads((KEPT / name).read_bytes()) for name in parts}
    hour, live = (tuple(found[name] for name in parts if name.startswith(kind)) for kind in ("hour-", "live-"))
    oldest = min((KEPT / name).stat().st_mtime for name in parts)
    on, versions = date.fromtimestamp(oldest), tuple(map(str, prometheus_lines()))
    target.write_text(page(Figures(on, versions, hour, found["long"], live, *found["command"])))


def _parts() -> dict[str, Callable[[], Any]]:
    """What can be measured by itself: the figure's kind, and the size of the fleet it is of."""
    lines = prometheus_lines()
    by_age = {"oldest": lines[0], "newest": lines[-1]}
    return {
        "command": _command,
        **{f"live-{size}-{age}": partial(_live, size, by_age[age]) for size, age in LIVE},
        **{f"hour-{size}": partial(_hour, size, lines) for size in SIZES},
        "long": lambda: tuple(_long(lines[-1])),
    }


def _command() -> tuple[tuple[Command, ...], tuple[float, float]]:
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        return tuple(commands(Path(folder))), parsing(Path(folder))


def _live(size: int, line: Line) -> Live:
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        return live(fleet(size, time.time() - 60), RULE_FILES, Path(folder), line)


@contextmanager
def _told(what: str) -> Iterator[None]:
    begin = time.monotonic()
    yield
    click.echo(f"{what}: {time.monotonic() - begin:.0f} s", err=True)


def _hour(engines: int, lines: Sequence[Line]) -> Measured:
    """Boards and rules over an hour, by every Prometheus over one database."""
    history = History(engines, HOUR)
    with database(history, KEPT, lines[0]) as made:
        boards, rules = {}, {}
        for line in lines:
            with running_prometheus(made.folder, line=line, arguments=(MOST_SAMPLES,)) as server:
                boards[str(line)], rules[str(line)] = tuple(opened(server, history)), tuple(evaluated(server))
                series = recorded(server, END)
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
