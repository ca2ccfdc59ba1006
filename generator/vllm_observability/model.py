"""The vocabulary: frozen records for metrics, signals, checks and boards, and the expression nodes.

Imports nothing of ours. Every other module reads these records; none changes them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Literal, TypeAlias

# --------------------------------------------------------------------------------------------- metrics


class Kind(Enum):
    """What a metric is, which decides what may be asked of it: only counters and histograms can grow."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"
    SUMMARY = "summary"
    INFO = "info"  # a gauge whose labels carry the facts


class Unit(Enum):
    """Unit of a number; readers turn it into words, Grafana unit ids and number formats."""

    SECONDS = "s"
    MILLISECONDS = "ms"
    RATIO = "ratio"  # 0 to 1
    TOKENS = "tokens"
    TOKENS_PER_SECOND = "tokens/s"
    REQUESTS = "requests"
    REQUESTS_PER_SECOND = "requests/s"
    PER_SECOND = "1/s"
    BYTES = "bytes"
    BYTES_PER_SECOND = "bytes/s"
    BLOCKS = "blocks"
    COUNT = "count"
    TIMESTAMP = "timestamp"  # Unix seconds
    MILLISECONDS_SINCE_1970 = "timestamp ms"  # as Grafana wants a date
    FLOPS = "flops"
    WATTS = "W"
    JOULES = "J"
    CELSIUS = "celsius"
    FACTOR = "times"  # how many times as much
    NONE = ""


class Part(Enum):
    """Which series of a metric: a histogram exposes three, a summary without quantiles two.

    The VALUE of a histogram is the one series in which a Prometheus may keep all of it.
    """

    VALUE = ""
    BUCKET = "_bucket"
    SUM = "_sum"
    COUNT = "_count"


class Owner(Enum):
    """Who exposes a metric; vLLM's own names need no job selector, everybody else's do."""

    ENGINE = "engine"  # named vllm:…
    SERVER = "server"  # http_*, of the API server
    PROCESS = "process"  # process_*, python_*: the API-server process only


class Quality(Enum):
    """How far a number can be trusted: a percentile outside the finite buckets is only a bound."""

    EXACT = "exact"
    INTERPOLATED = "interpolated"
    BELOW_FIRST = "below-first-bound"
    ABOVE_LAST = "above-last-bound"
    APPROXIMATE = "approximate"  # made of totals where the exact source is missing


def version_key(version: str) -> tuple[int, ...]:
    """Sorts versions by number."""
    return tuple(int(part) for part in re.findall(r"\d+", version))


@dataclass(frozen=True, slots=True)
class Name:
    """One name a metric has had, as exposed (counters with `_total`), and the vLLM versions that show it by default.

    `since` and `until` are examined releases; `until` None means still there in the newest. Up to `hidden_until` it
    can still be had with `--show-hidden-metrics-for-version`. `engine` is the generation that exposes it: "V0" (the
    default up to 0.7.3, a fallback up to 0.10.2), "V1", or both.
    """

    text: str
    since: str
    until: str | None = None
    hidden_until: str | None = None
    engine: Literal["V0", "V1", "both"] = "both"


@dataclass(frozen=True, slots=True)
class Buckets:
    """Finite bucket bounds of a histogram in a range of vLLM versions; `bounds` empty: they depend on the model."""

    since: str
    bounds: tuple[float, ...]
    until: str | None = None


@dataclass(frozen=True)
class Metric:
    """One metric through all its names. `labels` are those vLLM sets itself, in its newest version.

    `split`: the labels worth keeping in recorded series (others are summed away).
    `condition`: what must be switched on before it shows data (None: always there).
    """

    id: str
    kind: Kind
    unit: Unit
    meaning: str
    names: tuple[Name, ...]  # newest first
    labels: tuple[str, ...] = ("model_name", "engine")
    split: tuple[str, ...] = ()
    buckets: tuple[Buckets, ...] = ()
    condition: str | None = None
    notes: str = ""
    topic: str = ""
    owner: Owner = Owner.ENGINE

    def series(self, part: Part = Part.VALUE) -> tuple[str, ...]:
        """Exposed series names of one part, newest first."""
        return tuple(name.text + part.value for name in self.names)

    @property
    def parts(self) -> tuple[Part, ...]:
        """The parts this kind exposes."""
        if self.kind is Kind.HISTOGRAM:
            return (Part.BUCKET, Part.SUM, Part.COUNT)
        if self.kind is Kind.SUMMARY:
            return (Part.SUM, Part.COUNT)
        return (Part.VALUE,)

    def growing(self, part: Part) -> bool:
        """Whether that part only grows (and falls back to 0 at a restart)."""
        return self.kind is not Kind.GAUGE and self.kind is not Kind.INFO and part in self.parts


