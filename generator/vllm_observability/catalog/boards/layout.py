"""How a board is written down: rows of charts, each a few lines, each line a question."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from vllm_observability.catalog.slo import Kind
from vllm_observability.model import Check, Signal, Unit

# What a value is of: everything selected, a model in one deployment, a deployment (for series without a model), a
# server, an engine.
Grouping = Literal["all", "model", "scope", "target", "engine"]
# One number out of many: `worst` is the largest, or the smallest where a check counts downwards.
Fold = Literal["", "worst", "min", "sum", "avg"]
PanelKind = Literal[
    "timeseries", "stat", "gauge", "bargauge", "table", "heatmap", "state-timeline", "text", "alertlist"
]
Cell = Literal["auto", "color-text", "color-background", "gauge"]


@dataclass(frozen=True)
class Spend:
    """A question about error budgets: `good`: share of good events over the time range shown; `burn`: how many times
    faster than sustainable the budget goes; `left`: what is left of it; `objective`: the share that must be good."""

    kind: Kind
    what: Literal["good", "burn", "left", "objective"]


@dataclass(frozen=True)
class Line:
    """One query of a chart. `legend` empty: named after what it is of.

    `recorded`: over recorded series in both forms of a board, for what raw series can't answer. In tables a line is a
    column, `title` its heading and `check` what colours it.
    """

    signal: Signal | Spend
    legend: str = ""
    color: str | None = None
    of: Grouping | None = None
    by: tuple[str, ...] = ()
    recorded: bool = False
    title: str = ""
    check: Check | None = None
    cell: Cell = "auto"
    width: int | None = None


@dataclass(frozen=True)
class Chart:
    """A panel before it has a place: what it shows, of whom, against which check's bounds.

    `fold` makes one number of all of them. `bad_from`: a count that is bad from this value on, where no check has a bound. `to`: the board that says more.
    `labels`: table columns that are labels, with their headings.
    """

    title: str
    lines: tuple[Line, ...]
    kind: PanelKind = "timeseries"
    of: Grouping = "model"
    fold: Fold = ""
    check: Check | None = None
    width: int = 8
    height: int = 8
    note: str = ""
    stacked: bool = False
    by: tuple[str, ...] = ()
    bad_from: float | None = None
    steps_of: Literal["", "budget", "burn"] = ""
    to: str = ""
    unit: Unit | None = None
    calcs: tuple[str, ...] = ()
    labels: tuple[tuple[str, str], ...] = ()
    sort_by: str | None = None
    recorded: bool = False  # as of its lines
    empty: str = ""  # why there may be nothing to show, where the metrics don't say it
    colors: tuple[tuple[str, str], ...] = ()  # of series, by name
    mappings: tuple[tuple[str, str, str | None], ...] = ()
    decimals: int | None = None
    alerts: str = ""  # a table of the firing alerts whose name fits this


@dataclass(frozen=True)
class Section:
    """A row of charts. `collapsed` sections run nothing until opened."""

    title: str
    charts: tuple[Chart, ...]
    collapsed: bool = False


@dataclass(frozen=True)
class Input:
    """A number that the viewer types in, such as a price."""

    name: str
    label: str
    default: str
    description: str


@dataclass(frozen=True)
class Board:
    """A board and the one question that it answers."""

    slug: str
    title: str
    question: str
    sections: tuple[Section, ...]
    inputs: tuple[Input, ...] = ()


def uid(slug: str) -> str:
    """Grafana uid of a board: vLLM's own boards already use the bare slugs, and a site may load both."""
    return slug.replace("vllm-", "vllm-obs-", 1)


# ------------------------------------------------------------------------------------------- shorthand

# Percentiles are shades of one blue, the mean is purple: the same on every board.
P50, P95, P99, MEAN = "super-light-blue", "blue", "dark-blue", "purple"
# Phases of a request, ends of a request, answers of the HTTP server: one meaning a colour, on every board.
QUEUE, PREFILL, DECODE = "orange", "purple", "blue"
REASONS = (("stop", "green"), ("length", "blue"), ("abort", "orange"), ("error", "red"), ("repetition", "purple"))
STATUSES = (("2xx", "green"), ("3xx", "blue"), ("4xx", "orange"), ("5xx", "red"))


def tile(title: str, signal: Signal | Spend, check: Check | None = None, note: str = "", **more: object) -> Chart:
    """One number now: the worst model's where a check judges it, else over everything selected. No check, no colour."""
    of: Grouping = check.level if check else "all"
    chart = Chart(title, (Line(signal),), "stat", of, "worst" if check else "", check, width=3, height=4, note=note)
    return replace(chart, **more)  # type: ignore[arg-type]


def percentiles(
    title: str, mean: Signal, p50: Signal, p95: Signal, p99: Signal, check: Check | None = None, **more: object
) -> Chart:
    """Mean and percentiles of one distribution, pooled over the selection."""
    lines = (Line(mean, "mean", MEAN), Line(p50, "p50", P50), Line(p95, "p95", P95), Line(p99, "p99", P99))
    note = "Pooled over everything selected. The mean is exact, percentiles are interpolated between bucket bounds."
    chart = Chart(title, lines, of="all", check=check, note=note)
    return replace(chart, **more)  # type: ignore[arg-type]


def graph(title: str, *signals: Signal, **more: object) -> Chart:
    """A line for each model."""
    return replace(Chart(title, tuple(Line(signal) for signal in signals)), **more)  # type: ignore[arg-type]


def pairs(title: str, lines: tuple[tuple[Signal, str, str | None], ...], **more: object) -> Chart:
    """Several questions over everything selected, side by side: (signal, legend, colour)."""
    chart = Chart(title, tuple(Line(signal, legend, color) for signal, legend, color in lines), of="all")
    return replace(chart, **more)  # type: ignore[arg-type]


def column(title: str, signal: Signal | Spend, check: Check | None = None, **more: object) -> Line:
    """A table's column."""
    line = Line(signal, title=title, check=check, cell="color-text" if check else "auto")
    return replace(line, **more)  # type: ignore[arg-type]
