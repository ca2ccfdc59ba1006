"""Panel -> queries, fields, overrides and transformations as Grafana 11 to 13 write them: plain data, no classes."""

from __future__ import annotations

import re
from typing import Any

from vllm_observability.boards.records import Column, Link, Panel, Query, Step

Json = dict[str, Any]

# Every query and panel asks the source picked on the board: no uid of ours exists at anybody's site.
DATASOURCE: Json = {"type": "prometheus", "uid": "${datasource}"}
NEUTRAL = "text"  # Grafana's name for the theme's own text colour
SPECIAL = ("null", "nan", "null+nan", "empty", "true", "false")
SHARE_LIMITS = {"percentunit": 1, "percent": 100}


def letter(position: int) -> str:
    """A, B, … Z, AA, AB, …: how Grafana names the queries of a panel."""
    head, tail = divmod(position, 26)
    return (letter(head - 1) if head else "") + chr(ord("A") + tail)


def url(link: Link) -> str:
    """Where a link goes; to a board alone, it takes time range and variables along."""
    if re.fullmatch(r"/d/[\w-]+", link.url):
        return link.url + "?${__url_time_range}&${__all_variables}"
    return link.url


def link_data(link: Link) -> Json:
    """A link of a panel or a field."""
    return {"targetBlank": link.new_tab, "title": link.title, "url": url(link)}


# --------------------------------------------------------------------------------------------- queries


def targets(panel: Panel) -> list[Json]:
    """The queries of a panel."""
    return [_target(panel, letter(i), query) for i, query in enumerate(panel.queries)]


def _target(panel: Panel, ref: str, query: Query) -> Json:
    """A table shows the present, so its queries are instant; a heatmap needs buckets named by their bound."""
    form = {"table": "table", "heatmap": "heatmap"}.get(panel.kind, query.format)
    instant = query.instant or panel.kind == "table"
    target = {
        "datasource": DATASOURCE,
        "editorMode": "code",
        "expr": query.expr,
        "format": form,
        "instant": instant,
        "legendFormat": query.legend or ("{{le}}" if form == "heatmap" else "__auto"),
        "range": not instant,
        "refId": ref,
    }
    if query.every:
        target["interval"] = query.every
    return {**target, "hide": True} if query.hide else target


# ---------------------------------------------------------------------------------------------- fields


def field_config(panel: Panel, custom: Json) -> Json:
    """What is true of every value (unit, limits, colour, and how its kind draws it), then of some (overrides)."""
    if panel.kind in ("text", "alertlist"):
        return {"defaults": {}, "overrides": []}
    defaults: Json = {
        "mappings": mappings(panel),
        "thresholds": thresholds(panel.steps, panel.fill),
        "unit": panel.unit,
    }
    if panel.kind != "heatmap":
        defaults["color"] = _color(panel)
    if custom:
        defaults["custom"] = custom
    optional = {"decimals": panel.decimals, "max": panel.max, "min": panel.min, "noValue": panel.no_value or None}
    defaults.update({key: value for key, value in optional.items() if value is not None})
    return {"defaults": defaults, "overrides": overrides(panel)}


def thresholds(steps: tuple[Step, ...], background: bool = False) -> Json:
    """Steps from minus infinity on; what lies below the first is neutral. Without any, Grafana puts green and red."""
    if not steps or steps[0].value is not None:
        steps = (Step(None, NEUTRAL), *steps)
    plain = "transparent" if background else NEUTRAL
    colors = (plain if step.color == NEUTRAL else step.color for step in steps)
    return {
        "mode": "absolute",
        "steps": [{"color": color, "value": step.value} for color, step in zip(colors, steps, strict=True)],
    }


