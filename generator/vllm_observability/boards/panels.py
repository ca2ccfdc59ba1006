"""Boards of the catalogue -> placed panels with queries, as plain data; no Grafana classes here."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import singledispatch

from vllm_observability.boards.forms import Form
from vllm_observability.boards.panel_words import FIRING, described, no_value, tile_reason, with_objectives
from vllm_observability.boards.presence import present
from vllm_observability.boards.records import (
    Annotation,
    Column,
    Dashboard,
    Link,
    Panel,
    PanelKind,
    Query,
    Row,
    Step,
    Variable,
)
from vllm_observability.catalog.boards.layout import (
    FINE,
    SEVERITY_COLORS,
    SEVERITY_FILLS,
    Alerts,
    Bars,
    Board,
    Chart,
    Event,
    Graph,
    Heatmap,
    Overlay,
    States,
    Steps,
    Table,
    Tile,
    number,
    uid,
)
from vllm_observability.catalog.budget_signals import BUDGET_OF
from vllm_observability.model import Check, Signal, Unit

COLUMNS = 24  # Grafana's grid
UNITS = {
    Unit.SECONDS: "s",
    Unit.MILLISECONDS: "ms",
    Unit.RATIO: "percentunit",
    Unit.BYTES: "bytes",
    Unit.BYTES_PER_SECOND: "Bps",
    Unit.FLOPS: "flops",
    Unit.WATTS: "watt",
    Unit.JOULES: "joule",
    Unit.CELSIUS: "celsius",
    Unit.REQUESTS_PER_SECOND: "reqps",
    Unit.PER_SECOND: "suffix:/s",
    Unit.MILLISECONDS_SINCE_1970: "dateTimeAsIso",
    Unit.FACTOR: "none",
}
# Up to where an axis goes at least: of what is 0 all the time Grafana draws one up to a hundred.
REACHES = {
    Unit.RATIO: 0.01,
    Unit.REQUESTS: 1,
    Unit.COUNT: 1,
    Unit.REQUESTS_PER_SECOND: 0.1,
    Unit.PER_SECOND: 0.1,
    Unit.FACTOR: 1,
}
BOUND = "threshold: "  # begins the name of a line that is a threshold
ONE_HUE = "shades blue"  # of lines of which there may be a hundred none is red, which means something
MANY = ("max", "lastNotNull")  # beside each name of a legend that may be long: a table of a few rows, largest first


def dashboards(boards: Iterable[Board], form: Form) -> tuple[Dashboard, ...]:
    """Every board in one form."""
    return tuple(_dashboard(board, form) for board in boards)


def _dashboard(board: Board, form: Form) -> Dashboard:
    form = form.on(board)
    rows, y = [], 0
    for section in board.sections:
        kept = (with_objectives(chart, form.settings) for chart in section.charts)
        charts = tuple(chart for chart in kept if chart)
        if not charts:
            continue
        panels = tuple(_placed(charts, y + 1, form))
        rows.append(
            Row(section.title, panels, section.collapsed, present(charts, panels, form) if section.title else "")
        )
        y = y + 1 if section.collapsed else max(p.grid[1] + p.grid[3] for p in panels)
    tag = "vllm-observability" if form.name == "raw" else "vllm-observability-fleet"
    return Dashboard(
        uid=uid(board.slug, form.name),
        title=board.title if form.name == "raw" else board.title.replace("vLLM /", "vLLM fleet /", 1),
        question=board.question,
        rows=tuple(rows),
        variables=tuple(variables(board, form, rows)),
        annotations=(_alerts_annotation(form), *(_event_annotation(event, form) for event in board.events)),
        links=(Link("vLLM boards", f"tag:{tag}"),),
        tags=("vllm", tag),
        refresh=board.refresh,
        since=board.since,
    )


def _placed(charts: tuple[Chart, ...], y: int, form: Form) -> Iterator[Panel]:
    """Panels from left to right, a new line where the next one doesn't fit."""
    x = height = 0
    for chart in charts:
        if x + chart.width > COLUMNS:
            x, y, height = 0, y + height, 0
        drawn = panel(chart, form)
        ignored = form.ignores(query.expr for query in drawn.queries if not query.legend.startswith(BOUND))
        yield replace(
            drawn,
            title=drawn.title + _of_what(ignored),
            number=number(chart.title),
            queries=tuple(replace(query, every=form.settings.scrape_interval) for query in drawn.queries),
            grid=(x, y, chart.width, chart.height),
        )
        x, height = x + chart.width, max(height, chart.height)


def _of_what(ignored: tuple[str, ...]) -> str:
    """What a title says of choices that its panel can't obey."""
    if "model_name" in ignored:
        return ", all models"
    return ", all servers" if ignored else ""


