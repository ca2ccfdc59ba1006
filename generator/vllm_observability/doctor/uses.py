"""Which series anything of ours reads: found in the queries themselves, so that nothing has to be kept in step."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from vllm_observability.boards.forms import fleet, raw
from vllm_observability.catalog import metrics as m
from vllm_observability.catalog import runbooks
from vllm_observability.catalog import signals as s
from vllm_observability.catalog.runbooks.record import SloSeries
from vllm_observability.doctor.names import charts
from vllm_observability.doctor.records import Unused
from vllm_observability.model import Metric
from vllm_observability.queries.promql import Reader
from vllm_observability.queries.recorded import plan
from vllm_observability.rules.alerts import alert_groups
from vllm_observability.rules.budgets import slo_alert_groups, slo_groups
from vllm_observability.rules.recording import recording_groups
from vllm_observability.settings import Settings

# What the report asks beyond figures: configuration, age, kinds of waiting.
FACTS = (m.CACHE_CONFIG, m.ITERATION_TOKENS, m.PROCESS_START_TIME, m.PYTHON_INFO, m.REQUESTS_WAITING_BY_REASON)
_NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
CREATED = ".*_created"  # timestamps of the Python client; one pattern, for nothing reads any
_PARTS = re.compile(r"(.+?)(_bucket|_count|_sum|_total)?")


def names_read(settings: Settings) -> frozenset[str]:
    """Every name that stands in a query of a rule, an alert, a board, a runbook or the report."""
    return frozenset(name for text in _queries(settings) for name in _NAME.findall(text))


def _queries(settings: Settings) -> Iterator[str]:
    for groups in (recording_groups, alert_groups, slo_groups, slo_alert_groups):
        yield from (rule.expr for group in groups(settings) for rule in group.rules)
    for form in (raw(settings), fleet(settings)):
        yield from (form.text(chart, signal) for _, chart in charts(settings) for signal in chart.signals)
    planned = plan(settings)
    for book in runbooks.ALL:
        for step in book.diagnosis:
            if not isinstance(step.query.expr, SloSeries):  # that is recorded
                yield planned.reader(step.level).text(step.query.expr)
    reader = planned.raw_reader("model")
    for signal in (signal for signal in s.ALL if signal.figure):
        yield reader.text(signal.expr)
    for metric in (*s.LATENCIES.values(), *FACTS):
        yield from _series(reader, metric)


def _series(reader: Reader, metric: Metric) -> Iterator[str]:
    for part in metric.parts:
        yield from reader.series(metric, part)


def unused(series: Mapping[str, int], settings: Settings) -> tuple[Unused, ...]:
    """Patterns of names that nothing of ours reads, the dearest first; `series`: how many there are of a name."""
    read = names_read(settings)
    families: dict[str, list[str]] = {}
    for name in series:
        if name not in read:
            families.setdefault(family(name), []).append(name)
    found = [Unused(_pattern(family, names), sum(series[n] for n in names)) for family, names in families.items()]
    return tuple(sorted(found, key=lambda one: (-one.series, one.pattern)))


def of_a_page(name: str, settings: Settings) -> bool:
    """Not what Prometheus itself adds to a target, nor a recorded series."""
    if name in ("up", "ALERTS", "ALERTS_FOR_STATE") or name.startswith("scrape_"):
        return False
    return ":" not in name or name.startswith(settings.metric_prefixes)


def family(name: str) -> str:
    """What a series belongs to, by its name."""
    if name.endswith("_created"):
        return CREATED
    match = _PARTS.fullmatch(name)
    return match[1] if match else name


def _pattern(family: str, names: list[str]) -> str:
    """For `regex:` of a relabel rule, which is anchored."""
    if family == CREATED:
        return family
    endings = sorted(name.removeprefix(family) for name in names)
    return re.escape(family) + (endings[0] if len(endings) == 1 else f"({'|'.join(endings)})")
