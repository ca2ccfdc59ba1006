"""What binds each engine: the board's state held to the simulator, which knows it, minute by minute."""

from __future__ import annotations

import json
import re
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

from harness.boardlint import panels
from harness.cost import FORMS, asked
from harness.programs import Server, backfill, running_prometheus
from vllm_observability.catalog.tuning_signals import BINDS_WORDS
from vllm_observability.simulate.engine import Bound
from vllm_observability.simulate.fleet import Fleet
from vllm_observability.simulate.story import Story, duration

EPOCH = 1_800_057_600  # midnight
EVERY, MINUTE = 15, 60  # seconds between scrapes, and of one verdict
CHUNK = 6 * 3600  # seconds of samples that are written at once
WORDS: Mapping[Bound, str] = {
    "kv": "KV blocks", "seqs": "sequences", "tokens": "step tokens", "decode": "decode", "idle": "idle",
    "stalled": "no step",
}  # fmt: skip
PANEL = "What binds each engine"
NONE = "nothing"  # what the board shows where it has no answer

Minute = tuple[str, str, float]  # instance, engine, end of the minute
Seconds = dict[
    tuple[str, str], tuple[int, dict[Bound, float]]
]  # of each engine that is scraped: which process, seconds


def confusion(story: Story) -> Counter[tuple[str, str]]:
    """(what bound an engine, what the board shows) -> minutes, of every engine that was scraped throughout a minute."""
    asks = query()
    every = duration(story.scrape_every, EVERY)
    with tempfile.TemporaryDirectory(prefix="binding-") as folder:
        data = Path(folder, "data")
        truth = _scraped(story, data, frozenset(re.findall(r"vllm:\w+", asks)), every)
        arguments = (f"--query.lookback-delta={1500 * every:.0f}ms",)
        with running_prometheus(data, arguments=arguments) as server:
            shown = _shown(server, asks, duration(story.lasts), max(MINUTE, 4 * every))
    return Counter((bound, shown.get(minute, NONE)) for minute, bound in truth.items())


def held(found: Counter[tuple[str, str]]) -> float:
    """Share of the minutes in which the board shows what is true."""
    return sum(count for (bound, shown), count in found.items() if bound == shown) / found.total()


def query() -> str:
    """The board's own, raw."""
    board = json.loads((FORMS["raw"] / "vllm-tuning.json").read_text())
    expr: str = next(panel["targets"][0]["expr"] for panel in panels(board) if panel["title"] == PANEL)
    return expr


def _scraped(story: Story, data: Path, wanted: frozenset[str], every: float) -> dict[Minute, str]:
    """Scrape a story's fleet into a database; what bound each engine for most of the time that it worked."""
    fleet, truth, lines = Fleet(story, EPOCH), dict[Minute, str](), defaultdict[str, list[str]](list)
    seen: list[Seconds] = []
    lasts = duration(story.lasts)
    for step in range(int(lasts / every) + 1):
        at = EPOCH + step * every
        fleet.run(at)
        seen = [*seen, _seconds(fleet)][-int(max(MINUTE, every) / every) - 1 :]
        for series, value in fleet.scrape(wanted):
            lines[series.partition("{")[0]].append(f"{series} {value!r} {at}\n")
        if step and step * every % MINUTE == 0:
            truth.update(_minute(seen, at))
        if step * every % CHUNK == 0 or at + every > EPOCH + lasts:
            backfill("".join(text for group in lines.values() for text in group) + "# EOF\n", data)
            lines.clear()
    return truth


def _seconds(fleet: Fleet) -> Seconds:
    return {
        (replica.labels["instance"], str(number)): (id(replica.server), dict(engine.bound))
        for replica in fleet.replicas
        if replica.up(fleet.now) and replica.setup.stats
        for number, engine in enumerate(replica.server.engines)
    }


def _minute(seen: list[Seconds], at: float) -> Iterator[tuple[Minute, str]]:
    """Of the engines that were there at each scrape, in one process."""
    for name, (process, after) in seen[-1].items():
        if all(name in each and each[name][0] == process for each in seen):
            before = seen[0][name][1]
            spent: dict[Bound, float] = {
                bound: seconds - before.get(bound, 0.0) for bound, seconds in after.items() if bound != "idle"
            }
            most: Bound = max(spent, key=spent.__getitem__, default="idle")
            yield (*name, at), WORDS[most if spent.get(most) else "idle"]


def _shown(server: Server, asks: str, lasts: float, window: float) -> dict[Minute, str]:
    text = asked(asks, {"$__rate_interval": f"{window:.0f}s"})
    answer = server.query_range(text, EPOCH, EPOCH + lasts, MINUTE)
    return {
        (dict(labels)["instance"], dict(labels)["engine"], at): BINDS_WORDS[int(value)]
        for labels, samples in answer.items()
        for at, value in samples
    }