# ---------------------------------------------------------------------------------------------- panels


@singledispatch
def panel(chart: Chart, _form: Form) -> Panel:
    """A chart with queries, bounds and words; not yet placed."""
    raise TypeError(f"{chart.title}: no panel for a {type(chart).__name__}")


def _made(kind: PanelKind, chart: Chart, form: Form, asked: Sequence[str]) -> Panel:
    """What every kind has: words, and the unit of its first signal. `asked`: the texts of its queries."""
    first = chart.signals[0]
    return Panel(
        kind=kind,
        title=chart.title,
        description=described(chart, form),
        unit=_unit(first),
        decimals=first.decimals,
        min=None if first.signed else 0,
        no_value=no_value(chart, asked),
        links=tuple(_links(chart, form)),
    )


def _links(chart: Chart, form: Form) -> Iterator[Link]:
    """To the board that says more, and to what to do about it."""
    if chart.to:
        yield Link("More", f"/d/{uid(chart.to, form.name)}")
    budget = BUDGET_OF.get(chart.signals[0].id)
    alert = (chart.check.alert if chart.check else None) or (budget.alert if budget else chart.alert)
    if alert and alert not in form.settings.alerts_off:
        yield Link("Runbook", form.settings.runbook_url.format(alert=alert), new_tab=True)


@panel.register
def _(chart: Tile, form: Form) -> Panel:
    text, judged = form.text(chart, chart.signal), _judged(chart.check, chart.steps, form)
    made = _made("stat", chart, form, [text])
    meaning, _, used = made.description.partition("\n\n")
    name = _legend(chart, form) if chart.named else chart.title
    empty = made.no_value[0].upper() + made.no_value[1:]
    return replace(
        made,
        description=f"{meaning}\n\n{empty}.\n\n{used}",
        no_value=tile_reason(chart, [text]),
        queries=(Query(text, legend=name, instant=True),),
        named=chart.named,
        decimals=made.decimals if chart.decimals is None else chart.decimals,
        steps=judged,
        legend="hidden",
        fill=bool(judged),
        color=None if judged else "text",
    )


@panel.register
def _(chart: Heatmap, form: Form) -> Panel:
    query = Query(form.text(chart, chart.signal), legend="{{le}}", format="heatmap")
    return replace(_made("heatmap", chart, form, [query.expr]), queries=(query,))


@panel.register
def _(chart: Bars, form: Form) -> Panel:
    """Of each bucket alone: Grafana takes them apart where the format of an answer is a heatmap's."""
    query = Query(form.text(chart, chart.signal), legend="{{le}}", format="heatmap")
    drawn = _made("bargauge", chart, form, [query.expr])
    return replace(drawn, queries=(query,), unit=UNITS[Unit.REQUESTS_PER_SECOND], decimals=2, calc="mean", color="blue")


@panel.register
def _(chart: States, form: Form) -> Panel:
    query = Query(form.text(chart, chart.signal), legend=_legend(chart, form))
    return replace(_made("state-timeline", chart, form, [query.expr]), queries=(query,), mappings=chart.states)


# ----------------------------------------------------------------------------------------------- graphs


@panel.register
def _(chart: Graph, form: Form) -> Panel:
    query = Query(form.text(chart, chart.signal), legend=_legend(chart, form))
    colors = tuple(Column(name, color=color) for name, color in chart.colors)
    calcs = chart.calcs or (MANY if chart.of in ("engine", "target") else ())
    drawn = replace(
        _made("timeseries", chart, form, [query.expr]),
        queries=(query,),
        columns=colors,
        stacked=chart.stacked,
        legend="table" if calcs else "list",
        legend_calcs=calcs,
        sort_by=MANY[0] if calcs == MANY else None,
        soft_max=REACHES.get(chart.signal.unit) if chart.reaches is None else chart.reaches,
        color=ONE_HUE if chart.of in ("engine", "target") else None,
    )
    return _bounded(drawn, chart.check, chart.steps, form)


@panel.register
def _(chart: Overlay, form: Form) -> Panel:
    texts = [form.text(chart, line.signal, line.before) for line in chart.lines]
    drawn = replace(
        _made("timeseries", chart, form, texts),
        queries=tuple(Query(text, legend=line.legend) for text, line in zip(texts, chart.lines, strict=True)),
        columns=tuple(Column(line.legend, color=line.color) for line in chart.lines),
        stacked=chart.stacked,
        soft_max=REACHES.get(chart.lines[0].signal.unit),
        log_scale=chart.log,
    )
    drawn = replace(drawn, min=None) if chart.log else drawn  # such an axis has no 0
    return _bounded(drawn, chart.check, (), form)