# ----------------------------------------------------------------------------------------- expressions
# A signal is a small tree of these. Two readers walk it: promql.py (text) and evaluate.py (numbers).

Scope = Literal["model", "engine", "target", "scope"]
Agg = Literal["sum", "max", "min", "avg"]
Matcher = tuple[str, Literal["=", "!=", "=~", "!~"], str]


@dataclass(frozen=True)
class Level:
    """The present value of a gauge, aggregated over engines: sum for counts, max or avg for shares.

    Values under `at_least` mean "off" (vLLM's V0 said -1) and are left out.
    """

    metric: Metric
    agg: Agg
    where: tuple[Matcher, ...] = ()
    at_least: float | None = None

    @property
    def part(self) -> Part:
        """A gauge has one part."""
        return Part.VALUE


@dataclass(frozen=True)
class Growth:
    """How much a counter (or a histogram's sum or count) grew in the window, summed over engines.

    With `where`, a group that has the metric but no matching series counts as 0: no error is an answer. Not where the
    matching series are `declared`, shown from the start by whoever counts such things: without them nobody counts.
    """

    metric: Metric
    part: Part = Part.VALUE
    where: tuple[Matcher, ...] = ()
    declared: bool = False

    @property
    def whole(self) -> Growth:
        """Of every series of the metric, as it is recorded."""
        return Growth(self.metric, self.part)


@dataclass(frozen=True)
class PerSecond:
    """Growth divided by the window's length in seconds."""

    growth: Growth


@dataclass(frozen=True)
class Ratio:
    """`over / under`, undefined (never NaN, never 0) where `under` is not above 0."""

    over: Node
    under: Node


@dataclass(frozen=True)
class Quantile:
    """Interpolated quantile of a histogram's growth; buckets are merged over engines first."""

    q: float
    metric: Metric


@dataclass(frozen=True)
class ShareWithin:
    """Share of a histogram's observations at or under one of its bucket bounds (exact, no interpolation)."""

    metric: Metric
    bound: float


@dataclass(frozen=True)
class Beyond:
    """Share of a histogram's observations above one of its bucket bounds: the rest of `ShareWithin`."""

    metric: Metric
    bound: float

    @property
    def read(self) -> Growth:
        """What it reads of the histogram."""
        return at_bounds(self.metric, self.bound)


@dataclass(frozen=True)
class Unexplained:
    """At least this share of starts is late for a reason that is neither the wait nor the work, which are parts of it.

    A start above the first number of a row is, where the wait is at most the second and the work at most the third.
    So many are certain: those above, less everybody who waits or works longer. The row with the most counts.
    """

    start: Metric
    wait: Metric
    work: Metric
    table: tuple[tuple[float, float, float], ...]  # bucket bounds

    @property
    def reads(self) -> tuple[Growth, Growth, Growth]:
        """What it reads of starts, waits and work."""
        starts, waits, works = zip(*self.table, strict=True)
        return at_bounds(self.start, *starts), at_bounds(self.wait, *waits), at_bounds(self.work, *works)


@dataclass(frozen=True)
class Late:
    """Estimated share of requests that wait for too long, beside their own work: from two histograms of the same ones.

    `table`: a wait above the first number, and up to that of the next row, is too long unless the request's own work
    takes longer than the second; None: whatever it takes. As in a queue in order of arrival, how long somebody waits is
    taken not to depend on how much they ask for. `besides`: others, who do not wait and are late all the same.
    """

    wait: Metric
    work: Metric
    table: tuple[tuple[float, float | None], ...]  # bucket bounds, rising
    besides: Unexplained

    @property
    def waits(self) -> Growth:
        """What it reads of the waits."""
        return at_bounds(self.wait, *(wait for wait, _ in self.table))

    @property
    def works(self) -> Growth:
        """What it reads of the work."""
        return at_bounds(self.work, *(work for _, work in self.table if work is not None))


def le_spellings(bound: float) -> str:
    """Regular expression for the ways a bucket bound is written: `1` and `1\\.0`, `0\\.25`."""
    if bound == math.inf:
        return "\\+Inf"
    text = f"{bound:.15g}"
    pattern = text.replace(".", "\\.").replace("+", "\\+")
    return pattern if "." in text or "e" in text else f"{pattern}|{pattern}\\.0"


def at_bounds(metric: Metric, *bounds: float) -> Growth:
    """A histogram's buckets at some bounds, and the one that holds everything."""
    pattern = "|".join(map(le_spellings, (*sorted(set(bounds)), math.inf)))
    return Growth(metric, Part.BUCKET, (("le", "=~", pattern),))


