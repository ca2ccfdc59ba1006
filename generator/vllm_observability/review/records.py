"""What a review is made from, and what it says: values of a span of time, and the two stories told of them."""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from vllm_observability.intervals.records import Count, Gauge
from vllm_observability.model import BudgetKind, Unit
from vllm_observability.prometheus.history import Grid
from vllm_observability.words.phrases import Phrase, Quantity

Extra = Literal["aborted", "corrupted", "rejected", "failed_transfers"]
Counted = Count | Extra


@dataclass(frozen=True, order=True)
class Place:
    """A model of one deployment: values of the site's scope labels, and the model's name."""

    scope: tuple[str, ...]
    model: str


@dataclass(frozen=True, order=True)
class Who:
    """One engine, or (without an engine and a model) a scrape target."""

    scope: tuple[str, ...]
    instance: str
    engine: str = ""
    model: str = ""

    @property
    def place(self) -> Place:
        """The deployment that it belongs to."""
        return Place(self.scope, self.model)

    @property
    def target(self) -> Who:
        """Its scrape target."""
        return Who(self.scope, self.instance)


@dataclass(frozen=True)
class Firing:
    """An alert that fired, from its first to its last moment on the grid."""

    alert: str
    severity: str
    labels: Mapping[str, str]
    since: float
    until: float

    @property
    def seconds(self) -> float:
        """How long."""
        return self.until - self.since


@dataclass(frozen=True)
class Unseen:
    """Something that a review could not see, and when."""

    id: str
    text: Phrase
    since: float | None = None
    until: float | None = None


# ------------------------------------------------------------------------------------------------- a week


@dataclass(frozen=True)
class Events:
    """Good and all events of an objective, hour by hour or point by point."""

    kind: BudgetKind
    target: float
    within: float | None
    good: array[float]
    total: array[float]


@dataclass(frozen=True)
class ModelWeek:
    """What one model did, hour by hour. grown: growth of counts; finished: by reason; buckets: by bound.

    engine_seconds, busy_seconds: summed over engines.
    """

    place: Place
    engine_seconds: array[float]
    busy_seconds: array[float]
    grown: Mapping[Count, array[float]] = field(default_factory=dict)
    finished: Mapping[str, array[float]] = field(default_factory=dict)
    buckets: Mapping[str, Mapping[float, array[float]]] = field(default_factory=dict)
    events: tuple[Events, ...] = ()


@dataclass(frozen=True)
class Totals:
    """A span in a few sums, to set beside another."""

    requests: float
    prompt_tokens: float
    output_tokens: float
    engine_seconds: float


@dataclass(frozen=True)
class WeekData:
    """Everything that was read of a week. `hours`: the end of each hour."""

    name: str
    start: float
    end: float
    hours: Grid
    models: tuple[ModelWeek, ...]
    alerts: tuple[Firing, ...]
    unseen: tuple[Unseen, ...]
    recorded_share: float
    busiest: tuple[float, float] | None = None
    before: Totals | None = None


@dataclass(frozen=True)
class Shares:
    """Of a model's engine-hours: busy and, within it, lost. A part is None where its counts are not shown."""

    busy: float
    recomputed: float | None
    aborted: float | None
    spared: float | None

    @property
    def idle(self) -> float:
        """Without a request."""
        return max(0.0, 1.0 - self.busy)

    @property
    def lost(self) -> float:
        """All that is known of it."""
        return sum(part for part in (self.recomputed, self.aborted, self.spared) if part is not None)


@dataclass(frozen=True)
class Latency:
    """Mean and percentiles of a week; these with their quality, since beyond the buckets only a bound is known."""

    of: str
    mean: float | None
    p50: Quantity | None
    p95: Quantity | None
    p99: Quantity | None
    count: float


@dataclass(frozen=True)
class Spent:
    """An objective over the week: the share of bad events, the share allowed, and the budget spent, 1 being all."""

    kind: BudgetKind
    bad: float
    total: float
    allowed: float

    @property
    def share(self) -> float:
        """Bad events over all."""
        return self.bad / self.total

    @property
    def spent(self) -> float:
        """Of what the span was allowed."""
        return self.share / self.allowed


@dataclass(frozen=True)
class Cost:
    """What a model's engines cost; None where there were no tokens to divide by."""

    price: float
    spend: float
    idle: float
    lost: float
    per_million_output: float | None
    per_million_tokens: float | None


