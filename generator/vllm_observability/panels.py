"""Boards of the catalogue -> placed panels with queries, as plain data; no Grafana classes here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from vllm_observability.catalog import metrics as m
from vllm_observability.catalog.boards import Board, Chart, Line, uid
from vllm_observability.emitted import Annotation, Column, Dashboard, Panel, Query, Row, Step, Variable
from vllm_observability.model import Check, Unit, leaves
from vllm_observability.promql import Reader
from vllm_observability.settings import Settings

COLUMNS = 24  # Grafana's grid
UNITS = {
    Unit.SECONDS: "s",
    Unit.MILLISECONDS: "ms",
    Unit.RATIO: "percentunit",
    Unit.BYTES: "bytes",
    Unit.FLOPS: "flops",
    Unit.REQUESTS_PER_SECOND: "reqps",
    Unit.PER_SECOND: "cps",
    Unit.TIMESTAMP: "dateTimeAsIso",
}
SEVERITY_COLORS = {"info": "blue", "warning": "orange", "critical": "red"}
FINE = "green"
WINDOW = "$__rate_interval"
# Label -> the variables before it, which narrow its list.
VARIABLES = ("cluster", "namespace", "job", "model_name", "instance", "engine")


def dashboards(boards: tuple[Board, ...], settings: Settings) -> tuple[Dashboard, ...]:
    """Every board over raw series: imported alone, it works."""
    return tuple(_dashboard(board, settings) for board in boards)


def _dashboard(board: Board, settings: Settings) -> Dashboard:
    rows, y = [], 0
    for section in board.sections:
        panels = tuple(_placed(section.charts, y + 1, settings))
        rows.append(Row(section.title, panels, section.collapsed))
        y = y + 1 if section.collapsed else max(p.grid[1] + p.grid[3] for p in panels)
    return Dashboard(
        uid=uid(board.slug),
        title=board.title,
        question=board.question,
        rows=tuple(rows),
        variables=variables(settings),
        annotations=(_alerts_annotation(),),
        tags=("vllm", "vllm-observability"),
    )


def _placed(charts: tuple[Chart, ...], y: int, settings: Settings) -> Iterator[Panel]:
    """Panels from left to right, a new line where the next one doesn't fit."""
    x = height = 0
    for chart in charts:
        if x + chart.width > COLUMNS:
            x, y, height = 0, y + height, 0
        yield replace(panel(chart, settings), grid=(x, y, chart.width, chart.height))
        x, height = x + chart.width, max(height, chart.height)


# ---------------------------------------------------------------------------------------------- panels


def panel(chart: Chart, settings: Settings) -> Panel:
    """A chart with queries, bounds and words; not yet placed."""
    signal = chart.lines[0].signal
    single = chart.kind == "stat"
    return Panel(
        kind=chart.kind,
        title=chart.title,
        description=_description(chart),
        queries=tuple(_query(chart, line, settings) for line in chart.lines),
        unit=UNITS.get(signal.unit, "short"),
        min=0,
        max=1 if signal.unit is Unit.RATIO and single else None,
        steps=steps(chart.check, settings) if chart.check else (),
        threshold_lines=chart.check is not None and not single,
        stacked=chart.stacked,
        legend="hidden" if single else "list",
        columns=tuple(Column(line.legend, color=line.color) for line in chart.lines if line.color),
        no_value="no data" if single else "",
        sparkline=single,
        fill=single and chart.check is not None,
        color="text" if single and chart.check is None else None,
    )


def steps(check: Check, settings: Settings) -> tuple[Step, ...]:
    """A check's bounds as colours: fine, then each severity from its bound on (a check for `<` counts downwards)."""
    bounds = [
        (value, SEVERITY_COLORS[bound.severity])
        for bound in check.bounds
        if (value := settings.bound(check, bound)) is not None
    ]
    if check.op == ">":
        return (Step(None, FINE), *(Step(value, color) for value, color in sorted(bounds)))
    colors = [color for _, color in sorted(bounds)]
    values = [value for value, _ in sorted(bounds)]
    return (Step(None, colors[0]), *(Step(v, color) for v, color in zip(values, [*colors[1:], FINE], strict=True)))


def _query(chart: Chart, line: Line, settings: Settings) -> Query:
    return Query(reader(chart, settings).text(line.signal.expr), legend=line.legend, instant=False)


def reader(chart: Chart, settings: Settings) -> Reader:
    """Raw series, narrowed by the board's variables."""
    by = {"all": (), "model": ("model_name",), "engine": ("instance", "engine", "model_name")}[chart.of]
    return Reader(
        by=(*by, *chart.by),
        window=WINDOW,
        prefixes=settings.metric_prefixes,
        matchers=tuple((label, "=~", f"${label}") for label in VARIABLES),
        foreign=settings.target_selector,
        common_bounds=False,  # recorded series see to it; here it would cost every opening of the board
        target_labels=("cluster", "namespace", "job", "instance"),
    )


def _description(chart: Chart) -> str:
    """What it is, its limits, its bounds, and the metrics used."""
    words = [chart.lines[0].signal.meaning]
    if chart.note:
        words.append(chart.note)
    if chart.check:
        words += [
            f"{bound.severity.capitalize()} {_beyond(chart.check)} {bound.value:g}: {bound.reason}."
            for bound in chart.check.bounds
        ]
    names = dict.fromkeys(
        name.text for line in chart.lines for x in leaves(line.signal.expr) for name in x.metric.names
    )
    return " ".join(words) + "\n\nMetrics: " + ", ".join(f"`{name}`" for name in names)


def _beyond(check: Check) -> str:
    return "above" if check.op == ">" else "below"


# ------------------------------------------------------------------------------- variables, annotations


def variables(settings: Settings) -> tuple[Variable, ...]:
    """One data source, then labels from wide to narrow; each list is narrowed by the ones before."""
    prefix = settings.metric_prefixes[0]
    name = m.REQUESTS_RUNNING.names[0].text.replace("vllm:", prefix, 1)
    out = [Variable("datasource", "Data source", "datasource", multi=False, include_all=False)]
    for i, label in enumerate(VARIABLES):
        matchers = ",".join(f'{before}=~"${before}"' for before in VARIABLES[:i])
        series = f"{name}{{{matchers}}}" if matchers else name
        out.append(
            Variable(label, label.replace("_name", "").capitalize(), "query", query=f"label_values({series}, {label})")
        )
    return tuple(out)


def _alerts_annotation() -> Annotation:
    return Annotation(
        "Firing alerts",
        'ALERTS{alertname=~"Vllm.+",alertstate="firing",model_name=~"$model_name"}',
        "{{alertname}}",
        "{{severity}} {{model_name}} {{instance}}",
    )
