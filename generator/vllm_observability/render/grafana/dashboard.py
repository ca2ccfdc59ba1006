"""Dashboard record -> classic dashboard JSON, for Grafana 11 to 13, by import, file, sidecar or operator.

The only importer of grafanalib, which models the envelope: board, rows, panels, places, links, time. Its last release
writes shapes of Grafana 6 to 8, so the classes here say which of its attributes today's Grafana writes, and options,
fields and variables are ours.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from grafanalib import core
from grafanalib._gen import DashboardEncoder

from vllm_observability.boards.records import Annotation, Dashboard, Link, Panel, Row, Variable
from vllm_observability.catalog.boards.layout import number
from vllm_observability.render.grafana.fields import (
    DATASOURCE,
    Json,
    field_config,
    link_data,
    targets,
    transformations,
)
from vllm_observability.render.grafana.options import custom, options

# What Grafana 11.0 writes. Later ones migrate from there to their own (42 in 13.2), which changes nothing here, as the
# boards keep the newest shape; but a server of 12 refuses to migrate a board whose number is above its own.
SCHEMA_VERSION = 39
# The oldest Grafana that knows these options. A panel without it counts as one of 6.1, and is migrated from there.
PLUGIN_VERSION = "11.0.0"

# Kinds of the Prometheus variable editor, by the function that a query starts with; 4 is a plain series query.
QUERY_TYPES = {"label_names": 0, "label_values": 1, "metrics": 2, "query_result": 3}
NATURAL_SORT = 7  # engine 2 before engine 10


def dashboard_json(board: Dashboard) -> str:
    """The board as text: the same bytes for the same record, keys sorted as Grafana itself saves them."""
    return board_text(_dashboard(board))


def board_text(board: Board | Json) -> str:
    """As Grafana itself saves it."""
    plain = json.loads(json.dumps(board, cls=DashboardEncoder), parse_float=_as_written)
    return json.dumps(plain, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def _as_written(text: str) -> float | int:
    """Whole numbers without a point, as Grafana writes them."""
    number = float(text)
    return int(number) if number.is_integer() else number


class Board(core.Dashboard):  # type: ignore[misc]
    """A board without what Grafana has long forgotten: rows of version 4, hidden controls, a style."""

    def to_json_data(self) -> Json:
        """As grafanalib asks for it."""
        return {
            "annotations": self.annotations,
            "description": self.description,
            "editable": self.editable,
            "fiscalYearStartMonth": 0,
            "graphTooltip": self.graphTooltip,
            "links": self.links,
            "panels": self.panels,
            "refresh": self.refresh,
            "schemaVersion": self.schemaVersion,
            "tags": self.tags,
            "templating": self.templating,
            "time": self.time,
            "timepicker": {},
            "timezone": self.timezone,
            "title": self.title,
            "uid": self.uid,
            "weekStart": "",
        }


def _dashboard(board: Dashboard) -> Board:
    """Not editable, as boards from a file are: a change made in the browser would be gone at the next upgrade. Whoever
    imported one by hand and wants to change it saves a copy, or switches "Editable" on in its settings.
    """
    return Board(
        title=board.title,
        description=board.question,
        uid=board.uid,
        tags=list(board.tags),
        editable=False,
        graphTooltip=core.GRAPH_TOOLTIP_MODE_SHARED_CROSSHAIR,
        schemaVersion=SCHEMA_VERSION,
        timezone="browser",
        refresh=board.refresh,
        time=core.Time(board.since, "now"),
        annotations=core.Annotations([built_in(), *(annotation(events) for events in board.annotations)]),
        templating=core.Templating([variable_data(variable) for variable in board.variables]),
        links=[board_link(link) for link in board.links],
        panels=list(_placed(board.rows)),
    )


# ---------------------------------------------------------------------------------------------- panels


class BoardPanel(core.Panel):  # type: ignore[misc]
    """A panel of any kind; grafanalib's own kinds write options of a Grafana long gone."""

    def to_json_data(self) -> Json:
        """As grafanalib asks for it."""
        lists = {"links": self.links, "targets": self.targets, "transformations": self.transformations}
        return {
            "datasource": self.dataSource,
            "description": self.description,
            "gridPos": self.gridPos,
            "id": self.id,
            "title": self.title,
            **{name: items for name, items in lists.items() if items},
            **self.extraJson,
        }


