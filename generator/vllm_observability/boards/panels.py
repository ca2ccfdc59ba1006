"""Boards of the catalogue -> placed panels with queries, as plain data; no Grafana classes here."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from vllm_observability.boards.forms import Form
from vllm_observability.boards.panel_words import described, no_value, with_objectives
from vllm_observability.boards.records import Annotation, Column, Dashboard, Link, Panel, Query, Row, Step, Variable
from vllm_observability.catalog import slo
from vllm_observability.catalog.boards import Board, Chart, Line, Spend, uid
from vllm_observability.model import Check, Unit

COLUMNS = 24  # Grafana's grid
UNITS = {
    Unit.SECONDS: "s",
    Unit.MILLISECONDS: "ms",
    Unit.RATIO: "percentunit",
    Unit.BYTES: "bytes",
    Unit.BYTES_PER_SECOND: "Bps",
    Unit.FLOPS: "flops",
    Unit.REQUESTS_PER_SECOND: "reqps",
    Unit.PER_SECOND: "cps",
    Unit.TIMESTAMP: "dateTimeAsIso",
}
SEVERITY_COLORS = {"info": "blue", "warning": "orange", "critical": "red"}
FINE = "green"
NARROW = 88  # pixels; Grafana gives every column 150 if not told otherwise
# A quarter of a budget is a week of its month.
BUDGET_STEPS = (Step(None, "red"), Step(0, "orange"), Step(0.25, FINE))


def dashboards(boards: Iterable[Board], form: Form) -> tuple[Dashboard, ...]:
    """Every board in one form."""
    return tuple(_dashboard(board, form) for board in boards)


def board_uid(slug: str, form: Form) -> str:
    """Both forms of a board can live in one Grafana."""
    return uid(slug) if form.name == "raw" else uid(slug).replace("vllm-obs-", "vllm-obs-fleet-", 1)


def _dashboard(board: Board, form: Form) -> Dashboard:
    rows, y = [], 0
    for section in board.sections:
        kept = (with_objectives(chart, form.settings) for chart in section.charts)
        charts = tuple(chart for chart in kept if chart.lines or chart.alerts)
        if not charts:
            continue
        panels = tuple(_placed(charts, y + 1, form))
        rows.append(Row(section.title, panels, section.collapsed))
        y = y + 1 if section.collapsed else max(p.grid[1] + p.grid[3] for p in panels)
    tag = "vllm-observability" if form.name == "raw" else "vllm-observability-fleet"
    return Dashboard(
        uid=board_uid(board.slug, form),
        title=board.title if form.name == "raw" else board.title.replace("vLLM /", "vLLM fleet /", 1),
        question=board.question,
        rows=tuple(rows),
        variables=tuple(variables(board, form, rows)),
        annotations=(_alerts_annotation(form),),
        links=(Link("vLLM boards", f"tag:{tag}"),),
        tags=("vllm", tag),
    )


def _placed(charts: tuple[Chart, ...], y: int, form: Form) -> Iterator[Panel]:
    """Panels from left to right, a new line where the next one doesn't fit."""
    x = height = 0
    for chart in charts:
        if x + chart.width > COLUMNS:
            x, y, height = 0, y + height, 0
        yield replace(panel(chart, form), grid=(x, y, chart.width, chart.height))
        x, height = x + chart.width, max(height, chart.height)


# ---------------------------------------------------------------------------------------------- panels


def panel(chart: Chart, form: Form) -> Panel:
    """A chart with queries, bounds and words; not yet placed."""
    if chart.alerts:
        return _alerts(chart, form)
    made = Panel(
        kind=chart.kind,
        title=chart.title,
        description=described(chart, form),
        unit=_unit(chart.lines[0]),
        decimals=chart.decimals,
        min=0 if _positive(chart.lines[0]) else None,
        steps=_steps(chart, form),
        mappings=chart.mappings,
        no_value=no_value(chart),
        links=(Link("More", f"/d/{board_uid(chart.to, form)}"),) if chart.to and chart.kind != "table" else (),
    )
    return {"stat": _stat, "table": _table}.get(chart.kind, _graph)(made, chart, form)