@dataclass(frozen=True)
class Either:
    """The first where it is defined, else the second; for a figure that another generation exposes ready-made.

    `approximate`: the second is near to the first, not the same.
    """

    first: Node
    second: Node
    approximate: bool = False


@dataclass(frozen=True)
class Plus:
    """A node plus a constant."""

    node: Node
    constant: float


@dataclass(frozen=True)
class Over:
    """`function` over a range of a metric's series, old names joined: `resets(new[30m]) or resets(old[30m])`.

    `window` may be `{short}`, four scrape intervals, or `{rate_window}`, the site's own.
    """

    function: str
    metric: Metric
    window: str = "{short}"
    part: Part = Part.VALUE
    where: tuple[Matcher, ...] = ()


@dataclass(frozen=True)
class Raw:
    """PromQL text for what only PromQL can say.

    In it `{metric_id}` stands for the joined names of a metric, and the names in `parts`, `series` and `overs` for
    what these say: `parts` are nodes, `series` nodes that must have been recorded (since `offset` and range selectors
    take no expression), `overs` functions over a range. Label lists are `{model}`, `{engine}`, `{target}`, `{scope}`
    and `{by}`, without the scrape job `{place}` and `{place_model}`. `{selector}` is the selector of vLLM's targets,
    `{servers}` the same without routers, `{interval}` and `{rate_seconds}` are the scrape interval and the rate window
    in seconds, `{cut}` the seconds by which slow scrapes are judged, `{rare}` those between
    scrapes that come too rarely.

    `at` are recorded nodes of another level.

    `peers`: a thing is compared with others of its kind, which count whether they are looked at or not. It has no
    second reader, so a signal made of it can't be in the report.
    """

    promql: str
    metrics: tuple[Metric, ...] = ()
    parts: tuple[tuple[str, Node], ...] = ()
    series: tuple[tuple[str, Node], ...] = ()
    overs: tuple[tuple[str, Over], ...] = ()
    at: tuple[tuple[str, Scope, Node], ...] = ()
    peers: bool = False


@dataclass(frozen=True)
class Present:
    """The present value of every series of a metric, as the text of a Raw names it: neither filtered nor summed."""

    metric: Metric
    part: Part = Part.VALUE
    where: tuple[Matcher, ...] = ()


BudgetKind = Literal["ttft", "itl", "e2e", "errors"]


@dataclass(frozen=True)
class Spend:
    """What is known of the error budget of one kind of objective; the answer depends on a site's objectives.

    `good`: the share of good events over the time range shown; `burn`: how many times faster than sustainable the
    budget goes; `left`: the share of it that is left; `objective`: the share of events that must be good. `events`
    is what good and bad ones are told by. Like Raw it has no second reader.
    """

    kind: BudgetKind
    what: Literal["good", "burn", "left", "objective"]
    events: Node


@dataclass(frozen=True)
class ByName:
    """A series that rules record beside the catalogue's questions, under this name and for each model.

    It is what a site chose (a threshold, a price), or what stands beside its engines. `of`: the metrics, not vLLM's,
    that it is made of.
    """

    name: str
    where: tuple[Matcher, ...] = ()
    of: tuple[str, ...] = ()


Node: TypeAlias = (
    "Level | Growth | PerSecond | Ratio | Quantile | ShareWithin | Beyond | Unexplained | Late | Either | Plus | Raw"
    " | Spend | ByName"
)
Leaf: TypeAlias = "Level | Growth | Over | Present"


def parts(node: Node | Leaf) -> tuple[Node | Leaf, ...]:
    """What a node is directly made of, in the order in which it is written; a leaf is made of nothing.

    No other code knows how nodes are put together: which metrics an expression reads, what can be recorded of it and
    what it lacks on a page are questions to this one walk.
    """
    if isinstance(node, Ratio):
        return node.over, node.under
    if isinstance(node, PerSecond):
        return (node.growth,)
    if isinstance(node, Either):
        return node.first, node.second
    if isinstance(node, Plus):
        return (node.node,)
    if isinstance(node, (Quantile, ShareWithin)):
        return (Growth(node.metric, Part.BUCKET),)
    if isinstance(node, Beyond):
        return (node.read,)
    if isinstance(node, Late):
        return node.waits, node.works, node.besides
    if isinstance(node, Unexplained):
        return node.reads
    if isinstance(node, Spend):
        return (node.events,)
    if isinstance(node, Raw):
        named = (part for _, part in (*node.parts, *node.series, *node.overs))
        return (*map(Present, node.metrics), *named, *(part for _, _, part in node.at))
    return ()


