"""A Prometheus -> everything that the story of an incident is made from."""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from vllm_observability.catalog import metrics as m
from vllm_observability.catalog import slo
from vllm_observability.catalog.connectors import TRANSFER_FAILURES
from vllm_observability.intervals.records import COUNTS, GAUGES, Count
from vllm_observability.model import Matcher, Metric, Part
from vllm_observability.pages.scrape import Sample
from vllm_observability.pages.snapshot import snapshot
from vllm_observability.pages.sources import SourceError
from vllm_observability.prometheus.history import Course, Grid
from vllm_observability.prometheus.reading import page_of
from vllm_observability.queries.promql import aggregate, either, escaped, operand
from vllm_observability.report.facts import version_range
from vllm_observability.review.asking import Inquiry
from vllm_observability.review.records import (
    Counted,
    Events,
    Extra,
    Firing,
    IncidentData,
    Place,
    Target,
    Unseen,
    Watched,
    Who,
)
from vllm_observability.review.unseen import too_short, without_latencies
from vllm_observability.rules.budgets import events, objectives_of
from vllm_observability.settings.durations import seconds
from vllm_observability.words.phrases import say

LONGEST = 3 * 86_400.0
BEFORE = 3600.0  # seconds before the span that it is compared with, at least
POINTS = 300  # of the span asked for, or as many as the evaluation interval makes
LEAD, TAIL = 7200.0, 900.0  # seconds before and after an alert
# What an engine's configuration is not: where it is, and how many blocks its own memory had room for.
_NO_FACT = frozenset("num_gpu_blocks num_cpu_blocks kv_cache_size_tokens kv_cache_max_concurrency __name__".split())
_UNUSED: frozenset[Count] = frozenset({"cached", "batch_seconds", "prompt_tokens", "request_seconds"})
_EXTRAS: Mapping[Extra, tuple[Metric, tuple[Matcher, ...]]] = {
    "aborted": (m.REQUEST_SUCCESS, (("finished_reason", "=", "abort"),)),
    "corrupted": (m.CORRUPTED_REQUESTS, ()),
    "rejected": (m.ADMISSION_REJECTIONS, ()),
}


def span_of_alert(fired: Firing, now: float) -> tuple[float, float]:
    """Where to look for what led to an alert: a budget's alert looks back over its window, others over less."""
    lead = max(LEAD, seconds(fired.labels.get("window", "")) or 0.0)
    return fired.since - lead, min(now, fired.until + TAIL)


def read_incident(inquiry: Inquiry, start: float, end: float, alert: str | None = None) -> IncidentData:
    """Everything of a span, and of some time before it; SourceError with one sentence."""
    if end <= start:
        raise SourceError("an incident ends after it begins: give --to after --from; without --to it is now")
    if end - start > LONGEST:
        raise SourceError("an incident lasts three days at most: give a later --from, or --since for a longer time")
    scrape = seconds(inquiry.settings.scrape_interval) or 15.0
    step = max(30.0, scrape, 30.0 * math.ceil((end - start) / POINTS / 30.0))
    before = max(BEFORE, 40 * step)
    begin = math.ceil(before / step)
    grid = Grid(
        end - step * (begin + math.floor((end - start) / step)), step, begin + math.floor((end - start) / step) + 1
    )
    inquiry.look(grid)
    asked = _Asked(inquiry, grid)
    engines = asked.engines()
    if not engines:
        raise inquiry.nothing()
    targets = asked.targets({watched.who.target for watched in engines})
    counted = [watched.counts for watched in engines]
    unseen = [*inquiry.started(grid.start, end), *too_short(grid.count - begin), *_gaps(engines, targets, grid, begin)]
    unseen += without_latencies(
        any("generated" in one for one in counted), any("first_tokens" in one for one in counted)
    )
    return IncidentData(
        inquiry.name, grid, begin, engines, targets, tuple(inquiry.firings(grid)), tuple(unseen), alert,
        asked.events(scrape),
    )  # fmt: skip