def _stat(made: Panel, chart: Chart, form: Form) -> Panel:
    query = Query(form.text(chart, chart.lines[0]), legend=chart.title, instant=True)
    judged = bool(made.steps)
    return replace(made, queries=(query,), legend="hidden", fill=judged, color=None if judged else "text")


def _graph(made: Panel, chart: Chart, form: Form) -> Panel:
    """Lines, heatmaps, state timelines. A fleet's bounds are lines: the series that alerts compare with."""
    queries = tuple(Query(form.text(chart, line), legend=_legend(chart, line, form)) for line in chart.lines)
    columns = [Column(q.legend, color=line.color) for q, line in zip(queries, chart.lines, strict=True) if line.color]
    columns += [Column(name, color=color) for name, color in chart.colors]
    steps, bounded = made.steps, form.name == "fleet" and chart.check is not None and not chart.steps_of
    if bounded and chart.check and any(bound.value is not None for bound in chart.check.bounds):
        queries += (Query(form.threshold(chart.check), legend="bound: {{severity}}"),)
        columns += [
            Column(f"bound: {b.severity}", color=SEVERITY_COLORS[b.severity], dashed=True) for b in chart.check.bounds
        ]
        steps = ()
    return replace(
        made,
        queries=tuple(replace(q, format="heatmap", legend="{{le}}") for q in queries)
        if chart.kind == "heatmap"
        else queries,
        steps=steps,
        threshold_lines=bool(steps),
        soft_max=_soft_max(chart, form),
        stacked=chart.stacked,
        legend="table" if chart.calcs else "list",
        legend_calcs=chart.calcs,
        columns=tuple(columns),
    )


def _soft_max(chart: Chart, form: Form) -> float | None:
    """Shares without any trouble are 0, where Grafana draws an axis of its own making: show up to the bounds."""
    if _unit(chart.lines[0]) not in ("percentunit", "short") or chart.kind != "timeseries":
        return None
    if chart.check is None or chart.check.op == "<":
        return 1 if isinstance(chart.lines[0].signal, Spend) else None
    numbers = [form.settings.bound(chart.check, bound) or 0.0 for bound in chart.check.bounds]
    return round(1.1 * max(numbers), 6) if 0 < max(numbers) <= 1 else None


def _table(made: Panel, chart: Chart, form: Form) -> Panel:
    """A row for each thing, a query for each column; the first label leads on."""
    queries = tuple(Query(form.text(chart, line), legend=line.title or "Value", instant=True) for line in chart.lines)
    shown = dict(_shown(chart, form))
    grouped = form.reader(chart.of, chart.by).by
    labels = [
        Column(
            name,
            title=title,
            link=_onward(chart, name, form),
            unit="string",
            width=100 if name in form.settings.scope_labels else None,
        )
        for name, title in shown.items()
    ]
    hidden = [Column(name, hidden=True) for name in grouped if name not in shown]
    values = [
        Column(
            line.title or "Value",
            unit=_unit(line),
            steps=steps(line.check, form) if line.check else BUDGET_STEPS if _is_left(line) else (),
            cell="color-text" if _is_left(line) else line.cell,
            hidden=not line.title,
            width=NARROW if chart.width < COLUMNS else None,
        )
        for line in chart.lines
    ]
    return replace(
        made, queries=queries, steps=(), columns=(*labels, *values, *hidden), sort_by=chart.sort_by, min=None
    )


def _shown(chart: Chart, form: Form) -> Iterator[tuple[str, str]]:
    """Labels and titles of a table's first columns; `namespace` stands for the site's own word for it."""
    places = form.settings.places
    for label, title in chart.labels:
        if label != "namespace":
            yield label, title
        elif places:
            yield places[-1], _titled(places[-1])


def _is_left(line: Line) -> bool:
    return isinstance(line.signal, Spend) and line.signal.what == "left"