def _bounded(drawn: Panel, check: Check | None, steps: Steps, form: Form) -> Panel:
    """A graph with its bounds as lines: of a fleet, the series that alerts compare with."""
    drawn = replace(drawn, soft_max=_soft_max(drawn, check, form))
    if form.name == "fleet" and check and any(bound.value is not None for bound in check.bounds):
        lines = [Column(f"{BOUND}{b.severity}", color=SEVERITY_COLORS[b.severity], dashed=True) for b in check.bounds]
        bounds = Query(form.threshold(check), legend=BOUND + "{{severity}}")
        return replace(drawn, queries=(*drawn.queries, bounds), columns=(*drawn.columns, *lines))
    judged = _judged(check, steps, form, SEVERITY_COLORS)
    return replace(drawn, steps=judged, threshold_lines=bool(judged))


def _soft_max(drawn: Panel, check: Check | None, form: Form) -> float | None:
    """Shares without any trouble are 0: show up to the bounds, or to 1 where these are above it or are 0."""
    if check and check.op != "<" and drawn.unit in ("percentunit", "short"):
        numbers = [form.settings.bound(check, bound) or 0.0 for bound in check.bounds]
        return round(1.1 * max(numbers), 6) if 0 < max(numbers) <= 1 else 1
    return drawn.soft_max


def _legend(chart: Graph | States | Tile, form: Form) -> str:
    """What tells lines apart: what they are of, with the scope labels that differ at a fleet."""
    if isinstance(chart, Graph) and chart.legend:
        return chart.legend.replace("{{instance}}", f"{{{{{form.settings.instance_label}}}}}")
    if chart.of == "all":
        return " ".join(f"{{{{{label}}}}}" for label in chart.by) or chart.signal.title
    server = f"{{{{{form.settings.instance_label}}}}}"
    who = {"model": "{{model_name}}", "engine": f"{server} {{{{engine}}}}", "target": server, "scope": "{{job}}"}
    scope = " ".join(f"{{{{{label}}}}}" for label in form.settings.places)
    return f"{who[chart.of]} {scope}"


# ----------------------------------------------------------------------------------------------- tables


@panel.register
def _(chart: Table, form: Form) -> Panel:
    """A row for each thing, a query for each column; the first label leads on."""
    asked = form.most(chart, [form.text(chart, column.signal, column.before) for column in chart.columns])
    queries = tuple(
        Query(text, legend=column.title or "Value", instant=True)
        for column, text in zip(chart.columns, asked, strict=True)
    )
    shown, scope = dict(_shown(chart, form)), form.settings.scope_labels
    labels = [
        Column(
            name,
            title=title,
            link=_onward(chart, name, form),
            unit="string",
            width=_heading(title, False) if len(shown) > len(scope) and name in (*scope, "engine") else None,
        )
        for name, title in shown.items()
    ]
    values = [
        Column(
            column.title or "Value",
            unit=_unit(column.signal),
            steps=(judged := _judged(column.check, column.steps, form)),
            cell="color-background" if judged else "auto",
            hidden=not column.title,
            width=_heading(_WIDEST.get(column.signal.unit, column.title), column.title == chart.sort_by),
        )
        for column in chart.columns
    ]
    hidden = [Column(name, hidden=True) for name in form.reader(chart.of, chart.by).by if name not in shown]
    return replace(
        _made("table", chart, form, asked),
        queries=queries,
        columns=(*labels, *values, *hidden),
        sort_by=chart.sort_by,
        decimals=None,
        min=None,
        links=(),
    )


_WIDEST = {Unit.MILLISECONDS_SINCE_1970: "2026-12-01 00:00:00"}  # values that are longer than a heading


def _heading(title: str, sign: bool) -> int:
    """Pixels that a column's heading needs, with the sign beside it: what names a row has the rest of the table."""
    return 24 + 8 * max(len(title), 5) + (20 if sign else 0)


def _shown(chart: Table, form: Form) -> Iterator[tuple[str, str]]:
    """Labels and titles of a table's first columns.

    `namespace` stands for all that tells deployments apart, `instance` for what the site calls a server.
    """
    for label, title in chart.labels:
        if label == "instance":
            yield form.settings.instance_label, _titled(form.settings.instance_label)
        elif label != "namespace":
            yield label, title
        else:
            yield from ((name, _titled(name)) for name in form.settings.scope_labels)


def _onward(chart: Table, label: str, form: Form) -> Link | None:
    """The first label of a table leads to the board that says more, with this thing chosen, where it is."""
    if not chart.to or not chart.labels:
        return None
    server = form.settings.instance_label
    leading = server if ("instance", "Instance") in chart.labels else chart.labels[0][0]
    if label != leading:
        return None
    where = "&".join(f"var-{name}=${{__data.fields.{name}:percentencode}}" for name in form.settings.scope_labels)
    kept = f"${{__url_time_range}}&${{datasource:queryparam}}&{where}"
    return Link("Show only this", f"/d/{uid(chart.to, form.name)}?{kept}&var-{label}=${{__value.raw:percentencode}}")


