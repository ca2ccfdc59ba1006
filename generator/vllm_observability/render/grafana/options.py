"""Panel -> options of its kind, and how its kind draws values (`custom`), as Grafana 11 to 13 write them.

Options that a later Grafana added are left to its defaults, so that one text serves all of them.
"""

from __future__ import annotations

from collections.abc import Callable

from vllm_observability.boards.records import Panel
from vllm_observability.render.grafana.fields import Json, sort

# Grafana sorts a legend by the heading of a calculation, not by its id.
CALC_TITLES = {
    "lastNotNull": "Last *",
    "last": "Last",
    "max": "Max",
    "mean": "Mean",
    "min": "Min",
    "sum": "Total",
}

# ---------------------------------------------------------------------------------------------- options


def options(panel: Panel) -> Json:
    """What a kind of panel can be told."""
    return _OPTIONS[panel.kind](panel)


def custom(panel: Panel) -> Json:
    """How a kind of panel draws values; nothing where it has no choice."""
    return _CUSTOM[panel.kind](panel) if panel.kind in _CUSTOM else {}


def _legend(panel: Panel) -> Json:
    legend: Json = {
        "calcs": list(panel.legend_calcs),
        "displayMode": "table" if panel.legend == "table" else "list",
        "placement": "bottom",
        "showLegend": panel.legend != "hidden",
    }
    if panel.sort_by and panel.legend == "table":
        legend |= {"sortBy": CALC_TITLES.get(panel.sort_by, panel.sort_by), "sortDesc": True}
    return legend


def _timeseries(panel: Panel) -> Json:
    return {"legend": _legend(panel), "tooltip": {"hideZeros": False, "mode": "multi", "sort": "desc"}}


def _reduced(panel: Panel, orientation: str = "auto") -> Json:
    reduce = {"calcs": [panel.calc], "fields": "", "values": False}
    return {"orientation": orientation, "reduceOptions": reduce}


def _table(panel: Panel) -> Json:
    return {"cellHeight": "sm", "showHeader": True, "sortBy": sort(panel)}


def _stat(panel: Panel) -> Json:
    return {
        **_reduced(panel),
        "colorMode": "background_solid" if panel.steps and panel.fill else "value",
        "graphMode": "area" if panel.sparkline else "none",
        "justifyMode": "auto",
        "percentChangeColorMode": "standard",
        "showPercentChange": False,
        "textMode": "value_and_name" if panel.named else "auto",
        "wideLayout": True,
    }


def _gauge(panel: Panel) -> Json:
    return {
        **_reduced(panel),
        "minVizHeight": 75,
        "minVizWidth": 75,
        "showThresholdLabels": False,
        "showThresholdMarkers": bool(panel.steps),
        "sizing": "auto",
        "sparkline": panel.sparkline,  # on by default from Grafana 13
    }


def _bargauge(panel: Panel) -> Json:
    return {
        **_reduced(panel, "horizontal"),
        "displayMode": "basic",
        "legend": {"calcs": [], "displayMode": "list", "placement": "bottom", "showLegend": False},
        "maxVizHeight": 300,
        "minVizHeight": 16,
        "minVizWidth": 8,
        "namePlacement": "auto",
        "showUnfilled": True,
        "sizing": "auto",
        "valueMode": "color" if panel.steps else "text",
    }


def _heatmap(panel: Panel) -> Json:
    return {
        "calculate": False,
        "cellGap": 1,
        "color": {
            "exponent": 0.5,
            "fill": panel.color or "blue",
            "mode": "opacity" if panel.color else "scheme",
            "reverse": False,
            "scale": "exponential",
            "scheme": "Blues",  # one hue: more is darker, nothing is bad
            "steps": 64,
        },
        "exemplars": {"color": "rgba(255,0,255,0.7)"},
        "filterValues": {"le": 1e-9},
        "legend": {"show": panel.legend != "hidden"},
        "rowsFrame": {"layout": "auto"},
        "showValue": "never",
        "tooltip": {"mode": "single", "showColorScale": True, "yHistogram": True},
        "yAxis": {"axisPlacement": "left", "reverse": False, "unit": panel.unit},
    }