def _gaps(engines: Sequence[Watched], targets: Sequence[Target], grid: Grid, begin: int) -> Iterator[Unseen]:
    """When nothing at all was scraped, and whether there is anything before the span."""
    seen = [
        any(not math.isnan(one.gauges["running"][n]) for one in engines if "running" in one.gauges)
        or any(not math.isnan(target.up[n]) for target in targets)
        for n in range(grid.count)
    ]
    first = seen.index(True) if True in seen else grid.count
    if first > begin // 2:
        yield Unseen(
            "before", say("There is too little before the span to compare it with"), grid.start,
            grid.start + first * grid.step,
        )  # fmt: skip
    since: int | None = None
    for n in range(first, grid.count + 1):
        there = n < grid.count and seen[n]
        if not there and since is None and n < grid.count:
            since = n
        elif there and since is not None:
            yield Unseen(
                "gap", say("No server was scraped: Prometheus had stopped, or lost its targets"),
                grid.start + since * grid.step, grid.start + n * grid.step,
            )  # fmt: skip
            since = None


@dataclass
class _Asked:
    inquiry: Inquiry
    grid: Grid

    def _course(self, what: str, query: str, labels: Sequence[str], series: int) -> Course:
        return self.inquiry.course(what, query, self.grid, labels, series)

    def engines(self) -> tuple[Watched, ...]:
        """Every engine that was seen, with its counters and gauges as they were."""
        inquiry, labels = self.inquiry, self.inquiry.settings.engine_labels
        gauges: dict[str, Course] = {}
        many = 50
        for gauge, metric in GAUGES.items():
            query = aggregate(
                "sum" if gauge != "kv" else "max", labels, f"max without (pid) ({inquiry.series(metric)})"
            )
            gauges[gauge] = self._course("engines", query, labels, many)
            many = max(1, len(gauges["running"]))
        counts: dict[Counted, Course] = {}
        for name, (metric, part, own) in COUNTS.items():
            if name not in _UNUSED:
                where: tuple[Matcher, ...] = ((own[0], "=", own[1]),) if own else ()
                counts[name] = self._course("counters", inquiry.engines("sum", metric, part, where), labels, many)
        for extra, (metric, where) in _EXTRAS.items():
            counts[extra] = self._course("counters", inquiry.engines("sum", metric, Part.VALUE, where), labels, many)
        counts["failed_transfers"] = self._course("counters", self._failures(), labels, many)
        keys = sorted({key for found in (*gauges.values(), *counts.values()) for key in found})
        return tuple(
            Watched(
                inquiry.who(key),
                {name: found[key] for name, found in counts.items() if key in found},
                {gauge: found[key] for gauge, found in gauges.items() if key in found},  # type: ignore[misc]
            )
            for key in keys
            if any(key in found for found in gauges.values()) or key in counts["generated"]
        )

    def _failures(self) -> str:
        """Families with the same labels would hide each other behind `or`, so each is told apart."""
        each = [f'label_replace({self.inquiry.series(x)}, "of", "{x.id}", "", "")' for x in TRANSFER_FAILURES]
        return aggregate("sum", self.inquiry.settings.engine_labels, either(each))

    def events(self, scrape: float) -> Mapping[Place, Events]:
        """Of each model, first tokens by its objective: growth at each point, of the last few scrapes."""
        inquiry, budget, found = self.inquiry, slo.BY_KIND["ttft"], dict[Place, Events]()
        window = max(2 * self.grid.step, 4 * scrape)
        reader = replace(inquiry.reader("model"), window=f"{window:g}s")
        for objective in objectives_of(budget, inquiry.settings):
            good, total = (
                self._course("objectives", f"{self.grid.step / window:g} * {operand(text)}", reader.by, 20)
                for text in events(budget, objective, reader, "increase")
            )
            for key in good.keys() & total.keys():
                own = Events(budget.kind, objective.target, objective.within, good[key], total[key])
                found.setdefault(inquiry.place(key), own)
        return found

    # ----------------------------------------------------------------------------------------- targets

    def targets(self, known: set[Who]) -> tuple[Target, ...]:
        """Scrape targets that showed an engine, and those that the site's selector finds."""
        inquiry, settings = self.inquiry, self.inquiry.settings
        labels, many = (*settings.scope_labels, "instance"), max(20, len(known))
        of_jobs = settings.target_selector
        ups = self._course("targets", f"min by ({', '.join(labels)}) (up{{{of_jobs}}})", labels, many)
        scrapes = self._course(
            "targets", f"max by ({', '.join(labels)}) (scrape_duration_seconds{{{of_jobs}}})", labels, many
        )
        starts = self._course("restarts", self._starts(labels), labels, many)
        configs = self._configs(labels)
        versions = self._versions(labels)
        nothing = array("d", [math.nan]) * self.grid.count
        return tuple(
            Target(
                inquiry.target(key), ups.get(key, nothing), scrapes.get(key, nothing), starts.get(key, nothing),
                configs.get(key, ()), versions.get(key),
            )
            for key in sorted({*ups, *configs, *starts})
            if inquiry.target(key) in known or not inquiry.chosen
        )  # fmt: skip

    def _starts(self, labels: Sequence[str]) -> str:
        return aggregate("max", labels, either(self.inquiry.planned.raw_reader("target").series(m.PROCESS_START_TIME)))

    def _configs(
        self, labels: Sequence[str]
    ) -> dict[tuple[str, ...], tuple[tuple[Mapping[str, str], array[float]], ...]]:
        """What each target's engines were configured with, and when they showed it."""
        rows = self.inquiry.api.matrix(
            self.inquiry.series(m.CACHE_CONFIG), self.grid.start, self.grid.end, max(self.grid.step, 60.0)
        ).rows
        found: dict[tuple[str, ...], list[tuple[Mapping[str, str], array[float]]]] = {}
        place = {*labels, "engine", "job", "pod", "node", "container", "endpoint", "service", "model_name"}
        for row in rows:
            key = tuple(row.labels.get(label, "") for label in labels)
            facts = {k: v for k, v in row.labels.items() if k not in place and k not in _NO_FACT}
            shown = self.inquiry.redaction.labels(facts) if self.inquiry.redaction else facts
            found.setdefault(key, []).append((shown, array("d", [at for at, _ in row.points])))
        return {key: tuple(sorted(held, key=lambda one: one[1][0])) for key, held in found.items()}

    def _versions(self, labels: Sequence[str]) -> dict[tuple[str, ...], tuple[str, str]]:
        """Versions, by the names that each target showed at the beginning and at the end, where they differ."""
        prefixes = "|".join(f"{prefix}.+" for prefix in self.inquiry.settings.metric_prefixes)
        both = []
        for at in (self.grid.start + 600, self.grid.end):
            query = f'group by (__name__, {", ".join(labels)}) ({{__name__=~"{escaped(prefixes)}"}})'
            try:
                rows = self.inquiry.api.vector(query, at)
            except SourceError:  # a server that takes no pattern of names
                return {}
            names: dict[tuple[str, ...], list[Sample]] = {}
            for row, _ in rows:
                key = tuple(row.get(label, "") for label in labels)
                names.setdefault(key, []).append(Sample(row.get("__name__", ""), {}, 0.0, None))
            both.append({key: version_range(snapshot(page_of(samples))) for key, samples in names.items()})
        first, last = both
        return {
            key: (_version(first[key]), _version(last[key]))
            for key in first.keys() & last.keys()
            if first[key] != last[key]
        }


def _version(span: tuple[str | None, str | None]) -> str:
    low, high = span
    return low if low and low == high else f"{low or '?'}–{high or '…'}"