class BoardRow(core.RowPanel):  # type: ignore[misc]
    """A row; one that is collapsed holds its panels."""

    def to_json_data(self) -> Json:
        """As grafanalib asks for it."""
        return {
            "collapsed": self.collapsed,
            "gridPos": self.gridPos,
            "id": self.id,
            "panels": self.panels,
            "title": self.title,
            "type": core.ROW_TYPE,
        }


def _panel(panel: Panel, number: int, y: int) -> BoardPanel:
    x, _, width, height = panel.grid
    return BoardPanel(
        id=number,
        title=panel.title,
        description=panel.description,
        dataSource=DATASOURCE,
        gridPos=core.GridPos(h=height, w=width, x=x, y=y),
        targets=targets(panel),
        transformations=transformations(panel),
        links=[link_data(link) for link in panel.links],
        extraJson={
            "type": panel.kind,
            "fieldConfig": field_config(panel, custom(panel)),
            "options": options(panel),
            "pluginVersion": PLUGIN_VERSION,
        },
    )


def _placed(rows: tuple[Row, ...]) -> Iterator[core.Panel]:
    """Rows one under another. A collapsed row holds its panels and takes one line; they get room when it is opened."""
    y = 0
    for position, (row, row_number, numbers) in enumerate(numbered(rows)):
        if not row.title and position:
            raise ValueError(f"Row {position + 1} has no title: Grafana would put its panels into the row above")
        top = y + 1 if row.title else y
        shift = top - min((panel.grid[1] for panel in row.panels), default=0)
        panels = [
            _panel(panel, number, panel.grid[1] + shift) for panel, number in zip(row.panels, numbers, strict=True)
        ]
        bottom = max((panel.grid[1] + shift + panel.grid[3] for panel in row.panels), default=top)
        if row.title:
            held = panels if row.collapsed else []
            place = core.GridPos(h=1, w=24, x=0, y=y)
            yield BoardRow(id=row_number, title=row.title, gridPos=place, collapsed=row.collapsed, panels=held)
        if row.title and row.collapsed:
            y = top
        else:
            yield from panels
            y = bottom


def numbered(rows: tuple[Row, ...]) -> Iterator[tuple[Row, int, list[int]]]:
    """Each row with its number and those of its panels, which stay what they are when others come and go."""
    taken: set[int] = set()
    for row in rows:
        of_row = _number(number(f"row {row.title}"), taken)
        yield row, of_row, [_number(panel.number or number(panel.title), taken) for panel in row.panels]


def _number(wanted: int, taken: set[int]) -> int:
    """The number, or the next one that is free."""
    while wanted in taken:
        wanted += 1
    taken.add(wanted)
    return wanted


# -------------------------------------------------------------------------------- variables, annotations


