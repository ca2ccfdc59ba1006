"""Boards as plain data: placed panels with queries, before a renderer puts them into Grafana's JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

PanelKind = Literal[
    "timeseries", "stat", "gauge", "bargauge", "table", "heatmap", "state-timeline", "text", "alertlist"
]


@dataclass(frozen=True)
class Query:
    """One target of a panel. `legend` is a Grafana legend template such as `{{model_name}}`.

    `every`: the interval of the scrapes, which Grafana makes `$__rate_interval` of; else the data source says it.
    """

    expr: str
    legend: str = ""
    instant: bool = False
    format: Literal["time_series", "table", "heatmap"] = "time_series"
    hide: bool = False
    every: str = ""


@dataclass(frozen=True)
class Step:
    """From `value` on (None: from minus infinity) the panel has this colour."""

    value: float | None
    color: str


@dataclass(frozen=True)
class Column:
    """A table column or a series: what a query's values are called, and how they look.

    `name` is a label (tables), a series name, a query (its letter, or its legend as written) or a `/pattern/`. In
    tables columns stand in the order given; `title` renames, and a `color-…` cell needs steps or coloured mappings.
    """

    name: str
    title: str | None = None
    unit: str | None = None
    decimals: int | None = None
    color: str | None = None
    steps: tuple[Step, ...] = ()
    width: int | None = None
    hidden: bool = False
    link: Link | None = None
    dashed: bool = False  # threshold lines
    cell: Literal["auto", "color-text", "color-background", "gauge"] = "auto"


@dataclass(frozen=True)
class Link:
    """A link to another board or page; `url` may hold Grafana variables.

    `/d/UID` alone keeps time range and variables; `tag:NAME` among a dashboard's links lists all boards with that tag.
    """

    title: str
    url: str
    new_tab: bool = False


@dataclass(frozen=True)
class Panel:
    """One panel, placed. Units are Grafana unit ids; `grid` is x, y, w, h on Grafana's 24-column grid.

    `number` is its id; 0: made from its title.
    """

    kind: PanelKind
    title: str
    description: str
    queries: tuple[Query, ...] = ()
    grid: tuple[int, int, int, int] = (0, 0, 12, 8)
    unit: str = "short"
    decimals: int | None = None
    min: float | None = None
    max: float | None = None
    soft_max: float | None = None  # the axis reaches this, and further where values do
    steps: tuple[Step, ...] = ()  # empty: no judgement, hence no colour
    threshold_lines: bool = False
    stacked: bool = False
    legend: Literal["hidden", "list", "table"] = "list"
    legend_calcs: tuple[str, ...] = ()
    columns: tuple[Column, ...] = ()
    sort_by: str | None = None
    mappings: tuple[tuple[str, str, str | None], ...] = ()  # (value or "null"/"nan", text, colour)
    no_value: str = ""
    links: tuple[Link, ...] = ()
    text: str = ""  # Markdown of a text panel
    calc: str = "lastNotNull"
    sparkline: bool = False
    color: str | None = None  # fixed colour of a neutral panel; "shades COLOUR": lines in shades of one
    log_scale: bool = False
    fill: bool = False  # a judged stat shows its colour as background
    number: int = 0
    named: bool = False  # a stat shows the name of its value too
    alert_name: str = ""  # an alert list shows the alerts whose name holds this


@dataclass(frozen=True)
class Row:
    """A titled row; `collapsed` rows run no query until opened. Only a board's first row may have no title.

    Its panels start right under it, whatever y the uppermost has. `present`: what lists values while there is
    anything to show, of a feature that may be off; the v2 schema hides the row while it lists nothing.
    """

    title: str
    panels: tuple[Panel, ...]
    collapsed: bool = False
    present: str = ""


@dataclass(frozen=True)
class Variable:
    """A dashboard variable. kind `datasource` takes no query; `query` variables list label values."""

    name: str
    label: str
    kind: Literal["datasource", "query", "textbox", "custom", "interval"] = "query"
    query: str = ""
    multi: bool = True
    include_all: bool = True
    default: str = ""
    hide: bool = False
    description: str = ""


@dataclass(frozen=True)
class Annotation:
    """Events drawn over every graph."""

    name: str
    expr: str
    title: str
    text: str
    color: str = "red"


@dataclass(frozen=True)
class Dashboard:
    """A whole board. `question` is what it answers, and becomes its description."""

    uid: str
    title: str
    question: str
    rows: tuple[Row, ...]
    variables: tuple[Variable, ...]
    annotations: tuple[Annotation, ...] = ()
    links: tuple[Link, ...] = ()
    tags: tuple[str, ...] = ("vllm",)
    refresh: str = "30s"
    since: str = "now-1h"
