"""Dashboard record -> classic dashboard JSON, for Grafana 11 to 13, by import, file, sidecar or operator.

The only importer of grafanalib. It gives the envelope; its last release writes shapes of Grafana 6 to 8, so options and
fields are ours, and `_normal` keeps only the keys that today's Grafana writes.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import attr
from grafanalib import core
from grafanalib._gen import DashboardEncoder

from vllm_observability.boards.records import Annotation, Dashboard, Link, Panel, Row, Variable
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

PANEL_KEYS = frozenset(
    "datasource description fieldConfig gridPos id links options pluginVersion targets title transformations "
    "type".split()
)
ROW_KEYS = frozenset("collapsed gridPos id panels title type".split())
BOARD_KEYS = frozenset(
    "annotations description editable graphTooltip links panels refresh schemaVersion tags templating time timezone "
    "title uid".split()
)
COMMON_KEYS = ("name", "label", "description", "type", "hide", "current", "options", "query")
LISTED_KEYS = (*COMMON_KEYS, "refresh", "regex", "includeAll", "multi")
VARIABLE_KEYS = {
    "datasource": LISTED_KEYS,
    "query": (*LISTED_KEYS, "allValue", "datasource", "definition", "sort"),
    "custom": (*COMMON_KEYS, "allValue", "includeAll", "multi"),
    "textbox": COMMON_KEYS,
    "interval": (*COMMON_KEYS, "refresh", "auto"),
}
# Kinds of the Prometheus variable editor, by the function that a query starts with; 4 is a plain series query.
QUERY_TYPES = {"label_names": 0, "label_values": 1, "metrics": 2, "query_result": 3}
NATURAL_SORT = 7  # engine 2 before engine 10


def dashboard_json(board: Dashboard) -> str:
    """The board as text: the same bytes for the same record, keys sorted as Grafana itself saves them."""
    return json.dumps(_normal(_plain(_dashboard(board))), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def _dashboard(board: Dashboard) -> core.Dashboard:
    """Not editable, as boards from a file are: a change made in the browser would be gone at the next upgrade. Whoever
    imported one by hand and wants to change it saves a copy, or switches "Editable" on in its settings.
    """
    return core.Dashboard(
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
        annotations=core.Annotations([_built_in(), *(_annotation(events) for events in board.annotations)]),
        templating=core.Templating([_variable(variable) for variable in board.variables]),
        links=[_board_link(link) for link in board.links],
        panels=list(_placed(board.rows)),
    )


# ---------------------------------------------------------------------------------------------- panels


@attr.s
class ModernPanel(core.Panel):  # type: ignore[misc]
    """A panel of a kind that grafanalib lacks, or knows only in the shape of a Grafana long gone."""

    kind: str = attr.ib(default="")

    def to_json_data(self) -> Json:
        """As grafanalib asks for it."""
        data: Json = self.panel_json({"type": self.kind})
        return data


# grafanalib's own classes where their shape still holds.
CLASSES: dict[str, Callable[..., core.Panel]] = {
    "timeseries": core.TimeSeries,
    # Left alone it says "none" for unit and for no value.
    "stat": partial(core.Stat, format=None, noValue=None),
    "state-timeline": core.StateTimeline,
    "text": core.Text,
}


def _panel(panel: Panel, number: int, y: int) -> core.Panel:
    x, _, width, height = panel.grid
    build = CLASSES.get(panel.kind, partial(ModernPanel, kind=panel.kind))
    return build(
        id=number,
        title=panel.title,
        description=panel.description,
        dataSource=DATASOURCE,
        gridPos=core.GridPos(h=height, w=width, x=x, y=y),
        targets=targets(panel),
        transformations=transformations(panel),
        links=[link_data(link) for link in panel.links],
        extraJson={
            "fieldConfig": field_config(panel, custom(panel)),
            "options": options(panel),
            "pluginVersion": PLUGIN_VERSION,
        },
    )


def _placed(rows: tuple[Row, ...]) -> Iterator[core.Panel]:
    """Rows one under another. A collapsed row holds its panels and takes one line; they get room when it is opened."""
    numbers: set[int] = set()
    y = 0
    for position, row in enumerate(rows):
        if not row.title and position:
            raise ValueError(f"Row {position + 1} has no title: Grafana would put its panels into the row above")
        top = y + 1 if row.title else y
        shift = top - min((panel.grid[1] for panel in row.panels), default=0)
        row_number = _number(f"row {row.title}", numbers)
        panels = [_panel(panel, _number(panel.title, numbers), panel.grid[1] + shift) for panel in row.panels]
        bottom = max((panel.grid[1] + shift + panel.grid[3] for panel in row.panels), default=top)
        if row.title:
            held = panels if row.collapsed else []
            place = core.GridPos(h=1, w=24, x=0, y=y)
            yield core.RowPanel(id=row_number, title=row.title, gridPos=place, collapsed=row.collapsed, panels=held)
        if row.title and row.collapsed:
            y = top
        else:
            yield from panels
            y = bottom


def _number(title: str, taken: set[int]) -> int:
    """A panel's id, made from its title, so that links to it outlive panels that are added before it."""
    number = zlib.crc32(title.encode()) % 1_000_000 + 1
    while number in taken:
        number += 1
    taken.add(number)
    return number