def variable_data(variable: Variable) -> Json:
    """Keys as Grafana writes them for each kind; it leaves out what is the default."""
    kind = variable.kind
    listed = kind in ("query", "custom")
    multi, with_all = listed and variable.multi, listed and variable.include_all
    values = [value.strip() for value in variable.query.split(",")] if kind in ("custom", "interval") else []
    current = _current(variable, multi, with_all, values)
    data: Json = {
        "current": current,
        "name": variable.name,
        # Lists that Grafana asks for on load are empty here.
        "options": [_option(value, value in current["value"]) for value in _choices(variable, values)],
        "query": _variable_query(variable),
        "type": kind,
    }
    if variable.label:
        data["label"] = variable.label
    if variable.description:
        data["description"] = variable.description
    if variable.hide:
        data["hide"] = core.HIDE_VARIABLE
    if multi:
        data["multi"] = True
    if with_all:
        data["allValue"] = ".*"
    if kind in ("datasource", "query", "custom"):
        data["includeAll"] = with_all
    if kind in ("datasource", "query"):
        data["regex"] = ""
    if kind in ("datasource", "query", "interval"):
        once = kind == "datasource"
        data["refresh"] = core.REFRESH_ON_DASHBOARD_LOAD if once else core.REFRESH_ON_TIME_RANGE_CHANGE
    if kind == "query":
        data |= {"datasource": DATASOURCE, "definition": variable.query, "sort": NATURAL_SORT}
    if kind == "interval":
        data["auto"] = False
    return data


def _choices(variable: Variable, values: list[str]) -> list[str]:
    return [variable.default] if variable.kind == "textbox" else values


def _option(value: str, selected: bool) -> Json:
    return {"selected": selected, "text": value, "value": value}


def _variable_query(variable: Variable) -> str | Json:
    """What the variable asks. An object for labels: that is what the editor of Grafana 11 to 13 saves, and `query` in
    it is what they run. A string still runs, but the editor then reads it as something to convert.
    """
    if variable.kind == "datasource":
        return "prometheus"
    if variable.kind == "textbox":
        return variable.default
    if variable.kind != "query":
        return variable.query
    kind = QUERY_TYPES.get(variable.query.partition("(")[0], 4)
    return {"qryType": kind, "query": variable.query, "refId": "PrometheusVariableQueryEditor-VariableQuery"}


def _current(variable: Variable, multi: bool, with_all: bool, values: list[str]) -> Json:
    """What is chosen when the board opens.

    Of data sources it is the text and value "default": only with exactly these does Grafana offer, and take, the site's
    default source; where that is no Prometheus, it takes the first one there is. An empty choice takes the first.
    """
    if variable.kind == "datasource":
        return {"text": variable.default or "default", "value": variable.default or "default"}
    if with_all and not variable.default:
        return {"text": ["All"], "value": ["$__all"]} if multi else {"text": "All", "value": "$__all"}
    chosen = variable.default or (values[0] if values else "")
    if multi:
        return {"text": [chosen], "value": [chosen]} if chosen else {"text": [], "value": []}
    return {"text": chosen, "value": chosen}


def built_in() -> Json:
    """What Grafana puts on every board: annotations written by hand."""
    return {
        "builtIn": 1,
        "datasource": {"type": "grafana", "uid": "-- Grafana --"},
        "enable": True,
        "hide": True,
        "iconColor": "rgba(0, 211, 255, 1)",
        "name": "Annotations & Alerts",
        "type": "dashboard",
    }


def annotation(events: Annotation) -> Json:
    """Grafana 12 and later read the query from `target`, 11 and earlier from `expr`."""
    return {
        "datasource": DATASOURCE,
        "enable": True,
        "expr": events.expr,
        "hide": False,
        "iconColor": events.color,
        "name": events.name,
        "target": {"editorMode": "code", "expr": events.expr, "refId": "Anno"},
        "textFormat": events.text,
        "titleFormat": events.title,
    }


def board_link(link: Link) -> core.DashboardLink:
    """A menu of boards for `tag:NAME`, else a link. What stays inside Grafana keeps time range and variables."""
    tag = link.url.removeprefix("tag:") if link.url.startswith("tag:") else None
    inside = tag is not None or link.url.startswith("/")
    return core.DashboardLink(
        asDropdown=tag is not None,
        icon="dashboard" if inside else "external link",
        includeVars=inside,
        keepTime=inside,
        tags=[tag] if tag else [],
        targetBlank=link.new_tab,
        title=link.title,
        type="dashboards" if tag else "link",
        uri="" if tag else link.url,
    )
