"""Which questions are recorded, under which names and at which level; and readers that make use of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from vllm_observability.catalog import boards, checks, fleet_signals
from vllm_observability.catalog import signals as s
from vllm_observability.model import Check, Growth, Kind, Level, Metric, Node, Over, Part, Scope, Signal, Spend, leaves
from vllm_observability.queries.promql import Reader, Recorded
from vllm_observability.settings import Settings
from vllm_observability.settings.checking import edges
from vllm_observability.settings.durations import seconds

LEVELS: tuple[Scope, ...] = ("engine", "model")
RECORDED: tuple[Scope, ...] = ("target", *LEVELS)
MEMORY = "memory"  # the topic of what looks back for minutes: a number of the cycle before is good enough there
SCRAPE_TIMEOUT = 10  # seconds: Prometheus' own default, which cuts a scrape off however long its interval is
HISTOGRAMS = "-histograms"  # ends the topic of what is read bucket by bucket


def signals_needed() -> tuple[Signal, ...]:
    """Signals that alerts and fleet boards read, conditions included, each once."""
    found = {signal.id: signal for signal in (*s.ALL, *fleet_signals.ALL) if signal.record}
    for check in checks.ALL:
        for signal in check.signals:
            found.setdefault(signal.id, signal)
    for board in boards.ALL:
        for chart in (chart for section in board.sections for chart in section.charts):
            for signal in chart.signals:
                recorded_apart = isinstance(signal.expr, Spend)  # by the rules of the budgets
                if not recorded_apart and (chart.of in ("all", "model") or chart.of in signal.levels):
                    found.setdefault(signal.id, signal)
    return tuple(found.values())


def labels_of(level: Scope, settings: Settings) -> tuple[str, ...]:
    """Labels that name one thing of a level."""
    return {
        "scope": settings.scope_labels,
        "target": settings.target_labels,
        "model": settings.model_labels,
        "engine": settings.engine_labels,
    }[level]


@dataclass(frozen=True)
class Plan:
    """Every recorded node by level, with the topic of the group that records it; per bucket there is one of its own."""

    settings: Settings
    parts: Mapping[Scope, Mapping[Node, Recorded]]
    signals: Mapping[Scope, Mapping[Node, Recorded]]
    topics: Mapping[Node, str]

    def find(self, level: Scope, node: Node) -> Recorded | None:
        """The recorded series of a node at a level; a gauge recorded under another aggregation serves per engine.

        A few buckets are found among more of them.
        """
        if level not in RECORDED or (level == "target" and node not in self.signals[level]):
            level = "model"  # most of what alerts of targets and scopes read is recorded of models
        found = self.signals[level].get(node) or self.parts.get(level, {}).get(node)
        if found is None and level == "engine" and isinstance(node, Level):
            found = next((r for n, r in self.parts[level].items() if isinstance(n, Level) and _same(n, node)), None)
        if found is None and isinstance(node, Growth) and _some(node):
            found = next((r for n, r in self.parts.get(level, {}).items() if _holds(n, node)), None)
        return found

    def reader(self, level: Scope) -> Reader:
        """A reader that puts recorded series in, for alerts and fleet boards."""
        return replace(self._reader(level, lambda node: self.find(level, node)), recorded_at=self.find)

    def raw_reader(self, level: Scope) -> Reader:
        """A reader over raw series."""
        return self._reader(level, lambda _: None)

    def _reader(self, level: Scope, recorded: Callable[[Node], Recorded | None]) -> Reader:
        settings = self.settings
        words = {name: ", ".join(labels_of(name, settings)) for name in ("scope", "target", "model", "engine")}
        words |= {
            "selector": settings.target_selector,
            "servers": settings.server_selector,
            "short": settings.short_window,
            "rate_window": settings.rate_window,
            "gpu_join_label": settings.gpu_join_label or "",
            "rate_seconds": f"{seconds(settings.rate_window) or 0:g}",
            "place": ", ".join(settings.places),
            "place_model": ", ".join((*settings.places, "model_name")),
        }
        interval = seconds(settings.scrape_interval) or 0
        words |= {"interval": f"{interval:g}", "cut": f"{min(interval, 1.6 * SCRAPE_TIMEOUT):g}"}
        words["rare"] = f"{(seconds(settings.short_window) or 0) / 3:g}"  # under three samples in the shortest window
        return Reader(
            by=labels_of(level, settings),
            window=settings.rate_window,
            prefixes=settings.metric_prefixes,
            foreign=settings.target_selector,
            one_by=settings.engine_labels,
            recorded=recorded,
            histograms=settings.histograms,
            bounds=lambda metric: bounds_of(metric, settings),
            words=words,
        )


def bounds_of(metric: Metric, settings: Settings) -> tuple[float, ...]:
    """Where a histogram is taken apart: its bounds; of lengths, which depend on the model, all that vLLM can make."""
    return edges(metric, settings) or tuple(float(n * 10**power) for power in range(7) for n in (1, 2, 5))


def _same(one: Level, other: Level) -> bool:
    return (one.metric, one.where, one.at_least) == (other.metric, other.where, other.at_least)


def plan(settings: Settings) -> Plan:
    """Names and levels of everything to record."""
    parts: dict[Scope, dict[Node, Recorded]] = {level: {} for level in LEVELS}
    signals: dict[Scope, dict[Node, Recorded]] = {level: {} for level in RECORDED}
    topics: dict[Node, str] = {}
    for signal in signals_needed():
        for level in signal.levels:
            labels = labels_of(level, settings)
            asked = recordable(signal.expr) if level in LEVELS else ()
            for leaf in (stored for one in asked for stored in _stored(one, settings)):
                parts[level].setdefault(leaf, Recorded(_part_name(level, leaf, settings), (*labels, *_kept(leaf))))
                topics.setdefault(leaf, _topic(s.BUDGETS if _some(leaf) else leaf.metric.topic, leaf, settings))
            if signal.record:
                signals[level][signal.expr] = Recorded(signal_name(level, signal, settings), labels)
                topics.setdefault(signal.expr, _topic(signal.group, signal.expr, settings))
    for level in LEVELS:
        named: dict[Recorded, list[Node]] = {}  # several only of a histogram's few buckets
        for node, recorded in parts[level].items():
            named.setdefault(recorded, []).append(node)
        parts[level] = {_union(nodes): recorded for recorded, nodes in named.items()}
        topics |= {_union(nodes): topics[nodes[0]] for nodes in named.values()}
    return Plan(settings, parts, signals, topics)


def _union(nodes: Sequence[Node]) -> Node:
    """One read of all the buckets that several reads of a histogram need."""
    first = nodes[0]
    if len(nodes) == 1 or not isinstance(first, Growth):
        return first
    spelt = dict.fromkeys(text for node in nodes if isinstance(node, Growth) for text in _spelt(node))
    return replace(first, where=(("le", "=~", "|".join(spelt)),))


def _spelt(read: Growth) -> list[str]:
    return [text for _, _, pattern in read.where for text in pattern.split("|")]


def _holds(many: Node, few: Growth) -> bool:
    """Whether buckets of a histogram are among others that are recorded."""
    if not isinstance(many, Growth) or (many.metric, many.part) != (few.metric, few.part):
        return False
    return set(_spelt(few)) <= set(_spelt(many))


def recordable(node: Node) -> Iterator[Level | Growth]:
    """The leaves of an expression that recorded series can stand for: gauges, and growing series without a filter.

    A filter of buckets stays: the few that are read are far less than all.
    """
    for leaf in leaves(node):
        if isinstance(leaf, Level) or (isinstance(leaf, Growth) and _per_bucket(leaf)):
            yield leaf
        elif isinstance(leaf, Growth):
            yield leaf.whole


def _stored(leaf: Level | Growth, settings: Settings) -> tuple[Level | Growth, ...]:
    """What is recorded of a leaf, in the order in which it is read.

    A native histogram is one series, which holds all that can be asked of it: where there are no others, it is read
    over its window once, and its sum and its count are taken of what that gave. What has both is taken apart from it.
    """
    if not isinstance(leaf, Growth) or leaf.metric.kind is not Kind.HISTOGRAM or settings.histograms == "classic":
        return (leaf,)
    whole = replace(leaf, part=Part.VALUE)
    if leaf.part is not Part.BUCKET:
        return (whole, leaf) if settings.histograms == "native" else (leaf,)
    return (whole,) if settings.histograms == "native" else (whole, leaf)


def _topic(of: str, node: Node, settings: Settings) -> str:
    """Buckets have groups of their own; a native histogram is read anyway, for its sum and its count."""
    seldom = settings.histograms != "native" and of != s.BUDGETS
    return of + HISTOGRAMS if seldom and any(_per_bucket(leaf) for leaf in recordable(node)) else of


def _per_bucket(leaf: Level | Growth) -> bool:
    whole = isinstance(leaf, Growth) and leaf.part is Part.VALUE and leaf.metric.kind is Kind.HISTOGRAM
    return whole or (isinstance(leaf, Growth) and leaf.part is Part.BUCKET)


def _some(leaf: Level | Growth) -> bool:
    """Whether a few buckets of a histogram are read, not all: what error budgets are made of."""
    return _per_bucket(leaf) and leaf.where != ()


def _kept(leaf: Level | Growth) -> tuple[str, ...]:
    return ("le",) if leaf.part is Part.BUCKET else leaf.metric.split


def _part_name(level: Scope, leaf: Level | Growth, settings: Settings) -> str:
    if isinstance(leaf, Level):
        return f"{level}:vllm_{leaf.metric.id}:{leaf.agg}"
    some = "some_" if _some(leaf) else ""
    return f"{level}:vllm_{leaf.metric.id}{leaf.part.value}:{some}rate{settings.rate_window}"


def signal_name(level: Scope, signal: Signal, settings: Settings) -> str:
    """`level:vllm_stem:operation`, with the window where the operation is over a rate."""
    flows = any(
        isinstance(leaf, Growth) or (isinstance(leaf, Over) and "rate" in leaf.window) for leaf in leaves(signal.expr)
    )
    return f"{'engine' if level == 'target' else level}:vllm_{signal.record}" + (
        f"_rate{settings.rate_window}" if flows else ""
    )


def threshold_name(check: Check) -> str:
    """The recorded series of a check's bounds, one per model and severity."""
    return f"model:vllm_{check.id}:threshold"
