"""Which panels and alerts the names that are there can fill, and why not the others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from vllm_observability.boards.panel_words import beside_engines, metrics_of, with_objectives
from vllm_observability.catalog import checks, slo
from vllm_observability.catalog import metrics as m
from vllm_observability.catalog.boards import Chart
from vllm_observability.doctor.records import Problem, State, all_well, summed_labels, wrong_prefix
from vllm_observability.model import ByName, Either, Leaf, Metric, Node, Over, Owner, Raw, metrics, parts, version_key
from vllm_observability.pages.snapshot import Snapshot
from vllm_observability.report.facts import version_range
from vllm_observability.rules.budgets import objectives_of
from vllm_observability.settings import Settings


@dataclass(frozen=True)
class Names:
    """Names of series, under vLLM's own prefix, the versions that fit them, and the prefix that stands before them.

    `apart`: labels that nobody knows and that tell rows apart.
    """

    known: frozenset[str]
    versions: tuple[str | None, str | None]
    prefix: str | None = None  # None: as the settings have it
    apart: tuple[str, ...] = ()

    def has(self, metric: Metric) -> bool:
        """Whether a metric is there under any of its names."""
        return any(name in self.known for part in metric.parts for name in metric.series(part))

    def why_not(self, metric: Metric) -> tuple[str, bool]:
        """Why a metric is missing, and whether that is as it should be."""
        name = metric.names[0]
        oldest = self.versions[0]
        if metric.condition:
            return f"{name.text} needs {metric.condition}", True
        since = min((version_key(each.since) for each in metric.names), default=())
        until = max((version_key(each.until) for each in metric.names if each.until), default=())
        if oldest and since > version_key(oldest):
            newest = self.versions[1]
            sure = newest is not None and version_key(newest) < since
            why = "these engines are older" if sure else "these engines are older, or run the V0 engine"
            return f"{name.text} exists from vLLM {'.'.join(map(str, since))} on, and {why}", True
        gone = until and all(each.until for each in metric.names)
        if gone and oldest and until < version_key(oldest):
            return f"{name.text} was removed after vLLM {'.'.join(map(str, until))}", True
        if metric.owner is not Owner.ENGINE:
            return f"{name.text} is not exposed: another front end, Ray, or several API-server processes", True
        return f"{name.text} is missing", False


def names_of_page(page: Snapshot) -> Names:
    """The names of a page, whatever its prefix."""
    known = frozenset(
        metric_series
        for metric in m.ALL
        for part in metric.parts
        if page.of(metric, part)
        for metric_series in metric.series(part)[:1]
    )
    return Names(known, version_range(page), page.prefix, page.apart)


@dataclass(frozen=True)
class Coverage:
    """Panels and alerts, each with what it lacks, and what stands in the way of all of them."""

    panels: tuple[State, ...]
    alerts: tuple[State, ...]
    problems: tuple[Problem, ...] = ()

    @property
    def sound(self) -> bool:
        """Nothing to mend."""
        return all_well(self.problems, (*self.panels, *self.alerts))


def coverage(names: Names, settings: Settings) -> Coverage:
    """By names alone: a metric that is there may have had no traffic, and no page tells what stands beside engines."""
    return Coverage(
        tuple(of_chart(place, chart, names) for place, chart in charts(settings) if not beside_engines(chart)),
        tuple(alerts(names, settings)),
        (
            *((wrong_prefix([found]),) if (found := names.prefix) and found not in settings.metric_prefixes else ()),
            *summed_labels(names.apart, settings),
        ),
    )


def charts(settings: Settings) -> Iterator[tuple[str, Chart]]:
    """Every chart of a site's boards that asks for metrics, with its place; of two in one place the first."""
    seen = set()
    for board in settings.drawn:
        for section in board.sections:
            for chart in section.charts:
                kept = with_objectives(chart, settings)
                place = f"{board.name} / {chart.title}"
                if kept and place not in seen and (metrics_of(kept) or beside_engines(kept)):
                    seen.add(place)
                    yield place, kept


def of_chart(place: str, chart: Chart, names: Names) -> State:
    """A panel has something to show where one of its signals has all that it reads."""
    lacks = [lacking(signal.expr, names) for signal in chart.signals]
    return State(place, True) if any(not lack for lack in lacks) else _lacks(place, lacks[0], names)


def _lacks(of: str, missing: list[Metric], names: Names) -> State:
    if not missing:
        return State(of, True)
    why, expected = names.why_not(missing[0])
    return State(of, False, why, expected)


def lacking(node: Node | Leaf, names: Names) -> list[Metric]:
    """Metrics without which an expression has no answer; where one of several is enough, none of these."""
    made_of = parts(node)
    if not made_of:
        return [metric for metric in metrics(node) if not names.has(metric)]
    if isinstance(node, Either):
        # Of what a site chose nobody knows by names whether it is there: the other half is enough.
        both = [lacking(part, names) for part in made_of if not isinstance(part, ByName)]
        return both[0] if all(both) else []
    if isinstance(node, Raw) and any(word in node.promql.split() for word in ("or", "unless")):
        # Functions over a range that are joined by `or`, or only taken away: one of them is enough.
        overs = [part for part in made_of if isinstance(part, Over)]
        if any(names.has(over.metric) for over in overs):
            made_of = tuple(part for part in made_of if not isinstance(part, Over))
    return [metric for part in made_of for metric in lacking(part, names)]


def alerts(names: Names, settings: Settings) -> Iterator[State]:
    """Every alert on vLLM's metrics that a site has, by those that its expression reads."""
    read: dict[str, list[Metric]] = {}
    for check in checks.ALL:
        if check.alert and check.alert not in settings.alerts_off:
            lacked = [metric for signal in check.signals for metric in lacking(signal.expr, names)]
            read.setdefault(check.alert, []).extend(lacked)
    for budget in slo.BUDGETS:
        if objectives_of(budget, settings) and budget.alert not in settings.alerts_off:
            read[budget.alert] = lacking(budget.events_counted, names)
    for alert, missing in read.items():
        yield _lacks(alert, missing, names)