# -------------------------------------------------------------------------------- variables, annotations


def _variable(variable: Variable) -> Json:
    kind = variable.kind
    listed = kind in ("query", "custom")
    multi, with_all = listed and variable.multi, listed and variable.include_all
    values = [value.strip() for value in variable.query.split(",")] if kind in ("custom", "interval") else []
    current = _current(variable, multi, with_all, values)
    template = core.Template(
        name=variable.name,
        query=_variable_query(variable),
        type=kind,
        label=variable.label or None,
        dataSource=DATASOURCE,
        allValue=".*" if with_all else None,
        includeAll=with_all,
        multi=multi,
        # Lists that Grafana asks for on load are empty here.
        options=[_option(value, value in current["value"]) for value in _choices(variable, values)],
        regex="",
        refresh=core.REFRESH_ON_DASHBOARD_LOAD if kind == "datasource" else core.REFRESH_ON_TIME_RANGE_CHANGE,
        hide=core.HIDE_VARIABLE if variable.hide else core.SHOW,
        sort=NATURAL_SORT,
    )
    data: Json = {**template.to_json_data(), "current": current, "definition": variable.query}
    return {**data, "description": variable.description} if variable.description else data


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


def _built_in() -> Json:
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


def _annotation(events: Annotation) -> Json:
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


def _board_link(link: Link) -> core.DashboardLink:
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


# --------------------------------------------------------------------------------------- normal form


def _plain(dashboard: core.Dashboard) -> Json:
    plain: Json = json.loads(json.dumps(dashboard, cls=DashboardEncoder))
    return plain


def _normal(board: Json) -> Json:
    """Without what grafanalib adds and today's Grafana would not write."""
    board = {key: value for key, value in board.items() if key in BOARD_KEYS}
    board["panels"] = [_normal_panel(panel) for panel in board["panels"]]
    board["templating"] = {"list": [_normal_variable(variable) for variable in board["templating"]["list"]]}
    board |= {"fiscalYearStartMonth": 0, "timepicker": {}, "weekStart": ""}
    result: Json = _trimmed(board)
    return result


def _normal_panel(panel: Json) -> Json:
    row = panel["type"] == "row"
    kept = {key: value for key, value in panel.items() if key in (ROW_KEYS if row else PANEL_KEYS)}
    if row:
        kept["panels"] = [_normal_panel(child) for child in panel["panels"]]
        return kept
    for key in ("links", "transformations", "targets"):
        if not kept[key]:
            del kept[key]
    # What grafanalib's classes put there and ours could not take away, as they only merge.
    defaults = kept["fieldConfig"]["defaults"]
    if not defaults["thresholds"]["steps"]:
        del defaults["thresholds"]
    if defaults.get("custom") == {}:
        del defaults["custom"]
    scale = defaults.get("custom", {}).get("scaleDistribution", {})
    if scale.get("type") == "linear":
        scale.pop("log", None)
    return kept


def _normal_variable(variable: Json) -> Json:
    kept = {key: variable[key] for key in VARIABLE_KEYS[variable["type"]] if key in variable}
    for key in ("hide", "multi"):  # Grafana writes neither where it is the default
        if not kept.get(key):
            kept.pop(key, None)
    return kept


def _trimmed(node: Any) -> Any:
    """Without nulls, but for the first threshold's; whole numbers as whole numbers, as Grafana writes them."""
    if isinstance(node, dict):
        step = {"color", "value"} <= node.keys()
        return {key: _trimmed(item) for key, item in node.items() if item is not None or (step and key == "value")}
    if isinstance(node, list):
        return [_trimmed(item) for item in node]
    return int(node) if isinstance(node, float) and node.is_integer() else node
