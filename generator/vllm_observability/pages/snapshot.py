"""Page -> snapshot: samples under catalogue ids, whatever prefix and generation of names the page speaks."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from vllm_observability.catalog import metrics as catalogue
from vllm_observability.model import Kind, Metric, Name, Owner, Part, Unit
from vllm_observability.pages.scrape import Page, Sample
from vllm_observability.words.phrases import Phrase, say

VLLM = "vllm:"
# Spellings met in the field, longest first so that `vllm_` doesn't swallow the tail of another. Ray and OpenTelemetry
# sanitise the colon away; KServe's and Omni's builds put their own name in front.
PREFIXES = ("kserve_vllm:", "kserve_vllm_", "vllm_omni:", "vllm_omni_", "ray_vllm:", "ray_vllm_", VLLM, "vllm_")
# The inference simulator of llm-d says finish_reason where vLLM says finished_reason.
LABEL_ALIASES = {"finish_reason": "finished_reason"}

# What tells engines apart: on one page, of Ray (whose replicas have no rank), and in a Prometheus. Sums go over these.
ENGINES = frozenset({"engine", "ReplicaId", "instance", "pod"})
# Labels of scrapes and of Ray that go with those.
_SUMMED = ENGINES | {"pid", "job", "namespace", "cluster", "container", "node", "NodeAddress", "WorkerId", "Component"}
MOST_PARTS = 40  # of a model that are told one by one

Labels = tuple[tuple[str, str], ...]  # sorted pairs: the identity of a series within one metric and part


@dataclass(frozen=True)
class Snapshot:
    """One scrape by catalogue id.

    `series[(id, part)]` maps label sets to values, old names joined under new ones per label set. For a histogram's
    buckets the labels hold `le` as written. `used` are the names that gave the samples, `declared` the ids that the
    page only announces. `doubts` are sentences about samples that were left out or contradict each other.
    """

    page: Page
    prefix: str
    series: Mapping[tuple[str, Part], Mapping[Labels, float]]
    used: Mapping[str, tuple[Name, ...]]
    declared: frozenset[str]
    unknown: tuple[str, ...]
    doubts: tuple[Phrase, ...] = ()
    timestamp: float | None = None

    def of(self, metric: Metric, part: Part = Part.VALUE) -> Mapping[Labels, float]:
        """Series of one part of a metric; empty where the page has none."""
        return self.series.get((metric.id, part), {})

    def has(self, metric: Metric) -> bool:
        """Whether the page has a sample of the metric."""
        return any(self.series.get((metric.id, part)) for part in metric.parts)

    @cached_property
    def unknown_labels(self) -> Mapping[str, int]:
        """Labels that nobody knows by which rows differ that are equal otherwise, and how many values each has."""
        values: dict[str, set[str]] = {}
        for (id, _), rows in self.series.items():
            metric = catalogue.BY_ID[id]
            if metric.owner is Owner.ENGINE and metric.kind is not Kind.INFO:
                for label, value in _differing(rows, {*metric.labels, *_SUMMED, "model_name", "le"}):
                    values.setdefault(label, set()).add(value)
        return {label: len(values[label]) for label in sorted(values)}

    @cached_property
    def apart(self) -> tuple[str, ...]:
        """Unknown labels that rows are kept apart by; one that never repeats, as a request's id, tells no parts."""
        return tuple(label for label, values in self.unknown_labels.items() if values <= MOST_PARTS)

    @property
    def engine_samples(self) -> bool:
        """Whether there is one sample of the engine: without it a page is not vLLM's."""
        return any(catalogue.BY_ID[id].owner is Owner.ENGINE and rows for (id, _), rows in self.series.items())


def _differing(rows: Iterable[Labels], known: Container[str]) -> Iterator[tuple[str, str]]:
    """Pairs of other labels in which rows differ that are equal in the known ones."""
    firsts: dict[Labels, Labels] = {}
    for labels in rows:
        own = tuple(pair for pair in labels if pair[0] in known)
        if len(own) < len(labels):
            first = firsts.setdefault(own, labels)
            if first is not labels:
                yield from set(first).symmetric_difference(labels)


@dataclass(frozen=True, slots=True)
class _Known:
    metric: Metric
    part: Part
    rank: int  # 0 is the newest name


def _exposed() -> dict[str, _Known]:
    """Every series name the catalogue knows, colon form, with what it is."""
    table: dict[str, _Known] = {}
    for metric in catalogue.ALL:
        for rank, name in enumerate(metric.names):
            for part in metric.parts:
                table[name.text + part.value] = _Known(metric, part, rank)
            if metric.kind is Kind.COUNTER:  # some exporters leave the suffix out; never over a real name
                table.setdefault(name.text.removesuffix("_total"), _Known(metric, Part.VALUE, rank))
    return table


EXPOSED = _exposed()
_SHORT = {name.removeprefix(VLLM): known for name, known in EXPOSED.items() if name.startswith(VLLM)}


def lookup(name: str, prefix: str = VLLM) -> _Known | None:
    """What a series name means on a page that speaks `prefix`."""
    if name.startswith(prefix):
        return _SHORT.get(name[len(prefix) :])
    known = EXPOSED.get(name)
    return known if known and known.metric.owner is not Owner.ENGINE else None