def _onward(chart: Chart, label: str, form: Form) -> Link | None:
    """The first label of a table leads to the board that says more, with this thing chosen."""
    if not chart.to or not chart.labels:
        return None
    leading = "instance" if ("instance", "Instance") in chart.labels else chart.labels[0][0]
    if label != leading:
        return None
    kept = "&".join(f"${{{name}:queryparam}}" for name in ("datasource", *form.settings.scope_labels))
    url = f"/d/{board_uid(chart.to, form)}?${{__url_time_range}}&{kept}&var-{label}=${{__value.raw:percentencode}}"
    return Link("Show only this", url)


def _alerts(chart: Chart, form: Form) -> Panel:
    runbook = form.settings.runbook_url.format(alert="${__value.raw}")
    links = {"alertname": Link("Runbook", runbook, new_tab=True)}
    labels = [
        Column(
            name,
            title=title,
            link=links.get(name),
            unit="string",  # or a label that is empty, or looks like a number, is shown as one
            cell="color-text" if name == "severity" else "auto",
            width=90 if name == "severity" else None,
        )
        for name, title in chart.labels
    ]
    since = Column("Since", unit="s", decimals=1, width=NARROW)
    hidden = ("model_name", "instance", *form.settings.scope_labels, "Firing")
    return Panel(
        kind="table",
        title=chart.title,
        description=f"{chart.note}\n\nMetrics: `ALERTS`, `ALERTS_FOR_STATE`",
        queries=(
            Query(form.alerts(chart.alerts), legend="Firing", instant=True),
            Query(form.alerts_since(chart.alerts), legend="Since", instant=True),
        ),
        columns=(*labels, since, *(Column(name, hidden=True) for name in hidden)),
        mappings=chart.mappings,
        sort_by="Severity",
        no_value=f"no data: {chart.empty}",
    )


def _legend(chart: Chart, line: Line, form: Form) -> str:
    """What tells lines apart: their own legend, else what they are of, with the scope labels that differ at a fleet."""
    if line.legend:
        return line.legend
    of = line.of or chart.of
    scope = " ".join(f"{{{{{label}}}}}" for label in form.settings.places)
    who = {"model": "{{model_name}}", "engine": "{{instance}} {{engine}}", "target": "{{instance}}", "scope": "{{job}}"}
    if of == "all":
        return line.signal.title if not isinstance(line.signal, Spend) else chart.title
    return f"{who[of]} {scope}" if of in ("model", "scope") else who[of]


def _unit(line: Line) -> str:
    if isinstance(line.signal, Spend):
        return "none" if line.signal.what == "burn" else "percentunit"
    return UNITS.get(line.signal.unit, "short")


def _positive(line: Line) -> bool:
    return not isinstance(line.signal, Spend)


# --------------------------------------------------------------------------------------------- bounds


def _steps(chart: Chart, form: Form) -> tuple[Step, ...]:
    if chart.check:
        return steps(chart.check, form)
    if chart.bad_from is not None:
        return (Step(None, FINE), Step(chart.bad_from, SEVERITY_COLORS["critical"]))
    if chart.steps_of == "budget":
        return BUDGET_STEPS
    if chart.steps_of == "burn":
        factors = {
            severity: min(b.factor for b in slo.BURNS if b.severity == severity) for severity in ("warning", "critical")
        }
        return (Step(None, FINE), *(Step(value, SEVERITY_COLORS[severity]) for severity, value in factors.items()))
    return ()


def steps(check: Check, form: Form) -> tuple[Step, ...]:
    """A check's bounds as colours: fine, then each severity from its bound on (a check for `<` counts downwards).

    A bound that is no number fires at anything above 0.
    """
    bounds = [
        (_from(value, check), SEVERITY_COLORS[bound.severity])
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
            given.name, given.label, "textbox", multi=False, include_all=False, default=given.default,
            description=given.description,
        )  # fmt: skip


def _titled(label: str) -> str:
    return label.removesuffix("_name").replace("_", " ").capitalize()


def _alerts_annotation(form: Form) -> Annotation:
    return Annotation(
        "Firing alerts",
        form.alerts("Vllm.+"),
        "{{alertname}}",
        "{{severity}} {{model_name}} {{instance}}",
    )
