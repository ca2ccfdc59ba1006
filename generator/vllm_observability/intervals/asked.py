"""A Prometheus -> sides: the scrapes that it holds of a time, read whole, as a folder of pages would have them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from itertools import pairwise
from typing import TypeVar

from vllm_observability.catalog import metrics as m
from vllm_observability.intervals.folder import bound_of, capacity_of
from vllm_observability.intervals.growth import Reading, intervals
from vllm_observability.intervals.records import BUCKETS, COUNTS, GAUGES, Count, Engine, Gauge, Side
from vllm_observability.model import Kind, Metric, Part
from vllm_observability.pages.redact import Redaction
from vllm_observability.pages.snapshot import Snapshot, plausible, snapshot
from vllm_observability.pages.sources import Access
from vllm_observability.prometheus.answers import Histogram, Value
from vllm_observability.prometheus.api import LAST_DATE, Api
from vllm_observability.prometheus.native import edges, exact, up_to
from vllm_observability.prometheus.reading import page_of, samples_at
from vllm_observability.queries.promql import Reader
from vllm_observability.report.facts import version_range
from vllm_observability.settings import Settings

STORED_WITHIN = 5.0  # seconds from a scrape's time until its samples are there
SLICE = 1800.0  # seconds of samples in one answer: servers limit how many they give at once
LONGEST = 24 * 3600.0

Who = tuple[str, str, str, str]  # job, instance, model, engine
V = TypeVar("V")


@dataclass(frozen=True)
class Ask:
    """One side: from when to when in Unix seconds, or None for the last `since` seconds; and PromQL matchers."""

    span: tuple[float, float] | None
    selector: str = ""
    since: float = 3600.0


def span_of(text: str | None) -> tuple[float, float]:
    """START/END; ValueError with a sentence."""
    parts = (text or "").split("/")
    if len(parts) != 2:
        raise ValueError(f"{text!r} is not a time span; write START/END, in RFC 3339 or Unix seconds")
    start, end = (moment(part) for part in parts)
    if not 0 < end - start <= LONGEST:
        raise ValueError(f"{text!r}: the end must come after the start, by a day at most")
    return start, end


def moment(text: str) -> float:
    """Unix seconds of a time in RFC 3339 or Unix seconds; ValueError with a sentence."""
    try:
        found = float(text)
    except ValueError:
        try:
            date = datetime.fromisoformat(text.strip().replace("Z", "+00:00"))
            found = (date if date.tzinfo else date.replace(tzinfo=timezone.utc)).timestamp()
        except (ValueError, OverflowError):
            found = math.nan
    if not 0 <= found < LAST_DATE:
        raise ValueError(f"{text!r} is not a time; write 2026-03-01T10:00:00Z, or Unix seconds")
    return found


def one_side(url: str, ask: Ask, access: Access, settings: Settings, redaction: Redaction | None) -> Side:
    """A side; SourceError with one sentence."""
    return _side(Api(url.rstrip("/"), access, settings.limits.bytes), ask, settings, redaction, "")[0]


def two_sides(
    url: str, asks: Sequence[Ask], access: Access, settings: Settings, redaction: Redaction | None
) -> tuple[tuple[Side, Side], tuple[Snapshot, Snapshot]]:
    """Both sides, and what each showed at its end."""
    api = Api(url.rstrip("/"), access, settings.limits.bytes)
    names = ("before", "after") if asks[0].span else ("a", "b")
    (before, first), (after, last) = (
        _side(api, ask, settings, redaction, name) for ask, name in zip(asks, names, strict=True)
    )
    if asks[0].span is None:
        both = {(e.instance, e.engine) for e in before.engines} & {(e.instance, e.engine) for e in after.engines}
        if both:
            raise api.error(f"{len(both)} engines are on both sides; give --a and --b that no engine fits both of")
    return (before, after), (first, last)


def _side(api: Api, ask: Ask, settings: Settings, redaction: Redaction | None, name: str) -> tuple[Side, Snapshot]:
    # Names are asked for one after another: of a scrape that is stored meanwhile, the first would lack its samples.
    end = ask.span[1] if ask.span else api.now() - STORED_WITHIN
    start = ask.span[0] if ask.span else end - ask.since
    matchers = [ask.selector] if ask.selector else []
    held = _Held({}, {}, {}, {})
    for begin, at in pairwise([start, *_ends(start, end)]):
        _read_slice(_Range(api, settings, begin, at), matchers, held)
    if not held.counts:
        chosen = f" with {ask.selector}" if ask.selector else ""
        raise api.error(
            f"it holds nothing of vLLM{chosen} between {_written(start)} and {_written(end)}. Is that longer ago than "
            "it keeps data, or does the selector fit no engine?",
            ask.selector,
        )
    _take_apart(held)
    page = page_of(samples_at(api, settings, matchers, end))
    shown = snapshot(redaction.page(page) if redaction else page, settings.metric_prefixes)
    title = f"{name} {_written(start)} to {_written(end)}".strip()
    where = redaction.word("source", api.name) if redaction else api.name
    engines = tuple(_engines(held, shown, where, redaction))
    if all(not engine.intervals for engine in engines):
        raise api.error(f"one scrape only of each engine between {_written(start)} and {_written(end)}")
    return Side(title, engines), shown


def _written(at: float) -> str:
    return datetime.fromtimestamp(at, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def _ends(start: float, end: float) -> Iterator[float]:
    count = max(1, math.ceil((end - start) / SLICE - 1e-9))
    yield from (min(start + SLICE * (n + 1), end) for n in range(count))


# ------------------------------------------------------------------------------------------------ samples


@dataclass
class _Held:
    """Samples by engine and time. `native`: of histograms that are taken apart when all of them are known."""

    counts: dict[Who, dict[float, dict[Count, float]]]
    gauges: dict[Who, dict[float, dict[Gauge, float]]]
    buckets: dict[Who, dict[float, dict[str, dict[float, float]]]]
    native: dict[tuple[Who, str], dict[float, Histogram]]


def _read_slice(asked: _Range, matchers: Sequence[str], held: _Held) -> None:
    for name, (metric, part, own) in COUNTS.items():
        extra = [f'{own[0]}="{own[1]}"'] if own else []
        for labels, samples in asked.numbers(metric, part, [*matchers, *extra]):
            for when, value in samples.items():
                counts = held.counts.setdefault(_who(labels), {}).setdefault(when, {})
                counts[name] = counts.get(name, 0.0) + value
    for gauge, metric in GAUGES.items():
        for labels, samples in asked.numbers(metric, Part.VALUE, matchers):
            for when, value in samples.items():
                held.gauges.setdefault(_who(labels), {}).setdefault(when, {})[gauge] = value
    for histogram, metric in BUCKETS.items():
        for labels, samples in asked.numbers(metric, Part.BUCKET, matchers):
            bound = bound_of(labels.get("le", ""))
            if bound is None:
                continue
            for when, value in samples.items():
                of_time = held.buckets.setdefault(_who(labels), {}).setdefault(when, {})
                of_time.setdefault(histogram, {})[bound] = value
        for labels, whole in asked.natives(metric, matchers):
            held.native.setdefault((_who(labels), histogram), {}).update(whole)


def _take_apart(held: _Held) -> None:
    """Native histograms as buckets, at the same bounds from the first scrape to the last: a missing one would be 0."""
    for (who, histogram), whole in held.native.items():
        times = held.buckets.setdefault(who, {})
        classic = {bound for of_time in times.values() for bound in of_time.get(histogram, {}) if bound != math.inf}
        known = {bound for buckets in BUCKETS[histogram].buckets for bound in buckets.bounds}
        bounds = classic or exact(whole.values(), known | {bound for each in whole.values() for bound in edges(each)})
        for when, value in whole.items():
            times.setdefault(when, {}).setdefault(histogram, up_to(value, bounds))


_Samples = Iterator[tuple[Mapping[str, str], dict[float, V]]]


@dataclass(frozen=True)
class _Range:
    """Raw samples after `begin`, by series; of a metric's names the newest that has any."""

    api: Api
    settings: Settings
    begin: float
    end: float

    def numbers(self, metric: Metric, part: Part, matchers: Sequence[str]) -> _Samples[float]:
        """Samples of one part; those of native histograms where a scrape has no classic ones."""
        found: dict[frozenset[tuple[str, str]], dict[float, float]] = {}
        for labels, samples in self._rows(metric, part, matchers):
            numbers = {when: value for when, value in samples.items() if not isinstance(value, Histogram)}
            kept = {when: value for when, value in numbers.items() if plausible(value, metric)}
            found.setdefault(_labels(labels), {}).update(kept)
        if part in (Part.COUNT, Part.SUM):
            for labels, whole in self.natives(metric, matchers):
                counted = {when: each.count if part is Part.COUNT else each.sum for when, each in whole.items()}
                found[_labels(labels)] = {**counted, **found.get(_labels(labels), {})}
        yield from ((dict(labels), samples) for labels, samples in found.items())

    def natives(self, metric: Metric, matchers: Sequence[str]) -> _Samples[Histogram]:
        """Native histograms of a metric."""
        if metric.kind is Kind.HISTOGRAM:
            for labels, samples in self._rows(metric, Part.VALUE, matchers):
                yield labels, {when: value for when, value in samples.items() if isinstance(value, Histogram)}

    def _rows(self, metric: Metric, part: Part, matchers: Sequence[str]) -> _Samples[Value]:
        reader = Reader(by=(), window="", prefixes=self.settings.metric_prefixes)
        selected = "{" + ",".join(matchers) + "}" if matchers else ""
        for name in reader.series(metric, part):
            rows = self.api.ask(f"{name}{selected}[{math.ceil(self.end - self.begin)}s]", self.end).rows
            # Prometheus 2 has both ends in a range: a sample between two slices would count twice.
            yield from ((row.labels, {at: value for at, value in row.points if at > self.begin}) for row in rows)
            if rows:
                return