@panel.register
def _(chart: Alerts, form: Form) -> Panel:
    """A row for each firing alert: how bad, which, of what, since when."""
    runbook = Link("Runbook", form.settings.runbook_url.format(alert="${__value.raw}"), new_tab=True)
    hidden = ("model_name", *form.settings.target_labels, "Firing")
    return Panel(
        kind="table",
        title=chart.title,
        description=f"{FIRING}\n\nMetrics: `ALERTS`, `ALERTS_FOR_STATE`",
        queries=(
            Query(form.alerts(chart.pattern), legend="Firing", instant=True),
            Query(form.alerts_since(chart.pattern), legend="Since", instant=True),
        ),
        columns=(
            # A label without a unit would be shown as a number where it is empty, or looks like one.
            Column(
                "severity",
                title="Severity",
                unit="string",
                cell="color-background",
                width=_heading("Severity", sign=True),
            ),
            Column("alertname", title="Alert", unit="string", link=runbook),
            Column("where", title="Of", unit="string"),
            Column("Since", unit="s", decimals=1, width=_heading("22.5 mins", sign=False)),
            *(Column(name, hidden=True) for name in hidden),
        ),
        mappings=tuple((name, name, color) for name, color in reversed(SEVERITY_FILLS.items())),
        sort_by="Firing",
        no_value="no data: nothing fires, or the alert rules are not loaded",
    )


def _unit(signal: Signal) -> str:
    return UNITS.get(signal.unit, "short")


# --------------------------------------------------------------------------------------------- bounds


def _judged(
    check: Check | None, written: Steps, form: Form, colors: Mapping[str, str] = SEVERITY_FILLS
) -> tuple[Step, ...]:
    return steps(check, form, colors) if check else tuple(Step(value, color) for value, color in written)


def steps(check: Check, form: Form, severities: Mapping[str, str] = SEVERITY_FILLS) -> tuple[Step, ...]:
    """A check's bounds as colours: fine, then each severity from its bound on (a check for `<` counts downwards).

    A bound that is no number fires at anything above 0.
    """
    bounds = [
        (_from(value, check), severities[bound.severity])
        for bound in check.bounds
        if (value := form.settings.bound(check, bound)) is not None
    ]
    if check.op == ">":
        return (Step(None, FINE), *(Step(value, color) for value, color in sorted(bounds)))
    colors = [color for _, color in sorted(bounds)]
    values = [value for value, _ in sorted(bounds)]
    return (Step(None, colors[0]), *(Step(v, color) for v, color in zip(values, [*colors[1:], FINE], strict=True)))


def _from(value: float, check: Check) -> float:
    """Grafana colours from a value on, a check fires above it: the next count, or anything above 0."""
    if check.op == ">" and check.signal.unit is Unit.COUNT:
        return value + 1
    return value or 1e-9


# ------------------------------------------------------------------------------- variables, annotations


def variables(board: Board, form: Form, rows: Iterable[Row]) -> Iterator[Variable]:
    """One data source, then labels in use from wide to narrow, each narrowed by those before; then what is typed in."""
    yield Variable("datasource", "Data source", "datasource", multi=False, include_all=False)
    queries = " ".join(query.expr for row in rows for panel in row.panels for query in panel.queries)
    used = [label for label in form.variables if re.search(rf"\${label}\b", queries)]
    for i, label in enumerate(used):
        matchers = ",".join(f'{before}=~"${before}"' for before in used[:i])
        series = form.variable_series(label)
        selected = f"{series}{{{matchers}}}" if matchers else series
        yield Variable(label, _titled(label), "query", query=f"label_values({selected}, {label})")
    for given in board.inputs:
        yield Variable(
            given.name,
            given.label,
            "textbox",
            multi=False,
            include_all=False,
            default=given.default,
            description=given.description,
        )


def _titled(label: str) -> str:
    return label.removesuffix("_name").replace("_", " ").capitalize()


def _alerts_annotation(form: Form) -> Annotation:
    return Annotation(
        "Firing alerts",
        form.alerts("Vllm.+"),
        "{{alertname}}",
        f"{{{{severity}}}} {{{{model_name}}}} {{{{{form.settings.instance_label}}}}}",
    )


def _event_annotation(event: Event, form: Form) -> Annotation:
    text = " ".join(f"{{{{{label}}}}}" for label in form.reader(event.of).by if label != "job")
    return Annotation(event.title, form.event(event), event.title, text, event.color)
