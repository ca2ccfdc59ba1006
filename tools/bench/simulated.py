"""Fleets of simulated engines, and the databases that a Prometheus has after scraping them."""

from __future__ import annotations

import math
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from harness.programs import RULE_FILES, Line, backfill, record
from vllm_observability.simulate.fleet import Fleet
from vllm_observability.simulate.story import Group, Story

END = 1_800_000_000
PER_MODEL = 10  # engines of one model, at most
FEATURES = ["speculative", "--enable-lora", "NixlConnector", "--kv-cache-metrics"]
_AT_ONCE = 8_000_000  # samples in one block: as many as fit in memory as text


@dataclass(frozen=True)
class History:
    """How far back a database goes: `shown` seconds, and before them so many that the longest window is full."""

    engines: int
    shown: int
    step: int = 30
    before: int = 900


@dataclass(frozen=True)
class Database:
    """Where it is, and what one engine of it has."""

    folder: Path
    history: History
    series: int  # exposed by one engine, and added by its scrape
    sample_bytes: float  # of raw blocks, their index included


def fleet(engines: int, start: float) -> Fleet:
    """So many servers of the newest version, features on, under a light load."""
    models = math.ceil(engines / PER_MODEL)
    shares = [engines // models + (n < engines % models) for n in range(models)]
    groups = tuple(
        Group(f"acme/model-{n}", share, setup={"features": FEATURES}, traffic={"rate": 0.1}, conditions={"drafts": 3})
        for n, share in enumerate(shares)
    )
    return Fleet(Story("bench", "", "2h", groups), start)


@contextmanager
def database(history: History, kept: Path, line: Line) -> Iterator[Database]:
    """Scraped and recorded. What was scraped stays in `kept` for the next run; the rest is gone after the block."""
    raw = kept / f"engines-{history.engines}-{history.shown}"
    if not (raw / "counted").exists():
        shutil.rmtree(raw, ignore_errors=True)
        counted = " ".join(map(str, _fill(history, raw / "data")))
        (raw / "counted").write_text(counted)
    series, samples = map(int, (raw / "counted").read_text().split())
    size = sum(path.stat().st_size for path in (raw / "data").rglob("*") if path.is_file())
    with TemporaryDirectory(prefix="bench-") as folder:
        data = Path(folder, "data")
        shutil.copytree(raw / "data", data, ignore=shutil.ignore_patterns("lock"))
        record(data, RULE_FILES[0], END - history.shown - history.before // 2, END, f"{history.step}s", line)
        yield Database(data, history, series // history.engines, size / samples)


def _fill(history: History, data: Path) -> tuple[int, int]:
    """Series of the last scrape, and samples of all."""
    start = END - history.shown - history.before
    made, lines = fleet(history.engines, start), dict[str, list[str]]()
    names, held, written = set[str](), 0, 0
    for at in range(start, END + 1, history.step):
        made.run(at)
        for series, value in made.scrape():
            lines.setdefault(series.partition("{")[0], []).append(f"{series} {value!r} {at}\n")
            held += 1
            if at == END:
                names.add(series)
        if at == END or held > _AT_ONCE:
            backfill("".join(text for group in lines.values() for text in group) + "# EOF\n", data)
            lines, written, held = {}, written + held, 0
    return len(names), written