def _labels(labels: Mapping[str, str]) -> frozenset[tuple[str, str]]:
    return frozenset(pair for pair in labels.items() if pair[0] != "__name__")


def _who(labels: Mapping[str, str]) -> Who:
    return labels.get("job", ""), labels.get("instance", ""), labels.get("model_name", ""), labels.get("engine", "")


# ------------------------------------------------------------------------------------------------ engines


def _engines(held: _Held, shown: Snapshot, where: str, redaction: Redaction | None) -> Iterator[Engine]:
    versions = version_range(shown)
    names = frozenset(name.text for used in shown.used.values() for name in used)
    config = {
        (dict(labels).get("instance", ""), dict(labels).get("engine", "")): dict(labels)
        for labels in shown.of(m.CACHE_CONFIG)
    }
    for who, by_time in sorted(held.counts.items()):
        _, instance, model, engine = who
        if redaction:
            instance, model = redaction.word("instance", instance), redaction.word("model", model)
        shape: set[Count] = {name for counts in by_time.values() for name in counts}
        readings = [
            # A label's first count makes its series: until then it was 0.
            Reading(at, {name: counts.get(name, 0.0) for name in shape},
                    held.gauges.get(who, {}).get(at, {}), held.buckets.get(who, {}).get(at, {}))
            for at, counts in by_time.items()
            if "generated" in counts
        ]  # fmt: skip
        label = f"engine {engine} of {instance}" if engine else instance
        own = config.get((instance, engine), config.get((instance, ""), {}))
        facts = {k: v for k, v in own.items() if k not in _PLACE}
        yield Engine(
            instance, engine, model, intervals(readings, label, where), capacity_of(own), versions, facts, names
        )


_PLACE = frozenset("job instance engine model_name namespace pod cluster container endpoint service node".split())
