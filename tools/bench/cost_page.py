"""docs/cost.md: what was measured, as tables; figures that every machine repeats come first."""

from __future__ import annotations

import math
import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from command import Command
from opening import Opened, Rules
from scraped import EVALUATE, SCRAPE, Live
from simulated import END, PER_MODEL, History, fleet

from vllm_observability.render.deploy.scrape_yaml import dropped
from vllm_observability.settings import Settings

HOUR, DAY = 3600, 24 * 3600


@dataclass(frozen=True)
class Measured:
    """One fleet over an hour: series exposed by one engine, series recorded; the rest by version of Prometheus."""

    engines: int
    series: int
    recorded: int
    boards: Mapping[str, tuple[Opened, ...]]
    rules: Mapping[str, tuple[Rules, ...]]

    @property
    def newest(self) -> tuple[Opened, ...]:
        """As the newest Prometheus counts."""
        return list(self.boards.values())[-1]

    @property
    def groups(self) -> tuple[Rules, ...]:
        """As the newest Prometheus counts."""
        return list(self.rules.values())[-1]


@dataclass(frozen=True)
class Long:
    """Boards and rules over more than an hour, and the bytes of a sample on disk."""

    history: History
    sample_bytes: float
    boards: tuple[Opened, ...]
    rules: tuple[Rules, ...]


@dataclass(frozen=True)
class Figures:
    """Everything that was measured; `speed` is lines a second, ours and prometheus_client's."""

    on: date
    versions: tuple[str, ...]
    hour: tuple[Measured, ...]
    long: tuple[Long, ...]
    live: tuple[Live, ...]
    commands: tuple[Command, ...]
    speed: tuple[float, float]


def page(figures: Figures) -> str:
    """The whole page."""
    parts = (_head, _short, _boards, _long, _rules, _series, _live, _disk, _commands, _panels)
    return "\n".join(line for part in parts for line in (*part(figures), ""))


def exponent(far: Sequence[float], sizes: Sequence[float]) -> float:
    """Slope in logarithms from the smallest fleet to the largest: 1 is linear."""
    if len(sizes) < 2:
        return math.nan
    return math.log(max(far[-1], 1) / max(far[0], 1)) / math.log(sizes[-1] / sizes[0])


def table(head: Sequence[str], rows: Sequence[Sequence[str]], words: int = 1) -> Iterator[str]:
    """A Markdown table whose first columns are words and whose others are numbers."""
    yield "| " + " | ".join(head) + " |"
    yield "|" + "---|" * words + "---:|" * (len(head) - words)
    for row in rows:
        yield "| " + " | ".join(row) + " |"


def prose(*parts: str) -> Iterator[str]:
    """A paragraph, folded."""
    return iter(textwrap.wrap(" ".join(parts), 116, break_on_hyphens=False, break_long_words=False))


def _head(f: Figures) -> Iterator[str]:
    yield "# What it costs to watch"
    yield ""
    yield "<!-- Written by `make bench`: don't edit. -->"
    yield from prose(
        f"Measured on {f.on.isoformat()} with Prometheus {' and '.join(f.versions)}: simulated fleets of vLLM 0.33.0",
        f"with speculative decoding, LoRA, NIXL and KV-cache metrics on, at most {PER_MODEL} engines a model.",
        "Samples and series are Prometheus' own count, the same on every machine; seconds are those of the two cores",
        "that all of it ran on. [native-cost.md](native-cost.md) has classic beside native histograms.",
    )


def _short(f: Figures) -> Iterator[str]:
    largest = f.hour[-1]
    most = [one for one in f.live if one.engines == max(each.engines for each in f.live)]
    taken = " or ".join(f"{one.seconds:.2f} s (Prometheus {one.version})" for one in most)
    raw, recorded = (
        next(b for b in largest.newest if b.form == form and "overview" in b.slug) for form in ("raw", "fleet")
    )
    yield "In short:"
    yield ""
    on_top = largest.recorded / largest.engines
    for line in (
        f"The overview of {largest.engines:,} engines reads {raw.samples:,} samples over an hour of raw series,"
        f" {recorded.samples:,} of recorded ones.",
        f"Rules over {most[0].engines:,} engines ({most[0].series:,.0f} series) take {taken} of every {EVALUATE} s.",
        f"One engine has {largest.series} series to scrape; each of {largest.engines:,} adds {on_top:.0f} recorded.",
        f"`vllm-obs analyze` of a usual page takes {f.commands[0].seconds:.2f} s.",
    ):
        yield f"- {line}"


