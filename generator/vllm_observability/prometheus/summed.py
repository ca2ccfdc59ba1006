"""Recorded series -> samples of the pages they were made of: a fleet's sums, in place of every engine's every bucket.

The rules record rates; a rate summed over time is growth again, smeared over one window. Restarts are in it already.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache

from vllm_observability.catalog import checks
from vllm_observability.catalog import metrics as m
from vllm_observability.catalog import signals as s
from vllm_observability.model import Growth, Kind, Level, Matcher, Owner, Part, Raw, metrics
from vllm_observability.pages.scrape import Sample
from vllm_observability.prometheus.answers import Histogram, Value
from vllm_observability.prometheus.api import Api, QueryRefused
from vllm_observability.prometheus.native import Rows, edges, exact, form_with, known_bounds, samples
from vllm_observability.queries.promql import Reader, Recorded, selector
from vllm_observability.queries.reads import Series, report_reads
from vllm_observability.queries.recorded import LEVELS, Plan, plan
from vllm_observability.settings import Settings
from vllm_observability.settings.durations import seconds
from vllm_observability.settings.site import Histograms


@cache
def needed() -> frozenset[Series]:
    """What a report reads of an engine's page; its server's own series are asked by target, all of them.

    Failures that counters hold are left to the alerts' own questions, where these are not answered from a page.
    """
    judged = [check.signal.expr for check in checks.ALL if not isinstance(check.signal.expr, Raw)]
    answered = {metric for expr in judged for metric in metrics(expr)}
    of_pages = {metric for signal in s.PAGE_READS for metric in metrics(signal.expr)} - answered
    return frozenset(one for one in report_reads() if one[0].owner is Owner.ENGINE and one[0] not in of_pages)


def spared(planned: Plan) -> Mapping[Series, Recorded]:
    """What recorded series give whole, and which: a histogram with all its parts, a gauge only engine by engine."""
    found: dict[Series, Recorded] = {}
    for level in LEVELS:  # engines first, so that each engine's share is known where it was recorded
        for node, recorded in planned.parts[level].items():
            if isinstance(node, Growth) or (isinstance(node, Level) and level == "engine"):
                if node.where:  # some of its series, for one question
                    continue
                whole = node.part is Part.VALUE and node.metric.kind is Kind.HISTOGRAM
                part = Part.BUCKET if whole and planned.settings.histograms == "native" else node.part
                found.setdefault((node.metric, part), recorded)
    return {one: found[one] for one in needed() if all(each in found for each in needed() if each[0] is one[0])}


def recorded_form(api: Api, settings: Settings, at: float) -> Histograms | None:
    """How the rules that recorded these series read histograms: the settings are perhaps not those of their build.

    None: they record none, for want of a series of that form.
    """
    planned = plan(replace(settings, histograms="both"))
    native, classic = (
        bool((found := planned.find("model", Growth(m.TTFT, part))) and api.vector(f"count({found.name})", at))
        for part in (Part.VALUE, Part.BUCKET)
    )
    return form_with(native=native, classic=classic)


def raw_names(planned: Plan) -> tuple[str, ...]:
    """Names of what has to be read raw all the same; the running gauge always, since it has every target's labels."""
    left = sorted(
        {*needed() - spared(planned).keys(), (m.REQUESTS_RUNNING, Part.VALUE)},
        key=lambda one: (one[0].id, one[1].value),
    )
    reader = _names(planned)
    return tuple(dict.fromkeys(name for metric, part in left for name in reader.names(metric, part)))


def summed(api: Api, planned: Plan, chosen: Sequence[Matcher], at: float, since: float, have: set[str]) -> list[Sample]:
    """Samples for every spared series whose name is not in `have`; growth over `since` up to `at`."""
    names = _names(planned)
    wanted = {
        recorded.name: name
        for (metric, part), recorded in spared(planned).items()
        if not have.intersection(names.series(metric, part))
        for name in names.series(metric, part)[:1]
    }
    rate = f":rate{planned.settings.rate_window}"
    step = _step(planned, since)
    span = f"[{max(1, round(since / step)) * step}s:{step}s]"
    # Up to 2.55 a point at either end counts, so none may lie there. A span of a second less would not do either:
    # VictoriaMetrics gives it a point less.
    at += 0.001 if at % step == 0 else 0
    rows = [*_rows(api, [name for name in wanted if name.endswith(rate)], chosen, f"sum_over_time({{}}{span})", at)]
    found = _samples(wanted, rows, step, planned.settings)
    rows = [*_rows(api, [name for name in wanted if not name.endswith(rate)], chosen, "{}", at)]
    return found + _samples(wanted, rows, 1, planned.settings)


def _names(planned: Plan) -> Reader:
    return Reader(by=(), window="", prefixes=planned.settings.metric_prefixes, histograms="both")


def _step(planned: Plan, since: float) -> int:
    """Seconds between the points that are added up: within a rate window, and sixty if that allows it."""
    window = seconds(planned.settings.rate_window) or 300.0
    return int(max(15, min(window, since / 60)))


def _rows(
    api: Api, names: Sequence[str], chosen: Sequence[Matcher], query: str, at: float
) -> Iterator[tuple[Mapping[str, str], Value]]:
    """By one pattern, or name by name where a server takes none; the name is kept in a label, for functions drop it."""
    if not names:
        return
    try:
        every = selector("", (("__name__", "=~", "|".join(map(re.escape, names))), *chosen))
        yield from api.values(query.format(f'label_replace({every}, "recorded", "$1", "__name__", "(.*)")'), at)
    except QueryRefused:
        for name in names:
            yield from api.values(
                query.format(f'label_replace({selector(name, chosen)}, "recorded", "{name}", "", "")'), at
            )


def _samples(names: Mapping[str, str], rows: Rows, times: float, settings: Settings) -> list[Sample]:
    """Rows, so many times, under the names of the series that they were made of; of native histograms the buckets."""
    bounds: dict[str, set[float]] = {}
    for labels, value in rows:
        if isinstance(value, Histogram):
            bounds.setdefault(labels.get("recorded", ""), set()).update(edges(value))
    known, found = known_bounds(settings), []
    for labels, value in rows:
        recorded = labels.get("recorded", "")
        if (name := names.get(recorded)) is None:
            continue
        own = {key: text for key, text in labels.items() if key not in ("__name__", "recorded")}
        if isinstance(value, Histogram):
            whole = name.removesuffix(Part.BUCKET.value)
            at = exact([value], bounds[recorded] | known.get(whole, frozenset()))
            found += [sample for sample in samples(whole, own, value, at) if sample.name == name]
        else:
            found.append(Sample(name, own, value, None))
    return [replace(sample, value=sample.value * times) for sample in found]