def _family(name: str, prefix: str) -> _Known | None:
    """What a TYPE line declares; in OpenMetrics with underscores the colon is escaped in samples, but not there."""
    spelt = ((name + part, p) for p in (prefix, VLLM) for part in ("", Part.BUCKET.value, Part.SUM.value))
    return next((known for text, p in spelt if (known := lookup(text, p))), None)


def find_prefix(names: Iterable[str], own: Sequence[str] = ()) -> str:
    """The prefix under which most known names stand, `own` ones of a site included; vLLM's where there is none."""
    votes: Counter[str] = Counter()
    prefixes = candidates(own)
    for name in set(names):
        for prefix in prefixes:
            if name.startswith(prefix) and name[len(prefix) :] in _SHORT:
                votes[prefix] += 1
                break
    return max(prefixes, key=lambda p: (votes[p], p == VLLM))


def candidates(own: Sequence[str]) -> tuple[str, ...]:
    """Every prefix that names may have on a page of a site, the longest first."""
    return tuple(sorted(dict.fromkeys((*PREFIXES, *own)), key=len, reverse=True))


def foreign_prefixes(names: Iterable[str]) -> list[str]:
    """What stands before names that end as those of a running engine do, where it is no prefix that we know."""
    running = catalogue.REQUESTS_RUNNING.names[0].text.removeprefix(VLLM)
    found = {name.removesuffix(running) for name in names if name.endswith(running)}
    return sorted(prefix for prefix in found if prefix.endswith((":", "_")) and prefix not in PREFIXES)


@dataclass
class _Builder:
    series: dict[tuple[str, Part], dict[Labels, float]] = field(default_factory=dict)
    ranks: dict[tuple[str, Part], dict[Labels, int]] = field(default_factory=dict)
    used: dict[str, set[int]] = field(default_factory=dict)
    conflicts: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)

    def add(self, sample: Sample, known: _Known) -> None:
        metric, part, rank = known.metric, known.part, known.rank
        if not plausible(sample.value, metric):
            self.refused[sample.name] += 1
            return
        key = (metric.id, part)
        rows, ranks = self.series.setdefault(key, {}), self.ranks.setdefault(key, {})
        labels = tuple(
            sorted(
                (LABEL_ALIASES.get(k, k), v)
                for k, v in sample.labels.items()
                if k != "pid" or metric.kind != Kind.GAUGE
            )
        )
        held = ranks.get(labels)
        if held is None or rank < held:
            rows[labels], ranks[labels] = sample.value, rank
        elif rank == held:
            if "pid" in sample.labels:  # one row per API-server process; the others are stale
                rows[labels] = max(rows[labels], sample.value)
            elif rows[labels] != sample.value:
                self.conflicts[sample.name] += 1
        self.used.setdefault(metric.id, set()).add(rank)


MOST = 1e30  # far beyond any counter of a server, and far from what a float can't add up
LAST_DATE = 253_402_300_800.0  # the end of the year 9999
SAY_OFF = (catalogue.PREFIX_CACHE_HIT_RATE, catalogue.CPU_PREFIX_CACHE_HIT_RATE)  # by -1


def plausible(value: float, metric: Metric) -> bool:
    """Whether a vLLM can have counted this."""
    if not math.isfinite(value):
        return False
    if metric.unit is Unit.RATIO and metric.kind is Kind.GAUGE:
        return 0 <= value <= 1 + 1e-9 or (value == -1 and metric in SAY_OFF)
    return 0 <= value <= (LAST_DATE if metric.unit is Unit.TIMESTAMP else MOST)


def snapshot(page: Page, own: Sequence[str] = ()) -> Snapshot:
    """Sort a page's samples under catalogue ids. Samples of other programs are left aside.

    own: the prefixes of a site's settings; where the page speaks one of them, it is read under all of them.
    """
    prefix = find_prefix([sample.name for sample in page.samples] or page.types, own)
    spoken = tuple(dict.fromkeys((prefix, *own))) if prefix in own else (prefix,)
    cache: dict[str, _Known | None] = {}
    builder, unknown, stamps = _Builder(), Counter[str](), []
    for sample in page.samples:
        name = sample.name
        if name not in cache:
            cache[name] = next((found for each in spoken if (found := lookup(name, each))), None)
        known = cache[name]
        if known is None:
            if name.startswith(spoken) and not name.endswith("_created"):
                unknown[name] += 1
            continue
        builder.add(sample, known)
        if sample.timestamp is not None:
            stamps.append(sample.timestamp)
    times = [at for at in stamps if 0 < at < LAST_DATE]
    declared = {
        known.metric.id
        for family in page.types
        if (known := _family(family, prefix)) and known.metric.id not in builder.used
    }
    doubts = [
        say("{name} is given twice with different values; the first was used", name=name)
        for name in sorted(builder.conflicts)
    ]
    doubts += [
        say("{name}: samples left out because their value cannot be right: {n}", name=name, n=count)
        for name, count in sorted(builder.refused.items())
    ]
    if len(times) < len(stamps):
        doubts.append(say("Sample times that cannot be right were left out: {n}", n=len(stamps) - len(times)))
    return Snapshot(
        page=page,
        prefix=prefix,
        series=builder.series,
        used={
            id: tuple(catalogue.BY_ID[id].names[rank] for rank in sorted(ranks)) for id, ranks in builder.used.items()
        },
        declared=frozenset(declared),
        unknown=tuple(sorted(unknown)),
        doubts=tuple(doubts),
        timestamp=max(times, default=None),
    )