def _boards(f: Figures) -> Iterator[str]:
    sizes = [one.engines for one in f.hour]
    yield "## Opening a board: samples read, one hour"
    yield ""
    rows = []
    for index, board in enumerate(f.hour[-1].newest):
        samples = [one.newest[index].samples for one in f.hour]
        touched = f.hour[-1].newest[index].series
        rows.append((board.slug, board.form, str(board.queries), *_growing(samples, sizes), f"{touched:,}"))
    ends = ("growth", f"series touched, {sizes[-1]:,}")
    yield from table(("board", "form", "queries", *_engines(sizes), *ends), rows, 2)
    yield ""
    yield from prose(
        "At a step of 30 s. Growth is the exponent from the smallest fleet to the largest: 1 is linear in engines.",
        "Boards of fleet form read models, not engines, wherever a panel is about models. Rows that are closed when",
        "the board opens cost nothing until someone opens them. Recorded series have a sample every 30 s here, also",
        "those that the rules record less often.",
        _versions(f),
    )


def _versions(f: Figures) -> str:
    """How far the versions' counts are apart: up to 2.x a window holds the samples of both its ends."""
    oldest, newest = f.versions[0], f.versions[-1]
    pairs = [
        (old.samples, new.samples)
        for one in f.hour
        for old, new in zip(one.boards[oldest], one.boards[newest], strict=True)
    ]
    more = max(old / max(new, 1) for old, new in pairs) - 1
    return f"Counted by Prometheus {newest}; {oldest}, whose windows include both ends, counts up to {more:.0%} more."


