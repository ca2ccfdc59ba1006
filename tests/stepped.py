"""A fleet of recorded servers whose load changes in the middle: what they say at every scrape, and plain sums over it.

Nothing here knows the catalogue or a reader of it: names, windows and arithmetic are written out once more, so that a
board is not judged by itself. Counters go from what a server said before its first request to what it said in the
middle of a burst, slowly, and from there to what it said at the end, eight times as fast.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from harness.programs import ROOT, Labels, Server, backfill, openmetrics_line, record, running_prometheus
from recordings import PAGES

SCRAPES = 80
EVERY = 30
STEP = 40  # the scrape at which the load changes
END = 1_800_000_000.0
START = END - SCRAPES * EVERY
# Just before the next scrape: rules are evaluated somewhere between two, and by then all of them have been.
AFTER_STEP, LATE = START + (STEP + 5) * EVERY - 1, END - 1
GROWING = ("_total", "_bucket", "_sum", "_count")
# Names that nothing reads, by their beginnings and endings: they would be half of the samples.
UNREAD = ("_created",)


@dataclass(frozen=True)
class Target:
    """A recorded server, and how a Prometheus calls it."""

    folder: str
    model: str
    instance: str
    cluster: str = "c1"

    @property
    def labels(self) -> dict[str, str]:
        """What scraping adds."""
        return {"job": "vllm", "instance": self.instance, "namespace": "prod", "cluster": self.cluster}


TARGETS = (
    Target("vllm-0.32.0-dp2", "acme/chat", "chat-0:8000"),
    Target("vllm-0.32.0", "acme/chat", "chat-1:8000"),
    Target("vllm-0.32.0-api2", "acme/chat", "chat-2:8000"),
    Target("vllm-0.20.2", "acme/chat", "chat-0:8000", cluster="c2"),  # the same names elsewhere
    Target("vllm-0.32.0-lora-kv-mfu", "acme/lora", "lora-0:8000"),
    Target("vllm-0.32.0-spec-ngram", "acme/spec", "spec-0:8000"),
    Target("vllm-0.12.0", "acme/old", "old-0:8000"),
    Target("vllm-0.8.5", "acme/older", "older-0:8000"),
)


@dataclass(frozen=True)
class Series:
    """One series and its samples, a number at each scrape."""

    name: str
    labels: Mapping[str, str]
    values: tuple[float, ...]


@cache
def world(every: int = EVERY) -> tuple[Series, ...]:
    """Every series of every target, of which a number is read each so many seconds."""
    times = [seconds / EVERY for seconds in range(0, SCRAPES * EVERY + 1, every)]
    return tuple(series for number, target in enumerate(TARGETS) for series in _of_target(number, target, times))


def _page(target: Target, name: str) -> dict[tuple[str, Labels], float]:
    text = (PAGES / target.folder / f"{name}.txt").read_text()
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if not sample.name.endswith(UNREAD)
    }


def _of_target(number: int, target: Target, times: Sequence[float]) -> Iterator[Series]:
    fresh, loaded, after = (_page(target, name) for name in ("fresh", "loaded", "after"))
    up = {"up": 1.0, "scrape_duration_seconds": 0.01 + number / 1000, "scrape_samples_scraped": float(len(after))}
    for name, value in up.items():
        yield Series(name, target.labels, tuple(value for _ in times))
    for (name, own), last in after.items():
        labels = {**dict(own), **target.labels}
        if "model_name" in labels:
            labels["model_name"] = target.model
        middle = loaded.get((name, own), 0.0)
        if name.endswith(GROWING):
            slow, quick = (max(0.0, d) for d in (middle - fresh.get((name, own), 0.0), last - middle))
            values = tuple(2 * last + slow * min(t / STEP, 1) + 8 * quick * max(0, t / STEP - 1) for t in times)
        else:
            values = tuple(_gauge(name, middle or last, number, t) for t in times)
        yield Series(name, labels, values)


def _gauge(name: str, value: float, number: int, t: float) -> float:
    """Requests triple with the load; the caches of some engines fill, those of others empty."""
    if name in ("vllm:num_requests_running", "vllm:num_requests_waiting"):
        return value * (3 if t >= STEP else 1)
    if name in ("vllm:kv_cache_usage_perc", "vllm:gpu_cache_usage_perc"):
        through = t / SCRAPES
        return value * (0.3 + 0.5 * through if number % 2 else 0.9 - 0.4 * through)
    return value


@contextmanager
def stepped_server(
    folder: Path, rules: Path = ROOT / "alerts/vllm-recording-rules.yaml", every: int = EVERY
) -> Iterator[Server]:
    """A Prometheus that has scraped them all each so many seconds, with what the rules record of it."""
    lines: dict[str, list[str]] = defaultdict(list)
    for series in world(every):
        for n, value in enumerate(series.values):
            lines[series.name].append(openmetrics_line(series.name, series.labels, value, START + n * every))
    backfill("".join(line for group in lines.values() for line in group) + "# EOF\n", folder)
    record(folder, rules, END - 30 * 60, END)
    with running_prometheus(folder) as server:
        yield server


# --------------------------------------------------------------------------------------- plain sums

Rows = dict[Labels, float]  # what a value is of -> the value
Keep = Callable[[Mapping[str, str]], bool]


@dataclass(frozen=True)
class Sums:
    """What is true at a moment, over a window, of the series that `keep` takes; `by` says what values are of."""

    at: float
    window: float
    keep: Keep
    by: tuple[str, ...]

    def _last(self) -> int:
        return math.floor((self.at - START) / EVERY)

    def _seen(self, *names: str) -> Iterator[Series]:
        """Of several names of a metric an engine has one at a time; the first that it has."""
        known: set[tuple[str, ...]] = set()
        for name in names:
            held = [series for series in world() if series.name == name]
            yield from (series for series in held if _engine(series) not in known and self.keep(series.labels))
            known |= {_engine(series) for series in held}

    def _group(self, labels: Mapping[str, str]) -> Labels:
        return tuple(sorted((label, labels[label]) for label in self.by if labels.get(label)))

    def _each(self, names: Sequence[str], value: Callable[[Series], float]) -> dict[Labels, list[float]]:
        found: dict[Labels, list[float]] = defaultdict(list)
        for series in self._seen(*names):
            found[self._group(series.labels)].append(value(series))
        return found

    def rate(self, *names: str, where: Keep = lambda _: True) -> Rows:
        """Growth per second, summed: of the scrapes inside the window, the last over the first."""
        last = self._last()
        first = math.ceil((self.at - self.window - START) / EVERY)

        def grown(series: Series) -> float:
            if not where(series.labels):
                return 0.0
            return (series.values[last] - series.values[first]) / ((last - first) * EVERY)

        return {group: math.fsum(values) for group, values in self._each(names, grown).items()}

    def now(self, function: Callable[[Iterable[float]], float], *names: str) -> Rows:
        """The present values of a gauge, made one."""
        last = self._last()
        return {g: function(values) for g, values in self._each(names, lambda series: series.values[last]).items()}

    def quantile(self, q: float, *names: str) -> Rows:
        """Interpolated as Prometheus does, of buckets that are summed first."""
        bounds: dict[Labels, dict[float, float]] = defaultdict(lambda: defaultdict(float))
        inner = Sums(self.at, self.window, self.keep, (*self.by, "le"))
        for group, value in inner.rate(*(f"{name}_bucket" for name in names)).items():
            held = dict(group)
            bounds[tuple(sorted((k, v) for k, v in held.items() if k != "le"))][float(held["le"])] += value
        found = {group: _interpolated(q, sorted(rows.items())) for group, rows in bounds.items()}
        return {group: value for group, value in found.items() if value is not None}

    def mean(self, *names: str) -> Rows:
        """Sum over count of a histogram."""
        return ratio(*(self.rate(*(f"{name}_{part}" for name in names)) for part in ("sum", "count")))


def _engine(series: Series) -> tuple[str, ...]:
    return tuple(series.labels.get(label, "") for label in ("cluster", "instance", "engine"))


def _interpolated(q: float, rows: Sequence[tuple[float, float]]) -> float | None:
    total = rows[-1][1]
    if total <= 0:
        return None
    below, start = 0.0, 0.0
    for bound, count in rows:
        if count >= q * total:
            if math.isinf(bound):
                return start
            return start + (bound - start) * (q * total - below) / (count - below)
        below, start = count, bound
    return start


def ratio(over: Rows, under: Rows) -> Rows:
    """Where there is something to divide by."""
    return {group: over[group] / under[group] for group in over if under.get(group, 0.0) > 0}


def combined(function: Callable[..., float], *rows: Rows) -> Rows:
    """Of what all of them have."""
    return {group: function(*(each[group] for each in rows)) for group in rows[0] if all(group in r for r in rows)}


def folded(function: Callable[[Iterable[float]], float], rows: Rows) -> Rows:
    """One number out of many."""
    return {(): function(rows.values())} if rows else {}


def average(values: Iterable[float]) -> float:
    """The mean."""
    held = list(values)
    return math.fsum(held) / len(held)