def _color(panel: Panel) -> Json:
    """Colour by judgement where there are steps; lines with a bound beside them keep colours of their own."""
    if panel.steps and not panel.threshold_lines:
        return {"mode": "thresholds", "seriesBy": "last"} if panel.kind == "timeseries" else {"mode": "thresholds"}
    if panel.color and panel.color.startswith("shades "):
        return {"fixedColor": panel.color.removeprefix("shades "), "mode": "shades"}
    if panel.color:
        return fixed(panel.color)
    return {"mode": "palette-classic-by-name"} if panel.kind in ("timeseries", "state-timeline") else fixed(NEUTRAL)


def fixed(color: str) -> Json:
    """One colour, whatever the value."""
    return {"fixedColor": color, "mode": "fixed"}


def mappings(panel: Panel) -> list[Json]:
    """Texts for values; where there is a text for no value, NaN gets it too."""
    rows = list(panel.mappings)
    silent = panel.kind in ("timeseries", "heatmap", "table")
    if panel.no_value and not silent and not any(value in ("null", "nan", "null+nan") for value, _, _ in rows):
        # Without a colour of its own no value would wear that of the lowest step: red, or a green that nothing earned.
        rows.append(("null+nan", panel.no_value, "transparent" if panel.steps else None))
    out: list[Json] = []
    for index, (value, text, color) in enumerate(rows):
        result: Json = {"index": index, "text": text, **({"color": color} if color else {})}
        if value in SPECIAL:
            out.append({"options": {"match": value, "result": result}, "type": "special"})
        elif out and out[-1]["type"] == "value":
            out[-1]["options"][value] = result
        else:
            out.append({"options": {value: result}, "type": "value"})
    return out


# ------------------------------------------------------------------------------------------- overrides


def overrides(panel: Panel) -> list[Json]:
    """One override for each column that looks different from the rest."""
    found = [(column, _properties(panel, column)) for column in panel.columns]
    return [{"matcher": _matcher(panel, column), "properties": props} for column, props in found if props]


def _query_of(panel: Panel, column: Column) -> int | None:
    """The query that a column names by letter or by legend."""
    return next((i for i, q in enumerate(panel.queries) if column.name in (letter(i), q.legend)), None)


def _matcher(panel: Panel, column: Column) -> Json:
    """Values of a table are found by their heading; series by query where a legend has gaps to fill."""
    if re.fullmatch(r"/.+/", column.name):
        return {"id": "byRegexp", "options": column.name}
    if panel.kind == "table":
        return {"id": "byName", "options": heading(panel, column)}
    query = _query_of(panel, column)
    if query is not None and (column.name == letter(query) or "{{" in column.name):
        return {"id": "byFrameRefID", "options": letter(query)}
    return {"id": "byName", "options": column.name}


def _properties(panel: Panel, column: Column) -> list[Json]:
    props: Json = {}
    if column.title and panel.kind != "table":
        props["displayName"] = column.title
    if column.unit:
        props["unit"] = column.unit
    if column.decimals is not None:
        props["decimals"] = column.decimals
    if column.steps:
        props["color"] = {"mode": "thresholds"}
        props["thresholds"] = thresholds(column.steps, column.cell == "color-background")
    elif column.color:
        props["color"] = fixed(column.color)
    if column.link:
        props["links"] = [link_data(column.link)]
    if column.dashed:
        props["custom.fillOpacity"] = 0
        props["custom.lineStyle"] = {"dash": [10, 10], "fill": "dash"}
        props["custom.lineWidth"] = 1
        props["custom.stacking"] = {"group": "A", "mode": "none"}
    if panel.kind == "table":
        props.update(_cell(panel, column))
    elif column.hidden:
        props["custom.hideFrom"] = {"legend": True, "tooltip": True, "viz": True}
    return [{"id": key, "value": value} for key, value in props.items()]