@dataclass(frozen=True)
class ModelStory:
    """One model's week, or (without a place) all of them."""

    place: Place | None
    requests: float
    prompt_tokens: float
    output_tokens: float
    engine_hours: float
    engines: float
    shares: Shares
    latencies: tuple[Latency, ...]
    spent: tuple[Spent, ...]
    finished: Mapping[str, float]
    cost: Cost | None


@dataclass(frozen=True)
class AlertSum:
    """An alert over the week: how often it fired, and for how long in all."""

    alert: str
    severity: str
    count: int
    minutes: float


@dataclass(frozen=True)
class WorstHour:
    """An hour in which users waited: its beginning, the model, requests, late first tokens and failures."""

    at: float
    place: Place
    requests: float
    late: float
    failed: float


@dataclass(frozen=True)
class Week:
    """The story of a week."""

    name: str
    start: float
    end: float
    whole: ModelStory
    models: tuple[ModelStory, ...]
    alerts: tuple[AlertSum, ...]
    worst: tuple[WorstHour, ...]
    busiest: tuple[float, float] | None
    growth: Mapping[str, float]
    first: tuple[Phrase, ...]
    unseen: tuple[Unseen, ...]
    hours: Grid
    requests_by_hour: tuple[float, ...]
    busy_by_hour: tuple[float, ...]
    late_by_hour: tuple[float, ...]
    firings: tuple[Firing, ...]
    recorded_share: float


# ---------------------------------------------------------------------------------------------- an incident


@dataclass(frozen=True)
class Watched:
    """One engine on a grid: what its counters and gauges showed, NaN where it showed nothing."""

    who: Who
    counts: Mapping[Counted, array[float]]
    gauges: Mapping[Gauge, array[float]]


@dataclass(frozen=True)
class Target:
    """One scrape target on a grid. configs: each set of facts that its engines showed, and when."""

    who: Who
    up: array[float]
    scrape_seconds: array[float]
    started: array[float]
    configs: tuple[tuple[Mapping[str, str], array[float]], ...] = ()
    versions: tuple[str, str] | None = None


@dataclass(frozen=True)
class IncidentData:
    """Everything that was read of an incident. `begin`: the point at which the span asked for begins; before it is what
    it is compared with; events: first tokens by each model's objective."""

    name: str
    grid: Grid
    begin: int
    engines: tuple[Watched, ...]
    targets: tuple[Target, ...]
    alerts: tuple[Firing, ...]
    unseen: tuple[Unseen, ...]
    alert: str | None = None
    events: Mapping[Place, Events] = field(default_factory=dict)


@dataclass(frozen=True)
class Sign:
    """Something that became different. `until` None: it still was at the end; engines: empty where it was all of the
    model's; before, after: the number, where there is one; detail: what changed into what."""

    kind: str
    at: float
    until: float | None
    place: Place
    engines: tuple[Who, ...] = ()
    before: float | None = None
    after: float | None = None
    unit: Unit = Unit.NONE
    times: int = 1
    detail: str = ""
    where: str = ""


@dataclass(frozen=True)
class Felt:
    """What users of a model felt, from the first sign to the end of it, beside the time before."""

    place: Place
    requests: float
    late: float | None
    late_share: float | None
    late_share_before: float | None
    failed: float
    failed_share: float | None
    failed_share_before: float | None


@dataclass(frozen=True)
class Happened:
    """A line of the time line."""

    at: float
    text: Phrase
    severity: str = ""


@dataclass(frozen=True)
class Split:
    """Mean time to the first token of a model at each point, and what it was made of; NaN where none came."""

    place: Place
    load: tuple[float, ...]
    queue: tuple[float, ...]
    prefill: tuple[float, ...]
    rest: tuple[float, ...]


@dataclass(frozen=True)
class Incident:
    """The story of an incident. first: the earliest sign, None where nothing differs; together: others of that moment;
    engines: those that the first sign names; ended None: it had not by the end."""

    name: str
    start: float
    end: float
    alert: str | None
    first: Sign | None
    together: tuple[Sign, ...]
    signs: tuple[Sign, ...]
    engines: tuple[Who, ...]
    began: float | None
    ended: float | None
    felt: tuple[Felt, ...]
    line: tuple[Happened, ...]
    alerts: tuple[Firing, ...]
    runbooks: tuple[tuple[str, str], ...]
    splits: tuple[Split, ...]
    unseen: tuple[Unseen, ...]
    grid: Grid
    begin: int
