"""Dashboard record -> a dashboard in Grafana's v2 schema, for Grafana 13: the parts of the classic one, placed anew.

Queries, fields, options, variables and annotations are those of the classic board, in v2's envelopes; so both show the
same. What v2 adds: the row of a feature hides while the feature has no data. Grafana's own condition on data knows
panels only, so a hidden variable lists what there is, and the row is shown while that has a value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from vllm_observability.boards.records import Dashboard, Link, Panel, Row, Variable
from vllm_observability.render.grafana.dashboard import (
    PLUGIN_VERSION,
    annotation,
    board_link,
    board_text,
    built_in,
    numbered,
    variable_data,
)
from vllm_observability.render.grafana.fields import DATASOURCE, Json, field_config, link_data, targets, transformations
from vllm_observability.render.grafana.options import custom, options

API_VERSION = "dashboard.grafana.app/v2"
REFRESHES = ["5s", "10s", "30s", "1m", "5m", "15m", "30m", "1h", "2h", "1d"]  # what Grafana offers by default
_OF_ANNOTATION = ("datasource", "enable", "expr", "hide", "iconColor", "name", "target", "builtIn", "type")


def dashboard_v2_json(board: Dashboard) -> str:
    """The board as a resource of Grafana's API, as text."""
    conditions = dict(_conditions(board.rows))
    spec = {
        "annotations": [_annotation(held) for held in (built_in(), *map(annotation, board.annotations))],
        "cursorSync": "Crosshair",
        "description": board.question,
        "editable": False,  # as the classic boards, and for the same reason
        "elements": {
            _name(number): _element(panel, number)
            for row, _, numbers in numbered(board.rows)
            for panel, number in zip(row.panels, numbers, strict=True)
        },
        "layout": _rows(board.rows, conditions),
        "links": [_board_link(link) for link in board.links],
        "preload": False,
        "tags": list(board.tags),
        "timeSettings": {
            "autoRefresh": board.refresh,
            "autoRefreshIntervals": REFRESHES,
            "fiscalYearStartMonth": 0,
            "from": board.since,
            "hideTimepicker": False,
            "timezone": "browser",
            "to": "now",
        },
        "title": board.title,
        "variables": [_variable(variable) for variable in (*board.variables, *conditions.values())],
    }
    return board_text({"apiVersion": API_VERSION, "kind": "Dashboard", "metadata": {"name": board.uid}, "spec": spec})


# ---------------------------------------------------------------------------------------------- panels


def _name(number: int) -> str:
    return f"panel-{number}"


def _element(panel: Panel, number: int) -> Json:
    data = {
        "queries": [_query(target) for target in targets(panel)],
        "queryOptions": {},
        "transformations": [
            {"group": step["id"], "kind": "Transformation", "spec": {"options": step["options"]}}
            for step in transformations(panel)
        ],
    }
    drawn = {"fieldConfig": field_config(panel, custom(panel)), "options": options(panel)}
    return {
        "kind": "Panel",
        "spec": {
            "data": {"kind": "QueryGroup", "spec": data},
            "description": panel.description,
            "id": number,
            "links": [link_data(link) for link in panel.links],
            "title": panel.title,
            "vizConfig": {"group": panel.kind, "kind": "VizConfig", "spec": drawn, "version": PLUGIN_VERSION},
        },
    }


def _asked(spec: Json, datasource: Json = DATASOURCE) -> Json:
    """A question to a data source."""
    return {
        "datasource": {"name": datasource["uid"]},
        "group": datasource["type"],
        "kind": "DataQuery",
        "spec": spec,
        "version": "v0",
    }


def _query(target: Json) -> Json:
    spec = {key: value for key, value in target.items() if key not in ("datasource", "hide", "refId")}
    return {
        "kind": "PanelQuery",
        "spec": {"hidden": target.get("hide", False), "query": _asked(spec), "refId": target["refId"]},
    }


# ------------------------------------------------------------------------------------------------ rows