def _state_timeline(panel: Panel) -> Json:
    return {
        "alignValue": "left",
        "legend": _legend(panel),
        "mergeValues": True,
        "perPage": 20,  # lanes: names of a hundred engines would lie over one another; Grafana 11.0 shows them all
        "rowHeight": 0.9,
        "showValue": "auto",
        "tooltip": {"mode": "single", "sort": "none"},
    }


def _text(panel: Panel) -> Json:
    code = {"language": "plaintext", "showLineNumbers": False, "showMiniMap": False}
    return {"code": code, "content": panel.text, "mode": "markdown"}


def _alertlist(panel: Panel) -> Json:
    """Alerts by name, not by label: the filter drops alerts that lack a label, even where the pattern is `.*`.

    `dashboardAlerts` is off, as only Grafana's own alerts are linked to a board; these come from Prometheus.
    """
    return {
        "alertInstanceLabelFilter": "",
        "alertName": panel.alert_name,
        "dashboardAlerts": False,
        "groupBy": [],
        "groupMode": "default",
        "maxItems": 20,
        "showInactiveAlerts": False,
        "sortOrder": 3,  # by importance
        "stateFilter": {
            "error": True,
            "firing": True,
            "noData": False,
            "normal": False,
            "pending": True,
            "recovering": True,
        },
        "viewMode": "list",
    }


def _scale(panel: Panel) -> Json:
    return {"log": 10, "type": "log"} if panel.log_scale else {"type": "linear"}


HIDDEN_NOWHERE: Json = {"legend": False, "tooltip": False, "viz": False}


def _timeseries_custom(panel: Panel) -> Json:
    """Gaps stay gaps; the axis starts at 0 unless values are negative, a minimum is set or the scale has no 0."""
    custom: Json = {
        "axisBorderShow": False,
        "axisCenteredZero": False,
        "axisColorMode": "text",
        "axisLabel": "",
        "axisPlacement": "auto",
        "barAlignment": 0,
        "drawStyle": "line",
        "fillOpacity": 30 if panel.stacked else 0,
        "gradientMode": "none",
        "hideFrom": HIDDEN_NOWHERE,
        "insertNulls": False,
        "lineInterpolation": "linear",
        "lineWidth": 1,
        "pointSize": 5,
        "scaleDistribution": _scale(panel),
        "showPoints": "auto",
        "spanNulls": False,
        "stacking": {"group": "A", "mode": "normal" if panel.stacked else "none"},
        "thresholdsStyle": {"mode": "dashed" if panel.steps and panel.threshold_lines else "off"},
    }
    if panel.soft_max is not None:
        custom["axisSoftMax"] = panel.soft_max
    if panel.min is None and not panel.log_scale:
        custom["axisSoftMin"] = 0
    return custom


def _table_custom(panel: Panel) -> Json:
    wide = panel.grid[2] == 24  # in a narrow table the filter's sign takes the room of the heading
    cell = "color-text" if panel.steps else "auto"
    return {"align": "auto", "cellOptions": {"type": cell}, "filterable": wide, "inspect": False, "minWidth": 64}


def _heatmap_custom(panel: Panel) -> Json:
    return {"hideFrom": HIDDEN_NOWHERE, "scaleDistribution": _scale(panel)}


def _state_timeline_custom(_: Panel) -> Json:
    return {"fillOpacity": 100, "hideFrom": HIDDEN_NOWHERE, "lineWidth": 0}


_OPTIONS: dict[str, Callable[[Panel], Json]] = {
    "timeseries": _timeseries,
    "stat": _stat,
    "gauge": _gauge,
    "bargauge": _bargauge,
    "table": _table,
    "heatmap": _heatmap,
    "state-timeline": _state_timeline,
    "text": _text,
    "alertlist": _alertlist,
}
_CUSTOM: dict[str, Callable[[Panel], Json]] = {
    "timeseries": _timeseries_custom,
    "table": _table_custom,
    "heatmap": _heatmap_custom,
    "state-timeline": _state_timeline_custom,
}