def nodes(node: Node | Leaf) -> Iterator[Node | Leaf]:
    """An expression and everything inside it, each before what it is made of."""
    yield node
    for part in parts(node):
        yield from nodes(part)


def leaves(node: Node | Leaf) -> Iterator[Leaf]:
    """Every place where an expression reads a metric: which one, which part of it, with which matchers."""
    return (each for each in nodes(node) if isinstance(each, (Level, Growth, Over, Present)))


def asks(node: Node, question: Node) -> bool:
    """Whether an expression is a question, or its text is made with it."""
    return node == question or any(question in parts(each) for each in nodes(node) if isinstance(each, Raw))


def metrics(node: Node | Leaf) -> tuple[Metric, ...]:
    """Every metric that an expression reads, each once, in the order in which it is written."""
    return tuple(dict.fromkeys(leaf.metric for leaf in leaves(node)))


def only_recorded(node: Node) -> bool:
    """Whether raw series can't answer it: without the recording rules it has no answer."""
    if isinstance(node, Spend):
        return node.what in ("left", "objective")
    if isinstance(node, ByName):
        return True
    return isinstance(node, Raw) and bool(node.series or node.at)


# --------------------------------------------------------------------------------- signals and checks

Severity = Literal["info", "warning", "critical"]


@dataclass(frozen=True)
class Signal:
    """A question asked of metrics, answered per model (and, where `levels` says so, per engine).

    `id` is the figure id in the report, where `figure` says it has a place there. `by` are labels that split the
    answer further. `record` is `stem:operation` of its recorded series; None: not recorded, its parts may be.
    `signed`: it may fall below 0. `nothing` says why there may be no answer, where its metrics don't tell.
    """

    id: str
    expr: Node
    unit: Unit
    title: str
    meaning: str
    record: str | None = None
    by: tuple[str, ...] = ()
    levels: tuple[Scope, ...] = ("model",)
    figure: bool = True
    topic: str | None = None
    decimals: int | None = None
    signed: bool = False
    nothing: str = ""

    @property
    def group(self) -> str:
        """The topic under which it is recorded: its own, else that of its first metric."""
        return self.topic or next(leaves(self.expr)).metric.topic


@dataclass(frozen=True)
class Condition:
    """A further clause of a bound: `signal op value`.

    or_unknown: it holds too where the signal has no answer. by_default: only beside the catalogue's own bound, and
    where it has an answer. A site that sets a number gets it.
    """

    signal: Signal
    op: Literal[">", "<", ">=", "<="]
    value: float
    why: str
    or_unknown: bool = False
    by_default: bool = False


@dataclass(frozen=True)
class Bound:
    """One severity of a check: fires when the signal is beyond `value` for `hold`. `reason` says why this number.

    `value` None: an event; the signal is there only when it is to fire.
    """

    severity: Severity
    value: float | None
    hold: str
    reason: str
    when: tuple[Condition, ...] = ()


Area = Literal["health", "performance", "cache", "memory", "scalability"]


@dataclass(frozen=True)
class Check:
    """A signal with bounds and words: one row gives alerts, threshold lines and colours, a finding and a runbook.

    `alert` None: a judgement of the report only. In `description`, `{value}` and `{bound}` stand for the number and
    the bound in force. `advice` names one setting and what it costs. `still`: what must go on growing, or the alert
    ends and doesn't fire: a window forgets slowly, and what is over must not page. `peak`: the alert compares the most
    within the shortest window, because the gauge dips for moments while it is as high as ever.
    """

    id: str
    alert: str | None
    area: Area
    signal: Signal
    op: Literal[">", "<"]
    bounds: tuple[Bound, ...]
    title: str
    summary: str
    description: str
    cause: str
    advice: str
    level: Scope = "model"
    labels: tuple[tuple[str, str], ...] = ()  # told apart from another check with the same alert
    still: Over | None = None
    peak: bool = False

    @property
    def unit(self) -> Unit:
        """The unit of what it judges."""
        return self.signal.unit

    @property
    def signals(self) -> tuple[Signal, ...]:
        """Every question that the check asks: its own, then those of its bounds' conditions."""
        return (self.signal, *(condition.signal for bound in self.bounds for condition in bound.when))


@dataclass(frozen=True)
class Notice:
    """What a report notices by itself, without a bound: one row gives its severity and its words.

    `alert`: which one tells the same of a Prometheus, where there is one.
    """

    id: str
    severity: Severity
    area: Area
    title: str
    cause: str = ""
    advice: str = ""
    alert: str | None = None
    unit: Unit = Unit.REQUESTS