def _conditions(rows: tuple[Row, ...]) -> Iterator[tuple[str, Variable]]:
    """Title of a row -> the variable that has a value while the row has anything to show."""
    for row in rows:
        if row.present:
            words = re.sub(r"\W+", "_", row.title.partition("(")[0].strip().lower())
            yield row.title, Variable(f"has_{words}", "", query=row.present, multi=False, include_all=False, hide=True)


def _rows(rows: tuple[Row, ...], conditions: dict[str, Variable]) -> Json:
    return {"kind": "RowsLayout", "spec": {"rows": [_row(*row, conditions) for row in numbered(rows)]}}


def _row(row: Row, _: int, numbers: list[int], conditions: dict[str, Variable]) -> Json:
    top = min((panel.grid[1] for panel in row.panels), default=0)
    items = [_item(panel, number, top) for panel, number in zip(row.panels, numbers, strict=True)]
    spec: Json = {
        "collapse": row.collapsed,
        "hideHeader": not row.title,
        "layout": {"kind": "GridLayout", "spec": {"items": items}},
        "title": row.title,
    }
    if shown := conditions.get(row.title):
        spec["conditionalRendering"] = _while(shown)
    return {"kind": "RowsLayoutRow", "spec": spec}


def _item(panel: Panel, number: int, top: int) -> Json:
    x, y, width, height = panel.grid
    element = {"kind": "ElementReference", "name": _name(number)}
    place = {"element": element, "height": height, "width": width, "x": x, "y": y - top}
    return {"kind": "GridLayoutItem", "spec": place}


def _while(variable: Variable) -> Json:
    has_value = {"operator": "matches", "value": ".+", "variable": variable.name}
    items = [{"kind": "ConditionalRenderingVariable", "spec": has_value}]
    return {
        "kind": "ConditionalRenderingGroup",
        "spec": {"condition": "and", "items": items, "visibility": "show"},
    }


# ------------------------------------------------------------------------ variables, annotations, links

_KINDS = {
    "custom": "CustomVariable",
    "datasource": "DatasourceVariable",
    "interval": "IntervalVariable",
    "query": "QueryVariable",
    "textbox": "TextVariable",
}


def _variable(variable: Variable) -> Json:
    held, kind = variable_data(variable), variable.kind
    kept = ("allValue", "current", "description", "includeAll", "label", "multi", "name", "options", "regex")
    spec: Json = {key: held[key] for key in kept if key in held}
    spec |= {
        "hide": "hideVariable" if variable.hide else "dontHide",
        "skipUrlSync": variable.hide,  # a link that carried it would show or hide rows elsewhere
    }
    if kind in ("custom", "datasource", "query"):
        spec |= {"allowCustomValue": True, "multi": held.get("multi", False)}
    if kind == "datasource":
        return {"kind": _KINDS[kind], "spec": {**spec, "pluginId": held["query"], "refresh": "onDashboardLoad"}}
    if kind == "interval":
        spec |= {"auto": False, "auto_count": 0, "auto_min": "", "refresh": "onTimeRangeChanged"}
    if kind != "query":
        if kind == "textbox":
            del spec["options"]
        return {"kind": _KINDS[kind], "spec": {**spec, "query": held["query"]}}
    asked = {"definition": held["definition"], "query": _asked(held["query"])}
    return {"kind": _KINDS[kind], "spec": {**spec, **asked, "refresh": "onTimeRangeChanged", "sort": "naturalAsc"}}


def _annotation(held: Json) -> Json:
    spec = {
        **{key: held[key] for key in ("enable", "hide", "iconColor", "name")},
        "builtIn": bool(held.get("builtIn")),
        "query": _asked(held.get("target", {}), held["datasource"]),
    }
    words = {key: value for key, value in held.items() if key not in _OF_ANNOTATION}
    return {"kind": "AnnotationQuery", "spec": {**spec, **({"legacyOptions": words} if words else {})}}


def _board_link(link: Link) -> Json:
    return {"tooltip": "", **board_link(link).to_json_data()}