def _cell(panel: Panel, column: Column) -> Json:
    # A cell without a value is no reason to say why there is none.
    value = _query_of(panel, column) is not None
    props: Json = {"noValue": "–"} if value else {}
    if panel.grid[2] == 24 and (value or (column.width and column.cell == "auto")):
        props["custom.filterable"] = False  # only what names a row: the board's variables choose the rest
    if value and column.steps and column.steps[0].color != NEUTRAL:
        missing = {"color": NEUTRAL, "index": 0, "text": "–"}  # or it would wear the colour of the lowest step
        props["mappings"] = [{"options": {"match": "null+nan", "result": missing}, "type": "special"}]
    if column.width:
        props["custom.width"] = column.width
    mapped = any(color for _, _, color in panel.mappings)
    cell = "color-text" if column.cell == "auto" and column.steps else column.cell
    if cell.startswith("color-") and not column.steps:
        if not mapped:
            raise ValueError(f"{panel.title}: column {column.name} is coloured, but nothing judges it; give it steps")
        # Only the mapped values are coloured: a fixed colour would paint every cell.
        props["color"] = {"mode": "thresholds"}
        props["thresholds"] = thresholds((), cell == "color-background")
    if cell in ("color-text", "color-background"):
        props["custom.cellOptions"] = {"type": cell, **({"mode": "basic"} if cell == "color-background" else {})}
    if cell == "gauge":
        props["custom.cellOptions"] = {"mode": "basic", "type": "gauge", "valueDisplayMode": "text"}
        limit = SHARE_LIMITS.get(column.unit or panel.unit)
        props.update({"min": 0, "max": limit} if limit else {})
    return props


# ----------------------------------------------------------------------------------------------- tables


def field_name(panel: Panel, column: Column) -> str:
    """What Grafana calls a column before it is renamed: labels by name, values by query."""
    query = _query_of(panel, column)
    if query is None:
        return column.name
    return f"Value #{letter(query)}" if len(panel.queries) > 1 else "Value"


def heading(panel: Panel, column: Column) -> str:
    """What a column of a table is called in the end."""
    query = _query_of(panel, column)
    legend = "" if query is None else panel.queries[query].legend
    return column.title or legend or field_name(panel, column)


def sort(panel: Panel) -> list[Json]:
    """How a table is sorted: names from A to Z, numbers from the largest."""
    if panel.sort_by is None or (column := _sorting(panel)).hidden:
        return []
    return [{"desc": _query_of(panel, column) is not None, "displayName": heading(panel, column)}]


def _sorting(panel: Panel) -> Column:
    name = panel.sort_by or ""
    return next((c for c in panel.columns if name in (c.name, c.title)), Column(name))


def transformations(panel: Panel) -> list[Json]:
    """Of a table: one row per label set, columns named, ordered and hidden as the panel says.

    Queries of one table must group by the same labels, or Grafana leaves their rows apart.
    """
    if panel.kind != "table":
        return []
    taken = {_query_of(panel, column) for column in panel.columns}
    rest = [Column(letter(i)) for i in range(len(panel.queries)) if i not in taken]
    columns = [*panel.columns, *rest]
    fields = {field_name(panel, column): column for column in columns}
    names = {field: heading(panel, column) for field, column in fields.items() if not column.hidden}
    # A query that neither sums nor compares keeps the name of its series.
    unasked = {name: True for name in ("Time", "__name__") if name not in fields}
    organize = {
        "excludeByName": {**unasked, **{field: True for field, column in fields.items() if column.hidden}},
        "includeByName": {},
        "indexByName": {field: i for i, field in enumerate(fields)},
        "renameByName": {field: name for field, name in names.items() if field != name},
    }
    merge: list[Json] = [{"id": "merge", "options": {}}] if len(panel.queries) > 1 else []
    ordered: list[Json] = []
    if panel.sort_by is not None and (column := _sorting(panel)).hidden:  # gone before the table could sort by it
        by = [{"field": field_name(panel, column), "desc": True}]
        ordered.append({"id": "sortBy", "options": {"fields": {}, "sort": by}})
    return [*merge, *ordered, {"id": "organize", "options": organize}]