def _long(f: Figures) -> Iterator[str]:
    yield "## Opening a board over a longer time"
    yield ""
    rows = [
        (b.slug, b.form, b.dearest.title, str(each.history.engines), str(each.history.shown // DAY), f"{b.samples:,}")
        for each in f.long
        for b in each.boards
    ]
    yield from table(("board", "form", "dearest panel", "engines", "days", "samples"), rows, 3)


def _rules(f: Figures) -> Iterator[str]:
    sizes = [one.engines for one in f.hour]
    yield "## Rules: samples read by one evaluation"
    yield ""
    rows = []
    for index, group in enumerate(f.hour[-1].groups):
        samples = [one.groups[index].samples for one in f.hour]
        rows.append((group.group, group.interval or f"{EVALUATE}s", str(group.rules), *_growing(samples, sizes)))
    whole = [sum(group.samples for group in one.groups) for one in f.hour]
    rows.append(("all", "", str(sum(group.rules for group in f.hour[-1].groups)), *_growing(whole, sizes)))
    yield from table(("group", "every", "rules", *_engines(sizes), "growth"), rows, 2)
    yield ""
    yield from prose(
        "What is read bucket by bucket is recorded once a minute: it is most of what rules read, and a percentile over",
        "five minutes hardly moves in one. Growth stays under 1 where rules read what others have recorded of a model.",
        "The windows of objectives are long: of",
        " and ".join(
            f"{each.history.engines} engine{'s' * (each.history.engines > 1)} after {each.history.shown // DAY}"
            f" day{'s' * (each.history.shown > DAY)}, recorded every {each.history.step} s, all groups read"
            f" {sum(group.samples for group in each.rules):,}"
            for each in f.long
        )
        + ".",
    )


def _series(f: Figures) -> Iterator[str]:
    sizes = [one.engines for one in f.hour]
    served = fleet(1, END - HOUR)
    served.run(END)
    names = [series.partition("{")[0] for series, _ in served.scrape()]
    patterns = dropped(Settings())
    left = sum(any(re.fullmatch(pattern, name) for pattern in patterns) for name in names)
    recorded, exposed = [one.recorded for one in f.hour], [one.series * one.engines for one in f.hour]
    yield "## Series"
    yield ""
    yield from table(
        ("", *_engines(sizes), "growth"),
        [
            ("exposed", *_growing(exposed, sizes)),
            ("recorded", *_growing(recorded, sizes)),
            ("recorded for each exposed", *(f"{r / e:.1%}" for r, e in zip(recorded, exposed, strict=True)), ""),
        ],
    )
    yield ""
    yield from prose(
        f"Of the {len(names)} series of one scrape the relabel rules of deploy/prometheus/vllm-scrape.yaml leave out",
        f"{left} ({left / len(names):.0%}): those that no rule, alert, board, runbook or report reads. Boards and",
        "rules above are counted without these rules, every series kept.",
    )


def _live(f: Figures) -> Iterator[str]:
    yield f"## While it runs: scraped every {SCRAPE} s, rules every {EVALUATE} s"
    yield ""
    yield from prose("Scraped by the job of deploy/prometheus/vllm-scrape.yaml, its relabel rules included.")
    yield ""
    heads = [f"{size}, {one.version}" for one in f.live for size in _engines([one.engines])]
    rows = [
        ("seconds to scrape one engine, median", *(f"{one.scrape_seconds:.3f}" for one in f.live)),
        ("kB of its page", *(f"{one.page_bytes / 1e3:.0f}" for one in f.live)),
        ("series in memory", *(f"{one.series:,.0f}" for one in f.live)),
        ("samples a second", *(f"{one.samples_per_second:,.0f}" for one in f.live)),
        ("CPU of Prometheus, cores", *(f"{one.cores:.2f}" for one in f.live)),
        ("memory of Prometheus, GB", *(f"{one.memory / 1e9:.2f}" for one in f.live)),
        (f"**rules, seconds of every {EVALUATE}**", *(f"**{one.seconds:.2f}**" for one in f.live)),
    ]
    for index, group in enumerate(f.live[-1].groups):
        every = "" if group.interval == EVALUATE else f", every {group.interval:.0f} s"
        rows.append((f"{group.name}{every}", *(f"{one.groups[index].seconds:.3f}" for one in f.live)))
    yield from table(("", *heads), rows)
    yield ""
    slowest = max(f.live[-1].groups, key=lambda group: group.seconds / group.interval)
    yield from prose(
        f"Seconds are Prometheus' own of each group. The slowest, {slowest.name}, takes",
        f"{slowest.seconds / slowest.interval:.1%} of its interval with Prometheus {f.live[-1].version}; its dearest",
        f"rule is `{slowest.dearest}` ({slowest.dearest_seconds:.3f} s). By these figures `evaluation_interval: 1m`,",
        "in the settings and in Prometheus, brings the seconds of every 30, column by column, to",
        ", ".join(f"{one.seconds_at(60):.2f}" for one in f.live) + ".",
    )


def _disk(f: Figures) -> Iterator[str]:
    each, one = f.long[0], f.hour[-1]
    day = DAY / SCRAPE * one.series
    watched = f.live[-1]
    written = watched.samples_per_second * DAY / watched.engines
    yield "## On disk"
    yield ""
    yield from prose(
        f"A sample takes {each.sample_bytes:.2f} bytes in a block, its index included ({each.history.engines} engines,",
        f"a day). An engine whose {one.series} series are scraped every {SCRAPE} s writes {day / 1e6:.1f} million",
        f"samples a day: {day * each.sample_bytes / 1e6:.1f} MB an engine-day, every series kept and none recorded. In",
        f"the fleet of {watched.engines:,} above, relabelled and with recorded series, it is {written / 1e6:.1f}",
        f"million samples: {written * each.sample_bytes / 1e6:.1f} MB.",
    )


def _commands(f: Figures) -> Iterator[str]:
    yield "## The command"
    yield ""
    rows = [(c.what, _size(c.size), f"{c.seconds:.2f}", f"{c.memory / 1e6:.0f} MB") for c in f.commands]
    yield from table(("what", "page", "seconds, whole process", "memory"), rows)
    yield ""
    ours, theirs = f.speed
    yield from prose(
        f"Reading a page of 20 MB: {ours:,.0f} lines a second, {ours / theirs:.1f} times prometheus_client's own text",
        f"parser ({theirs:,.0f}).",
    )


def _size(size: int) -> str:
    return f"{size / 1e6:.2f} MB" if size else ""


def _panels(f: Figures) -> Iterator[str]:
    shown = next((one for one in f.hour if one.engines == 10 * PER_MODEL), f.hour[-1])
    yield f"## Every panel, {shown.engines:,} engines, one hour"
    yield ""
    forms: dict[tuple[str, str], dict[str, int]] = {}
    for board in shown.newest:
        for panel in board.panels:
            own = forms.setdefault((board.slug, panel.title), {})
            own[board.form] = own.get(board.form, 0) + panel.samples
    rows = [
        (slug, title, *(f"{found[form]:,}" if form in found else "" for form in ("raw", "fleet")))
        for (slug, title), found in forms.items()
    ]
    yield from table(("board", "panel", "samples, raw form", "samples, fleet form"), rows, 2)


def _growing(numbers: Sequence[int], sizes: Sequence[int]) -> Iterator[str]:
    """The number of each fleet, and how it grows."""
    yield from (f"{number:,}" for number in numbers)
    yield f"{exponent(numbers, sizes):.2f}"


def _engines(sizes: Sequence[int]) -> Iterator[str]:
    return (f"{size:,} engine{'s' * (size > 1)}" for size in sizes)
